/** The line that puts a machine beside the machine, from what a form says. */
import type { PlacedCommand } from '../../engine/api/twin_frame.ts'

/** Options of the line that made an array, as the form has them. */
export interface ArrayOptions {
  readonly bitmap: string
  /** KiB. */
  readonly chunk: string
  readonly layout: string
}

const ALIASES: readonly (readonly [keyof ArrayOptions, RegExp, string])[] = [
  ['bitmap', /(?:^|\s)(?:--bitmap[= ]|-b ?)(\S+)/, 'none'],
  ['chunk', /(?:^|\s)(?:--chunk[= ]|-c ?)(\d+)K?(?=\s|$)/, '512'],
  ['layout', /(?:^|\s)(?:--layout[= ]|-p ?)(\S+)/, 'left-symmetric'],
]

/** What the options of a command are, or what they are where it does not say. */
export function arrayOptions(command: string): ArrayOptions {
  const [bitmap, chunk, layout] = ALIASES.map(([, pattern, usual]) => pattern.exec(command)?.[1] ?? usual)
  return { bitmap, chunk, layout }
}

/** The line for options that differ; undefined where none does. */
export function optionsLine(before: ArrayOptions, after: ArrayOptions): string | undefined {
  const words = ALIASES.flatMap(([name]) => (before[name] === after[name] ? [] : [`--${name}=${after[name]}`]))
  return words.length === 0 ? undefined : `compare ${words.join(' ')}`
}

/** The line for another command; undefined where it is the same, or none. */
export function commandLine({ line, text }: PlacedCommand, typed: string): string | undefined {
  const command = typed.trim()
  return command === '' || command === text.trim() ? undefined : `compare --line ${line + 1} ${command}`
}

/** The command that made an array; undefined where there is none, or more than one. */
export function createCommand(commands: readonly PlacedCommand[]): PlacedCommand | undefined {
  const made = commands.filter(({ text }) => /^\s*mdadm\s[^\n]*(--create|-C)\b/.test(text))
  return made.length === 1 ? made[0] : undefined
}
