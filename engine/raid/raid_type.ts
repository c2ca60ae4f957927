/**
 * The types that a table may name, and what md makes of each.
 * @source raid_types, drivers/md/dm-raid.c, 6.1
 */

export interface RaidType {
  readonly name: string
  /** As md numbers it; raid4 is level 5 with the parity first. */
  readonly level: 0 | 1 | 5 | 6 | 10
  /** As md numbers it; of raid10 the table's words decide. */
  readonly layout: number
  /** Legs that hold no data. */
  readonly parityLegs: number
  readonly summary: string
}

/** In the kernel's order: where two would fit, the last one gives its name. */
export const RAID_TYPES: readonly RaidType[] = [
  { name: 'raid0', level: 0, layout: 0, parityLegs: 0, summary: 'striping' },
  { name: 'raid1', level: 1, layout: 0, parityLegs: 0, summary: 'mirroring' },
  { name: 'raid10_far', level: 10, layout: 3, parityLegs: 0, summary: 'striped mirrors, copies far' },
  { name: 'raid10_offset', level: 10, layout: 2, parityLegs: 0, summary: 'striped mirrors, copies offset' },
  { name: 'raid10_near', level: 10, layout: 1, parityLegs: 0, summary: 'striped mirrors, copies near' },
  { name: 'raid10', level: 10, layout: 0, parityLegs: 0, summary: 'striped mirrors' },
  { name: 'raid4', level: 5, layout: 4, parityLegs: 1, summary: 'parity on the first leg' },
  { name: 'raid5_n', level: 5, layout: 5, parityLegs: 1, summary: 'parity on the last leg' },
  { name: 'raid5_ls', level: 5, layout: 2, parityLegs: 1, summary: 'left symmetric' },
  { name: 'raid5_rs', level: 5, layout: 3, parityLegs: 1, summary: 'right symmetric' },
  { name: 'raid5_la', level: 5, layout: 0, parityLegs: 1, summary: 'left asymmetric' },
  { name: 'raid5_ra', level: 5, layout: 1, parityLegs: 1, summary: 'right asymmetric' },
  { name: 'raid6_zr', level: 6, layout: 8, parityLegs: 2, summary: 'zero restart' },
  { name: 'raid6_nr', level: 6, layout: 9, parityLegs: 2, summary: 'N restart' },
  { name: 'raid6_nc', level: 6, layout: 10, parityLegs: 2, summary: 'N continue' },
  { name: 'raid6_n_6', level: 6, layout: 5, parityLegs: 2, summary: 'P and Q on the last two legs' },
  { name: 'raid6_ls_6', level: 6, layout: 18, parityLegs: 2, summary: 'left symmetric, Q on the last leg' },
  { name: 'raid6_rs_6', level: 6, layout: 19, parityLegs: 2, summary: 'right symmetric, Q on the last leg' },
  { name: 'raid6_la_6', level: 6, layout: 16, parityLegs: 2, summary: 'left asymmetric, Q on the last leg' },
  { name: 'raid6_ra_6', level: 6, layout: 17, parityLegs: 2, summary: 'right asymmetric, Q on the last leg' },
]

/** The type of a name, in whatever case. */
export function raidTypeNamed(name: string): RaidType | undefined {
  const lower = name.toLowerCase()
  return RAID_TYPES.find((type) => type.name === lower)
}

/** The type that md's numbers stand for. */
export function raidTypeOf(level: number, layout: number): RaidType | undefined {
  return RAID_TYPES.findLast(
    (type) => type.level === level && (type.layout === layout || (level === 10 && isRaid10Format(type.layout, layout))),
  )
}

// ---- raid10: layout is near copies, far copies in the second byte, and how the far ones lie ----

const OFFSET = 1 << 16
/** Copies stay within sets of legs; not where the table says raid10_use_near_sets. */
const FAR_SETS = 1 << 18

export const RAID10_FORMATS = ['near', 'offset', 'far'] as const
export type Raid10Format = (typeof RAID10_FORMATS)[number]

const nearCopies = (layout: number): number => layout & 0xff
const farCopies = (layout: number): number => (layout >> 8) & 0xff

/** @source raid10_format_to_md_layout, drivers/md/dm-raid.c, 6.1 */
export function raid10Layout(format: Raid10Format, copies: number, nearSets: boolean): number {
  if (format === 'near') return (1 << 8) | copies
  return (copies << 8) | 1 | (nearSets ? 0 : FAR_SETS) | (format === 'offset' ? OFFSET : 0)
}

export function raid10FormatOf(layout: number): Raid10Format | 'unknown' {
  if ((layout & OFFSET) !== 0) return 'offset'
  if (nearCopies(layout) > 1) return 'near'
  return farCopies(layout) > 1 ? 'far' : 'unknown'
}

export function raid10CopiesOf(layout: number): number {
  return Math.max(nearCopies(layout), farCopies(layout))
}

function isRaid10Format(algorithm: number, layout: number): boolean {
  if (algorithm === 2) return (layout & OFFSET) !== 0
  if (algorithm === 3) return (layout & OFFSET) === 0 && farCopies(layout) > 1
  return (layout & OFFSET) === 0 && nearCopies(layout) > 1
}
