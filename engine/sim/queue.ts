/**
 * The event queue: a 4-ary heap in typed arrays, ordered by (time, sequence). An event is data (whom, what, argument);
 * what it does is the business of the object it is addressed to.
 */
import { assert } from '../base/assert.ts'

/** Whoever can be addressed by an event. `what` and `argument` mean what the receiver says they mean. */
export interface EventTarget {
  event(what: number, argument: number): void
}

export class EventQueue {
  private times: Float64Array
  private orders: Float64Array
  private slots: Int32Array
  private readonly targets: (EventTarget | null)[]
  private whats: Int32Array
  private arguments_: Float64Array
  private freeSlots: Int32Array
  private freeCount: number
  private sequence: number
  length: number

  constructor(capacity = 256) {
    this.times = new Float64Array(capacity)
    this.orders = new Float64Array(capacity)
    this.slots = new Int32Array(capacity)
    this.whats = new Int32Array(capacity)
    this.arguments_ = new Float64Array(capacity)
    this.freeSlots = new Int32Array(capacity)
    this.targets = new Array<EventTarget | null>(capacity).fill(null)
    for (let i = 0; i < capacity; i++) this.freeSlots[i] = capacity - 1 - i
    this.freeCount = capacity
    this.sequence = 0
    this.length = 0
  }

  /** @param time nanoseconds. Events of the same time come out in the order in which they were put in. */
  push(time: number, target: EventTarget, what: number, argument: number): void {
    if (this.freeCount === 0) this.enlarge()
    const slot = this.freeSlots[--this.freeCount]
    this.targets[slot] = target
    this.whats[slot] = what
    this.arguments_[slot] = argument
    const order = this.sequence++
    const { times, orders, slots } = this
    let at = this.length++
    while (at > 0) {
      const parent = (at - 1) >> 2
      if (times[parent] <= time) break
      times[at] = times[parent]
      orders[at] = orders[parent]
      slots[at] = slots[parent]
      at = parent
    }
    times[at] = time
    orders[at] = order
    slots[at] = slot
  }

  /** @returns the time of the next event, or Infinity. */
  nextTime(): number {
    return this.length === 0 ? Infinity : this.times[0]
  }

  /** Takes the next event out and delivers it. */
  deliver(): void {
    assert(this.length > 0, 'delivery from an empty queue')
    const slot = this.slots[0]
    this.removeTop()
    const target = this.targets[slot] as EventTarget
    this.targets[slot] = null
    this.freeSlots[this.freeCount++] = slot
    target.event(this.whats[slot], this.arguments_[slot])
  }

  /** Forgets every event without running anything: a power cut. */
  clear(): void {
    for (let i = 0; i < this.length; i++) {
      const slot = this.slots[i]
      this.targets[slot] = null
      this.freeSlots[this.freeCount++] = slot
    }
    this.length = 0
  }

  private removeTop(): void {
    const { times, orders, slots } = this
    const last = --this.length
    if (last === 0) return
    const time = times[last]
    const order = orders[last]
    const slot = slots[last]
    let at = 0
    for (;;) {
      let child = at * 4 + 1
      if (child >= last) break
      let best = child
      let bestTime = times[child]
      let bestOrder = orders[child]
      const end = child + 4 < last ? child + 4 : last
      for (child++; child < end; child++) {
        const childTime = times[child]
        if (childTime < bestTime || (childTime === bestTime && orders[child] < bestOrder)) {
          best = child
          bestTime = childTime
          bestOrder = orders[child]
        }
      }
      if (bestTime > time || (bestTime === time && bestOrder > order)) break
      times[at] = bestTime
      orders[at] = bestOrder
      slots[at] = slots[best]
      at = best
    }
    times[at] = time
    orders[at] = order
    slots[at] = slot
  }

  private enlarge(): void {
    const old = this.times.length
    const capacity = old * 2
    this.times = enlarged(this.times, new Float64Array(capacity))
    this.orders = enlarged(this.orders, new Float64Array(capacity))
    this.slots = enlarged(this.slots, new Int32Array(capacity))
    this.whats = enlarged(this.whats, new Int32Array(capacity))
    this.arguments_ = enlarged(this.arguments_, new Float64Array(capacity))
    this.freeSlots = enlarged(this.freeSlots, new Int32Array(capacity))
    for (let slot = old; slot < capacity; slot++) this.targets.push(null)
    for (let slot = capacity - 1; slot >= old; slot--) this.freeSlots[this.freeCount++] = slot
  }
}

function enlarged<T extends Float64Array | Int32Array>(from: T, to: T): T {
  to.set(from)
  return to
}
