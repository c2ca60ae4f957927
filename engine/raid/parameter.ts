/**
 * The optional parameters of a raid table, as data: what they take, the types that allow them, what holds without them.
 * @source __arg_name_flags, parse_raid_params, drivers/md/dm-raid.c, 6.1
 */
import type { RaidType } from './raid_type.ts'

/** The families of types that parameters tell apart. */
export type RaidFamily = 'raid0' | 'raid1' | 'raid10' | 'raid4/5' | 'raid6'

export interface RaidParameter {
  readonly name: RaidParameterName
  /** What follows the name; a number is one of 32 bits, with a sign if it likes. */
  readonly takes: 'nothing' | 'number' | 'leg' | 'word' | 'device'
  readonly families: readonly RaidFamily[]
  /** In words: what it may be, and what holds where it is not given. */
  readonly range: string
  readonly without: string
  readonly summary: string
  /** May stand in a table more than once. */
  readonly repeats?: true
  /** Comes with reshaping: not here yet. */
  readonly later?: true
}

const REDUNDANT: readonly RaidFamily[] = ['raid1', 'raid10', 'raid4/5', 'raid6']
const PARITY: readonly RaidFamily[] = ['raid4/5', 'raid6']

/** In the order in which `table` prints them. */
export const RAID_PARAMETER_NAMES = [
  'sync',
  'nosync',
  'rebuild',
  'daemon_sleep',
  'min_recovery_rate',
  'max_recovery_rate',
  'write_mostly',
  'max_write_behind',
  'stripe_cache',
  'region_size',
  'raid10_copies',
  'raid10_format',
  'raid10_use_near_sets',
  'delta_disks',
  'data_offset',
  'journal_dev',
  'journal_mode',
] as const
export type RaidParameterName = (typeof RAID_PARAMETER_NAMES)[number]

export const RAID_PARAMETERS: readonly RaidParameter[] = [
  {
    name: 'sync',
    takes: 'nothing',
    families: REDUNDANT,
    range: 'not with nosync or rebuild',
    without: 'as the superblocks say',
    summary: 'meant to force a resync; 6.1 does not even look at the superblocks then',
  },
  {
    name: 'nosync',
    takes: 'nothing',
    families: ['raid1', 'raid10', 'raid4/5'],
    range: 'not with sync or rebuild',
    without: 'a new set is synced',
    summary: 'takes the set for synced',
  },
  {
    name: 'rebuild',
    takes: 'leg',
    families: REDUNDANT,
    range: 'the number of a leg, each once',
    without: 'no leg is built anew',
    summary: 'builds a leg anew from the others',
    repeats: true,
  },
  {
    name: 'daemon_sleep',
    takes: 'number',
    families: REDUNDANT,
    range: '0 or more; 6.1 counts it in ticks',
    without: '5 s',
    summary: 'time between two passes that clear bits of the bitmap',
  },
  {
    name: 'min_recovery_rate',
    takes: 'number',
    families: REDUNDANT,
    range: '0 or more kB/s a leg, not above max_recovery_rate',
    without: '1000 kB/s',
    summary: 'a sync goes at least so fast',
  },
  {
    name: 'max_recovery_rate',
    takes: 'number',
    families: REDUNDANT,
    range: '0 or more kB/s a leg; 0 is the default',
    without: '200000 kB/s',
    summary: 'a sync goes at most so fast',
  },
  {
    name: 'write_mostly',
    takes: 'leg',
    families: ['raid1'],
    range: 'the number of a leg, not of all of them',
    without: 'all legs are read',
    summary: 'a leg that is read only if no other can be',
    repeats: true,
  },
  {
    name: 'max_write_behind',
    takes: 'number',
    families: ['raid1'],
    range: '0 to 32767; md takes half of it',
    without: '0: none',
    summary: 'how many writes may be behind on write-mostly legs',
  },
  {
    name: 'stripe_cache',
    takes: 'number',
    families: PARITY,
    range: '17 to 32768 stripes, and half the chunk at least',
    without: '256',
    summary: 'stripes in memory',
  },
  {
    name: 'region_size',
    takes: 'number',
    families: REDUNDANT,
    range: 'a power of two of sectors, from a chunk to the length of the set',
    without: '8192 sectors, or as many as make 2097152 regions',
    summary: 'what one bit of the bitmap stands for',
  },
  {
    name: 'raid10_copies',
    takes: 'number',
    families: ['raid10'],
    range: '2 to the number of legs',
    without: '2',
    summary: 'copies of each chunk',
  },
  {
    name: 'raid10_format',
    takes: 'word',
    families: ['raid10'],
    range: 'near, far or offset',
    without: 'near',
    summary: 'where the copies lie',
  },
  {
    name: 'raid10_use_near_sets',
    takes: 'nothing',
    families: ['raid10'],
    range: 'not with near',
    without: 'copies stay within sets of legs',
    summary: 'far copies go over all legs',
  },
  {
    name: 'delta_disks',
    takes: 'number',
    families: ['raid1', 'raid10', 'raid4/5', 'raid6'],
    range: '1 to 251 legs more or less, for raid6 to 249',
    without: '0',
    summary: 'reshapes to more or fewer legs',
    later: true,
  },
  {
    name: 'data_offset',
    takes: 'number',
    families: ['raid0', 'raid1', 'raid10', 'raid4/5', 'raid6'],
    range: '0, or 32 sectors or more in steps of 8',
    without: 'the data stays where it is',
    summary: 'room that a reshape works in',
    later: true,
  },
  {
    name: 'journal_dev',
    takes: 'device',
    families: PARITY,
    range: 'a device of 8192 sectors or more',
    without: 'no journal, but a bitmap',
    summary: 'writes go through a journal, which closes the write hole',
  },
  {
    name: 'journal_mode',
    takes: 'word',
    families: PARITY,
    range: 'writethrough or writeback, behind journal_dev',
    without: 'writethrough',
    summary: 'when a write through the journal is done',
  },
]

export function raidFamily({ level }: RaidType): RaidFamily {
  if (level === 5) return 'raid4/5'
  return level === 6 ? 'raid6' : `raid${level}`
}

/** The parameter of a name, in whatever case. */
export function raidParameterNamed(name: string): RaidParameter | undefined {
  const lower = name.toLowerCase()
  return RAID_PARAMETERS.find((parameter) => parameter.name === lower)
}
