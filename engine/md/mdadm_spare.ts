/** What `mdadm --add` writes to a device that becomes a spare: a copy of a member's superblock with its own number, an all-ones bitmap. */
import { bitmapBytes, bitmapChunks, encodeBitmapSuper, type BitmapSuper } from '../format/md_bitmap_super.ts'
import { encodeSuperblock, minorOf, ROLE_SPARE, type MdSuperblock } from '../format/md_superblock.ts'
import { BAD_BLOCK_LOG_SECTORS, memberPlaces } from './mdadm_layout.ts'
import type { MetadataWrite } from './mdadm_metadata.ts'

/** A device that is to become a spare. */
export interface NewSpare {
  /** The number it will have among the members. */
  readonly number: number
  readonly sectors: number
  readonly uuid: Uint8Array
}

function bitmapSectors(bitmap: BitmapSuper): number {
  return Math.ceil(bitmapBytes(bitmapChunks(bitmap.sync_size, bitmap.chunksize)) / 4096) * 8
}

/**
 * @param sample superblock of a member in sync
 * @param bitmap header of that member's bitmap, null if it has none
 * @source add_to_super1, write_init_super1, super1.c, mdadm 4.2
 */
export function newSpareSuperblock(sample: MdSuperblock, bitmap: BitmapSuper | null, spare: NewSpare): MdSuperblock {
  const max_dev = Math.max(sample.max_dev, spare.number + 1)
  const dev_roles = Array.from({ length: max_dev }, (_, i) => sample.dev_roles[i] ?? ROLE_SPARE)
  dev_roles[spare.number] = ROLE_SPARE
  const places = memberPlaces(minorOf(sample), spare.sectors, {
    dataOffset: sample.data_offset,
    size: sample.size,
    bitmap: bitmap === null ? undefined : { chunkBytes: bitmap.chunksize, syncSize: bitmap.sync_size },
  })
  return {
    ...sample,
    super_offset: places.superOffset,
    data_size: places.dataSize,
    dev_number: spare.number,
    device_uuid: spare.uuid,
    devflags: 0,
    bblog_size: places.badBlockLogOffset === 0 ? 0 : BAD_BLOCK_LOG_SECTORS,
    bblog_offset: places.badBlockLogOffset,
    events: 0,
    max_dev,
    dev_roles,
  }
}

/** The superblock, and the bitmap with every bit set. */
export function spareWrites(superblock: MdSuperblock, bitmap: BitmapSuper | null): MetadataWrite[] {
  const writes: MetadataWrite[] = [{ sector: superblock.super_offset, bytes: encodeSuperblock(superblock) }]
  if (bitmap === null) return writes
  const bytes = new Uint8Array(bitmapSectors(bitmap) * 512).fill(0xff)
  bytes.set(encodeBitmapSuper(bitmap))
  return [...writes, { sector: superblock.super_offset + superblock.bitmap_offset, bytes }]
}
