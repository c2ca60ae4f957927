/**
 * The fuzzer: random cases in both worlds, many to a boot; what differs twice is reduced to a short script and kept. Its command
 * line is `npm run conformance -- --fuzz N --seed S`; the same words ask the same cases again.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { textsOf, type FuzzCase } from './fuzz_case.ts'
import { fuzzCase, kindCounts } from './fuzz_cases.ts'
import { askBoth, type Verdict, type Worlds } from './fuzz_judge.ts'
import { reduce } from './fuzz_reduce.ts'
import type { Tally } from './run.ts'

export interface FuzzOptions {
  readonly cases: number
  readonly seed: number
  /** Names of the cases that are asked; others are made and left out. */
  readonly only: RegExp
}

export interface FuzzSurroundings extends Worlds {
  readonly say: (line: string) => void
}

/** Cases to a boot: as many images lie on the host at a time. */
const BATCH = 60
/** So many kernels at a time: a guest spends half of its time waiting. */
const LANES = 2
/** So many differences are reduced; further ones are told as they are. */
const REDUCED_MAX = 4

/** Runs the fuzzer; a case passes when the worlds agree about it. */
export async function runFuzz(options: FuzzOptions, around: FuzzSurroundings): Promise<Tally> {
  const { seed, cases: count, only } = options
  const { say } = around
  const cases = Array.from({ length: count }, (_, i) => fuzzCase(seed, i)).filter(({ name }) => only.test(name))
  say(`fuzz: ${cases.length} cases of seed ${seed}: ${kindCounts(cases).join(', ')}`)
  const tally: Tally = { passed: 0, failed: 0, skipped: [] }
  const differing: Verdict[] = []
  let again: Verdict[] = []
  for (let from = 0; from < cases.length || again.length > 0; from += LANES * BATCH) {
    const batch = cases.slice(from, from + LANES * BATCH)
    const repeats = again.map(({ asked }) => ({ ...asked, name: `${asked.name}_again` }))
    const verdicts = await askInLanes([...batch, ...repeats], around)
    const firsts = again
    again = []
    verdicts.forEach((verdict, i) => {
      if (i < batch.length) {
        if (isAlike(verdict)) tally.passed++
        else {
          again.push(verdict)
          say(`again ${verdict.asked.name}: ${verdict.problem ?? verdict.differences[0]!}`)
        }
      } else differing.push(...second(firsts[i - batch.length]!, verdict, around, tally))
    })
    const done = Math.min(from + LANES * BATCH, cases.length)
    say(
      `fuzz: ${done} of ${cases.length} asked, ${tally.passed} alike, ${differing.length} differ, ${again.length} to be asked again`,
    )
  }
  for (const [i, verdict] of differing.entries()) await tell(verdict, i < REDUCED_MAX, around)
  say(`fuzz: seed ${seed}: ${tally.passed} alike, ${tally.failed} differ, ${tally.skipped.length} without a measure`)
  return tally
}

/** Verdicts in the order of the cases; an error of one kernel is told when all have ended. */
async function askInLanes(cases: readonly FuzzCase[], worlds: Worlds): Promise<Verdict[]> {
  const each = Math.max(BATCH, Math.ceil(cases.length / LANES))
  const lanes = Array.from({ length: LANES }, (_, i) => cases.slice(i * each, (i + 1) * each))
  const asked = await Promise.allSettled(lanes.filter((lane) => lane.length > 0).map((lane) => askBoth(lane, worlds)))
  return asked.flatMap((lane) => {
    if (lane.status === 'rejected') throw lane.reason
    return lane.value
  })
}

function isAlike({ differences, problem }: Verdict): boolean {
  return problem === null && differences.length === 0
}

/** What to make of a case that was asked twice; gives it back if it differs. */
function second(first: Verdict, verdict: Verdict, { say }: FuzzSurroundings, tally: Tally): Verdict[] {
  const { name } = first.asked
  if (isAlike(verdict)) {
    say(`note  ${name}: only once: ${first.problem ?? first.differences[0]!}`)
    tally.passed++
    return []
  }
  if (verdict.problem !== null) {
    say(`note  ${name}: the kernel: ${verdict.problem}`)
    tally.skipped.push(`${name} (${verdict.problem})`)
    return []
  }
  tally.failed++
  say(`FAIL  ${name}: ${verdict.asked.kind}`)
  for (const difference of verdict.differences.slice(0, 6)) say(`  ${difference}`)
  return [{ ...verdict, asked: { ...verdict.asked, name } }]
}

/** Reduces a difference, prints the script, and writes it where it can be taken into the suite. */
async function tell(verdict: Verdict, isReduced: boolean, around: FuzzSurroundings): Promise<void> {
  const { say, found } = around
  let short: FuzzCase = verdict.asked
  let differences = verdict.differences
  if (isReduced) {
    const told = new Map<string, readonly string[]>()
    const differs = async (candidates: readonly FuzzCase[]): Promise<boolean[]> => {
      const verdicts = await askBoth(candidates, around)
      for (const each of verdicts) told.set(JSON.stringify(textsOf({ ...each.asked, name: '' })), each.differences)
      return verdicts.map((each) => each.problem === null && each.differences.length > 0)
    }
    short = { ...(await reduce(verdict.asked, verdict.firstCommand, differs, say)), name: verdict.asked.name }
    differences = told.get(JSON.stringify(textsOf({ ...short, name: '' }))) ?? differences
  }
  const { after, cut } = textsOf(short)
  mkdirSync(found, { recursive: true })
  const files =
    cut === null
      ? [['', after] as const]
      : ([
          ['.cut', cut],
          ['.after', after],
        ] as const)
  for (const [end, text] of files) {
    const file = join(found, `${short.name}${end}.lab`)
    writeFileSync(file, text)
    say(`---- ${file}`)
    say(text)
  }
  for (const difference of differences) say(`  ${difference}`)
}
