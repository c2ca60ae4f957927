/**
 * Reading the arguments of a raid table: type, parameters, legs. What is wrong is refused in the kernel's order, with a sentence that
 * says what would be right. Devices are only named here; the target opens them.
 * @source raid_ctr, parse_raid_params, parse_dev_params, validate_region_size, drivers/md/dm-raid.c, 6.1
 */
import { fail, ok, type Failure, type Result } from '../base/errno.ts'
import { readInt, readNumber } from '../dm/arguments.ts'
import { DM_RAID_LEGS_MAX } from '../format/dm_raid_superblock.ts'
import { checkParameters, readParameters, type RaidValues } from './table_parameters.ts'
import { translate, translationRefusal, type Translation, type TranslationWords } from './translation.ts'
import { RAID_TYPES, raid10Layout, raidTypeNamed, type RaidType } from './raid_type.ts'

/** The words of one leg; null for `-`. */
export interface LegWords {
  readonly meta: string | null
  readonly data: string | null
}

/** A raid table that was understood. Sizes in sectors. */
export interface RaidTable {
  readonly type: RaidType
  /** As md numbers it, with the words of raid10 taken into account. */
  readonly layout: number
  /** 0 for raid1. */
  readonly chunkSectors: number
  readonly values: RaidValues
  /** Given, or chosen. */
  readonly regionSectors: number
  readonly legs: readonly LegWords[]
  readonly translation: Translation
  /** Length of the target. */
  readonly sectors: number
  /** Sectors of each leg that the set needs, as the length says it. */
  readonly legSectors: number
}

/** @param translation by which the words for syncing are understood @errors EINVAL */
export function parseRaidTable(
  sectors: number,
  args: readonly string[],
  translation: Translation = 'linux-6.1',
): Result<RaidTable> {
  if (args.length === 0) return fail('EINVAL', `wants TYPE PARAMETERS CHUNK [...] LEGS {META DATA}...; it has nothing`)
  const type = raidTypeNamed(args[0])
  if (type === undefined) {
    return fail('EINVAL', `${args[0]} is no type; there are ${RAID_TYPES.map(({ name }) => name).join(', ')}`)
  }
  const count = readNumber(args[1], 'the number of parameter words', 0, args.length)
  if (!count.ok) return count
  if (args.length - 2 < count.value) {
    return fail('EINVAL', `${count.value} parameter words are announced, and ${args.length - 2} words follow`)
  }
  const behind = args.slice(2 + count.value)
  const most = Math.floor((behind.length - 1) / 2)
  const legCount = readNumber(behind[0], `behind ${count.value} parameter words, the number of legs`, 1, most)
  if (!legCount.ok) return legCount
  if (legCount.value > DM_RAID_LEGS_MAX) {
    return fail('EINVAL', `a set has 1 to ${DM_RAID_LEGS_MAX} legs, not ${legCount.value}`)
  }
  if (legCount.value <= type.parityLegs) {
    return fail('EINVAL', `${type.name} has ${type.parityLegs} legs of parity, so it wants more than ${legCount.value}`)
  }
  if (count.value === 0) return fail('EINVAL', 'the chunk size is a parameter word, too: at least 1 is to be announced')
  return parseRest(sectors, type, args.slice(2, 2 + count.value), behind, legCount.value, translation)
}

function parseRest(
  sectors: number,
  type: RaidType,
  words: readonly string[],
  behind: readonly string[],
  legCount: number,
  translation: Translation,
): Result<RaidTable> {
  const chunk = readChunk(type, words[0])
  if (!chunk.ok) return chunk
  const read = readParameters(type, legCount, words.slice(1))
  if (!read.ok) return read
  const values = read.value
  const wrong = checkParameters(type, values)
  if (wrong !== null) return wrong
  const region = regionSectors(type, sectors, chunk.value, values.regionSize)
  if (!region.ok) return region
  const layout = readLayout(type, legCount, values)
  if (!layout.ok) return layout
  const legs = readLegs(behind.slice(1), legCount, values)
  if (!legs.ok) return legs
  const excluded = checkTranslation(translation, legs.value, values)
  if (excluded !== null) return excluded
  const legSectors = sectorsOfLeg(type, sectors, legCount, values)
  if (!legSectors.ok) return legSectors
  return ok({
    type,
    layout: layout.value,
    chunkSectors: chunk.value,
    values,
    regionSectors: region.value,
    legs: legs.value,
    translation,
    sectors,
    legSectors: legSectors.value,
  })
}

