/**
 * An integrity device in bitmap mode hears that the kernel is about to stop: it clears its bitmap, and from then on every write is
 * acknowledged with a clear bitmap only.
 * @source dm_integrity_reboot, drivers/md/dm-integrity.c, 6.1: after md, and before the drivers of real devices
 */
import { FIRST, LATER_WRITES_RULE, type RebootNotifier } from '../block/reboot_notifiers.ts'
import { DONE, Procedure } from '../sim/procedure.ts'
import type { IntegrityDevice } from './integrity_device.ts'
import type { DrainWaiter } from './work_queue.ts'

export class IntegrityReboot implements RebootNotifier {
  readonly name: string
  readonly priority = FIRST - 1
  private readonly device: IntegrityDevice
  private readonly rules: ReadonlyMap<string, string>

  constructor(name: string, device: IntegrityDevice, rules: ReadonlyMap<string, string>) {
    this.name = name
    this.device = device
    this.rules = rules
  }

  rebootNotified(): Procedure | null {
    if (this.device.line.mode !== 'B') return null
    return new CleanBitmap(this.device, this.rules.get(LATER_WRITES_RULE) !== 'forgotten')
  }
}

class CleanBitmap extends Procedure implements DrainWaiter {
  readonly device: IntegrityDevice
  readonly staysClean: boolean

  constructor(device: IntegrityDevice, staysClean: boolean) {
    super(device.sim, 'enter')
    this.device = device
    this.staysClean = staysClean
  }

  override steps() {
    return STEPS
  }

  queueDrained(): void {
    this.arrived()
  }
}

const STEPS = {
  enter: (work: CleanBitmap): string => {
    work.device.cleanBitmap(work.staysClean)
    // The work is in the queue at the end of this instant.
    work.sleep(0)
    return 'wait'
  },

  wait: (work: CleanBitmap): string => {
    if (work.device.commits.drain(work)) work.expect()
    return DONE
  },
}
