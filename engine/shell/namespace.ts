/** What there is to open by name: /dev, /proc, /sys and /tmp. */
import { fail, ok, type Result } from '../base/errno.ts'
import type { BlockDevice } from '../block/device.ts'
import { BlockFile } from './block_file.ts'
import type { Kernel } from './kernel.ts'
import { CharacterFile, TmpFile, type CharacterDevice } from './memory_files.ts'
import type { OpenFile } from './open_file.ts'

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

/** /proc and /sys: text that is made when it is asked for. */
export interface PseudoFiles {
  open(kernel: Kernel, path: string, parts: readonly string[], options: OpenOptions): Result<OpenFile>
  /** @returns the names in a directory; null where there is none */
  list(kernel: Kernel, parts: readonly string[]): readonly string[] | null
}

/** What every kernel has there; it comes with `pseudo_files.ts`, for whoever types. */
class PseudoRegistry {
  private files: PseudoFiles | null = null

  get(): PseudoFiles | null {
    return this.files
  }

  learn(files: PseudoFiles): void {
    this.files = files
  }
}

export const PSEUDO_FILES = new PseudoRegistry()

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
      return PSEUDO_FILES.get()?.open(kernel, path, parts, options) ?? fail('ENOENT', path)
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
    default:
      for (const name of PSEUDO_FILES.get()?.list(kernel, parts) ?? []) names.add(name)
      if (names.size === 0) return null
  }
  return [...names].sort()
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
