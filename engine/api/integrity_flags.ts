/** An integrity device as a view is told of it. */

/** What is true of a block. */
export const BLOCK_WRONG = 1
/** Its newest bytes are in the journal, and nowhere else. */
export const BLOCK_IN_JOURNAL = 2
/** Its tag is not looked at: it is still to be recalculated. */
export const BLOCK_UNCHECKED = 4

/** What is true of a bit of the bitmap. */
export const BIT_DIRTY = 1
export const BIT_RECALCULATE = 2

export interface JournalSection {
  readonly state: 'free' | 'uncommitted' | 'committed'
  /** Entries in use. */
  readonly used: number
  /** The lap that its commit ids belong to, 0 to 3; -1 where they are none. */
  readonly lap: number
}

/** A stretch of the device that has everything, or of the metadata device. */
export interface IntegrityStretch {
  readonly kind: 'superblock' | 'journal' | 'tags' | 'data'
  readonly sectors: number
}

export interface IntegrityLook {
  readonly mode: 'J' | 'B' | 'D' | 'R'
  /** '' where there is none. */
  readonly hash: string
  readonly blockSectors: number
  readonly sectors: number
  readonly mismatches: number
  /** Why every I/O fails, or ''. */
  readonly failed: string
  /** Of each block the flags above; empty where they were not looked at. */
  readonly blocks: Uint8Array
  /** Why not, or ''. */
  readonly unknown: string
  readonly stretches: readonly IntegrityStretch[]
  /** In mode J. */
  readonly sections: readonly JournalSection[]
  readonly sectionEntries: number
  readonly freeEntries: number
  /** In mode B, of each bit the flags above. */
  readonly bits: Uint8Array
  readonly bitSectors: number
  /** Where the recalculation stands; -1 where there is none. */
  readonly recalculated: number
  /** Buffers of tags that are newer in memory than on the disk. */
  readonly dirtyTagBuffers: number
}
