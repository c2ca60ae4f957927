/**
 * An integrity device in bitmap mode hears that the kernel is about to stop: it clears its bitmap, and from then on every write is
 * acknowledged with a clear bitmap only.
 * @source dm_integrity_reboot, drivers/md/dm-integrity.c, 6.1: after md, and before the drivers of real devices
 */
import { FIRST, type RebootNotifier } from '../block/reboot_notifiers.ts'
import { DONE, Procedure } from '../sim/procedure.ts'
import { MILLISECOND } from '../sim/sim.ts'
import type { IntegrityDevice } from './integrity_device.ts'

export class IntegrityReboot implements RebootNotifier {
  readonly name: string
  readonly priority = FIRST - 1
  private readonly device: IntegrityDevice

  constructor(name: string, device: IntegrityDevice) {
    this.name = name
    this.device = device
  }

  rebootNotified(): Procedure | null {
    return this.device.line.mode === 'B' ? new EnterSynchronousMode(this.device) : null
  }
}

class EnterSynchronousMode extends Procedure {
  readonly device: IntegrityDevice

  constructor(device: IntegrityDevice) {
    super(device.sim, 'enter')
    this.device = device
  }

  override steps() {
    return STEPS
  }
}

const STEPS = {
  enter: (work: EnterSynchronousMode): string => {
    work.device.enterSynchronousMode()
    work.sleep(MILLISECOND)
    return 'wait'
  },

  wait: (work: EnterSynchronousMode): string => {
    if (work.device.commits.idle) return DONE
    work.sleep(MILLISECOND)
    return 'wait'
  },
}
