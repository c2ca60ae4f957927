/**
 * What a set is to be, from its table and what its legs' superblocks say: which superblock is the freshest, which legs are new, which are
 * in sync, where a resync or a rebuild goes on, and whether all this may start at all. Pure: nothing is read or written here.
 * @source analyse_superblocks, super_load, super_init_validation, super_validate, raid_ctr, drivers/md/dm-raid.c, 6.1
 */
import { fail, ok, type Failure, type Result } from '../base/errno.ts'
import {
  DM_RAID_RESHAPING,
  dmRaidFeatureRefusal,
  failedLegs,
  type DmRaidSuperblock,
} from '../format/dm_raid_superblock.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import { raid10CopiesOf, raid10FormatOf } from './raid_type.ts'
import { checkRedundancy } from './redundancy.ts'
import { wordsOfLeg, type RaidTable } from './table_line.ts'
import { translate } from './translation.ts'

/** What was found on a leg. */
export interface LegReading {
  /** The number of the leg. */
  readonly leg: number
  readonly hasMetadata: boolean
  /** Its metadata device could not be read. */
  readonly unreadable: boolean
  /** Null where there is none. */
  readonly superblock: DmRaidSuperblock | null
}

/** Who says how a leg stands: the table, its own superblock, the freshest one that calls it failed; or nobody, as it cannot be read. */
export type LegReason = 'table' | 'new' | 'superblock' | 'returns' | 'unreadable'

/** Who says where a resync begins. */
export type ResyncReason = 'table' | 'new' | 'nosync' | 'sync' | 'rebuild' | 'resized' | 'superblock'

/** What becomes of a leg. In Linux: the flags of md_rdev. */
export interface LegPlan {
  readonly leg: number
  /** It begins without a superblock of its own. */
  readonly isNew: boolean
  readonly faulty: boolean
  readonly inSync: boolean
  readonly recoveryOffset: number
  /** It was away, and the bitmap says what it missed. */
  readonly returns: boolean
  readonly reason: LegReason
  /** Its superblock is so many events older than the freshest. */
  readonly eventsBehind: number
}

/** What becomes of the set. */
export interface SetPlan {
  readonly level: number
  readonly layout: number
  readonly chunkSectors: number
  readonly events: number
  readonly resyncOffset: number
  readonly resyncReason: ResyncReason
  /** All legs are new: so is the bitmap. */
  readonly isNew: boolean
  /** Everything is synced, whatever the bitmap says: only by the rule that understands `sync`. */
  readonly syncsAll: boolean
  /** The first resume writes the superblocks. */
  readonly writesSuperblocks: boolean
  /** There is metadata, and the set was looked at: it has a bitmap. */
  readonly hasBitmap: boolean
  readonly legs: readonly LegPlan[]
}

/** A leg while it is judged. */
export interface Leg {
  readonly reading: LegReading
  readonly rebuild: boolean
  readonly isNew: boolean
  returns: boolean
  inSync: boolean
  recoveryOffset: number
}

/**
 * @param readings of every leg that has a data device, in the order of the table
 * @errors EINVAL
 */
export function analyseSet(table: RaidTable, readings: readonly LegReading[]): Result<SetPlan> {
  const legs = readings.map((reading) => beginLeg(table, reading))
  const freshest = findFreshest(table, legs)
  if (legs.length === 0) return fail('EINVAL', 'a set wants one leg at least that is there')
  // Of a raid0 no superblock is ever looked at.
  if (freshest === null || table.type.level === 0) return withoutSuperblocks(table, legs)
  const superblock = freshest.isNew ? null : freshest.reading.superblock
  const wrong =
    refuseChange(table, superblock) ??
    countNew(table, legs) ??
    checkPlaces(table, legs, superblock) ??
    validate(freshest) ??
    checkRedundancy(table, legs, freshest, superblock?.layout ?? table.layout)
  if (wrong !== null) return wrong
  for (const leg of legs) {
    const refused = leg === freshest ? null : validate(leg)
    if (refused !== null) return refused
  }
  const isNew = legs.filter((leg) => leg.isNew).length === table.legs.length
  return isNew ? newSet(table, legs) : existingSet(table, legs, superblock)
}

function beginLeg(table: RaidTable, reading: LegReading): Leg {
  const rebuild = table.values.rebuild.includes(reading.leg)
  const readable = reading.hasMetadata && !reading.unreadable && !isSync(table)
  return {
    reading,
    rebuild,
    isNew: readable && (reading.superblock === null || rebuild),
    returns: false,
    inSync: !rebuild,
    recoveryOffset: rebuild ? 0 : MAX_SECTOR,
  }
}

/** 6.1 does not look at any superblock then. */
function isSync(table: RaidTable): boolean {
  return table.values.given.includes('sync') && table.translation === 'linux-6.1'
}

