/** The shape in which an array is drawn: rows of chunks. A RAID-1 has no chunks, and is cut into pieces for this. */
import type { ArrayGeometry } from './array_geometry.ts'

/** In sectors. */
const MIRROR_PIECE = 128

/** Sectors of a chunk as it is drawn. */
export function drawnChunk(geometry: ArrayGeometry): number {
  return geometry.level === 1 ? MIRROR_PIECE : geometry.chunkSectors
}

/** How many rows of chunks there are. @param memberSectors used of each member; of the longest, where they differ */
export function rowsOf(geometry: ArrayGeometry, memberSectors: number): number {
  if (geometry.level === 1) return Math.ceil(memberSectors / MIRROR_PIECE)
  return Math.floor((geometry.level === 10 ? geometry.usedSectors : memberSectors) / geometry.chunkSectors)
}

/** The lengths of members that a RAID-0 was made of, as far as they are used. */
export function usedOfSlots(geometry: ArrayGeometry, memberSectors: number): readonly number[] {
  if (geometry.level !== 0) return new Array<number>(geometry.raidDisks).fill(memberSectors)
  const used = new Array<number>(geometry.raidDisks).fill(0)
  let from = 0
  for (const { end, memberStart, slots } of geometry.zones) {
    for (const slot of slots) used[slot] = memberStart + (end - from) / slots.length
    from = end
  }
  return used
}
