/**
 * Messages to a raid target: what its sync thread shall do.
 * @source raid_message, drivers/md/dm-raid.c, 6.1
 */
import { fail, ok, type Result } from '../base/errno.ts'
import type { Answer, AnswerWaiter, PENDING as Pending } from '../dm/target.ts'
import { PENDING } from '../dm/target.ts'
import { MILLISECOND } from '../sim/sim.ts'
import { Procedure } from '../sim/procedure.ts'
import type { RaidArray } from './raid_array.ts'
import { actionOf } from './raid_status.ts'

const WORDS = 'frozen, idle, resync, recover, check, repair'

export function raidMessage(
  array: RaidArray,
  words: readonly string[],
  waiter: AnswerWaiter,
): Result<Answer> | typeof Pending {
  if (array.plan.level === 0) return fail('EINVAL', 'a raid0 has nothing to sync, and takes no messages')
  const word = words[0].toLowerCase()
  array.frozen = word === 'frozen'
  if (word === 'idle' || word === 'frozen') {
    array.requested = null
    if (array.sync !== null) {
      new InterruptSync(array, waiter).resume()
      return PENDING
    }
    // A set that is suspended cannot look: it only knows that it has to.
    if (array.suspended) array.heldAt ??= 0
    array.lookAgain()
    return ok(null)
  }
  const action = actionOf(array, true)
  if (action !== 'idle') return fail('EBUSY', `a ${action} is running; only idle and frozen are taken meanwhile`)
  switch (word) {
    case 'resync':
    case 'recover':
      break
    case 'check':
    case 'repair':
      array.requested = word
      break
    default:
      return fail('EINVAL', `a raid target understands ${WORDS}; not ${words[0]}`)
  }
  array.lookAgain()
  return ok(null)
}

/** The sender of `idle` or `frozen` waits until what ran has come to its end. */
class InterruptSync extends Procedure {
  readonly array: RaidArray
  readonly waiter: AnswerWaiter

  constructor(array: RaidArray, waiter: AnswerWaiter) {
    super(array.sim, 'interrupt')
    this.array = array
    this.waiter = waiter
  }

  override steps() {
    return STEPS
  }
}

const STEPS = {
  interrupt: (message: InterruptSync): string => {
    message.array.sync?.interrupt()
    return 'look'
  },

  look: (message: InterruptSync): string => {
    const { array, waiter } = message
    if (array.sync !== null) {
      message.sleep(MILLISECOND / 10)
      return 'look'
    }
    array.lookAgain()
    waiter.answered(ok(null))
    return ''
  },
}
