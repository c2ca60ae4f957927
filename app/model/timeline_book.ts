/** The marks of the timeline, gathered from frames: one track for each array and disk, and the events a person would want to find. */
import { FLUSH, READ } from '../../engine/api/vocabulary.ts'
import { PlayedTime } from './played_time.ts'

export const MARK_READ = 0
export const MARK_WRITE = 1
export const MARK_PARITY = 2
export const MARK_META = 3
export const MARK_FLUSH = 4

const MARKS_KEPT = 4096
const EVENTS_KEPT = 200

/** A ring of marks: played time and kind. */
export class Track {
  readonly name: string
  readonly times = new Float64Array(MARKS_KEPT)
  readonly kinds = new Uint8Array(MARKS_KEPT)
  /** The bio of each mark; 0 where there is none. */
  readonly bios = new Float64Array(MARKS_KEPT)
  count = 0

  constructor(name: string) {
    this.name = name
  }

  add(time: number, kind: number, bio = 0): void {
    const at = this.count++ % MARKS_KEPT
    this.times[at] = time
    this.kinds[at] = kind
    this.bios[at] = bio
  }

  /** Calls back for the marks from a played time on, newest first. */
  since(from: number, visit: (time: number, kind: number, bio: number) => void): void {
    const oldest = Math.max(0, this.count - MARKS_KEPT)
    for (let i = this.count - 1; i >= oldest; i--) {
      const at = i % MARKS_KEPT
      if (this.times[at] < from) return
      visit(this.times[at], this.kinds[at], this.bios[at])
    }
  }
}

export interface TimelineEvent {
  readonly key: number
  /** Virtual and played time. */
  readonly time: number
  readonly at: number
  readonly text: string
  readonly tone: 'danger' | 'amber' | 'plain'
  /** Keys of what it concerns; see `hover_id.ts`. */
  readonly about: readonly string[]
}

/** A stretch of work: a resync, a rebuild. */
export interface TimelineBand {
  readonly text: string
  readonly from: number
  /** Infinity while it goes on. */
  readonly to: number
}

export class TimelineBook {
  played = new PlayedTime()
  readonly #tracks = new Map<string, Track>()
  events: readonly TimelineEvent[] = []
  bands: readonly TimelineBand[] = []
  /** Played time of the newest frame. */
  now = 0

  track(name: string): Track {
    let track = this.#tracks.get(name)
    if (!track) this.#tracks.set(name, (track = new Track(name)))
    return track
  }

  /** Of the tracks that have marks. */
  names(): Iterable<string> {
    return this.#tracks.keys()
  }

  /** What another book has of the time before a moment. @param from rows from this instant on will tell of themselves */
  take({ played, events, bands }: TimelineBook, moment: number, from: number): void {
    this.played = played.until(moment)
    const at = this.played.of(from)
    this.events = events.filter(({ time }) => time < from)
    this.bands = bands.filter((band) => band.from < at).map((band) => (band.to < at ? band : { ...band, to: Infinity }))
  }

  addEvent(time: number, text: string, tone: TimelineEvent['tone'], about: readonly string[] = []): void {
    const key = (this.events.at(-1)?.key ?? 0) + 1
    this.events = [...this.events, { key, time, at: this.played.of(time), text, tone, about }].slice(-EVENTS_KEPT)
  }

  beginBand(time: number, text: string): void {
    this.endBand(time)
    this.bands = [...this.bands, { text, from: this.played.of(time), to: Infinity }].slice(-EVENTS_KEPT)
  }

  endBand(time: number): void {
    const last = this.bands.at(-1)
    if (last?.to !== Infinity) return
    this.bands = [...this.bands.slice(0, -1), { ...last, to: this.played.of(time) }]
  }
}

/** The kind of mark of a disk I/O. */
export function markOf(op: number, sectors: number, isInData: boolean, isParity: boolean): number {
  if (op === FLUSH || sectors === 0) return MARK_FLUSH
  if (!isInData) return MARK_META
  if (op === READ) return MARK_READ
  return isParity ? MARK_PARITY : MARK_WRITE
}
