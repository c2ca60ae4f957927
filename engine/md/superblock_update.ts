/**
 * Writing the superblocks: the event count moves, the bitmap's header goes out first and is waited for, then the superblock of
 * every working member, each flushed before and durable after. Then, and only then, writes that waited go on.
 * @source md_update_sb, sync_sbs, super_1_sync, drivers/md/md.c, 6.1
 */
import type { Bio, BioOwner } from '../block/bio.ts'
import { SECOND } from '../sim/sim.ts'
import { TRACE } from '../sim/trace.ts'
import { Procedure } from '../sim/procedure.ts'
import { encodeBadBlocks } from '../format/md_badblocks.ts'
import {
  encodeSuperblock,
  FEATURE_BAD_BLOCKS,
  FEATURE_BITMAP_OFFSET,
  FEATURE_RECOVERY_BITMAP,
  FEATURE_RECOVERY_OFFSET,
  ROLE_FAULTY,
  ROLE_SPARE,
  type MdSuperblock,
} from '../format/md_superblock.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import { CHANGE_CLEAN, CHANGE_DEVS, CHANGE_PENDING, type MdArray } from './array.ts'
import type { Member } from './member.ts'

const SUPERBLOCK_ROOM = 4096

export class UpdateSuperblocks extends Procedure implements BioOwner {
  readonly array: MdArray
  /** Addresses of what is being written, to be freed. */
  buffers: number[]

  constructor(array: MdArray) {
    super(array.sim, 'count the event')
    this.array = array
    this.buffers = []
  }

  override steps() {
    return STEPS
  }

  bioDone(bio: Bio): void {
    this.array.metadataDone(bio)
    this.arrived()
  }
}

const STEPS = {
  'count the event': (update: UpdateSuperblocks): string => {
    const { array } = update
    noteRecovery(array)
    const forced = (array.changes & CHANGE_DEVS) !== 0 || array.degraded > 0
    const clean = (array.changes & CHANGE_CLEAN) !== 0 && !forced
    array.changes = CHANGE_PENDING
    if (clean && array.inSync && array.resyncOffset === MAX_SECTOR && array.canDecreaseEvents && array.events !== 1) {
      array.events--
      array.canDecreaseEvents = false
    } else {
      array.events++
      array.canDecreaseEvents = clean
    }
    array.sim.emit(TRACE.superblock_write, array.minor, array.events, array.inSync ? 1 : 0)
    return 'write the bitmap header'
  },

  'write the bitmap header': (update: UpdateSuperblocks): string => {
    const { array } = update
    if (array.bitmap !== null) {
      array.bitmap.updateHeader()
      update.pending += array.members.filter((member) => member.slot >= 0 && !member.faulty).length
      array.bitmap.writePage(0, update)
    }
    return 'write the superblocks'
  },

  'write the superblocks': (update: UpdateSuperblocks): string => {
    const { array } = update
    const { memory } = array.sim
    for (const member of [...array.members]) {
      if (member.faulty) continue
      member.superblock = memberSuperblock(array, member)
      member.superblockEvents = array.events
      const bytes = encodeSuperblock(member.superblock)
      const address = memory.allocateZeroed(SUPERBLOCK_ROOM)
      memory.bytes.set(bytes, address)
      update.buffers.push(address)
      update.pending++
      array.submitMetadata(
        member,
        member.superblock.super_offset,
        bytes.length / 512,
        address,
        update,
        array.causes.superblock,
      )
      writeBadBlocks(update, member)
    }
    return 'go on'
  },

  'go on': (update: UpdateSuperblocks): string => {
    const { array } = update
    for (const address of update.buffers) array.sim.memory.free(address)
    update.buffers = []
    array.updating = null
    if ((array.changes & ~CHANGE_PENDING) === 0) {
      array.changes = 0
      array.changesRecorded()
    }
    array.wakeThread()
    return ''
  },
}

/** A recovery under way is recorded as far as it is complete. */
function noteRecovery(array: MdArray): void {
  const { sync } = array
  if (sync === null || sync.action !== 'recover') return
  for (const member of array.members) {
    if (member.slot < 0 || member.inSync || member.faulty) continue
    if (sync.completed > member.recoveryOffset) member.recoveryOffset = sync.completed
  }
}

function writeBadBlocks(update: UpdateSuperblocks, member: Member): void {
  const { array } = update
  const list = member.badBlocks
  if (list === null || !list.changed) return
  list.changed = false
  if (list.entries.length === 0) return
  const { memory } = array.sim
  const log = encodeBadBlocks(list.entries, member.superblock.bblog_size, member.superblock.bblog_shift)
  const address = memory.allocateZeroed(log.length)
  memory.bytes.set(log, address)
  update.buffers.push(address)
  update.pending++
  const sector = member.superblock.super_offset + member.superblock.bblog_offset
  array.submitMetadata(member, sector, log.length / 512, address, update, array.causes.superblock)
}

/** The superblock of one member as the array stands now. */
export function memberSuperblock(array: MdArray, member: Member): MdSuperblock {
  const own = member.superblock
  const recovering = member.slot >= 0 && !member.inSync
  let features = 0
  if (array.bitmap !== null) features |= FEATURE_BITMAP_OFFSET
  if (recovering) {
    features |= FEATURE_RECOVERY_OFFSET
    if (member.savedSlot >= 0 && array.bitmap !== null) features |= FEATURE_RECOVERY_BITMAP
  }
  if (member.badBlocks !== null && member.badBlocks.entries.length > 0) features |= FEATURE_BAD_BLOCKS
  const dev_roles = new Array<number>(own.max_dev).fill(ROLE_SPARE)
  for (const other of array.members) {
    if (other.descNr >= own.max_dev) continue
    if (other.faulty) dev_roles[other.descNr] = ROLE_FAULTY
    else if (other.slot >= 0) dev_roles[other.descNr] = other.slot
  }
  return {
    ...own,
    ...arrayFields(array),
    feature_map: features,
    recovery_offset: recovering ? member.recoveryOffset : 0,
    cnt_corrected_read: member.correctedErrors,
    dev_number: member.descNr,
    dev_roles,
  }
}

function arrayFields(array: MdArray) {
  return {
    events: array.events,
    resync_offset: array.inSync ? array.resyncOffset : 0,
    raid_disks: array.raidDisks,
    size: array.memberSectors,
    utime: array.epochSeconds + Math.floor(array.sim.now / SECOND),
  }
}
