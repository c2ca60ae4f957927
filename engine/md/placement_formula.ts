/**
 * Where a sector of an array lies, as formulas with their values: the rules of the geometries once more, in the words of a book. What
 * is computed here is the very text that is shown; the tests hold it against the geometries, which are held against the kernel.
 * @source raid5_compute_sector, __raid10_find_phys, map_sector, drivers/md, 6.1
 */
import { evaluate, type Symbols } from '../base/formula.ts'
import type { ArrayGeometry } from './array_geometry.ts'
import {
  Geometry,
  LAYOUT_LEFT_ASYMMETRIC,
  LAYOUT_LEFT_SYMMETRIC,
  LAYOUT_N_CONTINUE,
  LAYOUT_N_RESTART,
  LAYOUT_PARITY_FIRST,
  LAYOUT_PARITY_LAST,
  LAYOUT_Q_LAST,
  LAYOUT_RIGHT_ASYMMETRIC,
  LAYOUT_RIGHT_SYMMETRIC,
  LAYOUT_ZERO_RESTART,
} from './geometry.ts'
import type { MirrorGeometry } from './mirror_geometry.ts'
import { RAID0_ORIGINAL_LAYOUT, type StripedGeometry } from './striped_geometry.ts'

/** One step: what it finds, how, and what comes out. */
export interface FormulaLine {
  readonly symbol: string
  readonly formula: string
  readonly value: number
  readonly meaning: string
}

export interface PlacementFormula {
  /** What holds for the whole array: `n`, `k`, `C`. */
  readonly given: readonly Omit<FormulaLine, 'formula'>[]
  /** From the array's sector `A` to `dev` and `sector`, one after the other. */
  readonly lines: readonly FormulaLine[]
  /** How the redundancy is made; empty where there is none. */
  readonly redundancy: string
}

type Step = readonly [symbol: string, formula: string, meaning: string]
type Given = readonly [symbol: string, value: number, meaning: string]

/** @param copy which of the copies, in the order of Linux; 0 is the first. */
export function placementFormula(geometry: ArrayGeometry, arraySector: number, copy = 0): PlacementFormula {
  if (geometry instanceof Geometry) return parityFormula(geometry, arraySector)
  if (geometry.level === 0) return stripedFormula(geometry, arraySector)
  return mirrorFormula(geometry, arraySector, copy)
}

const CHUNK: readonly Step[] = [
  ['c', '⌊A / C⌋', 'chunk of the array'],
  ['o', 'A mod C', 'sector within the chunk'],
]

// ---- RAID-4, 5, 6 ----

const TURNS: Readonly<Record<number, string>> = {
  [LAYOUT_LEFT_ASYMMETRIC]: 'm − 1 − s mod m',
  [LAYOUT_LEFT_SYMMETRIC]: 'm − 1 − s mod m',
  [LAYOUT_N_CONTINUE]: 'm − 1 − s mod m',
  [LAYOUT_RIGHT_ASYMMETRIC]: 's mod m',
  [LAYOUT_RIGHT_SYMMETRIC]: 's mod m',
  [LAYOUT_ZERO_RESTART]: 's mod m',
  [LAYOUT_N_RESTART]: 'm − 1 − (s + 1) mod m',
  [LAYOUT_PARITY_FIRST]: '0',
}

