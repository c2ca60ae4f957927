/**
 * The run of the comparison: every script in the simulator against what the kernel said (its golden), and the kernel itself again
 * for what changed and for a sample. `conformance.ts` is its command line.
 */
import { createHash } from 'node:crypto'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { compare, firstDifferingSector } from './compare.ts'
import { copyDisks, hashDisks, imagePath, makeDisks, packDisks } from './disks.ts'
import { readGolden, writeGolden } from './golden.ts'
import type { Golden } from './golden.ts'
import type { Kernel, Question } from './kernel.ts'
import { observe } from './observation.ts'
import type { Observation } from './observation.ts'
import { withScratch } from './scratch.ts'
import type { Script, World } from './script.ts'
import type { RunInSimulator } from './simulator.ts'
import { cutDisks, cutInKernel, keptImages, readCases } from './suite.ts'
import type { Case } from './suite.ts'

export interface Options {
  readonly only: RegExp
  /** Ask the kernel about everything. */
  readonly all: boolean
  /** Write the kernel's answers down instead of judging by them. */
  readonly record: boolean
  /** Before that, cut the kernel's power anew where a script asks for it. */
  readonly recut: boolean
  /** Names the scripts of the sample: the same for the same key. */
  readonly sampleKey: string
}

export interface Surroundings {
  readonly folder: string
  /** Another folder with scripts, which lie beside their goldens as those of the first do. */
  readonly scenarios?: string
  readonly simulate: RunInSimulator
  readonly ask: (questions: readonly Question[]) => Promise<Kernel>
  /** The kernel cannot be asked about a script for want of a program. */
  readonly lacksTool?: (script: Script) => boolean
  /** Why there is no kernel, null if there is one. */
  readonly whyNoKernel: () => string | null
  readonly say: (line: string) => void
}

export interface Tally {
  passed: number
  failed: number
  /** What was not done, by name. */
  readonly skipped: string[]
}

/** Scripts the kernel is asked about though nothing changed. */
const SAMPLE = 3
/** Scripts per boot: as many images lie on the host at a time. */
const BATCH = 24

/** Below a run's scratch folder: the disks that a power cut left. */
const CUT = 'cut'

/** A script under way. */
interface Run {
  readonly subject: Case
  readonly name: string
  readonly golden: Golden | null
  readonly scratch: string
  /** Why its disks can't be had. */
  readonly problem: string | null
  /** Hash of the images it starts from, where these are not made from declarations. */
  readonly images: string | null
  /** Why the golden is no measure, null if it is one. */
  readonly stale: string | null
}

/** Runs the comparison. */
export async function runConformance(options: Options, around: Surroundings): Promise<Tally> {
  return await withScratch('conformance', (scratch) => runIn(scratch, options, around))
}

async function runIn(scratch: string, options: Options, around: Surroundings): Promise<Tally> {
  const tally: Tally = { passed: 0, failed: 0, skipped: [] }
  const folders = around.scenarios === undefined ? [around.folder] : [around.folder, around.scenarios]
  const cases = folders.flatMap((folder) => readCases(folder, options.only))
  if (cases.length === 0) throw new Error(`no script has a name like ${String(options.only)}`)
  const noKernel = around.whyNoKernel()
  if (noKernel !== null) around.say(`The kernel can't be asked: ${noKernel}.`)
  if (options.recut && noKernel === null) await recut(cases, scratch, around)
  const runs: Run[] = []
  for (const subject of cases) runs.push(await begin(subject, join(scratch, subject.script.name), around))
  const wanted = new Set(options.all || options.record ? runs : runs.filter((run) => run.stale !== null))
  for (const run of pick(runs, options.sampleKey)) wanted.add(run)
  // Whatever needs no answer of the kernel is judged while it is asked about the rest.
  const judgeAll = async (some: readonly Run[], kernel: Kernel | null): Promise<void> => {
    for (const run of some) {
      const told: string[] = []
      const quiet = { ...around, say: (line: string) => void told.push(line) }
      if (options.record) record(run, kernel, quiet, tally)
      else await judge(run, kernel, wanted.has(run), quiet, tally)
      for (const line of told) around.say(line)
      rmSync(run.scratch, { recursive: true, force: true })
    }
  }
  const isAsked = (run: Run): boolean =>
    wanted.has(run) && run.problem === null && around.lacksTool?.(run.subject.script) !== true
  const asked = noKernel === null ? runs.filter(isAsked) : []
  const others = runs.filter((run) => !asked.includes(run))
  const askAndJudge = async (): Promise<void> => {
    for (let from = 0; from < asked.length; from += BATCH) {
      const batch = asked.slice(from, from + BATCH)
      await judgeAll(batch, await askAbout(batch, around))
    }
  }
  await Promise.all([askAndJudge(), judgeAll(others, null)])
  return tally
}

