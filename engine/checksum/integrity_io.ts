/**
 * One I/O of an integrity device.
 *
 * Mode J: a write is copied into the journal and is over; a read takes from the journal what is there. Otherwise, and for the rest of a read,
 * the range is taken, so that nobody else works on it; then data and tags are written side by side, or the data is read and its tags
 * are looked at. In mode B the range's bits must be set on the disk before. An I/O that reaches over what can be done at once goes on
 * with the rest.
 *
 * A block whose tag is wrong is read again before anybody is blamed: its bytes may have been changed in memory meanwhile.
 *
 * @source dm_integrity_map_continue, __journal_read_write, integrity_metadata, integrity_recheck, drivers/md/dm-integrity.c, 6.1
 * @differs a discard looks for all of its sectors in the journal; Linux looks for the first one only
 */
import type { Errno } from '../base/errno.ts'
import { DISCARD, FUA, PREFLUSH, READ, SYNC, WRITE, type Status } from '../block/bio.ts'
import type { CloneBio } from '../dm/clone_bio.ts'
import { dataSector } from '../format/integrity_layout.ts'
import {
  entryDataOffset,
  entryOffset,
  entryTagOffset,
  keepLastBytes,
  restoreLastBytes,
  setEntrySector,
} from '../format/integrity_journal.ts'
import { DONE } from '../sim/procedure.ts'
import type { IntegrityDevice } from './integrity_device.ts'
import { FlushBuffers } from './integrity_work.ts'
import { LockedRange, type RangeWaiter } from './range_locks.ts'
import { blockTag, blockTags, DISCARD_FILLER } from './sector_tags.ts'
import { TagWalk } from './tag_walk.ts'
import { IoProcedure } from './work_queue.ts'

export class IntegrityIo extends IoProcedure implements RangeWaiter {
  readonly device: IntegrityDevice
  readonly clone: CloneBio
  /** Where what is left begins, counted from the target's first sector, and how much it is. */
  sector: number
  left: number
  readonly range: LockedRange
  /** It was not put off yet. */
  private isFresh: boolean
  private isInLine: boolean
  /** The entry of the journal that a read takes from, or -1. */
  private entry: number
  private journalWrittenOut: boolean
  private recalcSector: number
  private walk: TagWalk | null
  private status: Status
  /** A block that is read again. */
  private again: number
  private buffer: number

  constructor(device: IntegrityDevice, clone: CloneBio, sector: number) {
    super(device.sim, 'go on', clone.cause)
    this.device = device
    this.clone = clone
    this.sector = sector
    this.left = clone.sectors
    this.range = new LockedRange()
    this.isFresh = true
    this.isInLine = false
    this.entry = -1
    this.journalWrittenOut = false
    this.recalcSector = 0
    this.walk = null
    this.status = 'OK'
    this.again = 0
    this.buffer = 0
  }

  override steps() {
    return STEPS
  }

  /** Begins: what will have to wait for the disk in any case, a little later. */
  begin(): void {
    const { clone, device } = this
    const isLate = (clone.op === READ && device.tagMaker !== null) || (clone.op === DISCARD && device.line.mode !== 'D')
    if (!isLate) {
      this.resume()
      return
    }
    this.isFresh = false
    this.start()
  }

  rangeGranted(): void {
    this.arrived()
  }

  queueDrained(): void {
    this.arrived()
  }

  /** The bits of its range are on the disk: it takes its range once more. */
  tryAgain(): void {
    this.device.ranges.release(this.range)
    this.arrived()
  }

  private get address(): number {
    return this.clone.data + (this.clone.sectors - this.left) * 512
  }

  goOn(): string {
    const { clone, device } = this
    if (device.failed !== null) return this.over()
    this.entry = -1
    let sectors = this.left
    if (clone.op === DISCARD) sectors = this.discardLength()
    else if (device.line.mode === 'J') {
      if (clone.op === WRITE) return this.writeToJournal()
      sectors = this.findInJournal()
    }
    this.range.sector = this.sector
    this.range.sectors = sectors
    if (device.ranges.take(this.range)) return 'has range'
    if (this.isFresh) return this.putOff()
    if (this.entry >= 0) this.range.sectors = device.layout.blockSectors
    this.pending++
    device.ranges.wait(this.range, this)
    return 'granted'
  }

  /** A discard ends where an area ends. */
  private discardLength(): number {
    const { table, begin } = this.clone.target
    const most = table.find(begin)?.maxIoSectors ?? 0
    return most === 0 ? this.left : Math.min(this.left, most - (this.sector % most))
  }

  /** It could not go on: it lines up behind those who could not before it. */
  private putOff(): string {
    this.isFresh = false
    this.isInLine = true
    this.pending++
    if (this.device.lineUp(this)) this.sim.after(0, this, 0)
    return 'go on'
  }

  private leaveLine(): void {
    if (!this.isInLine) return
    this.isInLine = false
    this.device.leaveLine(this)
  }

  // ---- the journal ----