function parityFormula(geometry: Geometry, arraySector: number): PlacementFormula {
  const { level, layout, raidDisks, dataDisks, chunkSectors } = geometry
  const turn = layout % LAYOUT_Q_LAST
  const isQLast = level === 6 && layout >= LAYOUT_Q_LAST
  // Where Q stands still, the others turn without it.
  const members = isQLast ? 'm' : 'n'
  const parity =
    turn === LAYOUT_PARITY_LAST ? (level === 6 ? 'n − 2' : 'n − 1') : TURNS[turn].replaceAll('m ', `${members} `)
  const steps: Step[] = [
    ...CHUNK,
    ['s', '⌊c / k⌋', 'stripe'],
    ['d', 'c mod k', 'which data of the stripe'],
    ['P', parity.replace(/mod m$/, `mod ${members}`), 'member with P'],
    ...(level === 6 ? [['Q', qFormula(layout), 'member with Q'] as const] : []),
    ['dev', dataFormula(geometry, turn, members), 'member with the data'],
    ['sector', 's · C + o', 'sector of that member’s data'],
    ...(level === 6 ? [['e', exponentFormula(layout), 'power of g by which it goes into Q'] as const] : []),
  ]
  const given: Given[] = [
    ['A', arraySector, 'sector of the array'],
    ['n', raidDisks, 'members'],
    ...(isQLast ? [['m', raidDisks - 1, 'members without Q’s'] as const] : []),
    ['k', dataDisks, 'data chunks of a stripe'],
    ['C', chunkSectors, 'sectors of a chunk'],
  ]
  const redundancy = level === 6 ? 'P = D₀ ⊕ D₁ ⊕ …, Q = g^e₀ · D₀ ⊕ g^e₁ · D₁ ⊕ …' : 'P = D₀ ⊕ D₁ ⊕ …'
  return worked(given, steps, redundancy)
}

function qFormula(layout: number): string {
  if (layout >= LAYOUT_Q_LAST || layout === LAYOUT_PARITY_LAST) return 'n − 1'
  return layout === LAYOUT_N_CONTINUE ? '(P + n − 1) mod n' : '(P + 1) mod n'
}

function dataFormula({ level, layout }: Geometry, turn: number, members: string): string {
  const hasQBehind = level === 6 && layout < LAYOUT_Q_LAST
  if (layout === LAYOUT_N_CONTINUE) return '(P + 1 + d) mod n'
  if (turn === LAYOUT_LEFT_SYMMETRIC || turn === LAYOUT_RIGHT_SYMMETRIC) {
    return `(P + ${hasQBehind ? 2 : 1} + d) mod ${members}`
  }
  if (turn === LAYOUT_PARITY_LAST) return 'd'
  if (!hasQBehind) return 'd ≥ P ? d + 1 : d'
  return 'P = n − 1 ? d + 1 : d ≥ P ? d + 2 : d'
}

function exponentFormula(layout: number): string {
  if (layout >= LAYOUT_ZERO_RESTART && layout <= LAYOUT_N_CONTINUE) return 'dev'
  const behind = (what: string): string => `(${what} − Q − 1 + n) mod n`
  return `${behind('dev')} − (${behind('dev')} > ${behind('P')} ? 1 : 0)`
}

// ---- RAID-0 ----

function stripedFormula(geometry: StripedGeometry, arraySector: number): PlacementFormula {
  const { zones, chunkSectors, layout } = geometry
  const number = Math.max(
    0,
    zones.findIndex(({ end }) => arraySector < end),
  )
  const zone = zones[number]
  const isFirst = number === 0
  const given: Given[] = [
    ['A', arraySector, 'sector of the array'],
    [isFirst ? 'n' : 'k', zone.slots.length, isFirst ? 'members' : 'members that are this long'],
    ['C', chunkSectors, 'sectors of a chunk'],
  ]
  if (isFirst) {
    const steps: Step[] = [
      ...CHUNK,
      ['dev', 'member[c mod n]', 'member'],
      ['sector', '⌊c / n⌋ · C + o', 'sector of that member’s data'],
    ]
    return worked(given, zone.slots.length === geometry.raidDisks ? plain(steps) : steps, '', { member: zone.slots })
  }
  given.push(
    ['Z', zones[number - 1].end, 'where the zone begins in the array'],
    ['M', zone.memberStart, 'where it begins on the members'],
  )
  // The original layout turns by the array's chunk number, the alternate one by the zone's.
  const turned = layout === RAID0_ORIGINAL_LAYOUT ? '⌊A / C⌋' : 'c'
  const steps: Step[] = [
    ['c', '⌊(A − Z) / C⌋', 'chunk of the zone'],
    ['o', 'A mod C', 'sector within the chunk'],
    ['dev', `member[${turned} mod k]`, 'member, of those that are this long'],
    ['sector', 'M + ⌊c / k⌋ · C + o', 'sector of that member’s data'],
  ]
  return worked(given, steps, '', { member: zone.slots })
}

