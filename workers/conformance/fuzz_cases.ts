/** The cases of a seed: which stories are told, and how often. The same seed and number is always the same case. */
import type { FuzzCase } from './fuzz_case.ts'
import { Dice } from './fuzz_dice.ts'
import { nativeCut, nativeStory, wrongArrays } from './fuzz_native.ts'
import { raidCut, raidStory, wrongTables } from './fuzz_raid.ts'

type Tell = (dice: Dice, name: string) => FuzzCase

/** Of a hundred cases. */
const STORIES: readonly (readonly [weight: number, tell: Tell])[] = [
  [11, wrongTables],
  [4, wrongArrays],
  [41, raidStory],
  [26, nativeStory],
  [8, (dice, name) => raidCut(dice, name, 'simulator')],
  [5, (dice, name) => nativeCut(dice, name, 'simulator')],
  [3, (dice, name) => raidCut(dice, name, 'kernel')],
  [2, (dice, name) => nativeCut(dice, name, 'kernel')],
]

/**
 * One case.
 * @param index counted from 0
 */
export function fuzzCase(seed: number, index: number): FuzzCase {
  const name = `fuzz_${seed}_${index}`
  const dice = new Dice(seed, `case ${index}`)
  return dice.weighted(STORIES)(dice, name)
}

/** How many cases of each kind there are: `raid5_ls 4`, the most frequent first. */
export function kindCounts(cases: readonly FuzzCase[]): string[] {
  const counts = new Map<string, number>()
  for (const { kind } of cases) {
    const short = kind.split(':')[0]!
    counts.set(short, (counts.get(short) ?? 0) + 1)
  }
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).map(([kind, count]) => `${kind} ${count}`)
}
