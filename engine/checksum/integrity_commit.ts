/**
 * A commit: in mode J the uncommitted sections are written to the journal, durable; in other modes the tags are written and the devices
 * flushed. Then the flushes that waited for it end.
 * @source integrity_commit, drivers/md/dm-integrity.c, 6.1
 */
import type { Bio } from '../block/bio.ts'
import { nextSeq, writeCommitId } from '../format/integrity_journal.ts'
import { DONE } from '../sim/procedure.ts'
import type { IntegrityDevice } from './integrity_device.ts'
import { FlushBuffers, IntegrityWork } from './integrity_work.ts'

export class CommitWork extends IntegrityWork {
  private flushes: Bio[]
  private first: number
  private count: number

  constructor(device: IntegrityDevice) {
    super(device)
    this.flushes = []
    this.first = 0
    this.count = 0
  }

  override steps() {
    return STEPS
  }

  begin(): string {
    const { device } = this
    device.autocommit.disarm()
    this.flushes = device.flushes.splice(0)
    if (device.line.mode !== 'J') {
      this.call(new FlushBuffers(device, true))
      return 'end flushes'
    }
    device.padUncommitted()
    this.first = device.uncommittedSection
    this.count = device.uncommittedCount
    return this.count === 0 ? 'end flushes' : 'write sections'
  }

  writeUncommitted(): string {
    const { device } = this
    const { sections, sectionSectors } = device.layout.journal
    device.wroteToJournal = true
    let section = this.first
    for (let n = 0; n < this.count; n++) {
      const at = device.sectionAddress(section)
      for (let sector = 0; sector < sectionSectors; sector++) {
        writeCommitId(this.sim.memory.bytes, at + sector * 512, section, sector, device.commitSeq)
      }
      if (++section < sections) continue
      section = 0
      device.commitSeq = nextSeq(device.commitSeq)
    }
    this.writeSections(this.first, this.count)
    return 'count sections'
  }

  countSections(): string {
    const { device, count } = this
    this.noteIoError()
    device.uncommittedSection = device.wrapSection(device.uncommittedSection + count)
    device.uncommittedCount -= count
    device.committedCount += count
    if (device.freeEntries <= device.freeThreshold) device.writers.queue(device.writer)
    return 'end flushes'
  }

  endFlushes(): string {
    for (const bio of this.flushes.splice(0)) this.device.endBio(bio, 'OK')
    return DONE
  }
}

const STEPS = {
  begin: (work: CommitWork) => work.begin(),
  'write sections': (work: CommitWork) => work.writeUncommitted(),
  'count sections': (work: CommitWork) => work.countSections(),
  'end flushes': (work: CommitWork) => work.endFlushes(),
}
