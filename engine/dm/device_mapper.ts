import { fail, ok, type Result } from '../base/errno.ts'
import type { BlockDevice } from '../block/device.ts'
import type { Devices } from '../block/devices.ts'
import type { Sim } from '../sim/sim.ts'
import { MappedDevice } from './mapped_device.ts'
import { RemoveOperation } from './remove.ts'
import { DM_REGISTRY, type TargetRegistry } from './target.ts'

/** The mapped devices of a running kernel. What takes time is an operation (`load.ts`, `suspend.ts` and so on). */
export class DeviceMapper {
  readonly sim: Sim
  readonly devices: Devices
  readonly registry: TargetRegistry
  /** Where Linux 6.1 and the documents differ, and what was chosen; looked at when a table is loaded. */
  readonly rules: ReadonlyMap<string, string>
  /** Writes of targets that are gone already, and that nobody but the next command waits for. */
  lastWrites: number
  /** What libraries above keep for the whole kernel, by the names of their modules. */
  readonly modules: Map<string, object>
  private readonly byName: Map<string, MappedDevice>

  constructor(
    sim: Sim,
    devices: Devices,
    registry: TargetRegistry = DM_REGISTRY,
    rules: ReadonlyMap<string, string> = new Map(),
  ) {
    this.sim = sim
    this.devices = devices
    this.registry = registry
    this.rules = rules
    this.lastWrites = 0
    this.modules = new Map()
    this.byName = new Map()
  }

  /** Every mapped device, in the order of their names. */
  all(): MappedDevice[] {
    return [...this.byName.values()].sort((a, b) => (a.mapName < b.mapName ? -1 : 1))
  }

  find(mapName: string): MappedDevice | undefined {
    return this.byName.get(mapName)
  }

  findUuid(uuid: string): MappedDevice | undefined {
    return this.all().find((device) => device.uuid === uuid)
  }

  findMinor(minor: number): MappedDevice | undefined {
    return this.all().find((device) => device.minor === minor)
  }

  /**
   * Makes a mapped device without a table.
   * @param minor the number it must get; the first free one when left out.
   * @errors EBUSY when the name, the uuid or the minor number is taken.
   * @source dev_create, drivers/md/dm-ioctl.c, 6.1
   */
  create(mapName: string, uuid = '', minor = this.freeMinor()): Result<MappedDevice> {
    if (this.byName.has(mapName)) return fail('EBUSY', `there is a device ${mapName} already`)
    if (uuid !== '' && this.findUuid(uuid) !== undefined)
      return fail('EBUSY', `there is a device with uuid ${uuid} already`)
    if (this.findMinor(minor) !== undefined) return fail('EBUSY', `minor number ${minor} is taken`)
    const device = new MappedDevice(this, mapName, minor, uuid)
    this.byName.set(mapName, device)
    return ok(device)
  }

  /**
   * @errors EBUSY when the new name is taken.
   * @source dm_hash_rename, drivers/md/dm-ioctl.c, 6.1
   */
  rename(device: MappedDevice, mapName: string): Result<null> {
    if (this.byName.has(mapName)) return fail('EBUSY', `there is a device ${mapName} already`)
    this.byName.delete(device.mapName)
    this.devices.remove(device)
    device.renameTo(mapName)
    this.byName.set(mapName, device)
    this.showNode(device)
    if (device.active !== null) device.raiseEvent()
    return ok(null)
  }

  /**
   * Gives a device that has none a uuid.
   * @errors EBUSY when it is taken, EINVAL when the device has one.
   */
  setUuid(device: MappedDevice, uuid: string): Result<null> {
    if (this.findUuid(uuid) !== undefined) return fail('EBUSY', `there is a device with uuid ${uuid} already`)
    if (device.uuid !== '')
      return fail('EINVAL', `${device.mapName} has the uuid ${device.uuid}, which cannot be changed`)
    device.uuid = uuid
    if (device.active !== null) device.raiseEvent()
    return ok(null)
  }

  /** Puts a device that had a table and was resumed below /dev: as `mapper/NAME` and as `dm-MINOR`. */
  showNode(device: MappedDevice): void {
    if (!device.registered || !device.hasNode) return
    this.devices.add(device)
    this.devices.alias(`dm-${device.minor}`, device)
  }

  /** Takes a device out of every list; its end is the remove operation's. */
  forget(device: MappedDevice): void {
    this.byName.delete(device.mapName)
    this.devices.remove(device)
  }

  /** The last opener of a device that was to be removed has closed it. */
  removeDeferred(device: MappedDevice): void {
    if (!device.deferredRemove || device.openers > 0 || device.state === 'removed') return
    if (this.byName.get(device.mapName) === device) new RemoveOperation(device, true).resume()
  }

  /** Whether I/O to one device can reach another. */
  isBuiltOn(device: BlockDevice, below: BlockDevice): boolean {
    const seen = [below]
    for (const each of seen) {
      for (const name of each.holders) {
        const holder = this.devices.find(name)
        if (holder === undefined || seen.includes(holder)) continue
        // A table that only waits does not pass I/O on.
        if (!(holder instanceof MappedDevice) || holder.active?.devices.has(each) === true) seen.push(holder)
      }
    }
    return device !== below && seen.includes(device)
  }

  /** What keeps device-mapper from being at rest, or null. Bios that wait for somebody to resume a device do not. */
  unsettled(): string | null {
    if (this.lastWrites > 0) return 'the last writes of a table that is gone'
    const holding = [...this.byName.values()].filter((device) => device.suspended && device.held.length > 0)
    for (const device of this.byName.values()) {
      for (const target of device.active?.targets ?? []) {
        const reason = target.unsettled()
        if (reason !== null) return reason
      }
      if (device.inflight === 0 || holding.some((below) => this.isBuiltOn(device, below))) continue
      return `I/O on ${device.name}`
    }
    return null
  }

  private freeMinor(): number {
    const taken = new Set([...this.byName.values()].map((device) => device.minor))
    let minor = 0
    while (taken.has(minor)) minor++
    return minor
  }
}
