/** The one thing in which the machine beside a machine differs: a command of the recording, and what is typed in its place. */
import { fail, ok, type Result } from '../base/errno.ts'
import { commandText, parse, type ParsedCommand } from '../shell/parse.ts'
import type { Asked } from './compare_line.ts'
import type { TimedLine } from './recording.ts'
import { splitScript } from './script.ts'

export interface Change {
  /** The line of the recording, 0 is the first, and the command of it. */
  readonly line: number
  readonly command: number
  readonly from: string
  /** What is typed instead: a command, or several. */
  readonly to: string
}

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
