import { fail, ok, type Result } from '../base/errno.ts'
import { bytes, i32, pad, struct, text, u16, u32, u64, u8, type RecordOf } from './struct.ts'

/**
 * The md superblock, version 1: one per member, 256 bytes and then one 16-bit role for every device number.
 * The minor version says only where it lies: 0 near the end, 1 at the start, 2 at 4 KiB.
 */

/** The fixed part; the roles follow it directly. */
export const MDP_SUPERBLOCK_1 = struct('mdp_superblock_1', 256, {
  magic: u32(0, 'A92B4EFC'),
  major_version: u32(4, 'always 1'),
  feature_map: u32(8, 'which optional fields count; an unknown bit refuses the member'),
  pad0: pad(12, 4),
  set_uuid: bytes(16, 16, 'the same on every member of the array'),
  set_name: text(32, 32, 'host:name, or only the name'),
  ctime: u32(64, 'creation: seconds'),
  ctime_high: u32(68, 'bits 32 to 39 of the seconds, microseconds above; Linux looks at neither'),
  level: i32(72, '-4 multipath, -1 linear, 0, 1, 4, 5, 6, 10'),
  layout: u32(76, 'raid5: 0 left-asymmetric, 1 right-asymmetric, 2 left-symmetric, 3 right-symmetric'),
  size: u64(80, 'sectors used on each member'),
  chunksize: u32(88, 'chunk in sectors'),
  raid_disks: u32(92, 'slots of the array'),
  bitmap_offset: i32(96, 'bitmap, in sectors from this superblock (ppl: offset and size, 16 bits each)'),
  new_level: u32(100, 'reshape: level after it'),
  reshape_position: u64(104, 'reshape: array sectors done'),
  delta_disks: i32(112, 'reshape: change of raid_disks'),
  new_layout: u32(116, 'reshape: layout after it'),
  new_chunk: u32(120, 'reshape: chunk in sectors after it'),
  new_offset: i32(124, 'reshape: added to data_offset after it'),
  data_offset: u64(128, 'first data sector of this member'),
  data_size: u64(136, 'sectors of this member that may hold data'),
  super_offset: u64(144, 'sector of this superblock'),
  recovery_offset: u64(152, 'sectors of this member that are rebuilt (journal: its tail)'),
  dev_number: u32(160, 'index of this member in the roles; not its slot'),
  cnt_corrected_read: u32(164, 'read errors that a rewrite has cured'),
  device_uuid: bytes(168, 16, 'this member only'),
  devflags: u8(184, '1 write-mostly, 2 fail fast'),
  bblog_shift: u8(185, 'bad-block log: unit is 1 << shift sectors'),
  bblog_size: u16(186, 'bad-block log: sectors reserved'),
  bblog_offset: i32(188, 'bad-block log, in sectors from this superblock'),
  utime: u32(192, 'last update: seconds'),
  utime_high: u32(196, 'bits 32 to 39 of the seconds, microseconds above; Linux looks at neither'),
  events: u64(200, 'goes up with each update; the highest is the freshest'),
  resync_offset: u64(208, 'sectors known to be in sync; all ones: clean'),
  sb_csum: u32(216, 'folded sum of all other 32-bit words, roles included'),
  max_dev: u32(220, 'number of roles that follow'),
  pad3: pad(224, 32, 'must be zero'),
})

/** A superblock in memory: the fields by their names on disk, and `max_dev` roles. */
export type MdSuperblock = RecordOf<typeof MDP_SUPERBLOCK_1> & { dev_roles: number[] }

export const MD_SB_MAGIC = 0xa92b4efc

/** Bytes that are read to find a superblock; roles that do not fit are not allowed. */
export const MD_SB_BYTES = 4096
export const MD_MAX_DEV = (MD_SB_BYTES - 256) / 2

/** Roles that are not a slot. Slots are below `ROLE_MAX`. */
export const ROLE_SPARE = 0xffff
export const ROLE_FAULTY = 0xfffe
export const ROLE_JOURNAL = 0xfffd
export const ROLE_MAX = 0xff00

export const FEATURE_BITMAP_OFFSET = 1
export const FEATURE_RECOVERY_OFFSET = 2
export const FEATURE_RESHAPE_ACTIVE = 4
export const FEATURE_BAD_BLOCKS = 8
export const FEATURE_REPLACEMENT = 16
export const FEATURE_RESHAPE_BACKWARDS = 32
export const FEATURE_NEW_OFFSET = 64
export const FEATURE_RECOVERY_BITMAP = 128
export const FEATURE_CLUSTERED = 256
export const FEATURE_JOURNAL = 512
export const FEATURE_PPL = 1024
export const FEATURE_MULTIPLE_PPLS = 2048
export const FEATURE_RAID0_LAYOUT = 4096
export const FEATURE_ALL = 8191

