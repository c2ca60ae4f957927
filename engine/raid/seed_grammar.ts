/**
 * The table line as the first description of dm-raid (2011) had it: behind the chunk size one number for each leg of parity, the leg to
 * be built anew or -1 for none; then words, those with a value as `name=value`. It is turned into today's words.
 * @differs Linux 6.1 takes it as a table with unknown parameters
 */
import { fail, ok, type Result } from '../base/errno.ts'
import { raidTypeNamed } from './raid_type.ts'

/** Names that the description announces as not there yet, and what they are called now. */
const LATER_NAMES: Readonly<Record<string, string>> = {
  write_back: 'max_write_behind',
  daemon_sleep: 'daemon_sleep',
  stripecache: 'stripe_cache',
  minspeed: 'min_recovery_rate',
  maxspeed: 'max_recovery_rate',
}

/**
 * Turns the arguments of the older grammar into those of today; today's own stay as they are.
 * @errors EINVAL where the numbers to be rebuilt are missing, or a name is none
 */
export function fromSeedGrammar(args: readonly string[]): Result<readonly string[]> {
  const type = raidTypeNamed(args[0] ?? '')
  const count = /^\d+$/.test(args[1] ?? '') ? Number(args[1]) : 0
  if (type === undefined || count < 1 || args.length < 2 + count) return ok(args)
  const [chunk, ...words] = args.slice(2, 2 + count)
  const isPositional = /^-?\d+$/.test(words[0] ?? '')
  const positional = isPositional ? words.splice(0, type.parityLegs) : []
  if (isPositional && (positional.length < type.parityLegs || !positional.every((word) => /^-?\d+$/.test(word)))) {
    return fail(
      'EINVAL',
      `${type.name} wants ${type.parityLegs} numbers of legs to be rebuilt behind the chunk; -1: none`,
    )
  }
  const today = [chunk, ...positional.filter((word) => word !== '-1').flatMap((word) => ['rebuild', word])]
  for (const word of words) {
    const pair = /^(\w+)=(.*)$/.exec(word)
    if (pair === null) {
      today.push(word)
      continue
    }
    const [, name, value] = pair
    const known = name === 'rebuild' ? name : LATER_NAMES[name]
    if (known === undefined) {
      return fail(
        'EINVAL',
        `${name}= is no word of the older grammar; it has rebuild=, ${Object.keys(LATER_NAMES).join('=, ')}=`,
      )
    }
    today.push(known, value)
  }
  return ok([args[0], String(today.length), ...today, ...args.slice(2 + count)])
}
