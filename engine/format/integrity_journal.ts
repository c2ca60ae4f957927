/**
 * The journal of dm-integrity. A section is eight sectors of entries and the blocks that they speak of:
 *
 *     │ entries × 8 │ block 0 │ block 1 │ …
 *
 * Entry j lies in sector j mod 8. The last eight bytes of every sector of the journal are a commit id, made of the lap's number, the section
 * and the sector in it; what they displace is kept in the entry. So a section counts only if all its sectors carry the same lap.
 *
 * @source struct journal_entry, struct journal_sector, drivers/md/dm-integrity.c, 6.1
 */
import { JOURNAL_SECTOR_BYTES, SECTION_ENTRY_SECTORS, type IntegrityLayout } from './integrity_layout.ts'

/** Laps have one of these numbers, in turn. */
export const COMMIT_SEQS = 4

/** The upper half of the sector of an entry that is not used. */
const UNUSED = 0xffff_ffff

export function nextSeq(seq: number): number {
  return (seq + 1) % COMMIT_SEQS
}

export function previousSeq(seq: number): number {
  return (seq + COMMIT_SEQS - 1) % COMMIT_SEQS
}

function readU32(from: Uint8Array, at: number): number {
  return (from[at] | (from[at + 1] << 8) | (from[at + 2] << 16) | (from[at + 3] << 24)) >>> 0
}

function writeU32(to: Uint8Array, at: number, value: number): void {
  to[at] = value
  to[at + 1] = value >>> 8
  to[at + 2] = value >>> 16
  to[at + 3] = value >>> 24
}

/** Each half of a commit id is the same pattern, with the sector in the lower and the section in the upper. */
function pattern(seq: number): number {
  return 0x1111_1111 * (seq + 1)
}

/** Writes the commit id of a sector. @param at byte offset of the sector */
export function writeCommitId(to: Uint8Array, at: number, section: number, sector: number, seq: number): void {
  writeU32(to, at + JOURNAL_SECTOR_BYTES, pattern(seq) ^ sector)
  writeU32(to, at + JOURNAL_SECTOR_BYTES + 4, pattern(seq) ^ section)
}

/** The lap that a sector belongs to, or -1 where its commit id is none. */
export function commitSeqOf(from: Uint8Array, at: number, section: number, sector: number): number {
  const low = (readU32(from, at + JOURNAL_SECTOR_BYTES) ^ sector) >>> 0
  const high = (readU32(from, at + JOURNAL_SECTOR_BYTES + 4) ^ section) >>> 0
  for (let seq = 0; seq < COMMIT_SEQS; seq++) if (low === pattern(seq) && high === pattern(seq)) return seq
  return -1
}

/** Byte offset of an entry in its section. */
export function entryOffset(layout: IntegrityLayout, entry: number): number {
  const row = Math.floor(entry / SECTION_ENTRY_SECTORS)
  return (entry % SECTION_ENTRY_SECTORS) * 512 + row * layout.journal.entryBytes
}

/** Byte offset in its section of the block that an entry speaks of. */
export function entryDataOffset(layout: IntegrityLayout, entry: number): number {
  return (SECTION_ENTRY_SECTORS + entry * layout.blockSectors) * 512
}

/** Byte offset of the tag in an entry. */
export function entryTagOffset(layout: IntegrityLayout): number {
  return 8 + 8 * layout.blockSectors
}

export function entryIsUnused(from: Uint8Array, at: number): boolean {
  return readU32(from, at + 4) === UNUSED
}

export function markEntryUnused(to: Uint8Array, at: number): void {
  writeU32(to, at + 4, UNUSED)
}

/** The sector that an entry is about; Infinity where it is beyond every device. */
export function entrySector(from: Uint8Array, at: number): number {
  const high = readU32(from, at + 4)
  return high >= 0x20_0000 ? Infinity : high * 2 ** 32 + readU32(from, at)
}

export function setEntrySector(to: Uint8Array, at: number, sector: number): void {
  writeU32(to, at, sector % 2 ** 32)
  writeU32(to, at + 4, Math.floor(sector / 2 ** 32))
}

/** Keeps in an entry the bytes that the commit ids of its block's sectors displace. */
export function keepLastBytes(bytes: Uint8Array, entry: number, data: number, blockSectors: number): void {
  for (let s = 0; s < blockSectors; s++) {
    const from = data + s * 512 + JOURNAL_SECTOR_BYTES
    bytes.copyWithin(entry + 8 + s * 8, from, from + 8)
  }
}

/** Puts them back. @param data byte offset of a copy of the block */
export function restoreLastBytes(bytes: Uint8Array, entry: number, data: number, blockSectors: number): void {
  for (let s = 0; s < blockSectors; s++) {
    bytes.copyWithin(data + s * 512 + JOURNAL_SECTOR_BYTES, entry + 8 + s * 8, entry + 16 + s * 8)
  }
}
