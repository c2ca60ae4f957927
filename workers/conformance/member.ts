/**
 * Reads what MD keeps on a member disk: superblock 1.2, 1.1 or 1.0, bad-block log, write-intent bitmap. Written for the comparison alone and
 * from the format's description alone, so that the simulator's own code is not its own judge.
 */

/** In the order in which they are looked for. */
const PLACES = ['1.2', '1.1', '1.0'] as const
const SUPERBLOCK_MAGIC = 0xa92b4efc
const BITMAP_MAGIC = 0x6d746962
const BITMAP_HEADER_BYTES = 256
const FEATURE_BITMAP = 1
const FEATURE_BAD_BLOCKS = 8
const ROLES_BYTE = 256
const ALL_ONES = 0xffffffffffffffffn

/** A member disk's metadata, field by field; what two worlds can't agree on (uuids, times, counters) is left out or reduced. */
export interface Member {
  readonly superblock: Readonly<Record<string, number | string>>
  /** One word per dev_number: a slot's number, `spare`, `faulty`, `journal`; trailing spares are cut. */
  readonly roles: string
  readonly badBlocks: readonly string[]
  readonly bitmap: Bitmap | null
  /** What is compared only between the disks of one world: the array's uuid and the event count. */
  readonly array: string
  readonly events: bigint
  readonly dataOffsetSectors: number
  /** Where the data space ends: before the metadata of version 1.0, else with the disk. */
  readonly dataEndSectors: number
}

export interface Bitmap {
  readonly header: Readonly<Record<string, number | string>>
  /** Chunks whose bit is set, as ranges: `0-3 7`. */
  readonly bits: string
}

/**
 * Reads a member.
 * @param disk the whole image
 * @returns null if there is no superblock of version 1 at its place
 */
export function readMember(disk: Uint8Array): Member | null {
  for (const place of PLACES) {
    const byte = superblockByte(place, disk.length)
    if (byte < 0 || disk.length < byte + 4096) continue
    const sb = new DataView(disk.buffer, disk.byteOffset + byte, 4096)
    if (sb.getUint32(0, true) === SUPERBLOCK_MAGIC && Number(sb.getBigUint64(144, true)) * 512 === byte) {
      return readMemberAt(disk, byte)
    }
  }
  return null
}

/** 1.0 lies in the last 8 to 12 KiB, in whole 4 KiB. */
function superblockByte(place: (typeof PLACES)[number], bytes: number): number {
  if (place === '1.0') return Math.floor((bytes - 8192) / 4096) * 4096
  return place === '1.1' ? 0 : 4096
}

function readMemberAt(disk: Uint8Array, superblockAt: number): Member {
  const sb = new DataView(disk.buffer, disk.byteOffset + superblockAt, 4096)
  const u32 = (at: number): number => sb.getUint32(at, true)
  const s32 = (at: number): number => sb.getInt32(at, true)
  const u64 = (at: number): bigint => sb.getBigUint64(at, true)
  const position = (at: number): number | string => (u64(at) === ALL_ONES ? 'none' : Number(u64(at)))
  const superblock: Record<string, number | string> = {
    major_version: u32(4),
    feature_map: u32(8),
    level: s32(72),
    layout: u32(76),
    size: Number(u64(80)),
    chunksize: u32(88),
    raid_disks: u32(92),
    bitmap_offset: s32(96),
    new_level: s32(100),
    reshape_position: position(104),
    delta_disks: s32(112),
    new_layout: u32(116),
    new_chunk: u32(120),
    new_offset: u32(124),
    data_offset: Number(u64(128)),
    data_size: Number(u64(136)),
    super_offset: Number(u64(144)),
    recovery_offset: position(152),
    dev_number: u32(160),
    cnt_corrected_read: u32(164),
    devflags: sb.getUint8(184),
    bblog_shift: sb.getUint8(185),
    bblog_size: sb.getUint16(186, true),
    bblog_offset: s32(188),
    resync_offset: position(208),
    max_dev: u32(220),
    checksum: u32(216) === checksum(sb) ? 'correct' : 'wrong',
  }
  const events = u64(200)
  return {
    superblock,
    roles: readRoles(sb),
    badBlocks: (u32(8) & FEATURE_BAD_BLOCKS) === 0 ? [] : readBadBlocks(disk, superblockAt + 512 * s32(188)),
    bitmap: (u32(8) & FEATURE_BITMAP) === 0 ? null : readBitmap(disk, superblockAt + 512 * s32(96), events),
    array: Buffer.from(disk.buffer, disk.byteOffset + superblockAt + 16, 16).toString('hex'),
    events,
    dataOffsetSectors: Number(u64(128)),
    dataEndSectors: superblockAt > 4096 ? Number(u64(128)) + Number(u64(136)) : disk.length / 512,
  }
}