  private writeToJournal(): string {
    const { device, sector } = this
    const { blockSectors, journal } = device.layout
    const blocks = Math.min(this.left / blockSectors, device.freeEntries)
    if (blocks === 0) {
      if (this.isFresh) return this.putOff()
      this.pending++
      device.sleepers.push(this)
      return 'go on'
    }
    for (let i = 0; i < blocks; i++) {
      const section = device.freeSection
      const entry = device.freeEntry
      this.fillEntry(section, entry, sector + i * blockSectors, this.address + i * blockSectors * 512)
      device.tree.add(section * journal.sectionEntries + entry, sector + i * blockSectors)
      if (++device.freeEntry < journal.sectionEntries) continue
      device.freeEntry = 0
      device.freeSection = device.wrapSection(device.freeSection + 1)
      device.uncommittedCount++
    }
    device.freeEntries -= blocks
    if (device.freeEntries <= device.freeThreshold) device.commits.queue(device.commit)
    else device.scheduleAutocommit()
    this.advance(blocks * blockSectors)
    return this.left > 0 ? 'go on' : this.over()
  }

  private fillEntry(section: number, entry: number, sector: number, from: number): void {
    const { layout, sim, tagMaker } = this.device
    const { bytes } = sim.memory
    const base = this.device.sectionAddress(section)
    const at = base + entryOffset(layout, entry)
    const data = base + entryDataOffset(layout, entry)
    sim.memory.copy(data, from, layout.blockSectors * 512)
    keepLastBytes(bytes, at, data, layout.blockSectors)
    const tag = at + entryTagOffset(layout)
    if (tagMaker === null) bytes.fill(0, tag, tag + layout.tagBytes)
    else bytes.set(blockTag(tagMaker, sector, bytes, data), tag)
    setEntrySector(bytes, at, sector)
  }

  /** @returns how many sectors lie together, in the journal from {@link entry} on, or outside it. */
  private findInJournal(): number {
    const { device, left, sector } = this
    const { tree } = device
    const step = device.layout.blockSectors
    this.entry = tree.newest(sector)
    if (this.entry < 0) return tree.firstIn(sector, sector + left, step) - sector
    let sectors = step
    while (sectors < left && tree.newest(sector + sectors) === this.entry + sectors / step) sectors += step
    return sectors
  }

  granted(): string {
    const { device } = this
    if (this.entry >= 0 && device.tree.newest(this.sector) !== this.entry) {
      device.ranges.release(this.range)
      return 'go on'
    }
    return 'has range'
  }

  hasRange(): string {
    const { clone, device, range } = this
    const { mode } = device.line
    if (mode === 'J' && clone.op === DISCARD && !this.journalWrittenOut) {
      const { blockSectors } = device.layout
      if (device.tree.firstIn(range.sector, range.end, blockSectors) < range.end) {
        device.ranges.release(range)
        device.commits.queue(device.commit)
        if (device.commits.drain(this)) this.pending++
        return 'write journal out'
      }
    }
    this.recalcSector = device.sb.recalc_sector
    if (this.entry >= 0) return this.readFromJournal()
    if (mode === 'B' && clone.op !== READ && !device.bitmaps.allSet('mayWrite', range.sector, range.sectors)) {
      const work = device.bitmapWorks[device.bitmaps.blockOf(range.sector)]
      work.ios.push(this)
      device.writers.queue(work)
      this.isFresh = false
      this.pending++
      this.leaveLine()
      return 'go on'
    }
    return this.submit()
  }

  writeJournalOut(): string {
    const { device } = this
    this.journalWrittenOut = true
    device.writers.queue(device.writer)
    if (device.writers.drain(this)) this.pending++
    return 'go on'
  }

  private readFromJournal(): string {
    const { device, range } = this
    const { layout, sim } = device
    const { blockSectors, journal } = layout
    const { bytes } = sim.memory
    for (let done = 0; done < range.sectors; done += blockSectors) {
      const number = this.entry + done / blockSectors
      const base = device.sectionAddress(Math.floor(number / journal.sectionEntries))
      const entry = number % journal.sectionEntries
      const to = this.address + done * 512
      sim.memory.copy(to, base + entryDataOffset(layout, entry), blockSectors * 512)
      restoreLastBytes(bytes, base + entryOffset(layout, entry), to, blockSectors)
    }
    device.ranges.release(range)
    this.advance(range.sectors)
    return this.left > 0 ? 'go on' : this.over()
  }

  // ---- the disk ----

  private submit(): string {
    const { clone, device, range, sim } = this
    const { layout, line, tagMaker } = device
    if (clone.op === DISCARD) {
      const tags = new Uint8Array((range.sectors / layout.blockSectors) * layout.tagBytes).fill(DISCARD_FILLER)
      this.walkTags('write', range.sector, tags)
      if (line.mode !== 'D') return 'flush discarded tags'
    }
    this.submitData()
    if (clone.op === READ) return 'look at tags'
    if (clone.op === WRITE && tagMaker !== null) {
      const tags = blockTags(tagMaker, range.sector, range.sectors, sim.memory.bytes, this.address)
      this.walkTags('write', range.sector, tags)
    }
    this.leaveLine()
    return 'ended'
  }

