/**
 * An array of mdadm's: its members carry superblocks of version 1, which hold the array together and say where bitmap and
 * bad-block log lie.
 * @source super_1_sync, drivers/md/md.c, 6.1
 */
import { READ, type Bio } from '../block/bio.ts'
import type { BlockDevice } from '../block/device.ts'
import { encodeBadBlocks } from '../format/md_badblocks.ts'
import {
  DEVFLAG_WRITE_MOSTLY,
  encodeSuperblock,
  FEATURE_BAD_BLOCKS,
  FEATURE_BITMAP_OFFSET,
  FEATURE_JOURNAL,
  FEATURE_RAID0_LAYOUT,
  FEATURE_RECOVERY_BITMAP,
  FEATURE_RECOVERY_OFFSET,
  FEATURE_REPLACEMENT,
  ROLE_FAULTY,
  ROLE_JOURNAL,
  ROLE_SPARE,
  type MdSuperblock,
} from '../format/md_superblock.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import { SECOND, type Sim } from '../sim/sim.ts'
import { MdArray, type AfterCrash, type MetadataWrite } from './array.ts'
import { BadBlockList } from './bad_block_list.ts'
import type { ArrayGeometry } from './array_geometry.ts'
import { Member } from './member.ts'

export class NativeMember extends Member {
  /** The superblock as it was read or last written; fields that never change are taken from it. */
  superblock: MdSuperblock

  constructor(device: BlockDevice, superblock: MdSuperblock) {
    super(device, {
      descNr: superblock.dev_number,
      dataOffset: superblock.data_offset,
      events: superblock.events,
      // Without room for a log there is no list.
      badBlocks: superblock.bblog_size > 0 ? new BadBlockList() : null,
      correctedErrors: superblock.cnt_corrected_read,
      writeMostly: (superblock.devflags & DEVFLAG_WRITE_MOSTLY) !== 0,
    })
    this.superblock = superblock
  }
}

export class NativeArray extends MdArray {
  declare members: NativeMember[]
  /** Fields of the superblock that concern the array as a whole. */
  readonly superblock: MdSuperblock
  /** Seconds since 1970 at virtual time 0. */
  readonly epochSeconds: number
  /** It was in sync when it started, and all that is written since is in its journal. In Linux: MD_JOURNAL_CLEAN. */
  journalClean: boolean

  constructor(
    sim: Sim,
    minor: number,
    geometry: ArrayGeometry,
    memberSectors: number,
    superblock: MdSuperblock,
    epochSeconds: number,
  ) {
    super(sim, minor, geometry, memberSectors, `md${minor}`, (superblock.feature_map & FEATURE_JOURNAL) !== 0)
    this.superblock = superblock
    this.epochSeconds = epochSeconds
    this.journalClean = false
    this.events = superblock.events
    this.resyncOffset = superblock.resync_offset
  }

  override get layout(): number {
    return layoutOf(this.superblock)
  }

  /** A broken array takes no write at all; one below a raid target is not asked. @source md_submit_bio, drivers/md/md.c, 6.1 */
  protected override take(bio: Bio): void {
    if (this.broken && bio.op !== READ) this.endBio(bio, 'EIO')
    else super.take(bio)
  }

  override afterCrash(): AfterCrash {
    return this.journalClean ? 'nothing' : super.afterCrash()
  }

  override bitmapSector(member: NativeMember): number {
    return member.superblock.super_offset + member.superblock.bitmap_offset
  }

  override metadataWrites(member: NativeMember): MetadataWrite[] {
    member.superblock = memberSuperblock(this, member)
    const { super_offset, bblog_offset, bblog_size, bblog_shift } = member.superblock
    const writes = [{ sector: super_offset, bytes: encodeSuperblock(member.superblock) }]
    const list = member.badBlocks
    if (list === null || !list.changed) return writes
    list.changed = false
    if (list.entries.length > 0) {
      writes.push({
        sector: super_offset + bblog_offset,
        bytes: encodeBadBlocks(list.entries, bblog_size, bblog_shift),
      })
    }
    return writes
  }
}

/** The layout as the kernel takes it: that of a RAID-0 counts only if a feature says so. @source super_1_validate, drivers/md/md.c, 6.1 */
export function layoutOf({ level, layout, feature_map }: MdSuperblock): number {
  return level === 0 && (feature_map & FEATURE_RAID0_LAYOUT) === 0 ? -1 : layout
}

/** The superblock of one member as the array stands now. */
export function memberSuperblock(array: NativeArray, member: NativeMember): MdSuperblock {
  const own = member.superblock
  const recovering = member.slot >= 0 && !member.inSync
  let features = 0
  if (array.bitmap !== null) features |= FEATURE_BITMAP_OFFSET
  if (array.journaled) features |= FEATURE_JOURNAL
  if (recovering) {
    features |= FEATURE_RECOVERY_OFFSET
    if (member.savedSlot >= 0 && array.bitmap !== null) features |= FEATURE_RECOVERY_BITMAP
  }
  if (member.isReplacement) features |= FEATURE_REPLACEMENT
  if (member.badBlocks !== null && member.badBlocks.entries.length > 0) features |= FEATURE_BAD_BLOCKS
  const dev_roles = new Array<number>(own.max_dev).fill(ROLE_SPARE)
  for (const other of array.members) {
    if (other.descNr >= own.max_dev) continue
    if (other.faulty) dev_roles[other.descNr] = ROLE_FAULTY
    else if (other.isJournal) dev_roles[other.descNr] = ROLE_JOURNAL
    else if (other.slot >= 0) dev_roles[other.descNr] = other.slot
  }
  return {
    ...own,
    ...arrayFields(array),
    feature_map: features,
    recovery_offset: recovering ? member.recoveryOffset : member.journalTail,
    cnt_corrected_read: member.correctedErrors,
    dev_number: member.descNr,
    dev_roles,
  }
}

function arrayFields(array: NativeArray) {
  return {
    events: array.events,
    resync_offset: array.inSync ? array.resyncOffset : array.journalClean ? MAX_SECTOR : 0,
    raid_disks: array.raidDisks,
    size: array.memberSectors,
    utime: array.epochSeconds + Math.floor(array.sim.now / SECOND),
  }
}
