/** Going to a moment: a machine is run again from a kept copy, in bounded batches, until it is exactly there. */
import type { Machine } from './machine.ts'
import { Rerun, type RerunLimits } from './history_rerun.ts'
import type { TimedLine } from './recording.ts'
import type { Tally } from './history_tally.ts'

/** A moment to go to. */
export type Target =
  /** Right after this disk I/O completed: nothing that came later at that instant has happened. Step 0 is the beginning. */
  | { readonly kind: 'step'; readonly step: number }
  /** Right before the line of this number was typed; 0 is the first. */
  | { readonly kind: 'line'; readonly line: number }
  /** Right after what wrote this row of the trace, when so many disk I/Os had completed. */
  | { readonly kind: 'row'; readonly row: number; readonly step: number }
  /** After so many events and typed lines, with the clock at this time. */
  | { readonly kind: 'instant'; readonly lines: number; readonly delivered: number; readonly time: number }
  /** After so many typed lines and all that happened up to this time, and at it. */
  | { readonly kind: 'time'; readonly lines: number; readonly time: number }

/** Where a machine is on its line of time. */
export interface Place {
  readonly lines: number
  readonly delivered: number
  readonly time: number
  readonly steps: number
  /** Trace rows written. */
  readonly rows: number
}

export function placeOf({ recording, sim }: Machine): Place {
  return {
    lines: recording.lines.length,
    delivered: sim.delivered,
    time: sim.now,
    steps: sim.steps,
    rows: sim.trace.written,
  }
}

/** Whether a machine at `a` has still to pass `b`, or is there. */
export function isNotAfter(a: Place, b: Pick<Place, 'delivered' | 'lines' | 'time'>): boolean {
  if (a.delivered !== b.delivered) return a.delivered < b.delivered
  return a.lines !== b.lines ? a.lines < b.lines : a.time <= b.time
}

/**
 * Whether a machine at this place can be run on to the target.
 * @param isFresh it stands right after the disk I/O that completed last.
 */
export function leadsTo(place: Place, isFresh: boolean, target: Target): boolean {
  switch (target.kind) {
    case 'step':
      return place.steps < target.step || (isFresh && place.steps === target.step)
    case 'line':
      return place.lines <= target.line
    case 'row':
      return place.rows <= target.row
    case 'instant':
      return isNotAfter(place, target)
    case 'time':
      return place.lines <= target.lines && place.time <= target.time
  }
}

export class Seek {
  readonly target: Target
  readonly rerun: Rerun
  isArrived: boolean
  /** Why the target is never reached: the recording is not this machine's. */
  failure: string | null
  private readonly from: number
  private readonly to: number

  /**
   * @param machine somewhere before the target
   * @param lines of the whole recording
   * @param tally of the rows up to where the machine is
   */
  constructor(target: Target, machine: Machine, lines: readonly TimedLine[], tally: Tally) {
    this.target = target
    this.rerun = new Rerun(machine, lines, tally)
    this.failure = null
    this.from = measure(target, placeOf(machine))
    this.to = goal(target, lines)
    this.isArrived = false
    this.arrive()
  }

  get machine(): Machine {
    return this.rerun.machine
  }

  /** From 0 to 1. */
  get progress(): number {
    if (this.isArrived || this.to <= this.from) return 1
    return Math.min(1, (measure(this.target, placeOf(this.machine)) - this.from) / (this.to - this.from))
  }

  /**
   * One bounded batch.
   * @param untilStep stop here on the way
   * @returns how much happened, events and lines together
   */
  work(maxEvents: number, untilStep = Infinity): number {
    let done = 0
    while (!this.isArrived && this.failure === null && done < maxEvents && this.machine.sim.steps < untilStep) {
      const limits = this.limits(untilStep)
      const count = this.rerun.run({ ...limits, maxEvents: maxEvents - done })
      done += count
      if (this.arrive()) break
      if (count === 0 && limits.untilStep === this.machine.sim.steps) break
      if (count === 0) {
        const event = this.machine.sim.delivered + 1
        this.failure = `event ${event} of the recording does not come: it was made by another version, or on other disks`
      }
    }
    return done
  }

  private limits(untilStep: number): RerunLimits {
    const { target, machine } = this
    switch (target.kind) {
      case 'step':
        return { untilStep: Math.min(untilStep, target.step) }
      case 'line':
        return { untilLine: target.line, untilStep }
      case 'row':
        return machine.sim.steps < target.step
          ? { untilStep: Math.min(untilStep, target.step) }
          : { untilRows: target.row + 1, untilStep }
      case 'instant':
        return { untilLine: target.lines, untilDelivered: target.delivered, untilStep }
      case 'time':
        return { untilLine: target.lines, untilTime: target.time, untilStep }
    }
  }

  /** Looks whether the machine is there. */
  private arrive(): boolean {
    const { target, machine, rerun } = this
    const { sim } = machine
    const lines = machine.recording.lines.length
    switch (target.kind) {
      case 'step':
        this.isArrived = sim.steps >= target.step
        break
      case 'line': {
        const line = rerun.nextLine
        this.isArrived = lines === target.line && (line === undefined || sim.delivered >= line.at)
        if (this.isArrived && line !== undefined) machine.idleUntil(line.time)
        break
      }
      case 'row':
        this.isArrived = sim.trace.written > target.row
        break
      case 'instant':
        this.isArrived = lines === target.lines && sim.delivered >= target.delivered
        if (this.isArrived) machine.idleUntil(target.time)
        break
      case 'time':
        this.isArrived = lines === target.lines && sim.queue.nextTime() > target.time
        if (this.isArrived) machine.idleUntil(target.time)
        break
    }
    return this.isArrived
  }
}

/** How far along a place is, as the target counts. */
function measure(target: Target, place: Place): number {
  switch (target.kind) {
    case 'step':
      return place.steps
    case 'row':
      return place.rows
    case 'time':
      return place.time
    case 'line':
    case 'instant':
      return place.delivered
  }
}

function goal(target: Target, lines: readonly TimedLine[]): number {
  switch (target.kind) {
    case 'step':
      return target.step
    case 'row':
      return target.row
    case 'time':
      return target.time
    case 'line':
      return lines[target.line]?.at ?? 0
    case 'instant':
      return target.delivered
  }
}

/** The one of two kept moments that is farther along; either may be missing. */
export function later<T extends Place>(a: T | null, b: T | null): T | null {
  if (a === null || b === null) return a ?? b
  return isNotAfter(a, b) ? b : a
}
