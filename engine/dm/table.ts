import { assert } from '../base/assert.ts'
import { fail, ok, type Failure, type Result } from '../base/errno.ts'
import type { BlockDevice } from '../block/device.ts'
import { logicalSectors } from './logical_size.ts'
import type { MappedDevice } from './mapped_device.ts'
import type { Target, TargetRegistry } from './target.ts'

/** A line of a table, before it is anything. */
export interface TableLine {
  readonly begin: number
  readonly sectors: number
  readonly type: string
  readonly args: string
}

/** The table of a mapped device: its targets in order, without gaps, and the devices below that they use. */
export class DmTable {
  readonly device: MappedDevice
  readonly readOnly: boolean
  readonly targets: Target[]
  /** The devices below, the one opened first in front, and how many targets opened each. */
  readonly devices: Map<BlockDevice, number>
  sectors: number
  /** The target that served last: most bios go where the one before went. */
  private lastTarget: number

  constructor(device: MappedDevice, readOnly: boolean) {
    this.device = device
    this.readOnly = readOnly
    this.targets = []
    this.devices = new Map()
    this.sectors = 0
    this.lastTarget = 0
  }

  /**
   * Makes the target of the next line and puts it at the end.
   * @errors EINVAL for a line that does not follow the one before, or whose type or arguments are wrong; errors of {@link open}.
   * @source dm_table_add_target, drivers/md/dm-table.c, 6.1
   */
  add(line: TableLine, registry: TargetRegistry): Result<Target> {
    if (line.sectors === 0) return fail('EINVAL', 'a target must be at least 1 sector long, not 0')
    const type = registry.find(line.type)
    if (type === undefined) {
      const known = registry.types.map((candidate) => candidate.name).join(', ')
      return fail('EINVAL', `unknown target type ${line.type}; there are ${known}`)
    }
    const alone = this.targets.find((target) => target.type.standsAlone)?.type ?? (type.standsAlone ? type : null)
    if (alone !== null && this.targets.length > 0) return fail('EINVAL', `${alone.name} must be alone in its table`)
    if (line.begin !== this.sectors) {
      return fail('EINVAL', `the line at ${line.begin} leaves a gap: it must begin at sector ${this.sectors}`)
    }
    const other = this.targets.find((target) => target.type !== type && (type.isImmutable || target.type.isImmutable))
    if (other !== undefined) return fail('EINVAL', `${type.name} and ${other.type.name} cannot be in one table`)
    const made = type.create(this, line.begin, line.sectors, splitArguments(line.args))
    if (!made.ok) return fail(made.errno, `${type.name}: ${made.message}`)
    this.targets.push(made.value)
    this.sectors += line.sectors
    return made
  }

  /**
   * Opens a device below for a target of this table.
   * @param path `/dev/NAME` or `major:minor`.
   * @errors ENODEV when there is none, EBUSY when somebody else has it.
   * @source dm_get_device, drivers/md/dm-table.c, 6.1
   */
  open(path: string): Result<BlockDevice> {
    const name = path.replace(/\/(\.?\/)+/g, '/')
    const isPath = name.startsWith('/dev/') || /^\d+:\d+$/.test(name)
    const device = isPath ? this.device.dm.devices.find(name) : undefined
    if (device === undefined) return fail('ENODEV', `there is no device ${path}; give /dev/NAME or MAJOR:MINOR`)
    const users = this.devices.get(device)
    if (users === undefined) {
      const opened = this.device.openBelow(device)
      if (!opened.ok) return opened
    }
    this.devices.set(device, (users ?? 0) + 1)
    return ok(device)
  }

  /** Undoes one {@link open}. */
  close(device: BlockDevice): void {
    const users = this.devices.get(device)
    assert(users !== undefined, `${device.name} is closed by a table that does not use it`)
    if (users > 1) {
      this.devices.set(device, users - 1)
      return
    }
    this.devices.delete(device)
    this.device.closeBelow(device)
  }

  /** Ends every target, and closes whatever they have open. */
  destroy(): void {
    for (const target of this.targets) target.destroy()
    this.targets.length = 0
    for (const device of this.devices.keys()) this.device.closeBelow(device)
    this.devices.clear()
  }

  /** The target that serves a sector; undefined beyond the end. */
  find(sector: number): Target | undefined {
    const { targets } = this
    const last = targets[this.lastTarget]
    if (last !== undefined && sector >= last.begin && sector < last.begin + last.sectors) return last
    let low = 0
    let high = targets.length - 1
    while (low <= high) {
      const middle = (low + high) >> 1
      const target = targets[middle]
      if (sector < target.begin) high = middle - 1
      else if (sector >= target.begin + target.sectors) low = middle + 1
      else {
        this.lastTarget = middle
        return target
      }
    }
    return undefined
  }

  /**
   * Whether the device can lie on what the table names.
   * @differs 6.1 lets a device lie on itself, and then an I/O never ends.
   */
  validateOrder(): Failure | null {
    for (const below of this.devices.keys()) {
      if (below !== this.device && !this.device.dm.isBuiltOn(below, this.device)) continue
      return fail('EINVAL', `/dev/${below.name} lies on ${this.device.mapName} itself`)
    }
    return null
  }

  /**
   * Whether every area that the targets use lies within its device.
   * @source device_area_is_invalid, drivers/md/dm-table.c, 6.1
   */
  validateAreas(): Failure | null {
    for (const target of this.targets) {
      for (const { device, start, sectors } of target.areas()) {
        const unit = logicalSectors(device)
        if (start % unit !== 0 || sectors % unit !== 0) {
          return fail(
            'EINVAL',
            `${target.type.name}: start and length on /dev/${device.name} must be multiples of ${unit}, not ${start} and ${sectors}`,
          )
        }
        if (start + sectors <= device.sectors) continue
        return fail(
          'EINVAL',
          `${target.type.name}: sectors ${start} to ${start + sectors - 1} of /dev/${device.name} were asked for, and it has ${device.sectors} sectors`,
        )
      }
    }
    return null
  }

  /** @source dm_table_supports_discards, drivers/md/dm-table.c, 6.1 */
  supportsDiscard(): boolean {
    return this.targets.every((target) => {
      if (target.discardBios === 0) return false
      if (target.discardsSupported) return true
      const areas = target.areas()
      return areas.length > 0 && areas.every((area) => area.device.supportsDiscard())
    })
  }

  /** @source dm_table_supports_flush, drivers/md/dm-table.c, 6.1 */
  supportsFlush(): boolean {
    return this.targets.some((target) => target.flushBios > 0)
  }
}

/**
 * Cuts the arguments of a line into words; a backslash takes away the meaning of the character after it.
 * @source dm_split_args, drivers/md/dm-table.c, 6.1
 */
export function splitArguments(text: string): string[] {
  const words: string[] = []
  let word = ''
  let inWord = false
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (/\s/.test(character)) {
      if (inWord) words.push(word)
      word = ''
      inWord = false
      continue
    }
    inWord = true
    if (character === '\\' && i + 1 < text.length) word += text[++i]
    else word += character
  }
  if (inWord) words.push(word)
  return words
}
