/**
 * What a reader of an array would get now, looked up without a request: from the members' media and caches, and from parity where a
 * member cannot give it. Writes that have not been answered are not counted; those that have are on the members, if only in caches.
 */
import { Disk } from '../block/disk.ts'
import type { MdArray } from '../md/array.ts'
import { placesOf } from '../md/array_geometry.ts'
import { Geometry } from '../md/geometry.ts'
import type { Copy } from '../md/mirror_geometry.ts'

export const PAGE_SECTORS = 8
export const PAGE_BYTES = 4096

/**
 * One page.
 * @param sector of the array, a multiple of {@link PAGE_SECTORS}
 * @param into of {@link PAGE_BYTES}
 * @returns false where a read would fail, or where it takes what is not looked up here: Q, or a member that is no disk
 */
export function readArrayPage(array: MdArray, sector: number, into: Uint8Array): boolean {
  const { geometry } = array
  const places = placesOf(geometry, sector)
  for (const { slot, sector: own } of places) if (readSlotPage(array, slot, own, into)) return true
  return geometry instanceof Geometry && sumOthers(array, geometry, places[0], into)
}

/** From parity: the sum of all other data and P. */
function sumOthers(array: MdArray, geometry: Geometry, lost: Copy, into: Uint8Array): boolean {
  const q = geometry.qSlot(Math.floor(lost.sector / geometry.chunkSectors))
  const page = new Uint8Array(PAGE_BYTES)
  const words = new Int32Array(page.buffer)
  const sum = new Int32Array(PAGE_BYTES / 4)
  for (let slot = 0; slot < geometry.raidDisks; slot++) {
    if (slot === lost.slot || slot === q) continue
    if (!readSlotPage(array, slot, lost.sector, page)) return false
    for (let i = 0; i < sum.length; i++) sum[i] ^= words[i]
  }
  into.set(new Uint8Array(sum.buffer))
  return true
}

function readSlotPage(array: MdArray, slot: number, sector: number, into: Uint8Array): boolean {
  if (!array.readable(slot, sector, PAGE_SECTORS)) return false
  const member = array.slots[slot]
  if (member === null || !(member.device instanceof Disk)) return false
  return !member.device.pulled && member.device.contents(member.dataOffset + sector, PAGE_SECTORS, into, 0)
}
