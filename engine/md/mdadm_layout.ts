import { assert } from '../base/assert.ts'
import { BITMAP_SUPER_BYTES, bitmapBytes, bitmapChunks } from '../format/md_bitmap_super.ts'
import { ROLE_JOURNAL, ROLE_SPARE, superOffsetSectors, type MdMinor } from '../format/md_superblock.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import { RAID0_ORIGINAL_LAYOUT } from './striped_geometry.ts'

/**
 * What `mdadm --create` (4.2) decides before the kernel sees anything: where on each member the superblock,
 * the bitmap, the bad-block log and the data lie, how much of each member is used, and who gets which slot.
 *
 *     1.2, and 1.1 without the first 8 sectors:
 *     sector 0      8            16         24              data_offset                    end
 *     | untouched | superblock | bitmap   | bad-block log | free      | size | remainder |
 *                 | 1 sector   | 8 sectors| not written   |
 *     1.0:
 *     sector 0                                  super - 16   super - 8       super, 8 to 12 KiB before the end
 *     | size                        | remainder | bitmap   | bad-block log | superblock |
 */

/** Sectors, relative to the superblock, of the bitmap that mdadm puts into every array with an internal bitmap; for 1.0 it is before it. */
export const BITMAP_OFFSET = 8
/** The minor version that mdadm takes by itself. */
export const DEFAULT_MINOR: MdMinor = 2
export const BAD_BLOCK_LOG_SECTORS = 8
export const DEFAULT_CHUNK_KIB = 512
export const DEFAULT_BITMAP_CHUNK_BYTES = 64 * 1024 * 1024
export const BITMAP_DAEMON_SLEEP_SECONDS = 5

/** An array without `--bitmap` gets one if a member is larger than this. */
export const BITMAP_BY_ITSELF_KIB = 100 * 1024 * 1024

/** What was asked for. Undefined is "not said": mdadm chooses. */
export interface CreateOptions {
  readonly level: number
  readonly raidDevices: number
  readonly spareDevices: number
  readonly chunkKib: number | undefined
  readonly layout: number | undefined
  readonly bitmap: 'internal' | 'none' | undefined
  readonly bitmapChunkBytes: number | undefined
  readonly assumeClean: boolean
  readonly force: boolean
  readonly run: boolean
  readonly uuid: Uint8Array | undefined
  readonly name: string | undefined
  /** Where the superblocks lie; 1.2 if not said. */
  readonly minor?: MdMinor
  /** So many writes may be behind; 0 for none. */
  readonly writeBehind?: number
  /** For each device listed, whether it is a slow one. */
  readonly writeMostly?: readonly boolean[]
  /** Which of the devices listed is the journal. */
  readonly journal?: number | undefined
}

/** One device that takes part: which of those listed, the number and role its superblock will carry, its data space. */
export interface NewMember {
  /** Position in the list of devices, counted from 0, `missing` words included. */
  readonly device: number
  readonly devNumber: number
  /** A slot, or ROLE_SPARE for a spare and for the member that will be built by recovery, or ROLE_JOURNAL. */
  readonly role: number
  /** Sectors that may hold data. */
  readonly dataSize: number
  /** Where its superblock lies. */
  readonly superOffset: number
  /** Relative to the superblock; 0 where it has no room for a log. */
  readonly badBlockLogOffset: number
  readonly writeMostly?: boolean
}

/** Everything that is decided; lengths and positions in sectors. */
export interface NewArray {
  readonly level: number
  readonly layout: number
  /** Of a RAID-0 with zones: the kernel is told to mind the layout. */
  readonly layoutCounts?: boolean
  readonly raidDevices: number
  readonly chunk: number
  readonly dataOffset: number
  /** Sectors used on each member. */
  readonly size: number
  readonly bitmap:
    | {
        readonly offset: number
        readonly chunkBytes: number
        readonly syncSize: number
        readonly writeBehind?: number
      }
    | undefined
  /** MAX_SECTOR: taken as in sync. 0: everything is resynced. */
  readonly resyncOffset: number
  /** In the order in which mdadm writes and adds them. */
  readonly members: readonly NewMember[]
}

/** True of levels that stripe, and so have a chunk. */
export function hasChunk(level: number): boolean {
  return level !== 1
}

/**
 * Space that is kept for a bitmap when nobody says how large it will be.
 * @param sectors size of the device
 * @source choose_bm_space, super1.c, mdadm 4.2
 */
