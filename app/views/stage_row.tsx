import { memo, type ReactElement } from 'react'
import { rowTop, type StageLayout } from '../draw/stage_layout.ts'
import type { BitmapMark, StripeRow } from '../model/scene.ts'
import { StageChunk } from './stage_chunk.tsx'

/** The bitmap's word on a row: what memory counts, and what the disks hold; that they differ is the point. */
const Bits = memo(function Bits({
  array,
  stripe,
  mark,
  layout,
  y,
}: {
  array: string
  stripe: number
  mark: BitmapMark
  layout: StageLayout
  y: number
}): ReactElement {
  const { memoryX, diskX, size } = layout.bitmap!
  const top = y - size / 2
  const isCounting = mark.counter > 0
  const memory = mark.isNeeded ? 'bit-needed' : isCounting ? 'bit-memory-on' : ''
  const onDisk = mark.holders > 0 ? mark.media / mark.holders : 0
  const disk = onDisk === 0 ? 'clear' : onDisk >= 1 ? 'set' : `set on ${mark.media} of ${mark.holders}`
  return (
    <g
      className="bits"
      role="gridcell"
      tabIndex={-1}
      data-stripe={stripe}
      data-slot={-1}
      data-bit={mark.chunk}
      data-hover={`bit ${array} ${mark.chunk}`}
      aria-label={`bitmap: memory counts ${mark.counter}${mark.isNeeded ? ', resync needed' : ''}; bit on the disks ${disk}`}
    >
      <rect
        x={memoryX - 4}
        y={y - layout.pitch / 2}
        width={diskX + size - memoryX + 8}
        height={layout.pitch}
        fill="transparent"
      />
      <rect className={`bit ${memory}`} x={memoryX} y={top} width={size} height={size} rx={3} />
      {isCounting && !mark.isNeeded && (
        <text className="bit-text" x={memoryX + size / 2} y={y} dy="0.36em">
          {mark.counter > 9 ? '+' : mark.counter}
        </text>
      )}
      <rect className="bit" x={diskX} y={top} width={size} height={size} rx={3} />
      {onDisk > 0 && (
        <rect
          className="bit bit-disk-on"
          x={diskX}
          y={top + size * (1 - Math.min(1, onDisk))}
          width={size}
          height={size * Math.min(1, onDisk)}
          rx={3}
        />
      )}
    </g>
  )
})

interface Props {
  readonly array: string
  readonly row: StripeRow
  readonly index: number
  readonly layout: StageLayout
  readonly disks: string
  /** Slot of the selected chunk, -1 when the whole stripe is, -2 when nothing here is. */
  readonly selected: number
  readonly entrySlot: number
  readonly maskBits: number
}

/** One stripe. */
export const StageRow = memo(function StageRow({
  array,
  row,
  index,
  layout,
  disks,
  selected,
  entrySlot,
  maskBits,
}: Props): ReactElement {
  const top = rowTop(layout, index)
  const middle = top + layout.rowHeight / 2
  const names = disks.split(' ')
  return (
    <g role="row" aria-rowindex={index + 3}>
      <g
        role="rowheader"
        aria-label={`stripe ${row.stripe}`}
        data-stripe={row.stripe}
        data-hover={`stripe ${array} ${row.stripe}`}
        style={{ cursor: 'pointer' }}
      >
        <rect x={0} y={top} width={layout.numbersX} height={layout.rowHeight} fill="transparent" />
        <text
          className={`stripe-number ${selected > -2 ? 'stripe-number-selected' : ''}`}
          x={layout.numbersX}
          y={middle}
          dy="0.35em"
        >
          {row.stripe}
        </text>
      </g>
      {row.bitmap && layout.bitmap && (
        <Bits array={array} stripe={row.stripe} mark={row.bitmap} layout={layout} y={middle} />
      )}
      {row.chunks.map((mark, slot) => (
        <StageChunk
          key={slot}
          array={array}
          mark={mark}
          maskBits={maskBits}
          column={layout.columns[slot]}
          top={top}
          height={layout.rowHeight}
          stripe={row.stripe}
          slot={slot}
          disk={names[slot]}
          isSelected={selected === slot}
          isEntry={entrySlot === slot}
        />
      ))}
    </g>
  )
})
