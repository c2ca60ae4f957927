/**
 * The running kernel: everything that is gone when the power is. Its devices, what is open, what is in /tmp.
 */
import { Devices } from '../block/devices.ts'
import { DeviceMapper } from '../dm/device_mapper.ts'
import { DM_REGISTRY } from '../dm/target.ts'
import { MdArray } from '../md/array.ts'
import { Md } from '../md/md.ts'
import type { Sim } from '../sim/sim.ts'
import { PageCaches } from './page_cache.ts'

export class Kernel {
  readonly sim: Sim
  readonly devices: Devices
  readonly dm: DeviceMapper
  readonly md: Md
  readonly pageCaches: PageCaches
  /** Files below /tmp, by name. */
  readonly tmp: Map<string, Uint8Array>

  /** @param rules where Linux 6.1 and the documents differ, and what was chosen. */
  constructor(sim: Sim, epochSeconds: number, rules: ReadonlyMap<string, string> = new Map()) {
    this.sim = sim
    this.devices = new Devices()
    this.dm = new DeviceMapper(sim, this.devices, DM_REGISTRY, rules)
    this.md = new Md(sim, this.devices, epochSeconds)
    this.pageCaches = new PageCaches()
    this.tmp = new Map()
  }

  /** Every array that runs: mdadm's, and those below targets of mapped devices. */
  get arrays(): MdArray[] {
    const mapped = this.dm.all().flatMap((device) => device.active?.targets.map((target) => target.inner()) ?? [])
    return [...this.md.arrays, ...mapped.filter((array) => array instanceof MdArray)]
  }
}