function readChunk(type: RaidType, word: string): Result<number> {
  const value = readInt(word)
  if (value === null) return fail('EINVAL', `the chunk size must be a number of sectors, not ${word}`)
  if (type.level === 1) return ok(0)
  if (!isPowerOfTwo(value)) return fail('EINVAL', `the chunk size must be a power of two, not ${word}`)
  if (value < 8) return fail('EINVAL', `the chunk size must be 8 sectors or more, not ${word}`)
  return ok(value)
}

/** What a table says about syncing, as it concerns one leg. */
export function wordsOfLeg(values: RaidValues, leg: number): TranslationWords {
  const { given, rebuild } = values
  return { nosync: given.includes('nosync'), sync: given.includes('sync'), rebuild: rebuild.includes(leg) }
}

/** What one bit of the bitmap stands for. @source validate_region_size, drivers/md/dm-raid.c, 6.1 */
function regionSectors(type: RaidType, length: number, chunk: number, given: number | null): Result<number> {
  if (type.level === 0) return ok(0)
  const least = Math.floor(length / 2 ** 21)
  if (given === null || given === 0) {
    return ok(least > 8192 ? 2 ** Math.ceil(Math.log2(least)) : 8192)
  }
  const wrong = (reason: string): Failure => fail('EINVAL', `region_size ${given} ${reason}`)
  if (given < 0 || given > length) return wrong(`is more than the set has: ${length} sectors`)
  if (given < least) return wrong(`is too small for ${length} sectors: ${least} at least`)
  if (!isPowerOfTwo(given)) return wrong('is no power of two')
  if (given < chunk) return wrong(`is smaller than a chunk of ${chunk} sectors`)
  return ok(given)
}

function readLayout(type: RaidType, legCount: number, values: RaidValues): Result<number> {
  if (type.level !== 10) return ok(type.layout)
  const copies = values.raid10Copies ?? 2
  if (copies > legCount) return fail('EINVAL', `${copies} copies want ${copies} legs, and there are ${legCount}`)
  const format = values.raid10Format ?? 'near'
  if (format === 'near' && values.given.includes('raid10_use_near_sets')) {
    return fail('EINVAL', 'raid10_use_near_sets goes with raid10_format far or offset, not with near')
  }
  return ok(raid10Layout(format, copies, values.given.includes('raid10_use_near_sets')))
}

function readLegs(words: readonly string[], legCount: number, values: RaidValues): Result<LegWords[]> {
  const legs: LegWords[] = []
  for (let leg = 0; leg < legCount; leg++) {
    const [meta, data] = words.slice(leg * 2, leg * 2 + 2).map((word) => (word === '-' ? null : word))
    if (data === null && values.rebuild.includes(leg)) {
      return fail('EINVAL', `leg ${leg} is to be built anew, so it wants a device, not -`)
    }
    if (data === null && meta !== null) {
      return fail('EINVAL', `leg ${leg} has a metadata device, but no data device; a missing leg is "- -"`)
    }
    legs.push({ meta, data })
  }
  return ok(legs)
}

/** The rows of the translation that are refused, for each leg. */
function checkTranslation(translation: Translation, legs: readonly LegWords[], values: RaidValues): Failure | null {
  const metadata = legs.some(({ meta }) => meta !== null)
  for (let leg = 0; leg < legs.length; leg++) {
    const refused = translationRefusal(translate(translation, metadata, wordsOfLeg(values, leg)))
    if (refused !== null) return refused
  }
  return null
}

/** @source rs_set_dev_and_array_sectors, drivers/md/dm-raid.c, 6.1 */
function sectorsOfLeg(type: RaidType, length: number, legCount: number, values: RaidValues): Result<number> {
  if (type.level === 1) return ok(length)
  const copies = type.level === 10 ? (values.raid10Copies ?? 2) : 1
  const parts = legCount - type.parityLegs
  const legSectors = (length * copies) / parts
  if (!Number.isInteger(legSectors) || (legSectors * parts) % copies !== 0) {
    return fail('EINVAL', `${length} sectors cannot be divided among ${parts} legs`)
  }
  return ok(legSectors)
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && (value & (value - 1)) === 0
}
