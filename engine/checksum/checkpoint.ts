import { assert } from '../base/assert.ts'
import { DONE } from '../sim/procedure.ts'
import type { ChecksumDevice } from './checksum_device.ts'
import { ChecksumWork } from './checksum_work.ts'

/** Makes durable in their places what the journal has, and begins it anew: the superblock says from which number on. */
export class Checkpoint extends ChecksumWork {
  constructor(device: ChecksumDevice) {
    super(device, 'places')
  }

  override steps() {
    return STEPS
  }
}

const STEPS = {
  places: (checkpoint: Checkpoint): string => {
    checkpoint.syncSums()
    checkpoint.flushData()
    return 'superblock'
  },

  superblock: (checkpoint: Checkpoint): string => {
    const { device } = checkpoint
    if (checkpoint.ioError !== 'OK') return DONE
    assert(device.superblock !== null, 'a checkpoint before the superblock was read')
    checkpoint.writeSuperblock({ ...device.superblock, journal_seq: device.journalSeq })
    return 'begin anew'
  },

  'begin anew': (checkpoint: Checkpoint): string => {
    checkpoint.freeSector()
    if (checkpoint.ioError === 'OK') checkpoint.device.journalHead = 0
    return DONE
  },
}
