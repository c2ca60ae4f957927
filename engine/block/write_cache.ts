/**
 * The volatile cache of a disk: writes that were acknowledged and would not survive a power cut. It holds the newest bytes of
 * each sector, in 4 KiB pages with a mask of the sectors that are valid, oldest page first.
 */
import { PAGE_BYTES, type Memory } from '../base/memory.ts'
import { OrderedTable } from '../base/ordered_table.ts'
import type { Media } from './media.ts'

export const SECTORS_PER_PAGE = 8

export interface CachePage {
  /** Sector / 8. */
  readonly page: number
  readonly address: number
  /** Bit i: sector 8 * page + i is here. */
  mask: number
  /** When the oldest of its writes was acknowledged, in nanoseconds. */
  readonly since: number
}

export class WriteCache {
  readonly pages: OrderedTable<CachePage>

  constructor() {
    this.pages = new OrderedTable()
  }

  get bytes(): number {
    return this.pages.size * PAGE_BYTES
  }

  /** Takes `sectors` from memory address `data` as the newest contents from `sector` on. */
  put(memory: Memory, now: number, sector: number, sectors: number, data: number): void {
    const end = sector + sectors
    while (sector < end) {
      const page = Math.floor(sector / SECTORS_PER_PAGE)
      const first = sector - page * SECTORS_PER_PAGE
      const count = Math.min(SECTORS_PER_PAGE - first, end - sector)
      let entry = this.pages.get(page)
      if (entry === undefined) {
        entry = { page, address: memory.allocate(PAGE_BYTES), mask: 0, since: now }
        this.pages.add(page, entry)
      }
      memory.copy(entry.address + first * 512, data, count * 512)
      entry.mask |= ((1 << count) - 1) << first
      sector += count
      data += count * 512
    }
  }

  /** Lays cached sectors over what was read from the medium to index `address` of `into`. */
  overlay(memory: Memory, sector: number, sectors: number, into: Uint8Array, address: number): void {
    if (this.pages.size === 0) return
    const last = Math.floor((sector + sectors - 1) / SECTORS_PER_PAGE)
    for (let page = Math.floor(sector / SECTORS_PER_PAGE); page <= last; page++) {
      const entry = this.pages.get(page)
      if (entry === undefined) continue
      const base = page * SECTORS_PER_PAGE
      const end = Math.min(SECTORS_PER_PAGE, sector + sectors - base)
      for (let i = Math.max(0, sector - base); i < end;) {
        if ((entry.mask & (1 << i)) === 0) {
          i++
          continue
        }
        const from = i
        while (i < end && (entry.mask & (1 << i)) !== 0) i++
        const held = entry.address + from * 512
        into.set(memory.bytes.subarray(held, held + (i - from) * 512), address + (base + from - sector) * 512)
      }
    }
  }

  /** Whether the cache has this sector. */
  has(sector: number): boolean {
    const entry = this.pages.get(Math.floor(sector / SECTORS_PER_PAGE))
    return entry !== undefined && (entry.mask & (1 << (sector % SECTORS_PER_PAGE))) !== 0
  }

  /** Forgets sectors that are being overwritten on the medium itself, or discarded. */
  drop(memory: Memory, sector: number, sectors: number): void {
    if (this.pages.size === 0) return
    const last = Math.floor((sector + sectors - 1) / SECTORS_PER_PAGE)
    for (let page = Math.floor(sector / SECTORS_PER_PAGE); page <= last; page++) {
      const entry = this.pages.get(page)
      if (entry === undefined) continue
      for (let i = 0; i < SECTORS_PER_PAGE; i++) {
        const at = page * SECTORS_PER_PAGE + i
        if (at >= sector && at < sector + sectors) entry.mask &= ~(1 << i)
      }
      if (entry.mask === 0) this.forget(memory, entry)
    }
  }

  /**
   * Moves pages to the medium, in address order, neighbours in one write where the medium prefers that.
   * @param chosen the pages to move; all when left out.
   */
  writeBack(memory: Memory, media: Media, chosen: CachePage[] = this.pages.values()): void {
    if (chosen.length > 1) chosen.sort((a, b) => a.page - b.page)
    for (let i = 0; i < chosen.length;) {
      let end = i + 1
      if (media.prefersLongWrites()) {
        while (end < chosen.length && end - i < 64 && joins(chosen[end - 1], chosen[end])) end++
      }
      if (end - i > 1) writeRun(memory, media, chosen.slice(i, end))
      else writePage(memory, media, chosen[i], chosen[i].mask)
      i = end
    }
    for (const entry of chosen) this.forget(memory, entry)
  }

  private forget(memory: Memory, entry: CachePage): void {
    this.pages.delete(entry.page)
    memory.free(entry.address)
  }
}

function joins(a: CachePage, b: CachePage): boolean {
  return a.page + 1 === b.page && a.mask === 255 && b.mask === 255
}

function writeRun(memory: Memory, media: Media, run: CachePage[]): void {
  const staging = memory.allocate(run.length * PAGE_BYTES)
  run.forEach((entry, i) => memory.copy(staging + i * PAGE_BYTES, entry.address, PAGE_BYTES))
  media.write(run[0].page * PAGE_BYTES, memory.bytes, staging, run.length * PAGE_BYTES)
  memory.free(staging)
}

/** Writes the sectors of `mask` to the medium, in as few pieces as they form. */
export function writePage(memory: Memory, media: Media, entry: CachePage, mask: number): void {
  for (let i = 0; i < SECTORS_PER_PAGE;) {
    if ((mask & (1 << i)) === 0) {
      i++
      continue
    }
    let end = i + 1
    while (end < SECTORS_PER_PAGE && (mask & (1 << end)) !== 0) end++
    media.write(entry.page * PAGE_BYTES + i * 512, memory.bytes, entry.address + i * 512, (end - i) * 512)
    i = end
  }
}
