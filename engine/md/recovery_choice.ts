/**
 * What the array's thread does next, in the kernel's order: failed members leave their slots, spares take empty ones; a member
 * that is not in sync is recovered; else a resync that is due runs; else a check or repair that was asked for.
 * @source md_check_recovery, remove_and_add_spares, drivers/md/md.c; raid5_add_disk, drivers/md/raid5.c, 6.1
 */
import { MAX_SECTOR } from '../format/struct.ts'
import { TRACE } from '../sim/trace.ts'
import { CHANGE_DEVS, type MdArray } from './array.ts'
import type { Member } from './member.ts'
import { leaveSlot, putInPlace } from './place.ts'
import { SyncPass, type SyncAction } from './sync.ts'

export function chooseAction(array: MdArray): void {
  if (array.sync !== null || array.frozen || !array.personality.hasRedundancy) return
  if (!array.recoveryNeeded && array.requested === null) return
  array.recoveryNeeded = false
  const spares = removeAndAddSpares(array)
  if (array.changes !== 0) {
    // The superblocks come first; the thread comes back when they are written.
    array.recoveryNeeded = true
    array.wakeThread()
    return
  }
  let action: SyncAction | null = null
  if (spares > 0) action = 'recover'
  else if (array.resyncOffset < MAX_SECTOR) action = array.requested ?? 'resync'
  else if (array.requested !== null) action = array.requested
  array.requested = null
  if (action === null || array.personality.isBroken()) return
  if (spares > 0) array.bitmap?.writeAll()
  array.sync = new SyncPass(array, action)
  array.sync.start()
}

/** @returns how many members have a slot but are not in sync. */
export function removeAndAddSpares(array: MdArray): number {
  for (const member of array.members) {
    // A member that was being rebuilt is of no use any more where too many others are gone: it is a spare again.
    if (member.slot < 0 || !(member.faulty || (!member.inSync && array.personality.isUseless(member)))) continue
    // Who takes over its slot must be at rest, too.
    if (member.pending > 0 || (array.replacements[member.slot]?.pending ?? 0) > 0) {
      array.recoveryNeeded = true
      continue
    }
    leaveSlot(array, member)
    array.changes |= CHANGE_DEVS
    array.wakeThread()
  }
  let spares = 0
  for (const member of array.members) {
    if (member.faulty || member.isJournal) continue
    if (member.slot < 0) {
      member.recoveryOffset = 0
      if (!addToSlot(array, member)) continue
      array.changes |= CHANGE_DEVS
      array.wakeThread()
    }
    if (!member.inSync) spares++
  }
  return spares
}

/** Gives a spare a place. @param wanted the only slot that it may come into, or -1 */
export function addToSlot(array: MdArray, member: Member, wanted = -1): boolean {
  const old = member.savedSlot
  const place = array.personality.slotFor(member, wanted)
  if (place < 0) return false
  putInPlace(array, member, place)
  if (place >= array.raidDisks || array.personality.isStranger(old, place)) array.fullSync = true
  array.sim.emit(TRACE.member_state, array.minor, member.slot, 3, 1)
  return true
}
