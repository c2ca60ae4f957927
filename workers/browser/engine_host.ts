/**
 * The machine of a tab, and everything around it: its store, its pump, its readers. What is asked of it here is what the page
 * asks through Comlink; that this runs in a worker is the business of `engine_worker.ts`.
 */
import type { Arena } from '../../engine/base/arena.ts'
import { previewCut, type CutPreview, type PreviewKeep } from '../../engine/api/cut_preview.ts'
import type { Frame } from '../../engine/api/frame.ts'
import { frameBuffers, FrameBuilder } from '../../engine/api/frame_builder.ts'
import { TimelineFrames } from '../../engine/api/timeline_frame.ts'
import type { DiskModelName } from '../../engine/api/vocabulary.ts'
import type { Result } from '../../engine/base/errno.ts'
import { isDiskName } from '../../engine/lab/disk_commands.ts'
import { exportRecording } from '../../engine/lab/recording_text.ts'
import { Session } from '../../engine/lab/session.ts'
import { foundMachine, newMachine, storedForm, type Booted } from './boot.ts'
import { readDisk, readImage, viewDisk } from './disk_bytes.ts'
import {
  FRAME_REQUEST,
  SPEED_DEFAULT,
  STORE_DEFAULT,
  type DiskBytes,
  type DiskView,
  type EngineApi,
  type Incident,
  type StartOptions,
  type StartReport,
} from './engine_api.ts'
import { Incidents } from './incidents.ts'
import { StoreError, type MachineStore } from './machine_store.ts'
import type { OpenOptions } from './opfs_store.ts'
import { Pump } from './pump.ts'

const SEED_DEFAULT = 1
/** How often what the next visit needs is written and the disks' files are flushed while the machine moves, in milliseconds. */
const SAVE_INTERVAL = 1000
/** Of real time between two looks for new markers, in milliseconds. */
const MARK_INTERVAL = 250

/** What the place where it runs gives. */
export interface Surroundings {
  /** Milliseconds since any beginning. */
  realTime(): number
  /** @errors StoreError where a person has to do something; a missing file system is no error, but memory, and a notice */
  openStore(name: string, options: OpenOptions): Promise<MachineStore>
  /** Removes a store that cannot be opened. */
  removeStore(name: string): Promise<void>
  /** The one arena that all machines of this place have in turn. */
  arena(): Arena
  /** A second one, as large, for looking at the past; asked for when somebody first does. @errors RangeError */
  spareArena(): Arena
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

export class EngineHost implements Omit<EngineApi, 'holdLock'> {
  readonly #around: Surroundings
  readonly #readers: Reader[] = []
  #live: Live | null = null
  #storeName = STORE_DEFAULT
  #store: MachineStore | null = null
  #generation = 0
  #speed = SPEED_DEFAULT
  #isHidden = false
  #isPlaying = false
  #savedAt = 0
  #savedResults = 0
  #savedBranch = ''
  #isSaved = true
  /** The notice of a description that was not saved, while that is so. */
  #saveFailure = ''
  readonly #incidents = new Incidents()
  #refusalTold: string | null = null

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
      const onTaken = (): void => this.#letGo()
      store = await this.#around.openStore(this.#storeName, { isTakenOver: options.takeOver === true, onTaken })
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      const { reason, message } = error
      return { store: 'opfs', isFound: false, visit: 0, seed: 0, notices: [], refusal: { reason, message } }
    }
    this.#store = store
    return store.stored === null ? this.#bootNew(store, options) : this.#bootFound(store)
  }

  async reset(options: Pick<StartOptions, 'seed' | 'script'> = {}): Promise<StartReport> {
    const store = this.#store
    if (store === null) return this.start({ ...options, store: this.#storeName, fresh: true })
    this.#giveUp()
    await store.wipe()
    return this.#bootNew(store, options)
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
    const session = new Session(machine, { arena: () => this.#around.spareArena() })
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
    this.#live = null
  }

  /** Another tab takes the machine over: here, that is a power cut. */
  #letGo(): void {
    const live = this.#live
    if (live?.session.isLive === true) this.#save(live)
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
    const wait = pump.turn()
    if (session.isLive && session.sim.delivered !== before) this.#isSaved = false
    this.#watchStore(live)
    this.#saveBranch(live)
    const untilSave = this.#saveWhenDue(live, wait)
    return Math.min(wait, untilSave)
  }

  // ---- keeping ----

  /** The browser takes no more bytes: the machine stands still, and somebody is told. */
  #watchStore({ store, pump }: Live): void {
    const { refusal } = store
    if (refusal === this.#refusalTold) return
    this.#refusalTold = refusal
    if (refusal === null) return
    this.#isPlaying = false
    pump.pause()
    this.#incidents.tell({ kind: 'full', reason: refusal })
  }

  writeBack(): Promise<string | null> {
    const live = this.#machine()
    const refusal = live.store.writeBack()
    if (refusal === null && live.session.isLive) this.#save(live)
    return this.#woken().then(() => refusal)
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
    try {
      live.store.save(storedForm(machine, live.visit))
      void live.store.prepare(0)
      this.#noteSave(live, '')
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      this.#noteSave(live, `The browser does not keep this machine for the next visit: ${reason}`)
    }
  }

  /** One notice, for as long as it is true. */
  #noteSave({ store: { notices } }: Live, failure: string): void {
    const before = notices.indexOf(this.#saveFailure)
    if (before >= 0) notices.splice(before, 1)
    if (failure !== '') notices.push(failure)
    this.#saveFailure = failure
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
    const { sim, results, recording } = machine
    const { isLive, isTravelling, progress, said } = session
    const now = [
      this.#generation,
      sim.delivered,
      clock,
      state,
      speed,
      isHurrying,
      results.length,
      recording.lines.length,
    ]
    const moment = [
      isLive,
      isTravelling,
      progress,
      said.length,
      session.failure,
      branchOf(session),
      session.newest.steps,
    ]
    const last = [...now, ...moment, store.notices.join(), skips.length].join()
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

  readDisk(disk: string, sector: number, sectors: number): Promise<DiskBytes | null> {
    return Promise.resolve(readDisk(this.#machine().session.machine, disk, sector, sectors))
  }

  viewDisk(disk: string, sector: number, sectors: number): Promise<DiskView | null> {
    return Promise.resolve(viewDisk(this.#machine().session.machine, disk, sector, sectors))
  }

  exportDisk(disk: string): Promise<Uint8Array | null> {
    return Promise.resolve(readImage(this.#machine().session.machine, disk))
  }

  previewCut(keep: PreviewKeep): Promise<CutPreview> {
    return Promise.resolve(previewCut(this.#machine().session.machine, keep))
  }

  exportRecording(): Promise<string> {
    return Promise.resolve(exportRecording(this.#machine().session.machine.recording))
  }

  // ---- images ----

  async importDisk(disk: string, bytes: Uint8Array, model: DiskModelName = 'ideal'): Promise<StartReport> {
    if (!isDiskName(disk)) throw new Error(`${disk} is no name for a disk: letters and digits, such as sda, are`)
    if (bytes.length === 0 || bytes.length % 512 !== 0) {
      throw new Error(`an image is a whole number of sectors of 512 bytes; this one has ${bytes.length} bytes`)
    }
    await this.#machine().store.prepare(1)
    const { store, session, visit } = this.#machine()
    // What is on the disks outside is the newest moment, whatever is shown.
    session.live()
    const { machine } = session
    // Where there is no room, nothing has happened yet.
    store.createImage(disk, bytes as Uint8Array<ArrayBuffer>)
    this.#giveUp()
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
