/**
 * What a session shows of the past: a machine on its way to a moment, or one that is there. It runs in a memory of its own,
 * beside the live machine, and on copies of its disks.
 */
import type { Arena } from '../base/arena.ts'
import { keepMoment, releaseMoment, type History, type KeptMoment } from './history.ts'
import type { Rerun, RerunLimits } from './history_rerun.ts'
import { later, leadsTo, placeOf, Seek, type Place, type Target } from './history_seek.ts'
import { Machine } from './machine.ts'
import type { TimedLine } from './recording.ts'

/** On the way to a step, copies are left so many steps before it: going on backwards from there is a short way. */
const RUNGS = [512, 64, 8]
const NEAR_MAX = 6

/** The memories of a session's machines. */
export class Arenas {
  readonly #make: () => Arena
  readonly #idle: Arena[] = []

  constructor(make: () => Arena) {
    this.#make = make
  }

  take(): Arena {
    return this.#idle.pop() ?? this.#make()
  }

  /** Those that no machine has. */
  takeAll(): Arena[] {
    return this.#idle.splice(0)
  }

  /** The machine that had it is gone. */
  give(arena: Arena): void {
    this.#idle.push(arena)
  }
}

export class Past {
  readonly #arenas: Arenas
  #travel: Seek | null = null
  #there: Rerun | null = null
  /** The machine stands right after the disk I/O that completed last. */
  #isFresh = false
  #near: KeptMoment[] = []

  constructor(arenas: Arenas) {
    this.#arenas = arenas
  }

  /** The machine that is shown, or null where it is the live one. */
  get machine(): Machine | null {
    return this.#travel?.machine ?? this.#there?.machine ?? null
  }

  /** On the way. */
  get travel(): Seek | null {
    return this.#travel
  }

  /** The machine that has arrived, and can go on. */
  get there(): Rerun | null {
    return this.#there
  }

  /**
   * Sets out for a moment.
   * @param lines of the whole recording
   * @returns false where no kept copy leads there
   */
  go(target: Target, history: History, lines: readonly TimedLine[]): boolean {
    this.stop()
    const { leftEnd } = history
    // The left end itself can be shown, though what came before it in that step cannot.
    const isEnd = target.kind === 'step' && target.step === leftEnd.steps && !leftEnd.isFresh
    return this.#set(isEnd ? { kind: 'instant', ...leftEnd } : target, history, lines)
  }

  #set(target: Target, history: History, lines: readonly TimedLine[]): boolean {
    const there = this.#there
    const here = there === null ? null : placeOf(there.machine)
    const start = later(history.nearest(target), this.#nearest(target))
    if (there !== null && here !== null && leadsTo(here, this.#isFresh, target) && later(start, here) === here) {
      this.#travel = new Seek(target, there.machine, lines, there.tally)
    } else if (start !== null) {
      this.leave()
      const machine = Machine.wake(start.kept, this.#arenas.take())
      this.#travel = new Seek(target, machine, lines, start.tally.copy())
    } else return false
    this.#there = null
    this.#arriveIfThere(this.#travel)
    return true
  }

  #nearest(target: Target): KeptMoment | null {
    return this.#near.reduce<KeptMoment | null>((best, moment) => {
      return leadsTo(moment, moment.isFresh, target) ? later(best, moment) : best
    }, null)
  }

  /**
   * One bounded batch of the way.
   * @returns why it ends nowhere, or null
   */
  work(travel: Seek, maxEvents: number): string | null {
    const { target, machine } = travel
    const { sim } = machine
    const end = target.kind === 'step' ? target.step : -Infinity
    const rung = RUNGS.map((distance) => end - distance).find((step) => step > sim.steps) ?? Infinity
    travel.work(maxEvents, rung)
    if (sim.steps === rung && !travel.isArrived) {
      this.#near.push(keepMoment(machine, travel.rerun.tally, null, true))
      while (this.#near.length > NEAR_MAX) releaseMoment(this.#near.shift() as KeptMoment)
    }
    this.#arriveIfThere(travel)
    if (travel.failure !== null) this.leave()
    return travel.failure
  }

  #arriveIfThere(travel: Seek): void {
    if (!travel.isArrived) return
    this.#travel = null
    this.#there = travel.rerun
    this.#isFresh = travel.target.kind === 'step'
  }

  /** What was recorded happens again. @param end nothing beyond this happens. @returns how much happened */
  again(there: Rerun, limits: RerunLimits, { delivered, lines }: Place): number {
    const untilLine = Math.min(lines, limits.untilLine ?? Infinity)
    const count = there.run({ ...limits, untilDelivered: delivered, untilLine })
    if (count > 0) this.#isFresh = false
    return count
  }

  /** Moves the clock, but not beyond the next line that was typed. */
  idleUntil(time: number): void {
    const there = this.#there
    if (there === null) return
    const { sim } = there.machine
    const before = sim.now
    const line = there.nextLine
    there.machine.idleUntil(line?.at === sim.delivered ? Math.min(time, line.time) : time)
    if (sim.now !== before) this.#isFresh = false
  }

  /** The moment that is shown, to be kept as the beginning of a branch. */
  keep(there: Rerun): KeptMoment {
    return keepMoment(there.machine, there.tally, 'end', this.#isFresh)
  }

  /** The live machine is shown again. */
  leave(): void {
    this.stop()
    const machine = this.#there?.machine
    this.#there = null
    if (machine === undefined) return
    machine.release()
    this.#arenas.give(machine.sim.memory.arena)
  }

  /** The copies along the last way are of another line of time, and of no use any more. */
  forget(): void {
    for (const moment of this.#near.splice(0)) releaseMoment(moment)
  }

  /** Stays where it has come to on the way. */
  stop(): void {
    if (this.#travel === null) return
    this.#there = this.#travel.rerun
    this.#isFresh = false
    this.#travel = null
  }
}

/** Whether a machine has come to the end of what was recorded. */
export function isAtEnd({ sim, recording }: Machine, end: Place): boolean {
  return sim.delivered >= end.delivered && recording.lines.length >= end.lines
}
