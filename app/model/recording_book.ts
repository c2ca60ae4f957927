/** What happened over the whole of a branch, gathered from the worker in buckets of steps; and the trace of the stretch that is looked at. */
import type { RecordedRows, RecordedSlice, Track } from '../../engine/api/timeline_tracks.ts'
import { count } from '../draw/format.ts'

const BUCKETS_MAX = 1024

interface Counts {
  readonly track: Track
  readonly columns: readonly string[]
  /** Per column, {@link BUCKETS_MAX} counts. */
  readonly counts: Uint32Array
}

/** How the counts of a track are called: one of them, and several. */
const WORDS: Readonly<Record<string, readonly [string, string]>> = {
  reads: ['read', 'reads'],
  writes: ['write', 'writes'],
  flushes: ['flush', 'flushes'],
  discards: ['discard', 'discards'],
  bitsSet: ['bit set', 'bits set'],
  bitsCleared: ['bit cleared', 'bits cleared'],
  superblocks: ['superblock update', 'superblock updates'],
  states: ['change of state', 'changes of state'],
  members: ['change of a member', 'changes of members'],
  mismatches: ['mismatch', 'mismatches'],
}

export class RecordingBook {
  branch = ''
  steps = 0
  stepsPerBucket = 1
  bucketCount = 0
  /** When the first event of each bucket happened; NaN where there was none. */
  readonly times = new Float64Array(BUCKETS_MAX)
  detail: (RecordedRows & { readonly to: number }) | null = null
  #joined = 0
  readonly #tracks = new Map<string, Counts>()

  /** The bucket from which on something may have changed. */
  get nextBucket(): number {
    return Math.max(0, this.bucketCount - 1)
  }

  /** @returns false where everything has to be asked for again, from bucket 0 */
  take(slice: RecordedSlice): boolean {
    const { branch, joined, first, count: added, stepsPerBucket } = slice
    if (first > 0 && (branch !== this.branch || joined !== this.#joined)) {
      this.forget()
      return false
    }
    if (first === 0) this.forget()
    this.branch = branch
    this.#joined = joined
    this.steps = slice.steps
    this.stepsPerBucket = stepsPerBucket
    this.bucketCount = first + added
    this.times.set(slice.times, first)
    for (const { kind, number, columns, counts } of slice.tracks) {
      const { counts: own } = this.#track(kind, number, columns)
      for (let i = 0; i < columns.length; i++) {
        own.set(counts.subarray(i * added, (i + 1) * added), i * BUCKETS_MAX + first)
      }
    }
    return true
  }

  forget(): void {
    this.bucketCount = 0
    this.#joined = 0
    this.detail = null
    this.#tracks.clear()
  }

  /** Those of arrays, then of mapped devices, then of disks, by their numbers; and what is always there before them. */
  tracks(): readonly Track[] {
    const machine = (['lines', 'power', 'faults'] as const).map((kind) => ({ kind, number: 0 }))
    const kinds = ['array', 'mapped', 'disk']
    const own = [...this.#tracks.values()].map(({ track }) => track).filter(({ kind }) => kinds.includes(kind))
    own.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || a.number - b.number)
    return [...machine, ...own]
  }

  /** What was counted of some columns in the steps from one to before another. */
  sum({ kind, number }: Track, columns: readonly string[], from: number, to: number): number {
    const found = this.#tracks.get(`${kind} ${number}`)
    if (found === undefined) return 0
    const first = Math.max(0, Math.floor(from / this.stepsPerBucket))
    const last = Math.min(this.bucketCount, Math.max(first + 1, Math.ceil(to / this.stepsPerBucket)))
    let sum = 0
    found.columns.forEach((column, i) => {
      if (!columns.includes(column)) return
      for (let at = first; at < last; at++) sum += found.counts[i * BUCKETS_MAX + at]
    })
    return sum
  }

  /** When a step was, about; NaN where nobody knows. */
  timeOf(step: number): number {
    for (let at = Math.min(this.bucketCount - 1, Math.floor(step / this.stepsPerBucket)); at >= 0; at--) {
      if (!Number.isNaN(this.times[at])) return this.times[at]
    }
    return NaN
  }

  /** A stretch of a track in words. */
  words(track: Track, from: number, to: number): string {
    const parts = (this.#tracks.get(`${track.kind} ${track.number}`)?.columns ?? []).flatMap((column) => {
      const names = WORDS[column] as (typeof WORDS)[string] | undefined
      const sum = names === undefined ? 0 : this.sum(track, [column], from, to)
      if (names === undefined || sum === 0) return []
      return [`${count(sum)} ${sum === 1 ? names[0] : names[1]}`]
    })
    return parts.length === 0 ? 'nothing' : parts.join(', ')
  }

  #track(kind: string, number: number, columns: readonly string[]): Counts {
    const key = `${kind} ${number}`
    let track = this.#tracks.get(key)
    if (track === undefined) {
      const counts = new Uint32Array(columns.length * BUCKETS_MAX)
      track = { track: { kind: kind as Track['kind'], number }, columns, counts }
      this.#tracks.set(key, track)
    }
    return track
  }
}
