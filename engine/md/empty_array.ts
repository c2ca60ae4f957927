import type { Bio } from '../block/bio.ts'
import { BlockDevice } from '../block/device.ts'
import type { Devices } from '../block/devices.ts'
import type { Sim } from '../sim/sim.ts'
import { MD_MAJOR } from './array.ts'

/**
 * An array's device without an array: what mdadm leaves when it gives up after it has had the device made. It holds nothing, and
 * goes when it is stopped, or when an array of its name is run.
 * @source md_alloc, drivers/md/md.c, 6.1: a device that was asked for by name stays until it is stopped
 */
export class EmptyArray extends BlockDevice {
  constructor(sim: Sim, minor: number) {
    super(sim, `md${minor}`, MD_MAJOR, minor, 0)
  }

  override supportsDiscard(): boolean {
    return false
  }

  protected override take(bio: Bio): void {
    bio.end('EIO')
  }
}

/** The device of this name, if there is one without an array. */
export function findEmptyArray(devices: Devices, path: string): EmptyArray | undefined {
  const device = devices.find(path)
  return device instanceof EmptyArray ? device : undefined
}
