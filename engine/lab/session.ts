/**
 * A session: a live machine, its past, and the branches of both.
 *
 *     live ──seek──► travelling ──arrived──► past ──typed into──► live, on a new branch
 *      ▲                 │                    │ ▲
 *      └──── live() ─────┴────────────────────┘ └── run: what was recorded happens again, up to the newest moment
 *
 * Whoever drives a machine can drive a session instead: it is typed into, and run in bounded batches. What is shown is
 * `machine`: the live one, or one that was run again up to a moment of the past. The live machine stands still meanwhile. A
 * line that is typed in the past makes a new branch of time; the old one stays, with its machine at its newest moment.
 */
import type { Arena } from '../base/arena.ts'
import { fail, ok, type Result } from '../base/errno.ts'
import type { CommandResult } from '../shell/shell.ts'
import type { Sim } from '../sim/sim.ts'
import { Branch, Branches, type BranchView } from './branch.ts'
import { GAPS, History, keepMoment, type Gaps, type KeptMoment, type Reason } from './history.ts'
import { Budget, BUDGET_BYTES, bytesOf } from './history_budget.ts'
import { TimelineIndex } from './history_index.ts'
import { leftEndOf, type LeftEnd } from './left_end.ts'
import { NOTABLE, type MarkerKind } from './history_markers.ts'
import type { Rerun, RerunLimits } from './history_rerun.ts'
import { isNotAfter, placeOf, Seek, type Place, type Target } from './history_seek.ts'
import { Machine, type KeptMachine, type Limits } from './machine.ts'
import type { TimedLine } from './recording.ts'
import { Glance } from './session_glance.ts'
import { lookAt } from './session_look.ts'
import { Arenas, isAtEnd, Past } from './session_past.ts'
import { Places } from './session_places.ts'
import { Typing, type Advance, type Said } from './session_typing.ts'

/** Between two looks at the trace its ring has not gone round. */
const WATCHED_EVENTS = 256
const BATCH_EVENTS = 100_000

const OPENING = fail('EBUSY', 'the recording is still being carried out')

export interface SessionOptions {
  /** A memory for a second machine, as large as the first one's; asked for once, when the past is first looked at. */
  readonly arena: () => Arena
  /** What kept copies may take, in bytes. */
  readonly budgetBytes?: number
  readonly gaps?: Gaps
}

export class Session {
  readonly budgetBytes: number
  /** Why a machine could not be run again; null as long as all is well. */
  failure: string | null = null
  readonly #arenas: Arenas
  readonly #places: Places
  readonly #past: Past
  readonly #glance: Glance
  readonly #branches: Branches
  #newest: Machine
  /** The recording that the live machine still has to carry out. */
  #opening: Seek | null = null
  /** Lines on their way in. */
  readonly typing: Typing
  readonly #gaps: Gaps
  readonly #budget: Budget

  /** @param machine the live one; what it has done so far is not kept */
  constructor(machine: Machine, options: SessionOptions) {
    this.#newest = machine
    this.#arenas = new Arenas(options.arena)
    this.budgetBytes = options.budgetBytes ?? BUDGET_BYTES
    this.#budget = new Budget(this.budgetBytes)
    this.#gaps = options.gaps ?? GAPS
    this.#places = new Places(machine.host)
    this.#past = new Past(this.#arenas)
    this.#glance = new Glance(this.#arenas)
    this.typing = new Typing(this)
    const index = new TimelineIndex()
    index.follow(machine.sim.trace)
    const first = keepMoment(machine, index, 'end', machine.sim.delivered === 0)
    this.#branches = new Branches(new Branch('branch 1', new History(first, null, this.#gaps), index, null, null))
  }

  /**
   * A session whose machine is to carry out a recording first, up to a moment of it; {@link run} does.
   * @param machine as it was before the first line
   */
  static opening(machine: Machine, lines: readonly TimedLine[], end: Target, options: SessionOptions): Session {
    const session = new Session(machine, options)
    const opening = new Seek(end, machine, lines, session.index)
    if (!opening.isArrived) session.#opening = opening
    return session
  }

  // ---- what is shown ----

  /** The machine at the moment that is shown; another object after every journey. */
  get machine(): Machine {
    return this.#past.machine ?? this.#newest
  }

  /** The live machine, whatever is shown; another object after every change of branch. */
  get present(): Machine {
    return this.#newest
  }

  get sim(): Sim {
    return this.machine.sim
  }

  get seed(): number {
    return this.machine.seed
  }

  /** What is shown is the newest moment of the branch. */
  get isLive(): boolean {
    return this.#past.machine === null
  }

  /** On the way to a moment: what `machine` shows is not yet it. */
  get isTravelling(): boolean {
    return this.#past.travel !== null || this.#opening !== null
  }

