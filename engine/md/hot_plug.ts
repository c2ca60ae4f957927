/**
 * Members that come and go while the array runs: declared failed, taken out, added, added again.
 * @source set_disk_faulty, hot_remove_disk, md_add_new_disk, drivers/md/md.c, 6.1
 */
import { fail, ok, type Result } from '../base/errno.ts'
import type { BlockDevice } from '../block/device.ts'
import {
  FEATURE_RECOVERY_BITMAP,
  FEATURE_RECOVERY_OFFSET,
  ROLE_MAX,
  type MdSuperblock,
} from '../format/md_superblock.ts'
import { CHANGE_DEVS } from './array.ts'
import { NativeMember, type NativeArray } from './native_array.ts'
import { leaveSlot } from './place.ts'

/** The member that was on this device before it was pulled: one of the same numbers. */
function pulledMember(array: NativeArray, device: BlockDevice): NativeMember | undefined {
  const { major, minor } = device
  return array.members.find((one) => one.device !== device && one.device.major === major && one.device.minor === minor)
}

/** The member on a device, or the one whose device had its numbers before it was pulled. */
function memberOn(array: NativeArray, device: BlockDevice): NativeMember | undefined {
  return array.members.find((member) => member.device === device) ?? pulledMember(array, device)
}

/** @errors EBUSY when the array cannot live without it (it has failed all the same); ENODEV when it is no member. */
export function failMember(array: NativeArray, device: BlockDevice): Result<null> {
  const member = memberOn(array, device)
  if (member === undefined) return fail('ENODEV', `/dev/${device.name} is not a member of ${array.name}`)
  array.memberFailed(member)
  return array.broken ? fail('EBUSY', `${array.name} cannot do without /dev/${device.name}`) : ok(null)
}

/** @errors EBUSY when it still has a slot. */
export function removeMember(array: NativeArray, device: BlockDevice): Result<null> {
  const own = memberOn(array, device)
  const member = own !== undefined && own.slot >= 0 && !own.faulty ? (pulledMember(array, device) ?? own) : own
  if (member === undefined) return fail('ENXIO', `/dev/${device.name} is not a member of ${array.name}`)
  if (member.faulty && member.pending === 0 && array.sync === null && array.updating === null) leaveSlot(array, member)
  if (member.slot >= 0 || (member.isJournal && !member.faulty))
    return fail('EBUSY', `/dev/${device.name} is in use by ${array.name}; fail it first`)
  array.members = array.members.filter((other) => other !== member)
  member.release(array.name)
  array.changes |= CHANGE_DEVS
  array.wakeThread()
  return ok(null)
}

/**
 * Adds a device with a superblock of this array. Where the superblock says that it was a member before and the bitmap still
 * knows everything that was written since, only that is copied; otherwise it is a spare.
 * @param again insist on its old place (re-add). @errors EINVAL where that is not possible; EBUSY when another has its number.
 */
export function addMember(
  array: NativeArray,
  device: BlockDevice,
  superblock: MdSuperblock,
  again: boolean,
): Result<null> {
  if (!array.personality.hasRedundancy) return fail('EINVAL', `${array.name} takes no further members`)
  const member = new NativeMember(device, superblock)
  const role = superblock.dev_roles[superblock.dev_number] ?? ROLE_MAX
  const oldest = array.bitmap === null ? array.events : array.bitmap.eventsCleared
  const knowsItsPlace = role < ROLE_MAX && superblock.events >= oldest
  if (knowsItsPlace) {
    const partial = (superblock.feature_map & FEATURE_RECOVERY_OFFSET) !== 0
    if (!partial || (superblock.feature_map & FEATURE_RECOVERY_BITMAP) !== 0) member.savedSlot = role
  }
  if (again && !knowsItsPlace) {
    return fail('EINVAL', `/dev/${device.name} has been away too long to be re-added; add it as a spare`)
  }
  if (array.members.some((other) => other.descNr === member.descNr)) {
    return fail('EBUSY', `${array.name} has a member of number ${member.descNr}`)
  }
  if (superblock.data_size < array.memberSectors) return fail('ENOSPC', `/dev/${device.name} is too small`)
  const claimed = member.claim(array.name)
  if (!claimed.ok) return claimed
  array.members.unshift(member)
  array.membersBound++
  array.changes |= CHANGE_DEVS
  array.recoveryNeeded = true
  array.wakeThread()
  return ok(null)
}

/**
 * A failed member that has left its slot, but not the array, is to be trusted again.
 * @errors EBUSY where it is anything else.
 * @source state_store, drivers/md/md.c, 6.1
 */
export function reAddFailed(array: NativeArray, device: BlockDevice): Result<null> {
  const member = array.members.find((candidate) => candidate.device === device)
  if (member === undefined || !member.faulty || member.slot >= 0 || member.savedSlot < 0) {
    return fail('EBUSY', `/dev/${device.name} is no failed member of ${array.name}`)
  }
  member.faulty = false
  array.changes |= CHANGE_DEVS
  array.recoveryNeeded = true
  array.wakeThread()
  return ok(null)
}
