import type { ReactElement } from 'react'

/** The patterns of the drawing: what colour says is said by pattern, too. */
export function StageDefs(): ReactElement {
  return (
    <defs>
      <pattern id="parity" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
        <path d="M0 3.5h7" stroke="var(--parity)" strokeWidth="1" opacity="0.2" />
      </pattern>
      <pattern id="q" width="7" height="7" patternUnits="userSpaceOnUse">
        <path d="M0 3.5h7" stroke="var(--q)" strokeWidth="1" opacity="0.25" />
      </pattern>
      <pattern id="stale-q" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
        <path d="M0 2.500h8" stroke="var(--q)" strokeWidth="4" opacity="0.9" />
      </pattern>
      <pattern id="copy" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <path d="M0 3.5h7" stroke="var(--data)" strokeWidth="1" opacity="0.2" />
      </pattern>
      <pattern id="stale-parity" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
        <path d="M0 2.500h8" stroke="var(--parity)" strokeWidth="4" opacity="0.9" />
      </pattern>
      <pattern id="stale-data" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
        <path d="M0 2.500h8" stroke="var(--data)" strokeWidth="4" opacity="0.8" />
      </pattern>
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
