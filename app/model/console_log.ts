/** What the console shows, line by line, oldest first. */
import type { Family } from './command_family.ts'

export type ConsoleKind = 'command' | 'output' | 'error' | 'note'

export interface ConsoleLine {
  readonly key: number
  readonly kind: ConsoleKind
  /** Of a command: Linux's and the lab's look different. */
  readonly family?: Family
  readonly text: string
  /** The command it belongs to, counted from the beginning of the recording. */
  readonly entry?: number
  /** Of a command that has not ended yet. */
  readonly isUnderWay?: boolean
}

/** How many lines are kept, all of them in the page. */
export const CONSOLE_LINES = 400

/** The lines with another text (of one line or several) behind them. */
export function withText(
  lines: readonly ConsoleLine[],
  kind: ConsoleKind,
  text: string,
  family?: Family,
): readonly ConsoleLine[] {
  if (text === '') return lines
  let key = (lines.at(-1)?.key ?? 0) + 1
  const added = text
    .replace(/\n$/, '')
    .split('\n')
    .map((part) => ({ key: key++, kind, text: part, ...(family && { family }) }))
  return [...lines, ...added].slice(-CONSOLE_LINES)
}
