/** The command line of dmsetup: options may stand anywhere, long ones may be cut short, `--` ends them. */
import { fail, ok, type Result } from '../base/errno.ts'
import { nearestName } from './suggestion.ts'

export interface DmsetupOptions {
  /** create, suspend and so on; '' when there is none. */
  readonly verb: string
  /** What stands after it. */
  readonly words: readonly string[]
  /** Options that were given, by their long names. */
  readonly given: ReadonlySet<string>
  /** The values of those that take one. */
  readonly values: ReadonlyMap<string, string>
}

/** Long names, with the letter where there is one. */
const SWITCHES: Readonly<Record<string, string>> = {
  columns: 'cC',
  deferred: '',
  force: 'f',
  help: 'h',
  inactive: '',
  nameprefixes: '',
  noflush: '',
  noheadings: '',
  nolockfs: '',
  notable: 'n',
  readonly: 'r',
  setuuid: '',
  tree: '',
  unquoted: '',
  verbose: 'v',
  version: '',
}

const VALUES: Readonly<Record<string, string>> = {
  major: 'j',
  minor: 'm',
  options: 'o',
  separator: '',
  sort: 'O',
  table: '',
  target: '',
  uuid: 'u',
}

/** Options that change nothing here: there is no udev, no owner of a file, no key to hide. */
const IGNORED_SWITCHES: Readonly<Record<string, string>> = {
  addnodeoncreate: '',
  addnodeonresume: '',
  checks: '',
  noopencount: '',
  noudevrules: '',
  noudevsync: '',
  retry: '',
  showkeys: '',
  verifyudev: '',
  yes: 'y',
}

const IGNORED_VALUES: Readonly<Record<string, string>> = {
  gid: 'G',
  manglename: '',
  mode: 'M',
  readahead: '',
  udevcookie: '',
  uid: 'U',
}

const ALL_SWITCHES = { ...SWITCHES, ...IGNORED_SWITCHES }
const ALL_VALUES = { ...VALUES, ...IGNORED_VALUES }
const LONG_NAMES = [...Object.keys(ALL_SWITCHES), ...Object.keys(ALL_VALUES)]

/** @errors EINVAL for an option that there is not, or whose value is missing. */
export function parseDmsetupOptions(argv: readonly string[]): Result<DmsetupOptions> {
  const words: string[] = []
  const given = new Set<string>()
  const values = new Map<string, string>()
  for (let i = 1; i < argv.length; i++) {
    const word = argv[i]
    if (word === '--') {
      words.push(...argv.slice(i + 1))
      break
    }
    if (!word.startsWith('-') || word === '-') {
      words.push(word)
      continue
    }
    const isLong = word.startsWith('--')
    const equals = word.indexOf('=')
    const name = isLong ? longName(word.slice(2, isLong && equals > 0 ? equals : undefined)) : ok(shortName(word[1]))
    if (!name.ok) return name
    if (name.value === '') return fail('EINVAL', `unknown option -${word[1]}; see dmsetup help`)
    given.add(name.value)
    if (Object.hasOwn(ALL_SWITCHES, name.value)) {
      if (isLong && equals > 0) return fail('EINVAL', `--${name.value} takes no value`)
      if (!isLong && word.length > 2) argv = [...argv.slice(0, i + 1), `-${word.slice(2)}`, ...argv.slice(i + 1)]
      continue
    }
    const attached = isLong ? (equals > 0 ? word.slice(equals + 1) : null) : word.length > 2 ? word.slice(2) : null
    const value = attached ?? argv[++i]
    if (value === undefined) return fail('EINVAL', `--${name.value} wants a value`)
    values.set(name.value, value)
  }
  return ok({ verb: words[0] ?? '', words: words.slice(1), given, values })
}

function longName(text: string): Result<string> {
  if (LONG_NAMES.includes(text)) return ok(text)
  const matches = LONG_NAMES.filter((name) => name.startsWith(text))
  if (matches.length === 1) return ok(matches[0])
  if (matches.length > 1) return fail('EINVAL', `--${text} may mean ${matches.map((name) => `--${name}`).join(', ')}`)
  const near = nearestName(text, LONG_NAMES)
  return fail('EINVAL', `unknown option --${text}; ${near === null ? 'see dmsetup help' : `did you mean --${near}?`}`)
}

function shortName(letter: string): string {
  for (const names of [ALL_SWITCHES, ALL_VALUES]) {
    for (const [name, letters] of Object.entries(names)) if (letters.includes(letter)) return name
  }
  return ''
}
