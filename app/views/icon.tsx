import type { ReactElement } from 'react'

const PATHS = {
  play: 'M5 3.2v9.6L12.6 8z',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  step: 'M4.5 3.5v9L10 8zM12 3.5v9',
  back: 'M11.5 3.5v9L6 8zM4 3.5v9',
  previous: 'M12.500 3.5v9L8 8zM8 3.5v9L3.500 8z',
  next: 'M3.500 3.5v9L8 8zM8 3.5v9L12.500 8z',
  power: 'M8 2v5.5M4.7 4.3a4.7 4.7 0 1 0 6.6 0',
  left: 'M9.8 3.8 5.6 8l4.2 4.2',
  right: 'M6.2 3.8 10.4 8l-4.2 4.2',
  down: 'M4 6.2 8 10l4-3.8',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  close: 'M4 4l8 8M12 4l-8 8',
  search: 'M7 11.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.3 10.3 14 14',
  link: 'M6.8 9.2a2.7 2.7 0 0 1 0-3.8l2.2-2.2a2.7 2.7 0 0 1 3.8 3.8l-1.3 1.3M9.2 6.8a2.7 2.7 0 0 1 0 3.8L7 12.8A2.7 2.7 0 0 1 3.2 9l1.3-1.3',
  disk: 'M2.5 9.5h11M4 3.5h8l1.5 6v3h-11v-3zM11 11h.01',
} as const

export type IconName = keyof typeof PATHS

const FILLED: ReadonlySet<IconName> = new Set(['play'])

/** A small line drawing that says nothing by itself: whatever bears it has a name of its own. */
export function Icon({ name, size = 14 }: { name: IconName; size?: number }): ReactElement {
  const isFilled = FILLED.has(name)
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path
        d={PATHS[name]}
        fill={isFilled ? 'currentColor' : 'none'}
        stroke="currentColor"
        strokeWidth={name === 'more' ? 2.4 : 1.7}
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  )
}
