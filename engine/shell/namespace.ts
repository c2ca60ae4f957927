/** What there is to open by name: /dev, /proc, /sys and /tmp. */
import { fail, ok, type Result } from '../base/errno.ts'
import type { BlockDevice } from '../block/device.ts'
import type { Procedure } from '../sim/procedure.ts'
import { BlockFile } from './block_file.ts'
import type { Kernel } from './kernel.ts'
import { CharacterFile, TextFile, TmpFile, type CharacterDevice, type Store } from './memory_files.ts'
import type { OpenFile } from './open_file.ts'
import { bytesOfText } from './text_bytes.ts'

export interface OpenOptions {
  /** For writing; else for reading. */
  readonly write?: boolean
  /** A file that is not there is made. */
  readonly create?: boolean
  /** A file that is there is refused. */
  readonly exclusive?: boolean
  readonly truncate?: boolean
  readonly direct?: boolean
  readonly durable?: boolean
}

const CHARACTER_DEVICES: Readonly<Record<string, CharacterDevice>> = {
  null: 'null',
  zero: 'zero',
  full: 'full',
  urandom: 'urandom',
  random: 'urandom',
}

const DM_MAJOR = 253

/**
 * Opens a file for a command.
 * @param cause index into `sim.causes`, for the bios of a block device.
 */
export function openFile(kernel: Kernel, path: string, options: OpenOptions, cause: number): Result<OpenFile> {
  const name = normalPath(path)
  if (!name.ok) return name
  const { sim } = kernel
  const parts = name.value.split('/').slice(1)
  if (listDirectory(kernel, name.value) !== null) return fail('EISDIR', path)
  switch (parts[0]) {
    case 'dev': {
      const character = parts.length === 2 ? CHARACTER_DEVICES[parts[1]] : undefined
      const device = findDevice(kernel, name.value)
      if (device === undefined && character === undefined) return fail('ENOENT', path)
      if (options.exclusive === true) return fail('EEXIST', path)
      if (character !== undefined) {
        return options.direct === true ? fail('EINVAL', path) : ok(new CharacterFile(sim, path, character))
      }
      if (device === undefined) return fail('ENOENT', path)
      const { direct = false, durable = false } = options
      return BlockFile.open(path, device, kernel.pageCaches, { direct, durable }, cause)
    }
    case 'tmp': {
      if (parts.length !== 2) return fail('ENOENT', path)
      if (options.direct === true) return fail('EINVAL', path)
      const there = kernel.tmp.has(parts[1])
      if (!there && options.create !== true) return fail('ENOENT', path)
      if (there && options.exclusive === true) return fail('EEXIST', path)
      if (!there || options.truncate === true) kernel.tmp.set(parts[1], new Uint8Array(0))
      return ok(new TmpFile(sim, path, kernel.tmp, parts[1]))
    }
    case 'proc':
    case 'sys':
      return openText(kernel, path, name.value, options)
    default:
      return fail(options.create === true ? 'EROFS' : 'ENOENT', path)
  }
}

/** @returns the block device that a path names, or undefined. */
export function findDevice(kernel: Kernel, path: string): BlockDevice | undefined {
  const name = normalPath(path)
  if (!name.ok || !name.value.startsWith('/dev/')) return undefined
  const minor = /^\/dev\/dm-(\d+)$/.exec(name.value)
  return kernel.devices.find(minor === null ? name.value : `${DM_MAJOR}:${minor[1]}`)
}

/** The name of a device below /sys/block and in /proc/partitions: mapped devices go by number there. */
export function kernelName(device: BlockDevice): string {
  return device.kernelName
}

/** @returns the sorted names in a directory; null where there is none. */
export function listDirectory(kernel: Kernel, path: string): string[] | null {
  const name = normalPath(path)
  if (!name.ok) return null
  const devices = kernel.devices.all()
  const parts = name.value.split('/').slice(1)
  const device = parts.length < 3 ? undefined : devices.find((candidate) => kernelName(candidate) === parts[2])
  const names = new Set<string>()
  switch (name.value) {
    case '/':
      return ['dev', 'proc', 'sys', 'tmp']
    case '/dev':
      for (const name of Object.keys(CHARACTER_DEVICES)) names.add(name)
      for (const { name } of devices) names.add(name.split('/')[0])
      names.add('mapper')
      break
    case '/dev/mapper':
      for (const { name } of devices) if (name.startsWith('mapper/')) names.add(name.slice(7))
      break
    case '/tmp':
      for (const name of kernel.tmp.keys()) names.add(name)
      break
    case '/proc':
      return ['mdstat', 'partitions', 'sys']
    case '/proc/sys':
      return ['vm']
    case '/proc/sys/vm':
      return ['drop_caches']
    case '/sys':
      return ['block']
    case '/sys/block':
      for (const candidate of devices) names.add(kernelName(candidate))
      break
    default:
      if (parts[0] !== 'sys' || parts[1] !== 'block' || device === undefined) return null
      if (parts.length === 3) {
        for (const name of Object.keys(BLOCK_ATTRIBUTES)) names.add(name)
        if (isArray(device)) names.add('md')
      } else if (parts.length === 4 && parts[3] === 'md' && isArray(device)) {
        for (const name of kernel.md.attributes(device.name)) names.add(name)
      } else return null
  }
  return [...names].sort()
}

