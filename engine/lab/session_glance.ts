/**
 * A glance at another moment than the one that is shown: a machine of its own, in a memory of its own, that nobody sees and nobody
 * types into. Whoever has it reads bytes or trace rows from it.
 */
import { fail, ok, type Result } from '../base/errno.ts'
import type { History } from './history.ts'
import type { Machine } from './machine.ts'
import type { TimedLine } from './recording.ts'
import { Past, type Arenas } from './session_past.ts'

export class Glance {
  readonly #past: Past
  #step = -1

  constructor(arenas: Arenas) {
    this.#past = new Past(arenas)
  }

  /**
   * One bounded batch of the way to the moment right after a step.
   * @param lines of the whole recording
   * @returns the machine once it is there; null as long as it is on its way
   * @errors ENODATA where that is before the left end; EINVAL where the recording is not this machine's
   */
  at(step: number, history: History, lines: readonly TimedLine[], maxEvents: number): Result<Machine | null> {
    const past = this.#past
    if (step !== this.#step || past.machine === null) {
      this.#step = step
      if (!past.go({ kind: 'step', step }, history, lines)) return fail('ENODATA', 'that moment is not kept')
    }
    const failure = past.travel === null ? null : past.work(past.travel, maxEvents)
    if (failure !== null) return fail('EINVAL', failure)
    return ok(past.travel === null ? past.machine : null)
  }

  /** Lets the machine go, if it is there: nobody pays for copies of disks while the live machine goes on. */
  rest(): void {
    if (this.#past.travel === null) this.leave()
  }

  /** The machine is not needed any more; copies along its way are kept, for whoever looks there again. */
  leave(): void {
    this.#step = -1
    this.#past.leave()
  }

  /** Another line of time is the live one. */
  forget(): void {
    this.leave()
    this.#past.forget()
  }
}
