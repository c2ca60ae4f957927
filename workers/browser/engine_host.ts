/**
 * The machine of a tab, and everything around it: its store, its pump, its readers. What is asked of it here is what the page
 * asks through Comlink; that this runs in a worker is the business of `engine_worker.ts`.
 */
import type { Arena } from '../../engine/base/arena.ts'
import type { CutPreview, PreviewKeep } from '../../engine/api/cut_preview.ts'
import type { Frame } from '../../engine/api/frame.ts'
import { frameBuffers, FrameBuilder } from '../../engine/api/frame_builder.ts'
import { TimelineFrames } from '../../engine/api/timeline_frame.ts'
import type { RecordedRows, RecordedSlice, Track } from '../../engine/api/timeline_tracks.ts'
import type { DiskModelName } from '../../engine/api/vocabulary.ts'
import { ok, type Result } from '../../engine/base/errno.ts'
import { Session } from '../../engine/lab/session.ts'
import { foundMachine, newMachine, storedForm, type Booted } from './boot.ts'
import {
  FRAME_REQUEST,
  SPEED_DEFAULT,
  type BytesBefore,
  type DiskBytes,
  type DiskView,
  type EngineApi,
  type StartOptions,
  type StartReport,
} from './engine_api.ts'
import { StoreError, type MachineStore } from './machine_store.ts'
import { Pump } from './pump.ts'
import type { RecordedPast } from './recorded_past.ts'

const STORE_DEFAULT = 'first'
const SEED_DEFAULT = 1
/** How often what the next visit needs is written and the disks' files are flushed while the machine moves, in milliseconds. */
const SAVE_INTERVAL = 1000
const COPY_BYTES = 1 << 20
/** Of real time between two looks for new markers, in milliseconds. */
const MARK_INTERVAL = 250

/** What the place where it runs gives. */
export interface Surroundings {
  /** Milliseconds since any beginning. */
  realTime(): number
  /** @errors StoreError where a person has to do something; a missing file system is no error, but memory, and a notice */
  openStore(name: string): Promise<MachineStore>
  /** Removes a store that cannot be opened. */
  removeStore(name: string): Promise<void>
  /** The one arena that all machines of this place have in turn. */
  arena(): Arena
  /**
   * Others, as large, for looking at the past; asked for when somebody first does.
   * @param index so many of them the present session has already
   * @errors RangeError
   */
  spareArena(index: number): Arena
  /** Brings the commands and targets that the first machine does without; absent where they are there from the beginning. */
  wholeLanguage?(): Promise<unknown>
  /** There is something to do: {@link EngineHost.turn} is to be called at once. */
  wake(): void
}

/** Somebody who asks for frames. */
interface Reader {
  readonly port: MessagePort
  builder: FrameBuilder | null
  timeline: TimelineFrames | null
  /** When markers were looked for last, in milliseconds. */
  markedAt: number
  /** What the last frame was made of; see {@link EngineHost}. */
  last: string
  skips: number
}

interface Live extends Omit<Booted, 'machine'> {
  /** What has happened so far, and the machine at the moment that is shown. */
  readonly session: Session
  readonly pump: Pump
  readonly store: MachineStore
}

export class EngineHost implements EngineApi {
  readonly #around: Surroundings
  readonly #readers: Reader[] = []
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
  #saveFailed = false

  constructor(around: Surroundings) {
    this.#around = around
  }

  // ---- beginning ----

