/** Reads the words behind `mdadm`: the mode that the first options set, and what is asked of which device. */
import type { MdMinor } from '../format/md_superblock.ts'
import { minorByName, parseUuid, unknownMetadata } from '../md/mdadm_names.ts'
import { helpText } from './mdadm_help.ts'

export type MdadmMode = 'create' | 'assemble' | 'manage' | 'misc'

/** What is to be done with a device that is named; which, its mode and the options before it say. */
export type MdadmAction =
  | 'none'
  | 'add'
  | 'add-spare'
  | 're-add'
  | 'remove'
  | 'fail'
  | 'replace'
  | 'with'
  | 'detail'
  | 'examine'
  | 'examine-bitmap'
  | 'examine-badblocks'
  | 'query'
  | 'run'
  | 'stop'
  | 'readonly'
  | 'readwrite'
  | 'wait'
  | 'wait-clean'
  | 'zero-superblock'
  | 'sync-action'

export interface NamedDevice {
  readonly name: string
  readonly action: MdadmAction
}

export interface MdadmRequest {
  readonly mode: MdadmMode
  readonly devices: readonly NamedDevice[]
  /** The last action that was asked for, with or without a device. */
  readonly action: MdadmAction
  readonly given: ReadonlySet<string>
  readonly uuid: Uint8Array | undefined
  readonly name: string | undefined
  /** The version of the metadata that is meant; null for any. */
  readonly minor: MdMinor | null
  /** For `--action`. */
  readonly syncAction: string
  /** What is to be said on standard error before anything is done. */
  readonly warning: string
}

/** A line that ends where it was read: a refusal, or a text that was asked for. */
export interface MdadmEnd {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

export type MdadmParsed = { readonly ok: true; readonly request: MdadmRequest } | ({ readonly ok: false } & MdadmEnd)

interface Option {
  readonly name: string
  readonly letter?: string
  readonly value?: boolean
}

const OPTIONS: readonly Option[] = [
  { name: 'create', letter: 'C' },
  { name: 'assemble', letter: 'A' },
  { name: 'manage' },
  { name: 'misc' },
  { name: 'detail', letter: 'D' },
  { name: 'examine', letter: 'E' },
  { name: 'examine-bitmap', letter: 'X' },
  { name: 'examine-badblocks' },
  { name: 'query', letter: 'Q' },
  { name: 'zero-superblock' },
  { name: 'add', letter: 'a' },
  { name: 'add-spare' },
  { name: 're-add' },
  { name: 'remove', letter: 'r' },
  { name: 'fail', letter: 'f' },
  { name: 'replace' },
  { name: 'with' },
  { name: 'set-faulty' },
  { name: 'run', letter: 'R' },
  { name: 'stop', letter: 'S' },
  { name: 'readonly', letter: 'o' },
  { name: 'readwrite', letter: 'w' },
  { name: 'wait', letter: 'W' },
  { name: 'wait-clean' },
  { name: 'action', value: true },
  { name: 'force' },
  { name: 'scan', letter: 's' },
  { name: 'uuid', letter: 'u', value: true },
  { name: 'name', letter: 'N', value: true },
  { name: 'metadata', letter: 'e', value: true },
  { name: 'test', letter: 't' },
  { name: 'brief', letter: 'b' },
  { name: 'verbose', letter: 'v' },
  { name: 'quiet', letter: 'q' },
  { name: 'help', letter: 'h' },
  { name: 'version', letter: 'V' },
]

/** What each action of the two modes that have actions belongs to. */
const MANAGE_ACTIONS = ['add', 'add-spare', 're-add', 'remove', 'fail', 'replace', 'with']
const MISC_ONLY = ['detail', 'examine', 'examine-bitmap', 'examine-badblocks', 'query', 'action']
const MISC_UNLESS_SET = ['run', 'stop', 'readonly', 'readwrite', 'wait', 'wait-clean', 'zero-superblock']
const MODE_WORDS = ['create', 'assemble', 'manage', 'misc']

/** Options that are of use in each mode, beside its actions. */
const FLAGS: Readonly<Record<MdadmMode, readonly string[]>> = {
  create: [],
  assemble: ['run', 'force', 'scan', 'uuid', 'name', 'metadata'],
  manage: ['run', 'stop', 'readonly', 'readwrite', 'force', 'test'],
  misc: ['force', 'scan', 'test', 'metadata'],
}

/** Options of mdadm 4.2 that are not known here. */
const NOT_SIMULATED = [
  ...['build', 'grow', 'incremental', 'monitor', 'follow', 'auto-detect', 'config', 'export', 'homehost', 'update'],
  ...['add-journal', 'dump', 'restore', 'no-degraded', 'write-mostly'],
]

const SYNC_ACTIONS = ['idle', 'frozen', 'check', 'repair']
const USAGE = 'Usage: mdadm --help\n  for help\n'

const VERSION = 'mdadm - v4.2 - 2021-12-30 - Debian 4.2-5'

/** Gathers what the words say; `end` is set by the first that is wrong, or that asks for a text. */
class Reader {
  mode: MdadmMode | null = null
  action: MdadmAction = 'none'
  readonly devices: NamedDevice[] = []
  readonly given = new Set<string>()
  uuid: Uint8Array | undefined = undefined
  name: string | undefined = undefined
  minor: MdMinor | null = null
  syncAction = ''
  warning = ''
  end: MdadmEnd | null = null

