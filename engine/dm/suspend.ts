import { DONE } from '../sim/procedure.ts'
import type { MappedDevice } from './mapped_device.ts'
import { DmOperation } from './operation.ts'

/**
 * Suspends a device: new bios are held, those in flight finish, the targets come to rest. Nothing to do where it is suspended.
 * @source __dm_suspend, drivers/md/dm.c, 6.1
 */
export class SuspendOperation extends DmOperation {
  constructor(device: MappedDevice) {
    super(device, 'begin')
  }

  override steps() {
    return SUSPEND_STEPS
  }
}

const SUSPEND_STEPS = {
  begin: (suspend: SuspendOperation): string => {
    const { device } = suspend
    if (device.suspended) return DONE
    device.setState('suspending')
    suspend.through(device.active?.targets ?? [])
    return 'presuspend'
  },

  presuspend: (suspend: SuspendOperation): string => suspend.hooks('presuspend', 'presuspend', 'drain'),

  drain: (suspend: SuspendOperation): string => {
    if (suspend.device.drain(suspend)) suspend.expect()
    suspend.through(suspend.device.active?.targets ?? [])
    return 'postsuspend'
  },

  postsuspend: (suspend: SuspendOperation): string => suspend.hooks('postsuspend', 'postsuspend', 'end'),

  end: (suspend: SuspendOperation): string => {
    suspend.device.setState('suspended')
    return DONE
  },
}
