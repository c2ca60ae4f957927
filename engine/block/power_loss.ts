/**
 * The power goes: of each disk's volatile cache and of the writes in flight, a chosen subset of sectors reaches the medium.
 * The unit of the random choice is the 4 KiB page; one in eight pages tears between sectors.
 */
import type { Chance } from '../sim/chance.ts'
import type { Memory } from '../base/memory.ts'
import { DISCARD, FLUSH, READ, type Bio } from './bio.ts'
import type { Disk } from './disk.ts'
import type { Keep, KeptSectors } from './power_switch.ts'
import { SECTORS_PER_PAGE, writePage, type CachePage } from './write_cache.ts'

/** How many of the sectors that were not yet safe reached the medium, and how many did not. */
export interface PowerLoss {
  survivors: number
  lost: number
}

export function losePower(disk: Disk, memory: Memory, keep: Keep, chance: Chance): PowerLoss {
  const loss: PowerLoss = { survivors: 0, lost: 0 }
  if (disk.pulled) return loss
  for (const entry of disk.cache.pages.values()) settlePage(disk, memory, entry, keep, chance, loss)
  for (const { bio } of disk.inflight.values()) {
    if (!carriesData(bio)) continue
    for (let at = 0; at < bio.sectors; at += SECTORS_PER_PAGE) {
      const count = Math.min(SECTORS_PER_PAGE, bio.sectors - at)
      const all = (1 << count) - 1
      const mask = chooseSectors(disk, bio.sector + at, all, keep, chance)
      tally(loss, all, mask)
      for (let i = 0; i < count; i++) {
        if ((mask & (1 << i)) === 0) continue
        disk.media.write((bio.sector + at + i) * 512, memory.bytes, bio.data + (at + i) * 512, 512)
        if (disk.faults.any) disk.faults.heal(bio.sector + at + i, 1)
      }
    }
  }
  return loss
}

/**
 * What a power cut would put at stake now: runs of sectors whose newest bytes are not on the medium, in 4 KiB pages, by
 * address. Any subset of them, given as the sectors to keep, is a state that a cut may leave.
 */
export function unflushedWrites(disk: Disk): KeptSectors[] {
  const masks = new Map<number, number>()
  for (const { page, mask } of disk.cache.pages.values()) masks.set(page, mask)
  for (const { bio } of disk.inflight.values()) {
    if (!carriesData(bio)) continue
    for (let sector = bio.sector; sector < bio.sector + bio.sectors; sector++) {
      const page = Math.floor(sector / SECTORS_PER_PAGE)
      masks.set(page, (masks.get(page) ?? 0) | (1 << (sector % SECTORS_PER_PAGE)))
    }
  }
  const runs: KeptSectors[] = []
  for (const [page, mask] of [...masks].sort(([a], [b]) => a - b)) {
    for (let i = 0; i < SECTORS_PER_PAGE; i++) {
      if ((mask & (1 << i)) === 0) continue
      const first = i
      while (i + 1 < SECTORS_PER_PAGE && (mask & (1 << (i + 1))) !== 0) i++
      runs.push({ disk: disk.name, sector: page * SECTORS_PER_PAGE + first, sectors: i + 1 - first })
    }
  }
  return runs
}

function carriesData(bio: Bio): boolean {
  return bio.op !== READ && bio.op !== FLUSH && bio.op !== DISCARD && bio.data !== 0
}

function settlePage(disk: Disk, memory: Memory, entry: CachePage, keep: Keep, chance: Chance, loss: PowerLoss): void {
  const mask = chooseSectors(disk, entry.page * SECTORS_PER_PAGE, entry.mask, keep, chance)
  tally(loss, entry.mask, mask)
  writePage(memory, disk.media, entry, mask)
  if (!disk.faults.any) return
  for (let i = 0; i < SECTORS_PER_PAGE; i++) if ((mask & (1 << i)) !== 0) disk.faults.heal(entry.page * 8 + i, 1)
}

/** @param mask the sectors at stake, bit i for `sector` + i. @returns those that survive. */
function chooseSectors(disk: Disk, sector: number, mask: number, keep: Keep, chance: Chance): number {
  switch (keep) {
    case 'none':
      return 0
    case 'all':
      return mask
    case 'random': {
      if (chance.below(8) === 0) return mask & chance.uint32()
      return chance.below(2) === 0 ? 0 : mask
    }
    default:
      return mask & tickedSectors(disk, sector, keep)
  }
}

function tickedSectors(disk: Disk, sector: number, keep: readonly KeptSectors[]): number {
  let mask = 0
  for (const kept of keep) {
    if (kept.disk !== disk.name) continue
    for (let i = 0; i < SECTORS_PER_PAGE; i++) {
      if (sector + i >= kept.sector && sector + i < kept.sector + kept.sectors) mask |= 1 << i
    }
  }
  return mask
}

function tally(loss: PowerLoss, all: number, kept: number): void {
  for (let bit = 1; bit <= all; bit <<= 1) {
    if ((all & bit) === 0) continue
    if ((kept & bit) !== 0) loss.survivors++
    else loss.lost++
  }
}
