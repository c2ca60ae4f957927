/** Options as the C library reads them: `-n5`, `-n 5`, `-Cv`, `--bytes=5`, `--` ends them, words may stand between. */
import { fail, ok, type Result } from '../base/errno.ts'

export interface Options {
  /** In their order; the name is the short letter (or the long name where there is no letter), '' where there is no value. */
  readonly given: readonly { readonly name: string; readonly value: string }[]
  readonly words: readonly string[]
}

/**
 * @param short letters, each followed by `:` where it takes a value.
 * @param long names to letters, or to themselves with a `:` behind where they take a value and have no letter.
 * @errors EINVAL for what is not an option.
 */
export function getopt(
  argv: readonly string[],
  short: string,
  long: Readonly<Record<string, string>> = {},
): Result<Options> {
  const given: { name: string; value: string }[] = []
  const words: string[] = []
  for (let i = 1; i < argv.length; i++) {
    const word = argv[i]
    if (word === '--') {
      words.push(...argv.slice(i + 1))
      break
    }
    if (word.startsWith('--')) {
      const [name, ...rest] = word.slice(2).split('=')
      const matches = Object.keys(long).filter((candidate) => candidate.startsWith(name))
      const found = Object.hasOwn(long, name) ? name : matches.length === 1 ? matches[0] : undefined
      if (found === undefined) return fail('EINVAL', `unrecognized option '${word}'${available(short, long)}`)
      const letter = long[found].replace(':', '')
      const takesValue = long[found].endsWith(':') || (letter.length === 1 && short.includes(letter + ':'))
      if (!takesValue && rest.length > 0) return fail('EINVAL', `option '--${found}' takes no value`)
      const value = takesValue && rest.length === 0 ? argv[++i] : rest.join('=')
      if (value === undefined) return fail('EINVAL', `option '--${found}' wants a value`)
      given.push({ name: letter, value })
    } else if (word.startsWith('-') && word.length > 1) {
      for (let at = 1; at < word.length; at++) {
        const letter = word[at]
        const known = letter === ':' ? -1 : short.indexOf(letter)
        if (known < 0) return fail('EINVAL', `invalid option -- '${letter}'${available(short, long)}`)
        if (short[known + 1] !== ':') {
          given.push({ name: letter, value: '' })
          continue
        }
        const value = at + 1 < word.length ? word.slice(at + 1) : argv[++i]
        if (value === undefined) return fail('EINVAL', `option -${letter} wants a value`)
        given.push({ name: letter, value })
        break
      }
    } else words.push(word)
  }
  return ok({ given, words })
}

function available(short: string, long: Readonly<Record<string, string>>): string {
  const names = [...short.replaceAll(':', '')].map((letter) => `-${letter}`)
  for (const name of Object.keys(long)) names.push(`--${name}`)
  return names.length === 0 ? '; there are no options' : `; here there are ${names.join(' ')}`
}
