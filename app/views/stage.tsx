import { lazy, memo, Suspense, useMemo, type ReactElement } from 'react'
import { useStore } from 'zustand'
import { sectorBytes } from '../draw/format.ts'
import { spread } from '../draw/spread.ts'
import { layOutStage, rowTop, syncFrontY, type StageLayout } from '../draw/stage_layout.ts'
import { isEmbedded } from '../model/embedded.ts'
import { typeLine } from '../model/engine.ts'
import { useMachine } from '../model/machine_view.ts'
import { pageStore } from '../model/page_store.ts'
import { zoomStore } from '../model/zoom_store.ts'
import type { ArrayScene, StripeWork } from '../model/scene.ts'
import { useShownArray } from '../model/shown.ts'
import { ActionButton } from './action_button.tsx'
import { Panel } from './panel.tsx'
import { Legend, PastBanner, StageEmpty } from './late.tsx'
import { SideBadge } from './side_badge.tsx'
import { stageTitle } from './stage_title.ts'
import { StageDrawing } from './stage_drawing.tsx'
import { StageStatus } from './stage_status.tsx'
import { useExtent } from './use_extent.ts'
import { useMedia } from './use_media.ts'

// For arrays with more chunks than can be drawn one by one, and for who asks.
const ZoomMap = lazy(async () => ({ default: (await import('./zoom_map.tsx')).ZoomMap }))

const NOTE_LINE = 16
/** How much larger things are for a projector: 12 px become 18. */
const PRESENTED = 1.5

/** What the stripe cache is doing, beside the rows it does it to. */
const Notes = memo(function Notes({
  array,
  work,
  layout,
  front,
}: {
  array: string
  work: readonly StripeWork[]
  layout: StageLayout
  /** Where the words of a sync's front stand; -1 for none. */
  front: number
}): ReactElement {
  const heights = work.map(({ acts }) => NOTE_LINE * (1 + acts.length) + 8)
  const wanted = work.map(({ row }) => rowTop(layout, row) + layout.rowHeight / 2 - NOTE_LINE / 2)
  const above = front < 0 ? 0 : wanted.findIndex((top) => top > front - NOTE_LINE)
  const split = above < 0 ? wanted.length : above
  const tops = [
    ...spread(wanted.slice(0, split), heights.slice(0, split), layout.head - 10, front - NOTE_LINE / 2),
    ...spread(wanted.slice(split), heights.slice(split), Math.max(layout.head - 10, front + 10), layout.height),
  ]
  return (
    <div className="stage-notes" style={{ left: layout.notes.x, width: layout.notes.width }} aria-hidden="true">
      {work.map((note, i) => (
        <div
          key={note.key}
          className={`note ${note.isOver ? 'note-over' : ''}`}
          style={{ top: tops[i] }}
          data-hover={`entry ${array} ${note.sector}`}
        >
          <span className="note-plan">{note.title}</span>
          {note.acts.map((act) => (
            <span
              key={`${act.text} ${act.isDone}`}
              className={`note-act ${act.isParity ? 'note-act-parity' : ''} ${act.isDone ? '' : 'note-act-open'}`}
            >
              {act.isDone ? '✓' : '…'} {act.text}
            </span>
          ))}
        </div>
      ))}
    </div>
  )
})

function Head({ array, isMap }: { array: ArrayScene; isMap: boolean }): ReactElement {
  const open = useStore(pageStore, (state) => state.openDialog)
  const { side } = useMachine()
  const isDegraded = array.health.includes('_')
  return (
    <header className="panel-head stage-head">
      <h2>/dev/{array.name}</h2>
      <SideBadge side={side} />
      <p className="stage-facts">
        {[
          `raid${array.level}`,
          array.layout,
          array.level === 1 ? '' : `${sectorBytes(array.chunkSectors)} chunks`,
          `${array.members.length} members`,
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      <div className="stage-head-end">
        {array.mismatches > 0 && side === 'only' && (
          <span
            className="badge badge-amber number"
            title="Sectors whose parity did not fit, as the last sync found them"
          >
            mismatch_cnt {array.mismatches}
          </span>
        )}
        <span className={`mono ${isDegraded ? 'danger' : ''}`} title="Which members are up">
          [{array.health}]
        </span>
        <span className="badge" title="array_state">
          {array.state}
        </span>
        {side === 'only' && array.rows.length > 0 && (
          <ActionButton
            className="button-small"
            hint="The array as a map that zooms down to its bytes (M)"
            aria-pressed={isMap}
            onClick={() => zoomStore.getState().toggle(array.name)}
          >
            Map
          </ActionButton>
        )}
        {side !== 'right' && (
          <ActionButton className="button-small" hint="The text of /proc/mdstat" onClick={() => open('mdstat')}>
            mdstat
          </ActionButton>
        )}
        {side === 'left' && isEmbedded && (
          <ActionButton
            className="button-small"
            hint="One machine again: compare off"
            onClick={() => void typeLine('compare off')}
          >
            End
          </ActionButton>
        )}
        {side === 'only' && (
          <ActionButton
            className="button-small"
            hint="Another machine beside this one, on which one line was another"
            onClick={() => open('compare')}
          >
            Side by side
          </ActionButton>
        )}
      </div>
    </header>
  )
}

/** The view of the device that was picked. */
export function Stage(): ReactElement {
  const array = useShownArray()
  const { side } = useMachine()
  const selection = useStore(pageStore, (state) => state.selection)
  const isAsked = useStore(zoomStore, ({ asMap }) => array !== undefined && asMap.has(array.name))
  const [box, extent] = useExtent()
  const isCoarse = useMedia('(pointer: coarse)')
  const magnify = useStore(pageStore, ({ isPresenting }) => (isPresenting ? PRESENTED : 1))
  const members = array?.members.length ?? 0
  const rowCount = array?.rowCount ?? 0
  const hasBitmap = array?.hasBitmap ?? false
  const layout = useMemo(
    () =>
      layOutStage({
        width: extent.width / magnify,
        height: extent.height / magnify,
        members: Math.max(1, members),
        rows: rowCount,
        hasBitmap,
        isCoarse,
      }),
    [extent.width, extent.height, magnify, members, rowCount, hasBitmap, isCoarse],
  )
  if (!array) return <StageEmpty />
  const isMap = array.rowCount > 0 && (isAsked || array.rows.length === 0)
  return (
    <Panel title={stageTitle(side)} head={<Head array={array} isMap={isMap} />}>
      {side === 'only' && <PastBanner />}
      <StageStatus array={array} />
      <div className="stage-body scroll" ref={box}>
        {isMap
          ? extent.width > 0 && (
              <Suspense>
                <ZoomMap key={array.name} array={array} magnify={magnify} />
              </Suspense>
            )
          : extent.width > 0 && (
              <div className="stage-scaled" style={magnify === 1 ? undefined : { transform: `scale(${magnify})` }}>
                <StageDrawing array={array} layout={layout} selection={selection} />
                {layout.notes.width > 0 && (
                  <Notes
                    array={array.name}
                    work={array.work}
                    layout={layout}
                    front={array.sync ? syncFrontY(layout, array.sync.row) : -1}
                  />
                )}
              </div>
            )}
      </div>
      {side === 'only' && <Legend />}
    </Panel>
  )
}
