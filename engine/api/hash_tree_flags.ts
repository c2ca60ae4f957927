/** A hash tree as a view is told of it. */

/** What is true of a block. */
export const TREE_CACHED = 1
/** It was summed up, and fitted; it is not summed up again while it is in the cache. */
export const TREE_VERIFIED = 2
/** It is newer in memory than on the disk. */
export const TREE_DIRTY = 4
/** A read of it, or of anything below it, fails. */
export const TREE_FAILS = 8
/** It would, if the power failed now, and all of the disks' caches survived, or nothing of them. */
export const TREE_WOULD_FAIL = 16

export interface TreeLevel {
  /** Its first hash block. */
  readonly start: number
  /** Of each block the flags above. */
  readonly blocks: Uint8Array
}

export interface HashTreeLook {
  readonly type: 'verity' | 'hashtree'
  readonly algorithm: string
  readonly dataBlockBytes: number
  readonly hashBlockBytes: number
  /** Log2 of how many sums a hash block has. */
  readonly bitsPerBlock: number
  /** Hexadecimal; null where nobody gave one, and none was computed. */
  readonly root: string | null
  /** Something was found wrong since the table was loaded. */
  readonly isCorrupted: boolean
  /** The topmost first. */
  readonly levels: readonly TreeLevel[]
  /** Of each data block the flags above. */
  readonly data: Uint8Array
  /** The data blocks that were written last. */
  readonly lastWrite: { readonly first: number; readonly count: number } | null
  /** How many data blocks fail now, and would after a cut that keeps all of the disks' caches, or nothing; null where the bytes were not looked at. */
  readonly failing: number | null
  readonly failingAfterCut: { readonly kept: number; readonly lost: number } | null
  /** Why the bytes were not looked at, or ''. */
  readonly unknown: string
}
