import { useEffect, useMemo, useRef, useState, type MouseEvent, type ReactElement } from 'react'
import { useStore } from 'zustand'
import { customProperties } from '../draw/colours.ts'
import { count, percent } from '../draw/format.ts'
import { heatChunkAt, heatCode, layOutHeat, paintHeatCell, type HeatColours } from '../draw/heat_paint.ts'
import { LOST, NEW, STALE, UNKNOWN } from '../model/chunk_field.ts'
import { picture } from '../model/engine.ts'
import { pageStore } from '../model/page_store.ts'
import type { ArrayScene } from '../model/scene.ts'
import { chunkName } from '../model/stripe_notes.ts'
import { useCanvas } from './use_canvas.ts'
import { useSampled } from './use_sampled.ts'
import type { Extent } from './use_extent.ts'

const COLOURS = {
  data: '--data',
  dataFill: '--data-fill',
  dataFill2: '--data-fill-2',
  parity: '--parity',
  parityFill: '--parity-fill',
  parityFill2: '--parity-fill-2',
  amber: '--amber',
  danger: '--danger-ink',
  line: '--line',
  line2: '--line-2',
  panel: '--panel',
  ink: '--ink',
  ink2: '--ink-2',
  font: '--font',
} as const

/** How many chunks are in which state, in words: the map for those who do not see it. */
function countStates(name: string): string {
  const field = picture().arrays.get(name)?.field
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
    () => layOutHeat(extent.width, extent.height, array.rowCount, slots),
    [extent.width, extent.height, array.rowCount, slots],
  )
  const words = useSampled(() => countStates(array.name), [array.name])
  const size = useMemo(() => ({ width: extent.width, height: layout.height }), [extent.width, layout.height])
  const frontRow = useRef(-1)
  useEffect(() => {
    frontRow.current = array.sync ? Math.floor(array.sync.row) : -1
  }, [array.sync])

  const paint = useMemo(() => {
    let colours: HeatColours | undefined
    let painted = new Int32Array(0)
    let front = -1
    return (context: CanvasRenderingContext2D, _real: number, isAnew: boolean): void => {
      const now = picture()
      const field = now.arrays.get(array.name)?.field
      if (!field) return
      if (isAnew || !colours || painted.length !== field.state.length) {
        colours = customProperties(context.canvas, COLOURS)
        painted = new Int32Array(field.state.length).fill(-1)
        context.clearRect(0, 0, size.width, size.height)
        context.font = `12px ${colours.font}`
        context.fillStyle = colours.ink2
        context.textBaseline = 'middle'
        for (let band = 0; band < layout.bands; band++) {
          context.fillText(String(band * layout.rowsPerBand), layout.left + band * layout.bandWidth, layout.top - 12)
        }
      }
      const time = now.frame?.time ?? 0
      if (front !== frontRow.current) {
        if (front >= 0) painted.fill(-1, front * field.slots, (front + 1) * field.slots)
        front = frontRow.current
      }
      for (let chunk = 0; chunk < painted.length; chunk++) {
        const code = heatCode(field, chunk, time)
        if (painted[chunk] === code) continue
        painted[chunk] = code
        const row = Math.floor(chunk / field.slots)
        const band = Math.floor(row / layout.rowsPerBand)
        const x = layout.left + band * layout.bandWidth + (chunk - row * field.slots) * layout.cellWidth
        const y = layout.top + (row - band * layout.rowsPerBand) * layout.cellHeight
        paintHeatCell(context, code, x, y, layout.cellWidth, layout.cellHeight, colours)
      }
      if (front >= 0 && front < field.rows) {
        const band = Math.floor(front / layout.rowsPerBand)
        context.fillStyle = colours.amber
        const y = layout.top + (front - band * layout.rowsPerBand) * layout.cellHeight
        context.fillRect(layout.left + band * layout.bandWidth, y, layout.cellWidth * field.slots, 2)
      }
    }
  }, [array.name, layout, size])
  useCanvas(canvas, size, paint)

  const find = (event: MouseEvent<HTMLCanvasElement>) => {
    const box = event.currentTarget.getBoundingClientRect()
    return heatChunkAt(layout, array.rowCount, slots, event.clientX - box.left, event.clientY - box.top)
  }
  const chosen = selection?.kind === 'chunk' && selection.array === array.name ? selection : undefined
  return (
    <div className="heat">
      <canvas
        ref={canvas}
        style={{ width: size.width, height: size.height }}
        role="img"
        aria-label={`Heat map of ${array.name}. ${words}`}
        onClick={(event) => {
          const found = find(event)
          if (found)
            pageStore.getState().select({ kind: 'chunk', array: array.name, stripe: found.row, slot: found.slot })
        }}
        onMouseMove={(event) => {
          const found = find(event)
          const field = picture().arrays.get(array.name)?.field
          setUnder(
            found && field
              ? `stripe ${found.row}, ${array.members[found.slot].disk} ${chunkName(field.geometry, found.row, found.slot)}`
              : '',
          )
        }}
        onMouseLeave={() => setUnder('')}
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
            pageStore.getState().select({ kind: 'chunk', array: array.name, stripe, slot: chosen?.slot ?? 0 })
          }}
        />
      </label>
    </div>
  )
}
