/**
 * The shape of a hash tree, as dm-verity lays it out: which hash block has the sum of which block, and where in it.
 *
 *     start ┌─────┐
 *           │ top │                      its own sum is the root hash, which is kept elsewhere
 *           ├─────┼─────┬─────┐
 *           │ level 1   │     │          sums of the blocks of level 0
 *           ├─────┼─────┼─────┼─ ─ ─
 *           │ level 0               │    sums of the data blocks
 *           └─────┴─────┴─────┴─ ─ ─┘ end
 *
 * A hash block has room for a power of two of sums. In type 1 each takes a power of two of bytes, and the salt comes before what is
 * summed; in type 0 they are packed, and it comes behind. Whatever is unused is zero. A single data block has no tree: its sum is the root.
 *
 * @source verity_hash_at_level, verity_ctr, drivers/md/dm-verity-target.c, 6.1
 */
import { assert } from '../base/assert.ts'
import { DIGEST_BYTES, digestOf, type DigestName } from '../base/digests.ts'

/** More levels than any tree can have. */
const LEVELS_MAX = 63

export interface TreeParameters {
  /** 1, or 0 for that of Chrome OS. */
  readonly hashType: number
  readonly algorithm: DigestName
  readonly salt: Uint8Array
  readonly dataBlockBytes: number
  readonly hashBlockBytes: number
  readonly dataBlocks: number
  /** The first hash block, counted from the beginning of the hash device. */
  readonly start: number
}

export class HashTree {
  readonly parameters: TreeParameters
  readonly digestBytes: number
  /** Log2 of how many sums a hash block has. */
  readonly bitsPerBlock: number
  /** Bytes from one sum to the next. */
  readonly slotBytes: number
  /** Of each level, from that of the data's sums up: its first hash block, and how many it has. */
  readonly levelStart: readonly number[]
  readonly levelBlocks: readonly number[]
  /** The first hash block behind the tree. */
  readonly end: number

  constructor(parameters: TreeParameters) {
    const { algorithm, hashBlockBytes, dataBlocks, hashType, start } = parameters
    this.parameters = parameters
    this.digestBytes = DIGEST_BYTES[algorithm]
    assert(hashBlockBytes >= 2 * this.digestBytes, `a hash block of ${hashBlockBytes} bytes has no room for two sums`)
    this.bitsPerBlock = Math.floor(Math.log2(hashBlockBytes / this.digestBytes))
    this.slotBytes = hashType === 0 ? this.digestBytes : hashBlockBytes / 2 ** this.bitsPerBlock
    const counts: number[] = []
    for (let count = dataBlocks; count > 1 && counts.length < LEVELS_MAX;) {
      count = Math.ceil(count / 2 ** this.bitsPerBlock)
      counts.push(count)
    }
    const starts = new Array<number>(counts.length)
    let at = start
    for (let level = counts.length - 1; level >= 0; level--) {
      starts[level] = at
      at += counts[level]
    }
    this.levelBlocks = counts
    this.levelStart = starts
    this.end = at
  }

  get levels(): number {
    return this.levelBlocks.length
  }

  /** The hash block that has, at this level, a sum above this data block. */
  hashBlock(dataBlock: number, level: number): number {
    return this.levelStart[level] + Math.floor(dataBlock / 2 ** (this.bitsPerBlock * (level + 1)))
  }

  /** Where in that hash block the sum begins, in bytes. */
  slotOffset(dataBlock: number, level: number): number {
    const position = Math.floor(dataBlock / 2 ** (this.bitsPerBlock * level))
    return (position % 2 ** this.bitsPerBlock) * this.slotBytes
  }

  /** The level that a hash block of the tree belongs to. */
  levelOf(hashBlock: number): number {
    return this.levelStart.findIndex(
      (start, level) => hashBlock >= start && hashBlock < start + this.levelBlocks[level],
    )
  }

  /** The data blocks below a hash block: the first, and the one behind the last. */
  dataBelow(hashBlock: number): { readonly from: number; readonly to: number } {
    const level = this.levelOf(hashBlock)
    const span = 2 ** (this.bitsPerBlock * (level + 1))
    const from = (hashBlock - this.levelStart[level]) * span
    return { from, to: Math.min(this.parameters.dataBlocks, from + span) }
  }

  /** The sum of a block of data, or of hashes. @source verity_hash, drivers/md/dm-verity-target.c, 6.1 */
  digest(block: Uint8Array): Uint8Array {
    const { algorithm, salt, hashType } = this.parameters
    return digestOf(algorithm, hashType === 0 ? [block, salt] : [salt, block])
  }
}

/** Why a tree cannot be, or null. */
export function treeProblem(parameters: TreeParameters): string | null {
  const { algorithm, hashBlockBytes, dataBlocks, start } = parameters
  if (hashBlockBytes < 2 * DIGEST_BYTES[algorithm])
    return `two ${algorithm} sums do not fit into ${hashBlockBytes} bytes`
  // The tree is never longer than twice the data blocks, and a level more.
  if ((start + 2 * dataBlocks + LEVELS_MAX) * hashBlockBytes > Number.MAX_SAFE_INTEGER) return 'the tree has no end'
  return null
}

/** Whether two sums are the same. */
export function sameDigest(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

export function digestHex(digest: Uint8Array): string {
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** @returns the bytes, or null for what is no hexadecimal text of whole bytes */
export function bytesOfHex(text: string): Uint8Array | null {
  if (!/^([0-9a-fA-F]{2})*$/.test(text)) return null
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16))
}
