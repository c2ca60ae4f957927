/**
 * What Linux 6.1 does with a raid table that its words do not say: each a sentence, as long as it is true of the set. They are shown where
 * the set is shown.
 * @source drivers/md/dm-raid.c, 6.1
 */
import { MAX_SECTOR } from '../format/struct.ts'
import { JournaledRaid5 } from '../md/journaled_raid5.ts'
import { TICKS_PER_SECOND } from './new_bitmap.ts'
import type { RaidArray } from './raid_array.ts'
import { raidTypeOf } from './raid_type.ts'

export function surprisesOf(array: RaidArray): string[] {
  return SURPRISES.flatMap((surprise) => surprise(array) ?? [])
}

const SURPRISES: readonly ((array: RaidArray) => string | null)[] = [
  unheededBitmap,
  skippedSuperblocks,
  ticksForMilliseconds,
  resyncCalledRepair,
  trustedStaleLegs,
  storedShape,
  formatWithoutWord,
  parityFirst,
  shorterThanItsTable,
  uncheckedParity,
  forgottenWords,
  forgottenTail,
]

/** @source super_sync, md_bitmap_load: the recovery point stays at its end while writes are in flight */
function unheededBitmap({ plan, bitmap, sync, lastAction, mismatches }: RaidArray): string | null {
  if (bitmap === null || bitmap.ignored === 0 || plan.isNew || plan.resyncOffset !== MAX_SECTOR) return null
  const isChecked = sync === null && (lastAction === 'repair' || (lastAction === 'check' && mismatches === 0))
  if (isChecked) return null
  const bits = bitmap.ignored === 1 ? 'One bit of the bitmap was' : `${bitmap.ignored} bits of the bitmap were`
  return `${bits} set when it was read, and nothing is resynced: array_resync_offset says that the set is synced, also while writes are under way. What a crash left, only a check finds. (rules dm-raid.bitmap consulted does what one would expect.)`
}

function skippedSuperblocks({ line }: RaidArray): string | null {
  if (!line.values.given.includes('sync') || line.translation !== 'linux-6.1') return null
  return 'sync does not sync: Linux 6.1 only skips the superblocks then. There is no bitmap, nothing is resynced, and a new set made so cannot be activated again.'
}

function ticksForMilliseconds({ line, bitmap }: RaidArray): string | null {
  const asked = line.values.daemonSleep
  if (asked === null || asked === 0 || bitmap === null) return null
  const stored = bitmap.header.daemon_sleep
  const meant = `daemon_sleep ${asked} means milliseconds and is taken for ticks of ${1000 / TICKS_PER_SECOND} ms`
  if (stored === 0) return `${meant}: the bitmap’s header says 0 seconds, and such a set cannot be activated again.`
  return `${meant}: the bitmap’s header says ${stored} s.`
}

/** @source raid_preresume */
function resyncCalledRepair({ plan, sync, requested }: RaidArray): string | null {
  const { resyncOffset } = plan
  if (resyncOffset === 0 || resyncOffset >= MAX_SECTOR) return null
  if (sync?.action !== 'repair' && requested !== 'repair') return null
  return `The resync that was interrupted at sector ${resyncOffset} goes on as a repair: the legs are shown as A instead of a, and the bitmap does not shorten it.`
}

/** @source analyse_superblocks: events choose the freshest superblock, and disqualify none */
function trustedStaleLegs({ plan }: RaidArray): string | null {
  const stale = plan.legs.filter(({ eventsBehind, inSync }) => eventsBehind > 0 && inSync)
  if (stale.length === 0) return null
  const legs = stale.map(({ leg, eventsBehind }) => `leg ${leg} by ${eventsBehind}`).join(', ')
  return `Superblocks are older than the freshest, ${legs}, and are trusted: only failed_devices keeps a leg out, the event count never does.`
}

function storedShape({ plan, line }: RaidArray): string | null {
  if (plan.layout === line.layout && plan.chunkSectors === line.chunkSectors) return null
  const type = raidTypeOf(plan.level, plan.layout)?.name ?? 'another type'
  return `The superblocks say ${type} with chunks of ${plan.chunkSectors} sectors, and that is what runs, whatever the table says.`
}

/** @source parse_raid_params: the layout of a raid10 comes from raid10_format alone */
function formatWithoutWord({ line, plan }: RaidArray): string | null {
  const { name } = line.type
  if (plan.level !== 10 || line.values.raid10Format !== null || (name !== 'raid10_far' && name !== 'raid10_offset')) {
    return null
  }
  return `The type says ${name}, but the copies lie near: where they lie is said by raid10_format alone.`
}

function parityFirst({ line }: RaidArray): string | null {
  return line.type.name === 'raid4'
    ? 'A raid4 of dm-raid has its parity on the first leg, one of md on the last.'
    : null
}

function shorterThanItsTable({ sectors, line }: RaidArray): string | null {
  if (sectors >= line.sectors) return null
  return `The table says ${line.sectors} sectors, and the set has ${sectors}: what is no whole chunk of each leg is left over.`
}

function uncheckedParity({ plan }: RaidArray): string | null {
  if (!plan.isNew || plan.resyncReason !== 'nosync' || plan.level !== 5) return null
  return 'Nobody has made the parity: of a stripe that was never written as a whole it may be wrong, and writes that read the old parity keep it wrong.'
}

function forgottenWords({ line }: RaidArray): string | null {
  if (line.values.writeMostly.length === 0) return null
  return 'write_mostly is in no superblock: a table without the word reads from these legs again.'
}

/** @source super_sync has no field for it; r5l_load_log begins at sector 0 then */
function forgottenTail({ journal, personality }: RaidArray): string | null {
  if (journal === null || !(personality instanceof JournaledRaid5)) return null
  const log = personality.log
  if (log === null || log.begins === 0) return null
  return `Nothing says where the log begins: each activation writes what the first one had logged to the legs once more, over whatever came later, and what is logged now, from sector ${log.begins} on, will not be found. Give a set that is activated again an empty journal.`
}