  /** The live machine carries out the recording that the session was opened with. */
  get isOpening(): boolean {
    return this.#opening !== null
  }

  /** The step that is shown, or that will be at the end of the journey. */
  get aimedStep(): number {
    const target = this.#past.travel?.target
    return target?.kind === 'step' ? target.step : this.sim.steps
  }

  /** How far the way is gone, 0 to 1. */
  get progress(): number {
    return (this.#past.travel ?? this.#opening)?.progress ?? 1
  }

  /** Something is under way that {@link run} carries on, whatever the clock shows: a journey, or a command. */
  get busy(): boolean {
    return this.#isMoving || (this.isLive && this.#newest.busy)
  }

  get #isMoving(): boolean {
    return this.isTravelling || this.typing.advance !== null || this.typing.isWaiting
  }

  /** When something happens next, in nanoseconds: an event, or in the past a line that was typed then. */
  nextTime(): number {
    return this.#past.there?.nextTime() ?? this.machine.sim.queue.nextTime()
  }

  /** The newest moment of the branch. */
  get newest(): Place {
    return placeOf(this.#newest)
  }

  /** All lines of the branch, also those that come after what is shown. */
  get lines(): readonly TimedLine[] {
    return this.#newest.recording.lines
  }

  /** What happened on the whole branch. */
  get index(): TimelineIndex {
    return this.#branches.current.index
  }

  /** Where the branch left another one; null for the first. */
  get forkedAt(): Place | null {
    return this.#branches.current.forkedAt
  }

  get leftEnd(): LeftEnd {
    return leftEndOf(this.#branches.current.history, this.budgetBytes)
  }

  /** What all kept copies take, in bytes: an estimate. */
  get bytes(): number {
    return bytesOf(this.#branches.histories)
  }

  /** How many copies are kept, on all branches. */
  get copies(): number {
    return this.#branches.histories.reduce((sum, { moments }) => sum + moments.length, 0)
  }

  /** The machine before its first line, for as long as it is kept. */
  get beginning(): KeptMachine | null {
    const [first] = this.#branches.all[0].history.moments
    return first.delivered === 0 && first.lines === 0 ? first.kept : null
  }

  /** Bytes that were written back to disks outside when past moments became live. */
  get restoredBytes(): number {
    return this.#places.restoredBytes
  }

  // ---- driving ----

  /** Types a text at the moment that is shown. In the past, that leaves the branch for a new one. */
  type(text: string): void {
    this.typing.type(text)
  }

  /** What lines that move in time said; what the others said is in `machine.results`. */
  get said(): readonly Said[] {
    return this.typing.said
  }

  /** Types into the machine at once, whatever waits. */
  enter(text: string): void {
    const { there } = this.#past
    if (there !== null) this.#fork(there)
    this.#keep('line')
    this.#newest.type(text)
    this.index.follow(this.#newest.sim.trace)
  }

  /** Carries out lines that only show something at the moment that is shown, of which nothing changes. @errors RangeError */
  look(text: string): CommandResult[] {
    return lookAt(this.machine, text, this.#arenas)
  }

  /**
   * A machine right after another step than the one that is shown, to read from; one bounded batch of the way to it.
   * @returns null as long as it is on its way
   * @errors ENODATA where that step is not kept, or has not come; EBUSY while a recording is being carried out
   */
  glance(step: number, maxEvents = BATCH_EVENTS): Result<Machine | null> {
    if (this.#opening !== null) return OPENING
    if (step > this.#newest.sim.steps) return fail('ENODATA', 'that step has not come yet')
    return this.#glance.at(step, this.#branches.current.history, this.lines, maxEvents)
  }

  /**
   * One bounded batch: of a journey, of what was recorded, or of the live machine.
   * @returns how much happened; 0 when nothing is left to happen within the limits
   */
  run(limits: RerunLimits = {}): number {
    const { maxEvents = BATCH_EVENTS } = limits
    const { travel, there } = this.#past
    const { advance } = this.typing
    let count = 1
    if (travel !== null) this.failure = this.#past.work(travel, maxEvents) ?? this.failure
    else if (this.#opening !== null) this.#open(this.#opening, maxEvents)
    else if (advance !== null) this.#goOn(advance, maxEvents)
    else if (there !== null) count = this.#again(there, limits)
    else count = this.#runLive({ ...limits, maxEvents })
    this.typing.typeWaiting()
    return count
  }

  /** Moves the clock of the machine that is shown to an instant at which nothing happens. */
  idleUntil(time: number): void {
    if (this.isTravelling) return
    if (this.isLive) this.#newest.idleUntil(time)
    else this.#past.idleUntil(time)
  }

  /** Carries on until what is shown is where it was to be, and no line waits. For whoever need not share the time. */
  arrive(): void {
    while (this.#isMoving) if (this.run() === 0) return
  }

  /** Ends a journey where it has come to, and forgets the lines that wait. A recording that is being carried out ends here. */
  cancel(): void {
    this.typing.forget()
    this.#past.stop()
    this.#opening = null
  }

  /** Keeps the live machine as it is now: for whoever has a moment to spare, and wants steps back from here to be quick. */
  keepNow(): void {
    if (this.isLive && this.#opening === null) this.#keep(null)
  }

  // ---- moving in time ----

  /**
   * To the moment right after a disk I/O, counted from the beginning of the recording; to the newest moment, where that
   * many have not completed yet, or no more than that.
   * @errors ENODATA where that is before the left end; EBUSY while a recording is being carried out
   */
  seek(step: number): Result<null> {
    return step >= this.#newest.sim.steps ? this.live() : this.#go({ kind: 'step', step })
  }

  /** @errors as {@link seek}; ENODATA at the beginning */
  stepBack(count = 1): Result<null> {
    const step = this.aimedStep
    if (count > step) return fail('ENODATA', `this is step ${step}: there is nothing before step 0`)
    return this.#go({ kind: 'step', step: step - count })
  }

  /** Back to before the last line that was typed. @errors as {@link seek}; ENODATA where nothing was typed */
  undo(): Result<null> {
    const target = this.#past.travel?.target
    return this.beforeLine((target?.kind === 'line' ? target.line : this.machine.recording.lines.length) - 1)
  }

  /** To the moment before a line of the branch was typed; 0 is the first. @errors as {@link seek} */
  beforeLine(line: number): Result<null> {
    if (!(line >= 0 && line < this.lines.length)) return fail('ENODATA', 'no line was typed there')
    return this.#go({ kind: 'line', line })
  }

  /**
   * To the next notable event; where none comes of all there are, to the newest moment.
   * @param of the number of what it is about, as the marker has it: of an array, of a mapped device
   * @errors as {@link seek}; ENODATA where there is none
   */
  nextNotable(kinds: readonly MarkerKind[] = NOTABLE, of?: number): Result<null> {
    const marker = this.index.markers.next(this.sim.trace.written, kinds, of)
    if (marker !== null) return this.#go({ kind: 'row', row: marker.row, step: marker.step })
    return kinds === NOTABLE ? this.live() : fail('ENODATA', 'nothing of that kind comes after this')
  }

  /** To the notable event before what is shown. @errors as {@link nextNotable} */
  previousNotable(kinds: readonly MarkerKind[] = NOTABLE, of?: number): Result<null> {
    const marker = this.index.markers.previous(this.sim.trace.written, this.sim.now, kinds, of)
    if (marker !== null) return this.#go({ kind: 'row', row: marker.row, step: marker.step })
    return fail(
      'ENODATA',
      kinds === NOTABLE ? 'nothing notable happened before' : 'nothing of that kind came before this',
    )
  }

  /** To any place of the branch. @errors as {@link seek} */
  goTo({ lines, delivered, time }: Pick<Place, 'lines' | 'delivered' | 'time'>): Result<null> {
    if (isNotAfter(this.newest, { lines, delivered, time })) return this.live()
    return this.#go({ kind: 'instant', lines, delivered, time })
  }

  /** To the moment after so many lines at which everything had happened up to a time. @errors as {@link seek} */
  toTime(lines: number, time: number): Result<null> {
    if (lines >= this.lines.length && time >= this.newest.time) return this.live()
    return this.#go({ kind: 'time', lines, time })
  }

  /** To the newest moment of the branch. @errors EBUSY while a recording is being carried out */
  live(): Result<null> {
    if (this.#opening !== null) return OPENING
    this.typing.halt()
    this.#past.leave()
    return ok(null)
  }

  #go(target: Target): Result<null> {
    if (this.#opening !== null) return OPENING
    this.typing.halt()
    if (this.#past.go(target, this.#branches.current.history, this.lines)) return ok(null)
    return fail('ENODATA', this.leftEnd.reason ?? 'there is nothing before the beginning')
  }

  // ---- branches ----

  branches(): BranchView[] {
    return this.#branches.views(this.newest)
  }

  /** Makes another branch the live one, at its newest moment. @errors ENOENT; EBUSY */
  switchTo(name: string): Result<null> {
    if (this.#opening !== null) return OPENING
    const found = this.#branches.find(name)
    if (!found.ok) return found
    const { parked } = found.value
    this.live()
    if (parked === null) return ok(null)
    this.#park()
    found.value.parked = null
    parked.reason = null
    this.#comeAlive(found.value, parked)
    return ok(null)
  }

  /** @errors ENOENT; EEXIST; EINVAL */
  rename(name: string, to: string): Result<null> {
    return this.#branches.rename(name, to)
  }

  /** The past machine becomes the live one, on a branch of its own. */
  #fork(there: Rerun): void {
    const parent = this.#branches.current
    const first = this.#past.keep(there)
    const index = parent.index.fork(there.tally)
    this.#past.leave()
    this.#park()
    const history = new History(first, parent.history, this.#gaps)
    const branch = new Branch(this.#branches.freshName(), history, index, parent, first)
    this.#branches.add(branch)
    this.#comeAlive(branch, first)
    this.#budget.fit(this.#branches.histories)
  }

  /** Keeps the live machine where its branch ends; it is not the live one any more. */
  #park(): void {
    const { history, index } = this.#branches.current
    this.#places.note(this.#newest)
    const parked = keepMoment(this.#newest, index, 'newest', false)
    history.add(parked)
    this.#branches.current.parked = parked
    this.#past.forget()
    this.#glance.forget()
    this.#arenas.give(this.#newest.sim.memory.arena)
  }

  #comeAlive(branch: Branch, { kept }: KeptMoment): void {
    this.#branches.current = branch
    this.#newest = Machine.wake(kept, this.#arenas.take(), this.#places.settle(kept))
    this.#places.note(this.#newest)
  }

  /** It is given up: what it kept is let go. @returns the memories that its machines had */
  release(): Arena[] {
    this.#past.leave()
    this.#past.forget()
    this.#newest.release()
    for (const history of this.#branches.histories) history.release()
    this.#arenas.give(this.#newest.sim.memory.arena)
    return this.#arenas.takeAll()
  }

  // ---- running ----

  #runLive(limits: Limits & { readonly maxEvents: number }): number {
    const { sim, power, results } = this.#newest
    const { untilStep = Infinity } = limits
    this.#glance.rest()
    const ended = results.length
    const isOn = power.on
    let count = 0
    while (count < limits.maxEvents) {
      const maxEvents = Math.min(WATCHED_EVENTS, limits.maxEvents - count, this.#untilKeep())
      const delivered = this.#newest.run({ ...limits, maxEvents })
      this.index.follow(sim.trace)
      if (this.#untilKeep() <= 0) this.#keep(null)
      count += delivered
      // The machine returns early where somebody is to see something.
      if (delivered < maxEvents || results.length !== ended || power.on !== isOn || sim.steps >= untilStep) break
    }
    return count
  }

  /** The live machine carries out a recording. */
  #open(opening: Seek, maxEvents: number): void {
    const { sim } = opening.machine
    for (let count = 0; count < maxEvents && !opening.isArrived && opening.failure === null;) {
      const untilLine = (opening.rerun.nextLine?.at ?? Infinity) - sim.delivered
      if (untilLine <= 0) this.#keep('line')
      count += opening.work(Math.min(maxEvents - count, Math.max(1, untilLine), this.#untilKeep()))
      if (this.#untilKeep() <= 0) this.#keep(null)
    }
    this.failure = opening.failure ?? this.failure
    if (opening.isArrived || opening.failure !== null) this.#opening = null
  }

  /** What was recorded happens again; at the newest moment the live machine takes over. */
  #again(there: Rerun, limits: RerunLimits): number {
    const count = this.#past.again(there, limits, this.newest)
    if (isAtEnd(there.machine, this.newest)) this.#past.leave()
    return count
  }

  /** One batch of a line that moves forward. */
  #goOn(advance: Advance, maxEvents: number): void {
    const { untilStep, untilTime } = advance
    if (this.sim.steps >= untilStep) return this.typing.arrived(ok(null))
    const { isLive } = this
    const wasOn = this.#newest.power.on
    const { there } = this.#past
    const limits = { untilStep, untilTime, maxEvents }
    const count = there === null ? this.#runLive(limits) : this.#again(there, limits)
    if (isLive && wasOn && !this.#newest.power.on) this.typing.arrived(fail('EIO', 'the power failed'))
    else if (this.sim.steps >= untilStep) this.typing.arrived(ok(null))
    else if (count === 0 && untilTime < Infinity) {
      this.idleUntil(untilTime)
      this.typing.arrived(ok(null))
    } else if (count === 0 && this.isLive) {
      this.typing.arrived(fail('ENODATA', `nothing more will happen; this is step ${this.sim.steps}`))
    }
  }

  /** Events until the next copy is due. */
  #untilKeep(): number {
    return this.#branches.current.history.dueAt - this.#newest.sim.delivered
  }

  #keep(reason: Reason): void {
    const { history, index } = this.#branches.current
    const { newest } = history
    const { lines, delivered } = this.newest
    if (newest.delivered === delivered && newest.lines === lines) {
      newest.reason ??= reason
      return
    }
    history.add(keepMoment(this.#newest, index, reason, false))
    this.#budget.fit(this.#branches.histories)
  }
}
