/**
 * A machine that does again what was recorded: every line is typed at the instant at which it was typed, between so many
 * events and at the same time by the clock.
 */
import type { Limits, Machine } from './machine.ts'
import type { TimedLine } from './recording.ts'
import type { Tally } from './history_tally.ts'

/** Between two looks at the trace its ring has not gone round. */
const WATCHED_EVENTS = 256

export interface RerunLimits extends Limits {
  /** Events at which to stop, counted from the beginning of the recording. */
  readonly untilDelivered?: number
  /** The line of the recording (0 is the first) before which to stop. */
  readonly untilLine?: number
  /** Goes event by event, and stops once so many trace rows are written. */
  readonly untilRows?: number
}

export class Rerun {
  readonly machine: Machine
  /** Follows the trace. */
  readonly tally: Tally
  /** All lines of the recording; those that the machine has typed come first. */
  private readonly lines: readonly TimedLine[]

  constructor(machine: Machine, lines: readonly TimedLine[], tally: Tally) {
    this.machine = machine
    this.lines = lines
    this.tally = tally
    tally.follow(machine.sim.trace)
  }

  /** The line that comes next, if there is one. */
  get nextLine(): TimedLine | undefined {
    return this.lines[this.machine.recording.lines.length]
  }

  /**
   * When something happens next, in nanoseconds: an event, or a line that was typed.
   * @returns Infinity when nothing does.
   */
  nextTime(): number {
    const { sim } = this.machine
    const line = this.nextLine
    return line !== undefined && line.at === sim.delivered ? line.time : sim.queue.nextTime()
  }

  /**
   * One bounded batch; returns early where the machine does, and after every line.
   * @returns how many events were delivered and lines typed; 0 when nothing is left to happen within the limits.
   */
  run(limits: RerunLimits): number {
    const { machine, tally } = this
    const { sim } = machine
    const { untilTime = Infinity, untilStep = Infinity, untilDelivered = Infinity } = limits
    if (sim.steps >= untilStep) return 0
    const line = this.nextLine
    if (line !== undefined && sim.delivered >= line.at) return this.type(line, limits)
    const room = Math.min(untilDelivered, line?.at ?? Infinity) - sim.delivered
    const single = limits.untilRows === undefined ? WATCHED_EVENTS : 1
    const maxEvents = Math.min(limits.maxEvents ?? Infinity, single, room)
    if (maxEvents <= 0) return 0
    const count = machine.run({ untilTime, untilStep, maxEvents })
    tally.follow(sim.trace)
    return count
  }

  private type(line: TimedLine, { untilTime = Infinity, untilLine = Infinity }: RerunLimits): number {
    const { machine, tally } = this
    if (line.time > untilTime) return 0
    machine.idleUntil(line.time)
    if (machine.recording.lines.length >= untilLine) return 0
    machine.type(line.text)
    tally.follow(machine.sim.trace)
    return 1
  }
}
