/** What a power cut now would put at stake, page by page, and the line that says which of it survives. */
import { INFLIGHT_COLUMNS, type ArrayFrame, type DiskFrame, type Frame } from '../../engine/api/frame.ts'
import type { ChunkMap } from '../../engine/api/array_map.ts'
import { WRITE } from '../../engine/api/vocabulary.ts'

export type StakeKind = 'data' | 'parity' | 'superblock' | 'bitmap' | 'other'

/** A page of a disk with sectors whose newest bytes are not on the medium. */
export interface StakePage {
  readonly key: string
  readonly disk: string
  /** First of its eight sectors. */
  readonly sector: number
  /** Bit i: sector + i is at stake. */
  readonly mask: number
  readonly isCached: boolean
  readonly isInFlight: boolean
  readonly kind: StakeKind
  /** `D22 of stripe 7`, `superblock of md0`. */
  readonly what: string
  /** Since when it has been in the cache; -1 while it is only in flight. */
  readonly since: number
}

export const PAGE_SECTORS = 8

/** Sectors before a superblock at the end in which its bitmap and bad-block log lie, on disks that are not large. */
const BITMAP_ROOM = 17

/** Sectors that survive, by the page's key. */
export type Kept = ReadonlyMap<string, number>

/**
 * The pages at stake, by disk and sector.
 * @param mapOf the map of an array, by name
 */
export function pagesAtStake(frame: Frame, mapOf: (array: string) => ChunkMap | undefined): readonly StakePage[] {
  return frame.disks.flatMap((disk) => {
    if (disk.isAbsent) return []
    const holder = holderOf(frame, disk.name)
    const pages = new Map<number, { mask: number; since: number; isInFlight: boolean }>()
    disk.cacheSectors.forEach((sector, i) => {
      pages.set(sector, { mask: disk.cacheMasks[i], since: disk.cacheSince[i], isInFlight: false })
    })
    for (const [sector, mask] of inflightPages(disk)) {
      const cached = pages.get(sector)
      pages.set(sector, { mask: (cached?.mask ?? 0) | mask, since: cached?.since ?? -1, isInFlight: true })
    }
    return [...pages]
      .sort(([a], [b]) => a - b)
      .map(([sector, { mask, since, isInFlight }]): StakePage => {
        const { kind, what } = describe(holder, sector, mapOf)
        const key = `${disk.name}:${sector}`
        return { key, disk: disk.name, sector, mask, isCached: since >= 0, isInFlight, kind, what, since }
      })
  })
}

/** The pages that writes in flight touch: first sector and mask. */
function inflightPages({ inflight }: DiskFrame): Map<number, number> {
  const pages = new Map<number, number>()
  for (let at = 0; at < inflight.length; at += INFLIGHT_COLUMNS) {
    if ((inflight[at + 2] & 7) !== WRITE) continue
    for (let sector = inflight[at + 3]; sector < inflight[at + 3] + inflight[at + 4]; sector++) {
      const page = sector - (sector % PAGE_SECTORS)
      pages.set(page, (pages.get(page) ?? 0) | (1 << (sector - page)))
    }
  }
  return pages
}

interface Holder {
  readonly array: ArrayFrame
  readonly slot: number
  readonly dataOffset: number
  readonly superSector: number
}

function holderOf(frame: Frame, disk: string): Holder | undefined {
  for (const array of frame.arrays) {
    const member = array.members.find(({ name }) => name === disk)
    if (member) {
      const { slot, dataOffset, superSector = 8 } = member
      return { array, slot, dataOffset, superSector }
    }
  }
  return undefined
}

