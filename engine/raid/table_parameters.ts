/**
 * The optional parameters of a raid table line, read and checked one by one, then together.
 * @source parse_raid_params, rs_check_for_valid_flags, drivers/md/dm-raid.c, 6.1
 */
import { fail, ok, type Failure, type Result } from '../base/errno.ts'
import { readInt } from '../dm/arguments.ts'
import { DM_RAID_LEGS_MAX } from '../format/dm_raid_superblock.ts'
import {
  raidFamily,
  raidParameterNamed,
  RAID_PARAMETERS,
  type RaidParameter,
  type RaidParameterName,
} from './parameter.ts'
import { RAID10_FORMATS, type Raid10Format, type RaidType } from './raid_type.ts'

/** What the parameters of a table say; null where one is not given. */
export interface RaidValues {
  /** Each parameter that was given, once. */
  readonly given: readonly RaidParameterName[]
  /** Legs, ascending. */
  readonly rebuild: readonly number[]
  readonly writeMostly: readonly number[]
  /** In ticks. */
  readonly daemonSleep: number | null
  /** kB/s. */
  readonly minRecoveryRate: number | null
  readonly maxRecoveryRate: number | null
  readonly maxWriteBehind: number | null
  readonly stripeCache: number | null
  readonly regionSize: number | null
  readonly raid10Copies: number | null
  readonly raid10Format: Raid10Format | null
  /** As it is written there. */
  readonly journalDevice: string | null
  readonly journalMode: JournalMode | null
}

export type JournalMode = 'writethrough' | 'writeback'

class Reading {
  readonly given: RaidParameterName[] = []
  readonly rebuild: number[] = []
  readonly writeMostly: number[] = []
  readonly numbers = new Map<RaidParameterName, number>()
  format: Raid10Format | null = null
  journal: string | null = null
  journalMode: JournalMode | null = null
}

/** @param words behind the chunk size @errors EINVAL */
export function readParameters(type: RaidType, legCount: number, words: readonly string[]): Result<RaidValues> {
  const reading = new Reading()
  for (let i = 0; i < words.length; i++) {
    const parameter = raidParameterNamed(words[i])
    const takesNothing = parameter !== undefined && parameter.takes === 'nothing'
    if (takesNothing || parameter?.repeats !== true) {
      if (parameter !== undefined && reading.given.includes(parameter.name)) {
        return fail('EINVAL', `${parameter.name} is given twice; once is enough`)
      }
    }
    if (takesNothing) {
      reading.given.push(parameter.name)
      continue
    }
    const word = words[++i]
    if (word === undefined) return fail('EINVAL', `the value of ${words[i - 1]} is missing, or it is not counted`)
    if (parameter === undefined) return unknown(words[i - 1], word)
    const wrong = readOne(reading, parameter, type, legCount, word)
    if (wrong !== null) return wrong
    if (!reading.given.includes(parameter.name)) reading.given.push(parameter.name)
  }
  // Counted as often as it stands there, as the kernel does.
  if (reading.writeMostly.length >= legCount) return fail('EINVAL', 'one leg at least must not be write_mostly')
  const number = (name: RaidParameterName): number | null => reading.numbers.get(name) ?? null
  return ok({
    given: reading.given,
    rebuild: reading.rebuild.sort((a, b) => a - b),
    writeMostly: [...new Set(reading.writeMostly)].sort((a, b) => a - b),
    daemonSleep: number('daemon_sleep'),
    minRecoveryRate: number('min_recovery_rate'),
    maxRecoveryRate: number('max_recovery_rate'),
    maxWriteBehind: number('max_write_behind'),
    stripeCache: number('stripe_cache'),
    regionSize: number('region_size'),
    raid10Copies: number('raid10_copies'),
    raid10Format: reading.format,
    journalDevice: reading.journal,
    journalMode: reading.journalMode,
  })
}

function unknown(key: string, value: string): Failure {
  if (readInt(value) === null) return fail('EINVAL', `behind ${key} a number is wanted, not ${value}`)
  return fail('EINVAL', `${key} is no parameter; there are ${RAID_PARAMETERS.map(({ name }) => name).join(', ')}`)
}

