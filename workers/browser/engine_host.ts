/**
 * The machine of a tab, and everything around it: its store, its pump, its readers. What is asked of it here is what the page
 * asks through Comlink; that this runs in a worker is the business of `engine_worker.ts`.
 */
import type { Arena } from '../../engine/base/arena.ts'
import type { RecordedRows, RecordedSlice, Track } from '../../engine/api/timeline_tracks.ts'
import type { DiskModelName } from '../../engine/api/vocabulary.ts'
import { ok, type Result } from '../../engine/base/errno.ts'
import { Session } from '../../engine/lab/session.ts'
import { foundMachine, newMachine, storedForm, type Booted } from './boot.ts'
import {
  SPEED_DEFAULT,
  STORE_DEFAULT,
  type EngineApi,
  type Incident,
  type MomentReport,
  type StartOptions,
  type StartReport,
} from './engine_api.ts'
import { Incidents, StoreWatch } from './incidents.ts'
import { StoreError, type MachineStore, type StoredMachine } from './machine_store.ts'
import { MachineLooks } from './machine_looks.ts'
import { MemoryStore } from './memory_store.ts'
import { branchOf, FrameReaders } from './frame_readers.ts'
import type { KnownImages, MomentKeeper } from './moment_keeper.ts'
import { Pump } from './pump.ts'
import type { RecordedPast } from './recorded_past.ts'
import type { Side } from './side_by_side.ts'
import { NOTHING, startedReport } from './start_report.ts'
import type { Surroundings } from './surroundings.ts'

const SEED_DEFAULT = 1
/** How often what the next visit needs is written and the disks' files are flushed while the machine moves, in milliseconds. */
const SAVE_INTERVAL = 1000

interface Live extends Pick<Booted, 'visit'> {
  /** Names the recording, where a store holds it. */
  readonly recording: string | null
  /** What a link says of the disks that its recording began on. */
  readonly images: KnownImages | null
  /** Not there before the first moment is asked for. */
  moments: MomentKeeper | null
  /** What has happened so far, and the machine at the moment that is shown. */
  readonly session: Session
  /** The machine beside its machine; not there before somebody compares. */
  side: Side | null
  readonly spareArena: () => Arena
  readonly pump: Pump
  readonly store: MachineStore
}

export class EngineHost extends MachineLooks implements Omit<EngineApi, 'holdLock'> {
  readonly #around: Surroundings
  readonly #readers: FrameReaders
  #live: Live | null = null
  #storeName = STORE_DEFAULT
  #store: MachineStore | null = null
  #generation = 0
  #asked: RecordedPast | null = null
  #speed = SPEED_DEFAULT
  #isHidden = false
  #isPlaying = false
  #savedAt = 0
  #savedResults = 0
  #savedBranch = ''
  #isSaved = true
  readonly #incidents = new Incidents()
  readonly #watch = new StoreWatch(this.#incidents)
  /** The recording before, until an address has named the present one. */
  #formerly: string | undefined

  constructor(around: Surroundings) {
    super()
    this.#around = around
    this.#readers = new FrameReaders(
      () => (this.#live === null ? null : { ...this.#live, generation: this.#generation }),
      () => around.realTime(),
    )
  }

  // ---- beginning ----

  async start(options: StartOptions = {}): Promise<StartReport> {
    this.#giveUp()
    this.#store?.close()
    this.#store = null
    this.#storeName = options.store ?? STORE_DEFAULT
    const { moment, recording } = options
    if (moment !== undefined || recording !== undefined) {
      const held = recording === undefined ? [] : await this.#around.recordings(this.#storeName)
      if (recording === undefined || !held.includes(recording)) return this.#openLink(moment, options)
    }
    let store: MachineStore
    try {
      if (options.fresh === true) await this.#around.removeStore(this.#storeName)
      const onTaken = (): void => this.#letGo()
      store = await this.#around.openStore(this.#storeName, { isTakenOver: options.takeOver === true, onTaken })
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      const { reason, message } = error
      return { ...NOTHING, store: 'opfs', refusal: { reason, message } }
    }
    this.#store = store
    if (store.stored !== null || options.script !== undefined) await this.prepare()
    return store.stored === null ? this.#bootNew(store, options) : this.#bootFound(store)
  }

