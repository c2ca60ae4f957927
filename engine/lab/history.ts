/**
 * Kept copies along one line of time, from which every moment between them can be had again: the nearest copy that is not
 * after it, and a little re-running.
 *
 * Copies are taken every so many events while the machine runs, and before every line that is typed. Near the present they
 * stand close together; towards the past those between are dropped, so that the gap before a copy grows with its age up to
 * `usual`. The copy at the left end and those before a line are never dropped for that reason. When memory runs out
 * (see `history_budget.ts`) gaps grow to their maximum first, then copies before lines go, and in the end the left end
 * moves. Ages and gaps are counted in delivered events: that is what re-running costs.
 */
import { frozenBytes } from '../base/memory.ts'
import { isNotAfter, leadsTo, placeOf, type Place, type Target } from './history_seek.ts'
import type { Tally } from './history_tally.ts'
import type { KeptMachine, Machine } from './machine.ts'

/** Events between two copies. */
export interface Gaps {
  /** Near the present. */
  readonly least: number
  /** The longest that a seek re-runs where memory allows it, … */
  readonly usual: number
  /** … and the longest that it is made to when memory is short. */
  readonly most: number
}

export const GAPS: Gaps = { least: 16_384, usual: 65_536, most: 524_288 }

/** The gap before a copy may be so small a part of its age. */
const GAP_SHARE = 8

/** About what an object of a copy costs, in bytes. */
const OBJECT_BYTES = 100

/** A copy of a large machine takes as long as many events: so many per object and per page of memory, for a tenth of the time. */
const OBJECT_EVENTS = 0.5
const PAGE_EVENTS = 3
/** But no gap near the present becomes so many times longer for that. */
const STRETCH_MAX = 2

/** Why a copy stays when others of its age go. */
export type Reason = 'end' | 'line' | 'newest' | null

/** A moment that can be had at once. */
export interface KeptMoment extends Place {
  readonly kept: KeptMachine
  /** Counts of what had happened. */
  readonly tally: Tally
  /** The machine stands right after the disk I/O that completed last. */
  readonly isFresh: boolean
  reason: Reason
  /** What it costs beside the copies around it, in bytes. */
  bytes: number
}

/** Keeps a machine as it is now. */
export function keepMoment(machine: Machine, tally: Tally, reason: Reason, isFresh: boolean): KeptMoment {
  return { ...placeOf(machine), kept: machine.keep(), tally: tally.copy(), isFresh, reason, bytes: 0 }
}

export function releaseMoment(moment: KeptMoment): void {
  moment.kept.machine.release()
}

/**
 * What a kept copy costs beside another one, in bytes: an estimate. Where there is none, the pages of its disks are taken to
 * be the live machine's still.
 */
export function keptBytes({ machine, memory, objects }: KeptMachine, beside: KeptMachine | null): number {
  const lists = machine.results.length + machine.sim.causes.length + machine.recording.lines.length
  let bytes = objects * OBJECT_BYTES + lists * 8 + frozenBytes(memory, beside?.memory ?? null)
  bytes += machine.sim.trace.bytesBeside(beside?.machine.sim.trace ?? null)
  if (beside === null) return bytes
  for (const { name } of machine.disks()) {
    bytes += machine.media(name)?.bytesBeside(beside.machine.media(name) ?? null) ?? 0
  }
  return bytes
}

export class History {
  /** Copies on this line alone, oldest first. */
  private readonly own: KeptMoment[]
  /** The line that this one left, and where. */
  readonly parent: History | null
  private readonly left: Place | null
  /** Whether copies at the left end were dropped. */
  isShortened: boolean
  private readonly gaps: Gaps

  /** @param first the machine where this line begins */
  constructor(first: KeptMoment, parent: History | null = null, gaps = GAPS) {
    this.own = [first]
    this.parent = parent
    this.gaps = gaps
    this.left = parent === null ? null : first
    this.isShortened = false
    first.reason = 'end'
    this.weigh(0)
  }

  get moments(): readonly KeptMoment[] {
    return this.own
  }

  /** The newest copy of this line. */
  get newest(): KeptMoment {
    return this.own[this.own.length - 1]
  }

  /** Events after which the next copy is due. */
  get dueAt(): number {
    const { delivered, kept } = this.newest
    const { least } = this.gaps
    const weight = kept.objects * OBJECT_EVENTS + kept.memory.pages.length * PAGE_EVENTS
    return delivered + Math.ceil(Math.min(STRETCH_MAX * least, Math.max(least, weight)))
  }

