import type { MdArray } from './array.ts'
import type { Member } from './member.ts'

/**
 * Notes sectors of a member as bad.
 * @param sector from the start of its data
 * @returns false when it has no room for that: the member itself is bad then.
 * @source rdev_set_badblocks, drivers/md/md.c, 6.1
 */
export function markBad(array: MdArray, member: Member, sector: number, sectors: number): boolean {
  if (member.badBlocks === null || !member.badBlocks.set(member.dataOffset + sector, sectors)) return false
  array.badBlocksChanged()
  return true
}