export function bitmapSpaceSectors(sectors: number): number {
  if (sectors < 128) return 0
  if (sectors - 128 >= 200 * 1024 * 1024 * 2) return 256
  if (sectors - 8 > 8 * 1024 * 1024 * 2) return 128
  return 8
}

/**
 * Where the data begins: with 1.0 at once, else there is room for the metadata and, for a later reshape, about a thousandth of the device, but at least
 * two chunks and at most 128 MiB; in whole MiB.
 * @param deviceSectors size of the first device listed; the others follow it
 * @param chunkKib 0 for a level without chunks
 * @source validate_geometry1, super1.c, mdadm 4.2
 */
export function dataOffsetSectors(deviceSectors: number, chunkKib: number, minor: MdMinor = DEFAULT_MINOR): number {
  if (minor === 0) return 0
  let headroom = 128 * 1024 * 2
  while (headroom * 1024 > deviceSectors && (chunkKib === 0 || headroom / 2 >= chunkKib * 4)) {
    headroom = Math.floor(headroom / 2)
  }
  const wanted = 24 + bitmapSpaceSectors(deviceSectors) + headroom
  return Math.ceil(wanted / 2048) * 2048
}

/**
 * KiB of a device that the array can use, in whole chunks.
 * @returns undefined if the device ends before the data would begin; 0 if no chunk fits
 * @source validate_geometry1, super1.c, mdadm 4.2
 */
export function usableKib(
  deviceSectors: number,
  dataOffset: number,
  chunkKib: number,
  minor: MdMinor = DEFAULT_MINOR,
): number | undefined {
  // With 1.0 superblock, bad-block log and bitmap lie at the end.
  const atEnd = minor === 0 ? (deviceSectors % 8) + 16 + 8 + bitmapSpaceSectors(deviceSectors) : 0
  if (deviceSectors < dataOffset + atEnd) return undefined
  const free = Math.floor((deviceSectors - dataOffset - atEnd) / 2)
  // A chunk that is no power of two is refused later, by the kernel; until then this mask is what mdadm computes with it.
  return chunkKib === 0 ? free : Number(BigInt(free) & ~BigInt(chunkKib - 1))
}

/**
 * Bytes for one bit of an internal bitmap.
 * @param syncSectors sectors that the bitmap covers
 * @param sizeSectors used size of a member, which decides the space kept for the bitmap
 * @param wanted what was asked for, a power of two, or undefined
 * @returns undefined if there is no room for a bitmap with chunks that small
 * @source add_internal_bitmap1, super1.c, mdadm 4.2
 */
export function bitmapChunkBytes(
  syncSectors: number,
  sizeSectors: number,
  wanted: number | undefined,
): number | undefined {
  const kept = bitmapSpaceSectors(sizeSectors)
  const room = wanted === undefined ? Math.min(kept, 256) : kept
  if (room <= 1) return undefined
  const maxBits = (room * 512 - 256) * 8
  let smallest = 4096
  let bits = Math.floor((syncSectors * 512) / smallest) + 1
  while (bits > maxBits) {
    smallest *= 2
    bits = Math.floor((bits + 1) / 2)
  }
  if (wanted === undefined) return Math.max(smallest, DEFAULT_BITMAP_CHUNK_BYTES)
  // The size travels through a 32-bit number: from 4 GiB on nothing of it is left.
  return wanted < smallest || wanted >= 2 ** 32 ? undefined : wanted
}

/** Sectors that the bitmap of an array covers: of each member, but for raid10 of the array. */
export function bitmapSyncSectors(level: number, layout: number, raidDevices: number, sizeSectors: number): number {
  if (level !== 10) return sizeSectors
  const copies = (layout & 255) * ((layout >> 8) & 255)
  return Math.floor(((sizeSectors / 2) * raidDevices) / copies) * 2
}

/** Number, role and sync state for each device listed. */
export interface Slots {
  /** In writing order; `device` is the position in the list. */
  readonly order: readonly { readonly device: number; readonly devNumber: number; readonly role: number }[]
  /** The array counts as in sync: nothing will be resynced (though a slot may be rebuilt). */
  readonly clean: boolean
}

