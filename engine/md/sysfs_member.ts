/**
 * /sys/block/mdN/md/dev-NAME and its short name rdN: the attributes of a member.
 * @source rdev_default_attrs, drivers/md/md.c, block/badblocks.c, 6.1
 */
import { fail, ok, type Result } from '../base/errno.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import type { Procedure } from '../sim/procedure.ts'
import { failMember, reAddFailed, removeMember } from './hot_plug.ts'
import { NativeArray, type NativeMember } from './native_array.ts'
import { addToSlot } from './recovery_choice.ts'
import type { MdArray } from './array.ts'

interface MemberAttribute {
  read(member: NativeMember): string
  write?(array: NativeArray, member: NativeMember, value: string): Result<Procedure | null>
}

const TABLE: Readonly<Record<string, MemberAttribute>> = {
  bad_blocks: { read: badBlocksText, write: writeBadBlocks },
  errors: { read: (member) => `${member.correctedErrors}\n` },
  offset: { read: (member) => `${member.dataOffset}\n` },
  recovery_start: {
    read: ({ inSync, recoveryOffset }) => (inSync || recoveryOffset === MAX_SECTOR ? 'none\n' : `${recoveryOffset}\n`),
  },
  size: { read: (member) => `${Math.floor(member.superblock.data_size / 2)}\n` },
  slot: { read: ({ slot }) => (slot < 0 ? 'none\n' : `${slot}\n`), write: writeSlot },
  state: { read: (member) => `${stateWords(member).join(',')}\n`, write: writeState },
  unacknowledged_bad_blocks: {
    read: (member) => (member.badBlocks?.changed === true ? badBlocksText(member) : ''),
    write: writeBadBlocks,
  },
}

/** The member and its attribute that `dev-sda/state` or `rd0/state` names. */
function find(array: MdArray, name: string): { member: NativeMember; attribute: MemberAttribute } | undefined {
  if (!(array instanceof NativeArray)) return undefined
  const [folder, file, rest] = name.split('/')
  const attribute = Object.hasOwn(TABLE, file ?? '') ? TABLE[file] : undefined
  const member = array.members.find((one) =>
    folder.startsWith('rd') ? folder === `rd${one.slot}` && one.hasName : folder === `dev-${one.device.kernelName}`,
  )
  return member === undefined || attribute === undefined || rest !== undefined ? undefined : { member, attribute }
}

/** @param name `dev-sda/state`, `rd0/slot`. @errors ENOENT where no member or no attribute has this name */
export function readMemberAttribute(array: MdArray, name: string): Result<string> {
  const found = find(array, name)
  return found === undefined ? fail('ENOENT', `no such attribute: md/${name}`) : ok(found.attribute.read(found.member))
}

export function writeMemberAttribute(array: MdArray, name: string, value: string): Result<Procedure | null> {
  const found = find(array, name)
  if (found === undefined || !(array instanceof NativeArray)) return fail('ENOENT', `no such attribute: md/${name}`)
  const { member, attribute } = found
  if (attribute.write === undefined) return fail('EPERM', `md/${name} is only for reading here`)
  return attribute.write(array, member, value.replace(/\n$/, ''))
}

/** @source state_show, drivers/md/md.c, 6.1 */
function stateWords(member: NativeMember): string[] {
  const { faulty, inSync } = member
  const words: [boolean, string][] = [
    [faulty, 'faulty'],
    [inSync, 'in_sync'],
    [member.writeMostly, 'write_mostly'],
    [!faulty && !inSync, 'spare'],
    [member.writeErrorSeen, 'write_error'],
    [member.wantsReplacement, 'want_replacement'],
    [member.isReplacement, 'replacement'],
  ]
  return words.flatMap(([holds, word]) => (holds ? [word] : []))
}

/** @source state_store, drivers/md/md.c, 6.1 */
function writeState(array: NativeArray, member: NativeMember, value: string): Result<Procedure | null> {
  switch (value) {
    case 'faulty':
      return failMember(array, member.device)
    case 'remove':
      return removeMember(array, member.device)
    case 're-add':
      return reAddFailed(array, member.device)
    case 'writemostly':
    case '-writemostly':
      member.writeMostly = value === 'writemostly'
      return ok(null)
    case 'write_error':
    case '-write_error':
      member.writeErrorSeen = value === 'write_error'
      return ok(null)
    case 'want_replacement':
      if (member.slot >= 0 && !member.isReplacement) member.wantsReplacement = true
      array.recoveryNeeded = true
      array.wakeThread()
      return ok(null)
    case '-want_replacement':
      member.wantsReplacement = false
      return ok(null)
    case 'replacement':
    case '-replacement':
      return fail('EBUSY', 'who is a replacement cannot be changed while the array runs')
    default:
      return fail('EINVAL', `${value} is no state that a member can be given`)
  }
}

/** A spare is put into a slot, or beside whoever is to be replaced there. @source slot_store, drivers/md/md.c, 6.1 */
function writeSlot(array: NativeArray, member: NativeMember, value: string): Result<Procedure | null> {
  if (!/^\d+$/.test(value)) return fail('EINVAL', `the number of a slot; not ${value}`)
  if (member.slot >= 0 || array.sync !== null) return fail('EBUSY', `${member.name} has slot ${member.slot}`)
  if (Number(value) >= array.raidDisks) return fail('ENOSPC', `${array.name} has ${array.raidDisks} slots`)
  const before = member.savedSlot
  member.savedSlot = -1
  if (addToSlot(array, member, Number(value))) return ok(null)
  member.savedSlot = before
  return fail('EEXIST', `slot ${value} is taken, and its member is not to be replaced`)
}

function badBlocksText({ badBlocks }: NativeMember): string {
  return (badBlocks?.entries ?? []).map(({ sector, count }) => `${sector} ${count}\n`).join('')
}

/** @source badblocks_store, block/badblocks.c, 6.1 */
function writeBadBlocks(_array: NativeArray, member: NativeMember, value: string): Result<Procedure | null> {
  const [, sector, count] = /^\s*(\d+)\s+(\d+)$/.exec(value) ?? []
  if (sector === undefined || Number(count) === 0) return fail('EINVAL', 'the first sector, and how many are bad')
  if (member.badBlocks?.set(Number(sector), Number(count)) !== true) {
    return fail('ENOSPC', `${member.name} has no room to note bad blocks`)
  }
  return ok(null)
}