/** The highest event count; of equals the earlier leg; a new leg only as long as there is no other. @source super_load */
function findFreshest(table: RaidTable, legs: readonly Leg[]): Leg | null {
  let freshest: Leg | null = null
  if (isSync(table)) return null
  for (const leg of legs) {
    if (!leg.reading.hasMetadata || leg.reading.unreadable) continue
    if (freshest === null || (!leg.isNew && eventsOf(leg) > eventsOf(freshest))) freshest = leg
  }
  return freshest
}

function eventsOf(leg: Leg): number {
  return leg.isNew ? 0 : (leg.reading.superblock?.events ?? 0)
}

/** Reshaping and takeover come later: what would begin or go on with one is refused. */
function refuseChange(table: RaidTable, superblock: DmRaidSuperblock | null): Failure | null {
  if (superblock === null) return null
  const { level, num_devices, flags, compat_features } = superblock
  if (compat_features === 1 && (flags & DM_RAID_RESHAPING) !== 0) {
    return fail('EINVAL', 'the set is in the middle of a reshape; reshaping comes later here')
  }
  if (level !== table.type.level) {
    return fail('EINVAL', `the legs hold a set of level ${level}, not ${table.type.name}; takeover comes later here`)
  }
  // A mirror takes whatever number of legs it is given.
  if (num_devices !== table.legs.length && level !== 1) {
    return fail('EINVAL', `the set has ${num_devices} legs, not ${table.legs.length}; reshaping comes later here`)
  }
  if (compat_features === 0 && differs(table, superblock)) {
    return fail('EINVAL', 'superblocks of the old format cannot be reshaped, and layout or chunk differ from the table')
  }
  return null
}

function differs(table: RaidTable, superblock: DmRaidSuperblock): boolean {
  return superblock.layout !== table.layout || superblock.stripe_sectors !== table.chunkSectors
}

/** New legs must be all, none, or those that the table has built anew. @source super_init_validation */
function countNew(table: RaidTable, legs: readonly Leg[]): Failure | null {
  const news = legs.filter((leg) => leg.isNew).length
  const rebuilds = legs.filter((leg) => leg.rebuild).length
  const both = legs.filter((leg) => leg.rebuild && leg.isNew).length
  if (news === table.legs.length) return null
  const names = legs.filter((leg) => leg.isNew && !leg.rebuild).map((leg) => leg.reading.leg)
  if (rebuilds === 0 && news > 0) {
    return fail(
      'EINVAL',
      `leg ${names.join(', ')} is new in a set that exists, or the set is new and lacks legs: say rebuild`,
    )
  }
  if (rebuilds > 0 && news > 0 && news !== rebuilds) {
    return fail('EINVAL', `leg ${names.join(', ')} is new besides those to be built anew: say rebuild for each`)
  }
  if (both > 0 && both !== rebuilds) return fail('EINVAL', 'a new leg is not among those to be built anew')
  return null
}

/** Every leg stays in its place, but for those of a mirror, which are all alike; those that the freshest superblock calls failed come back. */
function checkPlaces(table: RaidTable, legs: readonly Leg[], superblock: DmRaidSuperblock | null): Failure | null {
  const failed = new Set(superblock === null ? [] : failedLegs(superblock))
  for (const leg of legs) {
    const own = leg.reading.superblock
    if (!leg.reading.hasMetadata || leg.reading.unreadable || leg.isNew || own === null) continue
    if (own.array_position !== leg.reading.leg && !mayMove(table, superblock)) {
      return fail('EINVAL', `what is given as leg ${leg.reading.leg} is leg ${own.array_position} of its set`)
    }
    leg.returns = failed.has(own.array_position)
  }
  return null
}

/** Legs of a mirror are all alike; those of a raid10 with near copies may be put elsewhere if they form whole groups. */
function mayMove(table: RaidTable, superblock: DmRaidSuperblock | null): boolean {
  if (table.type.level === 1) return true
  if (table.type.level !== 10 || superblock === null || raid10FormatOf(superblock.layout) !== 'near') return false
  const { num_devices, layout } = superblock
  return num_devices % raid10CopiesOf(layout) === 0 && table.legs.length % (table.values.raid10Copies ?? 2) === 0
}

/** @source super_validate, drivers/md/dm-raid.c, 6.1 */
function validate(leg: Leg): Failure | null {
  const { superblock, hasMetadata, unreadable } = leg.reading
  if (!hasMetadata || unreadable || leg.isNew || superblock === null) return null
  const refusal = dmRaidFeatureRefusal(superblock)
  if (refusal !== undefined) return fail('EINVAL', `leg ${leg.reading.leg}: ${refusal}`)
  leg.recoveryOffset = superblock.disk_recovery_offset
  leg.inSync = leg.recoveryOffset === MAX_SECTOR
  if (!leg.returns) return null
  leg.recoveryOffset = 0
  leg.inSync = false
  return null
}