export const DEVFLAG_WRITE_MOSTLY = 1
export const DEVFLAG_FAILFAST = 2

/** Where the superblock lies: the minor version of the metadata. */
export type MdMinor = 0 | 1 | 2

/**
 * Where the superblock of a device lies.
 * @param deviceSectors size of the whole device
 * @returns sector; negative for a device too small for version 1.0
 * @source super_1_load, drivers/md/md.c, 6.1
 */
export function superOffsetSectors(minor: MdMinor, deviceSectors: number): number {
  if (minor === 1) return 0
  if (minor === 2) return 8
  return Math.floor((deviceSectors - 16) / 8) * 8
}

/** Which minor version a superblock is of. */
export function minorOf({ super_offset }: Pick<MdSuperblock, 'super_offset'>): MdMinor {
  if (super_offset === 0) return 1
  return super_offset === 8 ? 2 : 0
}

/** Its metadata version, as tools name it. */
export function versionOf(superblock: Pick<MdSuperblock, 'super_offset'>): string {
  return `1.${minorOf(superblock)}`
}

/** Bytes that a superblock takes on a device: the fixed part and the roles, in whole logical blocks. */
export function superblockBytes(maxDev: number, logicalBlockBytes = 512): number {
  return Math.ceil((256 + 2 * maxDev) / logicalBlockBytes) * logicalBlockBytes
}

/**
 * The checksum that belongs into `sb_csum`: the 64-bit sum of all 32-bit words with that field taken as zero, and a last odd
 * role if there is one, folded once to 32 bits.
 * @source calc_sb_1_csum, drivers/md/md.c, 6.1
 */
export function superblockChecksum(block: Uint8Array, maxDev: number): number {
  const view = new DataView(block.buffer, block.byteOffset, block.length)
  const length = 256 + 2 * maxDev
  let sum = 0
  let at = 0
  for (; at + 4 <= length; at += 4) {
    if (at !== MDP_SUPERBLOCK_1.offsets.sb_csum) sum += view.getUint32(at, true)
  }
  if (at < length) sum += view.getUint16(at, true)
  return (sum + Math.floor(sum / 2 ** 32)) >>> 0
}

/**
 * Writes a superblock as bytes with a fresh checksum.
 * @returns whole logical blocks of 512 bytes; what follows the roles is zero
 */
export function encodeSuperblock(superblock: MdSuperblock): Uint8Array {
  const block = new Uint8Array(superblockBytes(superblock.max_dev))
  MDP_SUPERBLOCK_1.write(block, 0, superblock)
  const view = new DataView(block.buffer)
  for (const [i, role] of superblock.dev_roles.entries()) {
    if (i < superblock.max_dev) view.setUint16(256 + 2 * i, role, true)
  }
  view.setUint32(MDP_SUPERBLOCK_1.offsets.sb_csum, superblockChecksum(block, superblock.max_dev), true)
  return block
}

/**
 * Reads the fields without judging them, as a tool that shows a superblock does.
 * @param block the 4 KiB at the superblock's sector (fewer are enough if they hold all roles)
 * @errors EINVAL if this is no version-1 superblock at all, or holds a number that nothing in memory can hold
 */
export function readSuperblock(block: Uint8Array): Result<MdSuperblock> {
  const view = new DataView(block.buffer, block.byteOffset, block.length)
  if (block.length < 256 || view.getUint32(0, true) !== MD_SB_MAGIC) return fail('EINVAL', 'no md superblock here')
  if (view.getUint32(4, true) !== 1) return fail('EINVAL', 'not a superblock of version 1')
  const maxDev = view.getUint32(MDP_SUPERBLOCK_1.offsets.max_dev, true)
  if (maxDev > MD_MAX_DEV || 256 + 2 * maxDev > block.length) {
    return fail('EINVAL', `${maxDev} roles do not fit behind the superblock`)
  }
  const raidDisks = view.getUint32(MDP_SUPERBLOCK_1.offsets.raid_disks, true)
  if (raidDisks > MD_MAX_DEV) return fail('EINVAL', `${raidDisks} devices are more than any superblock has roles for`)
  const unreadable = MDP_SUPERBLOCK_1.unreadable(block)
  if (unreadable) return fail('EINVAL', `${unreadable.name} is out of range`)
  const dev_roles = Array.from({ length: maxDev }, (_, i) => view.getUint16(256 + 2 * i, true))
  return ok({ ...MDP_SUPERBLOCK_1.read(block), dev_roles })
}

