/**
 * The bad-block list of a member: stretches of its data that could not be written or recovered, and that therefore count as
 * missing. It is kept in the member's bad-block log. In Linux: block/badblocks.c.
 */
import type { BadBlocks } from '../format/md_badblocks.ts'

/** As many entries as the log of 8 sectors has room for. */
const ENTRIES_MAX = 512

export class BadBlockList {
  /** Sorted, not touching one another; sectors from the start of the device. */
  readonly entries: { sector: number; count: number }[]
  changed: boolean

  constructor(entries: readonly BadBlocks[] = []) {
    this.entries = entries.map(({ sector, count }) => ({ sector, count }))
    this.changed = false
  }

  /** Whether any sector of the stretch is bad. */
  overlaps(sector: number, count: number): boolean {
    if (this.entries.length === 0) return false
    return this.entries.some((entry) => entry.sector < sector + count && sector < entry.sector + entry.count)
  }

  /** The first entry that has sectors of the stretch. */
  first(sector: number, count: number): { readonly sector: number; readonly count: number } | undefined {
    return this.entries.find((entry) => entry.sector < sector + count && sector < entry.sector + entry.count)
  }

  /** @returns false when the list is full. */
  set(sector: number, count: number): boolean {
    let first = sector
    let end = sector + count
    const apart = this.entries.filter((entry) => {
      if (entry.sector > end || entry.sector + entry.count < first) return true
      first = Math.min(first, entry.sector)
      end = Math.max(end, entry.sector + entry.count)
      return false
    })
    // An entry holds at most 512 sectors.
    const pieces: { sector: number; count: number }[] = []
    for (let at = first; at < end; at += 512) pieces.push({ sector: at, count: Math.min(512, end - at) })
    if (apart.length + pieces.length > ENTRIES_MAX) return false
    this.entries.splice(0, this.entries.length, ...[...apart, ...pieces].sort((a, b) => a.sector - b.sector))
    this.changed = true
    return true
  }

  clear(sector: number, count: number): void {
    if (!this.overlaps(sector, count)) return
    const end = sector + count
    const rest = this.entries.flatMap((entry) => {
      const entryEnd = entry.sector + entry.count
      if (entry.sector >= end || entryEnd <= sector) return [entry]
      const left = { sector: entry.sector, count: Math.max(0, sector - entry.sector) }
      const right = { sector: end, count: Math.max(0, entryEnd - end) }
      return [left, right].filter((piece) => piece.count > 0)
    })
    this.entries.splice(0, this.entries.length, ...rest)
    this.changed = true
  }
}
