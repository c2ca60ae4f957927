/**
 * The machine beside a machine: made from the same beginning, by the same lines at the same instants of virtual time, but for one
 * command. It has a past of its own, and is wherever the other one is: after as many typed lines, and after all that happened up
 * to the same time. Its disks are in memory.
 *
 * How many events or disk I/Os lie between two instants differs from machine to machine, so lines are typed by the clock here: after
 * everything that was due at their time.
 */
import type { Arena } from '../base/arena.ts'
import { changedText, type Change } from './change.ts'
import { Machine, type KeptMachine } from './machine.ts'
import type { TimedLine } from './recording.ts'
import { Session } from './session.ts'

/** Between two looks at the trace its ring has not gone round. */
const WATCHED_EVENTS = 256

/** So many lines typed, and everything has happened up to this time, in nanoseconds. */
export interface Moment {
  readonly lines: number
  readonly time: number
}

export interface TwinOptions {
  readonly arena: () => Arena
  /** What its kept copies may take, in bytes. */
  readonly budgetBytes: number
  /** Called between batches of events of its newest machine. */
  readonly watch: () => void
}

export class Twin {
  readonly change: Change
  readonly session: Session
  /** Why it cannot follow any more; null as long as it can. */
  failure: string | null
  readonly #watch: () => void

  /** @param beginning the other machine before its first line */
  constructor(beginning: KeptMachine, change: Change, { arena, budgetBytes, watch }: TwinOptions) {
    this.change = change
    this.session = new Session(Machine.wake(beginning, arena()), { arena, budgetBytes })
    this.failure = null
    this.#watch = watch
  }

  /** Where it is. */
  get moment(): Moment {
    const { machine } = this.session
    return { lines: machine.recording.lines.length, time: machine.sim.now }
  }

  /** When its next event is due, in nanoseconds. */
  nextTime(): number {
    return this.failure === null ? this.session.sim.queue.nextTime() : Infinity
  }

  isBehind({ lines, time }: Moment): boolean {
    const { moment } = this
    return this.failure === null && (moment.lines < lines || moment.time < time || this.nextTime() <= time)
  }

  isAfter({ lines, time }: Moment): boolean {
    const { moment } = this
    return this.failure === null && (moment.lines > lines || moment.time > time)
  }

  /**
   * One bounded batch of the way forward to a moment.
   * @param lines of the other machine's recording
   * @returns how much happened
   */
  advance(lines: readonly TimedLine[], to: Moment, maxEvents: number): number {
    let done = 0
    while (done < maxEvents && this.failure === null) {
      const { session } = this
      const typed = this.moment.lines
      const line = typed < to.lines ? lines[typed] : undefined
      const untilTime = Math.min(to.time, line?.time ?? Infinity)
      if (session.isTravelling) {
        done += Math.max(1, session.run({ maxEvents: maxEvents - done }))
        this.failure = session.failure
      } else if (session.sim.queue.nextTime() <= untilTime) {
        const count = session.run({
          untilTime,
          untilLine: typed,
          maxEvents: Math.min(WATCHED_EVENTS, maxEvents - done),
        })
        if (count === 0) this.failure = 'an event that is due does not come'
        done += count
      } else if (line === undefined) {
        session.idleUntil(to.time)
        break
      } else {
        this.#typeNext(typed, line)
        done++
      }
      this.#watch()
    }
    return done
  }

  /** Types a line of the other machine's recording at the moment that is shown; in the past, on a new branch. */
  enter(number: number, line: TimedLine): void {
    this.session.idleUntil(line.time)
    this.session.enter(changedText(this.change, number, line.text))
    this.#watch()
  }

  /** Sets out for a moment that is over. */
  goBack({ lines, time }: Moment): void {
    const done = this.session.toTime(lines, time)
    if (!done.ok) this.failure = done.message
  }

  #typeNext(typed: number, line: TimedLine): void {
    const { session } = this
    if (session.isLive) this.enter(typed, line)
    // In the past the line has been typed before, at this very time.
    else if (session.run({ untilLine: typed + 1, untilTime: line.time, maxEvents: 1 }) === 0) {
      this.failure = 'a line that was typed does not come'
    }
  }
}
