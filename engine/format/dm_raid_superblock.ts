import { fail, ok, type Result } from '../base/errno.ts'
import { big64, i32, struct, u32, u64, type RecordOf } from './struct.ts'

/**
 * The superblock of a dm-raid set: at sector 0 of each leg's metadata device, one logical block long when it is written; the bitmap
 * follows at sector 8. It has no checksum and no uuid: device-mapper's table says what belongs together.
 *
 * The first 60 bytes are the old format; `compat_features` 1 says that the rest counts, too.
 */
export const DM_RAID_SUPERBLOCK = struct('dm_raid_superblock', 148, {
  magic: u32(0, '64526D44, the bytes "DmRd"'),
  compat_features: u32(4, '1: the fields from 60 on count; 0: they do not'),
  num_devices: u32(8, 'legs of the set'),
  array_position: u32(12, 'which of them this one is'),
  events: u64(16, 'goes up with each update; the highest is the freshest'),
  failed_devices: big64(24, 'bit i: leg i has failed or is missing (legs 0 to 63)'),
  disk_recovery_offset: u64(32, 'this leg is built up to this sector; all ones: in sync'),
  array_resync_offset: u64(40, 'the set is in sync up to this sector; all ones: all of it'),
  level: i32(48, '0, 1, 5, 6, 10; raid4 is 5'),
  layout: u32(52, 'as md counts them'),
  stripe_sectors: u32(56, 'chunk in sectors; raid1: 0'),
  flags: u32(60, '1 reshape under way, 2 it goes backwards'),
  reshape_position: u64(64, 'reshape: array sectors done; all ones: none'),
  new_level: i32(72, 'reshape: level after it'),
  new_layout: u32(76, 'reshape: layout after it'),
  new_stripe_sectors: u32(80, 'reshape: chunk in sectors after it'),
  delta_disks: i32(84, 'reshape: change of num_devices'),
  array_sectors: u64(88, 'size of the set'),
  data_offset: u64(96, 'first data sector of this leg'),
  new_data_offset: u64(104, 'reshape: the same after it'),
  sectors: u64(112, 'sectors used of this leg'),
  failed_devices_64: big64(120, 'bit i: leg 64 + i has failed or is missing'),
  failed_devices_128: big64(128, 'bit i: leg 128 + i has failed or is missing'),
  failed_devices_192: big64(136, 'bit i: leg 192 + i has failed or is missing'),
  incompat_features: u32(144, 'must be 0'),
})

export type DmRaidSuperblock = RecordOf<typeof DM_RAID_SUPERBLOCK>

export const DM_RAID_MAGIC = 0x64526d44
/** Where the bitmap begins, in sectors of the metadata device. */
export const DM_RAID_BITMAP_SECTOR = 8

/** Value of `compat_features`: the fields from 60 on count. */
export const DM_RAID_EXTENDED = 1
/** Value of `flags`. */
export const DM_RAID_RESHAPING = 1

/** Most legs that md takes. */
export const DM_RAID_LEGS_MAX = 253

const FAILED_FIELDS = [
  'failed_devices',
  'failed_devices_64',
  'failed_devices_128',
  'failed_devices_192',
] as const satisfies readonly (keyof DmRaidSuperblock)[]

/**
 * Writes the superblock as it stands on disk.
 * @param blockBytes of a logical block of the metadata device: so much is written, with zeros behind the fields
 * @source super_sync, drivers/md/dm-raid.c, 6.1
 */
export function encodeDmRaidSuperblock(superblock: DmRaidSuperblock, blockBytes = 512): Uint8Array {
  const block = new Uint8Array(blockBytes)
  DM_RAID_SUPERBLOCK.write(block, 0, superblock)
  return block
}

/**
 * Reads a superblock; null where there is none, which makes the leg a new one.
 * @param block at least the first 148 bytes of the metadata device
 * @errors EINVAL for a number that is out of range
 * @differs Linux looks at the numbers only when it works with them
 */
export function readDmRaidSuperblock(block: Uint8Array): Result<DmRaidSuperblock | null> {
  const view = new DataView(block.buffer, block.byteOffset, block.length)
  if (block.length < DM_RAID_SUPERBLOCK.size || view.getUint32(0, true) !== DM_RAID_MAGIC) return ok(null)
  const unreadable = DM_RAID_SUPERBLOCK.unreadable(block)
  if (unreadable) return fail('EINVAL', `${unreadable.name} is out of range`)
  return ok(DM_RAID_SUPERBLOCK.read(block))
}

/** The legs whose bits are set in failed_devices; of the old format only the first 64 count. */
export function failedLegs(superblock: DmRaidSuperblock): number[] {
  const fields = superblock.compat_features === DM_RAID_EXTENDED ? FAILED_FIELDS : FAILED_FIELDS.slice(0, 1)
  const legs: number[] = []
  fields.forEach((field, part) => {
    for (let bit = 0; bit < 64; bit++) {
      if (((superblock[field] >> BigInt(bit)) & 1n) === 1n) legs.push(part * 64 + bit)
    }
  })
  return legs
}

/** The four fields of failed_devices with the bits of these legs set. */
export function failedFields(legs: Iterable<number>): Pick<DmRaidSuperblock, (typeof FAILED_FIELDS)[number]> {
  const fields = { failed_devices: 0n, failed_devices_64: 0n, failed_devices_128: 0n, failed_devices_192: 0n }
  for (const leg of legs) fields[FAILED_FIELDS[leg >> 6]] |= 1n << BigInt(leg & 63)
  return fields
}

/** Why Linux does not take a superblock for one of a set, or undefined. @source super_validate, drivers/md/dm-raid.c, 6.1 */
export function dmRaidFeatureRefusal(superblock: DmRaidSuperblock): string | undefined {
  if (superblock.compat_features > DM_RAID_EXTENDED) {
    return `unknown compatible features 0x${superblock.compat_features.toString(16)}`
  }
  if (superblock.incompat_features !== 0) {
    return `unknown incompatible features 0x${superblock.incompat_features.toString(16)}`
  }
  return undefined
}
