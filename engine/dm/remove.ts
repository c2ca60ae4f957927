import { fail } from '../base/errno.ts'
import { DONE } from '../sim/procedure.ts'
import type { MappedDevice } from './mapped_device.ts'
import { DmOperation } from './operation.ts'

/**
 * Removes a device that nobody has open; with `deferred`, one that is open goes when the last opener closes it.
 * @errors EBUSY
 * @source dev_remove, drivers/md/dm-ioctl.c, and __dm_destroy, drivers/md/dm.c, 6.1
 */
export class RemoveOperation extends DmOperation {
  readonly deferred: boolean

  constructor(device: MappedDevice, deferred: boolean) {
    super(device, 'begin')
    this.deferred = deferred
  }

  override steps() {
    return REMOVE_STEPS
  }
}

const REMOVE_STEPS = {
  begin: (remove: RemoveOperation): string => {
    const { device } = remove
    if (device.openers > 0) {
      if (remove.deferred) device.deferredRemove = true
      else remove.failure = fail('EBUSY', `${device.mapName} is in use${usersOf(device)}`)
      return DONE
    }
    device.dm.forget(device)
    remove.through(device.suspended ? [] : (device.active?.targets ?? []))
    return 'presuspend'
  },

  presuspend: (remove: RemoveOperation): string => remove.hooks('presuspend', 'presuspend', 'drain'),

  drain: (remove: RemoveOperation): string => {
    const { device } = remove
    if (device.drain(remove)) remove.expect()
    remove.through(device.suspended ? [] : (device.active?.targets ?? []))
    return 'postsuspend'
  },

  postsuspend: (remove: RemoveOperation): string => remove.hooks('postsuspend', 'postsuspend', 'end'),

  end: (remove: RemoveOperation): string => {
    const { device } = remove
    device.setState('removed')
    device.inactive?.destroy()
    device.active?.destroy()
    device.inactive = null
    device.active = null
    device.failHeld()
    return DONE
  },
}

function usersOf(device: MappedDevice): string {
  return device.holders.length === 0 ? '' : `: ${device.holders.join(', ')}`
}
