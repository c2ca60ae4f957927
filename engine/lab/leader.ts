/** Carries out a recording again from its beginning, so that another machine can be made in step with it. */
import type { Arena } from '../base/arena.ts'
import { Rerun } from './history_rerun.ts'
import type { Place } from './history_seek.ts'
import { Tally } from './history_tally.ts'
import type { Machine } from './machine.ts'
import type { TimedLine } from './recording.ts'
import type { Session } from './session.ts'
import type { Moment } from './twin.ts'

export class Leader {
  readonly lines: readonly TimedLine[]
  readonly #rerun: Rerun
  readonly #end: Place
  #isStuck = false

  /** @param machine before the first line of the session's recording */
  constructor(machine: Machine, session: Session) {
    this.lines = session.lines
    this.#rerun = new Rerun(machine, session.lines, new Tally())
    this.#end = session.newest
  }

  get machine(): Machine {
    return this.#rerun.machine
  }

  get moment(): Moment {
    const { recording, sim } = this.machine
    return { lines: recording.lines.length, time: sim.now }
  }

  get progress(): number {
    return this.#end.delivered === 0 ? 1 : this.machine.sim.delivered / this.#end.delivered
  }

  /** At the newest moment of the session. */
  get isThere(): boolean {
    const { lines, delivered } = this.#end
    const { recording, sim } = this.machine
    return this.#isStuck || (sim.delivered >= delivered && recording.lines.length >= lines)
  }

  /** When something happens next: an event, or a line that was typed. */
  nextTime(): number {
    return this.#rerun.nextTime()
  }

  /** @param untilTime nothing that comes later @returns how much happened */
  run(maxEvents: number, untilTime: number): number {
    const rerun = this.#rerun
    const { lines: untilLine, delivered: untilDelivered } = this.#end
    const count = rerun.run({ untilLine, untilDelivered, maxEvents, untilTime })
    if (count === 0 && !this.isThere) this.#isStuck = true
    return count
  }

  /** @returns the memory it had */
  release(): Arena {
    const { machine } = this
    machine.release()
    return machine.sim.memory.arena
  }
}
