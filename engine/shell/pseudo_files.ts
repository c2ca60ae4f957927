/** /proc and /sys, as far as they are needed: mdstat, partitions, block devices, the attributes of arrays, dm-bufio's parameters. */
import { fail, ok, type Result } from '../base/errno.ts'
import type { BlockDevice } from '../block/device.ts'
import { BUFIO_PARAMETERS, bufioOf, isWritable, type BufioParameter } from '../bufio/bufio_memory.ts'
import { EmptyArray } from '../md/empty_array.ts'
import { attributesOf, sysfsRead, sysfsWrite } from '../md/sysfs.ts'
import type { Procedure } from '../sim/procedure.ts'
import type { Kernel } from './kernel.ts'
import { TextFile, type Store } from './memory_files.ts'
import { kernelName, type OpenOptions, type PseudoFiles } from './namespace.ts'
import type { OpenFile } from './open_file.ts'
import { bytesOfText } from './text_bytes.ts'

const DIRECTORIES: Readonly<Record<string, readonly string[]>> = {
  proc: ['mdstat', 'partitions', 'sys'],
  'proc/sys': ['vm'],
  'proc/sys/vm': ['drop_caches'],
  sys: ['block', 'module'],
  'sys/module': ['dm_bufio'],
  'sys/module/dm_bufio': ['parameters'],
  'sys/module/dm_bufio/parameters': BUFIO_PARAMETERS,
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
    return sysfsWrite(this.kernel.md, this.array, this.attribute, value)
  }
}

/** /proc/sys/vm/drop_caches: nothing is kept here that could be dropped. */
class DropCaches implements Store {
  store(value: string): Result<Procedure | null> {
    return /^[1-4]\s*$/.test(value) ? ok(null) : fail('EINVAL', '1, 2 or 3')
  }
}

/** `echo 1 > /sys/module/dm_bufio/parameters/max_cache_size_bytes` and its like. */
class BufioParameterFile implements Store {
  readonly kernel: Kernel
  readonly parameter: BufioParameter

  constructor(kernel: Kernel, parameter: BufioParameter) {
    this.kernel = kernel
    this.parameter = parameter
  }

  store(value: string): Result<Procedure | null> {
    return bufioOf(this.kernel.dm).set(this.parameter, value)
  }
}

function open(kernel: Kernel, path: string, parts: readonly string[], options: OpenOptions): Result<OpenFile> {
  const { sim } = kernel
  const text = (value: string, store: Store | null = null): Result<OpenFile> =>
    options.write === true && store === null
      ? fail('EPERM', path)
      : ok(new TextFile(sim, path, bytesOfText(value), store))
  const name = `/${parts.join('/')}`
  if (name === '/proc/mdstat') return text(kernel.md.mdstat())
  if (name === '/proc/partitions') return text(partitions(kernel))
  if (name === '/proc/sys/vm/drop_caches') return text('0\n', new DropCaches())
  const parameter = BUFIO_PARAMETERS.find((known) => name === `/sys/module/dm_bufio/parameters/${known}`)
  if (parameter !== undefined) {
    const store = isWritable(parameter) ? new BufioParameterFile(kernel, parameter) : null
    return text(`${bufioOf(kernel.dm).values[parameter]}\n`, store)
  }
  const device = deviceOf(kernel, parts)
  if (device === undefined) return fail('ENOENT', path)
  if (parts.length === 4 && Object.hasOwn(BLOCK_ATTRIBUTES, parts[3])) return text(BLOCK_ATTRIBUTES[parts[3]](device))
  if (parts.length < 5 || parts[3] !== 'md' || !isArray(device)) return fail('ENOENT', path)
  const attribute = parts.slice(4).join('/')
  if (device instanceof EmptyArray && attribute === 'array_state') return text('clear\n')
  const store = new ArrayAttribute(kernel, device.name, attribute)
  const value = sysfsRead(kernel.md, device.name, attribute)
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

function list(kernel: Kernel, parts: readonly string[]): readonly string[] | null {
  const path = parts.join('/')
  if (Object.hasOwn(DIRECTORIES, path)) return DIRECTORIES[path]
  if (path === 'sys/block') return kernel.devices.all().map(kernelName)
  const device = deviceOf(kernel, parts)
  if (device === undefined) return null
  if (parts.length === 3) return [...Object.keys(BLOCK_ATTRIBUTES), ...(isArray(device) ? ['md'] : [])]
  if (device instanceof EmptyArray && parts[3] === 'md' && parts.length === 4) return ['array_state']
  const array = kernel.md.find(device.name)
  if (parts[3] !== 'md' || array === undefined) return null
  const inside = attributesOf(array, parts.slice(4).join('/'))
  return inside.length > 0 ? inside : null
}

/** The device that a path below /sys/block speaks of. */
function deviceOf(kernel: Kernel, parts: readonly string[]): BlockDevice | undefined {
  if (parts[0] !== 'sys' || parts[1] !== 'block') return undefined
  return kernel.devices.all().find((candidate) => kernelName(candidate) === parts[2])
}

function isArray(device: BlockDevice): boolean {
  return /^md\d+$/.test(device.name)
}

export const PROC_AND_SYS: PseudoFiles = { open, list }
