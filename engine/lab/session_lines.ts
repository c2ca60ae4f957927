/**
 * The lines of the lab language that move in time. A bare machine has no past, and goes forward only; a session carries them
 * out itself, in both directions, and they are no part of its recordings.
 */
import { parse, type ParsedLine } from '../shell/parse.ts'
import { COMMANDS } from './commands.ts'
import { parseArguments } from './options.ts'
import { splitScript } from './script.ts'
import { parseCount, parseTime } from './units.ts'

/** What a line asks for: so many steps back or forward, a step, or so many nanoseconds. */
export interface Travel {
  readonly kind: 'back' | 'forward' | 'seek' | 'run'
  readonly count: number
}

const MOVING = /\b(seek|step|run)\b/

/** @returns what a line of its own asks for, or null where it is another one, or is wrong: the machine says what is. */
export function travelOf(text: string): Travel | null {
  if (!MOVING.test(text)) return null
  const [line, ...more] = parse(text)
  if (line?.kind !== 'command' || more.length > 0 || line.stdin !== null || line.redirects.length > 0) return null
  const [name] = line.argv
  if (name !== 'step' && name !== 'seek' && name !== 'run') return null
  const parsed = parseArguments(line.argv, name === 'step' ? { back: false } : {})
  if (!parsed.ok || parsed.value.words.length > 1) return null
  const { words, options } = parsed.value
  switch (name) {
    case 'run': {
      const time = parseTime(words[0] ?? '')
      return time.ok ? { kind: 'run', count: time.value } : null
    }
    case 'seek': {
      const step = parseCount(words[0] ?? '', 0)
      return step.ok ? { kind: 'seek', count: step.value } : null
    }
    case 'step': {
      const count = parseCount(words[0] ?? '1', 1)
      return count.ok ? { kind: options.has('back') ? 'back' : 'forward', count: count.value } : null
    }
  }
}

/** @returns the lines one by one where some of them move in time; the whole text where none does. */
export function linesToType(text: string): string[] {
  if (!MOVING.test(text)) return [text]
  const lines = splitScript(text).filter((line) => parse(line).length > 0)
  return lines.some((line) => travelOf(line) !== null) ? lines : [text]
}

/** Whether a command does not wait for what is under way: a cut, a fault, a pulled disk. */
function interjects(line: ParsedLine): boolean {
  return line.kind === 'command' && (COMMANDS.specs.get(line.argv[0])?.interjects?.(line.argv) ?? false)
}

/** @returns the commands at the beginning of a text that do not wait, as a text, and what comes after them. */
export function splitInterjection(text: string): readonly [now: string, later: string] {
  const lines = parse(text)
  const count = lines.findIndex((line) => !interjects(line))
  if (count < 0) return [text, '']
  // The first place at which the text falls into so many commands and the others.
  for (let at = 0; count > 0 && at < text.length; at++) {
    if (text[at] !== ';' && text[at] !== '\n') continue
    const [now, later] = [text.slice(0, at), text.slice(at + 1)]
    if (textsOf(parse(now)) === textsOf(lines.slice(0, count)) && textsOf(parse(later)) === textsOf(lines.slice(count)))
      return [now, later]
  }
  return ['', text]
}

function textsOf(lines: readonly ParsedLine[]): string {
  return JSON.stringify(lines.map((line) => [line.text, line.kind === 'command' && line.stdin]))
}
