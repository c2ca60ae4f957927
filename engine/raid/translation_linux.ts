/**
 * What Linux 6.1 makes of the same words. Everything begins as in sync; superblocks, where they are read, have the last word on a set that
 * exists, and a new set with metadata begins at 0 unless the table says nosync.
 * @source raid_set_alloc, parse_raid_params, rs_setup_recovery, drivers/md/dm-raid.c, 6.1
 */
import { MAX_SECTOR } from '../format/struct.ts'
import type { TranslationRow } from './translation.ts'

const EXCLUDED = 'rebuild excludes sync and nosync'
const PLAIN = 'the set is taken for synced; without metadata nobody will ever know better'
const SUPERBLOCKS = 'the set is taken for synced, and then the superblocks say how far it is; of a new set 0'
const REBUILD = 'the leg is built anew from the others, and the set counts as synced'
const SYNC = 'sync is meant to force a resync, but 6.1 only skips the superblocks: nothing is synced'
const NOSYNC = 'nosync: synced, whatever the superblocks say'

function rows(metadata: boolean): TranslationRow[] {
  const plain = { nosync: false, sync: false, rebuild: false }
  const kept = { metadata, recoveryCp: MAX_SECTOR, inSync: true, recoveryOffset: MAX_SECTOR, invalid: null }
  const built = { ...kept, rebuild: true, inSync: false, recoveryOffset: 0 }
  return [
    { ...plain, ...kept, why: metadata ? SUPERBLOCKS : PLAIN },
    { ...plain, ...built, why: REBUILD },
    { ...plain, ...kept, sync: true, why: SYNC },
    { ...plain, ...built, sync: true, invalid: EXCLUDED, why: EXCLUDED },
    { ...plain, ...kept, nosync: true, why: NOSYNC },
    { ...plain, ...built, nosync: true, invalid: EXCLUDED, why: EXCLUDED },
  ]
}

export const LINUX_ROWS: readonly TranslationRow[] = [...rows(false), ...rows(true)]
