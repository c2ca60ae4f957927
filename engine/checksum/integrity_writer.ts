/**
 * Copies committed sections to their places: runs of blocks that lie together go out as one write, their tags into their buffers; then
 * everything is flushed. A block that was committed again later is left to that.
 * @source do_journal_write, integrity_writer, drivers/md/dm-integrity.c, 6.1
 */
import { WRITE } from '../block/bio.ts'
import { areaOf, areaOffset, dataSector } from '../format/integrity_layout.ts'
import {
  entryDataOffset,
  entryIsUnused,
  entryOffset,
  entrySector,
  entryTagOffset,
  markEntryUnused,
  restoreLastBytes,
} from '../format/integrity_journal.ts'
import { DONE } from '../sim/procedure.ts'
import type { IntegrityDevice } from './integrity_device.ts'
import { FlushBuffers, IntegrityWork } from './integrity_work.ts'
import { LockedRange } from './range_locks.ts'
import { blockTag } from './sector_tags.ts'
import { TagWalk } from './tag_walk.ts'
import { IoProcedure } from './work_queue.ts'

/** Sections on their way to their places. */
export class WriteSections extends IntegrityWork {
  private section: number
  private sectionsLeft: number
  private readonly fromReplay: boolean
  private entry: number
  /** The run: entries from `first` up to `end`, exclusive, and the sector of the first. */
  private first: number
  private end: number
  private sector: number
  private range: LockedRange
  private walk: TagWalk | null
  /** Blocks of the run that do not fit their tags. */
  private wrong: number
  /** Copies under way; the flush waits for them. */
  private copying: number

  constructor(device: IntegrityDevice, section: number, count: number, fromReplay: boolean) {
    super(device)
    this.step = 'next run'
    this.section = section
    this.sectionsLeft = count
    this.fromReplay = fromReplay
    this.entry = 0
    this.first = 0
    this.end = 0
    this.sector = 0
    this.range = new LockedRange()
    this.walk = null
    this.wrong = 0
    this.copying = 0
  }

  override steps() {
    return STEPS
  }

  private entryAt(entry: number): number {
    return this.device.sectionAddress(this.section) + entryOffset(this.device.layout, entry)
  }

  private dataAt(entry: number): number {
    return this.device.sectionAddress(this.section) + entryDataOffset(this.device.layout, entry)
  }

  nextRun(): string {
    const { device } = this
    const { layout, sim } = device
    const { bytes } = sim.memory
    const { sectionEntries } = layout.journal
    while (this.sectionsLeft > 0) {
      if (this.entry >= sectionEntries) {
        this.entry = 0
        this.section = device.wrapSection(this.section + 1)
        this.sectionsLeft--
        continue
      }
      const at = this.entryAt(this.entry)
      const sector = this.usableSector(at)
      if (sector < 0) {
        this.entry++
        continue
      }
      restoreLastBytes(bytes, at, this.dataAt(this.entry), layout.blockSectors)
      this.first = this.entry
      this.sector = sector
      this.end = this.runEnd(sector)
      this.entry = this.end
      this.range = new LockedRange()
      this.range.sector = sector
      this.range.sectors = (this.end - this.first) * layout.blockSectors
      this.takeRange(this.range)
      return 'has range'
    }
    device.bufio.writeDirtyBuffersAsync()
    return 'flush'
  }

  /** The sector of an entry, or -1 where there is none. What a replay finds may be anything. */
  private usableSector(at: number): number {
    const { device } = this
    const { bytes } = this.sim.memory
    if (entryIsUnused(bytes, at)) return -1
    const { blockSectors, providedSectors } = device.layout
    let sector = entrySector(bytes, at)
    if (!this.fromReplay) return sector
    if (sector !== Infinity && sector % blockSectors !== 0) {
      device.fail('EIO')
      sector -= sector % blockSectors
    }
    if (sector < providedSectors) return sector
    markEntryUnused(bytes, at)
    return -1
  }

  private runEnd(sector: number): number {
    const { layout, sim } = this.device
    const { bytes } = sim.memory
    const area = areaOf(layout, sector)
    let end = this.first + 1
    for (; end < layout.journal.sectionEntries; end++) {
      const at = this.entryAt(end)
      if (entryIsUnused(bytes, at)) break
      const next = entrySector(bytes, at)
      if (next >= layout.providedSectors || areaOf(layout, next) !== area) break
      if (areaOffset(layout, next) !== areaOffset(layout, sector) + (end - this.first) * layout.blockSectors) break
      restoreLastBytes(bytes, at, this.dataAt(end), layout.blockSectors)
    }
    return end
  }

  hasRange(): string {
    const { device } = this
    const { blockSectors } = device.layout
    if (!this.fromReplay) {
      while (this.first < this.end && this.isOutdated(this.first)) {
        this.dropEntry(this.first++)
        this.sector += blockSectors
      }
      while (this.first < this.end && this.isOutdated(this.end - 1)) this.dropEntry(--this.end)
      if (this.first === this.end) {
        device.ranges.release(this.range)
        return 'next run'
      }
      const base = this.section * device.layout.journal.sectionEntries
      for (let entry = this.first; entry < this.end; entry++) device.tree.remove(base + entry)
    }
    return 'tags'
  }

