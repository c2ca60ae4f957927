import type { MdMinor } from '../format/md_superblock.ts'
import { DEFAULT_MINOR, type CreateOptions } from './mdadm_layout.ts'
import {
  layoutByName,
  levelByName,
  levelName,
  minorByName,
  parseSectors,
  parseUuid,
  unknownMetadata,
} from './mdadm_names.ts'

/** A refusal as mdadm gives it: what it prints on standard error and its exit status. */
export interface MdadmRefusal {
  readonly ok: false
  readonly status: 1 | 2
  readonly stderr: string
}

/** What the words after `mdadm` ask for. */
export interface CreateRequest {
  readonly ok: true
  readonly options: CreateOptions
  /** The array, and then each device or `missing`, as written. */
  readonly names: readonly string[]
  /** False if mdadm has to say that it takes version 1.2. */
  readonly metadataGiven: boolean
}

/** What is gathered on the way; undefined is "not yet said". */
interface Draft {
  level?: number
  raidDevices?: number
  spareDevices?: number
  chunkKib?: number
  layout?: number
  bitmap?: 'internal' | 'none'
  bitmapChunkBytes?: number
  assumeClean?: true
  force?: true
  run?: true
  uuid?: Uint8Array
  name?: string
  metadata?: string
  minor?: MdMinor
  writeBehind?: number
  journal?: string
  /** Whether the devices named from now on are slow ones. */
  writeMostly?: boolean
}

/** One option: its names, whether a value follows, and what it does; a string is what mdadm says against it. */
interface Option {
  readonly names: readonly string[]
  /** `may`: only together with the name, as in `--write-behind=64`. */
  readonly value: boolean | 'may'
  readonly set: (draft: Draft, value: string) => string | undefined
}

const OPTIONS: readonly Option[] = [
  { names: ['--create', '-C'], value: false, set: () => undefined },
  { names: ['--verbose', '-v', '--quiet', '-q'], value: false, set: () => undefined },
  { names: ['--metadata', '-e'], value: true, set: setMetadata },
  { names: ['--level', '-l'], value: true, set: setLevel },
  { names: ['--raid-devices', '--raid-disks', '-n'], value: true, set: setRaidDevices },
  { names: ['--spare-devices', '--spare-disks', '-x'], value: true, set: setSpareDevices },
  { names: ['--chunk', '--rounding', '-c'], value: true, set: setChunk },
  { names: ['--layout', '--parity', '-p'], value: true, set: setLayout },
  { names: ['--bitmap', '-b'], value: true, set: setBitmap },
  { names: ['--bitmap-chunk'], value: true, set: setBitmapChunk },
  { names: ['--uuid', '-u'], value: true, set: setUuid },
  { names: ['--name', '-N'], value: true, set: setName },
  { names: ['--write-behind'], value: 'may', set: setWriteBehind },
  { names: ['--write-mostly', '-W'], value: false, set: (draft) => void (draft.writeMostly = true) },
  { names: ['--write-journal'], value: true, set: (draft, value) => void (draft.journal ??= value) },
  { names: ['--assume-clean'], value: false, set: (draft) => void (draft.assumeClean = true) },
  { names: ['--force', '-f'], value: false, set: (draft) => void (draft.force = true) },
  { names: ['--run', '-R'], value: false, set: (draft) => void (draft.run = true) },
]

/**
 * Reads the words of `mdadm --create`, in the order and with the words of mdadm 4.2.
 * @param words everything behind `mdadm`
 * @errors exit status 2 for a bad value or option
 * @differs options of mdadm that are not simulated (--size, --failfast, ...) are refused as unknown
 * @source main, mdadm.c, mdadm 4.2
 */
export function parseCreate(words: readonly string[]): CreateRequest | MdadmRefusal {
  const draft: Draft = {}
  const names: string[] = []
  const writeMostly: boolean[] = []
  let journal: number | undefined
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? ''
    if (!word.startsWith('-') || word === '-') {
      names.push(word)
      writeMostly.push(draft.writeMostly ?? false)
      continue
    }
    const { name, attached } = splitOption(word)
    const option = OPTIONS.find((one) => one.names.includes(name))
    if (!option) return usage(`unrecognized option '${name}'`)
    if (option.value === false && attached !== undefined) return usage(`option '${name}' doesn't allow an argument`)
    let value = attached
    if (option.value === true && value === undefined) {
      value = words[++i]
      if (value === undefined) return usage(`option '${name}' requires an argument`)
    }
    const problem = option.set(draft, value ?? '')
    if (problem !== undefined) return refusal(2, problem)
    if (draft.journal === undefined || journal !== undefined) continue
    journal = names.push(draft.journal) - 2
    writeMostly.push(false)
  }
  if (journal !== undefined && !(Number(draft.level) >= 4 && Number(draft.level) <= 6)) {
    return refusal(2, '--write-journal is only supported for RAID level 4/5/6.')
  }
  if (names.length === 0) return refusal(2, 'an md device must be given in this mode')
  if (draft.writeBehind !== undefined && draft.writeBehind > 0 && draft.bitmap === undefined) {
    return refusal(1, 'write-behind mode requires a bitmap.')
  }
  return {
    ok: true,
    options: { ...optionsOf(draft, writeMostly.slice(1)), journal },
    names,
    metadataGiven: draft.metadata !== undefined,
  }
}

/** `mdadm: ` and a sentence, as nearly all its messages are. */
export function refusal(status: 1 | 2, message: string): MdadmRefusal {
  return { ok: false, status, stderr: `mdadm: ${message}\n` }
}

