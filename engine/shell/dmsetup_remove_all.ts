/** `dmsetup remove_all`. @source _remove_all, dmsetup.c, 1.02.185; dm_hash_remove_all, drivers/md/dm-ioctl.c, 6.1 */
import { RemoveOperation } from '../dm/remove.ts'
import { DONE } from '../sim/procedure.ts'
import type { DmsetupRun } from './dmsetup.ts'
import { WipeOperation } from './dmsetup_wipe.ts'

/** Removes whatever nobody uses, until nothing more can be removed. With --force, wipes what remains, and tries again. */
export function removeAll(run: DmsetupRun): string {
  const free = run.dm.all().find((device) => device.openers === 0)
  if (free !== undefined) {
    run.call(new RemoveOperation(free, false))
    return 'removeAll'
  }
  const left = run.dm.all()
  if (!run.has('force') || left.length === 0) return DONE
  if (!run.wiped) return 'wipeAll'
  run.stderr += `dmsetup: still in use: ${left.map((device) => device.mapName).join(', ')}\n`
  return DONE
}

export function wipeAll(run: DmsetupRun): string {
  run.wiped = true
  for (const device of run.dm.all()) run.call(new WipeOperation(device, run.has('readonly')))
  return 'removeAll'
}