/**
 * Gives each device its number and role.
 *
 * A raid4 or raid5 with all its devices is made with its last slot empty and that device as a spare: rebuilding one device is
 * cheaper than making all parity agree. That device comes last and gets the number after all others; the number of its slot is
 * skipped. `--force`, `--assume-clean` or a missing device switch this off. A raid6 with exactly one device missing is done so too.
 * @param present for each word of the device list: true for a device, false for `missing`
 * @source Create, Create.c, mdadm 4.2
 */
export function assignSlots(
  options: Pick<CreateOptions, 'level' | 'raidDevices' | 'assumeClean' | 'force' | 'journal'>,
  present: readonly boolean[],
): Slots {
  const { level, raidDevices, assumeClean, force, journal } = options
  if (journal !== undefined) return aroundJournal(options, present, journal)
  const missing = present.flatMap((here, device) => (here ? [] : [device]))
  const firstMissing = missing[0] ?? Infinity
  const secondMissing = missing[1] ?? Infinity
  const parity1 = level === 4 || level === 5
  let kept = Infinity
  if (!assumeClean && !force) {
    if (parity1 && firstMissing >= raidDevices) kept = raidDevices - 1
    if (level === 6 && firstMissing < raidDevices && secondMissing >= raidDevices) {
      kept = firstMissing === raidDevices - 1 ? raidDevices - 2 : raidDevices - 1
    }
  }
  const order = present.flatMap((here, device) =>
    here && device !== kept ? [{ device, devNumber: device, role: device < raidDevices ? device : ROLE_SPARE }] : [],
  )
  if (kept < present.length) order.push({ device: kept, devNumber: present.length, role: ROLE_SPARE })
  if (level <= 0) return { order, clean: true }
  const incomplete = parity1 ? firstMissing : level === 6 ? secondMissing : Infinity
  return { order, clean: assumeClean || kept < raidDevices || incomplete < raidDevices }
}

/** The journal has a number like all others, but no slot. */
function aroundJournal(
  options: Pick<CreateOptions, 'level' | 'raidDevices' | 'assumeClean' | 'force'>,
  present: readonly boolean[],
  journal: number,
): Slots {
  const { order, clean } = assignSlots(
    { ...options, journal: undefined },
    present.filter((_, device) => device !== journal),
  )
  const around = (device: number): number => (device < journal ? device : device + 1)
  const members = order.map((slot) => ({ ...slot, device: around(slot.device), devNumber: around(slot.devNumber) }))
  members.push({ device: journal, devNumber: journal, role: ROLE_JOURNAL })
  return { order: members.sort((a, b) => a.devNumber - b.devNumber), clean }
}

/** The layout that is stored when none is given. */
export function defaultLayout(level: number): number {
  if (level === 5 || level === 6) return 2
  if (level === 0) return RAID0_ORIGINAL_LAYOUT
  return level === 10 ? 0x102 : 0
}

/**
 * Decides everything for a new array.
 * @param sectors size of each device listed, undefined for `missing`
 * @errors asserts that `checkCreate` has accepted the same arguments
 */
export function layOutNewArray(options: CreateOptions, sectors: readonly (number | undefined)[]): NewArray {
  const { level, raidDevices } = options
  const chunkKib = hasChunk(level) ? (options.chunkKib ?? DEFAULT_CHUNK_KIB) : 0
  const minor = options.minor ?? DEFAULT_MINOR
  const first = sectors.find((size) => size !== undefined)
  assert(first !== undefined, 'a new array has at least one device')
  const dataOffset = dataOffsetSectors(first, chunkKib, minor)
  // A level without redundancy uses all of each member, and none is as good as another.
  const size = level <= 0 ? 0 : 2 * memberKib(level, withoutJournal(options, sectors), dataOffset, chunkKib, minor)
  const layout = options.layout ?? defaultLayout(level)
  const bitmap = newBitmap(options, layout, size)
  const slots = assignSlots(
    options,
    sectors.map((one) => one !== undefined),
  )
  return {
    level,
    layout,
    layoutCounts: level === 0 && layout !== 0 && hasZones(sectors, dataOffset, chunkKib),
    raidDevices,
    chunk: chunkKib * 2,
    dataOffset,
    size,
    bitmap,
    resyncOffset: slots.clean ? MAX_SECTOR : 0,
    members: slots.order.map((slot) => ({
      ...slot,
      ...memberPlaces(minor, sectors[slot.device] ?? 0, { dataOffset, size, bitmap }),
      writeMostly: options.writeMostly?.[slot.device] ?? false,
    })),
  }
}

