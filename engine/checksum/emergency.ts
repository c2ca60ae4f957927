/**
 * What a target does that must not go on: it restarts the kernel, or lets it panic. Either way what is in memory is gone, and the disks
 * keep their power, and with it what is in their caches.
 * @source kernel_restart, kernel/reboot.c; panic, kernel/panic.c, 6.1
 * @differs nobody who registered is told of the restart; and a machine that restarted or panicked waits for `power on`
 */
import { Disk } from '../block/disk.ts'
import type { Devices } from '../block/devices.ts'
import { RESTART } from '../block/power_switch.ts'

/** The kernel ends before the next event. */
export function stopMachine(devices: Devices): void {
  const disk = devices.all().find((device) => device instanceof Disk)
  if (disk === undefined) return
  const { power, sim } = disk
  power.stop(RESTART)
  sim.requestStop()
}