/** Where all members take part, the list of them says nothing. */
function plain(steps: readonly Step[]): Step[] {
  return steps.map(([symbol, formula, meaning]) => [symbol, formula.replace(/member\[(.*)\]/, '$1'), meaning])
}

// ---- RAID-1, RAID-10 ----

function mirrorFormula(geometry: MirrorGeometry, arraySector: number, copy: number): PlacementFormula {
  const { level, raidDisks, chunkSectors, nearCopies, farCopies, isOffset, setSize, stride } = geometry
  const of: Given[] = [
    ['A', arraySector, 'sector of the array'],
    ['n', raidDisks, 'members'],
  ]
  if (level === 1) {
    const steps: Step[] = [
      ['dev', 'i', 'each member has all of it'],
      ['sector', 'A', 'sector of that member’s data'],
    ]
    return worked([...of, ['i', copy, 'which copy']], steps, 'every member holds the same')
  }
  const far = copy % farCopies
  const near = (copy - far) / farCopies
  const given: Given[] = [...of, ['C', chunkSectors, 'sectors of a chunk']]
  if (nearCopies > 1)
    given.push(['i', near, `which of the near copies, 0 to ${nearCopies - 1}`], ['N', nearCopies, 'near copies'])
  const place: Step = ['x', nearCopies > 1 ? 'c · N + i' : 'c', 'place in the rows']
  if (farCopies === 1) {
    const steps: Step[] = [
      ...CHUNK,
      place,
      ['dev', 'x mod n', 'member with this copy'],
      ['sector', '⌊x / n⌋ · C + o', 'sector of that member’s data'],
    ]
    return worked(given, steps, `${nearCopies} copies, side by side`)
  }
  given.push(['f', far, `which of the far copies, 0 to ${farCopies - 1}`])
  if (isOffset) given.push(['F', farCopies, 'far copies'])
  else given.push(['S', stride, 'sectors from one part of a member to the next'])
  const turn = nearCopies > 1 ? 'f · N' : 'f'
  const row = isOffset ? '(⌊x / n⌋ · F + f) · C + o' : '⌊x / n⌋ · C + o + f · S'
  const turned: Step[] = [['h', 'x mod n', 'member with the first copy']]
  if (setSize === raidDisks) {
    turned.push(['dev', `(h + ${turn}) mod n`, 'member with this copy'])
  } else {
    given.push(
      ['w', setSize, 'members of a set, within which copies stay'],
      [
        'L',
        (Math.floor(raidDisks / setSize) - 1) * setSize,
        'first member of the last set, which takes what is left over',
      ],
    )
    turned.push(
      ['b', 'h ≥ L ? L : h − h mod w', 'first member of its set'],
      ['dev', `b + (h − b + ${turn}) mod (h ≥ L ? n − L : w)`, 'member with this copy'],
    )
  }
  const steps: Step[] = [...CHUNK, place, ...turned, ['sector', row, 'sector of that member’s data']]
  return worked(given, steps, isOffset ? 'each row once more, turned by one' : 'each further part turned by one')
}

function worked(
  given: readonly Given[],
  steps: readonly Step[],
  redundancy: string,
  lists: Symbols = {},
): PlacementFormula {
  const known: Record<string, number | readonly number[]> = { ...lists }
  for (const [symbol, value] of given) known[symbol] = value
  const lines: FormulaLine[] = []
  for (const [symbol, formula, meaning] of steps) {
    const value = evaluate(formula, known)
    known[symbol] = value
    lines.push({ symbol, formula, value, meaning })
  }
  return { given: given.map(([symbol, value, meaning]) => ({ symbol, value, meaning })), lines, redundancy }
}
