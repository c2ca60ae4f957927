import { fail } from '../base/errno.ts'
import { LoadOperation } from '../dm/load.ts'
import type { MappedDevice } from '../dm/mapped_device.ts'
import { DmOperation } from '../dm/operation.ts'
import { RemoveOperation } from '../dm/remove.ts'
import { ResumeOperation } from '../dm/resume.ts'
import { DONE } from '../sim/procedure.ts'

/**
 * Replaces the table of a device by one that fails every I/O; what `wipe_table` does, and `remove --force` first.
 * @source _error_device, dmsetup.c, 1.02.185
 */
export class WipeOperation extends DmOperation {
  readonly readOnly: boolean
  work: DmOperation | null

  constructor(device: MappedDevice, readOnly: boolean) {
    super(device, 'load')
    this.readOnly = readOnly
    this.work = null
  }

  override steps() {
    return WIPE_STEPS
  }
}

const WIPE_STEPS = {
  load: (wipe: WipeOperation): string => {
    const { device } = wipe
    if (device.active === null) {
      wipe.failure = fail('EINVAL', `${device.mapName} has no table that could be replaced`)
      return DONE
    }
    const lines = [{ begin: 0, sectors: device.active.sectors, type: 'error', args: '' }]
    wipe.work = new LoadOperation(device, lines, wipe.readOnly)
    wipe.call(wipe.work)
    return 'resume'
  },

  resume: (wipe: WipeOperation): string => {
    wipe.failure = wipe.work?.failure ?? null
    if (wipe.failure !== null) return DONE
    wipe.work = new ResumeOperation(wipe.device)
    wipe.call(wipe.work)
    return 'end'
  },

  end: (wipe: WipeOperation): string => {
    wipe.failure = wipe.work?.failure ?? null
    if (wipe.failure !== null) wipe.device.clear()
    return DONE
  },
}

/** Wipes a device, whatever comes of that, and removes it. */
export class ForcedRemoveOperation extends DmOperation {
  readonly readOnly: boolean
  readonly work: RemoveOperation

  constructor(device: MappedDevice, readOnly: boolean, deferred: boolean) {
    super(device, 'wipe')
    this.readOnly = readOnly
    this.work = new RemoveOperation(device, deferred)
  }

  override steps() {
    return FORCED_REMOVE_STEPS
  }
}

const FORCED_REMOVE_STEPS = {
  wipe: (forced: ForcedRemoveOperation): string => {
    forced.call(new WipeOperation(forced.device, forced.readOnly))
    return 'remove'
  },

  remove: (forced: ForcedRemoveOperation): string => {
    forced.call(forced.work)
    return 'end'
  },

  end: (forced: ForcedRemoveOperation): string => {
    forced.failure = forced.work.failure
    return DONE
  },
}
