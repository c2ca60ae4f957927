import {
  type KeyboardEvent,
  lazy,
  memo,
  type MouseEvent,
  type ReactElement,
  Suspense,
  useId,
  useRef,
  useState,
} from 'react'
import { syncFrontY, rowTop, type StageLayout } from '../draw/stage_layout.ts'
import { pause } from '../model/actions.ts'
import { typeLine } from '../model/engine.ts'
import { useMachine } from '../model/machine_view.ts'
import { pageStore, type Selection } from '../model/page_store.ts'
import type { ArrayScene, SyncMark } from '../model/scene.ts'
import { syncName } from '../model/sync_name.ts'
import type { LineAction } from './inspector_actions.tsx'
import { useMotion } from './stage_motion.ts'
import { useContextPress } from './use_context_press.ts'
import { StageHead } from './stage_head.tsx'
import { StageMeta } from './stage_meta.tsx'
import { StageRow } from './stage_row.tsx'

// Comes when somebody asks for it.
const MenuList = lazy(async () => ({ default: (await import('./menu.tsx')).MenuList }))

const SyncFront = memo(function SyncFront({ sync, layout }: { sync: SyncMark; layout: StageLayout }): ReactElement {
  const [first] = layout.columns
  const last = layout.columns[layout.columns.length - 1]
  const y = syncFrontY(layout, sync.row)
  const end = last.x + last.width
  return (
    <g aria-hidden="true">
      <path className="sync-front" d={`M${first.x - 4} ${y}H${end + 6}`} />
      {layout.notes.width > 0 && (
        <text className="sync-words" x={end + 10} y={y} dy="0.35em">
          {syncName(sync.action)} is here
        </text>
      )}
    </g>
  )
})

/** Where the menu of a chunk was asked for. */
interface ChunkMenu {
  readonly x: number
  readonly y: number
  readonly stripe: number
  readonly slot: number
  readonly from: SVGElement
  readonly actions: readonly LineAction[]
}

/** What a mark of the drawing stands for: rows above the stripes are members, left of the chunks are the bits. */
function selectionOf(array: string, { dataset }: SVGElement): Selection {
  const stripe = Number(dataset.stripe)
  if (dataset.bit !== undefined) return { kind: 'bit', array, chunk: Number(dataset.bit) }
  if (dataset.slot === undefined) return { kind: 'stripe', array, stripe }
  const slot = Number(dataset.slot)
  return stripe < 0 ? { kind: 'member', array, slot } : { kind: 'chunk', array, stripe, slot }
}

interface Props {
  readonly array: ArrayScene
  readonly layout: StageLayout
  readonly selection: Selection | undefined
}

