import { memo, useMemo, type CSSProperties, type ReactElement } from 'react'
import { useStore } from 'zustand'
import { perSecond, sectorBytes } from '../draw/format.ts'
import { layOutStack, type StackDevice } from '../draw/stack_layout.ts'
import { typeLine } from '../model/engine.ts'
import { machineStore } from '../model/machine_store.ts'
import type { DiskScene, WorkloadScene } from '../model/machine_scene.ts'
import { pageStore } from '../model/page_store.ts'
import type { ArrayScene } from '../model/scene.ts'
import { useShownArray } from '../model/shown.ts'
import { DiskMenu } from './disk_menu.tsx'
import { Menu } from './menu.tsx'
import { Panel } from './panel.tsx'
import { syncName } from './stage_status.tsx'
import { useExtent } from './use_extent.ts'

interface Card {
  readonly name: string
  readonly facts: string
  readonly state: string
  readonly tone: 'plain' | 'amber' | 'danger'
}

function workloadCard(workload: WorkloadScene): Card {
  return {
    name: workload.kind,
    facts: `${sectorBytes(workload.sizeSectors)}${workload.isSync ? ' · sync' : ''} · ${perSecond(workload.rate)}`,
    state: workload.errors > 0 ? `${workload.errors} errors` : '',
    tone: workload.errors > 0 ? 'danger' : 'plain',
  }
}

function arrayCard(array: ArrayScene): Card {
  const isDegraded = array.health.includes('_')
  const syncing = array.sync && `${syncName(array.sync.action)} ${(array.sync.done * 100).toFixed(0)}%`
  return {
    name: `/dev/${array.name}`,
    facts: `raid${array.level}`,
    state: [
      isDegraded ? (syncing === undefined ? `degraded [${array.health}]` : 'degraded') : '',
      syncing ?? (isDegraded ? '' : array.state),
    ]
      .filter(Boolean)
      .join(' · '),
    tone: isDegraded ? 'danger' : syncing ? 'amber' : 'plain',
  }
}

function diskCard(disk: DiskScene): Card {
  const isOut = disk.isPulled
  return {
    name: disk.name,
    facts: disk.model,
    state: disk.faults > 0 ? `${disk.doing} · ${disk.faults} faults` : disk.doing,
    tone: isOut || disk.faults > 0 ? 'danger' : disk.cacheBytes > 0 ? 'amber' : 'plain',
  }
}

const Box = memo(function Box({
  card,
  style,
  isSelected,
  onSelect,
}: {
  card: Card
  style: CSSProperties
  isSelected: boolean
  onSelect: () => void
}): ReactElement {
  return (
    <button
      type="button"
      className={`stack-box ${isSelected ? 'stack-box-selected' : ''}`}
      style={style}
      aria-pressed={isSelected}
      onClick={onSelect}
    >
      <span className="stack-name">{card.name}</span>
      <span className={`stack-facts stack-${card.tone}`}>
        {card.facts}
        {card.state !== '' && <> · {card.state}</>}
      </span>
    </button>
  )
})

