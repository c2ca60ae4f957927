import type { ReactElement, ReactNode } from 'react'
import { useStore } from 'zustand'
import { zoomStore } from '../model/zoom_store.ts'

function Swatch({ className, children }: { className: string; children?: ReactNode }): ReactElement {
  return (
    <svg width="22" height="14" viewBox="0 0 22 14" aria-hidden="true">
      <g className={className}>
        <rect className="chunk-base" x="1" y="1" width="20" height="12" rx="3" />
        <rect className="chunk-pattern" x="1" y="1" width="20" height="12" rx="3" />
        {children}
      </g>
    </svg>
  )
}

const ITEMS: readonly (readonly [ReactElement, string])[] = [
  [<Swatch key="d" className="chunk chunk-data legend-edge" />, 'D data'],
  [<Swatch key="p" className="chunk chunk-parity legend-edge" />, 'P parity'],
  [
    <Swatch key="n" className="chunk chunk-data">
      <rect className="chunk-volatile" x="1.500" y="1.500" width="19" height="11" rx="3" />
    </Swatch>,
    'N only in a cache',
  ],
  [<Swatch key="s" className="chunk chunk-parity chunk-stale legend-edge" />, 'S stale'],
  [<Swatch key="u" className="chunk chunk-data chunk-unknown" />, '? not synced'],
  [
    <Swatch key="f" className="chunk chunk-data">
      <rect className="chunk-flight" x="1" y="1" width="20" height="12" rx="3" />
    </Swatch>,
    'in flight',
  ],
  [
    <svg key="b" width="32" height="14" viewBox="0 0 32 14" aria-hidden="true">
      <rect className="bit bit-memory-on" x="1" y="1" width="12" height="12" rx="3" />
      <rect className="bit bit-disk-on" x="18" y="1" width="12" height="12" rx="3" />
    </svg>,
    'bit: memory, disk',
  ],
]

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

/** What the marks of the stage mean. */
export function Legend(): ReactElement {
  const level = useStore(zoomStore, (state) => state.level)
  const items = level === 'array' ? CELLS : level === 'bytes' ? [...ITEMS.slice(0, 2), ...BYTES] : ITEMS
  return (
    <footer className="legend" aria-label="Legend">
      {level === 'array' && <span className="legend-item legend-rule">the worst of a cell’s chunks:</span>}
      {items.map(([swatch, words]) => (
        <span key={words} className="legend-item">
          {swatch}
          {words}
        </span>
      ))}
    </footer>
  )
}
