/** What an address needs of a session beside the session itself: the hashes of the disks its recording began on, and a name. */
import { momentOf, type Moment } from '../../engine/lab/moment.ts'
import { MomentImages } from '../../engine/lab/moment_images.ts'
import { writeMoment } from '../../engine/lab/moment_text.ts'
import type { Session } from '../../engine/lab/session.ts'
import type { MomentReport } from './engine_api.ts'

/** Of a disk that is hashed at once, and the least real time between two such pieces, in milliseconds. */
const PIECE_BYTES = 1 << 20
const PIECE_INTERVAL = 30

/** As {@link Moment} has them. */
export type KnownImages = Moment['images']

export class MomentKeeper {
  readonly #session: Session
  readonly #images: MomentImages | null
  readonly #known: KnownImages | null
  /** Nobody can say any more what the disks held. */
  readonly #isLost: boolean
  #workedAt = -Infinity
  #isDone = false

  /**
   * @param session its beginning is still kept, or it began without disks
   * @param known the hashes, where they are known already
   */
  constructor(session: Session, known: KnownImages | null = null) {
    this.#session = session
    this.#known = known
    const { beginning } = session
    this.#images = known === null && beginning !== null ? new MomentImages(beginning) : null
    this.#isLost = known === null && beginning === null && session.machine.recording.disks.length > 0
    this.#isDone = this.#images === null || this.#images.work(0)
  }

  /**
   * Works out another piece of the hashes, if it is time for one.
   * @param real milliseconds
   * @returns milliseconds until the next piece; Infinity where there is none
   */
  work(real: number): number {
    if (this.#images === null || this.#isDone) return Infinity
    const wait = this.#workedAt + PIECE_INTERVAL - real
    if (wait > 0) return wait
    this.#workedAt = real
    this.#isDone = this.#images.work(PIECE_BYTES)
    return this.#isDone ? Infinity : PIECE_INTERVAL
  }

  /** @param clock what the clock shows: it may stand after the last event */
  report(clock: number): MomentReport {
    const { machine, isTravelling } = this.#session
    const images = this.#known ?? this.#images?.hashes ?? {}
    const moment = momentOf(machine, images)
    const { step, recording } = moment
    const report = { text: null, isPending: false, step, lines: recording.lines.length, images: Object.keys(images) }
    if (isTravelling) return { ...report, isPending: true, reason: 'the machine is on its way to another moment' }
    if (!this.#isDone) return { ...report, isPending: true, reason: 'the disks it began on are still being hashed' }
    if (this.#isLost) return { ...report, reason: 'what its disks held at the beginning is not kept any more' }
    const text = writeMoment({ ...moment, time: Math.max(moment.time, clock) })
    return text.ok ? { ...report, text: text.value, reason: null } : { ...report, reason: text.message }
  }
}
