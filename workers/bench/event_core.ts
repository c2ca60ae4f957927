/** Events per second: the engine's own, and a bare loop on the same kind of heap that does nothing else. */
import { PlainArena } from '../../engine/base/arena.ts'
import { Memory } from '../../engine/base/memory.ts'
import type { EventTarget } from '../../engine/sim/queue.ts'
import { Sim } from '../../engine/sim/sim.ts'

/** Delays that a linear congruence gives, so that both loops spend the same little time on them. */
const MULTIPLIER = 1103515245
const INCREMENT = 12345

/** Each of its events schedules the next. */
class Pendulum implements EventTarget {
  readonly #sim: Sim
  #state: number

  constructor(sim: Sim, state: number) {
    this.#sim = sim
    this.#state = state
  }

  event(what: number): void {
    this.#state = (Math.imul(this.#state, MULTIPLIER) + INCREMENT) & 0x7fffffff
    this.#sim.after(this.#state & 0xffff, this, what)
  }
}

/** @returns a function that delivers so many events, always with the same number of them pending */
export function engineEvents(pending: number): (events: number) => void {
  const sim = new Sim(1, new Memory(new PlainArena(65536)))
  for (let i = 0; i < pending; i++) sim.after(i * 16, new Pendulum(sim, i), 0)
  return (events) => void sim.run(Infinity, events)
}

/** The same on a bare heap: four children a node, typed arrays, ordered by time and sequence; an event is a number. */
export function bareEvents(pending: number): (events: number) => void {
  const times = new Float64Array(pending + 1)
  const orders = new Float64Array(pending + 1)
  const states = new Int32Array(pending + 1)
  let length = 0
  let sequence = 0

  const push = (time: number, state: number): void => {
    const order = sequence++
    let at = length++
    while (at > 0) {
      const parent = (at - 1) >> 2
      if (times[parent] <= time) break
      times[at] = times[parent]
      orders[at] = orders[parent]
      states[at] = states[parent]
      at = parent
    }
    times[at] = time
    orders[at] = order
    states[at] = state
  }

  const removeTop = (): void => {
    const last = --length
    const time = times[last]
    const order = orders[last]
    const state = states[last]
    let at = 0
    for (;;) {
      let child = at * 4 + 1
      if (child >= last) break
      let best = child
      const end = Math.min(child + 4, last)
      for (child++; child < end; child++) {
        if (times[child] < times[best] || (times[child] === times[best] && orders[child] < orders[best])) best = child
      }
      if (times[best] > time || (times[best] === time && orders[best] > order)) break
      times[at] = times[best]
      orders[at] = orders[best]
      states[at] = states[best]
      at = best
    }
    times[at] = time
    orders[at] = order
    states[at] = state
  }

  for (let i = 0; i < pending; i++) push(i * 16, i)
  return (events) => {
    for (let i = 0; i < events; i++) {
      const time = times[0]
      const state = (Math.imul(states[0], MULTIPLIER) + INCREMENT) & 0x7fffffff
      removeTop()
      push(time + (state & 0xffff), state)
    }
  }
}
