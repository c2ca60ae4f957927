/**
 * A session and, while somebody compares, the machine beside it ({@link Twin}). Whoever drives a session can drive a pair instead.
 *
 * Both are always at the same instant of virtual time. The session leads: its steps are counted, its recording says what is typed when.
 * Going forward, whichever has the next event goes first, so neither is ever past something that the other has still to do; going to
 * another moment, the session goes and its twin follows. A line is typed into both at the same time.
 *
 * To begin with, the recording is carried out again from its beginning by both, in step: that makes the twin, and shows where the
 * two differ (`comparison.ts`) and what each has done (`census.ts`) from the first line on.
 */
import type { Arena } from '../base/arena.ts'
import { fail, ok, type Result } from '../base/errno.ts'
import type { Sim } from '../sim/sim.ts'
import { CensusBook, type Census } from './census.ts'
import { changeFor, type Change } from './change.ts'
import { compareOf, type Asked } from './compare_line.ts'
import { Comparison, LEFT, RIGHT, type Side } from './comparison.ts'
import { comparisonText } from './comparison_text.ts'
import { Leader } from './leader.ts'
import { Machine, type Limits } from './machine.ts'
import { linesToType } from './session_lines.ts'
import { splitScript } from './script.ts'
import type { Session } from './session.ts'
import { Twin, type Moment } from './twin.ts'

/** Events of one machine before the other is looked at; its trace ring has not gone round by then. */
const TURN_EVENTS = 256
/** Fewer where a line moves the session forward by itself, past what the twin has still to do. */
const ADVANCE_EVENTS = 64
const BATCH_EVENTS = 100_000

export interface PairOptions {
  /** A memory for another machine, as large as the first one's. @errors RangeError where there is none */
  readonly arena: () => Arena
  /** What the twin's kept copies may take, in bytes. */
  readonly budgetBytes?: number
}

const BUDGET_BYTES = 64 << 20

export class Pair {
  readonly session: Session
  #twin: Twin | null = null
  /** Carries out the recording again, while the twin is being made. */
  #leader: Leader | null = null
  #comparison: Comparison | null = null
  #books: readonly [CensusBook, CensusBook] = [new CensusBook(), new CensusBook()]
  /** The live machine, and how many branches there were: another one is another line of time. */
  #present: Machine
  #branches: number
  /** The session left its branch there, and the twin has still to do so. */
  #fork: Moment | null = null
  #waiting: string[] = []
  /** The line of the branch that stands where the changed one was. */
  #lookedFor: { readonly text: string | undefined; readonly isThere: boolean } = { text: undefined, isThere: false }
  /** Goes up whenever the twin is another machine. */
  #made = 0
  readonly #options: PairOptions
  readonly #idle: Arena[] = []

  constructor(session: Session, options: PairOptions) {
    this.session = session
    this.#options = options
    this.#present = session.present
    this.#branches = session.branches().length
  }

  // ---- what is shown ----

  get sim(): Sim {
    return this.session.sim
  }

  get seed(): number {
    return this.session.seed
  }

  /** The machine at the moment that is shown. */
  get machine(): Machine {
    return this.session.machine
  }

  /** The machine beside it, or null. */
  get twin(): Twin | null {
    return this.#twin
  }

  get comparison(): Comparison | null {
    return this.#comparison
  }

  /** Counts the twins that there were. */
  get made(): number {
    return this.#made
  }