  /** A newer block of the same sector is committed. @source find_newer_committed_node */
  private isOutdated(entry: number): boolean {
    const { committedCount, committedSection, layout, tree } = this.device
    const { sectionEntries, sections } = layout.journal
    const newer = tree.newerThan(this.section * sectionEntries + entry)
    if (newer < 0) return false
    const section = Math.floor(newer / sectionEntries)
    const end = committedSection + committedCount
    return (section >= committedSection && section < end) || section + sections < end
  }

  private dropEntry(entry: number): void {
    markEntryUnused(this.sim.memory.bytes, this.entryAt(entry))
    this.device.tree.remove(this.section * this.device.layout.journal.sectionEntries + entry)
  }

  /** The tags of a run up to the first block that does not fit its own, which only a replay finds. */
  tags(): string {
    const { device } = this
    const { layout, sim, tagMaker } = device
    const { bytes } = sim.memory
    const { blockSectors, tagBytes } = layout
    const tags = new Uint8Array((this.end - this.first) * tagBytes)
    this.wrong = 0
    let right = 0
    for (let entry = this.first; entry < this.end; entry++) {
      const at = this.entryAt(entry)
      const tag = bytes.slice(at + entryTagOffset(layout), at + entryTagOffset(layout) + tagBytes)
      if (this.fromReplay && tagMaker !== null) {
        const fits = blockTag(tagMaker, this.sector + (entry - this.first) * blockSectors, bytes, this.dataAt(entry))
        if (fits.some((byte, i) => byte !== tag[i])) this.wrong++
      }
      markEntryUnused(bytes, at)
      tags.set(tag, (entry - this.first) * tagBytes)
      if (this.wrong === 0) right++
    }
    this.walk = new TagWalk(device, 'write', this.sector, tags.subarray(0, right * tagBytes))
    this.call(this.walk)
    return 'copy'
  }

  copy(): string {
    const { device, walk } = this
    this.walk = null
    const written = walk === null ? 0 : walk.done / device.layout.tagBytes
    if (walk !== null && walk.error !== 'OK' && walk.error !== 'EILSEQ') device.fail(walk.error)
    for (let i = 0; i < this.wrong; i++) device.fail('EILSEQ')
    // As Linux counts: every tag that could not be written because the device has failed is one more.
    if (device.failed === 'EILSEQ') device.mismatches += Math.ceil(this.end - this.first - written)
    const sectors = (this.end - this.first) * device.layout.blockSectors
    if (device.failed !== null) device.ranges.release(this.range)
    else {
      this.copying++
      new CopyOut(this, this.range, this.sector, sectors, this.dataAt(this.first)).resume()
    }
    return 'next run'
  }

  copied(): void {
    if (--this.copying === 0 && this.step === 'written') this.arrived()
  }

  flush(): string {
    if (this.copying > 0) this.pending++
    return 'written'
  }

  written(): string {
    this.call(new FlushBuffers(this.device, true))
    return DONE
  }
}

const STEPS = {
  'next run': (work: WriteSections) => work.nextRun(),
  'has range': (work: WriteSections) => work.hasRange(),
  tags: (work: WriteSections) => work.tags(),
  copy: (work: WriteSections) => work.copy(),
  flush: (work: WriteSections) => work.flush(),
  written: (work: WriteSections) => work.written(),
}

/** The write of one run; its range is given back when it ends. */
class CopyOut extends IoProcedure {
  private readonly sections: WriteSections
  private readonly range: LockedRange
  private readonly sector: number
  private readonly length: number
  private readonly address: number

  constructor(sections: WriteSections, range: LockedRange, sector: number, length: number, address: number) {
    super(sections.sim, 'write', sections.cause)
    this.sections = sections
    this.range = range
    this.sector = sector
    this.length = length
    this.address = address
  }

  override steps() {
    return COPY_STEPS
  }

  write(): string {
    const { device } = this.sections
    this.io(device.data, WRITE, 0, dataSector(device.layout, this.sector), this.length, this.address)
    return 'end'
  }

  end(): string {
    const { device } = this.sections
    device.ranges.release(this.range)
    if (this.takeError() !== 'OK') device.fail('EIO')
    this.sections.copied()
    return DONE
  }
}

const COPY_STEPS = {
  write: (copy: CopyOut) => copy.write(),
  end: (copy: CopyOut) => copy.end(),
}

/** The work of writing out whatever is committed. */
export class WriterWork extends IntegrityWork {
  private count: number

  constructor(device: IntegrityDevice) {
    super(device)
    this.count = 0
  }

  override steps() {
    return WRITER_STEPS
  }

  begin(): string {
    const { device } = this
    this.count = device.committedCount
    if (this.count === 0) return DONE
    this.call(new WriteSections(device, device.committedSection, this.count, false))
    return 'free sections'
  }

  freeSections(): string {
    const { device, count } = this
    device.committedSection = device.wrapSection(device.committedSection + count)
    device.committedCount -= count
    const wasFull = device.freeEntries === 0
    device.freeEntries += count * device.layout.journal.sectionEntries
    if (wasFull) device.wakeSleepers()
    return DONE
  }
}

const WRITER_STEPS = {
  begin: (work: WriterWork) => work.begin(),
  'free sections': (work: WriterWork) => work.freeSections(),
}
