import { bytes, MAX_SECTOR, pad, struct, text, u16, u32, u64, u8, type RecordOf } from './struct.ts'

/**
 * The superblock of dm-integrity: the first 4 KiB of the metadata, at the sector that the table line names. Only its first sector says
 * anything; the rest is kept as it was found.
 */
export const INTEGRITY_SB = struct('integrity_superblock', 64, {
  magic: text(0, 8, 'integrt'),
  version: u8(8, '1 to 5, by what is used: the least that knows it'),
  log2_interleave_sectors: u8(9, 'sectors of data between two tag runs; 0 with a metadata device'),
  integrity_tag_size: u16(10, 'bytes of a tag'),
  journal_sections: u32(12, 'sections of the journal'),
  provided_data_sectors: u64(16, 'length of the device that is made of this one'),
  flags: u32(24, '1 journal MAC, 2 recalculating, 4 bitmap in the journal, 8 small padding, 16 fixed HMAC'),
  log2_sectors_per_block: u8(28, 'sectors of a block, which has one tag'),
  log2_blocks_per_bitmap_bit: u8(29, 'blocks of a bit of the bitmap'),
  pad0: pad(30, 2),
  recalc_sector: u64(32, 'where the recalculation of tags stands'),
  pad1: pad(40, 8),
  salt: bytes(48, 16, 'goes into every tag, where the HMAC is fixed'),
})

export type IntegritySuperblock = RecordOf<typeof INTEGRITY_SB>

export const INTEGRITY_MAGIC = 'integrt'
export const INTEGRITY_SB_SECTORS = 8
export const INTEGRITY_SB_BYTES = INTEGRITY_SB_SECTORS * 512
export const INTEGRITY_VERSION_MAX = 5

export const FLAG_JOURNAL_MAC = 0x1
export const FLAG_RECALCULATING = 0x2
export const FLAG_DIRTY_BITMAP = 0x4
export const FLAG_FIXED_PADDING = 0x8
export const FLAG_FIXED_HMAC = 0x10

const LARGE_FIELDS = [INTEGRITY_SB.offsets.provided_data_sectors, INTEGRITY_SB.offsets.recalc_sector]

/**
 * Reads a superblock, whatever is there. A number of sectors that no device has counts as "beyond every end".
 * @param at byte offset of the superblock in `from`
 */
export function readIntegritySuperblock(from: Uint8Array, at = 0): IntegritySuperblock {
  const copy = from.slice(at, at + INTEGRITY_SB.size)
  const view = new DataView(copy.buffer)
  for (const offset of LARGE_FIELDS) {
    if (view.getBigUint64(offset, true) >= BigInt(MAX_SECTOR)) view.setBigUint64(offset, 0xffff_ffff_ffff_ffffn, true)
  }
  return INTEGRITY_SB.read(copy)
}

/** Whether 8 bytes are the magic; the last is a NUL. */
export function isIntegritySuperblock(from: Uint8Array, at = 0): boolean {
  for (let i = 0; i < 8; i++) if (from[at + i] !== (INTEGRITY_MAGIC.charCodeAt(i) || 0)) return false
  return true
}

/** Puts a superblock over the bytes that were there; what has no field stays. */
export function writeIntegritySuperblock(to: Uint8Array, at: number, superblock: IntegritySuperblock): void {
  const pads = to.slice(at, at + INTEGRITY_SB.size)
  INTEGRITY_SB.write(to, at, superblock)
  for (const { kind, offset, size } of INTEGRITY_SB.fields) {
    if (kind === 'pad') to.set(pads.subarray(offset, offset + size), at + offset)
  }
}

/**
 * The version that a superblock is written with.
 * @param bitmapMode the device runs in mode B
 * @source sb_set_version, drivers/md/dm-integrity.c, 6.1
 */
export function integrityVersion(flags: number, bitmapMode: boolean, separateMeta: boolean): number {
  if ((flags & FLAG_FIXED_HMAC) !== 0) return 5
  if ((flags & FLAG_FIXED_PADDING) !== 0) return 4
  if (bitmapMode || (flags & FLAG_DIRTY_BITMAP) !== 0) return 3
  return separateMeta || (flags & FLAG_RECALCULATING) !== 0 ? 2 : 1
}