  /**
   * Whether the changed line is on the branch that is live. Somebody who goes back to before it and types something else has two
   * machines that are the same from there on.
   */
  get isChanged(): boolean {
    if (this.#twin === null) return false
    const { line, command, from } = this.#twin.change
    const text = this.session.lines[line]?.text
    // The line itself seldom changes, and may be long.
    if (text !== this.#lookedFor.text) {
      this.#lookedFor = { text, isThere: text !== undefined && splitScript(text)[command] === from }
    }
    return this.#lookedFor.isThere
  }

  /** How far the twin has been made, 0 to 1. */
  get progress(): number {
    return this.#leader?.progress ?? 1
  }

  /** On the way to a moment, or the twin is: what is shown of the two is not the same instant. */
  get isTravelling(): boolean {
    return this.session.isTravelling || !this.isTogether
  }

  /** Both show the same instant. */
  get isTogether(): boolean {
    const twin = this.#twin
    if (twin === null) return true
    if (this.#leader !== null || this.#fork !== null || twin.session.isTravelling) return false
    const { here } = this
    return !twin.isBehind(here) && !twin.isAfter(here)
  }

  get busy(): boolean {
    return this.session.busy || this.#waiting.length > 0 || this.#leader !== null || this.#twin?.session.busy === true
  }

  get failure(): string | null {
    return this.session.failure ?? this.#twin?.failure ?? null
  }

  get said(): Session['said'] {
    return this.session.said
  }

  /** What each of the two had done at the moment that is shown; null where nothing is compared. */
  census(): readonly [Census, Census] | null {
    if (this.#twin === null) return null
    return [this.#books[LEFT].at(this.session.machine), this.#books[RIGHT].at(this.#twin.session.machine)]
  }

  /** When something happens next to one of them, in nanoseconds. */
  nextTime(): number {
    return Math.min(this.session.nextTime(), this.#twin?.nextTime() ?? Infinity)
  }

  private get here(): Moment {
    const { recording, sim } = this.session.machine
    return { lines: recording.lines.length, time: sim.now }
  }

  // ---- comparing ----

  /** Puts a machine beside this one that differs in one command. @errors EBUSY; EINVAL; ENODATA; ENOENT */
  compare(asked: Extract<Asked, { kind: 'options' | 'command' }>): Result<null> {
    const { session } = this
    if (session.isOpening) return fail('EBUSY', 'the recording is still being carried out')
    const change = changeFor(asked, session.lines)
    return change.ok ? this.#begin(change.value) : change
  }

  /** One machine again. */
  end(): void {
    if (this.#twin === null) return
    if (this.#leader !== null) this.#idle.push(this.#leader.release())
    this.#idle.push(...this.#twin.session.release())
    this.#twin = null
    this.#leader = null
    this.#comparison = null
    this.#fork = null
    this.#made++
  }

  #begin(change: Change): Result<null> {
    const { session } = this
    const { beginning } = session
    if (beginning === null) {
      return fail('ENODATA', session.leftEnd.reason ?? 'the beginning of the recording is not kept any more')
    }
    this.end()
    const { budgetBytes = BUDGET_BYTES } = this.#options
    const arena = (): Arena => this.#idle.pop() ?? this.#options.arena()
    const watch = (): void => this.#watch(RIGHT)
    let twin: Twin
    try {
      twin = new Twin(beginning, change, { arena, budgetBytes, watch })
      this.#leader = new Leader(Machine.wake(beginning, arena()), session)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      return fail('ENOMEM', 'there is no memory left for the machines that this takes')
    }
    this.#twin = twin
    this.#comparison = new Comparison(change)
    this.#lookedFor = { text: undefined, isThere: false }
    this.#books = [new CensusBook(), new CensusBook()]
    this.#present = session.present
    this.#branches = session.branches().length
    this.#made++
    return ok(null)
  }

  #say(command: string, done: Result<string>): void {
    this.session.typing.say(command, this.sim.now, done)
  }

  #carryOut(command: string, asked: Asked): void {
    if (asked.kind === 'off') {
      const none = fail('EINVAL', 'nothing is being compared')
      this.#say(command, this.#twin === null ? none : ok(''))
      this.end()
    } else if (asked.kind === 'tell') {
      this.#say(command, comparisonText(this))
    } else {
      const done = this.compare(asked)
      this.#say(command, done.ok ? ok('') : done)
    }
  }

  // ---- driving ----

  /** Types a text into both at the moment that is shown. */
  type(text: string): void {
    const asked = compareOf(text)
    const isMany = asked === null && /^\s*compare\b/m.test(text)
    if (isMany) this.#waiting.push(...linesToType(text).flatMap(splitScript))
    else if (this.#waiting.length > 0 || this.#leader !== null) this.#waiting.push(text)
    else this.#typeNow(text, asked)
    this.#typeWaiting()
  }

  #typeNow(text: string, asked = compareOf(text)): void {
    if (asked !== null) {
      if (asked.ok) this.#carryOut(text.trim(), asked.value)
      else this.#say(text.trim(), asked)
      return
    }
    if (!this.session.isTravelling) this.#join()
    this.session.type(text)
    this.#noticeBranch()
    // What is typed is typed into both at once.
    if (!this.session.isTravelling) this.#join()
    this.#watch(LEFT)
  }

  #typeWaiting(): void {
    while (this.#waiting.length > 0 && !this.isTravelling && !this.session.busy && this.#leader === null) {
      this.#typeNow(this.#waiting.shift() as string)
    }
  }

  /**
   * One bounded batch.
   * @returns how much happened; 0 when nothing is left to happen within the limits
   */
  run(limits: Limits = {}): number {
    const { maxEvents = BATCH_EVENTS } = limits
    const { session } = this
    this.#noticeBranch()
    let count: number
    if (this.#twin === null) count = session.run(limits)
    else if (this.#leader !== null) count = this.#make(this.#leader, maxEvents)
    else if (session.isTravelling) {
      this.#twin.failure = null
      count = session.run(limits)
      this.#noticeBranch()
    } else if (!this.isTogether) count = this.#follow(maxEvents)
    else count = this.#inStep(this.#twin, limits, maxEvents)
    this.#typeWaiting()
    return count
  }

  /** Moves the clock of both to an instant at which nothing happens. */
  idleUntil(time: number): void {
    this.session.idleUntil(time)
    if (!this.session.isTravelling) this.#join()
  }

  /** Keeps both as they are now: steps back from here are quick. */
  keepNow(): void {
    this.session.keepNow()
    if (this.isTogether) this.#twin?.session.keepNow()
  }

  /** Carries on until both are where they were to be, and no line waits. For whoever need not share the time. */
  arrive(): void {
    while (this.isTravelling || this.#waiting.length > 0) if (this.run() === 0) return
  }

  // ---- in step ----

  /** Whichever has the next event goes first. */
  #inStep(twin: Twin, limits: Limits, maxEvents: number): number {
    const { session } = this
    const { untilTime = Infinity, untilStep = Infinity } = limits
    const seen = this.#seen()
    let count = 0
    while (count < maxEvents && session.sim.steps < untilStep) {
      const isAdvancing = session.typing.advance !== null
      const mine = session.nextTime()
      const others = twin.nextTime()
      const next = Math.min(mine, others)
      if (!isAdvancing && (next > untilTime || next === Infinity)) break
      if (others < mine && !isAdvancing) {
        count += twin.advance(session.lines, { lines: this.here.lines, time: others }, maxEvents - count)
        session.idleUntil(others)
      } else {
        const most = isAdvancing ? ADVANCE_EVENTS : TURN_EVENTS
        const turn = { ...limits, untilTime: Math.min(untilTime, others), maxEvents: Math.min(most, maxEvents - count) }
        const done = session.run(turn)
        this.#watch(LEFT)
        this.#noticeBranch()
        if (done === 0) break
        count += done
        if (!session.isTravelling && !this.isTogether) count += this.#follow(Math.max(TURN_EVENTS, maxEvents - count))
      }
      // Where somebody is to see something, a machine returns early.
      if (session.isTravelling || !this.isTogether || this.#seen() !== seen) break
    }
    return count
  }

  #seen(): string {
    const { machine, said, isLive } = this.session
    const { results, powerOn } = this.#twin?.session.machine ?? machine
    return [machine.results.length, machine.powerOn, said.length, isLive, results.length, powerOn].join()
  }

  /** One batch of the twin's way to where the session is. */
  #follow(maxEvents: number): number {
    const twin = this.#twin as Twin
    const { session } = this
    const to = this.#fork ?? this.here
    if (twin.failure !== null) {
      this.#fork = null
      return 1
    }
    if (twin.isAfter(to) && !twin.session.isTravelling) twin.goBack(to)
    else if (twin.session.isTravelling || twin.isBehind(to))
      return Math.max(1, twin.advance(session.lines, to, maxEvents))
    else if (this.#fork !== null) this.#forkTwin(twin, this.#fork.lines)
    return 1
  }

  /** The twin gets the line, too, with which the session left its branch. */
  #forkTwin(twin: Twin, line: number): void {
    const { session } = this
    const { trace, steps } = twin.session.sim
    const rows = [session.forkedAt?.rows ?? 0, trace.written] as const
    this.#fork = null
    this.#comparison?.fork(rows, [session.forkedAt?.steps ?? 0, steps])
    this.#books[LEFT].fork(rows[LEFT], session.present)
    this.#books[RIGHT].fork(rows[RIGHT], twin.session.machine)
    twin.enter(line, session.lines[line])
    this.#watch(LEFT)
  }

  /** Follows to the end. */
  #join(): void {
    if (this.#leader !== null) return
    while (!this.isTogether) this.#follow(BATCH_EVENTS)
  }

  /** Another machine may have become the live one. */
  #noticeBranch(): void {
    const { session } = this
    if (session.present === this.#present) return
    const branches = session.branches().length
    const isNew = branches > this.#branches
    this.#present = session.present
    this.#branches = branches
    if (this.#twin === null) return
    const { forkedAt } = session
    if (isNew && forkedAt !== null) this.#fork = { lines: forkedAt.lines, time: forkedAt.time }
    else this.#remake(this.#twin.change)
  }

  /** Another branch: its twin is made of its lines. */
  #remake(change: Change): void {
    const done = this.#begin(change)
    if (!done.ok) this.end()
  }

  // ---- the twin is made ----

  #make(leader: Leader, maxEvents: number): number {
    const twin = this.#twin as Twin
    let count = 0
    while (count < maxEvents && !leader.isThere) {
      const others = twin.nextTime()
      if (others < leader.nextTime()) {
        const to = { lines: leader.moment.lines, time: others }
        count += Math.max(1, twin.advance(leader.lines, to, maxEvents - count))
        continue
      }
      count += leader.run(Math.min(TURN_EVENTS, maxEvents - count), others)
      this.#watchMachine(LEFT, leader.machine)
      while (twin.isBehind(leader.moment) && count < maxEvents * 2) {
        count += Math.max(1, twin.advance(leader.lines, leader.moment, TURN_EVENTS))
      }
      if (twin.isBehind(leader.moment)) return Math.max(1, count)
    }
    if (!leader.isThere) return count
    this.#idle.push(leader.release())
    this.#leader = null
    return Math.max(1, count)
  }

  #watch(side: Side): void {
    const session = side === LEFT ? this.session : this.#twin?.session
    if (session !== undefined && (side === RIGHT || this.#leader === null)) this.#watchMachine(side, session.present)
  }

  #watchMachine(side: Side, machine: Machine): void {
    if (this.#comparison === null || this.#twin === null || this.#fork !== null) return
    this.#books[side].follow(machine)
    this.#comparison.follow(side, machine, this.#books[side].places)
    const left = side === LEFT ? machine : (this.#leader?.machine ?? this.session.present)
    this.#comparison.followAnswers(left, this.#twin.session.present)
  }
}
