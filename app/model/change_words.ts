/** What is another on the right: the words in which two commands differ. */

export interface ChangeWords {
  readonly left: string
  readonly right: string
}

/** Of a command that changed only here and there the words that did; else both whole. */
export function changeWords(from: string, to: string): ChangeWords {
  const [mine, others] = [wordsOf(from), wordsOf(to)]
  const isAlike = mine[0] === others[0] && !to.includes('\n')
  const only = (words: readonly string[], than: readonly string[]): string =>
    words.filter((word) => !than.includes(word)).join(' ')
  if (!isAlike) return { left: headOf(from), right: to.split('\n').join('; ') }
  const [left, right] = [only(mine, others), only(others, mine)]
  return { left: left === '' ? `without ${right}` : left, right: right === '' ? `without ${left}` : right }
}

function wordsOf(command: string): readonly string[] {
  return headOf(command).split(/\s+/)
}

function headOf(command: string): string {
  return command.split('\n', 1)[0]
}
