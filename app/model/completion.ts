/** Completion of the word before the caret, as a shell does it: as far as all candidates agree; the rest is for the person to choose. */

export interface Completion {
  /** The line with what could be completed. */
  readonly line: string
  /** Where the caret goes. */
  readonly caret: number
  /** The words that fit, when more than one does. */
  readonly choices: readonly string[]
}

/**
 * @param commands what may stand first on a line, or after `;`
 * @param words what may stand elsewhere: devices, files, words of the lab language
 */
export function complete(
  line: string,
  caret: number,
  commands: readonly string[],
  words: readonly string[],
): Completion | undefined {
  const before = line.slice(0, caret)
  const start = Math.max(before.lastIndexOf(' '), before.lastIndexOf(';'), before.lastIndexOf('=')) + 1
  const stem = before.slice(start)
  const isFirst = /(^|;)\s*$/.test(before.slice(0, start))
  if (stem === '') return undefined
  const candidates = [...new Set(isFirst ? commands : words)].filter((word) => word.startsWith(stem)).sort()
  if (candidates.length === 0) return undefined
  const agreed = candidates.reduce(commonPrefix)
  const done = candidates.length === 1 && !agreed.endsWith('/') && line[caret] !== ' ' ? `${agreed} ` : agreed
  if (done === stem && candidates.length === 1) return undefined
  return {
    line: line.slice(0, start) + done + line.slice(caret),
    caret: start + done.length,
    choices: candidates.length > 1 ? candidates : [],
  }
}

function commonPrefix(a: string, b: string): string {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return a.slice(0, length)
}
