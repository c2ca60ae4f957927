/**
 * Makes a case that the worlds answer differently as short as it can be: round by round, everything that could be left out is
 * left out by itself, all at one go (each round is one boot of the kernel), and what still differs goes on.
 */
import { lineCount, type Deed, type FuzzCase } from './fuzz_case.ts'
import { shorterLines } from './fuzz_shorten.ts'

/** Says of each candidate whether it still differs. All their names differ. */
export type StillDiffers = (candidates: readonly FuzzCase[]) => Promise<readonly boolean[]>

/** Candidates of one round: as many as a boot can be asked about in a minute or two. */
const WIDTH = 24
const ROUNDS_MAX = 12

/** One thing that can be left out: a deed of the cut, a deed, or words of a line. */
type Edit = (one: FuzzCase) => FuzzCase | null

/**
 * Reduces a case.
 * @param firstCommand number of the first command that differs, from 0; null if only disks do
 * @param say told before each round
 */
export async function reduce(
  one: FuzzCase,
  firstCommand: number | null,
  differs: StillDiffers,
  say: (line: string) => void = () => undefined,
): Promise<FuzzCase> {
  let best = one
  // What comes after the first difference matters least: without it first of all.
  const ended = firstCommand === null ? null : endAfter(one, firstCommand)
  let hopes = ended === null ? [] : [ended]
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const singles = edits(best)
    const known = best
    const made = [...hopes, ...singles.map((edit) => edit(known))].filter((each) => each !== null)
    const candidates = unlike(made, best).slice(0, WIDTH)
    if (candidates.length === 0) return best
    say(`${one.name}: ${lineCount(best)} lines, trying ${candidates.length} shorter ones`)
    const named = candidates.map((each, i) => ({ ...each, name: `${one.name}_r${round}_${i}` }))
    const verdicts = await differs(named)
    const good = candidates.filter((_, i) => verdicts[i])
    if (good.length === 0) return best
    const kept = good.reduce((a, b) => (size(b) < size(a) ? b : a))
    // What could be left out by itself may be left out together, too.
    const goodEdits = singles.filter((edit) => {
      const text = textOf(edit(known))
      return good.some((each) => textOf(each) === text)
    })
    const allOf = (some: readonly Edit[]): FuzzCase | null =>
      some.reduceRight<FuzzCase | null>((sum, edit) => (sum === null ? null : (edit(sum) ?? sum)), known)
    const half = Math.ceil(goodEdits.length / 2)
    hopes =
      goodEdits.length < 2
        ? []
        : ([allOf(goodEdits), allOf(goodEdits.slice(0, half)), allOf(goodEdits.slice(half))].filter(
            (each) => each !== null && size(each) < size(kept),
          ) as FuzzCase[])
    best = kept
  }
  return best
}

function textOf(one: FuzzCase | null): string {
  return one === null ? '' : JSON.stringify([one.cut?.deeds, one.deeds, one.ending])
}

function size(one: FuzzCase): number {
  return lineCount(one) * 1000 + textOf(one).length
}

/** Each once, and only those that say something else. */
function unlike(candidates: readonly FuzzCase[], best: FuzzCase): FuzzCase[] {
  const seen = new Set([textOf(best)])
  return candidates.filter((each) => {
    const text = textOf(each)
    return seen.has(text) ? false : (seen.add(text), true)
  })
}

/** The case with nothing but its ending behind a command; null where that is the same. */
function endAfter(one: FuzzCase, command: number): FuzzCase | null {
  const deeds: Deed[] = []
  let count = 0
  for (const deed of one.deeds) {
    if (count > command) break
    deeds.push(deed)
    count += deed.length
  }
  return deeds.length === one.deeds.length ? null : { ...one, deeds }
}

/** Everything that can be left out of a case, the last deeds first: whole deeds, halves of the story, then words. */
function edits(one: FuzzCase): Edit[] {
  const out: Edit[] = []
  const half = Math.floor(one.deeds.length / 2)
  if (half > 1) out.push(withoutDeeds(one.deeds.slice(half)), withoutDeeds(one.deeds.slice(1, half)))
  for (const deed of one.deeds.slice().reverse()) out.push(withoutDeeds([deed]))
  for (const deed of one.cut?.deeds.slice().reverse() ?? []) out.push(withoutCutDeed(deed))
  // A line that stands in several places (a table) is changed in all of them.
  const lines = [...new Set([...(one.cut?.deeds ?? []), ...one.deeds].flat())]
  for (const deed of one.deeds) {
    deed.forEach((line, i) => {
      if (deed.length > 1 && line !== 'settle') out.push(withoutLine(deed, i))
    })
  }
  for (const change of shorterLines(lines)) out.push((each) => mapLines(each, change))
  return out
}

function withoutDeeds(gone: readonly Deed[]): Edit {
  return (one) => {
    const deeds = one.deeds.filter((deed) => !gone.includes(deed))
    return deeds.length === one.deeds.length ? null : { ...one, deeds }
  }
}

function withoutCutDeed(gone: Deed): Edit {
  return (one) => {
    const deeds = one.cut!.deeds.filter((deed) => deed !== gone)
    const cuts = deeds.flat().some((line) => line.startsWith('power cut'))
    return !cuts || deeds.length === one.cut!.deeds.length ? null : { ...one, cut: { ...one.cut!, deeds } }
  }
}

function withoutLine(from: Deed, index: number): Edit {
  return (one) => {
    if (!one.deeds.includes(from)) return null
    const deeds = one.deeds.map((deed) => (deed === from ? deed.filter((_, i) => i !== index) : deed))
    return { ...one, deeds }
  }
}

function mapLines(one: FuzzCase, change: (line: string) => string): FuzzCase {
  const all = (deeds: readonly Deed[]): Deed[] => deeds.map((deed) => deed.map(change))
  return { ...one, cut: one.cut === null ? null : { ...one.cut, deeds: all(one.cut.deeds) }, deeds: all(one.deeds) }
}