function describe(
  holder: Holder | undefined,
  sector: number,
  mapOf: (array: string) => ChunkMap | undefined,
): { kind: StakeKind; what: string } {
  if (!holder) return { kind: 'other', what: 'data' }
  const { array, slot, dataOffset, superSector } = holder
  if (sector === superSector) return { kind: 'superblock', what: `superblock of ${array.name}` }
  // With version 1.0 the bitmap lies between the data and the superblock.
  const end = superSector > dataOffset ? superSector : dataOffset
  const from = superSector > dataOffset ? superSector - BITMAP_ROOM : superSector
  if (array.bitmap && sector > from && sector < end) {
    return { kind: 'bitmap', what: `bitmap of ${array.name}` }
  }
  if (sector < dataOffset) {
    return { kind: 'other', what: 'before the data' }
  }
  const map = mapOf(array.name)
  const stripe = Math.floor((sector - dataOffset) / array.chunkSectors)
  if (!map || slot < 0 || stripe >= array.rows) return { kind: 'other', what: 'outside the array' }
  const name = map.nameAt(stripe, slot)
  const page = Math.floor((sector - dataOffset - stripe * array.chunkSectors) / PAGE_SECTORS)
  const pages = array.chunkSectors / PAGE_SECTORS
  const where = pages > 1 ? `, page ${page}` : ''
  return { kind: map.isParity(stripe, slot) ? 'parity' : 'data', what: `${name} of stripe ${stripe}${where}` }
}

/** Sectors in words: `8264`, `8264+8`; gaps in a page are told apart. */
export function sectorWords(sector: number, mask: number): string {
  return runsOf(sector, mask)
    .map(({ sector: first, sectors }) => (sectors === 1 ? String(first) : `${first}+${sectors}`))
    .join(', ')
}

export interface SectorRun {
  readonly sector: number
  readonly sectors: number
}

function runsOf(sector: number, mask: number): SectorRun[] {
  const runs: SectorRun[] = []
  for (let i = 0; i < PAGE_SECTORS; i++) {
    if ((mask & (1 << i)) === 0) continue
    const first = i
    while (i + 1 < PAGE_SECTORS && (mask & (1 << (i + 1))) !== 0) i++
    runs.push({ sector: sector + first, sectors: i + 1 - first })
  }
  return runs
}

/** The sectors that survive, disk by disk, those that touch joined. */
export function keptSectors(pages: readonly StakePage[], kept: Kept): readonly (SectorRun & { disk: string })[] {
  const runs: { disk: string; sector: number; sectors: number }[] = []
  for (const { key, disk, sector, mask } of pages) {
    for (const run of runsOf(sector, mask & (kept.get(key) ?? 0))) {
      const last = runs.at(-1)
      if (last?.disk === disk && last.sector + last.sectors === run.sector) last.sectors += run.sectors
      else runs.push({ disk, ...run })
    }
  }
  return runs
}

/** What `--keep` gets for what was ticked: a rule where one says the same, else the sectors. */
export function keepWords(pages: readonly StakePage[], kept: Kept): string {
  const isAll = pages.every(({ key, mask }) => ((kept.get(key) ?? 0) & mask) === mask)
  if (isAll && pages.length > 0) return 'all'
  const runs = keptSectors(pages, kept)
  if (runs.length === 0) return 'none'
  return runs.map(({ disk, sector, sectors }) => `${disk}:${sector}+${sectors}`).join(',')
}

/** One throw of the dice, as the machine throws them: a page survives or not, and one in eight tears. @param chance 0 to 1 */
export function throwDice(pages: readonly StakePage[], chance: () => number): Kept {
  return new Map(
    pages.map(({ key, mask }) => {
      const isTorn = chance() < 1 / 8
      const survivors = isTorn ? mask & Math.floor(chance() * 256) : chance() < 1 / 2 ? 0 : mask
      return [key, survivors] as const
    }),
  )
}

export type When = { readonly kind: 'now' } | { readonly kind: 'writes' | 'time'; readonly amount: string }

/** The line that cuts. */
export function cutLine(keep: string, when: When): string {
  const armed =
    when.kind === 'writes' ? ` --after-writes ${when.amount}` : when.kind === 'time' ? ` --after ${when.amount}` : ''
  return `power cut${armed} --keep ${keep}`
}

/** Why a moment is none, or undefined. */
export function whenTrouble(when: When): string | undefined {
  if (when.kind === 'writes' && !/^[1-9]\d{0,8}$/.test(when.amount)) return 'A number of writes, from 1 on, is wanted.'
  if (when.kind === 'time' && !/^(?!0+(\.0+)?[a-z])\d{1,9}(\.\d{1,9})?(ns|us|ms|s|m|h)$/.test(when.amount))
    return 'A time such as 250us, 3ms or 2s is wanted.'
  return undefined
}
