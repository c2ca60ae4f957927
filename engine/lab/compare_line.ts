/**
 * What a `compare` line asks for:
 *
 *     compare --bitmap=none               the line that made the array, with this option
 *     compare --line 2 COMMAND            another command in place of one of the recorded line of this number (1 is the first)
 *     compare COMMAND                     in place of the recorded command that is most like it
 *     compare                             what differs so far
 *     compare off                         one machine again
 */
import { fail, ok, type Result } from '../base/errno.ts'
import { parse } from '../shell/parse.ts'
import { parseCount } from './units.ts'

export type Asked =
  | { readonly kind: 'tell' }
  | { readonly kind: 'off' }
  | { readonly kind: 'options'; readonly options: readonly string[] }
  /** @param line counted from 0; null where it is to be found */
  | { readonly kind: 'command'; readonly line: number | null; readonly text: string }

const COMPARE = /^\s*compare\b/
const USAGE = 'usage: compare [--OPTION=VALUE … | [--line N] COMMAND | off]'

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