function usage(message: string): MdadmRefusal {
  return refusal(2, `${message}\nUsage: mdadm --help\n  for help`)
}

/** `--chunk=64` and `-c64` carry their value with them. */
function splitOption(word: string): { name: string; attached: string | undefined } {
  if (!word.startsWith('--')) {
    return { name: word.slice(0, 2), attached: word.length > 2 ? word.slice(2) : undefined }
  }
  const equals = word.indexOf('=')
  if (equals < 0) return { name: word, attached: undefined }
  return { name: word.slice(0, equals), attached: word.slice(equals + 1) }
}

function optionsOf(draft: Draft, writeMostly: readonly boolean[]): CreateOptions {
  return {
    level: draft.level ?? NaN,
    raidDevices: draft.raidDevices ?? 0,
    spareDevices: draft.spareDevices ?? 0,
    chunkKib: draft.chunkKib,
    layout: draft.layout,
    bitmap: draft.bitmap,
    bitmapChunkBytes: draft.bitmapChunkBytes,
    assumeClean: draft.assumeClean ?? false,
    force: draft.force ?? false,
    run: draft.run ?? false,
    uuid: draft.uuid,
    name: draft.name,
    writeBehind: draft.writeBehind ?? 0,
    writeMostly,
    minor: draft.minor ?? DEFAULT_MINOR,
  }
}

function setMetadata(draft: Draft, value: string): string | undefined {
  if (draft.metadata !== undefined) return 'metadata information already given'
  const minor = minorByName(value)
  if (minor === undefined) return unknownMetadata(value)
  draft.metadata = value
  draft.minor = minor ?? DEFAULT_MINOR
  return undefined
}

function setLevel(draft: Draft, value: string): string | undefined {
  if (draft.level !== undefined) return `raid level may only be set once.  Second value is ${value}.`
  const level = levelByName(value)
  if (level === undefined) return `invalid raid level: ${value}`
  draft.level = level
  return undefined
}

/** A count as the C library reads it. */
function count(value: string): number | undefined {
  return /^\s*\+?[0-9]+$/.test(value) && Number(value) < 2 ** 31 ? Number(value) : undefined
}

function setRaidDevices(draft: Draft, value: string): string | undefined {
  if (draft.raidDevices !== undefined) return `raid-devices set twice: ${draft.raidDevices} and ${value}`
  const devices = count(value)
  if (devices === undefined || devices === 0) return `invalid number of raid devices: ${value}`
  draft.raidDevices = devices
  return undefined
}

function setSpareDevices(draft: Draft, value: string): string | undefined {
  if (draft.spareDevices) return `spare-devices set twice: ${draft.spareDevices} and ${value}`
  const devices = count(value)
  if (devices === undefined) return `invalid number of spare-devices: ${value}`
  draft.spareDevices = devices
  return undefined
}

function setChunk(draft: Draft, value: string): string | undefined {
  if (draft.chunkKib !== undefined) return `chunk/rounding may only be specified once. Second value is ${value}.`
  const sectors = parseSectors(value)
  if (sectors === undefined || sectors < 8 || sectors % 2 === 1) return `invalid chunk/rounding value: ${value}`
  draft.chunkKib = sectors / 2
  return undefined
}

function setLayout(draft: Draft, value: string): string | undefined {
  const { level } = draft
  if (draft.layout !== undefined) return `layout may only be sent once.  Second value was ${value}`
  if (level === undefined) return 'raid level must be given before layout.'
  if (level !== 0 && level !== 5 && level !== 6 && level !== 10)
    return `layout not meaningful for ${levelName(level)} arrays.`
  const layout = layoutByName(level, value)
  if (layout === undefined && level === 10) {
    return `layout for raid10 must be 'nNN', 'oNN' or 'fNN' where NN is a number, not ${value}`
  }
  if (layout === undefined) return `layout ${value} not understood for raid${level}.`
  draft.layout = layout
  return undefined
}

function setBitmap(draft: Draft, value: string): string | undefined {
  if (draft.bitmap !== undefined) return `bitmap cannot be set twice. Second value: ${value}.`
  if (value !== 'internal' && value !== 'none') {
    return `bitmap file must contain a '/', or be 'internal', or be 'clustered', or 'none'\n       not '${value}'`
  }
  draft.bitmap = value
  return undefined
}

function setBitmapChunk(draft: Draft, value: string): string | undefined {
  const sectors = parseSectors(value)
  if (sectors === undefined || !Number.isInteger(Math.log2(sectors))) return `invalid bitmap chunksize: ${value}`
  draft.bitmapChunkBytes = sectors * 512
  return undefined
}

const WRITE_BEHIND_MAX = 16383

/** The manual knows a default; mdadm 4.2 refuses to go without a number. */
function setWriteBehind(draft: Draft, value: string): string | undefined {
  const most = count(value)
  if (most === undefined || most > WRITE_BEHIND_MAX) {
    return `Invalid value for maximum outstanding write-behind writes: ${value === '' ? '(null)' : value}.\n\tMust be between 0 and ${WRITE_BEHIND_MAX}.`
  }
  draft.writeBehind = most
  return undefined
}

function setUuid(draft: Draft, value: string): string | undefined {
  if (draft.uuid !== undefined) return `uuid cannot be set twice.  Second value ${value}.`
  draft.uuid = parseUuid(value)
  return draft.uuid === undefined ? `Bad uuid: ${value}` : undefined
}

function setName(draft: Draft, value: string): string | undefined {
  if (draft.name !== undefined) return `name cannot be set twice.   Second value ${value}.`
  if (value.length > 32) return `name '${value}' is too long, 32 chars max.`
  draft.name = value
  return undefined
}
