/** Reads the words behind `veritysetup`. @source main, src/veritysetup.c, cryptsetup 2.6.1 */
import { getopt } from './getopt.ts'

/** Exit statuses. @source translate_errno, src/utils_tools.c */
export const WRONG_USE = 1
export const NOT_PERMITTED = 2
export const NO_DEVICE = 4
export const BUSY = 5

export type VerityAction = 'format' | 'verify' | 'open' | 'close' | 'status' | 'dump'

/** How many words each action wants at least, and what they are. */
const ACTIONS: Readonly<Record<VerityAction, readonly [number, string]>> = {
  format: [2, '<data_device> <hash_device>'],
  verify: [2, '<data_device> <hash_device> [<root_hash>]'],
  open: [3, '<data_device> <name> <hash_device> [<root_hash>]'],
  close: [1, '<name>'],
  status: [1, '<name>'],
  dump: [1, '<hash_device>'],
}

/** Letters stand for themselves; a colon means that a value follows. */
const LONG: Readonly<Record<string, string>> = {
  'cancel-deferred': 'cancel-deferred',
  'check-at-most-once': 'check-at-most-once',
  'data-block-size': 'data-block-size:',
  'data-blocks': 'data-blocks:',
  debug: 'debug',
  deferred: 'deferred',
  'fec-device': 'fec-device:',
  'fec-offset': 'fec-offset:',
  'fec-roots': 'fec-roots:',
  format: 'format:',
  hash: 'h',
  'hash-block-size': 'hash-block-size:',
  'hash-offset': 'hash-offset:',
  help: '?',
  'ignore-corruption': 'ignore-corruption',
  'ignore-zero-blocks': 'ignore-zero-blocks',
  'no-superblock': 'no-superblock',
  'panic-on-corruption': 'panic-on-corruption',
  'restart-on-corruption': 'restart-on-corruption',
  'root-hash-file': 'root-hash-file:',
  'root-hash-signature': 'root-hash-signature:',
  salt: 's',
  'use-tasklets': 'use-tasklets',
  usage: 'usage',
  uuid: 'uuid:',
  verbose: 'v',
  version: 'V',
}

const NUMBERS = [
  'data-block-size',
  'data-blocks',
  'fec-offset',
  'fec-roots',
  'format',
  'hash-block-size',
  'hash-offset',
]

/** The actions that an option is for, where it is not for all. */
const ONLY_FOR: Readonly<Record<string, readonly VerityAction[]>> = {
  'cancel-deferred': ['close'],
  'check-at-most-once': ['open'],
  deferred: ['close'],
  'ignore-corruption': ['open'],
  'ignore-zero-blocks': ['open'],
  'panic-on-corruption': ['open'],
  'restart-on-corruption': ['open'],
  'root-hash-file': ['format', 'open', 'verify'],
  'root-hash-signature': ['open'],
  'use-tasklets': ['open'],
}

const NEVER_TOGETHER = [
  ['ignore-corruption', 'restart-on-corruption'],
  ['panic-on-corruption', 'restart-on-corruption'],
  ['cancel-deferred', 'deferred'],
] as const

/** What the tool takes where nothing is said. */
const DEFAULTS: Readonly<Record<string, number>> = { 'data-block-size': 4096, 'hash-block-size': 4096, format: 1 }

export interface VerityRequest {
  readonly action: VerityAction
  readonly words: readonly string[]
  /** Options by their long names, the last of a name counting; '' for those without a value. */
  readonly values: ReadonlyMap<string, string>
}

/** A line that ends where it was read. */
export interface VerityEnd {
  readonly stdout: string
  readonly stderr: string
  readonly status: number
}

export type VerityParsed = { readonly ok: true; readonly request: VerityRequest } | ({ readonly ok: false } & VerityEnd)

const refused = (message: string): VerityParsed => ({
  ok: false,
  stdout: '',
  stderr: `veritysetup: ${message}\n`,
  status: 1,
})

const said = (stdout: string): VerityParsed => ({ ok: false, stdout, stderr: '', status: 0 })

export function parseVeritysetup(argv: readonly string[]): VerityParsed {
  const options = getopt(argv, 'h:s:vV?', LONG)
  if (!options.ok) return refused(options.message)
  const values = new Map<string, string>()
  for (const { name, value } of options.value.given) values.set(longName(name), value)
  if (values.has('help') || values.has('usage')) return said(HELP)
  if (values.has('version')) return said('veritysetup 2.6.1 flags: UDEV BLKID KEYRING KERNEL_CAPI \n')
  const wrong = NUMBERS.find((name) => values.has(name) && !/^\d{1,15}$/.test(values.get(name) ?? ''))
  if (wrong !== undefined) return refused(`--${wrong} wants a number, not ${values.get(wrong)}`)
  const [name, ...words] = options.value.words
  if (name === undefined) return refused('Argument <action> missing.')
  // The old name of `open` had its first two words the other way round.
  if (name === 'create' && words.length > 1) [words[0], words[1]] = [words[1], words[0]]
  const action = name === 'create' && words.length > 1 ? 'open' : name === 'remove' ? 'close' : name
  if (!isAction(action)) return refused(`Unknown action. There are ${Object.keys(ACTIONS).join(', ')}.`)
  const [count, wanted] = ACTIONS[action]
  if (words.length < count) return refused(`${action}: requires ${wanted} as arguments`)
  const misplaced = [...values.keys()].find((option) => ONLY_FOR[option]?.includes(action) === false)
  if (misplaced !== undefined) return refused(`Option --${misplaced} is not allowed with ${action} action.`)
  const pair = NEVER_TOGETHER.find(([one, other]) => values.has(one) && values.has(other))
  if (pair !== undefined) return refused(`Option --${pair[0]} and --${pair[1]} cannot be used together.`)
  return { ok: true, request: { action, words, values } }
}

/** A number that was given, or what the tool takes instead. */
export function numberOf(request: VerityRequest, option: string): number {
  return Number(request.values.get(option) ?? DEFAULTS[option] ?? 0)
}

function longName(name: string): string {
  return Object.keys(LONG).find((long) => LONG[long] === name || LONG[long] === `${name}:`) ?? name
}

function isAction(name: string): name is VerityAction {
  return Object.hasOwn(ACTIONS, name)
}

export const VERITYSETUP_USAGE =
  'format DATA HASH | verify DATA HASH ROOT | open DATA NAME HASH ROOT | close NAME | status NAME | dump HASH'

const HELP = `veritysetup ${VERITYSETUP_USAGE}
  format   computes the hash tree of DATA, writes it to HASH, and prints the root hash
  verify   computes it again, and compares it with HASH and the root hash
  open     makes /dev/mapper/NAME, which checks what is read from it
  close    takes that away; with --deferred when nobody has it open any more
  status   shows an open device
  dump     shows what the superblock on HASH says
Options of format, and of the others with --no-superblock:
  -h, --hash NAME (sha256)    -s, --salt HEX or - (random, 32 bytes)   --format 1|0 (1)
  --data-block-size BYTES (4096)   --hash-block-size BYTES (4096)   --data-blocks COUNT (all)
  --hash-offset BYTES (0)   --uuid UUID   --no-superblock   --root-hash-file FILE
Options of open:
  --ignore-corruption   --restart-on-corruption   --panic-on-corruption   --ignore-zero-blocks
  --check-at-most-once   --use-tasklets   --root-hash-file FILE
`
