/** The tags of blocks: a checksum of the block's sector and its bytes, cut to the size of a tag or filled with zeros. */
import { digestOf, type DigestName } from '../base/digests.ts'
import type { IntegrityLayout } from '../format/integrity_layout.ts'

/** What a discarded block's tag is made of: no checksum is looked for there. */
export const DISCARD_FILLER = 0xf6

/** How tags are made. */
export interface TagMaker {
  readonly layout: IntegrityLayout
  readonly hash: DigestName
  /** Goes before everything else, where the HMAC is fixed; else null. */
  readonly salt: Uint8Array | null
}

/**
 * The tag of one block.
 * @param at byte offset of the block
 * @source integrity_sector_checksum, drivers/md/dm-integrity.c, 6.1
 */
export function blockTag(maker: TagMaker, sector: number, bytes: Uint8Array, at: number): Uint8Array {
  const { tagBytes, blockSectors } = maker.layout
  const place = new Uint8Array(8)
  new DataView(place.buffer).setBigUint64(0, BigInt(sector), true)
  const block = bytes.subarray(at, at + blockSectors * 512)
  const sum = digestOf(maker.hash, maker.salt === null ? [place, block] : [maker.salt, place, block])
  if (sum.length === tagBytes) return sum
  const tag = new Uint8Array(tagBytes)
  tag.set(sum.subarray(0, tagBytes))
  return tag
}

/** The tags of blocks in a row. */
export function blockTags(maker: TagMaker, sector: number, sectors: number, bytes: Uint8Array, at: number): Uint8Array {
  const { tagBytes, blockSectors } = maker.layout
  const tags = new Uint8Array((sectors / blockSectors) * tagBytes)
  for (let i = 0; i * blockSectors < sectors; i++) {
    const done = i * blockSectors
    tags.set(blockTag(maker, sector + done, bytes, at + done * 512), i * tagBytes)
  }
  return tags
}
