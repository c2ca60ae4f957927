/**
 * What `dmsetup status` prints of a raid target: type, legs, how each is, how far it is, what runs.
 * @source raid_status, rs_get_progress, decipher_sync_action, __raid_dev_status, drivers/md/dm-raid.c, 6.1
 */
import { raidTypeOf } from './raid_type.ts'
import type { JournalMode } from './table_parameters.ts'
import type { RaidArray, RaidLeg } from './raid_array.ts'

type Action = 'frozen' | 'resync' | 'check' | 'repair' | 'recover' | 'idle'

/** @param resumed whether the set has been resumed once: before, nothing runs, whatever is wanted. */
export function raidStatusText(array: RaidArray, resumed: boolean, mode: JournalMode | null = null): string {
  const { plan, legs } = array
  const action = actionOf(array, resumed)
  // Before the first resume Linux counts in sectors of a leg, whatever the level.
  const total = resumed ? array.syncSectors : array.memberSectors
  const done = Math.min(progress(array, action), total)
  const health = legs.map((leg) => healthOf(array, leg, action, done >= total, resumed)).join('')
  const type = raidTypeOf(plan.level, plan.layout)?.name ?? 'unknown'
  const mismatches = array.lastAction === 'check' ? array.mismatches : 0
  return `${type} ${array.raidDisks} ${health} ${done}/${total} ${action} ${mismatches} 0 ${journalOf(array, mode)}`
}

/** As the table has it, whatever has become of the mode. @source __raid_dev_status */
function journalOf({ journal }: RaidArray, mode: JournalMode | null): string {
  if (journal === null) return '-'
  if (journal.faulty) return 'D'
  return mode === 'writeback' ? 'a' : 'A'
}

/** What runs, or would at once. */
export function actionOf(array: RaidArray, resumed: boolean): Action {
  if (array.frozen) return 'frozen'
  if (array.sync !== null) return array.sync.action
  return resumed && array.requested !== null ? array.requested : 'idle'
}

/** Frozen by a message, nobody knows how far it was; suspended in the middle, it is remembered. A raid0 has nothing to sync. */
function progress(array: RaidArray, action: Action): number {
  if (action === 'idle' || array.plan.level === 0) return array.resyncOffset
  return array.sync?.completed ?? array.heldAt ?? 0
}

function healthOf(array: RaidArray, leg: RaidLeg | null, action: Action, complete: boolean, resumed: boolean): string {
  if (leg === null) return '-'
  if (leg.faulty) return 'D'
  if (action === 'check' || action === 'repair') return 'A'
  // What waits for the first resume may have to be synced yet.
  const resyncing =
    (action === 'frozen' && array.heldAt !== null) ||
    action === 'resync' ||
    (action === 'idle' && !complete && !resumed)
  return resyncing || !leg.inSync ? 'a' : 'A'
}
