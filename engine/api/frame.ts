/**
 * A frame: everything the page draws from, as it was between two events of the machine. Plain data: it is posted from the
 * worker once per animation frame, its typed arrays are transferred, and nothing in it is shared with the engine.
 *
 * Most of it is the present state, complete in every frame. Three parts only add to what came before, and a page gathers
 * them: trace rows, console entries and the names of causes; `firstTraceRow`, `firstEntry` and `firstCause` number them. A new
 * `generation` is another machine (the next visit, a reset): what was gathered before does not belong to it.
 *
 * Sectors are of 512 bytes; times are nanoseconds of virtual time, unless they say otherwise.
 */
import type { DiskModelName } from '../block/disk_model.ts'
import type { FaultKind } from '../block/fault.ts'
import type { MarkerKind } from '../lab/history_markers.ts'
import type { TwinFrame } from './twin_frame.ts'

/** Changes whenever a field changes its meaning. */
export const FRAME_VERSION = 1

export interface Frame {
  readonly version: typeof FRAME_VERSION
  /** Counts the machines this worker has had. */
  readonly generation: number
  /** Counts the frames of a machine, from 1. */
  readonly number: number
  /** What the clock shows; never behind the last event, and at most at the next. */
  readonly time: number
  /** Completed disk I/Os so far. */
  readonly steps: number
  /** Events delivered so far. */
  readonly delivered: number
  readonly seed: number
  readonly powerOn: boolean
  /** Disk writes still to be acknowledged before an armed cut; 0 when none is armed by writes. */
  readonly cutAfterWrites: number
  readonly command: CommandFrame | null
  readonly transport: TransportFrame
  /** Where this moment stands among those that can be shown; null where no past is kept. */
  readonly timeline: TimelineFrame | null
  /** The machine beside this one; null where none is. */
  readonly twin: TwinFrame | null
  readonly bootScript: string
  readonly disks: readonly DiskFrame[]
  /** What the devices above the disks have done, whatever they are. */
  readonly devices: readonly DeviceFrame[]
  readonly mapped: readonly MappedFrame[]
  readonly arrays: readonly ArrayFrame[]
  readonly workloads: readonly WorkloadFrame[]
  readonly faults: readonly FaultFrame[]
  /** The text of /proc/mdstat; empty while the power is off. */
  readonly mdstat: string
  /** Number of the first row in `traceRows`; more than was expected where the ring went round between two frames. */
  readonly firstTraceRow: number
  /** Rows of TRACE_COLUMNS numbers each, since the last frame; see `vocabulary.ts`. */
  readonly traceRows: Float64Array
  readonly firstEntry: number
  /** Commands that ended since the last frame. */
  readonly entries: readonly ConsoleEntry[]
  readonly firstCause: number
  /** Names of what starts I/O, since the last frame; the index of a cause is `firstCause` plus its place. */
  readonly causes: readonly string[]
}

/** How the machine is being moved; the worker's business, shown with the rest. */
export interface TransportFrame {
  readonly state: 'playing' | 'paused' | 'stepping' | 'hidden' | 'stopped'
  /** Virtual nanoseconds per real second; Infinity for as fast as it goes. */
  readonly speed: number
  /** A typed command is being run as fast as it goes, whatever the speed. */
  readonly isHurrying: boolean
  /** Stretches in which nothing happened and that were skipped, since the last frame. */
  readonly skips: readonly SkipFrame[]
  /** What a person should know of this visit: where the disks are kept, what could not be kept. */
  readonly notices: readonly string[]
  /** Why the machine stopped for good: a mistake of ours, or of the browser's storage. */
  readonly failure: FailureFrame | null
}

/**
 * The recording, and where on it the moment is that is shown. Going to another moment shows another machine: `view` goes up,
 * and what was gathered from trace rows and causes belongs to the moment before. Console entries keep their numbers: those
 * from `firstEntry` on are sent anew where they may differ from what was sent.
 */
