/**
 * Ranges of sectors that somebody works on: nobody else does meanwhile. Who has to wait is granted his range in the order of asking, and
 * nobody overtakes one who waits for what he wants as well.
 * @source add_new_range, wait_and_add_new_range, remove_range_unlocked, drivers/md/dm-integrity.c, 6.1
 */
import { assert } from '../base/assert.ts'
import type { EventTarget } from '../sim/queue.ts'
import type { Sim } from '../sim/sim.ts'

/** Whoever waits for a range. */
export interface RangeWaiter {
  rangeGranted(): void
}

const GRANTED = 0

export class LockedRange implements EventTarget {
  sector: number
  sectors: number
  waiter: RangeWaiter | null

  constructor() {
    this.sector = 0
    this.sectors = 0
    this.waiter = null
  }

  get end(): number {
    return this.sector + this.sectors
  }

  overlaps(other: LockedRange): boolean {
    return this.sector < other.end && other.sector < this.end
  }

  event(): void {
    const { waiter } = this
    this.waiter = null
    waiter?.rangeGranted()
  }
}

export class RangeLocks {
  readonly sim: Sim
  /** By sector. */
  private readonly held: LockedRange[]
  private readonly waiting: LockedRange[]

  constructor(sim: Sim) {
    this.sim = sim
    this.held = []
    this.waiting = []
  }

  get idle(): boolean {
    return this.held.length === 0 && this.waiting.length === 0
  }

  /** Takes a range if nobody has a part of it or waits for one. */
  take(range: LockedRange): boolean {
    return !this.waiting.some((other) => other.overlaps(range)) && this.insert(range)
  }

  /** Waits for a range that could not be taken. */
  wait(range: LockedRange, waiter: RangeWaiter): void {
    range.waiter = waiter
    this.waiting.push(range)
  }

  /** Gives a range back, and grants what waits for it. */
  release(range: LockedRange): void {
    const at = this.place(range.sector)
    assert(this.held[at] === range, `sectors ${range.sector}+${range.sectors} are given back, and were not taken`)
    this.held.splice(at, 1)
    while (this.waiting.length > 0 && this.insert(this.waiting[0])) {
      const granted = this.waiting.shift() as LockedRange
      this.sim.after(0, granted, GRANTED)
    }
  }

  private insert(range: LockedRange): boolean {
    const at = this.place(range.sector)
    if (this.held[at - 1]?.overlaps(range) === true || this.held[at]?.overlaps(range) === true) return false
    this.held.splice(at, 0, range)
    return true
  }

  /** The first place of a range that does not begin before a sector. */
  private place(sector: number): number {
    let low = 0
    let high = this.held.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.held[middle].sector < sector) low = middle + 1
      else high = middle
    }
    return low
  }
}