  /** On disks in memory, and with a store of its own for whatever becomes of it. */
  async #openLink(text: string | undefined, { images = [] }: StartOptions): Promise<StartReport> {
    await this.prepare()
    const { openLink } = await import('./link.ts')
    const spare = this.#spareArenas()
    const memories = { live: () => this.#around.arena(), spare }
    const link = openLink(text, images, memories)
    if (link.session === null) return { ...NOTHING, link: link.report }
    const { session, moment, report } = link
    this.#isPlaying = false
    const store = (this.#store = new MemoryStore())
    const live = this.#begin(store, session, spare, 1, null, moment.images)
    return { ...startedReport(live, false), link: report }
  }

  async reset(options: Pick<StartOptions, 'seed' | 'script'> = {}): Promise<StartReport> {
    const store = this.#store
    if (store === null) return this.start({ ...options, store: this.#storeName, fresh: true })
    if (options.script !== undefined) await this.prepare()
    this.#giveUp()
    await store.wipe()
    return this.#bootNew(store, options)
  }

  async prepare(): Promise<void> {
    await this.#around.wholeLanguage?.()
  }

  #bootNew(store: MachineStore, { seed, script }: StartOptions): StartReport {
    return this.#boot(store, newMachine(store, this.#around.arena(), seed ?? SEED_DEFAULT, script), false)
  }

  #bootFound(store: MachineStore): StartReport {
    const { stored } = store
    if (stored === null) return this.#bootNew(store, {})
    return this.#boot(store, foundMachine(store, stored, this.#around.arena()), true)
  }

  /** The memories of a session that begins, one after the other. */
  #spareArenas(): () => Arena {
    let spares = 0
    return () => this.#around.spareArena(spares++)
  }

  #boot(store: MachineStore, booted: Booted, isFound: boolean): StartReport {
    const { machine, visit, script } = booted
    const spareArena = this.#spareArenas()
    const session = new Session(machine, { arena: spareArena })
    const recording = this.#around.freshName()
    this.#formerly = isFound ? store.stored?.recording : undefined
    const live = this.#begin(store, session, spareArena, visit, recording, null)
    this.#type(live, script)
    if (this.#isPlaying) live.pump.play()
    this.#save(live)
    return startedReport(live, isFound)
  }

