/**
 * Which blocks are in the journal, by their sectors: a sector that was written more than once is there more than once, and the newest counts.
 * @source struct journal_node, find_journal_node, drivers/md/dm-integrity.c, 6.1
 */
export class JournalTree {
  /** Numbers of entries, counted through all sections, oldest first. */
  private readonly bySector: Map<number, number[]>
  private readonly sectors: Map<number, number>

  constructor() {
    this.bySector = new Map()
    this.sectors = new Map()
  }

  get size(): number {
    return this.sectors.size
  }

  add(entry: number, sector: number): void {
    this.sectors.set(entry, sector)
    const entries = this.bySector.get(sector)
    if (entries === undefined) this.bySector.set(sector, [entry])
    else entries.push(entry)
  }

  remove(entry: number): void {
    const sector = this.sectors.get(entry)
    if (sector === undefined) return
    this.sectors.delete(entry)
    const entries = this.bySector.get(sector) ?? []
    entries.splice(entries.indexOf(entry), 1)
    if (entries.length === 0) this.bySector.delete(sector)
  }

  /** The newest entry of a sector, or -1. */
  newest(sector: number): number {
    const entries = this.bySector.get(sector)
    return entries === undefined ? -1 : entries[entries.length - 1]
  }

  /** The next newer entry of the same sector, or -1. */
  newerThan(entry: number): number {
    const sector = this.sectors.get(entry)
    const entries = sector === undefined ? undefined : this.bySector.get(sector)
    return entries?.[entries.indexOf(entry) + 1] ?? -1
  }

  /** The first sector of a stretch that is in the journal, or the end of the stretch. */
  firstIn(from: number, end: number, step: number): number {
    for (let sector = from; sector < end; sector += step) if (this.bySector.has(sector)) return sector
    return end
  }

  clear(): void {
    this.bySector.clear()
    this.sectors.clear()
  }
}
