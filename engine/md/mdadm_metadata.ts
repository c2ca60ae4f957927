import { BITMAP_MAGIC, BITMAP_VERSION, encodeBitmapSuper } from '../format/md_bitmap_super.ts'
import {
  DEVFLAG_WRITE_MOSTLY,
  encodeSuperblock,
  FEATURE_BITMAP_OFFSET,
  FEATURE_JOURNAL,
  FEATURE_RAID0_LAYOUT,
  MD_SB_MAGIC,
  ROLE_JOURNAL,
  ROLE_SPARE,
  superblockBytes,
  type MdSuperblock,
} from '../format/md_superblock.ts'
import {
  BAD_BLOCK_LOG_SECTORS,
  BITMAP_DAEMON_SLEEP_SECONDS,
  bitmapSectors,
  type NewArray,
  type NewMember,
} from './mdadm_layout.ts'

/** What names a new array and tells its members apart; none of it follows from the devices. */
export interface NewIdentity {
  readonly setUuid: Uint8Array
  readonly setName: string
  /** Seconds since 1970. */
  readonly seconds: number
}

/** Bytes for one place of a device. */
export interface MetadataWrite {
  readonly sector: number
  readonly bytes: Uint8Array
}

/** Roles for which a new superblock has room: those of all slots and spares, and as many more as fill the sector. */
export function newMaxDev(array: NewArray): number {
  const spares = array.members.filter((member) => member.role === ROLE_SPARE).length
  return (superblockBytes(array.raidDevices + spares) - 256) / 2
}

/**
 * What a member of a new array gets written, in this order: the superblock, with events 0, and the bitmap, all ones. Nothing else
 * is touched, the bad-block log neither; the kernel then assembles these members as it would any others.
 * @source write_init_super1, write_bitmap1, super1.c, mdadm 4.2
 */
export function newMemberWrites(
  array: NewArray,
  member: NewMember,
  identity: NewIdentity,
  deviceUuid: Uint8Array,
): MetadataWrite[] {
  const superblock = newSuperblock(array, member, identity, deviceUuid)
  const writes: MetadataWrite[] = [{ sector: member.superOffset, bytes: encodeSuperblock(superblock) }]
  if (array.bitmap) {
    const bytes = new Uint8Array(bitmapSectors(array.bitmap) * 512).fill(0xff)
    bytes.set(
      encodeBitmapSuper({
        magic: BITMAP_MAGIC,
        version: BITMAP_VERSION,
        uuid: identity.setUuid,
        events: 0,
        events_cleared: 0,
        sync_size: array.bitmap.syncSize,
        state: 0,
        chunksize: array.bitmap.chunkBytes,
        daemon_sleep: BITMAP_DAEMON_SLEEP_SECONDS,
        write_behind: array.bitmap.writeBehind ?? 0,
        sectors_reserved: 0,
        nodes: 0,
        cluster_name: '',
      }),
    )
    writes.push({ sector: member.superOffset + array.bitmap.offset, bytes })
  }
  return writes
}

/** The superblock of a member of a new array. */
export function newSuperblock(
  array: NewArray,
  member: NewMember,
  identity: NewIdentity,
  deviceUuid: Uint8Array,
): MdSuperblock {
  const max_dev = newMaxDev(array)
  const dev_roles = new Array<number>(max_dev).fill(ROLE_SPARE)
  for (const one of array.members) dev_roles[one.devNumber] = one.role
  return {
    magic: MD_SB_MAGIC,
    major_version: 1,
    feature_map:
      (array.bitmap ? FEATURE_BITMAP_OFFSET : 0) |
      (array.layoutCounts === true ? FEATURE_RAID0_LAYOUT : 0) |
      (array.members.some(({ role }) => role === ROLE_JOURNAL) ? FEATURE_JOURNAL : 0),
    set_uuid: identity.setUuid,
    set_name: identity.setName,
    ctime: identity.seconds,
    ctime_high: 0,
    level: array.level,
    layout: array.layout,
    size: array.size,
    chunksize: array.chunk,
    raid_disks: array.raidDevices,
    bitmap_offset: array.bitmap?.offset ?? 0,
    new_level: 0,
    reshape_position: 0,
    delta_disks: 0,
    new_layout: 0,
    new_chunk: 0,
    new_offset: 0,
    data_offset: array.dataOffset,
    data_size: member.dataSize,
    super_offset: member.superOffset,
    recovery_offset: 0,
    dev_number: member.devNumber,
    cnt_corrected_read: 0,
    device_uuid: deviceUuid,
    devflags: member.writeMostly === true ? DEVFLAG_WRITE_MOSTLY : 0,
    bblog_shift: 0,
    bblog_size: member.badBlockLogOffset === 0 ? 0 : BAD_BLOCK_LOG_SECTORS,
    bblog_offset: member.badBlockLogOffset,
    utime: identity.seconds,
    utime_high: 0,
    events: 0,
    resync_offset: array.resyncOffset,
    sb_csum: 0,
    max_dev,
    dev_roles,
  }
}

/**
 * The name of an array after its device.
 * @param path /dev/md0 gives 0, /dev/md_home gives home, /dev/md/home gives home
 * @source Create, Create.c, mdadm 4.2
 */
export function arrayName(path: string): string {
  const base = path.slice(path.lastIndexOf('/') + 1)
  const inDev = path === `/dev/${base}`
  if (inDev && base.startsWith('md_') && base.length > 3) return base.slice(3)
  if (inDev && /^md[0-9]/.test(base)) return base.slice(2)
  return base
}

/**
 * The name stored in the superblock: host and name, unless the name has a colon itself or both do not fit 32 bytes.
 * @param homehost name of the machine
 * @source init_super1, super1.c, mdadm 4.2
 */
export function setName(name: string, homehost: string): string {
  if (!name.includes(':') && homehost.length + 1 + name.length < 32) return `${homehost}:${name}`
  return name.slice(0, 31)
}
