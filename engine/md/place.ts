/**
 * Where a member can stand. Every slot has two places: the slot itself, and beside it one for the device that is being made its
 * replacement. Places are counted as Linux counts the mirrors of a RAID-1: first all slots, then the replacements of all slots.
 * @source raid5_add_disk, raid1_add_disk, raid10_add_disk, 6.1
 */
import type { MdArray } from './array.ts'
import type { Member } from './member.ts'

/**
 * The slots that a member may come into, in the order in which they are tried.
 * @param wanted the only one that was asked for, or -1
 */
export function slotsToTry({ slots }: MdArray, { savedSlot }: Member, wanted: number): number[] {
  if (wanted >= 0) return [wanted]
  const first = savedSlot >= 0 && slots[savedSlot] === null ? savedSlot : 0
  return slots.map((_, slot) => slot).slice(first)
}

/** Whether the member in a slot is to be replaced, and nobody is there yet to do so. */
export function awaitsReplacement(array: MdArray, slot: number): boolean {
  return array.slots[slot]?.wantsReplacement === true && array.replacements[slot] === null
}

/** The first place of these slots that is free: empty, or beside a member that is to be replaced; -1 if there is none. */
export function firstPlace(array: MdArray, slots: readonly number[]): number {
  const slot = slots.find((each) => array.slots[each] === null || awaitsReplacement(array, each))
  if (slot === undefined) return -1
  return array.slots[slot] === null ? slot : array.raidDisks + slot
}

/** The same, but an empty slot comes before any replacement. */
export function firstEmptyPlace(array: MdArray, slots: readonly number[]): number {
  const empty = slots.find((slot) => array.slots[slot] === null)
  if (empty !== undefined) return empty
  const slot = slots.find((each) => awaitsReplacement(array, each))
  return slot === undefined ? -1 : array.raidDisks + slot
}

/** A member comes to stand in a place; one beside a slot is the replacement of whoever stands there. */
export function putInPlace(array: MdArray, member: Member, place: number): void {
  const { raidDisks } = array
  member.slot = place % raidDisks
  member.inSync = false
  member.hasName = place < raidDisks
  if (place < raidDisks) array.slots[place] = member
  else {
    array.replacements[place - raidDisks] = member
    member.isReplacement = true
  }
}

/** A failed member keeps its place among the members, but not its slot; its replacement, if there is one, takes that over. */
export function leaveSlot(array: MdArray, member: Member): void {
  const { slot } = member
  if (slot < 0) return
  const replacement = array.replacements[slot]
  array.replacements[slot] = null
  if (replacement !== member) {
    array.slots[slot] = replacement
    if (replacement !== null) replacement.isReplacement = false
  }
  member.wantsReplacement = false
  member.hasName = false
  member.savedSlot = slot
  member.slot = -1
}

/** A member has had a write that failed: a spare, if there is one, is to take its place. In Linux: WantReplacement. */
export function wantReplacement(array: MdArray, member: Member): void {
  if (member.wantsReplacement) return
  member.wantsReplacement = true
  array.recoveryNeeded = true
  array.wakeThread()
}

/** A write to a member failed, and it is not given up for that alone. */
export function noteWriteError(array: MdArray, member: Member): void {
  member.writeErrorSeen = true
  wantReplacement(array, member)
}

/** Marks the I/O of a replacement, beside the number of its slot. */
export const REPLACEMENT_TAG = 1024

/** The tag of I/O of one that stands in this slot, or beside it. */
export function tagOf(array: MdArray, member: Member, slot: number): number {
  return member === array.replacements[slot] ? slot | REPLACEMENT_TAG : slot
}

/** Who does the I/O that carries this tag. */
export function memberOfTag(array: MdArray, tag: number): Member | null {
  const slot = tag & ~REPLACEMENT_TAG
  return tag === slot ? array.slots[slot] : (array.replacements[slot] ?? array.slots[slot])
}

/** One I/O of a member has ended. The thread waits for the last one of who is to leave a slot, or to take one over. */
export function ioEnded(array: MdArray, member: Member | null | undefined): void {
  if (member === null || member === undefined || member.pending === 0) return
  if (--member.pending === 0 && (member.faulty || member.isReplacement)) array.wakeThread()
}

/** Whether somebody stands beside a member to take its place. */
export function isBeingReplaced(array: MdArray, member: Member): boolean {
  const replacement = member.slot < 0 ? null : array.replacements[member.slot]
  return replacement !== null && replacement !== member
}

/** Who is being made the replacement of a slot's member. */
export function workingReplacement(array: MdArray, slot: number): Member | null {
  const replacement = array.replacements[slot]
  return replacement === null || replacement.faulty ? null : replacement
}

/** The number of the place in which a member stands. */
export function placeOf(array: MdArray, member: Member): number {
  return member === array.replacements[member.slot] ? array.raidDisks + member.slot : member.slot
}

/** Whether sectors on a working member's bad-block list may be written again: no write to it has failed since it joined. */
export function worthMending(array: MdArray, slot: number, sector: number, sectors: number): boolean {
  const member = array.reader(slot, sector, sectors)
  if (member === null || member.faulty || member.writeErrorSeen) return false
  return member.hasBadBlocks(sector, sectors) && (member.inSync || sector + sectors <= member.recoveryOffset)
}

/** How many slots have nobody who is whole. */
export function countDegraded({ slots, replacements }: MdArray): number {
  return slots.filter((member, slot) => !isWhole(member) && !isWhole(replacements[slot])).length
}

function isWhole(member: Member | null): boolean {
  return member !== null && member.inSync && !member.faulty
}