  async start(options: StartOptions = {}): Promise<StartReport> {
    this.#giveUp()
    this.#store?.close()
    this.#store = null
    this.#storeName = options.store ?? STORE_DEFAULT
    let store: MachineStore
    try {
      if (options.fresh === true) await this.#around.removeStore(this.#storeName)
      store = await this.#around.openStore(this.#storeName)
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      const { reason, message } = error
      return { store: 'opfs', isFound: false, visit: 0, seed: 0, notices: [], refusal: { reason, message } }
    }
    this.#store = store
    if (store.stored !== null || options.script !== undefined) await this.prepare()
    return store.stored === null ? this.#bootNew(store, options) : this.#bootFound(store)
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

  #boot(store: MachineStore, booted: Booted, isFound: boolean): StartReport {
    const { machine, visit, script } = booted
    let spares = 0
    const session = new Session(machine, { arena: () => this.#around.spareArena(spares++) })
    const pump = new Pump(session, () => this.#around.realTime(), this.#speed)
    this.#live = { visit, script, session, pump, store }
    this.#generation++
    this.#savedResults = 0
    pump.setHidden(this.#isHidden)
    this.#type(this.#live, script)
    if (this.#isPlaying) pump.play()
    this.#save(this.#live)
    this.#around.wake()
    return { store: store.kind, isFound, visit, seed: machine.seed, notices: [...store.notices], refusal: null }
  }

  /** The machine is dropped in the middle of whatever it does: a power cut that keeps nothing. */
  #giveUp(): void {
    this.#live?.pump.stop()
    this.#asked?.giveUp()
    this.#asked = null
    this.#live = null
  }

  // ---- driving ----

  async type(text: string): Promise<void> {
    if (this.#around.wholeLanguage) await this.prepare()
    // A file for a new disk cannot be opened while a command runs: as many as the text may want are opened before.
    const disks = text.match(/\bdisk\s+(create|insert)\b/g)?.length ?? 0
    if (disks > 0) await this.#machine().store.prepare(disks)
    this.#type(this.#machine(), text)
    this.#around.wake()
  }

  #type(live: Live, text: string): void {
    if (text.trim() !== '') live.pump.type(text)
    if (live.session.isTravelling) this.#isPlaying = false
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
    return this.#travel(await (await this.#past()).journey(track, isForward))
  }

  recorded(fromBucket: number): Promise<RecordedSlice> {
    const { session } = this.#machine()
    const slice = session.index.slice(fromBucket)
    return Promise.resolve({ ...slice, branch: branchOf(session), steps: session.newest.steps })
  }

  async recordedRows(fromStep: number, toStep: number): Promise<RecordedRows | null> {
    return (await this.#past()).rows(fromStep, toStep)
  }

  /** What answers for other moments than the one that is shown. */
  async #past(): Promise<RecordedPast> {
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
    this.#saveBranch(live)
    const untilSave = this.#saveWhenDue(live, wait)
    return Math.min(wait, untilSave)
  }

  // ---- keeping ----

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
    try {
      live.store.save(storedForm(machine, live.visit))
      live.store.prepare(0).catch((error: unknown) => this.#saveHasFailed(live, error))
    } catch (error) {
      this.#saveHasFailed(live, error)
    }
  }

  #saveHasFailed({ store }: Live, error: unknown): void {
    if (this.#saveFailed) return
    this.#saveFailed = true
    const reason = error instanceof Error ? error.message : String(error)
    store.notices.push(`The browser does not keep this machine for the next visit: ${reason}`)
  }

  // ---- showing ----

  connect(port: MessagePort): Promise<void> {
    const reader: Reader = { port, builder: null, timeline: null, markedAt: -Infinity, last: '', skips: 0 }
    this.#readers.push(reader)
    port.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data !== FRAME_REQUEST) return
      const frame = this.#frameFor(reader)
      port.postMessage(frame, frame === null ? [] : frameBuffers(frame))
    }
    return Promise.resolve()
  }

  #frameFor(reader: Reader): Frame | null {
    const live = this.#live
    if (live === null) return null
    const { session, pump, store } = live
    const { machine } = session
    if (reader.timeline?.session !== session) {
      reader.timeline = new TimelineFrames(session)
      reader.builder = null
      reader.skips = 0
      reader.markedAt = -Infinity
    }
    if (reader.builder?.machine !== machine) {
      reader.builder = new FrameBuilder(machine, this.#generation, reader.builder)
    }
    const { clock, state, speed, isHurrying, failure, skips } = pump
    const { isTravelling } = session
    const last = [this.#generation, frameState(session, pump), branchOf(session), store.notices.length].join()
    if (last === reader.last) return null
    reader.last = last
    const added = skips.slice(reader.skips)
    reader.skips = skips.length
    const transport = { state, speed, isHurrying, skips: added, notices: [...store.notices], failure }
    const real = this.#around.realTime()
    const withMarkers = !isTravelling && (state !== 'playing' || real - reader.markedAt >= MARK_INTERVAL)
    if (withMarkers) reader.markedAt = real
    const timeline = reader.timeline.build(withMarkers)
    if (isTravelling) return reader.builder.buildOnTheWay(clock, transport, timeline)
    return reader.builder.build(clock, transport, timeline)
  }

  // What follows is not loaded before somebody asks for it.

  async readDisk(disk: string, sector: number, sectors: number): Promise<DiskBytes | null> {
    const { readDisk } = await import('./disk_bytes.ts')
    return readDisk(this.#machine().session.machine, disk, sector, sectors)
  }

  async viewDisk(disk: string, sector: number, sectors: number): Promise<DiskView | null> {
    const { viewDisk } = await import('./disk_bytes.ts')
    return viewDisk(this.#machine().session.machine, disk, sector, sectors)
  }

  async readBefore(disk: string, sector: number, sectors: number): Promise<BytesBefore | null> {
    const [past, { readDisk }] = await Promise.all([this.#past(), import('./disk_bytes.ts')])
    const read = await past.before((machine) => readDisk(machine, disk, sector, sectors)?.newest)
    return read?.found === undefined ? null : { step: read.step, newest: read.found }
  }

  async exportDisk(disk: string): Promise<Uint8Array | null> {
    const { readImage } = await import('./disk_bytes.ts')
    return readImage(this.#machine().session.machine, disk)
  }

  async previewCut(keep: PreviewKeep): Promise<CutPreview> {
    const { previewCut } = await import('../../engine/api/cut_preview.ts')
    return previewCut(this.#machine().session.machine, keep)
  }

  async exportRecording(): Promise<string> {
    const { exportRecording } = await import('../../engine/lab/recording_text.ts')
    return exportRecording(this.#machine().session.machine.recording)
  }

  // ---- images ----

  async importDisk(disk: string, bytes: Uint8Array, model: DiskModelName = 'ideal'): Promise<StartReport> {
    if (!/^[a-z][a-z0-9_]*$/.test(disk)) throw new Error(`${disk} is no name for a disk: small letters and digits are`)
    if (bytes.length === 0 || bytes.length % 512 !== 0) {
      throw new Error(`an image is a whole number of sectors of 512 bytes; this one has ${bytes.length} bytes`)
    }
    await this.prepare()
    await this.#machine().store.prepare(1)
    const { store, session, visit } = this.#machine()
    // What is on the disks outside is the newest moment, whatever is shown.
    session.live()
    const { machine } = session
    this.#giveUp()
    const backing = store.createBacking(disk, bytes.length)
    if (backing === null) throw new Error(store.notices.at(-1) ?? 'there is no room for the image')
    for (let at = 0; at < bytes.length; at += COPY_BYTES) backing.write(at, bytes.subarray(at, at + COPY_BYTES))
    const stored = storedForm(machine, visit)
    const entry = { name: disk, sizeBytes: bytes.length, model, pulled: false }
    const isThere = stored.disks.some(({ name }) => name === disk)
    store.save({
      ...stored,
      disks: isThere ? stored.disks.map((old) => (old.name === disk ? entry : old)) : [...stored.disks, entry],
      faults: stored.faults.filter((fault) => fault.disk !== disk),
    })
    return this.#bootFound(store)
  }

  #machine(): Live {
    if (this.#live === null) throw new Error('no machine is running: start one first')
    return this.#live
  }
}

/** The name of the branch that is live. */
function branchOf(session: Session): string {
  return session.branches().find(({ isCurrent }) => isCurrent)?.name ?? ''
}

/** All that a frame depends on, but for what is counted once a machine. */
function frameState(session: Session, { clock, state, speed, isHurrying, skips }: Pump): string {
  const { machine, isLive, isTravelling, progress, said, failure, newest } = session
  const { sim, results, recording } = machine
  const now = [sim.delivered, clock, state, speed, isHurrying, results.length, recording.lines.length]
  return [...now, isLive, isTravelling, progress, said.length, failure, newest.steps, skips.length].join()
}