  private submitData(): void {
    const { clone, device, range } = this
    const flags = clone.flags & ~(PREFLUSH | FUA)
    const at = dataSector(device.layout, range.sector)
    this.io(device.data, clone.op, flags, at, range.sectors, clone.op === DISCARD ? 0 : this.address, clone.id)
  }

  private walkTags(op: 'write' | 'compare', sector: number, tags: Uint8Array): void {
    this.walk = new TagWalk(this.device, op, sector, tags)
    this.call(this.walk)
  }

  flushDiscardedTags(): string {
    this.call(new FlushBuffers(this.device, false))
    return 'discard'
  }

  discard(): string {
    if (this.noteWalk() === 'OK') this.submitData()
    return 'ended'
  }

  lookAtTags(): string {
    const { device, range, sim } = this
    const { bitmaps, layout, line, tagMaker } = device
    this.status = this.takeError()
    this.leaveLine()
    if (this.status !== 'OK' || tagMaker === null || line.mode === 'R') return 'ended'
    if (device.isRecalculating && range.end > this.recalcSector) return 'ended'
    if (line.mode === 'B' && !bitmaps.allClear('recalculate', range.sector, range.sectors)) return 'ended'
    const tags = blockTags(tagMaker, range.sector, range.sectors, sim.memory.bytes, this.address)
    this.again = 0
    this.walkTags('compare', range.sector, tags.subarray(0, (range.sectors / layout.blockSectors) * layout.tagBytes))
    return 'tags looked at'
  }

  tagsLookedAt(): string {
    const mismatch = this.walk?.mismatch === true
    if (this.noteWalk() !== 'OK' || !mismatch) return 'ended'
    this.buffer = this.sim.memory.allocate(this.device.layout.blockSectors * 512)
    return 'read again'
  }

  /** Block by block, until one is wrong once more. */
  readAgain(): string {
    const { device, range } = this
    const { blockSectors } = device.layout
    if (this.again >= range.sectors) return 'ended'
    const at = dataSector(device.layout, range.sector + this.again)
    this.io(device.data, READ, SYNC, at, blockSectors, this.buffer, this.clone.id)
    return 'compare again'
  }

  compareAgain(): string {
    const { device, range, sim } = this
    this.status = this.takeError()
    if (this.status !== 'OK' || device.tagMaker === null) return 'ended'
    const sector = range.sector + this.again
    this.walkTags('compare', sector, blockTag(device.tagMaker, sector, sim.memory.bytes, this.buffer))
    return 'judge'
  }

  judge(): string {
    const { device } = this
    const { blockSectors } = device.layout
    const mismatch = this.walk?.mismatch === true
    if (this.noteWalk() !== 'OK') return 'ended'
    if (mismatch) {
      device.noteMismatch(this.range.sector + this.again)
      this.status = 'EILSEQ'
      return 'ended'
    }
    this.sim.memory.copy(this.address + this.again * 512, this.buffer, blockSectors * 512)
    this.again += blockSectors
    return 'read again'
  }

  private noteWalk(): Status {
    const { walk } = this
    this.walk = null
    if (walk !== null && walk.error !== 'OK') this.status = walk.error
    return this.status
  }

  /** Data and tags are done with. @source dec_in_flight */
  ended(): string {
    const { clone, device, range } = this
    if (this.buffer !== 0) this.sim.memory.free(this.buffer)
    this.buffer = 0
    device.ranges.release(range)
    if (clone.op !== READ) device.scheduleAutocommit()
    const error = this.takeError()
    this.noteWalk()
    if (error !== 'OK') this.status = error
    this.advance(range.sectors)
    this.isFresh = false
    return this.status === 'OK' && this.left > 0 ? 'go on' : this.over()
  }

  private advance(sectors: number): void {
    this.sector += sectors
    this.left -= sectors
  }

  /** @source do_endio_flush */
  private over(): typeof DONE {
    const { clone, device } = this
    this.leaveLine()
    const isDurable = clone.op === WRITE && (clone.flags & FUA) !== 0
    if (isDurable && this.status === 'OK' && device.failed === null) device.submitFlush(clone)
    else device.endBio(clone, this.status as 'OK' | Errno)
    return DONE
  }
}

const STEPS = {
  'go on': (io: IntegrityIo) => io.goOn(),
  granted: (io: IntegrityIo) => io.granted(),
  'has range': (io: IntegrityIo) => io.hasRange(),
  'write journal out': (io: IntegrityIo) => io.writeJournalOut(),
  'flush discarded tags': (io: IntegrityIo) => io.flushDiscardedTags(),
  discard: (io: IntegrityIo) => io.discard(),
  'look at tags': (io: IntegrityIo) => io.lookAtTags(),
  'tags looked at': (io: IntegrityIo) => io.tagsLookedAt(),
  'read again': (io: IntegrityIo) => io.readAgain(),
  'compare again': (io: IntegrityIo) => io.compareAgain(),
  judge: (io: IntegrityIo) => io.judge(),
  ended: (io: IntegrityIo) => io.ended(),
}