async function recut(cases: readonly Case[], scratch: string, around: Surroundings): Promise<void> {
  for (const { cut, folder } of cases) {
    if (cut === null || cut.cutIn !== 'kernel') continue
    const disks = join(scratch, cut.name)
    await cutInKernel(cut, disks)
    packDisks(disks, keptImages(folder, cut))
    rmSync(disks, { recursive: true })
    around.say(`cut   ${cut.name}`)
  }
}

async function begin(subject: Case, scratch: string, around: Surroundings): Promise<Run> {
  const { script, cut } = subject
  const golden = readGolden(subject.folder, script.name)
  const { images, problem } = await cutImages(subject, scratch, around)
  let stale: string | null = null
  if (golden === null) stale = 'it has no golden'
  else if (golden.script !== script.hash) stale = 'the script is not the one of its golden'
  else if (cut !== null && golden.images !== images) stale = 'its golden was recorded for other images'
  return { subject, name: script.name, golden, scratch, problem, images, stale }
}

/** For a case whose disks a power cut made: makes them, to be copied from; gives their hash, or why they can't be had. */
async function cutImages(
  subject: Case,
  scratch: string,
  around: Surroundings,
): Promise<{ images: string | null; problem: string | null }> {
  if (subject.cut === null) return { images: null, problem: null }
  const disks = join(scratch, CUT)
  const problem = await cutDisks(subject.folder, subject.cut, disks, around.simulate)
  return { images: problem === null ? hashDisks(disks) : null, problem }
}

/** Lays the disks that a script starts from into a folder of a world. */
function layDisks(run: Run, world: World): string {
  const folder = join(run.scratch, world)
  rmSync(folder, { recursive: true, force: true })
  const { cut, script } = run.subject
  if (cut === null) makeDisks(world === 'simulator' && script.makesDisks ? [] : script.disks, folder)
  else copyDisks(join(run.scratch, CUT), folder)
  return folder
}

/** The rotating sample: those whose names hash lowest together with the key. */
function pick(runs: readonly Run[], key: string): Run[] {
  const rank = (run: Run): string => createHash('sha256').update(`${key} ${run.name}`).digest('hex')
  return runs
    .filter((run) => run.stale === null)
    .sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
    .slice(0, SAMPLE)
}

/** Asks; null, with the reason told, if the kernel does not start. */
async function askAbout(runs: readonly Run[], around: Surroundings): Promise<Kernel | null> {
  around.say(`Asking the kernel about ${runs.length} script${runs.length === 1 ? '' : 's'} …`)
  const questions = runs.map((run) => ({ script: run.subject.script, disksFolder: layDisks(run, 'kernel') }))
  try {
    return await around.ask(questions)
  } catch (error) {
    around.say(`The kernel can't be asked: ${error instanceof Error ? error.message : String(error)}.`)
    return null
  }
}

