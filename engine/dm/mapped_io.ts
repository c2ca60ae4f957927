import { assert } from '../base/assert.ts'
import type { Bio, BioOwner, Status } from '../block/bio.ts'
import { CloneBio } from './clone_bio.ts'
import type { MappedDevice } from './mapped_device.ts'

/**
 * A bio under way through a mapped device: waits for its clones, and hands the bio back to the device when all have ended.
 * @source struct dm_io, dm_io_dec_pending, drivers/md/dm.c, 6.1
 */
export class MappedIo implements BioOwner {
  readonly device: MappedDevice
  readonly bio: Bio
  status: Status
  private remaining: number

  constructor(device: MappedDevice, bio: Bio) {
    this.device = device
    this.bio = bio
    this.status = 'OK'
    this.remaining = 1
  }

  /** A clone is about to be handed to its target. */
  expect(): void {
    this.remaining++
  }

  bioDone(clone: Bio): void {
    assert(clone instanceof CloneBio, 'a mapped bio has parts that are no clones')
    const status = clone.target.ended(clone, clone.status)
    if (status !== 'OK') this.status = status
    this.arrived()
  }

  /** No more clones will come. */
  close(): void {
    this.arrived()
  }

  private arrived(): void {
    if (--this.remaining === 0) this.device.ioDone(this)
  }
}
