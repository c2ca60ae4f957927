import { createStore } from 'zustand/vanilla'
import type { BranchFrame, Frame, MarkerFrame } from '../../engine/api/frame.ts'
import type { Track } from '../../engine/api/timeline_tracks.ts'
import { keepSame } from './keep_same.ts'

export interface TimeState {
  /** What is shown is the newest moment. */
  readonly isLive: boolean
  /** On the way to another moment, and how far, 0 to 1. */
  readonly isTravelling: boolean
  readonly progress: number
  /** Completed disk I/Os at the moment that is shown. */
  readonly step: number
  /** The step that was asked for and is not yet shown. */
  readonly target: number | undefined
  /** The oldest step that can be shown, and why not an older one; null where it is the beginning. */
  readonly leftStep: number
  readonly leftReason: string | null
  readonly newestStep: number
  /** Lines typed up to the moment that is shown. */
  readonly lines: number
  /** On the whole branch. */
  readonly newestLines: number
  /** The track whose events `,` and `.` go to; undefined for all that is notable. */
  readonly track: Track | undefined
  /** The part of the recording that its tracks show; null for the whole. */
  readonly window: { readonly from: number; readonly to: number } | null
  readonly branches: readonly BranchFrame[]
  readonly markers: readonly MarkerFrame[]
}

/** Where on its recording the machine is that the page shows. */
export const timeStore = createStore<TimeState>()(() => ({
  isLive: true,
  isTravelling: false,
  progress: 1,
  step: 0,
  target: undefined,
  leftStep: 0,
  leftReason: null,
  newestStep: 0,
  lines: 0,
  newestLines: 0,
  track: undefined,
  window: null,
  branches: [],
  markers: [],
}))

/** Takes in what a frame says of time. */
export function receiveTime({ timeline, steps }: Frame): void {
  if (!timeline) return
  const { isLive, isTravelling, progress, left, newest, lines, newestLines, branches, markers } = timeline
  timeStore.setState((before) => ({
    isLive,
    isTravelling,
    progress,
    // On the way, what was shown before stays on the page.
    step: isTravelling ? before.step : steps,
    leftStep: left.step,
    leftReason: left.reason,
    newestStep: newest.step,
    lines,
    newestLines,
    branches: keepSame(before.branches, branches),
    markers: markers ?? before.markers,
  }))
}

export function branchName({ timeline }: Frame): string {
  return timeline?.branches.find(({ isCurrent }) => isCurrent)?.name ?? ''
}
