/**
 * A checksum device hears that the kernel is about to stop, and writes its dirty sums. Whoever writes to it afterwards leaves dirty ones
 * behind: against that there are two cures, registering again, and writing the sums with every write from then on.
 */
import type { Devices } from '../block/devices.ts'
import { LAST, type RebootNotifier } from '../block/reboot_notifiers.ts'
import { DONE, type Procedure } from '../sim/procedure.ts'
import type { ChecksumDevice } from './checksum_device.ts'
import { ChecksumWork } from './checksum_work.ts'
import { REBOOT_RULE } from './rules.ts'

export class ChecksumReboot implements RebootNotifier {
  readonly name: string
  readonly priority: number
  readonly device: ChecksumDevice
  private readonly devices: Devices
  private readonly rules: ReadonlyMap<string, string>

  constructor(
    name: string,
    device: ChecksumDevice,
    devices: Devices,
    rules: ReadonlyMap<string, string>,
    priority = 0,
  ) {
    this.name = name
    this.priority = priority
    this.device = device
    this.devices = devices
    this.rules = rules
  }

  rebootNotified(): Procedure {
    const { device, devices, name, rules } = this
    const cure = rules.get(REBOOT_RULE)
    if (cure === 'synchronous') device.isSynchronous = true
    if (cure === 'again' && this.priority !== LAST) {
      devices.notifiers.push(new ChecksumReboot(name, device, devices, rules, LAST))
    }
    return new WriteSums(device)
  }
}

class WriteSums extends ChecksumWork {
  constructor(device: ChecksumDevice) {
    super(device, 'write')
  }

  override steps() {
    return STEPS
  }
}

const STEPS = {
  write: (work: WriteSums): string => {
    work.syncSums()
    return DONE
  },
}
