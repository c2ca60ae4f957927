/** Judges of an array that nobody runs: what its members' media alone say. */
import { assert } from '../base/assert.ts'
import type { Media } from '../block/media.ts'
import {
  BITMAP_SUPER_BYTES,
  bitByte,
  bitmapBytes,
  bitmapChunks,
  bitMask,
  readBitmapSuper,
} from '../format/md_bitmap_super.ts'
import {
  FEATURE_RECOVERY_OFFSET,
  FEATURE_REPLACEMENT,
  MD_SB_BYTES,
  readSuperblock,
  roleOf,
  ROLE_MAX,
  superOffsetSectors,
  type MdMinor,
  type MdSuperblock,
} from '../format/md_superblock.ts'
import type { Machine } from './machine.ts'
import { mirrorGeometry, unequalRows } from './mirror_judge.ts'

/** What the array computes parity over at once. */
export const ROW_BYTES = 4096

/** A member as its medium shows it. */
export interface MemberImage {
  readonly name: string
  readonly media: Media
  readonly superblock: MdSuperblock
  readonly slot: number
  /** The bitmap with its header; null where there is none. */
  readonly bitmap: Uint8Array | null
}

/**
 * The active members among a machine's disks, by slot, those with an old superblock left out.
 * @param behind so many updates a member may be behind. One is what a cut in the middle of an update leaves; the kernel takes
 *   such members.
 */
export function readMembers(machine: Machine, behind = 1): MemberImage[] {
  const members: MemberImage[] = []
  for (const { name, pulled } of machine.disks()) {
    const media = machine.media(name)
    if (media === undefined || pulled) continue
    const superblock = superblockOn(media)
    if (superblock === null) continue
    const slot = roleOf(superblock)
    if (slot >= ROLE_MAX) continue
    members.push({ name, media, superblock, slot, bitmap: readBitmap(media, superblock) })
  }
  const events = Math.max(...members.map((member) => member.superblock.events))
  const taken = members.filter((member) => member.superblock.events + behind >= events)
  const first = taken.filter((member) =>
    taken.every((other) => other.slot !== member.slot || comesBefore(member, other)),
  )
  return first.sort((a, b) => a.slot - b.slot)
}

/**
 * Whether a member is the one to believe of two that say they stand in a slot. Who was replaced keeps a superblock that says so; who is to
 * replace another does not count before that.
 */
function comesBefore(one: MemberImage, other: MemberImage): boolean {
  const isReplacement = (image: MemberImage): boolean => (image.superblock.feature_map & FEATURE_REPLACEMENT) !== 0
  if (one === other) return true
  const behind = other.superblock.events - one.superblock.events
  return behind === 0 ? !isReplacement(one) : behind < 0 === !isBeingBuilt(behind < 0 ? one : other)
}

function isBeingBuilt({ superblock }: MemberImage): boolean {
  return (
    (superblock.feature_map & FEATURE_REPLACEMENT) !== 0 && (superblock.feature_map & FEATURE_RECOVERY_OFFSET) !== 0
  )
}

/**
 * @returns the rows (in 4 KiB of each member, or for mirrors of the array) that are not consistent: whose chunks and parity do not add up to
 *   zero, or whose copies are not the same.
 */
export function inconsistentRows(members: readonly MemberImage[]): number[] {
  assert(members.length > 0 && members.length === members[0].superblock.raid_disks, 'every member is wanted')
  const mirror = mirrorGeometry(members)
  if (mirror !== undefined) return unequalRows(members, mirror)
  const rows = (members[0].superblock.size * 512) / ROW_BYTES
  const sum = new Int32Array(ROW_BYTES / 4)
  const found: number[] = []
  for (let row = 0; row < rows; row++) {
    sum.fill(0)
    for (const member of members) addRow(sum, member, row)
    if (sum.some((word) => word !== 0)) found.push(row)
  }
  return found
}

/** @returns the inconsistent rows whose bit some member lacks: after a crash they would stay as they are. */
export function uncoveredRows(members: readonly MemberImage[]): number[] {
  return inconsistentRows(members).filter((row) =>
    members.some(({ superblock, bitmap }) => {
      if (bitmap === null) return superblock.resync_offset >= ((row + 1) * ROW_BYTES) / 512
      const header = readBitmapSuper(bitmap)
      assert(header.ok, 'a bitmap has a header')
      const chunk = Math.floor((row * ROW_BYTES) / header.value.chunksize)
      return (bitmap[bitByte(chunk)] & bitMask(chunk)) === 0
    }),
  )
}

/** The bytes of one row on one member. */
export function rowBytes(member: MemberImage, row: number): Uint8Array {
  return readBytes(member.media, member.superblock.data_offset * 512 + row * ROW_BYTES, ROW_BYTES)
}

/** What one member's row would be rebuilt to from those of the others. */
export function rebuiltRow(members: readonly MemberImage[], lost: MemberImage, row: number): Uint8Array {
  const sum = new Int32Array(ROW_BYTES / 4)
  for (const member of members) if (member.slot !== lost.slot) addRow(sum, member, row)
  return new Uint8Array(sum.buffer)
}

function addRow(sum: Int32Array, member: MemberImage, row: number): void {
  const words = new Int32Array(rowBytes(member, row).buffer)
  for (let i = 0; i < sum.length; i++) sum[i] ^= words[i]
}

/** The superblock on a medium, whatever its place. */
function superblockOn(media: Media): MdSuperblock | null {
  for (const minor of [2, 1, 0] satisfies MdMinor[]) {
    const at = superOffsetSectors(minor, media.sizeBytes / 512)
    const read = readSuperblock(readBytes(media, at * 512, MD_SB_BYTES))
    if (read.ok && read.value.super_offset === at) return read.value
  }
  return null
}

function readBitmap(media: Media, superblock: MdSuperblock): Uint8Array | null {
  if (superblock.bitmap_offset === 0) return null
  const at = (superblock.super_offset + superblock.bitmap_offset) * 512
  const header = readBitmapSuper(readBytes(media, at, BITMAP_SUPER_BYTES))
  if (!header.ok) return null
  return readBytes(media, at, bitmapBytes(bitmapChunks(header.value.sync_size, header.value.chunksize)))
}

function readBytes(media: Media, at: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  media.read(at, bytes, 0, length)
  return bytes
}
