import { fail } from '../base/errno.ts'
import { DONE } from '../sim/procedure.ts'
import type { MappedDevice } from './mapped_device.ts'
import { DmOperation } from './operation.ts'
import { SuspendOperation } from './suspend.ts'
import type { DmTable } from './table.ts'

/**
 * Swaps the inactive table in, where there is one (an active device is suspended for that), and lets bios go again. A table
 * that does not fit its devices is dropped, and the device stays suspended.
 * @source do_resume, drivers/md/dm-ioctl.c, 6.1
 */
export class ResumeOperation extends DmOperation {
  /** The table that was swapped out. */
  old: DmTable | null

  constructor(device: MappedDevice) {
    super(device, 'begin')
    this.old = null
  }

  override steps() {
    return RESUME_STEPS
  }
}

const RESUME_STEPS = {
  begin: (resume: ResumeOperation): string => {
    const { device } = resume
    if (device.inactive === null) return 'settleTable'
    if (!device.suspended) resume.call(new SuspendOperation(device))
    return 'swap'
  },

  swap: (resume: ResumeOperation): string => {
    const { device } = resume
    const table = device.inactive as DmTable
    device.inactive = null
    resume.failure = table.validateAreas() ?? table.validateOrder()
    if (resume.failure !== null) {
      table.destroy()
      return DONE
    }
    resume.old = device.active
    device.setTable(table)
    return 'settleTable'
  },

  settleTable: (resume: ResumeOperation): string => {
    const { device } = resume
    device.hasNode = true
    device.dm.showNode(device)
    if (!device.suspended) return DONE
    if (device.active === null) {
      resume.failure = fail('EINVAL', `${device.mapName} has no table: load one first`)
      return DONE
    }
    resume.through(device.active.targets)
    return 'preresume'
  },

  preresume: (resume: ResumeOperation): string => resume.hooks('preresume', 'preresume', 'end'),

  end: (resume: ResumeOperation): string => {
    const { device } = resume
    if (resume.failure === null) {
      for (const target of device.active?.targets ?? []) target.resume()
      device.setState('active')
      device.unblock()
    }
    resume.old?.destroy()
    return DONE
  },
}
