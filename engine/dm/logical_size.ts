import type { BlockDevice } from '../block/device.ts'
import { MappedDevice } from './mapped_device.ts'

/**
 * The smallest I/O that a device takes, in sectors: 1 of disks; of a mapped device what its targets ask for, and the devices below them.
 * @source blk_stack_limits, block/blk-settings.c, 6.1
 */
export function logicalSectors(device: BlockDevice): number {
  let most = 1
  if (!(device instanceof MappedDevice)) return most
  for (const target of device.active?.targets ?? []) most = Math.max(most, target.ioHints().logicalSectors ?? 1)
  for (const below of device.active?.devices.keys() ?? []) most = Math.max(most, logicalSectors(below))
  return most
}
