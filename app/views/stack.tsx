import { memo, useMemo, type CSSProperties, type ReactElement } from 'react'
import { useStore } from 'zustand'
import { layOutStack, type StackDevice } from '../draw/stack_layout.ts'
import { typeLine } from '../model/engine.ts'
import { hoverKey } from '../model/hover_id.ts'
import { machineStore } from '../model/machine_store.ts'
import { isSameSelection, pageStore, type Selection } from '../model/page_store.ts'
import { useShownArray } from '../model/shown.ts'
import { stackCards, stackDevices, type StackCard } from '../model/stack_cards.ts'
import { linkFlows } from '../model/stack_flows.ts'
import { addLines } from '../model/stack_lines.ts'
import { DiskMenu } from './disk_menu.tsx'
import { Faults } from './faults.tsx'
import { Menu } from './menu.tsx'
import { Panel } from './panel.tsx'
import { useExtent } from './use_extent.ts'

function pick(selection: Selection): void {
  const { select, show } = pageStore.getState()
  if (selection.kind === 'array') show(selection.array)
  select(selection)
}

function Box({
  card,
  style,
  isSelected,
}: {
  card: StackCard
  style: CSSProperties
  isSelected: boolean
}): ReactElement {
  const words = (
    <>
      <span className="stack-row">
        <span className="stack-name">{card.name}</span>
        {card.rate !== '' && <span className="stack-rate">{card.rate}</span>}
      </span>
      <span className={`stack-facts stack-${card.tone}`}>{card.facts}</span>
    </>
  )
  const { selection } = card
  if (!selection) {
    return (
      <div className="stack-box" style={style}>
        {words}
      </div>
    )
  }
  return (
    <button
      type="button"
      className={`stack-box ${isSelected ? 'stack-box-selected' : ''}`}
      style={style}
      aria-pressed={isSelected}
      data-hover={selection.kind === 'command' ? undefined : hoverKey(selection)}
      onClick={() => pick(selection)}
    >
      {words}
    </button>
  )
}

const WIDTH_MIN = 1.2
const WIDTH_MAX = 2.6

/** A link is as wide as it is busy; an arrow at its lower end says that something is written, at its upper that it is read. */
const Links = memo(function Links({
  links,
  flows,
}: {
  links: ReturnType<typeof layOutStack>['links']
  flows: string
}): ReactElement {
  const known = JSON.parse(flows) as ReturnType<typeof linkFlows>
  return (
    <>
      {links.map(({ id, path }) => {
        const { reads, writes } = known[id] ?? { reads: 0, writes: 0 }
        const rate = reads + writes
        return (
          <path
            key={id}
            className="stack-link"
            data-link={id}
            data-busy={rate > 0 || undefined}
            d={path}
            strokeWidth={rate > 0 ? Math.min(WIDTH_MAX, WIDTH_MIN + Math.log10(1 + rate) / 4) : WIDTH_MIN}
            markerStart={reads > 0 ? 'url(#stack-arrow)' : undefined}
            markerEnd={writes > 0 ? 'url(#stack-arrow)' : undefined}
          />
        )
      })}
    </>
  )
})

function Arrow(): ReactElement {
  return (
    <defs>
      <marker
        id="stack-arrow"
        className="stack-arrow"
        markerUnits="userSpaceOnUse"
        markerWidth="8"
        markerHeight="8"
        refX="7"
        refY="4"
        orient="auto-start-reverse"
      >
        <path d="M0 0.5L7.5 4L0 7.5Z" />
      </marker>
    </defs>
  )
}

/** The devices of the machine, who stands on whom; also the menu of what is shown. */
export function Stack(): ReactElement {
  const scene = useStore(machineStore, (state) => state.scene)
  const selection = useStore(pageStore, (state) => state.selection)
  const shown = useShownArray()?.name
  const [box, extent] = useExtent()
  const shape = JSON.stringify(stackDevices(scene))
  const layout = useMemo(
    () => layOutStack(JSON.parse(shape) as StackDevice[], Math.max(150, extent.width)),
    [shape, extent.width],
  )
  const cards = stackCards(scene)
  const flows = useMemo(
    () => JSON.stringify(linkFlows(JSON.parse(shape) as StackDevice[], scene.flows)),
    [shape, scene.flows],
  )
  return (
    <Panel title="Stack" extra={<StackMenu />}>
      <div className="panel-body scroll stack-body" ref={box}>
        {extent.width > 0 && (
          <div className="stack-drawing" style={{ height: layout.height }}>
            <svg width="100%" height={layout.height} aria-hidden="true">
              <Arrow />
              <Links links={layout.links} flows={flows} />
            </svg>
            {layout.boxes.map(({ id, x, y, width, height }) => {
              const card = cards.get(id)
              if (!card) return null
              const isShown = selection === undefined && id === shown
              return (
                <div key={id}>
                  <Box
                    card={card}
                    style={{ left: x, top: y, width, height, paddingInlineEnd: card.disk ? 30 : undefined }}
                    isSelected={isShown || (card.selection !== undefined && isSameSelection(selection, card.selection))}
                  />
                  {card.disk && (
                    <div className="stack-more" style={{ left: x + width - 29, top: y + 10 }}>
                      <DiskMenu disk={card.disk} />
                    </div>
                  )}
                </div>
              )
            })}
          </div>
        )}
      </div>
      <Faults />
    </Panel>
  )
}

/** What can be added, and the workload's switch. */
function StackMenu(): ReactElement {
  const scene = useStore(machineStore, (state) => state.scene)
  const isReady = useStore(machineStore, ({ condition }) => condition === 'running')
  return (
    <div className="panel-extra">
      <Menu
        label="Add a disk, a device or a workload"
        className="button-small button-quiet"
        refusal={isReady ? undefined : 'The machine is being started.'}
        entries={[
          ...addLines(scene).map((entry) => ({ ...entry, onSelect: () => void typeLine(entry.line) })),
          {
            label: 'Another workload…',
            line: 'what it does is up to you',
            onSelect: () => pageStore.getState().openDialog('workloads'),
          },
        ]}
      >
        + add
      </Menu>
    </div>
  )
}
