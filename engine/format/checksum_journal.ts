/**
 * Records of a checksum target's journal: a header with the places and sums of so many sectors, in whole sectors, and the sectors themselves. A
 * record counts if its number is the expected one and its own checksum fits; the first that does not ends the journal.
 */
import { assert } from '../base/assert.ts'
import { crc32c } from '../base/crc32c.ts'
import { pad, struct, u32, u64 } from './struct.ts'

export const CHECKSUM_RECORD = struct('checksum_record', 32, {
  magic: u32(0, '6C6E726A, the bytes "jrnl"'),
  count: u32(4, 'sectors in the record'),
  seq: u64(8, 'one more than that of the record before'),
  csum: u32(16, 'crc32c of the whole record, with zeros here'),
  pad0: pad(20, 12),
})

const MAGIC = 0x6c6e726a
const CSUM_AT = 16

/** Most sectors in a record. */
export const CHECKSUM_RECORD_SECTORS_MAX = 256

/** A sector of a record: where it belongs, its sum, and where in the record its bytes are. */
export interface RecordedSector {
  readonly sector: number
  readonly sum: Uint8Array
  readonly at: number
}

/** Sectors that a record of so many sectors takes in all. */
export function recordSectors(count: number, sumBytes: number): number {
  return headerSectors(count, sumBytes) + count
}

export function headerSectors(count: number, sumBytes: number): number {
  return Math.ceil((CHECKSUM_RECORD.size + count * (8 + sumBytes)) / 512)
}

/**
 * Writes the header of a record whose sectors are in their places behind it.
 * @param at byte offset of the record
 */
export function writeRecordHeader(
  to: Uint8Array,
  at: number,
  seq: number,
  sectors: readonly { readonly sector: number; readonly sum: Uint8Array }[],
): void {
  const count = sectors.length
  assert(count > 0 && count <= CHECKSUM_RECORD_SECTORS_MAX, `a record of ${count} sectors`)
  const sumBytes = sectors[0].sum.length
  to.fill(0, at, at + headerSectors(count, sumBytes) * 512)
  CHECKSUM_RECORD.write(to, at, { magic: MAGIC, count, seq, csum: 0 })
  const view = new DataView(to.buffer, to.byteOffset + at)
  sectors.forEach(({ sector, sum }, i) => {
    const entry = CHECKSUM_RECORD.size + i * (8 + sumBytes)
    view.setBigUint64(entry, BigInt(sector), true)
    to.set(sum, at + entry + 8)
  })
  view.setUint32(CSUM_AT, recordSum(to, at, recordSectors(count, sumBytes)), true)
}

/** How many sectors the record at a place has that may be the one with this number, by its first sector; 0 if it is none. */
export function expectedRecord(from: Uint8Array, at: number, seq: number): number {
  if (CHECKSUM_RECORD.unreadable(from, at) !== undefined) return 0
  const record = CHECKSUM_RECORD.read(from, at)
  const isOne = record.magic === MAGIC && record.seq === seq && record.count <= CHECKSUM_RECORD_SECTORS_MAX
  return isOne ? record.count : 0
}

/** The sectors of a record that is there as a whole; null if it was torn. */
export function readRecord(from: Uint8Array, at: number, sumBytes: number): RecordedSector[] | null {
  const { count, csum } = CHECKSUM_RECORD.read(from, at)
  if (recordSum(from, at, recordSectors(count, sumBytes)) !== csum) return null
  const view = new DataView(from.buffer, from.byteOffset + at)
  const data = at + headerSectors(count, sumBytes) * 512
  return Array.from({ length: count }, (_, i) => {
    const entry = CHECKSUM_RECORD.size + i * (8 + sumBytes)
    const sum = from.slice(at + entry + 8, at + entry + 8 + sumBytes)
    return { sector: Number(view.getBigUint64(entry, true)), sum, at: data + i * 512 }
  })
}

function recordSum(bytes: Uint8Array, at: number, sectors: number): number {
  const before = crc32c(0xffffffff, bytes, at, at + CSUM_AT)
  const without = crc32c(before, new Uint8Array(4))
  return ~crc32c(without, bytes, at + CSUM_AT + 4, at + sectors * 512) >>> 0
}