  refuse(message: string, status = 2): void {
    this.end ??= { status, stdout: '', stderr: `mdadm: ${message}\n` }
  }

  unknown(option: string): void {
    if (NOT_SIMULATED.includes(option.slice(2))) {
      return this.refuse(`${option} is not simulated; mdadm --help says what is`)
    }
    this.refuse(`unrecognized option '${option}'\n${USAGE.trimEnd()}`)
  }

  /** A word that is no option. */
  device(name: string): void {
    if (this.mode === null && this.devices.length > 0) {
      this.refuse(`An option must be given to set the mode before a second device\n       (${name}) is listed`)
    } else if (this.mode === 'manage' && this.devices.length > 0 && this.action === 'none') {
      this.refuse(`Must give one of -a/-r/-f for subsequent devices at ${name}`)
    } else this.devices.push({ name, action: this.action })
  }

  option(name: string, value: string, written: string): void {
    if (name === 'version') {
      this.end = { status: 0, stdout: '', stderr: `${VERSION}\n` }
      return
    }
    if (['help', 'verbose', 'quiet', 'brief'].includes(name)) {
      this.given.add(name)
      return
    }
    if (!this.setMode(name, written)) return
    if (MODE_WORDS.includes(name)) return
    const mode = this.mode as MdadmMode
    const isAction =
      (mode === 'manage' && MANAGE_ACTIONS.includes(name)) ||
      (mode === 'misc' && (MISC_ONLY.includes(name) || MISC_UNLESS_SET.includes(name)))
    if (isAction) this.setAction(name, value)
    else if (FLAGS[mode].includes(name)) this.setFlag(name, value)
    else this.refuse(`option ${written} not valid in ${mode} mode`)
  }

  /** @returns false if the option cannot stand here. */
  private setMode(name: string, written: string): boolean {
    let mode: MdadmMode | null = null
    if (MODE_WORDS.includes(name)) mode = name as MdadmMode
    else if (MISC_ONLY.includes(name)) mode = 'misc'
    else if (this.mode === null && MANAGE_ACTIONS.includes(name)) mode = 'manage'
    else if (this.mode === null && MISC_UNLESS_SET.includes(name)) mode = 'misc'
    if (mode === null) {
      if (this.mode !== null) return true
      this.refuse(`${written} does not set the mode, and so cannot be the first option.`)
      return false
    }
    if (this.mode !== null && this.mode !== mode) {
      this.refuse(`${written} would set mdadm mode to "${mode}", but it is already set to "${this.mode}".`)
      return false
    }
    if (this.mode === null && mode === 'misc' && this.devices.length > 0) {
      this.refuse(
        `No action given for ${this.devices[0].name} in --misc mode\n       Action options must come before device names`,
      )
      return false
    }
    this.mode = mode
    return true
  }

  private setAction(name: string, value: string): void {
    if (name === 'action') {
      if (!SYNC_ACTIONS.includes(value)) return this.refuse('action must be one of idle, frozen, check, repair')
      this.syncAction = value
      this.action = 'sync-action'
      return
    }
    if (name === 'with' && this.action !== 'replace') return this.refuse('--with must follow --replace')
    if (this.action !== name && (this.action === 'examine' || (name === 'examine' && this.action !== 'none'))) {
      return this.refuse(`--examine/-E cannot be given with --${this.action === 'examine' ? name : this.action}`)
    }
    this.action = name as MdadmAction
  }

