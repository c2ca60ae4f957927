/**
 * Writes that came to stretches whose bits the disk does not have: the bits are set in a block of the bitmap, that is made durable, and
 * the writes try again.
 * @source bitmap_block_work, drivers/md/dm-integrity.c, 6.1
 */
import { WRITE } from '../block/bio.ts'
import { DONE } from '../sim/procedure.ts'
import { MILLISECOND } from '../sim/sim.ts'
import type { IntegrityDevice } from './integrity_device.ts'
import type { IntegrityIo } from './integrity_io.ts'
import { IntegrityWork } from './integrity_work.ts'

export class BitmapBlockWork extends IntegrityWork {
  readonly block: number
  /** I/Os that wait, with their ranges. */
  readonly ios: IntegrityIo[]
  private waiting: IntegrityIo[]

  constructor(device: IntegrityDevice, block: number) {
    super(device)
    this.block = block
    this.ios = []
    this.waiting = []
  }

  override steps() {
    return STEPS
  }

  begin(): string {
    const { bitmaps } = this.device
    for (const io of this.ios.splice(0)) {
      const { sector, sectors } = io.range
      if (bitmaps.allSet('mayWrite', sector, sectors)) io.tryAgain()
      else {
        bitmaps.set('disk', sector, sectors)
        this.waiting.push(io)
      }
    }
    if (this.waiting.length === 0) return DONE
    this.journalSectors(WRITE, this.block * 8, 8)
    return 'written'
  }

  written(): string {
    const { device } = this
    this.noteIoError()
    for (const io of this.waiting.splice(0)) {
      device.bitmaps.set('mayWrite', io.range.sector, io.range.sectors)
      io.tryAgain()
    }
    device.bitmapFlush.after(device.flushIntervalMs * MILLISECOND)
    return DONE
  }
}

const STEPS = {
  begin: (work: BitmapBlockWork) => work.begin(),
  written: (work: BitmapBlockWork) => work.written(),
}
