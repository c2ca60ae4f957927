/**
 * The index of a line of time: what happened over the whole of it, in a fixed number of buckets of completed disk I/Os. When
 * they are full, two become one: so the whole recording can be drawn from a few hundred KiB, however long it is, and the
 * trace ring needs to hold nothing of it.
 */
import { isMarked, mark, Markers } from './history_markers.ts'
import { Tally, TRACK_COLUMNS, type TrackKind, type TrackTotals } from './history_tally.ts'
import { MILLISECOND } from '../sim/sim.ts'

export const BUCKETS = 1024

/** So long without anything is an idle stretch, in nanoseconds. */
const IDLE = 100 * MILLISECOND

interface BucketTrack extends TrackTotals {
  /** Per column, {@link BUCKETS} counts. */
  readonly buckets: Uint32Array
}

/** Some buckets of the index, as plain data; what a page asks for again and again. */
export interface TimelineSlice {
  /** Goes up by one whenever buckets were joined: what was read before is to be read again, from bucket 0. */
  readonly joined: number
  readonly stepsPerBucket: number
  /** The first bucket here, and how many. */
  readonly first: number
  readonly count: number
  /** When the first event of each bucket happened; NaN where there was none. */
  readonly times: Float64Array
  readonly tracks: readonly TrackSlice[]
}

export interface TrackSlice {
  readonly kind: TrackKind
  readonly number: number
  /** Names of the counts, each `count` numbers in `counts`. */
  readonly columns: readonly string[]
  readonly counts: Uint32Array
}

export class TimelineIndex extends Tally {
  stepsPerBucket: number
  joined: number
  markers: Markers
  private readonly times: Float64Array

  constructor() {
    super()
    this.stepsPerBucket = 1
    this.joined = 0
    this.markers = new Markers()
    this.times = new Float64Array(BUCKETS).fill(NaN)
  }

  get bytes(): number {
    let bytes = this.markers.bytes + this.times.byteLength
    for (const { buckets } of this.all() as Iterable<BucketTrack>) bytes += buckets.byteLength
    return bytes
  }

  /** The index of a line of time that leaves this one where so much had been counted. */
  fork(tally: Tally): TimelineIndex {
    const fork = new TimelineIndex()
    fork.stepsPerBucket = this.stepsPerBucket
    fork.markers = this.markers.until(tally.rows, tally.time)
    const last = Math.floor(tally.step / this.stepsPerBucket)
    fork.times.set(this.times.subarray(0, last + 1))
    if (!(fork.times[last] <= tally.time)) fork.times[last] = NaN
    for (const { kind, number, totals } of tally.all()) {
      const from = this.track(kind, number)
      const to = fork.track(kind, number)
      for (let column = 0; column < totals.length; column++) {
        const at = column * BUCKETS
        to.buckets.set(from.buckets.subarray(at, at + last), at)
        let before = 0
        for (let i = at; i < at + last; i++) before += from.buckets[i]
        to.buckets[at + last] = Math.max(0, totals[column] - before)
      }
    }
    fork.take(tally)
    return fork
  }

  slice(from = 0): TimelineSlice {
    const count = Math.max(0, Math.floor(this.step / this.stepsPerBucket) + 1 - from)
    const tracks: TrackSlice[] = []
    for (const { kind, number, buckets } of this.all() as Iterable<BucketTrack>) {
      const columns = TRACK_COLUMNS[kind]
      const counts = new Uint32Array(columns.length * count)
      columns.forEach((_, i) => counts.set(buckets.subarray(i * BUCKETS + from, i * BUCKETS + from + count), i * count))
      tracks.push({ kind, number, columns, counts })
    }
    const { joined, stepsPerBucket } = this
    return { joined, stepsPerBucket, first: from, count, times: this.times.slice(from, from + count), tracks }
  }

  /**
   * Where something was counted on a track: the nearest bucket at or after a step, or at or before it.
   * @returns its first and last step, or null
   */
  stretchWith(
    kind: TrackKind,
    number: number,
    step: number,
    isForward: boolean,
  ): { first: number; last: number } | null {
    const track = this.tracks.get(kind)?.get(number) as BucketTrack | undefined
    if (track === undefined) return null
    const size = this.stepsPerBucket
    const by = isForward ? 1 : -1
    for (let i = Math.floor(step / size); i >= 0 && i * size <= this.step; i += by) {
      for (let at = i; at < track.buckets.length; at += BUCKETS) {
        if (track.buckets[at] > 0) return { first: i * size, last: Math.min(this.step, (i + 1) * size - 1) }
      }
    }
    return null
  }

  protected override row(ring: Float64Array, at: number): void {
    const before = this.time
    if (this.rows > 0 && ring[at] - before >= IDLE) this.markers.idle(this.rows, this.step, before, ring[at])
    super.row(ring, at)
    if (isMarked(ring[at + 1])) mark(this.markers, ring, at, this.rows, this.step)
  }

  protected override count(kind: TrackKind, number: number, column: number): void {
    const track = this.track(kind, number)
    const bucket = this.bucket()
    track.totals[column]++
    track.buckets[column * BUCKETS + bucket]++
    if (Number.isNaN(this.times[bucket])) this.times[bucket] = this.time
  }

  protected override track(kind: TrackKind, number: number): BucketTrack {
    return super.track(kind, number) as BucketTrack
  }

  protected override newTrack(kind: TrackKind, number: number): BucketTrack {
    const { length } = TRACK_COLUMNS[kind]
    return { kind, number, totals: new Float64Array(length), buckets: new Uint32Array(length * BUCKETS) }
  }

  /** The bucket of the present step; joins buckets until there is one. */
  private bucket(): number {
    while (this.step >= this.stepsPerBucket * BUCKETS) this.join()
    return Math.floor(this.step / this.stepsPerBucket)
  }

  private join(): void {
    this.stepsPerBucket *= 2
    this.joined++
    const half = BUCKETS / 2
    for (let i = 0; i < half; i++) {
      const first = this.times[2 * i]
      this.times[i] = Number.isNaN(first) ? this.times[2 * i + 1] : first
    }
    this.times.fill(NaN, half)
    for (const { buckets } of this.all() as Iterable<BucketTrack>) {
      for (let at = 0; at < buckets.length; at += BUCKETS) {
        for (let i = 0; i < half; i++) buckets[at + i] = buckets[at + 2 * i] + buckets[at + 2 * i + 1]
        buckets.fill(0, at + half, at + BUCKETS)
      }
    }
  }
}