  private setFlag(name: string, value: string): void {
    if (this.given.has(name) && ['uuid', 'name', 'metadata'].includes(name)) {
      return this.refuse(`${name} cannot be set twice.  Second value ${value}.`)
    }
    this.given.add(name)
    if (name === 'uuid') {
      this.uuid = parseUuid(value)
      if (this.uuid === undefined) this.refuse(`Bad uuid: ${value}`)
    } else if (name === 'name') this.name = value
    else if (name === 'metadata') {
      const minor = minorByName(value)
      if (minor === undefined) this.refuse(unknownMetadata(value))
      else this.minor = minor
    }
  }
}

/** The option of a letter: `-f` is --fail while there is no mode or that of managing, else --force. */
function byLetter(letter: string, mode: MdadmMode | null): Option | undefined {
  const found = OPTIONS.find((option) => option.letter === letter)
  if (letter === 'f' && mode !== null && mode !== 'manage') return OPTIONS.find(({ name }) => name === 'force')
  return found
}

/** A long option, of which the beginning is enough while only one begins so. */
function byName(name: string): Option | undefined {
  const exact = OPTIONS.find((option) => option.name === name)
  if (exact !== undefined) return exact
  const matches = OPTIONS.filter((option) => option.name.startsWith(name))
  return matches.length === 1 ? matches[0] : undefined
}

/**
 * Reads the words of every mode but create, whose options are read by `parseCreate`.
 * @param words everything behind `mdadm`
 * @returns the request, or what mdadm prints at once and its exit status
 * @source main, mdadm.c, mdadm 4.2
 */
export function parseMdadm(words: readonly string[]): MdadmParsed {
  const reader = new Reader()
  for (let i = 0; i < words.length && reader.end === null && reader.mode !== 'create'; i++) {
    const word = words[i]
    if (!word.startsWith('-') || word === '-') reader.device(word)
    else if (word.startsWith('--')) i += longOption(reader, word, words[i + 1])
    else i += letters(reader, word, words[i + 1])
  }
  const { end, mode, devices, action, given, uuid, name, minor, syncAction, warning } = reader
  if (end !== null) return { ok: false, ...end }
  if (given.has('help')) return { ok: false, status: 0, stdout: helpText(mode), stderr: '' }
  if (mode === null && devices.length === 0) return { ok: false, status: 2, stdout: '', stderr: USAGE }
  const needsArray = mode === 'manage' || (mode === 'assemble' && !given.has('scan'))
  if (needsArray && devices.length === 0) {
    return { ok: false, status: 2, stdout: '', stderr: 'mdadm: an md device must be given in this mode\n' }
  }
  const request = { mode: mode ?? 'misc', devices, action, given, uuid, name, minor, syncAction, warning } as const
  if (mode !== null) return { ok: true, request }
  const queried = devices.map((device) => ({ ...device, action: 'query' as const }))
  return { ok: true, request: { ...request, action: 'query', devices: queried } }
}

/** @returns how many further words were taken. */
function longOption(reader: Reader, word: string, next: string | undefined): number {
  const equals = word.indexOf('=')
  const name = equals < 0 ? word.slice(2) : word.slice(2, equals)
  const option = byName(name === 'set-faulty' ? 'fail' : name)
  if (option === undefined) {
    reader.unknown(equals < 0 ? word : word.slice(0, equals))
    return 0
  }
  const attached = equals < 0 ? undefined : word.slice(equals + 1)
  if (option.value !== true && attached !== undefined) {
    reader.refuse(`option '--${option.name}' doesn't allow an argument\n${USAGE.trimEnd()}`)
    return 0
  }
  const value = option.value === true ? (attached ?? next) : ''
  if (value === undefined) reader.refuse(`option '--${option.name}' requires an argument\n${USAGE.trimEnd()}`)
  else reader.option(option.name, value, `--${option.name}`)
  return option.value === true && attached === undefined ? 1 : 0
}

/** `-AfR`: letters together. @returns how many further words were taken. */
function letters(reader: Reader, word: string, next: string | undefined): number {
  for (let at = 1; at < word.length && reader.end === null && reader.mode !== 'create'; at++) {
    const option = byLetter(word[at], reader.mode)
    if (option === undefined) {
      reader.refuse(`invalid option -- '${word[at]}'\n${USAGE.trimEnd()}`)
    } else if (option.value === true || option.name === 'remove') {
      const attached = word.slice(at + 1)
      const value = attached === '' ? next : attached
      if (value === undefined) reader.refuse(`option requires an argument -- '${word[at]}'\n${USAGE.trimEnd()}`)
      else reader.option(option.name, value, `-${word[at]}`)
      if (option.name === 'remove') {
        // In the string that 4.2 gives to getopt(3), r is also the increment of --monitor, which has a value.
        reader.warning += `mdadm: mdadm 4.2 takes ${value} for a value of -r, and removes nothing; say --remove ${value}\n`
      }
      return attached === '' ? 1 : 0
    } else reader.option(option.name, '', `-${word[at]}`)
  }
  return 0
}

/** Whether the words ask for create mode: then `parseCreate` reads them. */
export function isCreate(words: readonly string[]): boolean {
  for (const word of words) {
    if (/^--c(r(e(a(te?)?)?)?)?$/.test(word)) return true
    if (/^-[vq]*C/.test(word)) return true
    if (word.startsWith('-') && !/^(-[vqR]+|--verbose|--quiet)$/.test(word)) return false
  }
  return false
}
