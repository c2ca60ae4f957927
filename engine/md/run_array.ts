/**
 * Starting an array from its members' superblocks: the freshest is believed, the others are held against it; the bitmap is read
 * from a member that is in sync and says, together with the resync offset, which chunks must be resynced.
 * @source analyze_sbs, super_1_validate, md_run, drivers/md/md.c; raid5_run, drivers/md/raid5.c; md_bitmap_load, 6.1
 */
import { PERSONALITIES, type StartProcedure } from './personality.ts'
import { fail, type Failure } from '../base/errno.ts'
import { Bio, META, READ, SYNC, type BioOwner } from '../block/bio.ts'
import type { BlockDevice } from '../block/device.ts'
import { decodeBadBlocks } from '../format/md_badblocks.ts'
import {
  FEATURE_BAD_BLOCKS,
  FEATURE_BITMAP_OFFSET,
  FEATURE_RECOVERY_BITMAP,
  FEATURE_RECOVERY_OFFSET,
  FEATURE_JOURNAL,
  FEATURE_REPLACEMENT,
  ROLE_FAULTY,
  ROLE_JOURNAL,
  ROLE_MAX,
  roleOf,
  type MdSuperblock,
} from '../format/md_superblock.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import { Procedure } from '../sim/procedure.ts'
import { BadBlockList } from './bad_block_list.ts'
import type { Bitmap } from './bitmap.ts'
import { CreateBitmap, LoadBitmap } from './bitmap_load.ts'
import { geometryOf } from './array_geometry.ts'
import type { Md } from './md.ts'
import { layoutOf, NativeArray, NativeMember } from './native_array.ts'
import { countDegraded } from './place.ts'

/** A device that is offered to an array, with the superblock that was read from it. */
export interface OfferedMember {
  readonly device: BlockDevice
  readonly superblock: MdSuperblock
}

export class RunArray extends Procedure implements BioOwner {
  readonly md: Md
  readonly minor: number
  readonly offered: readonly OfferedMember[]
  array: NativeArray | null
  failure: Failure | null
  creating: CreateBitmap | null
  loading: LoadBitmap | null
  starting: StartProcedure | null
  buffer: number
  readonly cause: number

  /** @param offered in the order in which they are given to the kernel. */
  constructor(md: Md, minor: number, offered: readonly OfferedMember[], cause: number) {
    super(md.sim, 'analyse superblocks')
    this.md = md
    this.minor = minor
    this.offered = offered
    this.array = null
    this.failure = null
    this.creating = null
    this.loading = null
    this.starting = null
    this.buffer = 0
    this.cause = cause
  }

  override steps() {
    return STEPS
  }

  read(member: NativeMember, sector: number, sectors: number, data: number): void {
    this.expect()
    member.device.submit(new Bio(this.sim, this, READ, SYNC | META, sector, sectors, data, this.cause))
  }

  bioDone(): void {
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
    const { level, raid_disks: raidDisks, chunksize: chunkSectors } = superblock
    const layout = layoutOf(superblock)
    md.loadPersonality(level)
    const memberSectors = level === 1 ? superblock.size : superblock.size - (superblock.size % chunkSectors)
    const slotSectors = Array.from({ length: raidDisks }, (_, slot) => roomInSlot(offered, slot))
    const geometry = geometryOf({ level, layout, raidDisks, chunkSectors, memberSectors, slotSectors })
    if (!geometry.ok) return run.abort(geometry)
    const journaled = (superblock.feature_map & FEATURE_JOURNAL) !== 0
    if (PERSONALITIES.find(level, journaled) === undefined)
      return run.abort(fail('EINVAL', `level ${level} does not run here`))
    const usedSectors = geometry.value.level === 10 ? geometry.value.usedSectors : memberSectors
    const array = new NativeArray(run.sim, minor, geometry.value, usedSectors, superblock, md.epochSeconds)
    run.array = array
    for (const one of offered) {
      const member = validMember(array, one)
      if (member === null) continue
      const claimed = member.claim(array.name)
      if (!claimed.ok) return run.abort(claimed)
      array.members.unshift(member)
      const places = member.isReplacement ? array.replacements : array.slots
      if (member.slot >= 0 && places[member.slot] === null) places[member.slot] = member
      else member.slot = -1
    }
    const misplaced = placeReplacements(array)
    if (misplaced !== null) return run.abort(misplaced)
    array.degraded = countDegraded(array)
    const refusal = array.personality.refusal()
    if (refusal !== null) return run.abort(refusal)
    if (array.personality.startsClean) array.resyncOffset = MAX_SECTOR
    for (const member of array.placed()) {
      if (member.inSync) continue
      if (array.personality.isStranger(member.savedSlot, member.slot)) array.fullSync = true
    }
    return 'read bad-block logs'
  },

