/**
 * `mdadm --assemble --update=…`: what is changed in every superblock before the array is put together.
 * @source update_super1, super1.c, mdadm 4.2
 */
import { bitmapBytes, bitmapChunks, type BitmapSuper } from '../format/md_bitmap_super.ts'
import { FEATURE_BAD_BLOCKS, FEATURE_BITMAP_OFFSET, type MdSuperblock } from '../format/md_superblock.ts'
import { BAD_BLOCK_LOG_SECTORS } from './mdadm_layout.ts'

/** The updates that are known here, all of them about the bad-block log. */
export const UPDATES = ['bbl', 'no-bbl', 'force-no-bbl'] as const
export type Update = (typeof UPDATES)[number]

export interface Updated {
  readonly superblock: MdSuperblock
  /** What is said although it goes on. */
  readonly stderr: string
}

/** @param bitmap header of its bitmap, if it has one. @param path of the device */
export function updateSuperblock(
  update: Update,
  superblock: MdSuperblock,
  bitmap: BitmapSuper | null,
  path: string,
): Updated {
  const used = (superblock.feature_map & FEATURE_BAD_BLOCKS) !== 0
  if (update === 'no-bbl' && used) return { superblock, stderr: `mdadm: Cannot remove active bbl from ${path}\n` }
  if (update === 'bbl') return { superblock: { ...superblock, ...placeLog(superblock, bitmap) }, stderr: '' }
  const feature_map = superblock.feature_map & ~FEATURE_BAD_BLOCKS
  return { superblock: { ...superblock, feature_map, bblog_size: 0, bblog_shift: 0, bblog_offset: 0 }, stderr: '' }
}

/** Where a log has room: behind the bitmap, 32 KiB behind the superblock if that can be; with 1.0 before the superblock. */
function placeLog(superblock: MdSuperblock, bitmap: BitmapSuper | null): Partial<MdSuperblock> {
  const { super_offset, data_offset, data_size } = superblock
  const has = (superblock.feature_map & FEATURE_BITMAP_OFFSET) !== 0 && bitmap !== null
  const bitmapOffset = has ? superblock.bitmap_offset : 0
  const sectors = has ? Math.ceil(bitmapBytes(bitmapChunks(bitmap.sync_size, bitmap.chunksize)) / 4096) * 8 : 0
  const size = BAD_BLOCK_LOG_SECTORS
  if (super_offset < data_offset) {
    let offset = has && bitmapOffset > 0 ? bitmapOffset + sectors : super_offset + 8
    while (offset < super_offset + 8 + 64 && offset + 16 <= data_offset) offset += 8
    return offset + size <= data_offset ? { bblog_size: size, bblog_offset: offset } : {}
  }
  const room = has && bitmapOffset < 0 ? -bitmapOffset - sectors : super_offset - data_offset - data_size
  return room >= size ? { bblog_size: size, bblog_offset: -size } : {}
}