/** The array, chunk by chunk. */
export function StageDrawing({ array, layout, selection }: Props): ReactElement {
  const drawing = useRef<SVGSVGElement>(null)
  const motion = useRef<SVGGElement>(null)
  useMotion(motion, array.name, layout)
  const { store, picture, side } = useMachine()
  const select = (selection: Selection): void => pageStore.getState().selectOn(side, selection)
  const isHere = selection && 'array' in selection && selection.array === array.name
  const selectedStripe = isHere && 'stripe' in selection ? selection.stripe : -1
  const selectedSlot = isHere && selection.kind === 'chunk' ? selection.slot : -1
  const [menu, setMenu] = useState<ChunkMenu>()
  const menuId = useId()
  const disks = array.members.map(({ disk }) => disk).join(' ')

  const onClick = (event: MouseEvent<SVGSVGElement>): void => {
    const target = (event.target as Element).closest<SVGElement>('[data-stripe]')
    if (!target) return
    // What a person wants to look at stands still for it.
    pause()
    select(selectionOf(array.name, target))
  }

  useContextPress(drawing, (element, clientX, clientY) => {
    const target = element.closest<SVGElement>('.chunk[data-slot]')
    if (!target || Number(target.dataset.stripe) < 0) return
    const box = target.getBoundingClientRect()
    // From the keyboard there is no pointer to stand at.
    const at = clientX > 0 ? { x: clientX, y: clientY } : { x: box.right, y: box.bottom }
    const [stripe, slot] = [Number(target.dataset.stripe), Number(target.dataset.slot)]
    void import('./inspector_actions.tsx').then(({ stageActions }) => {
      const actions = stageActions(picture(), store.getState().scene, array.name, stripe, slot)
      setMenu({ ...at, stripe, slot, from: target, actions })
    })
  })

  const onKeyDown = (event: KeyboardEvent<SVGSVGElement>): void => {
    const from = (event.target as Element).closest<SVGElement>('[data-slot]')
    if (!from) return
    const stripe = Number(from.dataset.stripe)
    const slot = Number(from.dataset.slot)
    const to = {
      ArrowUp: [stripe - 1, slot],
      ArrowDown: [stripe + 1, slot],
      ArrowLeft: [stripe, slot - 1],
      ArrowRight: [stripe, slot + 1],
      Home: [stripe, 0],
      End: [stripe, array.members.length - 1],
    }[event.key]
    const isChosen = event.key === 'Enter' || event.key === ' '
    if (!to && !isChosen) return
    event.preventDefault()
    event.stopPropagation()
    if (isChosen) {
      pause()
      select(selectionOf(array.name, from))
    } else {
      const next = event.currentTarget.querySelector<SVGElement>(`[data-stripe="${to![0]}"][data-slot="${to![1]}"]`)
      next?.focus()
      if (next) select(selectionOf(array.name, next))
    }
  }

  return (
    <>
      <svg
        ref={drawing}
        className="stage-drawing"
        role="grid"
        aria-label={`Chunks of ${array.name}: stripes are rows, members are columns`}
        aria-rowcount={array.rowCount + 2}
        width={layout.width}
        height={layout.height}
        onClick={onClick}
        onKeyDown={onKeyDown}
      >
        <g role="row" aria-rowindex={1}>
          <g role="columnheader" aria-label="stripe">
            <text x={layout.numbersX} y={35} textAnchor="end">
              stripe
            </text>
          </g>
          {layout.bitmap && (
            <g role="columnheader" aria-label="bitmap: counter in memory, bit on the disks">
              <text x={layout.bitmap.memoryX + layout.bitmap.size + 2} y={35} textAnchor="middle">
                bitmap
              </text>
            </g>
          )}
          {array.members.map((member) => (
            <StageHead key={member.slot} array={array.name} member={member} column={layout.columns[member.slot]} />
          ))}
        </g>
        <StageMeta array={array.name} meta={array.meta} layout={layout} />
        {array.rows.map((row, index) => (
          <StageRow
            key={row.stripe}
            array={array.name}
            row={row}
            index={index}
            layout={layout}
            disks={disks}
            maskBits={Math.min(32, Math.max(1, array.chunkSectors / 8))}
            selected={row.stripe === selectedStripe ? selectedSlot : -2}
            entrySlot={row.stripe === Math.max(0, selectedStripe) ? Math.max(0, selectedSlot) : -1}
          />
        ))}
        {array.sync && <SyncFront sync={array.sync} layout={layout} />}
        {layout.notes.width > 0 &&
          array.work.map((work) => (
            <path
              key={work.key}
              className="note-lead"
              d={`M${layout.notes.x - 8} ${rowTop(layout, work.row) + layout.rowHeight / 2}h8`}
              opacity={work.isOver ? 0.4 : 1}
            />
          ))}
        <g ref={motion} aria-hidden="true" pointerEvents="none" />
      </svg>
      {menu && (
        <Suspense>
          <MenuList
            key={`${menu.stripe} ${menu.slot}`}
            id={menuId}
            label="What can be done here"
            entries={menu.actions.map((action) => ({
              ...action,
              onSelect: () => void typeLine(action.line),
            }))}
            anchor={() => ({ top: menu.y, bottom: menu.y, right: menu.x, from: menu.x + 4 })}
            close={(isByKey) => {
              if (isByKey) menu.from.focus()
              setMenu(undefined)
            }}
          />
        </Suspense>
      )}
    </>
  )
}
