/**
 * The lines of the lab language that move in time. A bare machine has no past and refuses them; a session carries them out
 * itself, and they are no part of any recording.
 */
import { parse } from '../shell/parse.ts'
import { parseArguments } from './options.ts'
import { splitScript } from './script.ts'
import { parseCount } from './units.ts'

/** What a line asks for: so many steps back or forward, or a step. */
export interface Travel {
  readonly kind: 'back' | 'forward' | 'seek'
  readonly count: number
}

/** @returns what a line of its own asks for, or null where it is another one, or is wrong: the machine says what is. */
export function travelOf(text: string): Travel | null {
  const [line, ...more] = parse(text)
  if (line?.kind !== 'command' || more.length > 0 || line.stdin !== null || line.redirects.length > 0) return null
  const [name] = line.argv
  if (name !== 'step' && name !== 'seek') return null
  const parsed = parseArguments(line.argv, name === 'step' ? { back: false } : {})
  if (!parsed.ok || parsed.value.words.length > 1) return null
  const { words, options } = parsed.value
  if (name === 'seek') {
    const step = parseCount(words[0] ?? '', 0)
    return step.ok ? { kind: 'seek', count: step.value } : null
  }
  const count = parseCount(words[0] ?? '1', 1)
  return count.ok ? { kind: options.has('back') ? 'back' : 'forward', count: count.value } : null
}

/** @returns the lines one by one where some of them move in time; the whole text where none does. */
export function linesToType(text: string): string[] {
  if (!/\b(seek|step)\b/.test(text)) return [text]
  const lines = splitScript(text).filter((line) => parse(line).length > 0)
  return lines.some((line) => travelOf(line) !== null) ? lines : [text]
}