  'read bad-block logs': (run: RunArray): string => {
    const array = run.array as NativeArray
    run.buffer = run.sim.memory.allocateZeroed(array.members.length * 4096)
    array.members.forEach((member, i) => {
      const { superblock } = member
      if ((superblock.feature_map & FEATURE_BAD_BLOCKS) === 0) return
      run.read(member, superblock.super_offset + superblock.bblog_offset, superblock.bblog_size, run.buffer + i * 4096)
    })
    return 'take bad-block logs'
  },

  'take bad-block logs': (run: RunArray): string => {
    const array = run.array as NativeArray
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
    run.creating = new CreateBitmap(array, array.superblock.set_uuid, run.cause)
    run.call(run.creating)
    return 'load the bitmap'
  },

  'load the bitmap': (run: RunArray): string => {
    const array = run.array as NativeArray
    const failure = run.creating?.failure ?? null
    if (failure !== null) return run.abort(failure)
    run.loading = new LoadBitmap(array, array.bitmap as Bitmap, run.cause)
    run.call(run.loading)
    return 'start'
  },

  start: (run: RunArray): string => {
    const array = run.array as NativeArray
    const failure = run.loading?.failure ?? null
    if (failure !== null) return run.abort(failure)
    run.starting = array.personality.start?.() ?? null
    if (run.starting !== null) run.call(run.starting)
    return 'run'
  },

  run: (run: RunArray): string => {
    const array = run.array as NativeArray
    const failure = run.starting?.failure ?? null
    if (failure !== null) return run.abort(failure)
    run.md.add(array)
    array.recoveryNeeded = true
    array.wakeThread()
    array.personality.started()
    return ''
  },
}

/** Sectors on the member of a slot; 0 if there is none. */
function roomInSlot(offered: readonly OfferedMember[], slot: number): number {
  return offered.find(({ superblock }) => roleOf(superblock) === slot)?.superblock.data_size ?? 0
}

/**
 * Where only the replacement is there, it is what there is. Beside a member of a RAID-1 that is not in sync there can be none.
 * @source raid5_run, setup_conf of drivers/md/raid1.c, raid10_run, 6.1
 */
function placeReplacements(array: NativeArray): Failure | null {
  const isMirror = array.geometry.level === 1
  for (let slot = 0; slot < array.raidDisks; slot++) {
    const member = array.slots[slot]
    const replacement = array.replacements[slot]
    if (replacement === null) continue
    if (member === null) {
      array.slots[slot] = replacement
      array.replacements[slot] = null
      // A RAID-1 goes on calling it a replacement.
      if (!isMirror) replacement.isReplacement = false
    } else if (isMirror && !member.inSync)
      return fail('EINVAL', `a replacement of ${member.name}, which is not in sync itself`)
  }
  return null
}

/** What a superblock says of its member's place; null for one that is too old to be believed. */
function validMember(array: NativeArray, offered: OfferedMember): NativeMember | null {
  const { superblock } = offered
  const role = superblock.dev_roles[superblock.dev_number] ?? ROLE_MAX
  if ((role < ROLE_MAX || role === ROLE_JOURNAL) && superblock.events + 1 < array.events) return null
  const member = new NativeMember(offered.device, superblock)
  takeRole(member, roleInArray(array, member))
  return member
}

/** The freshest superblock has the last word on who is what. */
function roleInArray(array: NativeArray, member: NativeMember): number {
  const own = member.superblock
  const source = own.events < array.events ? array.superblock : own
  return source.dev_roles[own.dev_number] ?? ROLE_MAX
}

/** Fills in slot, sync state and recovery offset from a role. @source super_1_validate, drivers/md/md.c, 6.1 */
export function takeRole(member: NativeMember, role: number): void {
  const own = member.superblock
  if (role === ROLE_FAULTY) {
    member.faulty = true
    return
  }
  if (role === ROLE_JOURNAL) {
    member.isJournal = true
    member.journalTail = own.recovery_offset
  }
  if (role >= ROLE_MAX) return
  member.slot = role
  member.isReplacement = (own.feature_map & FEATURE_REPLACEMENT) !== 0
  member.hasName = !member.isReplacement
  member.savedSlot = role
  if ((own.feature_map & FEATURE_RECOVERY_OFFSET) !== 0) {
    member.recoveryOffset = own.recovery_offset
    if ((own.feature_map & FEATURE_RECOVERY_BITMAP) === 0) member.savedSlot = -1
  } else {
    member.inSync = true
  }
}
