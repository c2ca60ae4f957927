/**
 * How the page speaks with the worker that owns the machine. Commands go through Comlink: every method is asynchronous there.
 * State comes through a port of its own: for each {@link FRAME_REQUEST} that the page posts, once per animation frame, the
 * worker posts back a {@link Frame}, its typed arrays transferred, or null when nothing has changed since the last one.
 *
 *     const worker = new Worker(new URL('…/workers/browser/engine_worker.ts', import.meta.url), { type: 'module' })
 *     const engine = wrap<EngineApi>(worker)
 *     const { port1, port2 } = new MessageChannel()
 *     port1.onmessage = ({ data }: MessageEvent<Frame | null>) => …
 *     await engine.connect(transfer(port2, [port2]))
 *     const report = await engine.start()
 *     await engine.play()
 */
import type { StructurePlace } from '../../engine/api/bytes.ts'
import type { CutPreview, PreviewKeep } from '../../engine/api/cut_preview.ts'
import type { Looks } from '../../engine/api/looks.ts'
import type { RecordedRows, RecordedSlice, Track } from '../../engine/api/timeline_tracks.ts'
import type { PlacedCommand } from '../../engine/api/twin_frame.ts'
import type { DiskModelName } from '../../engine/api/vocabulary.ts'

export type { PlacedCommand } from '../../engine/api/twin_frame.ts'
export type { Frame } from '../../engine/api/frame.ts'

/** What the page posts to its port when it wants a frame. */
export const FRAME_REQUEST = 'frame'

/** The machine of this browser, where nobody asks for another. */
export const STORE_DEFAULT = 'first'

/** The browser's lock that the tab holds which has a machine. */
export const machineLock = (store: string): string => `blockscope machine ${store}`

/** 1 : 1000, at which a write to the array can be followed by eye; virtual nanoseconds per real second. */
export const SPEED_DEFAULT = 1_000_000

export interface StartOptions {
  /** Which of the machines in the browser's file system; `memory` keeps none. The first one when left out. */
  readonly store?: string
  /** Of a new machine; a stored one has its own. */
  readonly seed?: number
  /** Forgets the stored machine and makes a new one. */
  readonly fresh?: boolean
  /** Takes the machine from the tab that has it: a power cut there. */
  readonly takeOver?: boolean
  /** Typed into a new machine instead of the first machine's lines. */
  readonly script?: string
  /** A link: the text of a moment. It is opened on disks in memory, exactly there and paused, and no store is touched. */
  readonly moment?: string
  /** The recording that the address names. Where the store holds it, the store is opened, whatever {@link moment} says. */
  readonly recording?: string
  /** What disks held when the link's recording began. */
  readonly images?: readonly GivenImage[]
}

/** An image that somebody gave. */
export interface GivenImage {
  readonly name: string
  readonly bytes: Uint8Array
}

/** An image that a link cannot be opened without. */
export interface NeededImage {
  readonly name: string
  readonly sizeBytes: number
  /** Its SHA-256, in hexadecimal digits. */
  readonly sha256: string
}

/** What became of a link. */
export type LinkReport =
  /** Its recording is being carried out; frames tell how far. So many I/Os, events and lines lie before the moment. */
  | { readonly state: 'opening'; readonly step: number; readonly events: number; readonly lines: number }
  | { readonly state: 'refused'; readonly message: string }
  /** It began on disks that were not blank: these, of which at least one was not given, or is another one. */
  | { readonly state: 'images'; readonly images: readonly NeededImage[] }

/** A moment for an address. */
export interface MomentReport {
  /** Null where there is none to be had now; then `reason` says why. */
  readonly text: string | null
  readonly reason: string | null
  /** Whether it is only a matter of time. */
  readonly isPending: boolean
  /** Completed disk I/Os, and lines typed. */
  readonly step: number
  readonly lines: number
  /** Names of the disks whose images it asks for. */
  readonly images: readonly string[]
}

export interface StartReport {
  /** `memory`: the disks are gone with the tab; `notices` says why. */
  readonly store: 'opfs' | 'memory'
  /** Whether the disks of an earlier visit were found: its end was a power cut, and the boot script is being run. */
  readonly isFound: boolean
  /** 1 for a new machine; each visit counts on. */
  readonly visit: number
  readonly seed: number
  /** Names this recording in an address of this browser's; null where it is no recording of a store. */
  readonly recording: string | null
  /** Null where no link was opened; unless it is being carried out, no machine runs. */
  readonly link: LinkReport | null
  /** What a person should be told. */
  readonly notices: readonly string[]
  /** The machine could not be started: another tab has it, or its description is damaged. What to do is in the message. */
  readonly refusal: { readonly reason: 'locked' | 'damaged'; readonly message: string } | null
}

/**
 * What happens without being asked for: another tab has taken the machine; or the browser refuses to keep more bytes, and
 * the machine pauses, with what it wrote since in memory.
 */
export type Incident = { readonly kind: 'taken' } | { readonly kind: 'full'; readonly reason: string }

/** Bytes of a disk, at this instant. */
export interface DiskBytes {
  readonly sector: number
  /** What is on the medium. */
  readonly media: Uint8Array
  /** The same, under what is newer in the volatile cache: what a read would get. */
  readonly newest: Uint8Array
  /** Per sector: 1 where the cache has something newer. */
  readonly isCached: Uint8Array
}

/** Bytes of a disk, and what is needed to understand them. */
export interface DiskView extends DiskBytes {
  /** Completed disk I/Os when they were read. */
  readonly steps: number
  /** Sectors of the whole disk. */
  readonly diskSectors: number
  /** What lies on it, as far as a read would find it. */
  readonly structures: readonly StructurePlace[]
}