/** What the places of a member's metadata follow from. */
export interface PlacesOf {
  readonly dataOffset: number
  /** Sectors used on each member. */
  readonly size: number
  readonly bitmap: { readonly chunkBytes: number; readonly syncSize: number } | undefined
}

/**
 * Where on one member superblock and bad-block log lie, and how many of its sectors may hold data.
 * @source write_init_super1, super1.c, mdadm 4.2
 */
export function memberPlaces(
  minor: MdMinor,
  deviceSectors: number,
  { dataOffset, size, bitmap }: PlacesOf,
): Pick<NewMember, 'superOffset' | 'dataSize' | 'badBlockLogOffset'> {
  const superOffset = superOffsetSectors(minor, deviceSectors)
  const bitmapRoom = bitmap ? bitmapSectors(bitmap) : bitmapSpaceSectors(size)
  if (minor === 0) {
    const room = Math.min(bitmapRoom + BAD_BLOCK_LOG_SECTORS, superOffset - size)
    const badBlockLogOffset = room >= BAD_BLOCK_LOG_SECTORS ? -BAD_BLOCK_LOG_SECTORS : 0
    return { superOffset, dataSize: superOffset - room, badBlockLogOffset }
  }
  const behind = BITMAP_OFFSET + bitmapRoom
  const fits = dataOffset >= superOffset + behind + BAD_BLOCK_LOG_SECTORS
  const badBlockLogOffset = fits ? behind : dataOffset - BAD_BLOCK_LOG_SECTORS - superOffset
  return { superOffset, dataSize: deviceSectors - dataOffset, badBlockLogOffset }
}

/** Sizes of those that hold the array's data. */
export function withoutJournal<T>({ journal }: CreateOptions, of: readonly T[]): readonly T[] {
  return journal === undefined ? of : of.filter((_, device) => device !== journal)
}

/** Whether members have different numbers of chunks. @source write_init_super1, super1.c, mdadm 4.2 */
function hasZones(sectors: readonly (number | undefined)[], dataOffset: number, chunkKib: number): boolean {
  const chunks = sectors.map((size) => Math.floor(((size ?? 0) - dataOffset) / (chunkKib * 2)))
  return chunks.some((count) => count !== chunks[0])
}

/** KiB used on each member: what the smallest can give, for raid1 in units of 64 KiB. */
export function memberKib(
  level: number,
  sectors: readonly (number | undefined)[],
  dataOffset: number,
  chunkKib: number,
  minor: MdMinor = DEFAULT_MINOR,
): number {
  const usable = sectors.flatMap((size) =>
    size === undefined ? [] : [usableKib(size, dataOffset, chunkKib, minor) ?? 0],
  )
  const least = Math.min(...usable)
  return hasChunk(level) ? least : least - (least % 64)
}

function newBitmap(options: CreateOptions, layout: number, size: number): NewArray['bitmap'] {
  const byItself = options.bitmap === undefined && size / 2 > BITMAP_BY_ITSELF_KIB
  if (options.bitmap !== 'internal' && !byItself) return undefined
  const syncSize = bitmapSyncSectors(options.level, layout, options.raidDevices, size)
  const chunkBytes = bitmapChunkBytes(syncSize, size, options.bitmapChunkBytes)
  assert(chunkBytes !== undefined, 'the bitmap has room')
  const offset = options.minor === 0 ? -bitmapRoomBefore(syncSize, chunkBytes) - BAD_BLOCK_LOG_SECTORS : BITMAP_OFFSET
  return { offset, chunkBytes, syncSize, writeBehind: options.writeBehind ?? 0 }
}

/** Sectors that are kept for a bitmap before the superblock. @source add_internal_bitmap1, super1.c, mdadm 4.2 */
function bitmapRoomBefore(syncSize: number, chunkBytes: number): number {
  const bits = Math.floor((syncSize * 512) / chunkBytes) + 1
  return Math.floor((Math.floor((bits + 7) / 8) + BITMAP_SUPER_BYTES + 4095) / 4096) * 8
}

/** Sectors that mdadm writes for a bitmap: header and bits in whole 4 KiB. */
export function bitmapSectors(bitmap: { readonly chunkBytes: number; readonly syncSize: number }): number {
  return Math.ceil(bitmapBytes(bitmapChunks(bitmap.syncSize, bitmap.chunkBytes)) / 4096) * 8
}
