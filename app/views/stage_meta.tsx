import { memo, type ReactElement } from 'react'
import { DOT_LANE_END, type StageLayout } from '../draw/stage_layout.ts'
import type { MetaMark } from '../model/scene.ts'

const WORDS = { none: '', read: 'read', write: 'write' } as const

function metaAccount(mark: MetaMark, words: string): string {
  return [
    `${words} superblock and bitmap`.trim(),
    mark.activity === 'none' ? '' : `being ${mark.activity === 'read' ? 'read' : 'written'}`,
  ]
    .concat(mark.volatilePages > 0 ? 'partly only in the disk’s cache' : '')
    .filter(Boolean)
    .join(', ')
}

/** The row above the stripes: each member's superblock and bitmap, which are written before the data they speak of. */
export const StageMeta = memo(function StageMeta(props: {
  array: string
  meta: readonly MetaMark[]
  layout: StageLayout
}): ReactElement {
  const { array, meta, layout } = props
  const { metaTop: top, rowHeight: height } = layout
  const middle = top + height / 2
  return (
    <g role="row" aria-rowindex={2}>
      <g
        role="rowheader"
        aria-label={
          layout.bitmap && layout.numbersX >= 48
            ? 'super, bitmap: superblock and bitmap'
            : 'meta: superblock and bitmap'
        }
      >
        <text
          x={layout.bitmap ? layout.bitmap.diskX + layout.bitmap.size : layout.numbersX}
          y={middle}
          dy="0.35em"
          textAnchor="end"
        >
          {layout.bitmap && layout.numbersX >= 48 ? 'super, bitmap' : 'meta'}
        </text>
      </g>
      {meta.map((mark, slot) => {
        const { x, width } = layout.columns[slot]
        const words =
          mark.volatilePages > 0
            ? width > 130
              ? 'N in cache'
              : 'N'
            : width < DOT_LANE_END + 44
              ? ''
              : WORDS[mark.activity] || (width > 160 ? mark.age : '')
        return (
          <g
            key={slot}
            role="gridcell"
            tabIndex={-1}
            aria-label={metaAccount(mark, words)}
            className="chunk chunk-meta"
            data-stripe={-1}
            data-slot={slot}
            data-hover={`member ${array} ${slot}`}
          >
            <rect className="chunk-base" x={x} y={top} width={width} height={height} rx={4} />
            {mark.heat > 0 && (
              <rect
                className={`chunk-heat chunk-heat-${mark.heat}`}
                x={x}
                y={top}
                width={width}
                height={height}
                rx={4}
              />
            )}
            {mark.volatilePages > 0 && (
              <rect className="chunk-volatile" x={x + 1} y={top + 1} width={width - 2} height={height - 2} rx={3} />
            )}
            {mark.activity !== 'none' && (
              <rect className="chunk-flight" x={x - 0.5} y={top - 0.5} width={width + 1} height={height + 1} rx={4.5} />
            )}
            <text className="chunk-words" x={x + width - 8} y={middle} dy="0.35em">
              {words}
            </text>
          </g>
        )
      })}
    </g>
  )
})