export interface BytesBefore {
  readonly step: number
  readonly newest: Uint8Array
}

export interface EngineApi {
  /**
   * Opens the stored machine, or makes the first one. The machine pauses until {@link play}; commands of the boot script, or
   * those that make the first machine, are carried out as soon as it plays.
   */
  start(options?: StartOptions): Promise<StartReport>
  /** Erases the machine and its disks, and makes the first machine anew. */
  reset(options?: Pick<StartOptions, 'seed' | 'script'>): Promise<StartReport>
  /** Holds a lock of the browser's for as long as the worker lives. @returns when it does */
  holdLock(name: string): Promise<void>
  /** Answers when something happens, and is to be asked again then. */
  incident(): Promise<Incident>
  /** Gives the disks' files what the browser did not take before. @returns why it still does not, or null */
  writeBack(): Promise<string | null>
  /** Frames are asked for, and posted, on this port from now on. */
  connect(port: MessagePort): Promise<void>
  /**
   * Loads the part of the lab language that the first machine does without, ahead of the first line that is typed; that would wait
   * for it otherwise.
   */
  prepare(): Promise<void>

  /**
   * Types a line, or a script, at the instant that the clock shows. In the past, that begins a new branch of time. Lines run one after the other; a cut, a fault, a disk that
   * is pulled or put in do not wait for the line under way. What they said comes with the frames.
   */
  type(text: string): Promise<void>

  play(): Promise<void>
  pause(): Promise<void>
  /** @param speed virtual nanoseconds per real second, 1,000 (1 : 1 000 000) or more; Infinity for as fast as it goes */
  setSpeed(speed: number): Promise<void>
  /** Goes on for so many disk I/Os, then pauses. @returns whether they came. */
  stepForward(count?: number): Promise<boolean>
  /**
   * Shows the moment right after so many disk I/Os of the recording; the newest one where there are not as many. As with all
   * that moves in time, the machine pauses, and frames tell when it is there.
   * @returns why not, or null
   */
  seek(step: number): Promise<string | null>
  /** So many disk I/Os back. @returns as {@link seek} */
  stepBack(count?: number): Promise<string | null>
  /** Back to before the last line that was typed. @returns as {@link seek} */
  undo(): Promise<string | null>
  /** To the newest moment of the branch. @returns as {@link seek} */
  live(): Promise<string | null>
  /** To the next or previous notable event: a line, a fault, a cut, a change of state. @returns as {@link seek} */
  nextNotable(): Promise<string | null>
  previousNotable(): Promise<string | null>
  /** Another branch of time becomes the live one, at its newest moment; its disks get their bytes back. @returns as {@link seek} */
  switchBranch(name: string): Promise<string | null>

  /** Gives a branch another name. @returns why not, or null */
  renameBranch(name: string, to: string): Promise<string | null>
  /** Ends a journey where it has come to. */
  cancelJourney(): Promise<void>
  /** To the next event of a track, or the previous one; of a disk that is an I/O. @returns as {@link seek} */
  onTrack(track: Track, isForward: boolean): Promise<string | null>
  /** What happened over the whole branch, in buckets of steps, from a bucket on. */
  recorded(fromBucket: number): Promise<RecordedSlice>
  /** The trace of a stretch of the branch: what one page of a zoomed timeline shows. @returns null where it is not kept */
  recordedRows(fromStep: number, toStep: number): Promise<RecordedRows | null>

  /** To be told by the page: a hidden tab's machine stands still, except while a command runs. */
  setHidden(isHidden: boolean): Promise<void>

  /** @returns null where there is no such disk; fewer sectors than asked for at its end */
  readDisk(disk: string, sector: number, sectors: number): Promise<DiskBytes | null>
  /** As {@link readDisk}, with what a byte view needs besides. */
  viewDisk(disk: string, sector: number, sectors: number): Promise<DiskView | null>
  /** The same of the machine beside this one; null where there is none. */
  viewTwinDisk(disk: string, sector: number, sectors: number): Promise<DiskView | null>
  /**
   * Bytes of a disk as a read would have got them right after the step before the one that is shown.
   * @returns null where there is no such step, or it is not kept
   */
  readBefore(disk: string, sector: number, sectors: number): Promise<BytesBefore | null>
  /** The image of a disk: what would survive a cut now that keeps nothing of its cache. */
  exportDisk(disk: string): Promise<Uint8Array | null>
  /**
   * Puts an image into the machine, as a new disk or in place of one. That ends the recording as a death of the tab would: the
   * machine starts again from its disks, and runs its boot script.
   * @errors says why where the image is no disk, or there is no room for it; the machine then goes on as it was
   */
  importDisk(disk: string, bytes: Uint8Array, model?: DiskModelName): Promise<StartReport>
  /** What the disks would hold after a power cut at this instant. */
  previewCut(keep: PreviewKeep): Promise<CutPreview>
  /** What a view asks of one device at this moment; null where there is no such device, or it is of another kind. */
  lookAt(what: keyof Looks, name: string): Promise<Looks[keyof Looks] | null>
  /** All commands of the recording, for choosing one that is to be another on a machine beside this one. */
  recordedCommands(): Promise<readonly PlacedCommand[]>
  /** The recording as text: seed, disks at the beginning, and every line with its instant. */
  exportRecording(): Promise<string>
  /** What is shown, as text that makes the same machine anywhere. */
  moment(): Promise<MomentReport>
  /** The image of a disk as it was when the recording began; null where that is not kept any more. */
  exportBeginning(disk: string): Promise<Uint8Array | null>
  /** A link that is still being opened ends where it has come to. */
  cancelOpening(): Promise<void>
}
