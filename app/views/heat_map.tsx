import { useMemo, useRef, useState, type MouseEvent, type ReactElement } from 'react'
import { useStore } from 'zustand'
import { count, percent } from '../draw/format.ts'
import { heatChunkAt, layOutHeat } from '../draw/heat_layout.ts'
import { LOST, NEW, STALE, UNKNOWN } from '../model/chunk_field.ts'
import { useMachine } from '../model/machine_view.ts'
import type { Picture } from '../model/picture.ts'
import { hoverStore } from '../model/hover_store.ts'
import { pageStore } from '../model/page_store.ts'
import type { ArrayScene } from '../model/scene.ts'
import { chunkName } from '../model/stripe_notes.ts'
import { HeatPainter } from './heat_painter.ts'
import { usePainter } from './use_painter.ts'
import { useSampled } from './use_sampled.ts'
import type { Extent } from './use_extent.ts'

/** Height of the line of words below the map. */
const WORDS = 32

/** How many chunks are in which state, in words: the map for those who do not see it. */
function countStates(now: Picture, name: string): string {
  const field = now.arrays.get(name)?.field
  if (!field) return ''
  const counts = [0, 0, 0, 0, 0]
  for (const state of field.state) counts[state]++
  const parts = [
    [counts[NEW], 'only in caches'],
    [counts[STALE], 'stale'],
    [counts[UNKNOWN], 'not synced'],
    [counts[LOST], 'without a member'],
  ] as const
  const said = parts.filter(([number]) => number > 0).map(([number, words]) => `${count(number)} ${words}`)
  return `${count(field.state.length)} chunks: ${said.join(', ') || 'all on their media and in sync'}`
}

/** A large array, a cell per chunk. */
export function HeatMap({ array, extent }: { array: ArrayScene; extent: Extent }): ReactElement {
  const canvas = useRef<HTMLCanvasElement>(null)
  const [under, setUnder] = useState('')
  const selection = useStore(pageStore, (state) => state.selection)
  const slots = array.members.length
  const layout = useMemo(
    () => layOutHeat(extent.width, extent.height - WORDS, array.rowCount, slots),
    [extent.width, extent.height, array.rowCount, slots],
  )
  const { picture, side } = useMachine()
  const words = useSampled(() => countStates(picture(), array.name), [array.name])
  const painter = useMemo(
    () => new HeatPainter(picture, array.name, layout, extent.width),
    [picture, array.name, layout, extent.width],
  )
  usePainter(canvas, extent.width, layout.height, painter)

  const find = (event: MouseEvent<HTMLCanvasElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    return heatChunkAt(layout, array.rowCount, slots, event.clientX - box.left, event.clientY - box.top)
  }
  const chosen = selection?.kind === 'chunk' && selection.array === array.name ? selection : undefined
  return (
    <div className="heat">
      <canvas
        ref={canvas}
        style={{ width: extent.width, height: layout.height }}
        role="img"
        aria-label={`Heat map of ${array.name}. ${words}`}
        onClick={(event) => {
          const found = find(event)
          if (found)
            pageStore
              .getState()
              .selectOn(side, { kind: 'chunk', array: array.name, stripe: found.row, slot: found.slot })
        }}
        onMouseMove={(event) => {
          const found = find(event)
          hoverStore
            .getState()
            .hover('pointer', found && { kind: 'chunk', array: array.name, stripe: found.row, slot: found.slot })
          const field = picture().arrays.get(array.name)?.field
          setUnder(
            found && field
              ? `stripe ${found.row}, ${array.members[found.slot].disk} ${chunkName(field.geometry, found.row, found.slot)}`
              : '',
          )
        }}
        onMouseLeave={() => {
          hoverStore.getState().hover('pointer', undefined)
          setUnder('')
        }}
      />
      <p className="heat-words number">
        {under || words}
        {array.sync && ` · ${array.sync.action} at stripe ${Math.floor(array.sync.row)} (${percent(array.sync.done)})`}
        {chosen && under === '' && ` · stripe ${chosen.stripe} picked`}
      </p>
      <label className="heat-go">
        Stripe
        <input
          type="number"
          min={0}
          max={array.rowCount - 1}
          value={chosen?.stripe ?? 0}
          onChange={(event) => {
            const stripe = Math.max(0, Math.min(array.rowCount - 1, Number(event.target.value)))
            pageStore.getState().selectOn(side, { kind: 'chunk', array: array.name, stripe, slot: chosen?.slot ?? 0 })
          }}
        />
      </label>
    </div>
  )
}
