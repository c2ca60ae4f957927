/**
 * The pump: moves the machine in bounded batches, so that whoever asks for something waits a few milliseconds at most.
 *
 *     paused     nothing moves; a line that is typed begins, and stays under way
 *     playing    virtual time follows real time at the speed that was set; a typed command is hurried through instead
 *     stepping   as fast as it goes until so many more disk I/Os have completed, then paused
 *     stopped    for good, by a mistake of ours or of the browser's storage
 *
 * What it drives may be a session, which shows another machine after each journey through time: nothing here holds on to a
 * machine's insides between two calls. A journey goes on whatever the state is; the clock shows where it has come to.
 *
 * Time between two events passes on the shown clock alone. A stretch without events that would last more than a second of real
 * time is skipped, but for a moment at its end, and noted. The pump knows no timers and no page: the worker calls {@link turn},
 * which says when it wants to be called again.
 */
import { AssertionError } from '../../engine/base/assert.ts'
import { decodeTraceRow } from '../../engine/api/vocabulary.ts'
import type { FailureFrame, SkipFrame, TransportFrame } from '../../engine/api/frame.ts'
import type { Machine } from '../../engine/lab/machine.ts'
import type { Sim } from '../../engine/sim/sim.ts'

/** The longest that a batch may take, in milliseconds of real time. */
const BATCH_TIME = 4
/** Of real time without an event: the most, and what is left of it after a skip, in milliseconds. */
const IDLE_MAX = 1000
const IDLE_AFTER_SKIP = 150
/** At full speed: virtual time without an event that counts as idle, and the real time it then takes, in ms. */
const LULL = 1_000_000_000
const LULL_TIME = 100
/** Virtual time that a step may take without any I/O before it is given up: nothing is going to happen. */
const STEP_PATIENCE = 600_000_000_000
const LAST_EVENTS = 40
/** After a pause, the page is told first; then this moment is kept. In milliseconds. */
const KEEP_AFTER = 100

/** Slower and faster makes no sense: virtual nanoseconds per real second. */
export const SPEED_MIN = 1000
export const SPEED_MAX = 1e12

/** What the pump uses of a machine, or of a session. */
export interface PumpMachine extends Pick<Machine, 'seed' | 'busy' | 'type' | 'run' | 'idleUntil'> {
  readonly sim: Sim
  /** Of a session: on the way to another moment; `run` carries it on, whatever the clock shows. */
  readonly isTravelling?: boolean
  /** Of a session: when something happens next, in nanoseconds; in the past that may be a line that was typed then. */
  nextTime?(): number
  /** Of a session: keeps this moment, so that steps back from it are quick. */
  keepNow?(): void
}

type State = TransportFrame['state']

export class Pump {
  /** Another one may come, that goes on from where this one is. */
  machine: PumpMachine
  readonly #realTime: () => number
  #state: State
  #isHidden = false
  #speed: number
  /** The shown clock stood at `#fromVirtual` when real time was `#fromReal`, and goes on from there while it plays. */
  #fromVirtual: number
  #fromReal: number
  #lastEventAt: number
  #stepTarget = 0
  #stepDeadline = 0
  #keepAt = Infinity
  #stepDone: ((reached: boolean) => void) | null = null
  /** Events of one call into the machine, so chosen that it takes about a millisecond. */
  #chunk = 64
  readonly skips: SkipFrame[] = []
  failure: FailureFrame | null = null

  /** @param realTime in milliseconds, from any beginning */
  constructor(machine: PumpMachine, realTime: () => number, speed: number) {
    this.machine = machine
    this.#realTime = realTime
    this.#state = 'paused'
    this.#speed = speed
    this.#fromVirtual = machine.sim.now
    this.#fromReal = realTime()
    this.#lastEventAt = this.#fromReal
  }

  get state(): State {
    return this.#state === 'playing' && this.#isHidden && !this.machine.busy ? 'hidden' : this.#state
  }

  get speed(): number {
    return this.#speed
  }

  get isHurrying(): boolean {
    return this.#state === 'playing' && this.machine.busy
  }

