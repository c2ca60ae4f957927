/**
 * Where a checksum target keeps the sums of each sector: entries of equal length, none across two sectors of the metadata device, so that a
 * torn write leaves each entry old or new. An entry is four bytes of flags, the sum, and room for another one.
 */
import { assert } from '../base/assert.ts'
import { DIGEST_BYTES } from '../base/digests.ts'
import { CHECKSUM_SUMS_SECTOR } from './checksum_superblock.ts'

export const CHECKSUM_ALGORITHMS = ['crc32c', 'sha256'] as const
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number]

/** Bytes of a metadata block, which is written as a whole. */
export const CHECKSUM_BLOCK_BYTES = 4096
const SECTOR_BYTES = 512

/** Flags of an entry. */
export const HAS_NEW = 1
export const HAS_OLD = 2

export interface ChecksumLayout {
  readonly algorithm: ChecksumAlgorithm
  readonly sumBytes: number
  readonly entryBytes: number
  readonly entriesPerSector: number
  readonly entriesPerBlock: number
  /** Blocks of sums. */
  readonly blocks: number
  /** First sector behind the sums. */
  readonly end: number
}

/** @param dataSectors how many sectors have sums */
export function checksumLayout(algorithm: ChecksumAlgorithm, dataSectors: number): ChecksumLayout {
  const sumBytes = DIGEST_BYTES[algorithm]
  const entryBytes = 4 + 2 * sumBytes
  const entriesPerSector = Math.floor(SECTOR_BYTES / entryBytes)
  const entriesPerBlock = entriesPerSector * (CHECKSUM_BLOCK_BYTES / SECTOR_BYTES)
  const blocks = Math.ceil(dataSectors / entriesPerBlock)
  const end = CHECKSUM_SUMS_SECTOR + blocks * (CHECKSUM_BLOCK_BYTES / SECTOR_BYTES)
  return { algorithm, sumBytes, entryBytes, entriesPerSector, entriesPerBlock, blocks, end }
}

/** The block that has a sector's entry. */
export function entryBlock(layout: ChecksumLayout, sector: number): number {
  return Math.floor(sector / layout.entriesPerBlock)
}

/** Where in its block the entry is, in bytes. */
export function entryOffset(layout: ChecksumLayout, sector: number): number {
  const index = sector % layout.entriesPerBlock
  const within = index % layout.entriesPerSector
  return Math.floor(index / layout.entriesPerSector) * SECTOR_BYTES + within * layout.entryBytes
}

/** An entry, at a place of memory. */
export class ChecksumEntry {
  private readonly bytes: Uint8Array
  private readonly at: number
  private readonly sumBytes: number

  constructor(bytes: Uint8Array, at: number, layout: ChecksumLayout) {
    this.bytes = bytes
    this.at = at
    this.sumBytes = layout.sumBytes
  }

  get flags(): number {
    return this.bytes[this.at]
  }

  get hasOld(): boolean {
    return (this.flags & HAS_OLD) !== 0
  }

  get newSum(): Uint8Array {
    return this.bytes.subarray(this.at + 4, this.at + 4 + this.sumBytes)
  }

  get oldSum(): Uint8Array {
    return this.bytes.subarray(this.at + 4 + this.sumBytes, this.at + 4 + 2 * this.sumBytes)
  }

  matchesNew(sum: Uint8Array): boolean {
    return (this.flags & HAS_NEW) !== 0 && same(this.newSum, sum)
  }

  matchesOld(sum: Uint8Array): boolean {
    return this.hasOld && same(this.oldSum, sum)
  }

  /** The sum is the only one. */
  setOnly(sum: Uint8Array): void {
    this.newSum.set(sum)
    this.oldSum.fill(0)
    this.setFlags(HAS_NEW)
  }

  /** What was the sum is the old one now. */
  setNew(sum: Uint8Array): void {
    assert(!this.hasOld, 'a third sum of one sector')
    const hadNew = (this.flags & HAS_NEW) !== 0
    if (hadNew) this.oldSum.set(this.newSum)
    this.newSum.set(sum)
    this.setFlags(hadNew ? HAS_NEW | HAS_OLD : HAS_NEW)
  }

  forgetOld(): void {
    this.oldSum.fill(0)
    this.setFlags(this.flags & ~HAS_OLD)
  }

  private setFlags(flags: number): void {
    this.bytes[this.at] = flags
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return a.length === b.length
}
