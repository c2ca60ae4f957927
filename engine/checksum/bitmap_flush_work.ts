/**
 * Makes everything durable that was written, and clears the bitmap: nothing is being written meanwhile.
 * @source bitmap_flush_work, drivers/md/dm-integrity.c, 6.1
 */
import { WRITE } from '../block/bio.ts'
import { DONE } from '../sim/procedure.ts'
import type { IntegrityDevice } from './integrity_device.ts'
import { FlushBuffers, IntegrityWork } from './integrity_work.ts'
import { LockedRange } from './range_locks.ts'

export class BitmapFlushWork extends IntegrityWork {
  private readonly range: LockedRange

  constructor(device: IntegrityDevice) {
    super(device)
    this.range = new LockedRange()
  }

  override steps() {
    return STEPS
  }

  /** Once before everybody has to stop, so that the second time is short. */
  begin(): string {
    this.call(new FlushBuffers(this.device, false))
    return 'stop writers'
  }

  stopWriters(): string {
    this.range.sector = 0
    this.range.sectors = this.device.layout.providedSectors
    this.takeRange(this.range)
    return 'flush'
  }

  flush(): string {
    this.call(new FlushBuffers(this.device, true))
    return 'clear'
  }

  clear(): string {
    const { bitmaps, isRecalculating, layout, sb } = this.device
    let limit = layout.providedSectors
    if (isRecalculating) limit = Math.min(limit, Math.floor(sb.recalc_sector / bitmaps.bitSectors) * bitmaps.bitSectors)
    bitmaps.clear('disk', 0, limit)
    bitmaps.clear('mayWrite', 0, limit)
    this.journalSectors(WRITE, 0, bitmaps.blocks * 8)
    return 'end'
  }

  end(): string {
    this.noteIoError()
    this.device.ranges.release(this.range)
    for (const bio of this.device.synchronousBios.splice(0)) bio.end(bio.status)
    return DONE
  }
}

const STEPS = {
  begin: (work: BitmapFlushWork) => work.begin(),
  'stop writers': (work: BitmapFlushWork) => work.stopWriters(),
  flush: (work: BitmapFlushWork) => work.flush(),
  clear: (work: BitmapFlushWork) => work.clear(),
  end: (work: BitmapFlushWork) => work.end(),
}