  /** The shown clock: past the last event, at most at the next. */
  get clock(): number {
    const { sim } = this.machine
    if (this.state !== 'playing' || this.isHurrying || this.#speed === Infinity) {
      return Math.max(sim.now, this.#fromVirtual)
    }
    return Math.max(sim.now, Math.min(this.#target(), this.#nextTime(), Number.MAX_SAFE_INTEGER))
  }

  /** Types at the instant that the clock shows. */
  type(text: string): void {
    if (this.#state === 'stopped') return
    this.#settleClock()
    const { sim } = this.machine
    this.#guarded(() => {
      this.machine.idleUntil(this.#fromVirtual)
      this.machine.type(text)
    })
    if (this.machine.sim === sim) this.#settleClock()
    else this.#rebase(this.machine.sim.now)
    // Whoever asks for a moment wants to see it.
    if (this.machine.isTravelling === true) this.pause()
  }

  play(): void {
    if (this.#state === 'stopped') return
    this.#endStep(false)
    this.#settleClock()
    this.#state = 'playing'
    this.#lastEventAt = this.#realTime()
  }

  pause(): void {
    if (this.#state === 'stopped') return
    this.#endStep(false)
    const wasPlaying = this.#state === 'playing'
    this.#settleClock()
    this.#state = 'paused'
    if (wasPlaying) this.#keepAt = this.#realTime() + KEEP_AFTER
  }

  /** Another moment is to be shown: it pauses, and the clock goes where the machine has gone. */
  travel(journey: () => void): void {
    this.pause()
    if (this.#state === 'stopped') return
    this.#guarded(() => {
      // Whoever comes back finds the clock where it stood.
      this.machine.idleUntil(this.#fromVirtual)
      journey()
    })
    this.#rebase(this.machine.sim.now)
  }

  /** @param speed virtual nanoseconds per real second; Infinity for as fast as it goes */
  setSpeed(speed: number): void {
    this.#settleClock()
    this.#speed = speed === Infinity ? Infinity : Math.min(SPEED_MAX, Math.max(SPEED_MIN, speed))
  }

  /** A hidden tab's machine stands still, unless a command is under way. */
  setHidden(isHidden: boolean): void {
    this.#settleClock()
    this.#isHidden = isHidden
    this.#lastEventAt = this.#realTime()
  }

  /**
   * Goes on until so many more disk I/Os have completed, then pauses.
   * @returns whether they have; false when nothing more happens, or something else was asked for meanwhile
   */
  step(count: number): Promise<boolean> {
    if (this.#state === 'stopped') return Promise.resolve(false)
    this.#endStep(false)
    this.#settleClock()
    this.#state = 'stepping'
    this.#stepTarget = this.machine.sim.steps + count
    this.#stepDeadline = this.machine.sim.now + STEP_PATIENCE
    return new Promise((resolve) => (this.#stepDone = resolve))
  }

  /** The machine is given up for another. */
  stop(): void {
    this.#endStep(false)
    this.#state = 'stopped'
  }

  /**
   * One batch.
   * @returns milliseconds until there is something to do again: 0 for at once, Infinity for not before something is asked for
   */
  turn(): number {
    let wait = Infinity
    this.#guarded(() => (wait = this.#batch()))
    return wait
  }

  #batch(): number {
    if (this.#state !== 'stopped' && this.machine.isTravelling === true) return this.#travelBatch()
    switch (this.state) {
      case 'stepping':
        return this.#stepBatch()
      case 'playing':
        if (this.isHurrying) return this.#hurriedBatch()
        return this.#speed === Infinity ? this.#fullSpeedBatch() : this.#pacedBatch()
      case 'paused':
        return this.#keepWhenDue()
      case 'hidden':
      case 'stopped':
        return Infinity
    }
  }

  /** Whoever pauses is likely to go back from here. */
  #keepWhenDue(): number {
    const wait = this.#keepAt - this.#realTime()
    if (wait > 0) return wait
    this.#keepAt = Infinity
    this.machine.keepNow?.()
    return Infinity
  }

  #travelBatch(): number {
    const end = this.#realTime() + BATCH_TIME
    while (this.machine.isTravelling === true && this.#realTime() < end) this.#run(Infinity)
    this.#rebase(this.machine.sim.now)
    return 0
  }

  #stepBatch(): number {
    const end = this.#realTime() + BATCH_TIME
    while (this.machine.sim.steps < this.#stepTarget) {
      if (this.#nextTime() > this.#stepDeadline) {
        this.#endStep(false)
        return Infinity
      }
      this.#run(this.#stepDeadline, this.#stepTarget)
      if (this.#realTime() >= end) return 0
    }
    this.#endStep(true)
    return Infinity
  }

  #hurriedBatch(): number {
    const { machine } = this
    const end = this.#realTime() + BATCH_TIME
    while (machine.busy && this.#state === 'playing') {
      if (this.#nextTime() === Infinity && !this.#run(Infinity)) return Infinity
      this.#run(Infinity)
      if (this.#realTime() >= end) break
    }
    this.#rebase(machine.sim.now)
    return 0
  }

  #fullSpeedBatch(): number {
    const { machine } = this
    const end = this.#realTime() + BATCH_TIME
    let wait = 0
    while (wait === 0 && !this.isHurrying) {
      const from = machine.sim.now
      const next = this.#nextTime()
      if (next === Infinity) wait = Infinity
      else if (next - from > LULL) {
        this.#run(next)
        this.#note(from, next)
        wait = LULL_TIME
      } else this.#run(from + LULL)
      if (this.#realTime() >= end) break
    }
    this.#rebase(machine.sim.now)
    return wait
  }

  #pacedBatch(): number {
    const { machine } = this
    const end = this.#realTime() + BATCH_TIME
    while (this.#nextTime() <= this.#target()) {
      this.#run(this.#target())
      if (this.isHurrying) return 0
      if (this.#realTime() < end) continue
      // The host cannot keep up: virtual time goes on from where it is, without a debt.
      if (this.#nextTime() <= this.#target()) this.#rebase(machine.sim.now)
      return 0
    }
    const next = this.#nextTime()
    if (next === Infinity) return Infinity
    const wait = ((next - this.#target()) / this.#speed) * 1000
    if (this.#realTime() - this.#lastEventAt + wait <= IDLE_MAX) return wait
    const from = Math.max(machine.sim.now, this.#target())
    const to = next - (IDLE_AFTER_SKIP / 1000) * this.#speed
    if (to <= from) return wait
    this.#note(from, to)
    this.#rebase(to)
    return IDLE_AFTER_SKIP
  }

  /** One call into the machine. @returns whether anything happened */
  #run(untilTime: number, untilStep = Infinity): boolean {
    const before = this.#realTime()
    const count = this.machine.run({ untilTime, untilStep, maxEvents: this.#chunk })
    const after = this.#realTime()
    if (count > 0) this.#lastEventAt = after
    if (after - before > 2) this.#chunk = Math.max(8, this.#chunk >> 1)
    else if (after - before < 0.5 && count >= this.#chunk) this.#chunk = Math.min(4096, this.#chunk * 2)
    const { now } = this.machine.sim
    if (now > this.#fromVirtual && this.#state === 'stepping') this.#fromVirtual = now
    return count > 0
  }

  #nextTime(): number {
    const { machine } = this
    return machine.nextTime?.() ?? machine.sim.queue.nextTime()
  }

  /** Where the clock would be if nothing held it. */
  #target(): number {
    return Math.floor(this.#fromVirtual + ((this.#realTime() - this.#fromReal) * this.#speed) / 1000)
  }

  #rebase(virtual: number): void {
    this.#fromVirtual = virtual
    this.#fromReal = this.#realTime()
  }

  /** The clock stays at what it shows, and goes on from there. */
  #settleClock(): void {
    this.#rebase(this.clock)
  }

  #note(from: number, to: number): void {
    this.skips.push({ from, to })
  }

  #endStep(reached: boolean): void {
    if (this.#state === 'stepping') {
      this.#state = 'paused'
      this.#rebase(this.machine.sim.now)
    }
    const done = this.#stepDone
    this.#stepDone = null
    done?.(reached)
  }

  /** The edge: what is thrown below stops the machine, and is told with what led to it. */
  #guarded(act: () => void): void {
    try {
      act()
    } catch (error) {
      const { sim, seed } = this.machine
      const { rows } = sim.trace.since(sim.trace.written - LAST_EVENTS)
      this.failure = {
        kind: error instanceof AssertionError ? 'assertion' : isOfStorage(error) ? 'storage' : 'error',
        message: error instanceof Error ? error.message : String(error),
        seed,
        time: sim.now,
        steps: sim.steps,
        lastEvents: Array.from({ length: rows.length / 8 }, (_, i) => decodeTraceRow(rows, i)),
      }
      this.stop()
    }
  }
}

/** What the browser throws when it cannot keep the bytes. */
function isOfStorage(error: unknown): boolean {
  return error instanceof Error && ['QuotaExceededError', 'InvalidStateError', 'NotReadableError'].includes(error.name)
}
