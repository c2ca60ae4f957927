/**
 * The one thing in which the machine beside a machine differs: a command of the recording, and what is typed in its place.
 *
 *     compare --bitmap=none               the line that made the array, with this option
 *     compare --line 2 COMMAND            another command in place of one of the recorded line of this number (1 is the first)
 *     compare COMMAND                     in place of the recorded command that is most like it
 *     compare                             what differs so far
 *     compare off                         one machine again
 */
import { fail, ok, type Result } from '../base/errno.ts'
import { commandText, parse, type ParsedCommand } from '../shell/parse.ts'
import type { TimedLine } from './recording.ts'
import { splitScript } from './script.ts'
import { parseCount } from './units.ts'

export interface Change {
  /** The line of the recording, 0 is the first, and the command of it. */
  readonly line: number
  readonly command: number
  readonly from: string
  /** What is typed instead: a command, or several. */
  readonly to: string
}

/** What a `compare` line asks for. */
export type Asked =
  | { readonly kind: 'tell' }
  | { readonly kind: 'off' }
  | { readonly kind: 'options'; readonly options: readonly string[] }
  /** @param line counted from 0; null where it is to be found */
  | { readonly kind: 'command'; readonly line: number | null; readonly text: string }

const COMPARE = /^\s*compare\b/
const USAGE = 'usage: compare [--OPTION=VALUE … | [--line N] COMMAND | off]'

/** Options of mdadm that have a letter, too. */
const LETTERS: Readonly<Record<string, string>> = {
  '--bitmap': '-b',
  '--chunk': '-c',
  '--layout': '-p',
  '--level': '-l',
  '--metadata': '-e',
  '--raid-devices': '-n',
  '--spare-devices': '-x',
  '--name': '-N',
  '--uuid': '-u',
  '--force': '-f',
  '--run': '-R',
}
const ALONE = ['--assume-clean', '--force', '--run', '--verbose', '--quiet']

/** @returns null where a text is another command; the text may be one line only. @errors EINVAL */
export function compareOf(text: string): Result<Asked> | null {
  if (!COMPARE.test(text)) return null
  const lines = parse(text)
  const [line] = lines
  if (line?.kind !== 'command' || line.argv[0] !== 'compare') return null
  const words = line.argv.slice(1)
  const rest = text.trim().slice('compare'.length).trim()
  if (words.length === 0) return ok({ kind: 'tell' })
  if (words.length === 1 && words[0] === 'off') return ok({ kind: 'off' })
  if (words[0] === '--line') {
    const number = parseCount(words[1] ?? '', 1)
    const command = /^--line\s+\S+\s+([^]+)$/.exec(rest)
    if (!number.ok || command === null) return fail('EINVAL', USAGE)
    return ok({ kind: 'command', line: number.value - 1, text: command[1] })
  }
  if (words.every((word) => /^--[a-z]/.test(word))) return ok({ kind: 'options', options: words })
  if (words[0].startsWith('-')) return fail('EINVAL', USAGE)
  return ok({ kind: 'command', line: null, text: rest })
}

/** A command of a recording, and where it stands. */
export interface PlacedCommand {
  readonly line: number
  readonly command: number
  readonly text: string
}

/** All commands of a recording, in the order in which they were typed. */
export function commandsOf(lines: readonly Pick<TimedLine, 'text'>[]): PlacedCommand[] {
  return lines.flatMap(({ text }, line) => splitScript(text).map((part, command) => ({ line, command, text: part })))
}

/** What is to be typed instead of what. @errors ENOENT where no line is meant; EINVAL where nothing would differ */
export function changeFor(
  asked: Extract<Asked, { kind: 'options' | 'command' }>,
  lines: readonly Pick<TimedLine, 'text'>[],
): Result<Change> {
  const commands = commandsOf(lines)
  if (commands.length === 0) return fail('ENOENT', 'nothing has been typed yet')
  const change = asked.kind === 'options' ? withOptions(asked.options, commands) : withCommand(asked, commands)
  if (!change.ok) return change
  const wrong = parse(change.value.to).find((line) => line.kind === 'error')
  if (wrong?.kind === 'error') return fail('EINVAL', wrong.message)
  if (change.value.from === change.value.to) return fail('EINVAL', 'that is what was typed: nothing would differ')
  return change
}

