/**
 * Taking an integrity device up: the superblock is read once more, a longer device below is noted, a bitmap that was left is looked at, the journal is replayed, and what has
 * to be recalculated is begun.
 * @source dm_integrity_resume, drivers/md/dm-integrity.c, 6.1.176
 * @differs in mode R a bitmap that was left is not looked at, nor the superblock written: Linux has no memory for it, and stumbles
 */
import { FUA, META, READ, SYNC, WRITE } from '../block/bio.ts'
import { FLAG_DIRTY_BITMAP, FLAG_RECALCULATING, INTEGRITY_SB_SECTORS } from '../format/integrity_superblock.ts'
import { DONE } from '../sim/procedure.ts'
import type { IntegrityDevice } from './integrity_device.ts'
import { WriteSuper } from './integrity_recalculate.ts'
import { ReplayJournal } from './integrity_replay.ts'
import { IntegrityWork } from './integrity_work.ts'

export class ResumeIntegrity extends IntegrityWork {
  private wasRecalculating: boolean
  /** The length that the superblock had when the table was loaded. */
  private oldLength: number

  constructor(device: IntegrityDevice) {
    super(device)
    this.step = 'begin'
    this.wasRecalculating = false
    this.oldLength = 0
  }

  override steps() {
    return STEPS
  }

  private get isBitmapMode(): boolean {
    return this.device.line.mode === 'B'
  }

  private get sameBits(): boolean {
    return this.device.sb.log2_blocks_per_bitmap_bit === this.device.bitmaps.log2BlocksPerBit
  }

  private rwBitmap(op: typeof READ | typeof WRITE): void {
    this.journalSectors(op, 0, this.device.bitmaps.blocks * 8)
  }

  private recalculateAll(): void {
    const { sb } = this.device
    sb.flags |= FLAG_RECALCULATING
    sb.recalc_sector = 0
  }

  /** The superblock may have been written by another table since it was read. */
  begin(): string {
    const { device } = this
    device.wroteToJournal = false
    device.isSuspending = false
    this.wasRecalculating = device.isRecalculating
    this.oldLength = device.sb.provided_data_sectors
    this.io(device.meta, READ, SYNC | META, device.line.start, INTEGRITY_SB_SECTORS, device.sbAddress)
    return 'superblock read'
  }

  superblockRead(): string {
    const { device } = this
    if (this.noteIoError() !== 'OK') return 'length'
    device.decodeSuperblock()
    if (!this.wasRecalculating || device.isRecalculating) return 'length'
    device.sb.flags |= FLAG_RECALCULATING
    this.writeSuper(FUA)
    return 'length'
  }

  compareLength(): string {
    const { layout, sb } = this.device
    this.noteIoError()
    if (layout.providedSectors === this.oldLength) return 'bitmap or journal'
    const hasBitmap = this.isBitmapMode && (sb.flags & FLAG_DIRTY_BITMAP) !== 0 && this.sameBits
    if (layout.providedSectors < this.oldLength || !hasBitmap) return 'note length'
    this.rwBitmap(READ)
    return 'bits of what is new'
  }

  markNew(): string {
    const { bitmaps, layout } = this.device
    this.noteIoError()
    const from = this.oldLength - (this.oldLength % layout.blockSectors)
    bitmaps.set('disk', from, layout.providedSectors - from)
    this.rwBitmap(WRITE)
    return 'note length'
  }

  noteLength(): string {
    const { device } = this
    this.noteIoError()
    device.sb.provided_data_sectors = device.layout.providedSectors
    this.writeSuper(FUA)
    return 'bitmap or journal'
  }

  bitmapOrJournal(): string {
    const { device } = this
    this.noteIoError()
    if (device.line.mode === 'R') return 'recalculate'
    if ((device.sb.flags & FLAG_DIRTY_BITMAP) !== 0) {
      this.rwBitmap(READ)
      return this.isBitmapMode ? 'believe bitmap' : 'leave bitmap mode'
    }
    this.call(new ReplayJournal(device))
    return 'replayed'
  }