/** The sum over the superblock with its own field taken as zero: 64 bits wide, folded once. */
function checksum(sb: DataView): number {
  const bytes = ROLES_BYTE + 2 * sb.getUint32(220, true)
  let sum = 0n
  let at = 0
  for (; at + 4 <= bytes; at += 4) if (at !== 216) sum += BigInt(sb.getUint32(at, true))
  if (at < bytes) sum += BigInt(sb.getUint16(at, true))
  return Number(((sum & 0xffffffffn) + (sum >> 32n)) & 0xffffffffn)
}

function readRoles(sb: DataView): string {
  const names: Record<number, string> = { 0xffff: 'spare', 0xfffe: 'faulty', 0xfffd: 'journal' }
  const roles: string[] = []
  for (let i = 0; i < sb.getUint32(220, true); i++) {
    const role = sb.getUint16(ROLES_BYTE + 2 * i, true)
    roles.push(names[role] ?? String(role))
  }
  while (roles.at(-1) === 'spare') roles.pop()
  return roles.join(' ')
}

function readBadBlocks(disk: Uint8Array, byte: number): string[] {
  const log = new DataView(disk.buffer, disk.byteOffset + byte, 4096)
  const entries: string[] = []
  for (let at = 0; at < 4096; at += 8) {
    const entry = log.getBigUint64(at, true)
    if (entry === ALL_ONES) break
    if (entry !== 0n) entries.push(`${entry >> 10n}+${entry & 0x3ffn}`)
  }
  return entries
}

function readBitmap(disk: Uint8Array, byte: number, superblockEvents: bigint): Bitmap {
  const bitmap = new DataView(disk.buffer, disk.byteOffset + byte)
  const u32 = (at: number): number => bitmap.getUint32(at, true)
  const events = bitmap.getBigUint64(24, true)
  const cleared = bitmap.getBigUint64(32, true)
  const syncSize = Number(bitmap.getBigUint64(40, true))
  const header = {
    magic: u32(0) === BITMAP_MAGIC ? 'bitm' : `0x${u32(0).toString(16)}`,
    version: u32(4),
    sync_size: syncSize,
    state: u32(48),
    chunksize: u32(52),
    daemon_sleep: u32(56),
    write_behind: u32(60),
    sectors_reserved: u32(64),
    nodes: u32(68),
    events: relation(events, superblockEvents, "the superblock's"),
    events_cleared: relation(cleared, events, 'events'),
  }
  return { header, bits: readBitmapBits(bitmap, 0, syncSize, u32(52)) }
}

/**
 * The chunks whose bit is set, as ranges.
 * @param byte where the bitmap's header begins in `disk`
 */
export function readBitmapBits(disk: DataView, byte: number, syncSectors: number, chunkBytes: number): string {
  const chunkSectors = chunkBytes / 512
  const room = 8 * (disk.byteLength - byte - BITMAP_HEADER_BYTES)
  const chunks = chunkSectors >= 1 ? Math.min(room, Math.ceil(syncSectors / chunkSectors)) : 0
  const set: number[] = []
  for (let chunk = 0; chunk < chunks; chunk++) {
    if ((disk.getUint8(byte + BITMAP_HEADER_BYTES + (chunk >> 3)) >> (chunk & 7)) & 1) set.push(chunk)
  }
  return ranges(set)
}

function relation(value: bigint, other: bigint, name: string): string {
  return value === other ? `as ${name}` : value < other ? `less than ${name}` : `more than ${name}`
}

/** Ascending numbers as `0-3 7`. */
export function ranges(numbers: readonly number[]): string {
  const parts: string[] = []
  for (let i = 0; i < numbers.length; i++) {
    const from = numbers[i]!
    while (numbers[i + 1] === numbers[i]! + 1) i++
    parts.push(from === numbers[i] ? String(from) : `${from}-${numbers[i]}`)
  }
  return parts.join(' ')
}