export interface TimelineFrame {
  readonly view: number
  /** What is shown is the newest moment of the branch. */
  readonly isLive: boolean
  /** On the way: the rest of the frame is not yet the moment that was asked for, and no rows or entries come with it. */
  readonly isTravelling: boolean
  /** Of the way, 0 to 1. */
  readonly progress: number
  /** The oldest moment that can be shown, and why none before it; null where it is the beginning. */
  readonly left: { readonly step: number; readonly time: number; readonly reason: string | null }
  readonly newest: { readonly step: number; readonly time: number }
  /** Lines that were typed up to what is shown, and on the whole branch. */
  readonly lines: number
  readonly newestLines: number
  readonly branches: readonly BranchFrame[]
  /** All that the scrubber is to mark; null where nothing has changed since the last frame. */
  readonly markers: readonly MarkerFrame[] | null
  /** What lines that moved in time said, since the last frame. */
  readonly said: readonly SaidEntry[]
  /** Why a moment could not be shown after all; null as long as all is well. */
  readonly failure: string | null
}

export interface BranchFrame {
  readonly name: string
  /** The branch that it left, and after how many disk I/Os; null for the first. */
  readonly parent: string | null
  readonly forkedAtStep: number
  /** Its newest moment. */
  readonly steps: number
  readonly time: number
  readonly lines: number
  readonly isCurrent: boolean
}

/** Something notable on the recording. */
export interface MarkerFrame {
  readonly kind: MarkerKind
  /** Completed disk I/Os then. */
  readonly step: number
  /** Nanoseconds; of an idle stretch, its beginning. */
  readonly time: number
  readonly text: string
}

export interface SkipFrame {
  readonly from: number
  readonly to: number
}

/** What is known when a machine had to stop. */
export interface FailureFrame {
  readonly kind: 'assertion' | 'storage' | 'error'
  readonly message: string
  readonly seed: number
  readonly time: number
  readonly steps: number
  /** The last rows of the trace, decoded, newest last. */
  readonly lastEvents: readonly Readonly<Record<string, number | string>>[]
}

/** The command that is under way. */
export interface CommandFrame {
  readonly line: string
  /** Where its procedure is. */
  readonly step: string
  /** I/Os, timers and sub-procedures it waits for. */
  readonly pending: number
  readonly cause: number
  /** When it began. */
  readonly at: number
  /** Of its procedure, in the order of its table. */
  readonly steps: readonly string[]
}

/** Work of several steps that is under way. */
export interface ProcedureFrame {
  /** What it does, in a few words. */
  readonly name: string
  /** The step that runs when nothing is pending any more. */
  readonly step: string
  /** All its steps, in the order of its table; some are repeated, some passed over. */
  readonly steps: readonly string[]
  /** I/Os, timers and sub-procedures it waits for. */
  readonly pending: number
}

/** A command that ended. */
export interface ConsoleEntry {
  /** The line as written. */
  readonly command: string
  /** Its first word; '' where the line could not be read. */
  readonly argv0: string
  readonly family: 'linux' | 'lab'
  readonly stdout: string
  readonly stderr: string
  readonly status: number
  /** When it began, and when it ended. */
  readonly begun: number
  readonly at: number
  /** Typed by somebody, or run from the boot script. */
  readonly source: 'typed' | 'boot'
  readonly cause: number
}

/** A line that moved in time: no part of the recording, and without a number among its commands. */
export interface SaidEntry extends ConsoleEntry {
  /** It was over before the command of this number ended; Infinity where the past was shown. */
  readonly ended: number
}

/** Numbers per request in {@link DiskFrame.inflight}: id of the bio, id of its parent or 0, op and flags, sector, sectors, cause. */
export const INFLIGHT_COLUMNS = 6

