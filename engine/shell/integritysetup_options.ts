/** Reads the words behind `integritysetup`. @source main, src/integritysetup.c, cryptsetup 2.6.1 */
import { getopt } from './getopt.ts'

/** Exit statuses. @source translate_errno, src/utils_tools.c */
export const WRONG_USE = 1
export const NO_DEVICE = 4
export const BUSY = 5

export type IntegrityAction = 'format' | 'open' | 'close' | 'status' | 'dump'

/** How many words each action wants, and what they are. */
const ACTIONS: Readonly<Record<IntegrityAction, readonly [number, string]>> = {
  format: [1, '<integrity_device>'],
  open: [2, '<integrity_device> <name>'],
  close: [1, '<name>'],
  status: [1, '<name>'],
  dump: [1, '<integrity_device>'],
}

/** Letters stand for themselves; a colon means that a value follows. */
const LONG: Readonly<Record<string, string>> = {
  'allow-discards': 'allow-discards',
  'batch-mode': 'q',
  'bitmap-flush-time': 'bitmap-flush-time:',
  'bitmap-sectors-per-bit': 'bitmap-sectors-per-bit:',
  'buffer-sectors': 'buffer-sectors:',
  'cancel-deferred': 'cancel-deferred',
  'data-device': 'data-device:',
  debug: 'debug',
  deferred: 'deferred',
  help: '?',
  integrity: 'I:',
  'integrity-bitmap-mode': 'B',
  'integrity-key-file': 'integrity-key-file:',
  'integrity-key-size': 'integrity-key-size:',
  'integrity-legacy-hmac': 'integrity-legacy-hmac',
  'integrity-legacy-padding': 'integrity-legacy-padding',
  'integrity-legacy-recalculate': 'integrity-legacy-recalculate',
  'integrity-no-journal': 'D',
  'integrity-recalculate': 'integrity-recalculate',
  'integrity-recalculate-reset': 'integrity-recalculate-reset',
  'integrity-recovery-mode': 'R',
  'interleave-sectors': 'interleave-sectors:',
  'journal-commit-time': 'journal-commit-time:',
  'journal-crypt': 'journal-crypt:',
  'journal-integrity': 'journal-integrity:',
  'journal-size': 'j',
  'journal-watermark': 'journal-watermark:',
  'no-wipe': 'no-wipe',
  'progress-frequency': 'progress-frequency:',
  'sector-size': 's',
  'tag-size': 't',
  usage: 'usage',
  verbose: 'v',
  version: 'V',
}

const NUMBERS = [
  'bitmap-flush-time',
  'bitmap-sectors-per-bit',
  'buffer-sectors',
  'interleave-sectors',
  'journal-commit-time',
  'journal-watermark',
  'sector-size',
  'tag-size',
]

/** The actions that an option is for, where it is not for all. */
const ONLY_FOR: Readonly<Record<string, readonly IntegrityAction[]>> = {
  'allow-discards': ['open'],
  'cancel-deferred': ['close'],
  deferred: ['close'],
  'integrity-legacy-hmac': ['format'],
  'integrity-legacy-padding': ['format'],
  'integrity-legacy-recalculate': ['open'],
  'integrity-recalculate': ['open'],
  'integrity-recalculate-reset': ['open'],
  'integrity-recovery-mode': ['open'],
  'interleave-sectors': ['format'],
  'journal-size': ['format'],
  'no-wipe': ['format'],
  'sector-size': ['format'],
  'tag-size': ['format'],
}

const KEYED = ['integrity-key-file', 'integrity-key-size', 'journal-crypt', 'journal-integrity']

const SIZE_UNITS: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }

export interface IntegrityRequest {
  readonly action: IntegrityAction
  readonly words: readonly string[]
  /** Options by their long names, the last of a name counting; '' for those without a value. */
  readonly values: ReadonlyMap<string, string>
}

export type IntegrityParsed =
  | { readonly ok: true; readonly request: IntegrityRequest }
  | { readonly ok: false; readonly stdout: string; readonly stderr: string; readonly status: number }

