import type { BlockDevice } from './device.ts'
import type { RebootNotifier } from './reboot_notifiers.ts'

/** Every block device there is, by its name below /dev and by its numbers. */
export class Devices {
  private readonly byName: Map<string, BlockDevice>
  /** Further names, by which a device is found but not listed. */
  private readonly byAlias: Map<string, BlockDevice>
  /** Who is told before the kernel stops, in the order in which they registered. */
  notifiers: RebootNotifier[]

  constructor() {
    this.byName = new Map()
    this.byAlias = new Map()
    this.notifiers = []
  }

  add(device: BlockDevice): void {
    this.byName.set(device.name, device)
  }

  /** Lets a device be found by another name as well. */
  alias(name: string, device: BlockDevice): void {
    this.byAlias.set(name, device)
  }

  remove(device: BlockDevice): void {
    this.byName.delete(device.name)
    for (const [name, aliased] of this.byAlias) if (aliased === device) this.byAlias.delete(name)
  }

  /** @param path `/dev/NAME`, `NAME` or `major:minor`. */
  find(path: string): BlockDevice | undefined {
    const name = path.startsWith('/dev/') ? path.slice(5) : path
    const named = this.byName.get(name) ?? this.byAlias.get(name)
    if (named !== undefined) return named
    const numbers = /^(\d+):(\d+)$/.exec(path)
    if (numbers === null) return undefined
    const [major, minor] = [Number(numbers[1]), Number(numbers[2])]
    for (const device of this.byName.values()) if (device.major === major && device.minor === minor) return device
    return undefined
  }

  all(): BlockDevice[] {
    return [...this.byName.values()]
  }
}
