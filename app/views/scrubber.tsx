import { memo, useRef, type KeyboardEvent, type PointerEvent, type ReactElement } from 'react'
import { useStore } from 'zustand'
import type { MarkerFrame } from '../../engine/api/frame.ts'
import { clock, count } from '../draw/format.ts'
import { machineStore } from '../model/machine_store.ts'
import { seek, seekBy, stepBack } from '../model/time_actions.ts'
import { timeStore } from '../model/time_store.ts'
import { step as stepForward } from '../model/actions.ts'
import { twinStore } from '../model/twin_store.ts'
import { BranchMenu } from './branch_menu.tsx'

/** Of the whole recording: what PageUp and PageDown move by. */
const PAGE = 1 / 20
/** A marker is meant when the pointer is so near, as a share of the width. */
const NEAR = 1 / 120

const TONES: Readonly<Partial<Record<MarkerFrame['kind'], string>>> = {
  power: 'danger',
  fault: 'danger',
  failure: 'danger',
  disk: 'danger',
  mismatch: 'danger',
  member: 'amber',
  sync: 'amber',
  mapped: 'amber',
  idle: 'idle',
}

/** The markers, in steps; the view box around them says which steps are to be seen. */
const Marks = memo(function Marks({ markers }: { markers: readonly MarkerFrame[] }): ReactElement {
  return (
    <>
      {markers.map(({ kind, step }, i) => {
        const tone = TONES[kind] ?? 'plain'
        const [top, bottom] = tone === 'danger' ? [0, 10] : tone === 'amber' ? [1, 9] : [3, 9]
        return (
          <line
            key={i}
            className={`scrubber-mark scrubber-${tone}`}
            x1={step}
            x2={step}
            y1={tone === 'idle' ? 0 : top}
            y2={tone === 'idle' ? 20 : bottom}
          />
        )
      })}
    </>
  )
})

/** Where two machines that are compared begin to do something else, since any of the lines; the first of all is named. */
const DifferenceMarks = memo(function DifferenceMarks({
  leftStep,
  range,
}: {
  leftStep: number
  range: number
}): ReactElement {
  const differences = useStore(twinStore, (state) => state.differences)
  return (
    <span aria-hidden="true">
      {differences
        .filter(({ isChange, step }) => !isChange && step >= leftStep)
        .map(({ isFirst, step, since }, i) => (
          <span
            key={i}
            className={isFirst ? 'scrubber-differs scrubber-differs-first' : 'scrubber-differs'}
            style={{ left: `${((step - leftStep) / range) * 100}%` }}
            title={`${isFirst ? 'First difference' : 'Difference'}: step ${count(step)}, since ${since.split('\n', 1)[0]}`}
          >
            {isFirst && '≠'}
          </span>
        ))}
    </span>
  )
})

function Left(): ReactElement | null {
  const step = useStore(timeStore, (state) => state.leftStep)
  const reason = useStore(timeStore, (state) => state.leftReason)
  if (reason === null) return null
  return (
    <span className="scrubber-left" title={reason}>
      from step {count(step)}
    </span>
  )
}

/** The whole recording, from the oldest moment that can be shown to the newest one, by completed disk I/Os. */
export function Scrubber(): ReactElement {
  const { step, target, leftStep, leftReason, newestStep, markers, isLive, window } = useStore(timeStore)
  const time = useStore(machineStore, (state) => clock(state.time))
  const rail = useRef<HTMLDivElement>(null)
  const now = target ?? step
  const range = Math.max(1, newestStep - leftStep)
  const share = isLive && target === undefined ? 1 : Math.max(0, Math.min(1, (now - leftStep) / range))

  const shareAt = (clientX: number): number => {
    const box = rail.current?.getBoundingClientRect()
    return box ? Math.max(0, Math.min(1, (clientX - box.left) / Math.max(1, box.width))) : 0
  }
  const drag = (event: PointerEvent<HTMLDivElement>): void => {
    if (event.type === 'pointerdown') {
      if (event.button !== 0) return
      event.currentTarget.setPointerCapture(event.pointerId)
    } else if (!event.currentTarget.hasPointerCapture(event.pointerId)) {
      nameMarker(event)
      return
    }
    seek(leftStep + shareAt(event.clientX) * range)
  }
  const nameMarker = ({ currentTarget, clientX }: PointerEvent<HTMLDivElement>): void => {
    const at = leftStep + shareAt(clientX) * range
    const [nearest] = markers
      .filter((marker) => Math.abs(marker.step - at) <= NEAR * range)
      .sort((a, b) => Math.abs(a.step - at) - Math.abs(b.step - at))
    currentTarget.title = nearest
      ? `step ${count(nearest.step)}, ${clock(nearest.time)}: ${nearest.text}`
      : `step ${count(Math.round(at))}`
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
    const page = Math.max(1, Math.round(range * PAGE))
    const acts: Readonly<Record<string, () => void>> = {
      ArrowLeft: stepBack,
      ArrowDown: stepBack,
      ArrowRight: stepForward,
      ArrowUp: stepForward,
      PageDown: () => seekBy(-page),
      PageUp: () => seekBy(page),
      Home: () => seek(leftStep),
      End: () => seek(newestStep),
    }
    const act = acts[event.key] as (() => void) | undefined
    if (!act) return
    event.preventDefault()
    act()
  }

  return (
    <div className="scrubber">
      <Left />
      <div
        ref={rail}
        className="scrubber-rail"
        role="slider"
        tabIndex={0}
        aria-label="Time"
        aria-valuemin={leftStep}
        aria-valuemax={newestStep}
        aria-valuenow={Math.min(now, newestStep)}
        data-shown={step}
        aria-valuetext={`step ${count(now)} of ${count(newestStep)}, ${time}${isLive ? ', the newest moment' : ''}`}
        aria-description={leftReason ?? 'From the beginning of the recording'}
        onPointerDown={drag}
        onPointerMove={drag}
        onKeyDown={onKeyDown}
      >
        <svg viewBox={`${leftStep} 0 ${range} 20`} preserveAspectRatio="none" aria-hidden="true">
          <rect className="scrubber-track" x={leftStep} y={12} width={range} height={4} />
          <rect className="scrubber-past" x={leftStep} y={12} width={share * range} height={4} />
          <Marks markers={markers} />
          {window && (
            <rect className="scrubber-window" x={window.from} y={0} width={window.to - window.from} height={20} />
          )}
        </svg>
        <DifferenceMarks leftStep={leftStep} range={range} />
        <span className="scrubber-thumb" data-past={!isLive || undefined} style={{ left: `${share * 100}%` }} />
      </div>
      <span className="scrubber-words number" aria-hidden="true">
        {isLive && target === undefined ? `step ${count(newestStep)}` : `${count(now)} of ${count(newestStep)}`}
      </span>
      <BranchMenu />
    </div>
  )
}
