/**
 * What is on screen, as plain immutable values made from frames. Whatever did not change keeps its identity from one frame to
 * the next, so that a view can tell by `===` that it has nothing to do.
 */

/**
 * `old`: as it was; `new`: written, and not on the medium yet; `stale`: does not fit the rest of its stripe at this moment;
 * `unknown`: a resync or rebuild has still to come by; `lost`: its member is not there.
 */
export const CHUNK_STATES = ['old', 'new', 'stale', 'unknown', 'lost'] as const
export type ChunkState = (typeof CHUNK_STATES)[number]

/** `copy`: a further one of data that is elsewhere, too; `empty`: nothing of the array; `q`: the second parity. */
export const CHUNK_KINDS = ['data', 'parity', 'copy', 'empty', 'q'] as const
export type ChunkKind = (typeof CHUNK_KINDS)[number]

export const ACTIVITIES = ['none', 'read', 'write'] as const
export type Activity = (typeof ACTIVITIES)[number]

/** One chunk: its part in the stripe, and what is known of it. */
export interface ChunkMark {
  readonly kind: ChunkKind
  /** `P`, `Q`, `D22`, or `C22` for a further copy of it: the number counts the chunks of the whole array. */
  readonly label: string
  readonly state: ChunkState
  /** Nothing but zeros is on its medium: as good as never written. */
  readonly isBlank: boolean
  readonly activity: Activity
  /** Why it is read or written, in a few words; empty when it is not. */
  readonly why: string
  /** 4 KiB pages of it that are only in the disk's volatile cache, … */
  readonly volatilePages: number
  /** … and where: bit i stands for the i-th of 32 parts of the chunk, or for its i-th page if it has fewer. */
  readonly volatileMask: number
  /** How recent its last I/O is: 0 long ago, 4 just now. */
  readonly heat: number
  /** `3 ms ago`, or empty. */
  readonly age: string
}

/** The bitmap's word on one row: the counter in memory and the bit on the disks. */
export interface BitmapMark {
  /** First of the bitmap's chunks that this row touches. */
  readonly chunk: number
  readonly counter: number
  /** A resync of it is wanted, or under way. */
  readonly isNeeded: boolean
  /** The bit in the page in memory, which the disks get next. */
  readonly isInPage: boolean
  /** Of how many media it is set. */
  readonly media: number
  /** Members that are there to hold it. */
  readonly holders: number
}

export interface StripeRow {
  readonly stripe: number
  readonly chunks: readonly ChunkMark[]
  readonly bitmap: BitmapMark | undefined
}

export type MemberState = 'active' | 'rebuilding' | 'spare' | 'faulty' | 'missing' | 'journal'

export interface MemberMark {
  readonly slot: number
  /** Name of its device, or `-` where there is none. */
  readonly disk: string
  readonly state: MemberState
  /** The device that is being made its replacement, if one is. */
  readonly replacement?: string
  readonly cacheBytes: number
  /** Of the disk's cache, 0 to 1. */
  readonly cacheFill: number
}

/** A stripe that the array is working on, or just was. */
export interface StripeWork {
  readonly key: string
  readonly row: number
  /** First sector of its pages, from the start of the members' data. */
  readonly sector: number
  readonly title: string
  readonly acts: readonly StripeAct[]
  /** One sentence of the engine's. */
  readonly why: string
  readonly isOver: boolean
}

export interface StripeAct {
  readonly text: string
  readonly isDone: boolean
  readonly isParity: boolean
}

export interface SyncMark {
  /** resync, recover, check, repair. */
  readonly action: string
  /** Where it is: a row and a fraction of it. */
  readonly row: number
  /** Of the whole, 0 to 1. */
  readonly done: number
  /** Rows that a resync still has to do, by the bitmap; -1 without one. */
  readonly rowsLeft: number
  /** Bytes per second of virtual time. */
  readonly rate: number
  /** Nanoseconds of virtual time; Infinity while not known. */
  readonly remaining: number
}

/** A member's superblock and bitmap, before its data. */
export interface MetaMark {
  readonly activity: Activity
  readonly volatilePages: number
  readonly heat: number
  readonly age: string
}

export interface ArrayScene {
  readonly name: string
  readonly level: number
  readonly layout: string
  readonly chunkSectors: number
  readonly rowCount: number
  /** `UUU_`. */
  readonly health: string
  readonly state: string
  readonly mismatches: number
  readonly members: readonly MemberMark[]
  /** Without a place: spares, and those that failed and have not been removed. */
  readonly others: readonly { readonly disk: string; readonly state: MemberState }[]
  /** By slot. */
  readonly meta: readonly MetaMark[]
  /** Empty when there are too many to show one by one. */
  readonly rows: readonly StripeRow[]
  readonly work: readonly StripeWork[]
  readonly sync: SyncMark | undefined
  readonly hasBitmap: boolean
}

/** Whether arrays of a level have parity, and thereby stripes that are worked on as wholes. */
export function hasParity(level: number): boolean {
  return level >= 4 && level <= 6
}

/** More chunks than this are shown as a heat map. */
export const CHUNKS_SHOWN_SINGLY = 1000
