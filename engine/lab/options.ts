/** The arguments of lab commands: words in their order, and options by name. */
import { fail, ok, type Result } from '../base/errno.ts'

export interface Arguments {
  /** What is not an option, without the command's own name. */
  readonly words: readonly string[]
  /** Values of options, by name without the dashes; '' for those that take none. */
  readonly options: ReadonlyMap<string, string>
}

/**
 * Sorts a command's arguments.
 * @param known options by name (without the dashes); true for those that take a value.
 * @errors EINVAL for an option that is not known, lacks its value, has one it does not take, or is given twice.
 */
export function parseArguments(argv: readonly string[], known: Readonly<Record<string, boolean>>): Result<Arguments> {
  const words: string[] = []
  const options = new Map<string, string>()
  for (let i = 1; i < argv.length; i++) {
    const word = argv[i]
    if (!word.startsWith('--')) {
      words.push(word)
      continue
    }
    const equals = word.indexOf('=')
    const name = equals < 0 ? word.slice(2) : word.slice(2, equals)
    if (!Object.hasOwn(known, name)) return fail('EINVAL', `no option --${name}${there(Object.keys(known))}`)
    if (options.has(name)) return fail('EINVAL', `--${name} is given twice`)
    if (!known[name]) {
      if (equals >= 0) return fail('EINVAL', `--${name} takes no value`)
      options.set(name, '')
      continue
    }
    const value = equals < 0 ? argv[++i] : word.slice(equals + 1)
    if (value === undefined || value === '') return fail('EINVAL', `--${name} wants a value`)
    options.set(name, value)
  }
  return ok({ words, options })
}

function there(names: readonly string[]): string {
  return names.length === 0 ? '' : `; there are ${names.map((name) => `--${name}`).join(', ')}`
}

/** One of a few words. @errors EINVAL, naming them all. */
export function parseChoice<T extends string>(text: string, what: string, choices: readonly T[]): Result<T> {
  const choice = choices.find((candidate) => candidate === text)
  if (choice !== undefined) return ok(choice)
  return fail('EINVAL', `no ${what} '${text}'; there are ${choices.join(', ')}`)
}
