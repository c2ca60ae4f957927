import type { ReactElement } from 'react'
import { ZOOM_LEVELS, type ZoomLevel } from '../draw/zoom_detail.ts'
import { ActionButton } from './action_button.tsx'

const NAMES: Readonly<Record<ZoomLevel, string>> = {
  array: 'Array',
  stripes: 'Stripes',
  pages: 'Pages',
  bytes: 'Bytes',
}

interface Props {
  readonly words: string
  readonly level: ZoomLevel
  readonly isFit: boolean
  readonly isClosest: boolean
  readonly stripe: number
  readonly rows: number
  onLevel(level: ZoomLevel): void
  onZoom(factor: number): void
  onFit(): void
  onStripe(stripe: number): void
}

/** Below the map: what is under the pointer, where one is, and how one gets elsewhere without a wheel. */
export function ZoomBar(props: Props): ReactElement {
  const { words, level, isFit, isClosest, stripe, rows, onLevel, onZoom, onFit, onStripe } = props
  return (
    <div className="zoom-bar">
      <p className="heat-words number">{words}</p>
      <div className="zoom-tools">
        <label className="heat-go">
          Stripe
          <input
            type="number"
            min={0}
            max={rows - 1}
            value={stripe}
            onChange={(event) => onStripe(Math.max(0, Math.min(rows - 1, Math.floor(Number(event.target.value)) || 0)))}
          />
        </label>
        <div className="zoom-levels" role="group" aria-label="Level of the map">
          {ZOOM_LEVELS.map((name) => (
            <button
              key={name}
              type="button"
              className="zoom-level"
              aria-pressed={name === level}
              onClick={() => onLevel(name)}
            >
              {NAMES[name]}
            </button>
          ))}
        </div>
        <ActionButton
          className="button-icon button-small"
          aria-label="Zoom out"
          hint="Zoom out (− on the map)"
          refusal={isFit ? 'All of the array is seen.' : undefined}
          onClick={() => onZoom(1 / 4)}
        >
          −
        </ActionButton>
        <ActionButton
          className="button-icon button-small"
          aria-label="Zoom in"
          hint="Zoom in (+ on the map)"
          refusal={isClosest ? 'There is nothing smaller than a byte.' : undefined}
          onClick={() => onZoom(4)}
        >
          +
        </ActionButton>
        <ActionButton className="button-small" hint="All of the array (0 on the map)" onClick={onFit}>
          Fit
        </ActionButton>
      </div>
    </div>
  )
}