/** What the kernel said just now; null if it was not asked, and null, with the failure told, if it can't be used. */
function freshFrom(run: Run, kernel: Kernel | null, around: Surroundings, tally: Tally): Observation | null {
  const answer = kernel?.answers.get(run.name)
  if (answer === undefined) return null
  if (answer.problem === null) return observe(answer, run.subject.script.looseBitmap, run.subject.script.looseJournal)
  fail(run, `the kernel's answer can't be used: ${answer.problem}`, [], around, tally)
  return null
}

function fail(run: Run, what: string, differences: readonly string[], around: Surroundings, tally: Tally): void {
  tally.failed++
  around.say(`FAIL  ${run.name}: ${what}`)
  for (const difference of differences) around.say(`  ${difference}`)
}

function pass(name: string, around: Surroundings, tally: Tally): void {
  tally.passed++
  around.say(`pass  ${name}`)
}

function record(run: Run, kernel: Kernel | null, around: Surroundings, tally: Tally): void {
  if (run.problem !== null) return fail(run, `its disks can't be made: ${run.problem}`, [], around, tally)
  if (kernel === null) return void tally.skipped.push(`${run.name} (kernel)`)
  const fresh = freshFrom(run, kernel, around, tally)
  if (fresh === null) return
  const { release, mdadm } = kernel
  const images = run.images === null ? {} : { images: run.images }
  const changed = run.golden !== null && run.stale === null ? compare(run.golden, fresh) : []
  writeGolden(run.subject.folder, run.name, {
    script: run.subject.script.hash,
    kernel: release,
    mdadm,
    ...images,
    ...fresh,
  })
  if (changed.length > 0) fail(run, 'recorded, but the kernel had said something else before', changed, around, tally)
  else pass(`${run.name} (recorded)`, around, tally)
}

async function judge(
  run: Run,
  kernel: Kernel | null,
  wanted: boolean,
  around: Surroundings,
  tally: Tally,
): Promise<void> {
  const { golden, stale } = run
  if (run.problem !== null) return fail(run, `its disks can't be made: ${run.problem}`, [], around, tally)
  if (wanted && kernel === null) tally.skipped.push(`${run.name} (kernel)`)
  let fresh = freshFrom(run, kernel, around, tally)
  if (fresh !== null && golden !== null && stale === null) {
    let differences = compare(golden, fresh)
    if (differences.length > 0) {
      // The kernel lives in real time, and a busy host can make it late for a state that lasts 200 ms: ask once more.
      around.say(`note  ${run.name}: the kernel did not say what its golden says: ${differences[0]}`)
      fresh = freshFrom(run, await askAbout([run], around), around, tally)
      differences = fresh === null ? ['it gave no answer'] : compare(golden, fresh)
    }
    if (differences.length > 0) fail(run, 'the kernel no longer says what its golden says', differences, around, tally)
    else pass(`${run.name} (kernel)`, around, tally)
  }
  const expected = fresh ?? (stale === null ? golden : null)
  if (expected === null) return void tally.skipped.push(`${run.name} (${stale ?? 'no answer'})`)
  if (stale !== null) around.say(`note  ${run.name}: ${stale}; record it`)
  const answer = await around.simulate(run.subject.script, layDisks(run, 'simulator'))
  const differences = compare(
    expected,
    observe(answer, run.subject.script.looseBitmap, run.subject.script.looseJournal),
    (disk) => {
      if (fresh === null) return null
      const [one, other] = ['kernel', 'simulator'].map((world) =>
        readFileSync(imagePath(join(run.scratch, world), disk)),
      )
      return firstDifferingSector(one!, other!, expected.disks[disk]?.contents.fromSector ?? 0)
    },
  )
  if (answer.problem !== null) differences.unshift(`the simulator: ${answer.problem}`)
  if (differences.length === 0) pass(run.name, around, tally)
  else
    fail(
      run,
      differences.length === 1 ? 'one difference' : `${differences.length} differences`,
      differences,
      around,
      tally,
    )
}