/** The devices of the machine, who stands on whom; also the menu of what is shown. */
export function Stack(): ReactElement {
  const scene = useStore(machineStore, (state) => state.scene)
  const selection = useStore(pageStore, (state) => state.selection)
  const shown = useShownArray()
  const { show, select } = pageStore.getState()
  const [box, extent] = useExtent()

  const shape = JSON.stringify(devicesOf(scene))
  const layout = useMemo(
    () => layOutStack(JSON.parse(shape) as StackDevice[], Math.max(150, extent.width)),
    [shape, extent.width],
  )

  const rates = new Map<string, number>()
  for (const { name, rate } of scene.disks) rates.set(name, rate)
  for (const { name, rate } of scene.workloads) rates.set(`workload ${name}`, rate)
  const flow = (from: string, to: string): number => rates.get(from) ?? rates.get(to) ?? 0

  return (
    <Panel title="Stack" extra={<StackMenu />}>
      <div className="panel-body scroll stack-body" ref={box}>
        {extent.width > 0 && (
          <div className="stack-drawing" style={{ height: layout.height }}>
            <svg width="100%" height={layout.height} aria-hidden="true">
              {layout.links.map((link) => {
                const rate = flow(link.from, link.to)
                return (
                  <path
                    key={link.id}
                    className="stack-link"
                    data-busy={rate > 0 || undefined}
                    d={link.path}
                    strokeWidth={rate > 0 ? Math.min(2.4, 1 + Math.log10(1 + rate) / 4) : 1.2}
                  />
                )
              })}
            </svg>
            {layout.boxes.map(({ id, kind, x, y, width, height }) => {
              const style = { left: x, top: y, width, height }
              const array = scene.arrays.find(({ name }) => name === id)
              const disk = scene.disks.find(({ name }) => name === id)
              if (array) {
                return (
                  <Box
                    key={id}
                    card={arrayCard(array)}
                    style={style}
                    isSelected={shown?.name === id}
                    onSelect={() => {
                      show(id)
                      select({ kind: 'array', array: id })
                    }}
                  />
                )
              }
              if (disk) {
                return (
                  <div key={id}>
                    <Box
                      card={diskCard(disk)}
                      style={{ ...style, paddingInlineEnd: 30 }}
                      isSelected={selection?.kind === 'disk' && selection.disk === id}
                      onSelect={() => select({ kind: 'disk', disk: id })}
                    />
                    <div className="stack-more" style={{ left: x + width - 29, top: y + 10 }}>
                      <DiskMenu disk={disk} />
                    </div>
                  </div>
                )
              }
              const workload = scene.workloads.find(({ name }) => `workload ${name}` === id)
              const mapped = scene.mapped.find(({ name }) => `mapper/${name}` === id)
              const card: Card = workload
                ? workloadCard(workload)
                : mapped
                  ? { name: `/dev/mapper/${mapped.name}`, facts: mapped.state, state: '', tone: 'plain' }
                  : { name: scene.command, facts: 'command under way', state: '', tone: 'plain' }
              return (
                <div key={id} className={`stack-box stack-source stack-${kind}`} style={style}>
                  <span className="stack-name">{card.name}</span>
                  <span className={`stack-facts stack-${card.tone}`}>
                    {card.facts}
                    {card.state !== '' && <> · {card.state}</>}
                  </span>
                </div>
              )
            })}
          </div>
        )}
      </div>
    </Panel>
  )
}

/** What there is, as far as it decides the drawing. */
function devicesOf(scene: ReturnType<typeof machineStore.getState>['scene']): StackDevice[] {
  const short = (path: string): string => path.replace(/^\/dev\//, '')
  const mapped = scene.mapped.map(({ name, below }) => ({
    id: `mapper/${name}`,
    kind: 'device' as const,
    below: below.map(short),
  }))
  const named = [...scene.arrays.map(({ name }) => name), ...mapped.map(({ id }) => id)]
  const target = named.find((name) => new RegExp(`/dev/${name}\\b`).test(scene.command))
  return [
    ...(target !== undefined ? [{ id: 'command', kind: 'source' as const, below: [target] }] : []),
    ...scene.workloads.map(({ name, device }) => ({
      id: `workload ${name}`,
      kind: 'source' as const,
      below: [short(device)],
    })),
    ...scene.arrays.map(({ name, members, others }) => ({
      id: name,
      kind: 'device' as const,
      below: [...members, ...others]
        .map(({ disk }) => disk)
        .filter((disk) => disk !== '-')
        .sort(),
    })),
    ...mapped,
    ...scene.disks.map(({ name }) => ({ id: name, kind: 'disk' as const, below: [] })),
  ]
}

/** What can be added, and the workload's switch. */
function StackMenu(): ReactElement {
  const scene = useStore(machineStore, (state) => state.scene)
  const isReady = useStore(machineStore, ({ condition }) => condition === 'running')
  const [array] = scene.arrays
  const next = 'abcdefghijklmnopqrstuvwxyz'
    .split('')
    .find((letter) => !scene.disks.some(({ name }) => name === `sd${letter}`))
  const noArray = scene.isPowerOn ? (array ? undefined : 'There is no array.') : 'The power is off.'
  const lines = [
    {
      label: 'Another disk of 2 MiB',
      line: `disk create sd${next} 2M --model ssd`,
      refusal: next ? undefined : 'There are 26.',
    },
    {
      label: 'Random writes to the array',
      line: `workload start writes /dev/${array?.name ?? 'md0'} --pattern random --size 4K`,
      refusal: noArray ?? (scene.workloads.some(({ name }) => name === 'writes') ? 'They are running.' : undefined),
    },
    ...scene.workloads.map(({ name }) => ({
      label: `Stop “${name}”`,
      line: `workload stop ${name}`,
      refusal: undefined,
    })),
    {
      label: 'Let everything come to rest',
      line: 'settle',
      refusal: scene.isPowerOn ? undefined : 'The power is off.',
    },
  ]
  return (
    <div className="panel-extra">
      <Menu
        label="Add a disk or a workload"
        className="button-small button-quiet"
        refusal={isReady ? undefined : 'The machine is being started.'}
        entries={lines.map((entry) => ({ ...entry, onSelect: () => void typeLine(entry.line) }))}
      >
        + add
      </Menu>
    </div>
  )
}
