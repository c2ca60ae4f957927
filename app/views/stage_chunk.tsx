import { memo, type ReactElement } from 'react'
import { chunkAccount, chunkWords } from '../draw/chunk_words.ts'
import { DOT_LANE_END, type Column } from '../draw/stage_layout.ts'
import type { ChunkMark } from '../model/scene.ts'

/** Ticks where pages are only in the cache: the chunk from end to end. */
function pageTicks(mask: number, bits: number, x: number, y: number, width: number): string {
  const each = width / bits
  let path = ''
  for (let bit = 0; bit < bits; bit++) {
    if ((mask & (1 << bit)) !== 0) path += `M${(x + bit * each).toFixed(1)} ${y}h${Math.max(2, each - 1).toFixed(1)}`
  }
  return path
}

interface Props {
  readonly array: string
  /** Parts of a chunk that its mask of volatile pages tells apart. */
  readonly maskBits: number
  readonly mark: ChunkMark
  readonly column: Column
  readonly top: number
  readonly height: number
  readonly stripe: number
  readonly slot: number
  readonly disk: string
  readonly isSelected: boolean
  /** The one that Tab comes to. */
  readonly isEntry: boolean
}

/** One chunk of one stripe. */
export const StageChunk = memo(function StageChunk(props: Props): ReactElement {
  const { array, mark, maskBits, column, top, height, stripe, slot, disk, isSelected, isEntry } = props
  const { x, width } = column
  const middle = top + height / 2
  const labelWidth = 14 + mark.label.length * 8.5
  // Where a dot may stand there are no letters.
  const left = mark.activity === 'none' ? labelWidth : Math.max(labelWidth, DOT_LANE_END)
  const words = chunkWords(mark, width - left - 12)
  const isVolatile = mark.volatilePages > 0
  const isBlank = mark.isBlank && mark.state === 'old'
  return (
    <g
      className={`chunk chunk-${mark.kind} chunk-${mark.state} ${isBlank ? 'chunk-blank' : ''}`}
      role="gridcell"
      tabIndex={isEntry ? 0 : -1}
      aria-selected={isSelected}
      aria-label={chunkAccount(mark, stripe, disk, words)}
      data-stripe={stripe}
      data-slot={slot}
      data-hover={`chunk ${array} ${stripe} ${slot}`}
    >
      <rect className="chunk-base" x={x} y={top} width={width} height={height} rx={4} />
      {mark.heat > 0 && (mark.state === 'old' || mark.state === 'new') && (
        <rect className={`chunk-heat chunk-heat-${mark.heat}`} x={x} y={top} width={width} height={height} rx={4} />
      )}
      {(mark.state !== 'old' || mark.kind !== 'data') && (
        <rect className="chunk-pattern" x={x} y={top} width={width} height={height} rx={4} />
      )}
      <path className="chunk-bar" d={`M${x + 4} ${top}v${height}h-1a3 3 0 0 1 -3 -3v${6 - height}a3 3 0 0 1 3 -3z`} />
      {isVolatile && (
        <rect className="chunk-volatile" x={x + 1} y={top + 1} width={width - 2} height={height - 2} rx={3} />
      )}
      {isVolatile && (
        <path className="chunk-pages" d={pageTicks(mark.volatileMask, maskBits, x + 6, top + height - 3, width - 10)} />
      )}
      {mark.activity !== 'none' && (
        <rect className="chunk-flight" x={x - 0.5} y={top - 0.5} width={width + 1} height={height + 1} rx={4.5} />
      )}
      {isSelected && (
        <rect className="chunk-selected" x={x - 2} y={top - 2} width={width + 4} height={height + 4} rx={5.5} />
      )}
      {mark.state === 'stale' && words !== '' && (
        <rect
          className="chunk-patch"
          x={x + width - 12 - words.length * 7.4}
          y={top + 2.5}
          width={words.length * 7.4 + 9}
          height={height - 5}
          rx={3}
        />
      )}
      <text className="chunk-label" x={x + 12} y={middle} dy="0.35em">
        {`${mark.label} `}
      </text>
      {words !== '' && (
        <text
          className={`chunk-words${isVolatile || mark.state === 'stale' ? ' chunk-words-strong' : ''}`}
          x={x + width - 8}
          y={middle}
          dy="0.35em"
        >
          {words}
        </text>
      )}
    </g>
  )
})