/** No superblock was looked at: everything is as the table says, and in sync. */
function withoutSuperblocks(table: RaidTable, legs: readonly Leg[]): Result<SetPlan> {
  // 6.1 takes the number of the type for md's layout then, and md starts nothing like that.
  if (table.type.level === 10) {
    return fail(
      'EINVAL',
      `a ${table.type.name} is started by its superblocks only: it wants metadata devices, and no sync`,
    )
  }
  return ok({
    ...asTheTableSays(table),
    events: 0,
    resyncOffset: translate(table.translation, false, wordsOfLeg(table.values, -1)).recoveryCp,
    resyncReason: 'table',
    isNew: false,
    syncsAll: false,
    writesSuperblocks: table.values.rebuild.length > 0,
    hasBitmap: false,
    legs: legs.map((leg) => planLeg(leg)),
  })
}

function newSet(table: RaidTable, legs: readonly Leg[]): Result<SetPlan> {
  const nosync = table.values.given.includes('nosync')
  if (table.type.level === 6 && nosync) return fail('EINVAL', 'a new raid6 must be synced: leave out nosync')
  return ok({
    ...asTheTableSays(table),
    events: 1,
    resyncOffset: table.type.level === 0 || nosync ? MAX_SECTOR : 0,
    resyncReason: nosync ? 'nosync' : 'new',
    isNew: true,
    syncsAll: false,
    writesSuperblocks: true,
    hasBitmap: hasBitmap(table),
    legs: legs.map((leg) => planLeg(leg)),
  })
}

/** A set with a journal has none. */
function hasBitmap({ type, values }: RaidTable): boolean {
  return type.level !== 0 && values.journalDevice === null
}

/**
 * The stored layout and chunk hold, whatever the table says: without room for a reshape there is none.
 * @differs a raid10 or raid0 whose legs are not used to the end is taken by Linux for one that grows, and its sizes no longer fit its copies
 */
function existingSet(table: RaidTable, legs: readonly Leg[], superblock: DmRaidSuperblock | null): Result<SetPlan> {
  const rebuilds = table.values.rebuild.length > 0
  const stored = superblock ?? {
    layout: table.layout,
    stripe_sectors: table.chunkSectors,
    array_resync_offset: MAX_SECTOR,
  }
  const nosync = table.values.given.includes('nosync')
  const syncsAll = table.values.given.includes('sync')
  const resized = superblock !== null && superblock.num_devices !== table.legs.length
  const resyncReason = syncsAll ? 'sync' : nosync ? 'nosync' : rebuilds ? 'rebuild' : resized ? 'resized' : 'superblock'
  const resyncOffset = syncsAll ? 0 : resyncReason === 'superblock' ? stored.array_resync_offset : MAX_SECTOR
  const sized = legs.find(({ isNew, reading }) => !isNew && reading.superblock?.compat_features === 1)
  // A raid10 and a raid0 store what they use of a leg, which may lack some chunks of what the table gives it.
  const rows = table.type.level === 10 ? (table.values.raid10Copies ?? 2) : table.type.level === 0 ? 1 : 0
  const slack = Math.max(0, stored.stripe_sectors * rows - 1)
  const grows = sized !== undefined && table.legSectors > (sized.reading.superblock?.sectors ?? Infinity) + slack
  if (grows && !rebuilds) {
    return fail(
      'EINVAL',
      `the set has ${sized.reading.superblock?.sectors} sectors of each leg; growing comes later here`,
    )
  }
  return ok({
    level: table.type.level,
    layout: stored.layout,
    chunkSectors: stored.stripe_sectors,
    events: superblock?.events === undefined || superblock.events === 0 ? 1 : superblock.events,
    resyncOffset,
    resyncReason,
    isNew: false,
    syncsAll,
    writesSuperblocks: rebuilds || (superblock !== null && superblock.array_sectors > table.sectors),
    hasBitmap: hasBitmap(table),
    legs: legs.map((leg) => planLeg(leg, superblock?.events)),
  })
}

function asTheTableSays(table: RaidTable): Pick<SetPlan, 'level' | 'layout' | 'chunkSectors'> {
  return { level: table.type.level, layout: table.layout, chunkSectors: table.chunkSectors }
}

function planLeg(leg: Leg, freshest?: number): LegPlan {
  const { reading, isNew, inSync, recoveryOffset, returns } = leg
  return {
    leg: reading.leg,
    isNew,
    faulty: reading.unreadable,
    inSync: inSync && !reading.unreadable,
    recoveryOffset,
    returns,
    reason: reasonOf(leg, freshest !== undefined),
    eventsBehind: freshest === undefined || isNew || reading.superblock === null ? 0 : freshest - eventsOf(leg),
  }
}

function reasonOf({ reading, rebuild, isNew, returns }: Leg, isLookedAt: boolean): LegReason {
  if (reading.unreadable) return 'unreadable'
  if (isNew) return rebuild ? 'table' : 'new'
  if (returns) return 'returns'
  return isLookedAt && reading.superblock !== null ? 'superblock' : 'table'
}
