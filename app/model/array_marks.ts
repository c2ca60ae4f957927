/** Marks of an array that follow from one frame alone. */
import {
  COUNTER_COUNT,
  COUNTER_NEEDED,
  COUNTER_RESYNC,
  type ArrayFrame,
  type BitmapFrame,
  type DiskFrame,
  type MemberFrame,
} from '../../engine/api/frame.ts'
import type { ChunkMap } from '../../engine/api/array_map.ts'
import type { BitmapMark, MemberMark, SyncMark } from './scene.ts'

/** A stretch of what the bitmap and sync passes count by, in sectors. */
interface Range {
  readonly from: number
  readonly to: number
}

/** The first and the last of the bitmap's chunks that a stretch touches. */
function chunksOf({ chunkSectors, counters }: BitmapFrame, { from, to }: Range): readonly [number, number] {
  return [Math.floor(from / chunkSectors), Math.min(counters.length, Math.ceil(to / chunkSectors)) - 1]
}

/** Whether a stretch of the members is to be resynced, or is being resynced, by the bitmap. */
export function isNeeded(bitmap: BitmapFrame, range: Range): boolean {
  const [first, last] = chunksOf(bitmap, range)
  for (let chunk = first; chunk <= last; chunk++) {
    if ((bitmap.counters[chunk] & (COUNTER_NEEDED | COUNTER_RESYNC)) !== 0) return true
  }
  return false
}

/** What a counter says: 0 for clean, 1 for counting, 2 for a resync that is needed. */
export function counterRank(counter: number): number {
  if ((counter & (COUNTER_NEEDED | COUNTER_RESYNC)) !== 0) return 2
  return (counter & COUNTER_COUNT) === 0 ? 0 : 1
}

/** What the counters of a stretch say at most. */
export function memoryBit(bitmap: BitmapFrame, range: Range): number {
  const [first, last] = chunksOf(bitmap, range)
  let most = 0
  for (let chunk = first; chunk <= last; chunk++) most = Math.max(most, counterRank(bitmap.counters[chunk]))
  return most
}

/** 1 where a medium holds a set bit for a stretch. */
export function diskBit(bitmap: BitmapFrame, range: Range): number {
  const [first, last] = chunksOf(bitmap, range)
  for (let chunk = first; chunk <= last; chunk++) if (bitmap.mediaBits[chunk] !== 0) return 1
  return 0
}

/** What the bitmap says of a row; where several of its chunks lie in one row, the busiest speaks. */
export function bitmapMark(bitmap: BitmapFrame, range: Range, holders: number): BitmapMark {
  const [first, last] = chunksOf(bitmap, range)
  let counter = 0
  let bits = 0
  let isInPage = false
  for (let chunk = first; chunk <= last; chunk++) {
    counter = Math.max(counter, bitmap.counters[chunk] & COUNTER_COUNT)
    bits |= bitmap.mediaBits[chunk]
    isInPage ||= bitmap.pageBits[chunk] === 1
  }
  let media = 0
  for (; bits !== 0; bits &= bits - 1) media++
  return { chunk: first, counter, isNeeded: isNeeded(bitmap, range), isInPage, media, holders }
}

/** As mdstat has it, without the brackets: `UUU_`. */
export function healthOf(places: readonly MemberFrame[], slots: number): string {
  const working = new Set(places.filter(({ state }) => state === 'active').map(({ slot }) => slot))
  return Array.from({ length: slots }, (_, slot) => (working.has(slot) ? 'U' : '_')).join('')
}

/** Who is in which slot. */
export function membersOf(
  places: readonly MemberFrame[],
  slots: number,
  disks: ReadonlyMap<string, DiskFrame>,
): readonly MemberMark[] {
  return Array.from({ length: slots }, (_, slot) => {
    const member = places.find((candidate) => candidate.slot === slot)
    const disk = member && disks.get(member.name)
    return {
      slot,
      disk: member?.name || '-',
      state: member?.state ?? 'missing',
      ...(member?.replacement === undefined ? {} : { replacement: member.replacement }),
      cacheBytes: disk?.cacheBytes ?? 0,
      cacheFill: disk && disk.cacheBytesMax > 0 ? disk.cacheBytes / disk.cacheBytesMax : 0,
    }
  })
}

/** The sync that is under way. */
export function syncOf({ sync, bitmap, rows }: ArrayFrame, map: ChunkMap): SyncMark | undefined {
  if (sync.action === 'idle') return undefined
  let rowsLeft = -1
  if (bitmap && sync.action === 'resync') {
    rowsLeft = 0
    for (const row of map.rowsIn(sync.position, Infinity)) {
      if (memoryBit(bitmap, map.syncRange(row)) === 2) rowsLeft++
    }
  }
  return {
    action: sync.action,
    row: sync.total > 0 ? (sync.position / sync.total) * rows : 0,
    done: sync.total > 0 ? sync.position / sync.total : 0,
    rowsLeft,
    rate: sync.speed * 1024,
    remaining: sync.eta,
  }
}
