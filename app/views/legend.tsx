import { lazy, Suspense, type ReactElement, type ReactNode } from 'react'
import { useStore } from 'zustand'
import { useShownArray } from '../model/shown.ts'
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

type Item = readonly [ReactElement, string]

const DATA: Item = [<Swatch key="d" className="chunk chunk-data legend-edge" />, 'D data']
const PARITY: Item = [<Swatch key="p" className="chunk chunk-parity legend-edge" />, 'P parity']
const SECOND: Item = [<Swatch key="q" className="chunk chunk-q legend-edge" />, 'Q parity']
const COPY: Item = [<Swatch key="c" className="chunk chunk-copy legend-edge" />, 'C copy']

/** What chunks an array of a level has. */
function kindsOf(level: number): readonly Item[] {
  if (level === 0) return [DATA]
  return level === 1 || level === 10 ? [DATA, COPY] : level === 6 ? [DATA, PARITY, SECOND] : [DATA, PARITY]
}

const STATES: readonly Item[] = [
  [<Swatch key="z" className="chunk chunk-data chunk-blank" />, 'zeros'],
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

// Comes with the map.
const ZoomLegend = lazy(async () => ({ default: (await import('./zoom_legend.tsx')).ZoomLegend }))

/** What the marks of the stage mean. */
export function Legend(): ReactElement {
  const arrayLevel = useShownArray()?.level ?? 5
  const level = useStore(zoomStore, (state) => state.level)
  const isBytes = level === 'bytes'
  const items = level === 'array' ? [] : isBytes ? kindsOf(arrayLevel) : [...kindsOf(arrayLevel), ...STATES]
  return (
    <footer className="legend" aria-label="Legend">
      {items.map(([swatch, words]) => (
        <span key={words} className="legend-item">
          {swatch}
          {words}
        </span>
      ))}
      {(isBytes || level === 'array') && (
        <Suspense>
          <ZoomLegend isBytes={isBytes} />
        </Suspense>
      )}
    </footer>
  )
}
