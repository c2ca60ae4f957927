/**
 * An array comes to rest: the sync is interrupted, what the bitmap can clear is cleared, the superblocks say clean.
 * @source __md_stop_writes, md_bitmap_flush, drivers/md/md.c, 6.1
 */
import type { Bio, BioOwner } from '../block/bio.ts'
import { MILLISECOND } from '../sim/sim.ts'
import { Procedure } from '../sim/procedure.ts'
import { CHANGE_CLEAN, CHANGE_DEVS, type MdArray } from './array.ts'

export class StopWrites extends Procedure implements BioOwner {
  readonly array: MdArray
  passes: number

  constructor(array: MdArray) {
    super(array.sim, 'interrupt the sync')
    this.array = array
    this.passes = 0
  }

  override steps() {
    return STEPS
  }

  bioDone(bio: Bio): void {
    this.array.metadataDone(bio)
    this.arrived()
  }
}

const STEPS = {
  'interrupt the sync': (stop: StopWrites): string => {
    const { array } = stop
    array.stopping = true
    array.frozen = true
    array.sync?.interrupt()
    if (array.sync === null && array.writesPending === 0 && array.updating === null) return 'clear the bitmap'
    stop.sleep(MILLISECOND)
    return 'interrupt the sync'
  },

  'clear the bitmap': (stop: StopWrites): string => {
    const { bitmap } = stop.array
    if (bitmap === null) return 'mark clean'
    bitmap.daemon(true)
    // The daemon's own writes are under way; the next pass waits for them.
    stop.sleep(MILLISECOND)
    stop.passes++
    return stop.passes < 3 ? 'clear the bitmap' : 'wait for the bitmap'
  },

  'wait for the bitmap': (stop: StopWrites): string => {
    const { array } = stop
    if (array.members.some((member) => member.pending > 0)) {
      stop.sleep(MILLISECOND)
      return 'wait for the bitmap'
    }
    if (array.bitmap !== null) {
      array.bitmap.updateHeader()
      stop.pending += array.bitmap.writers
      array.bitmap.writePage(0, stop)
    }
    return 'mark clean'
  },

  'mark clean': (stop: StopWrites): string => {
    const { array } = stop
    if (!array.inSync || array.changes !== 0) {
      array.setInSync(true)
      // A forced update: the event count does not go back.
      array.changes |= CHANGE_CLEAN | CHANGE_DEVS
      array.recordChanges()
    }
    return ''
  },
}
