import { crc32c } from '../base/crc32c.ts'
import { fail, ok, type Result } from '../base/errno.ts'
import { pad, struct, text, u32, u64, type RecordOf } from './struct.ts'

/**
 * The superblock of a checksum target, in the first sector of its metadata device. The sums follow at sector 8, the journal behind them, or on a
 * device of its own from its first sector on. Blockscope's own format.
 */
export const CHECKSUM_SUPERBLOCK = struct('checksum_superblock', 64, {
  magic: text(0, 8, 'always "blkcsum1"'),
  algorithm: u32(8, '0 crc32c, 1 sha256'),
  mode: u32(12, 'what it was written with: 0 none, 1 rebuild, 2 dual, 3 journal'),
  flags: u32(16, '1: in use; it was not shut down if it is found so'),
  pad0: pad(20, 4),
  data_sectors: u64(24, 'sectors that have sums'),
  journal_start: u64(32, 'first sector of the journal on its device'),
  journal_sectors: u64(40, 'its length; 0 for none'),
  journal_seq: u64(48, 'number of the record at the beginning of the journal'),
  pad1: pad(56, 4),
  csum: u32(60, 'crc32c of the 60 bytes before'),
})

export type ChecksumSuperblock = RecordOf<typeof CHECKSUM_SUPERBLOCK>

export const CHECKSUM_MAGIC = 'blkcsum1'
/** Where the sums begin, in sectors of the metadata device. */
export const CHECKSUM_SUMS_SECTOR = 8
/** Value of `flags`. */
export const CHECKSUM_IN_USE = 1

/** Writes the superblock with its own checksum. */
export function writeChecksumSuperblock(to: Uint8Array, at: number, superblock: ChecksumSuperblock): void {
  CHECKSUM_SUPERBLOCK.write(to, at, { ...superblock, csum: 0 })
  CHECKSUM_SUPERBLOCK.write(to, at, { ...superblock, csum: ownSum(to, at) })
}

/**
 * Reads the superblock.
 * @returns null where there is none: nothing but zeros
 * @errors EINVAL for what is neither nothing nor a whole superblock
 */
export function readChecksumSuperblock(from: Uint8Array, at: number): Result<ChecksumSuperblock | null> {
  if (from.subarray(at, at + 512).every((byte) => byte === 0)) return ok(null)
  const wrong = CHECKSUM_SUPERBLOCK.unreadable(from, at)
  if (wrong !== undefined) return fail('EINVAL', `the superblock's ${wrong.name} is no number`)
  const superblock = CHECKSUM_SUPERBLOCK.read(from, at)
  if (superblock.magic !== CHECKSUM_MAGIC) {
    return fail('EINVAL', 'the metadata device holds something else; fill its first sector with zeros to begin anew')
  }
  if (superblock.csum !== ownSum(from, at)) return fail('EINVAL', 'the superblock does not fit its checksum')
  return ok(superblock)
}

function ownSum(bytes: Uint8Array, at: number): number {
  return ~crc32c(0xffffffff, bytes, at, at + 60) >>> 0
}
