import { ctimeText } from './ctime_text.ts'
import type { MdadmRefusal } from './mdadm_create_options.ts'
import {
  assignSlots,
  BITMAP_BY_ITSELF_KIB,
  bitmapChunkBytes,
  bitmapSyncSectors,
  dataOffsetSectors,
  DEFAULT_CHUNK_KIB,
  defaultLayout,
  hasChunk,
  memberKib,
  usableKib,
  withoutJournal,
  type CreateOptions,
} from './mdadm_layout.ts'
import { levelName } from './mdadm_names.ts'

/** A device as `mdadm --create` finds it. */
export interface CreateDevice {
  readonly name: string
  /** `busy`: held by an array, a mapped device or a file system. */
  readonly state: 'free' | 'busy' | 'absent' | 'no block device'
  readonly sectors: number
  /** The array that an md superblock on it speaks of. */
  readonly previous?: {
    readonly level: number
    readonly raidDevices: number
    readonly ctimeSeconds: number
    /** Sectors of all superblocks on it. */
    readonly superblocks?: readonly number[]
  }
}

/** A word of the device list. */
export type CreateWord = CreateDevice | 'missing'

export interface CreateAccepted {
  readonly ok: true
  /** What mdadm prints on standard error although it goes on. */
  readonly stderr: string
}

/**
 * `made`: the array's device was made before mdadm gave up, and stays; `written`: so were the superblocks on the disks before the
 * kernel refused to run the array.
 */
type CreateRefusal = MdadmRefusal & { readonly made: boolean; readonly written: boolean }

export type CreateVerdict = CreateAccepted | CreateRefusal

/** A rule about what was asked for, before any device is looked at. The first that applies refuses. */
export interface OptionRule {
  readonly when: (options: CreateOptions, listed: number) => boolean
  readonly status: 1 | 2
  readonly message: (options: CreateOptions, listed: number) => string
}

/** Learnt with the rest of the language: what makes the first machine breaks none. */
class CreateRules {
  rules: readonly OptionRule[] = []
}

export const CREATE_RULES = new CreateRules()

const DEFAULT_METADATA = 'mdadm: Defaulting to version 1.2 metadata\n'

/**
 * Judges `mdadm --create` as mdadm 4.2 and then the kernel would.
 * @param words the device list in order
 * @param metadataGiven false if mdadm has to choose the metadata, and so to judge the first device by every kind it knows
 * @returns accepted, with what is printed all the same; or the refusal
 * @source Create, Create.c, mdadm 4.2; raid5 run, 6.1
 */
export function checkCreate(options: CreateOptions, words: readonly CreateWord[], metadataGiven = true): CreateVerdict {
  const listed = withoutJournal(options, words).length
  const broken = CREATE_RULES.rules.find((rule) => rule.when(options, listed))
  if (broken) return refuse(broken.status, `mdadm: ${broken.message(options, listed)}\n`)
  const devices = checkDevices(options, words, metadataGiven)
  if (!devices.ok) return devices
  if (words.every((word) => word === 'missing')) return refuse(1, "mdadm: Subdevs can't be all missing\n")
  const { size, largest, largestKib } = devices
  let stderr = devices.stderr
  let odd = stderr !== ''
  if (options.level > 0 && (largestKib - size / 2) * 100 > largestKib) {
    stderr += `mdadm: largest drive (${largest}) exceeds size (${size / 2}K) by more than 1%\n`
    odd = true
  }
  // Nobody is there to answer the question, and no answer is a no.
  if (odd && !options.run) return refuse(1, `${stderr}Continue creating array? mdadm: create aborted.\n`)
  if (options.level <= 0 && words.includes('missing')) {
    return refuse(1, `${stderr}mdadm: This level does not support missing devices\n`)
  }
  if (!metadataGiven) stderr += DEFAULT_METADATA
  if (!bitmapHasRoom(options, size)) {
    return { ...refuse(1, `${stderr}mdadm: Given bitmap chunk size not supported.\n`), made: true }
  }
  const twice = firstListedTwice(options, words)
  if (twice !== undefined) {
    return { ...refuse(1, `${stderr}mdadm: failed to open ${twice} after earlier success - aborting\n`), made: true }
  }
  const run = runRefusal(options, words)
  return run === undefined ? { ok: true, stderr } : { ...refuse(1, stderr + run), made: true, written: true }
}

/** What mdadm says when the kernel refuses to run the array it has made. */
export function runFailed(strerror: string, chunkKib: number): string {
  const hint = (chunkKib & (chunkKib - 1)) === 0 ? '' : '       Problem may be that chunk size is not a power of 2\n'
  return `mdadm: RUN_ARRAY failed: ${strerror}\n${hint}`
}