function readOne(
  reading: Reading,
  parameter: RaidParameter,
  type: RaidType,
  legCount: number,
  word: string,
): Failure | null {
  const { name } = parameter
  const wrong = (): Failure => fail('EINVAL', `${name} ${word}: it must be ${parameter.range}`)
  if (parameter.takes !== 'number' && parameter.takes !== 'leg') return readWord(reading, parameter, type, word)
  const value = readInt(word)
  if (value === null) return fail('EINVAL', `${name} ${word}: a number is wanted`)
  if (ONLY_FOR.includes(name) && !parameter.families.includes(raidFamily(type))) return notFor(parameter, type)
  if (parameter.takes === 'leg') {
    if (value < 0 || value >= legCount) return fail('EINVAL', `${name} ${word}: the legs are 0 to ${legCount - 1}`)
    if (name === 'rebuild' && reading.rebuild.includes(value)) {
      return fail('EINVAL', `rebuild ${word} is given twice; once is enough`)
    }
    ;(name === 'rebuild' ? reading.rebuild : reading.writeMostly).push(value)
    return null
  }
  if (!inRange(name, value, legCount, type)) return wrong()
  reading.numbers.set(name, value)
  return null
}

/** Parameters whose level is looked at when they are read; with the others it is when all are. */
const ONLY_FOR: readonly RaidParameterName[] = ['write_mostly', 'max_write_behind', 'stripe_cache']

function inRange(name: RaidParameterName, value: number, legCount: number, type: RaidType): boolean {
  switch (name) {
    // Half of it is what md counts with, in 14 bits.
    case 'max_write_behind':
      return value >= 0 && value <= 32767
    case 'raid10_copies':
      return value >= 2 && value <= legCount
    case 'data_offset':
      return value === 0 || (value >= 32 && value % 8 === 0)
    case 'delta_disks':
      return Math.abs(value) >= 1 && Math.abs(value) <= DM_RAID_LEGS_MAX - (type.level === 6 ? 4 : 2)
    case 'region_size':
      return true
    default:
      return value >= 0
  }
}

const JOURNAL_MODES: readonly JournalMode[] = ['writethrough', 'writeback']

function readWord(reading: Reading, parameter: RaidParameter, type: RaidType, word: string): Failure | null {
  const { name } = parameter
  if (name === 'journal_mode') {
    if (!reading.given.includes('journal_dev')) return fail('EINVAL', 'journal_mode wants a journal_dev before it')
    const mode = JOURNAL_MODES.find((one) => one === word.toLowerCase())
    if (mode === undefined) return fail('EINVAL', `journal_mode ${word}: it is writethrough or writeback`)
    reading.journalMode = mode
    return null
  }
  if (!parameter.families.includes(raidFamily(type))) return notFor(parameter, type)
  if (name === 'raid10_format') {
    const format = RAID10_FORMATS.find((one) => one === word.toLowerCase())
    if (format === undefined) return fail('EINVAL', `raid10_format ${word}: it is near, far or offset`)
    reading.format = format
  } else reading.journal = word
  return null
}

function notFor(parameter: RaidParameter, type: RaidType): Failure {
  return fail('EINVAL', `${type.name} has no ${parameter.name}; it is for ${parameter.families.join(', ')}`)
}

/** What parameters must not be together, and with which type. @errors EINVAL */
export function checkParameters(type: RaidType, values: RaidValues): Failure | null {
  const { given } = values
  const { minRecoveryRate: min, maxRecoveryRate: max } = values
  if (min !== null && max !== null && max > 0 && min > max) {
    return fail('EINVAL', `min_recovery_rate ${min} is more than max_recovery_rate ${max}`)
  }
  const family = raidFamily(type)
  for (const parameter of RAID_PARAMETERS) {
    if (!given.includes(parameter.name)) continue
    if (!parameter.families.includes(family)) return notFor(parameter, type)
  }
  return null
}
