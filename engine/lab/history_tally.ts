/**
 * Counts of what happened, per track, read from trace rows as they are written. A tally is small and goes with every kept copy,
 * so that a line of time which leaves another in the middle knows exactly what lies before.
 */
import { DISCARD, FLUSH, READ, WRITE } from '../block/bio.ts'
import { TRACE, TRACE_COLUMNS, TRACE_KINDS, TRACE_ROWS, type Trace, type TraceKindName } from '../sim/trace.ts'

/** What a track is about, and what is counted on it. */
export const TRACK_COLUMNS = {
  disk: ['reads', 'writes', 'flushes', 'discards', 'media'],
  array: ['bitsSet', 'bitsCleared', 'superblocks', 'states', 'members', 'syncs', 'mismatches'],
  mapped: ['states'],
  machine: ['commands', 'faults', 'disks', 'power'],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type TrackKind = keyof typeof TRACK_COLUMNS

/** A track: a disk (number as in the trace), an array (its minor), a mapped device (its number), or the machine (0). */
export interface TrackName {
  readonly kind: TrackKind
  readonly number: number
}

interface Place {
  readonly kind: TrackKind
  readonly column: number
  /** Which of the row's six numbers names the track; -1 for the machine's. */
  readonly argument: number
}

const PLACES: Readonly<Partial<Record<TraceKindName, Place>>> = {
  disk_io: { kind: 'disk', column: 0, argument: 1 },
  disk_media: { kind: 'disk', column: 4, argument: 0 },
  bitmap_disk_bit: { kind: 'array', column: 0, argument: 0 },
  superblock_write: { kind: 'array', column: 2, argument: 0 },
  array_state: { kind: 'array', column: 3, argument: 0 },
  member_state: { kind: 'array', column: 4, argument: 0 },
  sync_begin: { kind: 'array', column: 5, argument: 0 },
  sync_progress: { kind: 'array', column: 5, argument: 0 },
  sync_end: { kind: 'array', column: 5, argument: 0 },
  mismatch: { kind: 'array', column: 6, argument: 0 },
  dm_state: { kind: 'mapped', column: 0, argument: 0 },
  command_begin: { kind: 'machine', column: 0, argument: -1 },
  fault: { kind: 'machine', column: 1, argument: -1 },
  disk_state: { kind: 'machine', column: 2, argument: -1 },
  power: { kind: 'machine', column: 3, argument: -1 },
}

const PLACE_OF_KIND: readonly (Place | undefined)[] = TRACE_KINDS.map(({ name }) => PLACES[name])

/** Of a disk I/O, by its operation: read, write, flush, discard; zeroes are written. */
const COLUMN_OF_OP: readonly number[] = [READ, WRITE, FLUSH, DISCARD, WRITE]

/** The totals of one track. */
export interface TrackTotals extends TrackName {
  readonly totals: Float64Array
}

export class Tally {
  /** Rows of the trace that were taken in. */
  rows: number
  /** Completed disk I/Os, and the clock, at the last of them. */
  step: number
  time: number
  /** Rows that the ring had lost before anybody looked. */
  missed: number
  protected readonly tracks: Map<TrackKind, Map<number, TrackTotals>>

  constructor() {
    this.rows = 0
    this.step = 0
    this.time = 0
    this.missed = 0
    this.tracks = new Map()
  }

  /** The same counts, to go on by themselves. */
  copy(): Tally {
    const copy = new Tally()
    copy.take(this)
    return copy
  }

  protected take(from: Tally): void {
    this.rows = from.rows
    this.step = from.step
    this.time = from.time
    this.missed = from.missed
    for (const { kind, number, totals } of from.all()) this.track(kind, number).totals.set(totals)
  }

  *all(): Iterable<TrackTotals> {
    for (const byNumber of this.tracks.values()) yield* byNumber.values()
  }

  /** What was counted on a track in all. */
  totals(kind: TrackKind, number: number): Float64Array {
    return this.tracks.get(kind)?.get(number)?.totals ?? new Float64Array(TRACK_COLUMNS[kind].length)
  }

  /** Takes in the rows that were written since the last call. */
  follow(trace: Trace): void {
    const { written } = trace
    if (written === this.rows) return
    const { ring } = trace
    if (written - this.rows > TRACE_ROWS) {
      this.missed += written - TRACE_ROWS - this.rows
      this.rows = written - TRACE_ROWS
    }
    for (; this.rows < written; this.rows++) this.row(ring, (this.rows & (TRACE_ROWS - 1)) * TRACE_COLUMNS)
  }

  /** @param at index of the row in the ring */
  protected row(ring: Float64Array, at: number): void {
    this.time = ring[at]
    const kind = ring[at + 1]
    const place = PLACE_OF_KIND[kind]
    if (place === undefined) return
    let { column } = place
    if (kind === TRACE.disk_io) {
      this.step = ring[at + 2]
      column = COLUMN_OF_OP[ring[at + 5] & 7]
    } else if (kind === TRACE.bitmap_disk_bit && ring[at + 4] === 0) column++
    this.count(place.kind, place.argument < 0 ? 0 : ring[at + 2 + place.argument], column)
  }

  protected count(kind: TrackKind, number: number, column: number): void {
    this.track(kind, number).totals[column]++
  }

  protected track(kind: TrackKind, number: number): TrackTotals {
    let byNumber = this.tracks.get(kind)
    if (byNumber === undefined) this.tracks.set(kind, (byNumber = new Map<number, TrackTotals>()))
    let track = byNumber.get(number)
    if (track === undefined) byNumber.set(number, (track = this.newTrack(kind, number)))
    return track
  }

  protected newTrack(kind: TrackKind, number: number): TrackTotals {
    return { kind, number, totals: new Float64Array(TRACK_COLUMNS[kind].length) }
  }
}
