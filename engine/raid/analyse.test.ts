import { describe, expect, test } from 'vitest'
import { failedFields, type DmRaidSuperblock } from '../format/dm_raid_superblock.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import { analyseSet, type LegReading, type SetPlan } from './analyse.ts'
import { parseRaidTable, type RaidTable } from './table_line.ts'
import type { Translation } from './translation.ts'

const ABC = '3 /dev/ma /dev/a /dev/mb /dev/b /dev/mc /dev/c'

function table(line: string, translation: Translation = 'linux-6.1'): RaidTable {
  const parsed = parseRaidTable(4096, line.split(' '), translation)
  if (!parsed.ok) throw new Error(parsed.message)
  return parsed.value
}

function superblock(leg: number, changes: Partial<DmRaidSuperblock> = {}): DmRaidSuperblock {
  return {
    magic: 0x64526d44,
    compat_features: 1,
    num_devices: 3,
    array_position: leg,
    events: 20,
    ...failedFields([]),
    disk_recovery_offset: MAX_SECTOR,
    array_resync_offset: MAX_SECTOR,
    level: 5,
    layout: 2,
    stripe_sectors: 16,
    flags: 0,
    reshape_position: MAX_SECTOR,
    new_level: 5,
    new_layout: 2,
    new_stripe_sectors: 16,
    delta_disks: 0,
    array_sectors: 4096,
    data_offset: 0,
    new_data_offset: 0,
    sectors: 2048,
    incompat_features: 0,
    ...changes,
  }
}

type Found = DmRaidSuperblock | null | 'no metadata' | 'unreadable' | 'missing'

function reading(leg: number, found: Found): LegReading[] {
  if (found === 'missing') return []
  const superblock = typeof found === 'string' ? null : found
  return [{ leg, hasMetadata: found !== 'no metadata', unreadable: found === 'unreadable', superblock }]
}

const readings = (found: readonly Found[]): LegReading[] => found.flatMap((one, leg) => reading(leg, one))

function plan(line: string, found: readonly Found[], translation?: Translation): SetPlan {
  const result = analyseSet(table(line, translation), readings(found))
  if (!result.ok) throw new Error(result.message)
  return result.value
}

function refusal(line: string, found: readonly Found[]): string {
  const result = analyseSet(table(line), readings(found))
  return result.ok ? 'taken' : result.message
}

const LS = `raid5_ls 1 16 ${ABC}`
const OLD = [superblock(0), superblock(1), superblock(2)]

describe('a set', () => {
  test('of new legs begins at 0, with a new bitmap', () => {
    const made = plan(LS, [null, null, null])
    expect(made).toMatchObject({ isNew: true, events: 1, resyncOffset: 0, hasBitmap: true, writesSuperblocks: true })
    expect(made.legs.every(({ inSync, recoveryOffset }) => inSync && recoveryOffset === MAX_SECTOR)).toBe(true)
    expect(plan(`raid5_ls 2 16 nosync ${ABC}`, [null, null, null]).resyncOffset).toBe(MAX_SECTOR)
  })

  test('that exists goes on as the freshest superblock says; a leg with an older one is trusted', () => {
    const stale = superblock(1, { events: 3, array_resync_offset: 0 })
    const made = plan(LS, [superblock(0, { events: 19 }), stale, superblock(2, { array_resync_offset: 640 })])
    expect(made).toMatchObject({ isNew: false, events: 20, resyncOffset: 640, writesSuperblocks: false })
    expect(made.legs[1]).toMatchObject({ inSync: true, returns: false })
  })

  test('calls back the legs that the freshest superblock, and no other, calls failed', () => {
    const fresh = superblock(0, { ...failedFields([1]), events: 30 })
    const made = plan(LS, [fresh, superblock(1), superblock(2, failedFields([0]))])
    expect(made.legs.map(({ returns }) => returns)).toEqual([false, true, false])
    expect(made.legs[1]).toMatchObject({ inSync: false, recoveryOffset: 0 })
  })

  test('goes on with a rebuild from where it was, and begins one anew', () => {
    const half = superblock(1, { disk_recovery_offset: 512 })
    expect(plan(LS, [OLD[0], half, OLD[2]]).legs[1]).toMatchObject({ inSync: false, recoveryOffset: 512, isNew: false })
    const rebuild = plan(`raid5_ls 3 16 rebuild 1 ${ABC}`, OLD)
    expect(rebuild.legs[1]).toMatchObject({ inSync: false, recoveryOffset: 0, isNew: true })
    expect(rebuild).toMatchObject({ writesSuperblocks: true, resyncOffset: MAX_SECTOR, events: 20 })
  })

  test('runs with the stored layout and chunk, whatever the table says', () => {
    expect(plan(`raid5_ra 1 32 ${ABC}`, OLD)).toMatchObject({ layout: 2, chunkSectors: 16 })
  })

  test('without metadata is synced, by Linux; by the first description it is not', () => {
    const bare = 'raid5_ls 1 16 3 - /dev/a - /dev/b - /dev/c'
    const none: Found[] = ['no metadata', 'no metadata', 'no metadata']
    expect(plan(bare, none)).toMatchObject({ resyncOffset: MAX_SECTOR, hasBitmap: false, events: 0 })
    expect(plan(bare, none, 'seed')).toMatchObject({ resyncOffset: 0, hasBitmap: false })
  })

  test('named with sync is not looked at by Linux, and synced by the first description', () => {
    const line = `raid5_ls 2 16 sync ${ABC}`
    expect(plan(line, OLD)).toMatchObject({ resyncOffset: MAX_SECTOR, hasBitmap: false, events: 0 })
    expect(plan(line, OLD, 'seed')).toMatchObject({ resyncOffset: 0, syncsAll: true, hasBitmap: true, events: 20 })
  })

  test('does without a leg whose metadata cannot be read', () => {
    const made = plan(LS, [OLD[0], 'unreadable', OLD[2]])
    expect(made.legs[1]).toMatchObject({ faulty: true, inSync: false })
  })
})

test.each<[string, string, readonly Found[]]>([
  ['is new in a set that exists', LS, [OLD[0], null, OLD[2]]],
  ['say rebuild', LS, [null, 'missing', null]],
  ['besides those to be built', `raid5_ls 3 16 rebuild 0 ${ABC}`, [null, null, OLD[2]]],
  ['2 of 3 legs are missing', LS, ['missing', 'missing', OLD[2]]],
  ['one leg at least', LS, ['missing', 'missing', 'missing']],
  ['is leg 2 of its set', LS, [OLD[0], OLD[2], OLD[1]]],
  ['takeover comes later', `raid6_zr 1 16 4 /dev/ma /dev/a /dev/mb /dev/b /dev/mc /dev/c /dev/md /dev/d`, OLD],
  ['3 legs, not 2', 'raid5_ls 1 16 2 /dev/ma /dev/a /dev/mb /dev/b', OLD.slice(0, 2)],
  ['middle of a reshape', LS, [superblock(0, { flags: 1 }), OLD[1], OLD[2]]],
  ['incompatible features', LS, [OLD[0], superblock(1, { incompat_features: 4 }), OLD[2]]],
  ['compatible features', LS, [superblock(0, { compat_features: 2 }), OLD[1], OLD[2]]],
  ['growing comes later', LS, [superblock(0, { sectors: 1024 }), OLD[1], OLD[2]]],
])('%s: %s is refused', (sentence, line, found) => {
  expect(refusal(line, found)).toContain(sentence)
})
