/**
 * Takes up the journal that is on the disk.
 *
 * The newest lap's number is the one before the first that is not used. Behind the last section that carries it lies the oldest of what
 * counts, a lap older; from there on, section by section, everything is written to its place as long as all sectors carry the lap that
 * is expected. The first that does not was being written when the power failed, and ends it. Unless all of the journal was whole, it is
 * made anew, empty, with the lap's number that lies two back.
 *
 * @source replay_journal, drivers/md/dm-integrity.c, 6.1
 */
import { READ } from '../block/bio.ts'
import {
  COMMIT_SEQS,
  commitSeqOf,
  entryIsUnused,
  entryOffset,
  nextSeq,
  previousSeq,
} from '../format/integrity_journal.ts'
import { DONE } from '../sim/procedure.ts'
import type { IntegrityDevice } from './integrity_device.ts'
import { IntegrityWork } from './integrity_work.ts'
import { WriteSections } from './integrity_writer.ts'

export class ReplayJournal extends IntegrityWork {
  /** The newest lap's number. */
  private lastUsed: number
  private first: number
  private count: number
  private wanted: number
  private isEmpty: boolean

  constructor(device: IntegrityDevice) {
    super(device)
    this.step = 'read'
    this.lastUsed = 0
    this.first = 0
    this.count = 0
    this.wanted = 0
    this.isEmpty = true
  }

  override steps() {
    return STEPS
  }

  read(): string {
    const { device } = this
    if (device.line.mode === 'R' || device.journalUptodate) return DONE
    const { sections, sectionSectors } = device.layout.journal
    if (!device.justFormatted) this.journalSectors(READ, 0, sections * sectionSectors)
    return 'look'
  }

  look(): string {
    const { device } = this
    this.noteIoError()
    if (device.failed !== null || !this.scan()) return 'clear first'
    if (!this.isEmpty) this.call(new WriteSections(device, this.first, this.count, true))
    return 'go on'
  }

  /** Looks at all commit ids. @returns whether they make sense */
  private scan(): boolean {
    const { device } = this
    const { sections } = device.layout.journal
    const lastOf: number[] = new Array<number>(COMMIT_SEQS).fill(-1)
    for (let section = 0; section < sections; section++) {
      if (!this.scanSection(section, lastOf)) {
        device.fail('EIO')
        return false
      }
    }
    const unused = firstUnused(lastOf)
    if (unused < 0) {
      device.fail('EIO')
      return false
    }
    this.lastUsed = previousSeq(unused)
    this.wanted = previousSeq(this.lastUsed)
    if (lastOf[this.wanted] < 0 && lastOf[previousSeq(this.wanted)] >= 0) this.isEmpty = true
    this.first = Math.max(lastOf[this.lastUsed], 0) + 1
    if (this.first >= sections) {
      this.first = 0
      this.wanted = nextSeq(this.wanted)
    }
    this.countWhole()
    return true
  }

  private scanSection(section: number, lastOf: number[]): boolean {
    const { layout, sim } = this.device
    const { bytes } = sim.memory
    const at = this.device.sectionAddress(section)
    for (let sector = 0; sector < layout.journal.sectionSectors; sector++) {
      const seq = commitSeqOf(bytes, at + sector * 512, section, sector)
      if (seq < 0) return false
      lastOf[seq] = section
    }
    for (let entry = 0; entry < layout.journal.sectionEntries && this.isEmpty; entry++) {
      if (!entryIsUnused(bytes, at + entryOffset(layout, entry))) this.isEmpty = false
    }
    return true
  }

  /** How many sections from the first on are whole; {@link wanted} goes with them. */
  private countWhole(): void {
    const { sections, sectionSectors } = this.device.layout.journal
    let section = this.first
    for (this.count = 0; this.count < sections; this.count++) {
      const at = this.device.sectionAddress(section)
      for (let sector = 0; sector < sectionSectors; sector++) {
        if (commitSeqOf(this.sim.memory.bytes, at + sector * 512, section, sector) !== this.wanted) return
      }
      if (++section < sections) continue
      section = 0
      this.wanted = nextSeq(this.wanted)
    }
  }

  goOn(): string {
    const { device } = this
    if (this.count < device.layout.journal.sections || (device.line.mode !== 'J' && !this.isEmpty)) return 'clear first'
    device.commitSeq = this.wanted
    device.resetRing(this.first)
    return DONE
  }

  // ---- an empty journal: the section behind the last lap first, the one before it last ----

  clearFirst(): string {
    this.initSections(this.first, 1, this.eraseSeq)
    return 'clear middle'
  }

  clearMiddle(): string {
    const { device } = this
    this.noteIoError()
    const { sections } = device.layout.journal
    if (sections >= 2) this.initSections(device.wrapSection(this.first + 1), sections - 2, this.eraseSeq)
    return 'clear last'
  }

  clearLast(): string {
    const { device } = this
    this.noteIoError()
    const { sections } = device.layout.journal
    if (sections >= 2) this.initSections((this.first + sections - 1) % sections, 1, this.eraseSeq)
    return 'cleared'
  }

  cleared(): string {
    this.noteIoError()
    this.device.commitSeq = nextSeq(this.eraseSeq)
    this.device.resetRing(0)
    return DONE
  }

  private get eraseSeq(): number {
    return previousSeq(previousSeq(this.lastUsed))
  }
}

/** @param lastOf -1 for numbers that are not used. @returns -1 where all are */
function firstUnused(lastOf: readonly number[]): number {
  if (lastOf[COMMIT_SEQS - 1] >= 0) return lastOf.indexOf(-1)
  let unused = COMMIT_SEQS - 1
  while (unused > 0 && lastOf[unused - 1] < 0) unused--
  return unused
}

const STEPS = {
  read: (work: ReplayJournal) => work.read(),
  look: (work: ReplayJournal) => work.look(),
  'go on': (work: ReplayJournal) => work.goOn(),
  'clear first': (work: ReplayJournal) => work.clearFirst(),
  'clear middle': (work: ReplayJournal) => work.clearMiddle(),
  'clear last': (work: ReplayJournal) => work.clearLast(),
  cleared: (work: ReplayJournal) => work.cleared(),
}