  /** The oldest moment that can still be had. */
  get leftEnd(): KeptMoment {
    const end = this.parent?.leftEnd
    return end !== undefined && this.left !== null && isNotAfter(end, this.left) ? end : this.own[0]
  }

  /** Whether a moment before the left end was once there. */
  get hasLost(): boolean {
    return this.isShortened || (this.parent?.hasLost ?? false)
  }

  /** Of the copies of this line alone. */
  get bytes(): number {
    return this.own.reduce((sum, moment) => sum + moment.bytes, 0)
  }

  /**
   * Adds a copy, and drops those that stand too close for their age.
   * @param moment not before the newest copy
   */
  add(moment: KeptMoment): void {
    this.own.push(moment)
    this.weigh(this.own.length - 1)
    this.weigh(this.own.length - 2)
    for (let i = this.own.length - 2; i > 0; i--) if (this.closeness(i) <= 1) this.drop(i)
  }

  /** The nearest copy from which a machine can be run on to the target; null where that is before the left end. */
  nearest(target: Target): KeptMoment | null {
    return this.nearestBefore(target, null)
  }

  /** As {@link nearest}, of the copies that are not after a place where a line left this one. */
  private nearestBefore(target: Target, place: Place | null): KeptMoment | null {
    for (let i = this.own.length - 1; i >= 0; i--) {
      const moment = this.own[i]
      const isThere = place === null || isNotAfter(moment, place)
      if (isThere && leadsTo(moment, moment.isFresh, target)) return moment
    }
    if (this.parent === null || this.left === null) return null
    return this.parent.nearestBefore(target, place !== null && isNotAfter(place, this.left) ? place : this.left)
  }

  /**
   * The copy whose loss costs the least: the one in the smallest gap for its age.
   * @param lines whether those before a line may go, too
   * @returns its index and how much it would hurt, or null
   */
  cheapest(lines: boolean): { readonly index: number; readonly closeness: number } | null {
    let found: { index: number; closeness: number } | null = null
    for (let i = 1; i < this.own.length - 1; i++) {
      const { reason } = this.own[i]
      if ((reason !== null && !(lines && reason === 'line')) || this.gapWithout(i) > this.gaps.most) continue
      const closeness = this.gapWithout(i) / this.gapAt(i)
      if (found === null || closeness < found.closeness) found = { index: i, closeness }
    }
    return found
  }

  /** Gives up a copy. */
  drop(index: number): void {
    const [moment] = this.own.splice(index, 1)
    releaseMoment(moment)
    if (index > 0) this.weigh(index - 1)
    if (index < this.own.length) this.weigh(index)
  }

  /** Moves the left end to the next copy. @returns whether there was one */
  shorten(): boolean {
    if (this.own.length < 2) return false
    this.isShortened = true
    if (this.own[1].reason !== 'newest') this.own[1].reason = 'end'
    this.drop(0)
    return true
  }

  /** Gives up everything. */
  release(): void {
    for (const moment of this.own.splice(0)) releaseMoment(moment)
  }

  /** Counts anew what copies cost: disks in the world outside hand old pages to them as time goes on. */
  weighAll(): void {
    for (let i = 0; i < this.own.length; i++) this.weigh(i)
  }

  /**
   * A page that several copies share is counted in the last of them: so each is counted once. The newest copy shares with the live
   * machine; where that is on another branch, with the copy before.
   */
  private weigh(index: number): void {
    const moment = this.own[index]
    const next = this.own.at(index + 1)
    const before = index > 0 ? this.own[index - 1] : this.parent?.lastBefore(moment)
    const beside = next ?? (moment.reason === 'newest' ? before : null)
    moment.bytes = keptBytes(moment.kept, beside?.kept ?? null)
  }

  private lastBefore(place: Place): KeptMoment | null {
    for (let i = this.own.length - 1; i >= 0; i--) if (isNotAfter(this.own[i], place)) return this.own[i]
    return null
  }

  /** 1 or less where a copy without a reason to stay stands too close to its neighbours for its age. */
  private closeness(index: number): number {
    return this.own[index].reason === null ? this.gapWithout(index) / this.gapAt(index) : Infinity
  }

  /** The gap there would be without this copy, in events. */
  private gapWithout(index: number): number {
    return this.own[index + 1].delivered - this.own[index - 1].delivered
  }

  /** The gap there may be at the age of this copy, in events. */
  private gapAt(index: number): number {
    const age = this.newest.delivered - this.own[index].delivered
    const share = 2 ** Math.floor(Math.log2(Math.max(1, age / GAP_SHARE)))
    return Math.min(this.gaps.usual, Math.max(this.gaps.least, share))
  }
}
