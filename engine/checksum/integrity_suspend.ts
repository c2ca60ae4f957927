/**
 * Bringing an integrity device to rest: recalculation stops where it is, everything is committed and written out, and an empty journal (in mode
 * B: one instead of the bitmap) is left.
 * @source dm_integrity_postsuspend, drivers/md/dm-integrity.c, 6.1
 */
import { FUA } from '../block/bio.ts'
import { FLAG_DIRTY_BITMAP } from '../format/integrity_superblock.ts'
import { nextSeq } from '../format/integrity_journal.ts'
import { DONE } from '../sim/procedure.ts'
import type { IntegrityDevice } from './integrity_device.ts'
import { FlushBuffers, IntegrityWork } from './integrity_work.ts'
import type { DrainWaiter, WorkQueue } from './work_queue.ts'

export class SuspendIntegrity extends IntegrityWork implements DrainWaiter {
  constructor(device: IntegrityDevice) {
    super(device)
    this.step = 'stop recalculating'
  }

  override steps() {
    return STEPS
  }

  queueDrained(): void {
    this.arrived()
  }

  private drain(queue: WorkQueue): void {
    if (queue.drain(this)) this.pending++
  }

  stopRecalculating(): string {
    const { device } = this
    device.isSuspending = true
    device.autocommit.disarm()
    this.drain(device.recalculations)
    return 'commit'
  }

  commit(): string {
    const { device } = this
    device.bitmapFlush.cancel()
    device.commits.queue(device.commit)
    this.drain(device.commits)
    return device.line.mode === 'J' ? 'write out' : 'flush'
  }

  writeOut(): string {
    const { device } = this
    device.writers.queue(device.writer)
    this.drain(device.writers)
    return 'flush'
  }

  flush(): string {
    const { device } = this
    const { mode } = device.line
    if (mode === 'J' || mode === 'B') this.call(new FlushBuffers(device, true))
    if (mode === 'B') return 'journal for bitmap'
    return mode === 'J' && device.wroteToJournal ? 'empty journal' : 'end'
  }

  emptyJournal(): string {
    const { device } = this
    const { sections } = device.layout.journal
    this.initSections(device.freeSection, sections - device.freeSection, device.commitSeq)
    return 'empty rest'
  }

  emptyRest(): string {
    const { device } = this
    this.noteIoError()
    this.initSections(0, device.freeSection, nextSeq(device.commitSeq))
    return 'end'
  }

  journalForBitmap(): string {
    this.initSections(0, this.device.layout.journal.sections, 0)
    return 'no bitmap'
  }

  noBitmap(): string {
    this.noteIoError()
    this.device.sb.flags &= ~FLAG_DIRTY_BITMAP
    this.writeSuper(FUA)
    return 'end'
  }

  end(): string {
    this.noteIoError()
    this.device.journalUptodate = true
    return DONE
  }
}

const STEPS = {
  'stop recalculating': (work: SuspendIntegrity) => work.stopRecalculating(),
  commit: (work: SuspendIntegrity) => work.commit(),
  'write out': (work: SuspendIntegrity) => work.writeOut(),
  flush: (work: SuspendIntegrity) => work.flush(),
  'empty journal': (work: SuspendIntegrity) => work.emptyJournal(),
  'empty rest': (work: SuspendIntegrity) => work.emptyRest(),
  'journal for bitmap': (work: SuspendIntegrity) => work.journalForBitmap(),
  'no bitmap': (work: SuspendIntegrity) => work.noBitmap(),
  end: (work: SuspendIntegrity) => work.end(),
}