/** A line of the recording as it is typed into the other machine. */
export function changedText(change: Change, line: number, text: string): string {
  if (line !== change.line) return text
  return splitScript(text)
    .map((part, command) => (command === change.command && part === change.from ? change.to : part))
    .join('\n')
}

/** The line that made an array, with other options. */
function withOptions(options: readonly string[], commands: readonly PlacedCommand[]): Result<Change> {
  const made = commands.filter(({ text }) => isCreate(text))
  if (made.length === 0) {
    return fail('ENOENT', 'no line of this recording makes an array: give the whole command that is to be another one')
  }
  if (made.length > 1)
    return fail('EINVAL', 'several lines make arrays: give the number of one, --line N, and the command')
  const [{ line, command, text }] = made
  const [parsed] = parse(text) as [ParsedCommand]
  let argv = parsed.argv
  for (const option of options) argv = withOption(argv, option)
  return ok({ line, command, from: text, to: commandText(argv) })
}

export function isCreate(text: string): boolean {
  const [line, ...more] = parse(text)
  if (line?.kind !== 'command' || more.length > 0) return false
  return line.argv[0] === 'mdadm' && (line.argv.includes('--create') || line.argv.includes('-C'))
}

/** Words with an option set, in the place where it was or before the first word that names nothing but a device. */
export function withOption(argv: readonly string[], option: string): string[] {
  const [name] = option.split('=', 1)
  const kept: string[] = []
  let place = -1
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]
    const isSame = word === name || word.startsWith(`${name}=`) || isLetterOf(name, word)
    // Without a bitmap there are no bits to say the size of.
    const isMoot = option === '--bitmap=none' && word.startsWith('--bitmap-chunk')
    if (!isSame && !isMoot) {
      kept.push(word)
      continue
    }
    if (isSame && place < 0) place = kept.length
    if ((word === name || word.length === 2 || word === '--bitmap-chunk') && !ALONE.includes(name)) i++
  }
  if (place < 0)
    place = kept.findIndex((word, i) => i > 0 && word.startsWith('/') && !/^(--create|-C)$/.test(kept[i - 1]))
  kept.splice(place < 0 ? kept.length : place, 0, option)
  return kept
}

function isLetterOf(name: string, word: string): boolean {
  const letter = LETTERS[name] as string | undefined
  return letter !== undefined && !word.startsWith('--') && word.startsWith(letter)
}

function withCommand(
  { line, text }: Extract<Asked, { kind: 'command' }>,
  commands: readonly PlacedCommand[],
): Result<Change> {
  const [argv0, verb] = wordsOf(text)
  if (argv0 === 'rules' && line === null) return withRule(text, verb, commands)
  const meant = commands.filter((one) => (line === null ? wordsOf(one.text)[0] === argv0 : one.line === line))
  if (meant.length === 0) {
    const none = `no line of this recording begins with ${argv0}: give the number of the one that is meant, --line N`
    return fail('ENOENT', line === null ? none : `the recording has no line ${line + 1}`)
  }
  const words = new Set(wordsOf(text))
  const likeness = (one: PlacedCommand): number => {
    const others = wordsOf(one.text)
    const common = others.filter((word) => words.has(word)).length
    return (others[0] === argv0 ? 2 : 0) + (others[1] === verb ? 1 : 0) + common / Math.max(words.size, others.length)
  }
  const best = meant.reduce((a, b) => (likeness(b) >= likeness(a) ? b : a))
  return ok({ line: best.line, command: best.command, from: best.text, to: text })
}

/** A rule is set before everything else, where the recording does not set it. */
function withRule(text: string, name: string | undefined, commands: readonly PlacedCommand[]): Result<Change> {
  const set = commands.findLast((one) => wordsOf(one.text)[0] === 'rules' && wordsOf(one.text)[1] === name)
  if (set !== undefined) return ok({ line: set.line, command: set.command, from: set.text, to: text })
  const isSeeded = wordsOf(commands[0].text)[0] === 'seed'
  const { line, command, text: from } = commands[0]
  return ok({ line, command, from, to: isSeeded ? `${from}\n${text}` : `${text}\n${from}` })
}

function wordsOf(text: string): readonly string[] {
  const [line] = parse(text)
  return line?.kind === 'command' ? line.argv : []
}
