import type { ReactElement } from 'react'

const mix = (share: number): string => `color-mix(in srgb, var(--data) ${share}%, var(--data-fill))`
const cell = (background: string): ReactElement => <span className="cell-swatch" style={{ background }} />

/** Of cells that stand for many chunks, from what presses least to what presses most. */
const CELLS: readonly (readonly [ReactElement, string])[] = [
  [cell(mix(40)), 'touched lately'],
  [cell('color-mix(in srgb, var(--line-strong) 30%, var(--line))'), '? not synced'],
  [cell('var(--data)'), 'in flight'],
  [cell('var(--amber)'), 'N only in a cache'],
  [cell('var(--danger)'), 'S stale'],
  [cell('var(--line-2)'), '× no member'],
]

const BYTES: readonly (readonly [ReactElement, string])[] = [
  [<span key="z" className="mono dim" children="00" />, 'zero'],
  [
    <span
      key="n"
      className="mono"
      style={{ background: 'var(--amber-fill)', color: 'var(--amber-ink)' }}
      children="7f"
    />,
    'newer in the cache than on the medium',
  ],
]

/** What the colours of the map mean where it has marks of its own: cells from afar, bytes from near. */
export function ZoomLegend({ isBytes }: { isBytes: boolean }): ReactElement {
  return (
    <>
      {!isBytes && <span className="legend-item">the worst of a cell’s chunks:</span>}
      {(isBytes ? BYTES : CELLS).map(([swatch, words]) => (
        <span key={words} className="legend-item">
          {swatch}
          {words}
        </span>
      ))}
    </>
  )
}
