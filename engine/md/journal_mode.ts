/**
 * Changing the mode of a journal while the array runs: everything comes to rest first, as if the array were suspended.
 * @source r5c_journal_mode_set, drivers/md/raid5-cache.c, 6.1
 */
import { fail, ok, type Result } from '../base/errno.ts'
import { Procedure } from '../sim/procedure.ts'
import { MICROSECOND } from '../sim/sim.ts'
import type { JournaledRaid5 } from './journaled_raid5.ts'

/** @returns a procedure to wait for. @errors ENODEV without a journal; EINVAL for write-back while members are missing */
export function setJournalMode(raid5: JournaledRaid5, writeBack: boolean): Result<Procedure | null> {
  if (raid5.log === null) return fail('ENODEV', 'there is no journal')
  if (writeBack && raid5.array.degraded > 0) return fail('EINVAL', 'a degraded array has no write-back journal')
  return ok(new SetJournalMode(raid5, writeBack))
}

class SetJournalMode extends Procedure {
  readonly raid5: JournaledRaid5
  readonly writeBack: boolean

  constructor(raid5: JournaledRaid5, writeBack: boolean) {
    super(raid5.array.sim, 'come to rest')
    this.raid5 = raid5
    this.writeBack = writeBack
  }

  override steps() {
    return STEPS
  }
}

const STEPS = {
  'come to rest': (set: SetJournalMode): string => {
    const { raid5 } = set
    const { array, log } = raid5
    if (log === null) return ''
    if (!set.writeBack) log.cache.leaving = log.writeBack
    if (array.writesPending > 0 || !raid5.comeToRest()) {
      set.sleep(100 * MICROSECOND)
      return 'come to rest'
    }
    log.cache.leaving = false
    log.cache.writeBack = set.writeBack
    array.wakeThread()
    return ''
  },
}
