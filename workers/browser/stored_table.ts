/**
 * `machine.json`: what the disks of a machine are, and which file each has. Whatever is found in it was written by somebody,
 * some time: nothing is believed before it was looked at.
 */
import { isDiskName, DISK_BYTES_MAX } from '../../engine/lab/disk_commands.ts'
import { DISK_MODELS } from '../../engine/block/disk_model.ts'
import { StoreError, type StoredDisk, type StoredFault, type StoredMachine } from './machine_store.ts'

const VERSION = 1
/** The table is never shorter than this, so that it has room when the browser has none left to give; in bytes. */
const ROOM = 32 << 10
/** More than this is no table; in bytes. */
const BYTES_MAX = 16 << 20
const SEED_MAX = 0xffffffff
const FAULT_KINDS: readonly string[] = ['rot', 'latent', 'slow', 'hang'] satisfies StoredFault['kind'][]

export interface StoredTable {
  readonly version: number
  /** Disk name to file name. */
  readonly files: Readonly<Record<string, string>>
  readonly machine: StoredMachine
}

/** The text of the table. */
export function describe(files: Readonly<Record<string, string>>, machine: StoredMachine): string {
  const table: StoredTable = { version: VERSION, files, machine }
  return JSON.stringify(table, null, 1)
}

/** Writes it in one call, never shorter than it was: whenever the tab dies, the old one or the new one is there. */
export function writeTable(handle: FileSystemSyncAccessHandle, text: string): void {
  const bytes = new TextEncoder().encode(text)
  const padded = new Uint8Array(Math.max(bytes.length, handle.getSize(), ROOM)).fill(0x20)
  padded.set(bytes)
  handle.write(padded, { at: 0 })
}

/**
 * @returns null where there is nothing yet
 * @errors StoreError where it cannot be understood
 */
export function readTable(handle: FileSystemSyncAccessHandle): StoredTable | null {
  const size = handle.getSize()
  if (size > BYTES_MAX) throw damaged(`it has ${size} bytes`)
  const bytes = new Uint8Array(size)
  handle.read(bytes, { at: 0 })
  return parseTable(new TextDecoder().decode(bytes))
}

/**
 * @returns null where there is nothing yet
 * @errors StoreError where it cannot be understood
 */
export function parseTable(text: string): StoredTable | null {
  if (text.trim() === '') return null
  let table: unknown
  try {
    table = JSON.parse(text)
  } catch {
    throw damaged('it is no JSON')
  }
  if (!isRecord(table)) throw damaged('it is no table')
  const { version, files, machine } = table
  if (typeof version === 'number' && version > VERSION) {
    throw new StoreError(
      'damaged',
      `The stored machine is of version ${version}, and this page knows version ${VERSION}. A newer page can open it: reload, or look whether an older copy of the page was opened.`,
    )
  }
  if (version !== VERSION) throw damaged('its version is unknown')
  const trouble = filesTrouble(files) ?? machineTrouble(machine)
  if (trouble !== null) throw damaged(trouble)
  return table as unknown as StoredTable
}

function damaged(what: string): StoreError {
  return new StoreError('damaged', `The description of the stored machine cannot be read: ${what}.`)
}

function filesTrouble(files: unknown): string | null {
  if (!isRecord(files)) return 'it does not say which files are whose'
  const names = Object.values(files)
  if (!names.every((name) => typeof name === 'string' && /^disk-\d{1,9}\.img$/.test(name)))
    return 'a file has a strange name'
  return new Set(names).size === names.length ? null : 'two disks have the same file'
}

function machineTrouble(machine: unknown): string | null {
  if (!isRecord(machine)) return 'there is no machine in it'
  const { visit, seed, clockSeconds, bootScript, rules, disks, faults, recording = '', formerly = '' } = machine
  if (!isCount(visit, Number.MAX_SAFE_INTEGER) || !isCount(seed, SEED_MAX)) return 'its visit or seed is no number'
  // Time stamps of superblocks have 40 bits.
  if (!isCount(clockSeconds, 2 ** 40)) return 'its clock is no number'
  if (typeof recording !== 'string' || typeof formerly !== 'string') return 'its recording has no name'
  if (typeof bootScript !== 'string') return 'its boot script is no text'
  const isPair = (rule: unknown): boolean =>
    Array.isArray(rule) && rule.length === 2 && rule.every((word) => typeof word === 'string')
  if (!Array.isArray(rules) || !rules.every(isPair)) return 'its rules are no pairs'
  if (!Array.isArray(disks) || !disks.every(isDisk)) return 'one of its disks is none'
  const sectorsOf = new Map(disks.map(({ name, sizeBytes }) => [name, sizeBytes / 512]))
  if (sectorsOf.size !== disks.length) return 'two disks have the same name'
  if (!Array.isArray(faults) || !faults.every((fault) => isFault(fault, sectorsOf))) return 'one of its faults is none'
  return null
}

function isDisk(disk: unknown): disk is StoredDisk {
  if (!isRecord(disk)) return false
  const { name, sizeBytes, model, pulled } = disk
  return (
    typeof name === 'string' &&
    isDiskName(name) &&
    isCount(sizeBytes, DISK_BYTES_MAX) &&
    sizeBytes > 0 &&
    sizeBytes % 512 === 0 &&
    typeof model === 'string' &&
    Object.hasOwn(DISK_MODELS, model) &&
    typeof pulled === 'boolean'
  )
}

function isFault(fault: unknown, sectorsOf: ReadonlyMap<string, number>): fault is StoredFault {
  if (!isRecord(fault)) return false
  const { id = 0, kind, disk, sector, sectors, amount, healed = [] } = fault
  if (typeof kind !== 'string' || !FAULT_KINDS.includes(kind) || typeof disk !== 'string') return false
  const end = sectorsOf.get(disk)
  if (end === undefined || !isCount(sector, end) || !isCount(sectors, end - sector)) return false
  const isHealed = Array.isArray(healed) && healed.every((at) => isCount(at, end))
  return isHealed && typeof amount === 'number' && isCount(id, Number.MAX_SAFE_INTEGER)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A whole number from 0 to so many. */
function isCount(value: unknown, max: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max
}
