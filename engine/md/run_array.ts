/**
 * Starting an array from its members' superblocks: the freshest is believed, the others are held against it; the bitmap is read
 * from a member that is in sync and says, together with the resync offset, which chunks must be resynced.
 * @source analyze_sbs, super_1_validate, md_run, drivers/md/md.c; raid5_run, drivers/md/raid5.c; md_bitmap_load, 6.1
 */
import { fail, type Failure } from '../base/errno.ts'
import { Bio, META, READ, SYNC, type BioOwner } from '../block/bio.ts'
import type { BlockDevice } from '../block/device.ts'
import { decodeBadBlocks } from '../format/md_badblocks.ts'
import { BITMAP_PAGE_BYTES, bitmapChunks, bitmapPages, loadBitmapSuper } from '../format/md_bitmap_super.ts'
import {
  FEATURE_BAD_BLOCKS,
  FEATURE_BITMAP_OFFSET,
  FEATURE_RECOVERY_BITMAP,
  FEATURE_RECOVERY_OFFSET,
  ROLE_FAULTY,
  ROLE_MAX,
  type MdSuperblock,
} from '../format/md_superblock.ts'
import { Procedure } from '../sim/procedure.ts'
import { MdArray } from './array.ts'
import { BadBlockList } from './bad_block_list.ts'
import { Bitmap } from './bitmap.ts'
import { Geometry } from './geometry.ts'
import type { Md } from './md.ts'
import { Member } from './member.ts'

/** A device that is offered to an array, with the superblock that was read from it. */
export interface OfferedMember {
  readonly device: BlockDevice
  readonly superblock: MdSuperblock
}

export class RunArray extends Procedure implements BioOwner {
  readonly md: Md
  readonly minor: number
  readonly offered: readonly OfferedMember[]
  array: MdArray | null
  failure: Failure | null
  buffer: number
  readFailed: boolean
  stale: boolean
  private readonly cause: number

  /** @param offered in the order in which they are given to the kernel. */
  constructor(md: Md, minor: number, offered: readonly OfferedMember[], cause: number) {
    super(md.sim, 'analyse superblocks')
    this.md = md
    this.minor = minor
    this.offered = offered
    this.array = null
    this.failure = null
    this.buffer = 0
    this.readFailed = false
    this.stale = false
    this.cause = cause
  }

  override steps() {
    return STEPS
  }

  read(member: Member, sector: number, sectors: number, data: number): void {
    this.expect()
    member.device.submit(new Bio(this.sim, this, READ, SYNC | META, sector, sectors, data, this.cause))
  }

  bioDone(bio: Bio): void {
    if (bio.status !== 'OK') this.readFailed = true
    this.arrived()
  }

  /** Lets go of everything; the array does not start. */
  abort(failure: Failure): string {
    this.failure = failure
    const { array } = this
    if (this.buffer !== 0) this.sim.memory.free(this.buffer)
    this.buffer = 0
    if (array !== null) for (const member of array.members) member.release(array.name)
    this.array = null
    return ''
  }
}