function isArray(device: BlockDevice): boolean {
  return /^md\d+$/.test(device.name)
}

/** The path from the root, without `.`, `..` and doubled slashes. */
function normalPath(path: string): Result<string> {
  if (!path.startsWith('/')) return fail('ENOENT', path)
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return ok('/' + parts.join('/'))
}

/** @source disk_stats and disk_ro of block/genhd.c, 6.1; times and merges are not counted here and read as 0. */
const BLOCK_ATTRIBUTES: Readonly<Record<string, (device: BlockDevice) => string>> = {
  dev: (device) => `${device.major}:${device.minor}\n`,
  ro: (device) => (device.readOnly ? '1\n' : '0\n'),
  size: (device) => `${device.sectors}\n`,
  stat: ({ stat }) => {
    const counts = [stat.reads, 0, stat.readSectors, 0, stat.writes, 0, stat.writeSectors, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    return counts.map((count) => String(count).padStart(8)).join(' ') + '\n'
  },
}

/** `echo check > /sys/block/md0/md/sync_action` and its like. */
class ArrayAttribute implements Store {
  readonly kernel: Kernel
  readonly array: string
  readonly attribute: string

  constructor(kernel: Kernel, array: string, attribute: string) {
    this.kernel = kernel
    this.array = array
    this.attribute = attribute
  }

  store(value: string): Result<Procedure | null> {
    return this.kernel.md.sysfsWrite(this.array, this.attribute, value)
  }
}

/** /proc/sys/vm/drop_caches: nothing is kept here that could be dropped. */
class DropCaches implements Store {
  store(value: string): Result<Procedure | null> {
    return /^[1-4]\s*$/.test(value) ? ok(null) : fail('EINVAL', '1, 2 or 3')
  }
}

function openText(kernel: Kernel, path: string, name: string, options: OpenOptions): Result<OpenFile> {
  const { sim } = kernel
  const text = (value: string, store: Store | null = null): Result<OpenFile> =>
    options.write === true && store === null
      ? fail('EPERM', path)
      : ok(new TextFile(sim, path, bytesOfText(value), store))
  if (name === '/proc/mdstat') return text(kernel.md.mdstat())
  if (name === '/proc/partitions') return text(partitions(kernel))
  if (name === '/proc/sys/vm/drop_caches') return text('0\n', new DropCaches())
  const parts = name.split('/').slice(1)
  const device = kernel.devices.all().find((candidate) => kernelName(candidate) === parts[2])
  if (parts[0] !== 'sys' || parts[1] !== 'block' || device === undefined) return fail('ENOENT', path)
  if (parts.length === 4 && Object.hasOwn(BLOCK_ATTRIBUTES, parts[3])) return text(BLOCK_ATTRIBUTES[parts[3]](device))
  if (parts.length < 5 || parts[3] !== 'md' || !isArray(device)) return fail('ENOENT', path)
  const attribute = parts.slice(4).join('/')
  const store = new ArrayAttribute(kernel, device.name, attribute)
  const value = kernel.md.sysfsRead(device.name, attribute)
  if (value.ok) return text(value.value, store)
  return options.write === true && value.errno !== 'ENOENT' ? text('', store) : value
}

/** @source show_partition, block/genhd.c, 6.1 */
function partitions(kernel: Kernel): string {
  let text = 'major minor  #blocks  name\n\n'
  for (const device of kernel.devices.all()) {
    if (device.sectors === 0) continue
    const blocks = String(Math.floor(device.sectors / 2)).padStart(10)
    text += `${String(device.major).padStart(4)}  ${String(device.minor).padStart(7)} ${blocks} ${kernelName(device)}\n`
  }
  return text
}
