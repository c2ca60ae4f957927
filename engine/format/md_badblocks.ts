import { assert } from '../base/assert.ts'

/**
 * The bad-block log of a member: entries of eight bytes, sorted, the list ended by an entry of all ones.
 * Bits 63 to 10 are the first sector, bits 9 to 0 the number of sectors, both in units of `1 << shift`.
 */

/** One stretch of bad sectors, counted from the start of the device (not of its data). */
export interface BadBlocks {
  readonly sector: number
  readonly count: number
}

export const BAD_BLOCKS_ENTRY_BYTES = 8

/** The longest stretch of one entry, in units. */
export const BAD_BLOCKS_COUNT_MAX = 512

const END = 0xffff_ffff_ffff_ffffn

/**
 * Reads a log up to its end mark or the end of the bytes.
 * @param shift `bblog_shift` of the superblock
 * @returns the stretches; empty ones, which an all-zero log is made of, are left out
 * @source super_1_load, drivers/md/md.c, 6.1
 */
export function decodeBadBlocks(log: Uint8Array, shift: number): BadBlocks[] {
  const view = new DataView(log.buffer, log.byteOffset, log.length)
  const list: BadBlocks[] = []
  for (let at = 0; at + BAD_BLOCKS_ENTRY_BYTES <= log.length; at += BAD_BLOCKS_ENTRY_BYTES) {
    const entry = view.getBigUint64(at, true)
    if (entry === END) break
    const count = Number(entry & 0x3ffn) * 2 ** shift
    if (count > 0) list.push({ sector: Number(entry >> 10n) * 2 ** shift, count })
  }
  return list
}

/**
 * Writes a log; an empty list gives all ones, which is how mdadm and Linux write an empty log.
 * @param sectors length of the log, `bblog_size` of the superblock
 * @param shift `bblog_shift`: sectors and counts are multiples of `1 << shift`
 * @source super_1_sync, drivers/md/md.c, 6.1
 */
export function encodeBadBlocks(list: readonly BadBlocks[], sectors: number, shift: number): Uint8Array {
  const log = new Uint8Array(sectors * 512).fill(0xff)
  assert(
    list.length * BAD_BLOCKS_ENTRY_BYTES <= log.length,
    `${list.length} bad stretches do not fit ${sectors} sectors`,
  )
  const view = new DataView(log.buffer)
  const unit = 2 ** shift
  for (const [i, { sector, count }] of list.entries()) {
    assert(sector % unit === 0 && count % unit === 0, `bad stretch ${sector}+${count} is not in units of ${unit}`)
    assert(count / unit >= 1 && count / unit <= BAD_BLOCKS_COUNT_MAX, `bad stretch of ${count} sectors`)
    view.setBigUint64(i * BAD_BLOCKS_ENTRY_BYTES, (BigInt(sector / unit) << 10n) | BigInt(count / unit), true)
  }
  return log
}
