/**
 * What bytes of a disk mean: which structures lie on it, and the fields of one sector of them, each with its place, its value in
 * words and one sentence. Reads bytes only; knows no machine, so that what a cut would leave, an earlier moment or a foreign image
 * is decoded as the present is.
 */
import { decodeBadBlocks, BAD_BLOCKS_ENTRY_BYTES } from '../format/md_badblocks.ts'
import {
  BITMAP_SUPER,
  BITMAP_SUPER_BYTES,
  bitmapBytes,
  bitmapChunks,
  readBitmapSuper,
} from '../format/md_bitmap_super.ts'
import {
  FEATURE_BAD_BLOCKS,
  FEATURE_BITMAP_OFFSET,
  MDP_SUPERBLOCK_1,
  readSuperblock,
  superblockBytes,
  superOffsetSectors,
  type MdMinor,
} from '../format/md_superblock.ts'
import type { FieldInfo, FieldKind } from '../format/struct.ts'
import { bitmapValue, meaningOf, roleText, superblockValue, type Meaning } from './byte_words.ts'

export type { Meaning } from './byte_words.ts'

const SECTOR = 512
/** A bitmap that claims more bits than this is not believed. */
const CHUNKS_MAX = 2 ** 31

export type StructureKind = 'superblock' | 'bitmap' | 'bad blocks'

/** A structure on a disk. Plain data: it is posted to the page. */
export interface StructurePlace {
  readonly kind: StructureKind
  readonly sector: number
  readonly sectors: number
  /** superblock: roles; bitmap: bits; bad blocks: 1 << so many sectors are its unit. */
  readonly count: number
}

/** One field of a sector. */
export interface ByteField {
  readonly name: string
  /** First byte, counted from the start of the sector. */
  readonly offset: number
  readonly size: number
  readonly kind: FieldKind
  readonly meaning: Meaning
  readonly value: string
  readonly doc: string
  /** bitmap: first chunk that its bits stand for; role: device number; otherwise -1. */
  readonly index: number
}

/** Reads sectors; fewer bytes than asked for at the end of a disk. */
export type SectorReader = (sector: number, sectors: number) => Uint8Array

/**
 * Finds what lies on a disk.
 * @param deviceSectors size of the disk
 */
export function structuresOn(read: SectorReader, deviceSectors: number): StructurePlace[] {
  for (const minor of [2, 1, 0] satisfies MdMinor[]) {
    const at = superOffsetSectors(minor, deviceSectors)
    if (at < 0 || at >= deviceSectors) continue
    const block = read(at, 8)
    if (block.length < SECTOR) continue
    const found = readSuperblock(block)
    if (!found.ok || found.value.super_offset !== at) continue
    const superblock = found.value
    const roles = superblock.max_dev
    const places: StructurePlace[] = [
      { kind: 'superblock', sector: at, sectors: superblockBytes(roles) / SECTOR, count: roles },
    ]
    const bits = at + superblock.bitmap_offset
    if ((superblock.feature_map & FEATURE_BITMAP_OFFSET) !== 0) {
      const header = readBitmapSuper(read(bits, 1))
      const chunks = header.ok ? bitmapChunks(header.value.sync_size, header.value.chunksize) : -1
      if (chunks >= 0 && chunks < CHUNKS_MAX) {
        places.push({
          kind: 'bitmap',
          sector: bits,
          sectors: Math.ceil(bitmapBytes(chunks) / SECTOR),
          count: chunks,
        })
      }
    }
    if ((superblock.feature_map & FEATURE_BAD_BLOCKS) !== 0 && superblock.bblog_size > 0) {
      places.push({
        kind: 'bad blocks',
        sector: at + superblock.bblog_offset,
        sectors: superblock.bblog_size,
        count: superblock.bblog_shift,
      })
    }
    return places.filter(({ sector }) => sector >= 0 && sector < deviceSectors)
  }
  return []
}

/** The structure that a sector belongs to. */
export function structureAt(places: readonly StructurePlace[], sector: number): StructurePlace | undefined {
  return places.find((place) => sector >= place.sector && sector < place.sector + place.sectors)
}

/**
 * The fields of one sector of a structure, in the order on disk; together they cover every byte.
 * @param bytes the 512 bytes of the sector
 */
