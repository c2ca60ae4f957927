/**
 * `expect`: judges the command before it, so that a script says itself what must come of it. Several may follow one command. A
 * command that fails does not end a script if an `expect` follows: that one says whether it was to fail.
 */
import { fail, ok, type Result } from '../base/errno.ts'
import { InstantCommand, type CommandSpec } from '../shell/command.ts'
import type { CommandResult } from '../shell/shell.ts'
import { EXPECT_NAME } from './expectation.ts'

const USAGE = "[--fails] [--has TEXT]... [--lacks TEXT]... [WORD... | <<'END' … END | < FILE]"

/** What must be true of a command. */
interface Expectation {
  readonly isFailure: boolean
  readonly has: readonly string[]
  readonly lacks: readonly string[]
  /** The whole output, word by word; none given, nothing is said of it. */
  readonly words: readonly string[]
}

function readExpectation(argv: readonly string[]): Result<Expectation> {
  const texts: Record<'has' | 'lacks', string[]> = { has: [], lacks: [] }
  let isFailure = false
  let at = 1
  for (; at < argv.length && argv[at].startsWith('--'); at++) {
    if (argv[at] === '--') {
      at++
      break
    }
    const [, name, glued] = /^--([a-z]+)(?:=(.*))?$/s.exec(argv[at]) ?? []
    if (name === 'fails' && glued === undefined) isFailure = true
    else if (name === 'has' || name === 'lacks') {
      const text = glued ?? argv[++at]
      if (text === undefined || text.trim() === '') return fail('EINVAL', `--${name} wants a text`)
      texts[name].push(text)
    } else return fail('EINVAL', `usage: ${EXPECT_NAME} ${USAGE}`)
  }
  return ok({ isFailure, ...texts, words: argv.slice(at) })
}

class ExpectCommand extends InstantCommand {
  override execute(): void {
    const expectation = readExpectation(this.argv)
    if (!expectation.ok) return void this.refuse(expectation.message, 2)
    const judged = this.world.shell.results.findLast((result) => result.argv0 !== EXPECT_NAME)
    if (judged === undefined) return void this.refuse('nothing was typed before that it could judge', 2)
    const wrong = wrongAbout(judged, expectation.value) ?? wrongWithText(judged, this.stdin)
    if (wrong !== null) this.refuse(`${judged.command.split('\n')[0]}: ${wrong}`)
  }
}

function wrongAbout({ status, stdout, stderr }: CommandResult, expectation: Expectation): string | null {
  const { isFailure, has, lacks, words } = expectation
  if (status !== 0 && !isFailure) return `failed with status ${status}: ${stderr.trim()}`
  if (status === 0 && isFailure) return 'succeeded, which it should not'
  const output = squeeze(stdout)
  for (const text of has) if (!output.includes(squeeze(text))) return `'${text}' is not in what it said:\n${stdout}`
  for (const text of lacks) if (output.includes(squeeze(text))) return `'${text}' is in what it said:\n${stdout}`
  const [wanted, said] = [wordsOf(words.join(' ')), wordsOf(stdout)]
  return words.length === 0 || wanted === said ? null : `said '${said}', not '${wanted}'`
}

/** The whole output, line by line. */
function wrongWithText({ stdout }: CommandResult, text: string | null): string | null {
  if (text === null) return null
  const [wanted, said] = [text, stdout].map((whole) => whole.replace(/\n+$/, '').split('\n'))
  const at = said.findIndex((line, i) => line !== wanted[i])
  if (at < 0 && said.length === wanted.length) return null
  const line = at < 0 ? said.length : at
  const [right, wrong] = [wanted, said].map((lines) =>
    lines[line] === undefined ? 'nothing more' : `'${lines[line]}'`,
  )
  return `line ${line + 1} of its output is ${wrong}, not ${right}`
}

/** Blanks are one blank, however many. */
function squeeze(text: string): string {
  return text.replace(/[ \t]+/g, ' ')
}

function wordsOf(text: string): string {
  return text.trim().replace(/\s+/g, ' ')
}

export const EXPECT: CommandSpec = {
  name: EXPECT_NAME,
  family: 'lab',
  usage: USAGE,
  summary: 'Judges the command before it: that it succeeded, or failed, and what it printed.',
  begin: (world, invocation) => new ExpectCommand(world, invocation),
}
