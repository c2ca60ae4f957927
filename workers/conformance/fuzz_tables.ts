/** Random lines of a raid table that the kernel takes: the type, its legs, their places, parameters in any order. */
import { RAID_TYPES } from '../../engine/raid/raid_type.ts'
import type { Dice } from './fuzz_dice.ts'

/** A table, in parts that can be changed before it is written out. */
export interface RaidTable {
  readonly type: string
  readonly level: number
  readonly parityLegs: number
  /** Copies of a raid10. */
  readonly copies: number
  readonly lengthSectors: number
  readonly legSectors: number
  readonly chunkSectors: number
  /** Words of each parameter, in the order in which they stand. */
  readonly parameters: readonly (readonly string[])[]
  /** Device of metadata and of data for each leg, `-` for none. */
  readonly places: readonly (readonly [meta: string, data: string])[]
}

/** Letters of the legs' disks: leg 1 is `/dev/b`, with its metadata on `/dev/mb`. */
export const LETTERS = 'abcdefgh'
/** Size of the disks below a raid table. */
export const LEG_BYTES = 1 << 20
const LEG_SECTORS = LEG_BYTES / 512

/** The line that dmsetup takes. */
export function tableLine(table: RaidTable): string {
  const { type, lengthSectors, chunkSectors, parameters, places } = table
  const words = [String(chunkSectors), ...parameters.flat()]
  return ['0', lengthSectors, 'raid', type, words.length, ...words, places.length, ...places.flat()].join(' ')
}

export function dataDevice(leg: number): string {
  return `/dev/${LETTERS[leg]!}`
}

export function metaDevice(leg: number): string {
  return `/dev/m${LETTERS[leg]!}`
}

/** The table with a parameter more, in front of the others. */
export function withParameter(table: RaidTable, ...words: string[]): RaidTable {
  return { ...table, parameters: [words, ...table.parameters] }
}

/** The table without the parameters of a name. */
export function withoutParameter(table: RaidTable, name: string): RaidTable {
  return { ...table, parameters: table.parameters.filter(([word]) => word !== name) }
}

/** The table with other places of one leg. */
export function withPlace(table: RaidTable, leg: number, meta: string, data: string): RaidTable {
  return { ...table, places: table.places.map((place, i) => (i === leg ? ([meta, data] as const) : place)) }
}

/** How many legs may be missing at all. */
export function lossesBorne(table: RaidTable): number {
  if (table.level === 1) return table.places.length - 1
  return table.level === 10 ? table.copies - 1 : table.parityLegs
}

/** A table of a new set, every leg in its place. */
export function newTable(dice: Dice): RaidTable {
  const family = dice.weighted([
    [1, 0],
    [3, 1],
    [4, 10],
    [5, 5],
    [5, 6],
  ])
  const { name: type, level, parityLegs } = dice.pick(RAID_TYPES.filter((one) => one.level === family))
  const legs = dice.between(...legCounts(level))
  const copies = level === 10 ? (legs > 2 && dice.percent(25) ? 3 : 2) : 1
  const chunkSectors = level === 1 ? dice.pick([0, 0, 0, 8, 64]) : dice.pick([8, 16, 16, 32, 64, 128])
  const { lengthSectors, legSectors } = sizes(dice, level, legs - parityLegs, legs, copies, Math.max(chunkSectors, 8))
  const metadata = dice.weighted<'all' | 'none' | 'some'>([
    [16, 'all'],
    [3, 'none'],
    [1, 'some'],
  ])
  const places = Array.from({ length: legs }, (_, leg) => {
    const meta = metadata === 'all' || (metadata === 'some' && dice.percent(50))
    return [meta ? metaDevice(leg) : '-', dataDevice(leg)] as const
  })
  const parameters = dice.shuffled(
    drawParameters(dice, { level, type, legs, copies, chunkSectors: Math.max(chunkSectors, 8), lengthSectors }),
  )
  return { type, level, parityLegs, copies, lengthSectors, legSectors, chunkSectors, parameters, places }
}

function legCounts(level: number): [number, number] {
  if (level === 0 || level === 1) return [1, 4]
  if (level === 5) return [2, 6]
  return level === 6 ? [4, 6] : [2, 6]
}

/**
 * A length that divides among the legs, in whole chunks or, now and then, not. A raid10 has whole rows of copies: one whose legs are
 * not used to the end is taken by Linux 6.1, when it is activated again, for one that grows.
 */
function sizes(
  dice: Dice,
  level: number,
  dataLegs: number,
  legs: number,
  copies: number,
  chunk: number,
): { lengthSectors: number; legSectors: number } {
  const odd = level !== 10 && dice.percent(15)
  const want = dice.pick([256, 512, 1024, 1536, LEG_SECTORS])
  let legSectors = odd ? want - 8 * dice.between(1, 15) : want - (want % chunk)
  if (level === 1) return { lengthSectors: legSectors, legSectors }
  const row = chunk * copies
  if (level === 10) legSectors = Math.max(row, want - (want % row))
  return { lengthSectors: level === 10 ? (legSectors * legs) / copies : legSectors * dataLegs, legSectors }
}

interface Drawn {
  readonly level: number
  readonly type: string
  readonly legs: number
  readonly copies: number
  readonly chunkSectors: number
  readonly lengthSectors: number
}

/** Parameters that this table may have; raid10's copies are among them where they are not the default. */
function drawParameters(dice: Dice, drawn: Drawn): string[][] {
  const { level, type, legs, copies, chunkSectors, lengthSectors } = drawn
  const out: string[][] = []
  if (level === 0) return out
  if (level === 10) {
    const format = dice.percent(60)
      ? dice.pick(['near', 'far', 'offset'])
      : (/_(near|far|offset)$/.exec(type)?.[1] ?? null)
    if (format !== null) out.push(['raid10_format', format])
    if (copies !== 2 || dice.percent(20)) out.push(['raid10_copies', String(copies)])
    if (format !== null && format !== 'near' && dice.percent(25)) out.push(['raid10_use_near_sets'])
  }
  const regions: number[] = []
  for (let size = Math.max(chunkSectors, 8); size <= lengthSectors; size *= 2) regions.push(size)
  if (regions.length > 0 && dice.percent(70)) out.push(['region_size', String(dice.pick(regions))])
  if (level !== 6 && dice.percent(15)) out.push(['nosync'])
  // In ticks of a hundredth of a second; with less than a hundred the set is never activated again.
  if (dice.percent(8)) out.push(['daemon_sleep', dice.pick(['100', '250', '500', '1000', '20'])])
  if (dice.percent(8)) out.push(['min_recovery_rate', dice.pick(['0', '5000', '20000'])])
  if (dice.percent(8)) out.push(['max_recovery_rate', dice.pick(['0', '20000', '150000'])])
  if (level === 1) {
    const mostly = dice.percent(35) ? dice.between(0, legs - 1) : 0
    for (const leg of dice.some([...Array(legs).keys()], mostly)) out.push(['write_mostly', String(leg)])
    if (dice.percent(mostly > 0 ? 40 : 10)) out.push(['max_write_behind', dice.pick(['0', '2', '100', '32766'])])
  }
  if ((level === 5 || level === 6) && dice.percent(12)) {
    // A smaller cache grows in the kernel as it is needed, and `table` says so.
    out.push(['stripe_cache', dice.pick(['256', '512', '1024'])])
  }
  return out
}
