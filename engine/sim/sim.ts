/**
 * The ground a machine stands on: virtual time, the event queue, chance, memory, the trace. The clock moves only from one
 * event to the next; everything that happens is somebody's `event`.
 */
import { assert } from '../base/assert.ts'
import type { Memory } from '../base/memory.ts'
import { Chance } from './chance.ts'
import { EventQueue, type EventTarget } from './queue.ts'
import { Trace } from './trace.ts'

export const MICROSECOND = 1_000
export const MILLISECOND = 1_000_000
export const SECOND = 1_000_000_000

export class Sim {
  /** Virtual time in nanoseconds since the machine was made. */
  now: number
  seed: number
  readonly queue: EventQueue
  readonly trace: Trace
  memory: Memory
  /** Events delivered so far: the exact instant of a recorded line. */
  delivered: number
  /** Completed disk I/Os so far. */
  steps: number
  /** Ids given to bios so far; 0 is no bio. */
  bios: number
  /** Names of what starts I/O (a command, a workload, md's own threads); a bio carries the index. */
  readonly causes: string[]
  /** True while nothing may be delayed for drama: see {@link Sim.stopRequested}. */
  private stopping: boolean
  private readonly streams: Map<string, Chance>

  constructor(seed: number, memory: Memory) {
    this.now = 0
    this.seed = seed
    this.queue = new EventQueue()
    this.trace = new Trace()
    this.memory = memory
    this.delivered = 0
    this.steps = 0
    this.bios = 0
    this.causes = ['']
    this.stopping = false
    this.streams = new Map()
  }

  /** Schedules an event `delay` nanoseconds from now. */
  after(delay: number, target: EventTarget, what: number, argument = 0): void {
    this.queue.push(this.now + delay, target, what, argument)
  }

  /** The stream of chance of this name; each goes on where it left off. */
  chance(name: string): Chance {
    let stream = this.streams.get(name)
    if (stream === undefined) this.streams.set(name, (stream = new Chance(this.seed, name)))
    return stream
  }

  /** Another seed, before the first draw of chance. */
  reseed(seed: number): void {
    assert(this.streams.size === 0, 'a new seed after the first draw')
    this.seed = seed
  }

  /** The number of a cause, for {@link causes}. */
  cause(name: string): number {
    const known = this.causes.lastIndexOf(name)
    return known >= 0 ? known : this.causes.push(name) - 1
  }

  emit(kind: number, a = 0, b = 0, c = 0, d = 0, e = 0, f = 0): void {
    this.trace.emit(this.now, kind, a, b, c, d, e, f)
  }

  /** Asks {@link run} to return before the next event: a command ended, a step was reached, the power failed. */
  requestStop(): void {
    this.stopping = true
  }

  /**
   * Delivers events until the time, the number of events or a requested stop is reached.
   * @param untilTime last instant to deliver, in nanoseconds; the clock does not move beyond the last event.
   * @param untilStep stops when this many disk I/Os have completed in all.
   * @returns how many events were delivered.
   */
  run(untilTime: number, maxEvents: number, untilStep = Infinity): number {
    const queue = this.queue
    this.stopping = false
    let count = 0
    while (count < maxEvents && queue.length > 0) {
      const time = queue.nextTime()
      if (time > untilTime) break
      this.now = time
      this.delivered++
      count++
      queue.deliver()
      if (this.stopping || this.steps >= untilStep) break
    }
    return count
  }
}