const STEPS = {
  'analyse superblocks': (run: RunArray): string => {
    const { md, minor, offered } = run
    // Of equals the one that was bound last: the kernel's list of members begins with it.
    const freshest = offered.reduce<OfferedMember | null>(
      (best, one) => (best === null || one.superblock.events >= best.superblock.events ? one : best),
      null,
    )
    if (freshest === null) return run.abort(fail('EINVAL', 'an array has at least one member'))
    const { superblock } = freshest
    const { level } = superblock
    if (level !== 4 && level !== 5) return run.abort(fail('EINVAL', `level ${level} is not known here; 4 and 5 are`))
    const chunk = superblock.chunksize
    if (chunk < 8 || (chunk & (chunk - 1)) !== 0) {
      return run.abort(fail('EINVAL', `a chunk of ${chunk} sectors: it must be a power of two, and 8 at least`))
    }
    if (superblock.layout > 5) return run.abort(fail('EINVAL', `layout ${superblock.layout} is not one of 0 to 5`))
    const geometry = new Geometry({
      level,
      layout: superblock.layout,
      raidDisks: superblock.raid_disks,
      chunkSectors: chunk,
    })
    const memberSectors = superblock.size - (superblock.size % chunk)
    const array = new MdArray(run.sim, minor, geometry, memberSectors, superblock, md.epochSeconds)
    run.array = array
    array.events = superblock.events
    array.resyncOffset = superblock.resync_offset
    for (const one of offered) {
      const member = validMember(array, one)
      if (member === null) continue
      const claimed = member.claim(array.name)
      if (!claimed.ok) return run.abort(claimed)
      array.members.unshift(member)
      if (member.slot >= 0 && array.slots[member.slot] === null) array.slots[member.slot] = member
      else member.slot = -1
    }
    array.degraded = array.countDegraded()
    const refusal = array.personality.refusal()
    if (refusal !== null) return run.abort(fail('EIO', refusal))
    for (const member of array.slots) {
      if (member !== null && !member.inSync && member.savedSlot !== member.slot) array.fullSync = true
    }
    return 'read bad-block logs'
  },

  'read bad-block logs': (run: RunArray): string => {
    const array = run.array as MdArray
    run.buffer = run.sim.memory.allocateZeroed(array.members.length * 4096)
    array.members.forEach((member, i) => {
      const { superblock } = member
      if ((superblock.feature_map & FEATURE_BAD_BLOCKS) === 0) return
      run.read(member, superblock.super_offset + superblock.bblog_offset, superblock.bblog_size, run.buffer + i * 4096)
    })
    return 'take bad-block logs'
  },

  'take bad-block logs': (run: RunArray): string => {
    const array = run.array as MdArray
    array.members.forEach((member, i) => {
      const { superblock } = member
      if ((superblock.feature_map & FEATURE_BAD_BLOCKS) === 0) return
      const from = run.buffer + i * 4096
      const log = run.sim.memory.bytes.slice(from, from + superblock.bblog_size * 512)
      member.badBlocks = new BadBlockList(decodeBadBlocks(log, superblock.bblog_shift))
    })
    run.sim.memory.free(run.buffer)
    run.buffer = 0
    if ((array.superblock.feature_map & FEATURE_BITMAP_OFFSET) === 0) return 'start'
    return 'read the bitmap header'
  },

  'read the bitmap header': (run: RunArray): string => {
    const array = run.array as MdArray
    const member = bitmapSource(array)
    if (member === undefined) return run.abort(fail('EINVAL', 'no member in sync to read the bitmap from'))
    run.buffer = run.sim.memory.allocateZeroed(BITMAP_PAGE_BYTES)
    run.read(member, bitmapSector(member), 8, run.buffer)
    return 'judge the bitmap header'
  },

  'judge the bitmap header': (run: RunArray): string => {
    const array = run.array as MdArray
    if (run.readFailed) return run.abort(fail('EIO', 'the bitmap could not be read'))
    const page = run.sim.memory.bytes.slice(run.buffer, run.buffer + BITMAP_PAGE_BYTES)
    run.sim.memory.free(run.buffer)
    run.buffer = 0
    const loaded = loadBitmapSuper(page, { uuid: array.superblock.set_uuid, events: array.events })
    if (!loaded.ok) return run.abort(loaded)
    run.stale = loaded.value.stale
    array.bitmap = new Bitmap(array, loaded.value.header)
    const member = bitmapSource(array) as Member
    const pages = bitmapPages(bitmapChunks(array.memberSectors, loaded.value.header.chunksize))
    run.buffer = run.sim.memory.allocateZeroed(pages * BITMAP_PAGE_BYTES)
    run.read(member, bitmapSector(member), pages * 8, run.buffer)
    return 'load the bits'
  },

  'load the bits': (run: RunArray): string => {
    const array = run.array as MdArray
    const bitmap = array.bitmap as Bitmap
    if (run.readFailed) return run.abort(fail('EIO', 'the bitmap could not be read'))
    const bytes = run.sim.memory.bytes.slice(run.buffer, run.buffer + bitmap.pages * BITMAP_PAGE_BYTES)
    run.sim.memory.free(run.buffer)
    run.buffer = 0
    const believed = array.degraded === 0 || bitmap.eventsCleared === array.events
    bitmap.load(bytes, run.stale, believed ? array.resyncOffset : 0)
    bitmap.daemonLastRun = run.sim.now
    bitmap.updateHeader()
    const writers = array.members.filter((member) => member.slot >= 0 && !member.faulty).length
    const pages = run.stale ? bitmap.pages : 1
    run.pending += writers * pages
    for (let page = 0; page < pages; page++) bitmap.writePage(page, new StartWrite(run, array))
    return 'start'
  },

  start: (run: RunArray): string => {
    const array = run.array as MdArray
    run.md.add(array)
    array.recoveryNeeded = true
    array.wakeThread()
    return ''
  },
}

/** A bitmap page written while the array starts. */
class StartWrite implements BioOwner {
  readonly run: RunArray
  readonly array: MdArray

  constructor(run: RunArray, array: MdArray) {
    this.run = run
    this.array = array
  }

  bioDone(bio: Bio): void {
    this.array.metadataDone(bio)
    this.run.arrived()
  }
}

function bitmapSource(array: MdArray): Member | undefined {
  return array.members.find((member) => member.slot >= 0 && member.inSync && !member.faulty)
}

function bitmapSector(member: Member): number {
  return member.superblock.super_offset + member.superblock.bitmap_offset
}

/** What a superblock says of its member's place; null for one that is too old to be believed. */
function validMember(array: MdArray, offered: OfferedMember): Member | null {
  const { superblock } = offered
  const role = superblock.dev_roles[superblock.dev_number] ?? ROLE_MAX
  if (role < ROLE_MAX && superblock.events + 1 < array.events) return null
  const member = new Member(offered.device, superblock)
  takeRole(member, roleInArray(array, member))
  return member
}

/** The freshest superblock has the last word on who is what. */
function roleInArray(array: MdArray, member: Member): number {
  const own = member.superblock
  const source = own.events < array.events ? array.superblock : own
  return source.dev_roles[own.dev_number] ?? ROLE_MAX
}

/** Fills in slot, sync state and recovery offset from a role. @source super_1_validate, drivers/md/md.c, 6.1 */
export function takeRole(member: Member, role: number): void {
  const own = member.superblock
  if (role === ROLE_FAULTY) {
    member.faulty = true
    return
  }
  if (role >= ROLE_MAX) return
  member.slot = role
  member.savedSlot = role
  if ((own.feature_map & FEATURE_RECOVERY_OFFSET) !== 0) {
    member.recoveryOffset = own.recovery_offset
    if ((own.feature_map & FEATURE_RECOVERY_BITMAP) === 0) member.savedSlot = -1
  } else {
    member.inSync = true
  }
}