const refused = (message: string): IntegrityParsed => ({
  ok: false,
  stdout: '',
  stderr: `integritysetup: ${message}\n`,
  status: WRONG_USE,
})

const said = (stdout: string): IntegrityParsed => ({ ok: false, stdout, stderr: '', status: 0 })

export function parseIntegritysetup(argv: readonly string[]): IntegrityParsed {
  const options = getopt(argv, 'qI:BDRj:s:t:vV?', LONG)
  if (!options.ok) return refused(options.message)
  const values = new Map<string, string>()
  for (const { name, value } of options.value.given) values.set(longName(name), value)
  if (values.has('help') || values.has('usage')) return said(HELP)
  if (values.has('version')) return said('integritysetup 2.6.1 flags: UDEV BLKID KEYRING KERNEL_CAPI \n')
  const wrong = NUMBERS.find((name) => values.has(name) && !/^\d{1,9}$/.test(values.get(name) ?? ''))
  if (wrong !== undefined) return refused(`--${wrong} wants a number, not ${values.get(wrong)}`)
  if (sizeOf(values.get('journal-size') ?? '0') === null) return refused('--journal-size wants a size in bytes')
  const [action, ...words] = options.value.words
  if (action === undefined) return refused('Argument <action> missing.')
  if (!Object.hasOwn(ACTIONS, action)) {
    return refused(`Unknown action ${action}. There are ${Object.keys(ACTIONS).join(', ')}.`)
  }
  const known = action as IntegrityAction
  const [count, wanted] = ACTIONS[known]
  if (words.length < count) return refused(`${action}: requires ${wanted} as arguments`)
  const misplaced = [...values.keys()].find((option) => ONLY_FOR[option]?.includes(known) === false)
  if (misplaced !== undefined) return refused(`Option --${misplaced} is not allowed with ${action} action.`)
  if (values.has('integrity-bitmap-mode') && values.has('integrity-recovery-mode')) {
    return refused('Recovery and bitmap mode options are mutually exclusive.')
  }
  const keyed = KEYED.find((option) => values.has(option))
  if (keyed !== undefined) return refused(`--${keyed}: keys come later here`)
  return { ok: true, request: { action: known, words, values } }
}

/** A size with a unit, in bytes; null for what is none. */
export function sizeOf(text: string): number | null {
  const parts = /^(\d{1,12})([KMG]?)$/i.exec(text)
  return parts === null ? null : Number(parts[1]) * SIZE_UNITS[parts[2].toUpperCase()]
}

function longName(name: string): string {
  return Object.keys(LONG).find((long) => LONG[long] === name || LONG[long] === `${name}:`) ?? name
}

export const INTEGRITYSETUP_USAGE = 'format DEVICE | dump DEVICE | open DEVICE NAME | close NAME | status NAME'

const HELP = `integritysetup ${INTEGRITYSETUP_USAGE}
  format   makes DEVICE an integrity device, and writes zeros over all of it, so that every sector has a tag
  dump     shows what the superblock on DEVICE says
  open     makes /dev/mapper/NAME, which writes tags and looks at them
  close    takes that away; with --deferred when nobody has it open any more
  status   shows an open device
Options of format:
  -I, --integrity NAME (crc32c)   -t, --tag-size BYTES (of the checksum)   -s, --sector-size BYTES (512)
  -j, --journal-size BYTES   --interleave-sectors SECTORS   --data-device DEVICE   --no-wipe   -q, --batch-mode
  --integrity-legacy-padding   --integrity-legacy-hmac
Options of open:
  -I, --integrity NAME (crc32c)   -D, --integrity-no-journal   -B, --integrity-bitmap-mode   -R, --integrity-recovery-mode
  --integrity-recalculate   --integrity-recalculate-reset   --allow-discards   --data-device DEVICE
  --journal-watermark PERCENT   --journal-commit-time MS   --buffer-sectors SECTORS
  --bitmap-sectors-per-bit SECTORS   --bitmap-flush-time MS
`