  #begin(
    store: MachineStore,
    session: Session,
    spareArena: () => Arena,
    visit: number,
    recording: string | null,
    images: KnownImages | null,
  ): Live {
    const pump = new Pump(session, () => this.#around.realTime(), this.#speed)
    const kept = { visit, recording, images, spareArena, store }
    const live: Live = { ...kept, moments: null, side: null, session, pump }
    this.#live = live
    this.#generation++
    this.#savedResults = 0
    this.#savedBranch = branchOf(session)
    pump.setHidden(this.#isHidden)
    this.#around.wake()
    return live
  }

  /** The machine is dropped in the middle of whatever it does: a power cut that keeps nothing. */
  #giveUp(): void {
    this.#live?.pump.stop()
    this.#asked?.giveUp()
    this.#asked = null
    this.#live = null
  }

  /** Another tab takes the machine over: here, that is a power cut. */
  #letGo(): void {
    if (this.#live?.session.isLive === true) this.#save(this.#live)
    this.#giveUp()
    this.#store?.close()
    this.#store = null
    this.#incidents.tell({ kind: 'taken' })
  }

  incident(): Promise<Incident> {
    return this.#incidents.next()
  }

  // ---- driving ----

  async type(text: string): Promise<void> {
    if (this.#around.wholeLanguage) await this.prepare()
    await this.#machine().store.readyToRestore?.()
    // A file for a new disk cannot be opened while a command runs: as many as the text may want are opened before.
    if (/\bcompare\b/.test(text)) await this.#makePair(this.#machine())
    const disks = text.match(/\bdisk\s+(create|insert)\b/g)?.length ?? 0
    if (disks > 0) await this.#machine().store.prepare(disks)
    this.#type(this.#machine(), text)
    this.#around.wake()
  }

  /** What comparing takes is loaded when somebody does. */
  async #makePair(live: Live): Promise<void> {
    if (live.side !== null) return
    const { Side } = await import('./side_by_side.ts')
    live.side ??= new Side(live.session, live.spareArena, live.pump)
  }

  #type(live: Live, text: string): void {
    if (text.trim() !== '') live.pump.type(text)
    if (live.pump.machine.isTravelling === true) this.#isPlaying = false
    this.#isSaved = false
    this.#saveBranch(live)
  }

  play(): Promise<void> {
    this.#isPlaying = true
    this.#live?.pump.play()
    return this.#woken()
  }

  pause(): Promise<void> {
    this.#isPlaying = false
    this.#live?.pump.pause()
    return this.#woken()
  }

  setSpeed(speed: number): Promise<void> {
    this.#speed = speed
    this.#live?.pump.setSpeed(speed)
    return this.#woken()
  }

  stepForward(count = 1): Promise<boolean> {
    this.#isPlaying = false
    const reached = this.#machine().pump.step(count)
    this.#around.wake()
    return reached
  }

  // ---- moving in time ----

  seek(step: number): Promise<string | null> {
    return this.#travel((session) => session.seek(step))
  }

  stepBack(count = 1): Promise<string | null> {
    return this.#travel((session) => session.stepBack(count))
  }

  undo(): Promise<string | null> {
    return this.#travel((session) => session.undo())
  }

  live(): Promise<string | null> {
    return this.#travel((session) => session.live())
  }

  nextNotable(): Promise<string | null> {
    return this.#travel((session) => session.nextNotable())
  }

  previousNotable(): Promise<string | null> {
    return this.#travel((session) => session.previousNotable())
  }

  async switchBranch(name: string): Promise<string | null> {
    // Disks of that branch may need files of their own.
    await this.#machine().store.prepare(this.#machine().session.machine.disks().length)
    await this.#machine().store.readyToRestore?.()
    return this.#travel((session) => session.switchTo(name))
  }

  renameBranch(name: string, to: string): Promise<string | null> {
    const live = this.#machine()
    const done = live.session.rename(name, to)
    this.#saveBranch(live)
    return Promise.resolve(done.ok ? null : done.message)
  }

  async cancelJourney(): Promise<void> {
    await this.#travel((session) => {
      session.cancel()
      return ok(null)
    })
  }

  async onTrack(track: Track, isForward: boolean): Promise<string | null> {
    return this.#travel(await (await this.recordedPast()).journey(track, isForward))
  }

  recorded(fromBucket: number): Promise<RecordedSlice> {
    const { session } = this.#machine()
    const slice = session.index.slice(fromBucket)
    return Promise.resolve({ ...slice, branch: branchOf(session), steps: session.newest.steps })
  }

  async recordedRows(fromStep: number, toStep: number): Promise<RecordedRows | null> {
    return (await this.recordedPast()).rows(fromStep, toStep)
  }

  /** What answers for other moments than the one that is shown. */
  protected async recordedPast(): Promise<RecordedPast> {
    const { RecordedPast } = await import('./recorded_past.ts')
    const { session } = this.#machine()
    if (this.#asked?.session !== session) this.#asked = new RecordedPast(session, () => this.#around.wake())
    return this.#asked
  }

  #travel(journey: (session: Session) => Result<null>): Promise<string | null> {
    const live = this.#machine()
    const { session, pump } = live
    // While the past is shown, the live machine stands still: what the next visit is to find is stored before.
    if (session.isLive && !this.#isSaved) this.#save(live)
    this.#isPlaying = false
    let refusal: string | null = null
    pump.travel(() => {
      try {
        const done = journey(session)
        if (!done.ok) refusal = done.message
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
        refusal = 'the browser has no memory left for a second machine, which showing the past takes'
      }
    })
    this.#saveBranch(live)
    this.#around.wake()
    return Promise.resolve(refusal)
  }

  /** Another branch became the live one: its disks have got their bytes back, and the next visit is to find them. */
  #saveBranch(live: Live): void {
    if (live.session.isLive && branchOf(live.session) !== this.#savedBranch) this.#save(live)
  }

  setHidden(isHidden: boolean): Promise<void> {
    this.#isHidden = isHidden
    this.#live?.pump.setHidden(isHidden)
    return this.#woken()
  }

  #woken(): Promise<void> {
    this.#around.wake()
    return Promise.resolve()
  }

  /**
   * One batch of the machine, and what has to be done between batches.
   * @returns milliseconds until the next; 0 for at once, Infinity for not before {@link Surroundings.wake}
   */
  turn(): number {
    const live = this.#live
    if (live === null) return Infinity
    const { session, pump } = live
    const before = session.sim.delivered
    let wait = pump.turn()
    this.#asked?.work(() => this.#around.realTime())
    if (this.#asked?.busy === true) wait = 0
    if (session.isLive && session.sim.delivered !== before) this.#isSaved = false
    if (this.#watch.hasRefused(live.store)) void this.pause()
    this.#saveBranch(live)
    const untilSave = this.#saveWhenDue(live, wait)
    return Math.min(wait, untilSave, live.moments?.work(this.#around.realTime()) ?? Infinity)
  }

  // ---- keeping ----

  async writeBack(): Promise<string | null> {
    const live = this.#machine()
    await live.store.readyToRestore?.()
    if (live.session.isLive) this.#save(live)
    return live.store.writeBack()
  }

  /** @returns milliseconds until it is due again */
  #saveWhenDue(live: Live, wait: number): number {
    if (this.#isSaved || !live.session.isLive) return Infinity
    const due = this.#savedAt + SAVE_INTERVAL - this.#around.realTime()
    const commandEnded = live.session.machine.results.length !== this.#savedResults
    if (!commandEnded && due > 0) return wait === 0 ? Infinity : due
    this.#save(live)
    if (due <= 0) live.store.flush()
    return this.#isSaved ? Infinity : SAVE_INTERVAL
  }

  #save(live: Live): void {
    this.#savedAt = this.#around.realTime()
    const { machine } = live.session
    this.#savedResults = machine.results.length
    this.#savedBranch = branchOf(live.session)
    this.#isSaved = true
    this.#watch.save(live.store, this.#stored(live))
  }

  #stored({ session, visit, recording }: Live): StoredMachine {
    const names = recording === null ? {} : { recording }
    const former = this.#formerly === undefined ? {} : { formerly: this.#formerly }
    return { ...storedForm(session.present, visit), ...names, ...former }
  }

  // ---- showing ----

  connect(port: MessagePort): Promise<void> {
    this.#readers.add(port)
    return Promise.resolve()
  }

  // ---- moments ----

  /**
   * Whoever asks names the recording in an address: the name of the one before is not needed any more, and not kept for another
   * moment: an address with it, opened right after this tab is closed, is one of an earlier visit.
   */
  async moment(): Promise<MomentReport> {
    const { MomentKeeper } = await import('./moment_keeper.ts')
    const live = this.#machine()
    if (this.#formerly !== undefined && live.session.isLive) {
      this.#formerly = undefined
      this.#save(live)
    }
    if (live.moments === null) this.#around.wake()
    live.moments ??= new MomentKeeper(live.session, live.images)
    return live.moments.report(live.pump.clock)
  }

  cancelOpening(): Promise<void> {
    const { session, pump } = this.#machine()
    if (session.isOpening) pump.travel(() => session.cancel())
    return this.#woken()
  }

  // ---- images ----

  async importDisk(disk: string, bytes: Uint8Array, model: DiskModelName = 'ideal'): Promise<StartReport> {
    await this.prepare()
    const { checkImage, keepDisksOf, putImage } = await import('./put_image.ts')
    await this.#machine().store.prepare(1)
    const live = this.#machine()
    const { store, session } = live
    // What is on the disks outside is the newest moment, whatever is shown.
    session.live()
    checkImage(disk, bytes, session.machine, store)
    // Where there is no room, nothing has happened yet.
    putImage(store, this.#stored(live), { name: disk, sizeBytes: bytes.length, model, pulled: false }, bytes)
    this.#giveUp()
    keepDisksOf(session, store)
    return this.#bootFound(store)
  }

  protected looked(): Live {
    return this.#machine()
  }

  #machine(): Live {
    if (this.#live === null) throw new Error('no machine is running: start one first')
    return this.#live
  }
}