  /** A bitmap was left, and is in use again: what it says is being written is recalculated. */
  believeBitmap(): string {
    const { bitmaps, layout, line, sb } = this.device
    this.noteIoError()
    if (this.sameBits && !line.resetRecalculate) {
      bitmaps.copyFromDisk('recalculate')
      bitmaps.copyFromDisk('mayWrite')
      if (!bitmaps.allClear('disk', 0, layout.providedSectors)) this.recalculateAll()
      return 'write superblock'
    }
    sb.log2_blocks_per_bitmap_bit = bitmaps.log2BlocksPerBit
    for (const name of ['recalculate', 'mayWrite', 'disk'] as const) bitmaps.set(name, 0, layout.providedSectors)
    this.recalculateAll()
    this.rwBitmap(WRITE)
    return 'write superblock'
  }

  /** A bitmap was left, and a journal takes its place. */
  leaveBitmapMode(): string {
    const { device } = this
    const { bitmaps, layout, line } = device
    this.noteIoError()
    const isClean = this.sameBits && bitmaps.allClear('disk', 0, layout.providedSectors)
    if (!isClean || line.resetRecalculate) this.recalculateAll()
    this.initSections(0, layout.journal.sections, 0)
    return 'new journal'
  }

  newJournal(): string {
    const { device } = this
    this.noteIoError()
    this.call(new ReplayJournal(device))
    device.sb.flags &= ~FLAG_DIRTY_BITMAP
    return 'write superblock'
  }

  writeSuperblock(): string {
    this.noteIoError()
    this.writeSuper(FUA)
    return 'recalculate'
  }

  replayed(): string {
    const { device } = this
    if (device.line.resetRecalculate) this.recalculateAll()
    if (!this.isBitmapMode) return 'recalculate'
    device.sb.flags |= FLAG_DIRTY_BITMAP
    device.sb.log2_blocks_per_bitmap_bit = device.bitmaps.log2BlocksPerBit
    this.writeSuper(FUA)
    return 'new bitmap'
  }

  newBitmap(): string {
    const { bitmaps, isRecalculating, layout, sb } = this.device
    this.noteIoError()
    const left = isRecalculating ? layout.providedSectors - this.recalcSector : 0
    sb.recalc_sector = isRecalculating ? Math.min(sb.recalc_sector, Number.MAX_SAFE_INTEGER) : sb.recalc_sector
    for (const name of ['disk', 'recalculate', 'mayWrite'] as const) {
      bitmaps.clear(name, 0, layout.providedSectors)
      if (left > 0) bitmaps.set(name, this.recalcSector, left)
    }
    this.rwBitmap(WRITE)
    return 'recalculate'
  }

  /** On a block's border, whatever the superblock says. */
  private get recalcSector(): number {
    const { layout, sb } = this.device
    return sb.recalc_sector - (sb.recalc_sector % layout.blockSectors)
  }

  recalculate(): string {
    const { device } = this
    const { layout, sb } = device
    this.noteIoError()
    if (!device.isRecalculating || sb.recalc_sector === layout.providedSectors) return DONE
    if (sb.recalc_sector < layout.providedSectors) {
      device.recalculations.queue(device.recalculate)
      return DONE
    }
    sb.recalc_sector = layout.providedSectors
    this.call(new WriteSuper(device))
    return DONE
  }
}

const STEPS = {
  begin: (work: ResumeIntegrity) => work.begin(),
  'superblock read': (work: ResumeIntegrity) => work.superblockRead(),
  length: (work: ResumeIntegrity) => work.compareLength(),
  'bits of what is new': (work: ResumeIntegrity) => work.markNew(),
  'note length': (work: ResumeIntegrity) => work.noteLength(),
  'bitmap or journal': (work: ResumeIntegrity) => work.bitmapOrJournal(),
  'believe bitmap': (work: ResumeIntegrity) => work.believeBitmap(),
  'leave bitmap mode': (work: ResumeIntegrity) => work.leaveBitmapMode(),
  'new journal': (work: ResumeIntegrity) => work.newJournal(),
  'write superblock': (work: ResumeIntegrity) => work.writeSuperblock(),
  replayed: (work: ResumeIntegrity) => work.replayed(),
  'new bitmap': (work: ResumeIntegrity) => work.newBitmap(),
  recalculate: (work: ResumeIntegrity) => work.recalculate(),
}
