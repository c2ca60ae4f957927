import { fail } from '../base/errno.ts'
import type { HookWaiter } from '../dm/target.ts'
import { CHECKSUM_IN_USE } from '../format/checksum_superblock.ts'
import { DONE } from '../sim/procedure.ts'
import type { ChecksumDevice } from './checksum_device.ts'
import { ChecksumWork } from './checksum_work.ts'
import { ForgetOlds } from './forget_olds.ts'

/** Shuts the sums down: everything is durable in its place, and the superblock says so. */
export class SuspendChecksums extends ChecksumWork {
  readonly waiter: HookWaiter

  constructor(device: ChecksumDevice, waiter: HookWaiter) {
    super(device, 'data')
    this.waiter = waiter
  }

  override steps() {
    return STEPS
  }
}

const STEPS = {
  data: (suspend: SuspendChecksums): string => {
    suspend.call(new ForgetOlds(suspend.device))
    return 'sums'
  },

  sums: (suspend: SuspendChecksums): string => {
    if (suspend.ioError === 'OK') suspend.syncSums()
    return 'superblock'
  },

  superblock: (suspend: SuspendChecksums): string => {
    const { device } = suspend
    const { superblock, journalSeq } = device
    if (suspend.ioError !== 'OK' || superblock === null) return 'end'
    suspend.writeSuperblock({ ...superblock, flags: superblock.flags & ~CHECKSUM_IN_USE, journal_seq: journalSeq })
    return 'end'
  },

  end: (suspend: SuspendChecksums): string => {
    const { device, ioError, waiter } = suspend
    suspend.freeSector()
    device.isActive = false
    device.journalHead = 0
    waiter.hookDone(ioError === 'OK' ? null : fail('EIO', `the sums on /dev/${device.meta.name} cannot be written`))
    return DONE
  },
}