export interface DiskFrame {
  /** Below /dev; its number in the trace is `index`. */
  readonly name: string
  readonly index: number
  readonly sectors: number
  readonly model: DiskModelName
  readonly pulled: boolean
  /** No kernel sees it: it is pulled, or the power is off. */
  readonly isAbsent: boolean
  /** Who has it, or ''. */
  readonly claimedBy: string
  readonly cacheBytes: number
  readonly cacheBytesMax: number
  /** Of each page in the volatile cache, oldest first: its first sector, … */
  readonly cacheSectors: Float64Array
  /** … which of its eight sectors are newer than the medium (bit 0 is the first), … */
  readonly cacheMasks: Uint8Array
  /** … and since when. */
  readonly cacheSince: Float64Array
  /** Rows of {@link INFLIGHT_COLUMNS} numbers: requests the disk has accepted and not yet completed. */
  readonly inflight: Float64Array
  readonly reads: number
  readonly readSectors: number
  readonly writes: number
  readonly writeSectors: number
}

/** Any block device that is not a disk: I/O done, as in /sys/block/NAME/stat. */
export interface DeviceFrame {
  /** Below /dev: `md0`, `mapper/r5`. */
  readonly name: string
  readonly reads: number
  readonly readSectors: number
  readonly writes: number
  readonly writeSectors: number
}

/** A device of device-mapper. */
export interface MappedFrame {
  /** As in /dev/mapper. */
  readonly name: string
  readonly minor: number
  readonly sectors: number
  readonly state: 'active' | 'suspended'
  readonly openers: number
  /** `dmsetup table`, a line per target. */
  readonly table: readonly string[]
  /** `dmsetup status`, a line per target. */
  readonly status: readonly string[]
  /** Names below /dev of the devices it stands on. */
  readonly below: readonly string[]
}

export type MemberState = 'active' | 'faulty' | 'spare' | 'rebuilding' | 'missing' | 'journal'

export interface MemberFrame {
  /** Place in the array, or -1 for a spare and for one that was taken out of its place. */
  readonly slot: number
  /** Below /dev; '' where the place is empty. */
  readonly name: string
  readonly state: MemberState
  /** The device that is being made its replacement, if one is. */
  readonly replacement?: string
  /** Rebuilding: its sectors below this one are good, counted from the start of its data; otherwise Infinity or 0. */
  readonly recoveryOffset: number
  /** Sectors on the device before the array's data. */
  readonly dataOffset: number
  /** Where its superblock lies, if that is on itself. */
  readonly superSector?: number
  /** The device that has its superblock and bitmap: itself, another one below a raid target, or '' for none. */
  readonly metadata: string
}

/** The write journal of an array: a ring, used from its tail to its head. Sectors from the start of the log. */
export interface JournalFrame {
  /** Its device, below /dev. */
  readonly name: string
  /** Sectors on the device before the log. */
  readonly dataOffset: number
  readonly sectors: number
  readonly tail: number
  readonly head: number
  readonly mode: 'write-through' | 'write-back'
  /** Stripes whose newest data is in the log and the cache, and not on the members. */
  readonly cached: number
  readonly isFailed: boolean
}

export interface BitmapFrame {
  /** Sectors of a member that one bit stands for. */
  readonly chunkSectors: number
  /** Per chunk, as md has them: writes in flight + 2, or 0 to 2; see the flags below. */
  readonly counters: Uint16Array
  /** Per chunk: 1 where the bit is set in the page in memory, which goes to the disks next. */
  readonly pageBits: Uint8Array
  /** Per chunk: bit s is set where the medium of slot s holds a set bit; what is only in its volatile cache is not on it. */
  readonly mediaBits: Uint32Array
  /** 1 where every slot's medium could be read for `mediaBits`. */
  readonly isMediaKnown: boolean
}

/** Flags of a bitmap counter; what remains is the count. */
export const COUNTER_NEEDED = 0x8000
export const COUNTER_RESYNC = 0x4000
export const COUNTER_COUNT = 0x3fff

/** What is true of one member's page of a stripe in the cache. */
export const STRIPE_LOCKED = 1
export const STRIPE_UPTODATE = 2
export const STRIPE_WANT_READ = 4
export const STRIPE_WANT_WRITE = 8
/** Somebody's data waits to be written here. */
export const STRIPE_TO_WRITE = 16
/** Somebody waits to read this. */
export const STRIPE_TO_READ = 32
/** The page is written as a whole. */
export const STRIPE_OVERWRITE = 64
/** It is computed from the others. */
export const STRIPE_COMPUTE = 128

