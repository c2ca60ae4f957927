import type { ReactElement } from 'react'

const FINE = { size: 7, path: 'M0 3.5h7', width: 1 }
const BOLD = { size: 8, path: 'M0 2.500h8', width: 4 }

/** Lines side by side: what they are called, their colour, and how they are turned, in degrees. */
const LINES = [
  { id: 'parity', colour: 'parity', turn: -45, opacity: 0.2, ...FINE },
  { id: 'q', colour: 'q', turn: 0, opacity: 0.25, ...FINE },
  { id: 'copy', colour: 'data', turn: 45, opacity: 0.2, ...FINE },
  { id: 'stale-parity', colour: 'parity', turn: -45, opacity: 0.9, ...BOLD },
  { id: 'stale-q', colour: 'q', turn: -45, opacity: 0.9, ...BOLD },
  { id: 'stale-data', colour: 'data', turn: -45, opacity: 0.8, ...BOLD },
]

/** The patterns of the drawing: what colour says is said by pattern, too. */
export function StageDefs(): ReactElement {
  return (
    <defs>
      {LINES.map(({ id, colour, turn, opacity, size, path, width }) => (
        <pattern
          key={id}
          id={id}
          width={size}
          height={size}
          patternUnits="userSpaceOnUse"
          patternTransform={`rotate(${turn})`}
        >
          <path d={path} stroke={`var(--${colour})`} strokeWidth={width} opacity={opacity} />
        </pattern>
      ))}
      <pattern id="unknown" width="5" height="5" patternUnits="userSpaceOnUse">
        <circle cx="1.500" cy="1.500" r="0.9" fill="var(--line-strong)" />
      </pattern>
      <pattern id="lost" width="14" height="14" patternUnits="userSpaceOnUse">
        <path d="M4 4l6 6M10 4l-6 6" stroke="var(--line-strong)" strokeWidth="1.2" opacity="0.7" />
      </pattern>
      <pattern id="needed" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
        <rect width="4" height="4" fill="var(--amber-fill)" />
        <path d="M0 1h4" stroke="var(--amber)" strokeWidth="2" />
      </pattern>
    </defs>
  )
}
