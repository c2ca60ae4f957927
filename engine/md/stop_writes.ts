/**
 * An array comes to rest: the sync is interrupted, what the bitmap can clear is cleared, the superblocks say clean.
 * @source __md_stop_writes, md_bitmap_flush, drivers/md/md.c, 6.1
 */
import { MILLISECOND } from '../sim/sim.ts'
import { CHANGE_CLEAN, CHANGE_DEVS, type MdArray } from './array.ts'
import { MetadataWriter } from './metadata_writer.ts'

export class StopWrites extends MetadataWriter {
  passes: number

  constructor(array: MdArray) {
    super(array, 'interrupt the sync')
    this.passes = 0
  }

  override steps() {
    return STEPS
  }
}

const STEPS = {
  'interrupt the sync': (stop: StopWrites): string => {
    const { array } = stop
    array.stopping = true
    array.frozen = true
    array.sync?.interrupt()
    const calm = array.sync === null && array.writesUnderWay === 0 && array.updating === null
    if (calm && array.personality.comeToRest?.() !== false) return 'clear the bitmap'
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
    stop.writeBitmapHeader()
    return 'mark clean'
  },

  'mark clean': (stop: StopWrites): string => {
    const { array } = stop
    if (!array.readOnly && (!array.inSync || array.changes !== 0)) {
      array.setInSync(true)
      // A forced update: the event count does not go back.
      array.changes |= CHANGE_CLEAN | CHANGE_DEVS
      array.recordChanges()
    }
    return 'come to rest'
  },

  'come to rest': (stop: StopWrites): string => {
    const { array } = stop
    if (array.updating === null && array.members.every((member) => member.pending === 0)) return ''
    stop.sleep(MILLISECOND)
    return 'come to rest'
  },
}