export type StripePlan =
  'none' | 'rmw' | 'rcw' | 'full' | 'degraded' | 'read' | 'reconstruct' | 'sync' | 'check' | 'repair'

/** One stripe in the stripe cache: a page of every member. */
export interface StripeFrame {
  /** First of its sectors on every member, from the start of the data. */
  readonly sector: number
  /** The state's name in the engine. */
  readonly state: string
  readonly plan: StripePlan
  /** Per slot: the flags above. */
  readonly members: Uint8Array
  /** One sentence: why this plan, why these reads. */
  readonly why: string
  /** Ids of the bios that wait for it. */
  readonly bios: readonly number[]
}

export type SyncActionName = 'idle' | 'resync' | 'recover' | 'check' | 'repair'

export interface SyncFrame {
  readonly action: SyncActionName
  /** Sectors of a member, done and in all. */
  readonly position: number
  readonly total: number
  /** KiB per second of virtual time, as mdstat computes it. */
  readonly speed: number
  /** Virtual nanoseconds to go at that speed; Infinity when unknown. */
  readonly eta: number
}

export interface ArrayFrame {
  /** As below /dev. */
  readonly name: string
  readonly minor: number
  readonly level: number
  /** Number of the layout, as in the superblock; what it means is in `vocabulary.ts`. */
  readonly layout: number
  /** As mdadm prints it; empty where the level has one only. */
  readonly layoutName: string
  readonly raidDisks: number
  /** Of a RAID-1, which has no chunks, of the pieces in which it is drawn. */
  readonly chunkSectors: number
  /** Used of each slot's member. */
  readonly slotSectors: readonly number[]
  /** Stripes: rows of chunks. */
  readonly rows: number
  /** By row and slot: 1 for a chunk with nothing but zeros on its medium; null where there are too many to look at. */
  readonly blank: Uint8Array | null
  readonly sectors: number
  /** As /sys/block/mdN/md/array_state. */
  readonly state: string
  /** The superblocks say that nothing is being written. */
  readonly isClean: boolean
  readonly events: number
  readonly degraded: number
  readonly mismatches: number
  readonly claimedBy: string
  /** Those in their places first, by slot. */
  readonly members: readonly MemberFrame[]
  readonly bitmap: BitmapFrame | null
  readonly journal: JournalFrame | null
  readonly stripes: readonly StripeFrame[]
  readonly sync: SyncFrame
  /** Writes that the array has accepted and not yet answered. */
  readonly writesPending: number
  /** Below this sector of the members parity is known to fit; Infinity when it fits everywhere. */
  readonly resyncOffset: number
  /** What its thread is at: superblock update, bitmap flush, sync pass. */
  readonly procedures: readonly ProcedureFrame[]
  /** What a start after a power cut now would resync. */
  readonly afterCrash: 'nothing' | 'marked' | 'all'
  /** What is true of it now and not what one would expect, in sentences. */
  readonly surprises: readonly string[]
}

export interface WorkloadFrame {
  readonly name: string
  readonly device: string
  readonly pattern: string
  readonly readPercent: number
  readonly sizeSectors: number
  readonly depth: number
  readonly isSync: boolean
  /** I/Os per second of virtual time that were asked for; 0 for as many as the depth allows. */
  readonly ratePerSecond: number
  readonly fromSector: number
  readonly regionSectors: number
  readonly ios: number
  readonly errors: number
  readonly inflight: number
}

export interface FaultFrame {
  readonly id: number
  readonly kind: FaultKind
  readonly disk: string
  readonly sector: number
  readonly sectors: number
  /** Sectors that were rewritten since, and are well again. */
  readonly healed: number
  /** slow: the factor. hang: until when, or Infinity. */
  readonly amount: number
}
