/**
 * Procedures: long-resuming work as data.
 *
 * A procedure is a record with a named step and its locals, and a table of steps that reads top to bottom. A step does what
 * can be done at one instant (it may submit I/O or start a timer, each counted as pending) and names the next step, which
 * runs when nothing is pending any more. Whatever a step needs later it keeps in fields: nothing else survives an event.
 */
import { assert } from '../base/assert.ts'
import type { EventTarget } from './queue.ts'
import type { Sim } from './sim.ts'

/** What a step returns when the procedure is over. */
export const DONE = ''

/** A step; spelled as a method, so that the tables of derived procedures fit where the base's is expected. */
type Step<P> = { step(procedure: P): string }['step']

/** The steps by name; each returns the name of the next, or {@link DONE}. */
export type StepTable<P> = Readonly<Record<string, Step<P>>>

/** Whoever started a procedure and wants to know that it ended. */
export interface ProcedureParent {
  procedureDone(procedure: Procedure): void
}

const WAKE = 0

export abstract class Procedure implements EventTarget {
  readonly sim: Sim
  step: string
  /** What this procedure waits for: I/Os, timers, sub-procedures. */
  pending: number
  parent: ProcedureParent | null
  private resuming: boolean

  constructor(sim: Sim, firstStep: string, parent: ProcedureParent | null = null) {
    this.sim = sim
    this.step = firstStep
    this.pending = 0
    this.parent = parent
    this.resuming = false
  }

  /** The table of this procedure's steps; a constant of its file. */
  abstract steps(): StepTable<this>

  /** Runs steps until one has to wait, or the last is done. */
  resume(): void {
    if (this.resuming) return
    this.resuming = true
    while (this.pending === 0 && this.step !== DONE) {
      const step = this.steps()[this.step]
      assert(step !== undefined, `${this.constructor.name} has no step ${this.step}`)
      this.step = step(this)
    }
    this.resuming = false
    if (this.pending === 0 && this.step === DONE) this.finish()
  }

  /** Starts at the present instant, from the event queue: the caller goes on first. */
  start(): void {
    this.sleep(0)
  }

  /** Counts something to wait for. */
  expect(): void {
    this.pending++
  }

  /** Something waited for has come. */
  arrived(): void {
    assert(this.pending > 0, `${this.constructor.name} waits for nothing`)
    if (--this.pending === 0) this.resume()
  }

  sleep(nanoseconds: number): void {
    this.pending++
    this.sim.after(nanoseconds, this, WAKE)
  }

  event(): void {
    this.arrived()
  }

  procedureDone(): void {
    this.arrived()
  }

  /** Runs a procedure within this one: the next step waits for its end. */
  call(procedure: Procedure): void {
    this.pending++
    procedure.parent = this
    procedure.resume()
  }

  private finish(): void {
    const parent = this.parent
    this.parent = null
    parent?.procedureDone(this)
  }
}