export function fieldsOfSector(place: StructurePlace, sector: number, bytes: Uint8Array): ByteField[] {
  const from = (sector - place.sector) * SECTOR
  switch (place.kind) {
    case 'superblock':
      return superblockFields(place, from, bytes)
    case 'bitmap':
      return bitmapFields(place, from, bytes)
    case 'bad blocks':
      return badBlockFields(place, bytes)
  }
}

function superblockFields({ count }: StructurePlace, from: number, bytes: Uint8Array): ByteField[] {
  const fields: ByteField[] = []
  if (from === 0)
    for (const info of MDP_SUPERBLOCK_1.fields) fields.push(structField(info, superblockValue(info, bytes)))
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const first = Math.max(0, (from - 256) / 2)
  const end = Math.min(count, (from + bytes.length - 256) / 2)
  for (let device = first; device < end; device++) {
    const offset = 256 + 2 * device - from
    fields.push({
      name: `role ${device}`,
      offset,
      size: 2,
      kind: 'u16',
      meaning: 'state',
      value: roleText(view.getUint16(offset, true)),
      doc: `what the member with device number ${device} is`,
      index: device,
    })
  }
  return withRest(fields, bytes.length, 'behind the roles')
}

function bitmapFields({ count }: StructurePlace, from: number, bytes: Uint8Array): ByteField[] {
  const fields: ByteField[] = []
  if (from === 0) for (const info of BITMAP_SUPER.fields) fields.push(structField(info, bitmapValue(info, bytes)))
  const start = from === 0 ? BITMAP_SUPER_BYTES : 0
  for (let offset = start; offset < bytes.length; offset++) {
    const chunk = (from + offset - BITMAP_SUPER_BYTES) * 8
    if (chunk >= count) break
    const last = Math.min(chunk + 7, count - 1)
    const set: number[] = []
    for (let bit = chunk; bit <= last; bit++) if ((bytes[offset] & (1 << (bit - chunk))) !== 0) set.push(bit)
    fields.push({
      name: `bits ${chunk}`,
      offset,
      size: 1,
      kind: 'u8',
      meaning: 'bits',
      value: set.length === 0 ? 'clear' : set.length === 8 ? 'all set' : `set: ${set.join(', ')}`,
      doc: chunk === last ? `the bit of chunk ${chunk}` : `the bits of chunks ${chunk} to ${last}, lowest first`,
      index: chunk,
    })
  }
  return withRest(fields, bytes.length, 'behind the bits')
}

function badBlockFields({ count: shift }: StructurePlace, bytes: Uint8Array): ByteField[] {
  const fields: ByteField[] = []
  for (let offset = 0; offset + BAD_BLOCKS_ENTRY_BYTES <= bytes.length; offset += BAD_BLOCKS_ENTRY_BYTES) {
    const entry = bytes.subarray(offset, offset + BAD_BLOCKS_ENTRY_BYTES)
    const isEnd = entry.every((byte) => byte === 0xff)
    const [stretch] = decodeBadBlocks(entry, shift)
    fields.push({
      name: `entry ${offset / BAD_BLOCKS_ENTRY_BYTES}`,
      offset,
      size: BAD_BLOCKS_ENTRY_BYTES,
      kind: 'big64',
      meaning: stretch ? 'state' : 'unused',
      value: isEnd ? 'end of the list' : stretch ? `${stretch.sector}+${stretch.count}` : 'empty',
      doc: 'a stretch of sectors that cannot be read, from the start of the device',
      index: -1,
    })
    if (isEnd) break
  }
  return withRest(fields, bytes.length, 'behind the end of the list')
}

function structField({ name, offset, size, kind, doc }: FieldInfo, value: string): ByteField {
  return { name, offset, size, kind, meaning: kind === 'pad' ? 'unused' : meaningOf(name), value, doc, index: -1 }
}

/** The fields, and what lies behind them as one more. */
function withRest(fields: ByteField[], length: number, doc: string): ByteField[] {
  const last = fields.at(-1)
  const end = last === undefined ? 0 : last.offset + last.size
  if (end < length) {
    const rest = { kind: 'pad', meaning: 'unused', value: '', index: -1 } as const
    fields.push({ name: 'unused', offset: end, size: length - end, doc, ...rest })
  }
  return fields
}
