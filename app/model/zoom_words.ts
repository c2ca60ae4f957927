/** The map in words: what its window shows, and what lies at one place of it. */
import { chunkAccount } from '../draw/chunk_words.ts'
import { bytes as byteWords, count, hexOffset } from '../draw/format.ts'
import type { ZoomLevel } from '../draw/zoom_detail.ts'
import type { ZoomPlace } from '../draw/zoom_hit.ts'
import type { ArrayPicture } from './array_picture.ts'
import { byteAt, type SeenBytes } from './byte_window.ts'
import {
  HEAT_MAX,
  RANK_LOST,
  RANK_NEW,
  RANK_READ,
  RANK_STALE,
  RANK_UNKNOWN,
  RANK_WRITE,
  RANKS,
  type ChunkField,
} from './chunk_field.ts'
import { pageWords, type PageMark } from './page_detail.ts'

const SECTOR = 512
const PAGE = 4096

/** Ranks worth a word, the most pressing first. */
const SAID: readonly (readonly [rank: number, words: string])[] = [
  [RANK_LOST, 'without a member'],
  [RANK_STALE, 'stale'],
  [RANK_NEW, 'only in caches'],
  [RANK_WRITE, 'being written'],
  [RANK_UNKNOWN, 'not synced'],
  [RANK_READ, 'being read'],
]

/** How many chunks there are of each rank, in a stretch of rows and slots. */
export function countRanks(
  { ranks, rows }: ChunkField,
  slots: { readonly from: number; readonly to: number },
  from: number,
  to: number,
): readonly number[] {
  const counts = new Array<number>(RANKS).fill(0)
  const [cells] = ranks.levels
  for (let slot = slots.from; slot < slots.to; slot++) {
    const end = slot * rows + Math.min(rows, to)
    for (let at = slot * rows + from; at < end; at++) counts[cells[at]]++
  }
  return counts
}

/** What of a stretch of chunks is worth a word; at rest and in sync where there is nothing. */
export function rankWords(counts: readonly number[]): string {
  const said = SAID.filter(([rank]) => counts[rank] > 0).map(([rank, words]) => `${count(counts[rank])} ${words}`)
  let warm = 0
  for (let heat = 1; heat <= HEAT_MAX; heat++) warm += counts[heat]
  if (warm > 0) said.push(`${count(warm)} touched lately`)
  return said.join(', ') || 'all on their media and in sync'
}

export interface Window {
  readonly level: ZoomLevel
  /** Rows that are seen, the last one excluded. */
  readonly fromRow: number
  readonly toRow: number
  readonly slots: { readonly from: number; readonly to: number }
  /** Chunks that the colour of one cell stands for. */
  readonly perCell: number
  /** Bytes of the members' data. */
  readonly fromByte: number
  readonly toByte: number
}

/** What the window shows, for those who do not see it. */
export function windowWords(array: ArrayPicture, window: Window): string {
  const { field, scene } = array
  const { fromRow, toRow, slots, level } = window
  const names = scene.members.slice(slots.from, slots.to).map(({ disk }) => disk)
  const who =
    names.length === field.slots
      ? `all ${names.length} members`
      : names.length === 1
        ? names[0]
        : `${names[0]} to ${names.at(-1)}`
  const isAll = fromRow === 0 && toRow >= field.rows
  const where =
    toRow - fromRow <= 1
      ? `Stripe ${count(fromRow)} of ${count(field.rows)}`
      : isAll
        ? `All ${count(field.rows)} stripes`
        : `Stripes ${count(fromRow)} to ${count(toRow - 1)} of ${count(field.rows)}`
  const close =
    level === 'bytes' || level === 'pages'
      ? `, bytes ${hexOffset(window.fromByte)} to ${hexOffset(window.toByte)} of the data`
      : ''
  const each =
    window.perCell > 1 ? ` A cell stands for ${count(window.perCell)} chunks and shows the worst of them.` : ''
  return `${where} on ${who}${close}: ${rankWords(countRanks(field, slots, fromRow, toRow))}.${each}`
}

export interface PlaceFacts {
  readonly array: ArrayPicture
  readonly now: number
  readonly level: ZoomLevel
  /** Sectors of the disk before the data. */
  readonly dataOffset: number
  readonly page: PageMark | undefined
  readonly bytes: SeenBytes | undefined
}

/** What lies at a place, in a line. */
export function placeWords(place: ZoomPlace, { array, now, level, dataOffset, page, bytes }: PlaceFacts): string {
  const { field, scene } = array
  const chunkBytes = field.map.chunkSectors * SECTOR
  const { disk } = scene.members[place.slot]
  const row = Math.floor(place.from / chunkBytes)
  if (place.length > chunkBytes) {
    const rows = Math.ceil(place.length / chunkBytes)
    const counts = countRanks(field, { from: place.slot, to: place.slot + 1 }, row, row + rows)
    return `stripes ${count(row)} to ${count(row + rows - 1)} on ${disk}: ${rankWords(counts)}`
  }
  const mark = array.markAt(row, place.slot, now)
  if (level === 'array' || level === 'stripes') return chunkAccount(mark, row, disk, '')
  const sector = dataOffset + Math.floor(place.from / SECTOR)
  const inChunk = Math.floor((place.from - row * chunkBytes) / PAGE)
  const where = `page ${inChunk} of ${mark.label}, stripe ${count(row)}`
  if (level === 'pages') {
    const state = pageWords(page)
    return `${where} · ${disk} sector ${sector}, ${byteWords(PAGE)}${state === '' ? '' : ` · ${state}`}`
  }
  const at = dataOffset * SECTOR + place.from
  const byte = byteAt(bytes, at)
  const value = byte ? `${byte.value.toString(16).padStart(2, '0')}, ${byte.value}` : 'not read yet'
  const newer = byte?.isNewer ? ', the medium has another' : byte?.isCached ? ', in the cache' : ''
  return `${disk} ${hexOffset(at)}: ${value}${newer} · sector ${sector}, ${where}`
}