/** The device a superblock was read from, as far as the superblock must agree with it. */
export interface MdSuperblockPlace {
  readonly minor: MdMinor
  readonly deviceSectors: number
  /** Bytes of a logical block of the device; 512 if not given. */
  readonly logicalBlockBytes?: number
}

/**
 * Reads a superblock and accepts it only if Linux would.
 * @param block the 4 KiB at `superOffsetSectors(minor, deviceSectors)`
 * @errors EINVAL with the first reason, in the kernel's order
 * @differs a 64-bit field that is neither below 2^53 - 1 nor all ones is refused; Linux looks at most of them only later
 * @source super_1_load, drivers/md/md.c, 6.1
 */
export function loadSuperblock(block: Uint8Array, place: MdSuperblockPlace): Result<MdSuperblock> {
  const read = readSuperblock(block)
  if (!read.ok) return read
  const reason = refusal(read.value, block, place)
  return reason === undefined ? read : fail('EINVAL', reason)
}

function refusal(superblock: MdSuperblock, block: Uint8Array, place: MdSuperblockPlace): string | undefined {
  const { feature_map, max_dev, data_offset, data_size, super_offset } = superblock
  const start = superOffsetSectors(place.minor, place.deviceSectors)
  const end = start + superblockBytes(max_dev, place.logicalBlockBytes) / 512
  const newOffset = newDataOffset(superblock)
  if (super_offset !== start) return `the superblock says it lies at sector ${super_offset}, not ${start}`
  if ((feature_map & ~FEATURE_ALL) !== 0) return `unknown feature bits 0x${(feature_map & ~FEATURE_ALL).toString(16)}`
  if (superblockChecksum(block, max_dev) !== superblock.sb_csum) return 'invalid superblock checksum'
  if (data_size < 10) return 'data_size too small'
  const dirty = MDP_SUPERBLOCK_1.dirtyPad(block)
  if (dirty) return `${dirty.name} is not zero: perhaps a feature of the future`
  if (place.minor !== 0 && data_offset < end) return 'the data begins inside the superblock'
  if (place.minor !== 0 && newOffset < end) return 'after the reshape the data would begin inside the superblock'
  if ((feature_map & FEATURE_BAD_BLOCKS) !== 0) {
    if (superblock.bblog_size > 8) return 'the bad-block log is longer than 8 sectors'
    if (superblock.bblog_offset === 0) return 'there is no room for the bad-block log'
  }
  if ((feature_map & FEATURE_RAID0_LAYOUT) !== 0 && superblock.level !== 0) return 'a raid0 layout on another level'
  const room = place.minor === 0 ? start : place.deviceSectors - data_offset
  if (room < data_size) return `the device is too small: ${data_size} data sectors do not fit`
  return undefined
}

/** Where the data of this member begins once a reshape that is under way is done; `data_offset` if none is. */
export function newDataOffset(superblock: MdSuperblock): number {
  const both = FEATURE_RESHAPE_ACTIVE | FEATURE_NEW_OFFSET
  return superblock.data_offset + ((superblock.feature_map & both) === both ? superblock.new_offset : 0)
}

/**
 * What this superblock says that a device number is.
 * @returns a slot below `ROLE_MAX`, or one of the other roles; a number beyond the roles is a spare
 */
export function roleOf(superblock: MdSuperblock, devNumber = superblock.dev_number): number {
  return superblock.dev_roles[devNumber] ?? ROLE_SPARE
}

/** True of a member that holds a slot or the journal: only such a one may be the freshest. */
export function holdsRole(superblock: MdSuperblock): boolean {
  const role = roleOf(superblock)
  return role < ROLE_MAX || role === ROLE_JOURNAL
}

/** True if two members agree on what Linux compares before it takes them for the same array. */
export function sameArray(a: MdSuperblock, b: MdSuperblock): boolean {
  return (
    a.level === b.level &&
    a.layout === b.layout &&
    a.chunksize === b.chunksize &&
    a.set_uuid.every((byte, i) => byte === b.set_uuid[i])
  )
}
