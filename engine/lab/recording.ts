import type { DiskModelName } from '../block/disk_model.ts'
import type { Fault, FaultKind } from '../block/fault.ts'

/** A line, and the instant at which it was typed: so many events had been delivered. */
export interface TimedLine {
  readonly at: number
  /** The clock then, in nanoseconds; it may stand after the last event, where nothing happened. */
  readonly time: number
  readonly text: string
}

/** A disk that was there when the recording began. */
export interface RecordedDisk {
  readonly name: string
  readonly sizeBytes: number
  readonly model: DiskModelName
}

/** A wound that was there when the recording began. */
export interface RecordedFault {
  /** Under which it is listed and lifted; which bits of a sector rot depends on it, too. 0 for the next that is free. */
  readonly id: number
  readonly kind: FaultKind
  readonly disk: string
  readonly sector: number
  readonly sectors: number
  readonly amount: number
  /** Sectors that had been rewritten, and were well again. */
  readonly healed: readonly number[]
}

/** A wound as it goes into a recording, or to the next visit. */
export function recordedFault({ healed, ...fault }: Fault): RecordedFault {
  return { ...fault, healed: [...healed] }
}

/** What else was there before the first line: left by a visit before, or set by whoever made the machine. */
export interface RecordedHead {
  readonly bootScript: string
  readonly rules: readonly (readonly [string, string])[]
  readonly faults: readonly RecordedFault[]
  /** Disks that were out of their places. */
  readonly pulled: readonly string[]
}

export const EMPTY_HEAD: RecordedHead = { bootScript: '', rules: [], faults: [], pulled: [] }

/** The source of truth: with the initial disks' bytes it makes the same machine again. */
export interface Recording {
  seed: number
  readonly epochSeconds: number
  readonly disks: RecordedDisk[]
  /** Taken when the first line is typed. */
  head: RecordedHead
  readonly lines: TimedLine[]
}
