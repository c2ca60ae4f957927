/** What the pieces of work of an integrity device have in common: the journal as bytes, and getting it, tags and superblock written. */
import { FLUSH, FUA, META, SYNC, WRITE, type READ, type Status } from '../block/bio.ts'
import type { DoneWaiter } from '../bufio/empty_io.ts'
import { entryOffset, markEntryUnused, writeCommitId } from '../format/integrity_journal.ts'
import { INTEGRITY_SB_SECTORS } from '../format/integrity_superblock.ts'
import { DONE, Procedure } from '../sim/procedure.ts'
import type { IntegrityDevice } from './integrity_device.ts'
import type { LockedRange, RangeWaiter } from './range_locks.ts'
import { Work } from './work_queue.ts'

export abstract class IntegrityWork extends Work implements RangeWaiter {
  readonly device: IntegrityDevice

  constructor(device: IntegrityDevice) {
    super(device.sim, device.cause)
    this.device = device
  }

  /** Reads or writes sectors of the journal from memory; nothing where the device has failed. */
  journalSectors(op: typeof READ | typeof WRITE, sector: number, sectors: number): void {
    const { device } = this
    if (device.failed !== null) return
    const at = device.line.start + INTEGRITY_SB_SECTORS + sector
    const flags = op === WRITE ? FUA | SYNC | META : SYNC | META
    this.io(device.meta, op, flags, at, sectors, device.journal + sector * 512)
  }

  /** Writes sections, in one go or, beyond the last, two. @source write_journal */
  writeSections(first: number, count: number): void {
    const { sections, sectionSectors } = this.device.layout.journal
    const before = Math.min(count, sections - first)
    if (before > 0) this.journalSectors(WRITE, first * sectionSectors, before * sectionSectors)
    if (count > before) this.journalSectors(WRITE, 0, (count - before) * sectionSectors)
  }

  /** Makes sections empty, with the commit ids of a lap, and writes them. @source init_journal */
  initSections(first: number, count: number, seq: number): void {
    const { layout, sim } = this.device
    const { bytes } = sim.memory
    for (let n = 0; n < count; n++) {
      const section = (first + n) % layout.journal.sections
      const at = this.device.sectionAddress(section)
      bytes.fill(0, at, at + layout.journal.sectionSectors * 512)
      for (let sector = 0; sector < layout.journal.sectionSectors; sector++) {
        writeCommitId(bytes, at + sector * 512, section, sector, seq)
      }
      for (let entry = 0; entry < layout.journal.sectionEntries; entry++) {
        markEntryUnused(bytes, at + entryOffset(layout, entry))
      }
    }
    if (count > 0) this.writeSections(first, count)
  }

  /** @source sync_rw_sb */
  writeSuper(flags: number): void {
    const { device } = this
    device.encodeSuperblock()
    this.io(device.meta, WRITE, flags | META, device.line.start, INTEGRITY_SB_SECTORS, device.sbAddress)
  }

  /** The device has failed, if the I/O of the step before has. */
  noteIoError(): Status {
    const error = this.takeError()
    if (error !== 'OK') this.device.fail('EIO')
    return error
  }

  /** Takes a range, or lets the next step wait for it. */
  takeRange(range: LockedRange): void {
    const { ranges } = this.device
    if (ranges.take(range)) return
    this.pending++
    ranges.wait(range, this)
  }

  rangeGranted(): void {
    this.arrived()
  }
}

/**
 * Has all tags written, and the devices flushed: that of the metadata, and of the data if that is another and is asked for.
 * @source dm_integrity_flush_buffers, drivers/md/dm-integrity.c, 6.1
 */
export class FlushBuffers extends Procedure implements DoneWaiter {
  readonly device: IntegrityDevice
  readonly flushData: boolean

  constructor(device: IntegrityDevice, flushData: boolean) {
    super(device.sim, 'flush')
    this.device = device
    this.flushData = flushData && device.separateMeta
  }

  override steps() {
    return FLUSH_STEPS
  }

  done(status: Status): void {
    if (status !== 'OK') this.device.fail('EIO')
    this.arrived()
  }
}

const FLUSH_STEPS = {
  flush: (flush: FlushBuffers): string => {
    if (flush.flushData) flush.call(new FlushData(flush.device))
    flush.pending++
    flush.device.bufio.writeDirtyBuffers(flush)
    return DONE
  },
}

/** Flushes the data device. */
class FlushData extends Work {
  readonly device: IntegrityDevice

  constructor(device: IntegrityDevice) {
    super(device.sim, device.cause)
    this.device = device
    this.step = 'flush'
  }

  override steps() {
    return FLUSH_DATA_STEPS
  }
}

const FLUSH_DATA_STEPS = {
  flush: (flush: FlushData): string => {
    flush.io(flush.device.data, FLUSH, SYNC, 0, 0, 0)
    return 'end'
  },
  end: (flush: FlushData): string => {
    if (flush.takeError() !== 'OK') flush.device.fail('EIO')
    return DONE
  },
}
