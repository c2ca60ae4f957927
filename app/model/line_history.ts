/** The lines that were typed, and which of them stands in the text field: up goes back, down comes forward to the draft. */
export interface LineHistory {
  readonly lines: readonly string[]
  /** Index of the line shown; `lines.length` is the draft. */
  readonly at: number
  readonly draft: string
}

const KEPT_LINES = 500

export const EMPTY_HISTORY: LineHistory = { lines: [], at: 0, draft: '' }

/** A line was typed; one that repeats the last is not kept twice. */
export function remember(history: LineHistory, line: string): LineHistory {
  const isNew = line.trim() !== '' && line !== history.lines.at(-1)
  const lines = isNew ? [...history.lines, line].slice(-KEPT_LINES) : history.lines
  return { lines, at: lines.length, draft: '' }
}

/**
 * Goes one line back (-1) or forward (+1).
 * @param shown what stands in the field now; kept as the draft when leaving it
 * @returns the history and what to show, or undefined where there is nothing further
 */
export function recall(history: LineHistory, by: -1 | 1, shown: string): [LineHistory, string] | undefined {
  const at = history.at + by
  if (at < 0 || at > history.lines.length) return undefined
  const draft = history.at === history.lines.length ? shown : history.draft
  return [{ ...history, at, draft }, at === history.lines.length ? draft : history.lines[at]]
}
