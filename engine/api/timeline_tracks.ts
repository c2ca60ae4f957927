/** The tracks of a recording as the page has them: what is on each over the whole of it, and the trace of a stretch. */
import type { TimelineSlice } from '../lab/history_index.ts'

export type { TimelineSlice, TrackSlice } from '../lab/history_index.ts'

/** A track: of a disk (its number in the trace), an array or a mapped device (its minor), or one of the machine's (0). */
export interface Track {
  readonly kind: 'disk' | 'array' | 'mapped' | 'faults' | 'power' | 'lines'
  readonly number: number
}

/** What happened over a whole branch, and where it ends. */
export interface RecordedSlice extends TimelineSlice {
  readonly branch: string
  /** Completed disk I/Os. */
  readonly steps: number
}

/** Rows of the trace, as in a frame. */
export interface RecordedRows {
  /** The first step that they tell of. */
  readonly from: number
  readonly rows: Float64Array
}
