/**
 * Gives every block the tag that fits what is there, from where the superblock says on. What has not been reached is read unchecked. In
 * mode B only stretches whose bit is set are gone over.
 * @source integrity_recalc, drivers/md/dm-integrity.c, 6.1
 * @differs a stretch is read 1 MiB at a time, and Linux reads all of it at once
 */
import { READ, SYNC } from '../block/bio.ts'
import { dataSector } from '../format/integrity_layout.ts'
import { DONE } from '../sim/procedure.ts'
import { MILLISECOND } from '../sim/sim.ts'
import type { IntegrityDevice } from './integrity_device.ts'
import { FlushBuffers, IntegrityWork } from './integrity_work.ts'
import { LockedRange } from './range_locks.ts'
import { blockTags } from './sector_tags.ts'
import { TagWalk } from './tag_walk.ts'

/** Sectors of a stretch. In Linux: RECALC_SECTORS. */
const STRETCH_SECTORS = 32768
const PIECE_SECTORS = 2048
/** The superblock says where it is after so many stretches. In Linux: RECALC_WRITE_SUPER. */
const STRETCHES_BETWEEN_SUPERS = 16

export class RecalculateWork extends IntegrityWork {
  private readonly range: LockedRange
  /** The piece of the stretch that is next, and where what has to be gone over ends. */
  private at: number
  private until: number
  private stretches: number
  private buffer: number
  private walk: TagWalk | null

  constructor(device: IntegrityDevice) {
    super(device)
    this.range = new LockedRange()
    this.at = 0
    this.until = 0
    this.stretches = 0
    this.buffer = 0
    this.walk = null
  }

  override steps() {
    return STEPS
  }

  begin(): string {
    this.stretches = 0
    this.buffer = this.sim.memory.allocate(PIECE_SECTORS * 512)
    return 'next stretch'
  }

  nextStretch(): string {
    const { device, range } = this
    const { layout, sb } = device
    if (device.isSuspending) return 'write tags'
    if (sb.recalc_sector >= layout.providedSectors) {
      if (device.line.mode === 'B') {
        device.bitmaps.clear('recalculate', 0, layout.providedSectors)
        device.bitmapFlush.after(0)
      }
      return 'write tags'
    }
    range.sector = sb.recalc_sector - (sb.recalc_sector % layout.blockSectors)
    range.sectors = Math.min(STRETCH_SECTORS, layout.providedSectors - range.sector)
    if (!layout.separateMeta) {
      const area = 2 ** layout.log2Interleave
      range.sectors = Math.min(range.sectors, area - (range.sector % area))
    }
    this.takeRange(range)
    return 'has range'
  }

  hasRange(): string {
    const { device, range } = this
    const { bitmaps, layout } = device
    this.at = range.sector
    this.until = range.end
    if (device.line.mode === 'B') {
      const step = layout.blockSectors
      while (this.at < this.until && bitmaps.allClear('recalculate', this.at, step)) this.at += step
      while (this.at < this.until && bitmaps.allClear('recalculate', this.until - step, step)) this.until -= step
      if (this.at >= this.until) return 'advance'
    }
    if (++this.stretches < STRETCHES_BETWEEN_SUPERS) return 'read'
    this.stretches = 0
    if (device.line.mode === 'B') device.bitmapFlush.after(device.flushIntervalMs * MILLISECOND)
    this.call(new WriteSuper(device))
    return 'read'
  }

  read(): string {
    const { at, device } = this
    if (device.failed !== null) return this.giveUp()
    const sectors = Math.min(PIECE_SECTORS, this.until - at)
    this.io(device.data, READ, SYNC, dataSector(device.layout, at), sectors, this.buffer)
    return 'tags'
  }

  tags(): string {
    const { at, device } = this
    const error = this.takeError()
    if (error !== 'OK') device.fail(error)
    if (error !== 'OK' || device.tagMaker === null) return this.giveUp()
    const sectors = Math.min(PIECE_SECTORS, this.until - at)
    const tags = blockTags(device.tagMaker, at, sectors, this.sim.memory.bytes, this.buffer)
    this.walk = new TagWalk(device, 'write', at, tags)
    this.call(this.walk)
    return 'tags done'
  }

  tagsDone(): string {
    const { device, walk } = this
    this.walk = null
    if (walk !== null && walk.error !== 'OK') {
      device.fail(walk.error)
      return this.giveUp()
    }
    this.at += Math.min(PIECE_SECTORS, this.until - this.at)
    if (this.at < this.until) return 'read'
    if (device.line.mode === 'B') {
      const { bitSectors } = device.bitmaps
      const from = Math.floor(this.range.sector / bitSectors) * bitSectors
      const to = Math.floor(this.range.end / bitSectors) * bitSectors
      device.bitmaps.clear('recalculate', from, to - from)
    }
    return 'advance'
  }

  advance(): string {
    const { device, range } = this
    device.ranges.release(range)
    device.sb.recalc_sector = range.end
    // Others get a turn: what waits for the range goes first.
    this.sleep(0)
    return 'next stretch'
  }

  writeTags(): string {
    this.call(new WriteSuper(this.device))
    return 'end'
  }

  end(): string {
    this.sim.memory.free(this.buffer)
    return DONE
  }

  private giveUp(): string {
    this.device.ranges.release(this.range)
    return 'end'
  }
}

const STEPS = {
  begin: (work: RecalculateWork) => work.begin(),
  'next stretch': (work: RecalculateWork) => work.nextStretch(),
  'has range': (work: RecalculateWork) => work.hasRange(),
  read: (work: RecalculateWork) => work.read(),
  tags: (work: RecalculateWork) => work.tags(),
  'tags done': (work: RecalculateWork) => work.tagsDone(),
  advance: (work: RecalculateWork) => work.advance(),
  'write tags': (work: RecalculateWork) => work.writeTags(),
  end: (work: RecalculateWork) => work.end(),
}

/** Tags first, then the superblock that says how far they go. @source recalc_write_super */
export class WriteSuper extends IntegrityWork {
  constructor(device: IntegrityDevice) {
    super(device)
    this.step = 'flush'
  }

  override steps() {
    return SUPER_STEPS
  }
}

const SUPER_STEPS = {
  flush: (work: WriteSuper): string => {
    work.call(new FlushBuffers(work.device, false))
    return 'write'
  },
  write: (work: WriteSuper): string => {
    if (work.device.failed === null) work.writeSuper(SYNC)
    return 'end'
  },
  end: (work: WriteSuper): string => {
    work.noteIoError()
    return DONE
  },
}
