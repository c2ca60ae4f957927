import type { StructurePlace } from '../../engine/api/bytes.ts'

import type { CutPreview, PreviewKeep } from '../../engine/api/cut_preview.ts'
import type { PlacedCommand } from '../../engine/api/twin_frame.ts'
import type { Looks } from '../../engine/api/looks.ts'
import type { RecordedRows, RecordedSlice, Track } from '../../engine/api/timeline_tracks.ts'
import type { DiskModelName } from '../../engine/api/vocabulary.ts'
import type { MomentReport } from '../../workers/browser/engine_api.ts'

/** What the page asks of the machine's worker. Times are nanoseconds of virtual time. */
/** Bytes as they were right after a step. */
export interface BytesBefore {
  readonly step: number
  readonly newest: Uint8Array
}

export interface EnginePort {
  /** Types a line at this instant. */
  type(line: string): Promise<unknown>
  play(): Promise<unknown>
  pause(): Promise<unknown>
  /** So many disk I/Os forwards. */
  step(count: number): Promise<unknown>
  /** To the moment after so many disk I/Os. @returns why not, or null; so do the others that move in time */
  seek(step: number): Promise<string | null>
  /** Back to before the last line that was typed. */
  undo(): Promise<string | null>
  /** To the newest moment. */
  live(): Promise<string | null>
  nextNotable(): Promise<string | null>
  previousNotable(): Promise<string | null>
  switchBranch(name: string): Promise<string | null>
  renameBranch(name: string, to: string): Promise<string | null>
  /** Ends a journey where it has come to. */
  cancelJourney(): Promise<unknown>
  /** To the next event of a track, or to the one before. */
  onTrack(track: Track, isForward: boolean): Promise<string | null>
  /** What happened over the whole branch, in buckets, from one of them on. */
  recorded(fromBucket: number): Promise<RecordedSlice>
  /** The trace of a stretch of the branch; null where it is not kept. */
  recordedRows(fromStep: number, toStep: number): Promise<RecordedRows | null>
  /** @param speed virtual nanoseconds per real second; Infinity for as fast as it goes */
  setSpeed(speed: number): Promise<unknown>
  /** Bytes of a disk at this instant, without a read of the machine's. */
  peek(disk: string, sector: number, sectors: number): Promise<Peeked | undefined>
  /** The same, of the machine beside it. */
  peekTwin(disk: string, sector: number, sectors: number): Promise<Peeked | undefined>
  /** The same right after the step before, or nothing where that is not kept. */
  peekBefore(disk: string, sector: number, sectors: number): Promise<BytesBefore | null>
  /** Erases machine and disks, and makes the first machine anew. */
  reset(): Promise<unknown>
  /** Erases machine and disks, and begins with a machine that has none. */
  beginEmpty(seed: number | undefined): Promise<unknown>
  /** What a power cut now would leave. */
  previewCut(keep: PreviewKeep): Promise<CutPreview>
  /** What a view asks of one device at this moment; `look.ts` knows the answer's type. */
  lookAt(what: keyof Looks, name: string): Promise<Looks[keyof Looks] | null>
  /** The medium of a disk, whole. */
  exportDisk(disk: string): Promise<Uint8Array | undefined>
  /** Puts an image in a disk's place, or makes a disk of it; the machine starts again. */
  importDisk(disk: string, bytes: Uint8Array, model: DiskModelName): Promise<unknown>
  /** All commands of the recording. */
  recordedCommands(): Promise<readonly PlacedCommand[]>
  exportRecording(): Promise<string>
  /** Gives the disks' files what the browser did not take before. @returns why it still does not, or null */
  writeBack(): Promise<string | null>
  /** What is shown, as the text that an address carries. */
  moment(): Promise<MomentReport>
  /** The medium of a disk as it was when the recording began. */
  exportBeginning(disk: string): Promise<Uint8Array | undefined>
  /** Ends the opening of a link where it has come to. */
  cancelOpening(): Promise<unknown>
}

export interface Peeked {
  readonly sector: number
  /** What is on the medium, and what a read would get: with what is newer in the cache. */
  readonly media: Uint8Array
  readonly newest: Uint8Array
  /** Per sector: 1 where the cache has something newer. */
  readonly isCached: Uint8Array
  /** Completed disk I/Os when they were read. */
  readonly steps: number
  readonly diskSectors: number
  /** What lies on the disk. */
  readonly structures: readonly StructurePlace[]
}