function refuse(status: 1 | 2, stderr: string): CreateRefusal {
  return { ok: false, status, stderr, made: false, written: false }
}

interface DevicesAccepted {
  readonly ok: true
  readonly stderr: string
  /** Sectors used on each member. */
  readonly size: number
  readonly largest: string
  readonly largestKib: number
}

/** Looks at each device in turn: those that are unfit are all named before mdadm gives up, those that are not there end it at once. */
function checkDevices(
  options: CreateOptions,
  words: readonly CreateWord[],
  metadataGiven: boolean,
): DevicesAccepted | CreateRefusal {
  const chunkKib = hasChunk(options.level) ? (options.chunkKib ?? DEFAULT_CHUNK_KIB) : 0
  let stderr = ''
  let unfit = false
  let largest = ''
  let largestKib = 0
  let dataOffset: number | undefined
  for (const [i, device] of words.entries()) {
    if (device === 'missing') continue
    const { name } = device
    if (device.state === 'absent') return refuse(2, `${stderr}mdadm: cannot open ${name}: No such file or directory\n`)
    if (device.state === 'no block device') return refuse(2, `${stderr}mdadm: ${name} is not a block device.\n`)
    const choosing = !metadataGiven && dataOffset === undefined
    if (device.state === 'busy') {
      if (choosing) return refuse(2, `${stderr}mdadm: cannot open ${name}: Device or resource busy\n`)
      stderr += `mdadm: super1.x cannot open ${name}: Device or resource busy\nmdadm: ${name} is not suitable for this array.\n`
      unfit = true
      continue
    }
    dataOffset ??= dataOffsetSectors(device.sectors, chunkKib, options.minor)
    const kib = usableKib(device.sectors, dataOffset, chunkKib, options.minor)
    if (kib === undefined) {
      const has = Math.floor(device.sectors / 2)
      stderr += `device ${name} is too small (${has}K) for required metadata!\n`
      if (choosing) return refuse(2, `${stderr}mdadm: device ${name} not suitable for any style of array\n`)
      stderr += `mdadm: ${name} is not suitable for this array.\n`
      unfit = true
    } else if (kib === 0) {
      stderr += `mdadm: no free space left on ${name}\n`
      unfit = true
    } else {
      if (kib > largestKib && i !== options.journal) {
        largest = name
        largestKib = kib
      }
      stderr += previousArray(device)
    }
  }
  if (unfit) return refuse(1, `${stderr}mdadm: create aborted\n`)
  const sizes = withoutJournal(options, words).map((word) => (word === 'missing' ? undefined : word.sectors))
  const size = 2 * memberKib(options.level, sizes, dataOffset ?? 0, chunkKib, options.minor)
  return { ok: true, stderr, size, largest, largestKib }
}

function previousArray({ name, previous }: CreateDevice): string {
  if (!previous) return ''
  const facts = `level=${levelName(previous.level)} devices=${previous.raidDevices} ctime=${ctimeText(previous.ctimeSeconds)}`
  return `mdadm: ${name} appears to be part of a raid array:\n       ${facts}\n`
}

function bitmapHasRoom(options: CreateOptions, size: number): boolean {
  if (options.bitmap === 'none') return true
  if (options.bitmap === undefined && size / 2 <= BITMAP_BY_ITSELF_KIB) return true
  const layout = options.layout ?? defaultLayout(options.level)
  const syncSize = bitmapSyncSectors(options.level, layout, options.raidDevices, size)
  return bitmapChunkBytes(syncSize, size, options.bitmapChunkBytes) !== undefined
}

/** A device that mdadm, going through them in writing order, finds to be held by itself. */
function firstListedTwice(options: CreateOptions, words: readonly CreateWord[]): string | undefined {
  const seen = new Set<string>()
  const slots = assignSlots(
    options,
    words.map((word) => word !== 'missing'),
  )
  for (const { device } of slots.order) {
    const word = words[device]
    if (word === undefined || word === 'missing') continue
    if (seen.has(word.name)) return word.name
    seen.add(word.name)
  }
  return undefined
}

/** What the kernel has against the array when it is asked to run it. */
function runRefusal(options: CreateOptions, words: readonly CreateWord[]): string | undefined {
  const { level, raidDevices } = options
  if (level !== 4 && level !== 5 && level !== 6) return undefined
  const chunkKib = options.chunkKib ?? DEFAULT_CHUNK_KIB
  if ((chunkKib & (chunkKib - 1)) !== 0) return runFailed('Invalid argument', chunkKib)
  const missing = withoutJournal(options, words)
    .slice(0, raidDevices)
    .filter((word) => word === 'missing').length
  return missing > (level === 6 ? 2 : 1) ? runFailed('Input/output error', chunkKib) : undefined
}
