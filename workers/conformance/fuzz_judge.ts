/**
 * Asks both worlds about many cases at once: one boot of the kernel for all of them, the simulator in this process meanwhile.
 *
 * A case that the worlds answer differently is asked again, in the next boot: the kernel lives in real time, and what it does
 * not say twice is no measure.
 */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Answer } from './answer.ts'
import { compare, firstDifferingSector } from './compare.ts'
import { copyDisks, imagePath, makeDisks, packDisks, unpackDisks } from './disks.ts'
import { scriptsOf, type FuzzCase, type FuzzScripts } from './fuzz_case.ts'
import type { Kernel, Question } from './kernel.ts'
import { observe, type Observation } from './observation.ts'
import { withScratch } from './scratch.ts'
import type { Script } from './script.ts'

/** What came of a case. */
export interface Verdict {
  /** As it was asked; with its images, where the kernel's power cut made them and the worlds differ. */
  readonly asked: FuzzCase
  /** What the worlds say differently; empty if they agree. */
  readonly differences: readonly string[]
  /** Number of the first command that differs, from 0, or null if it is the disks only. */
  readonly firstCommand: number | null
  /** Why the kernel's answer is no measure, null if it is one. */
  readonly problem: string | null
  /** The kernel's answer, for a golden. */
  readonly expected: Observation | null
}

export interface Worlds {
  /** Where the images of a power cut in the kernel are kept when the worlds differ about them. */
  readonly found: string
  readonly ask: (questions: readonly Question[]) => Promise<Kernel>
  readonly simulate: (script: Script, disksFolder: string) => Answer
}

/** So long may a short script hang. */
const PATIENCE_SECONDS = 45

interface Trial extends FuzzScripts {
  readonly asked: FuzzCase
  /** Folder of the images of a world, by its name. */
  readonly folder: (world: string) => string
  here: Answer | null
  problem: string | null
}

/** Asks about cases; their names must differ. Verdicts come in the order of the cases. */
export async function askBoth(cases: readonly FuzzCase[], worlds: Worlds): Promise<Verdict[]> {
  return await withScratch('fuzz', async (scratch) => {
    const trials = cases.map((asked): Trial => {
      const folder = (world: string): string => join(scratch, asked.name, world)
      return { asked, ...scriptsOf(asked), folder, here: null, problem: null }
    })
    for (const trial of trials) prepare(trial, worlds)
    const asking = worlds.ask(trials.flatMap(questionsOf))
    const simulating = simulateAll(trials, worlds)
    // An error of one is told when both have ended: the folders are in use until then.
    const [asked] = await Promise.allSettled([asking, simulating])
    await simulating
    if (asked.status === 'rejected') throw asked.reason
    return trials.map((trial) => {
      const verdict = judge(trial, asked.value, worlds)
      rmSync(join(scratch, trial.asked.name), { recursive: true, force: true })
      return verdict
    })
  })
}

/** Lays the disks of both worlds, where no cut in the kernel has to make them first. */
function prepare(trial: Trial, { simulate }: Worlds): void {
  const { script, cut, folder } = trial
  const kept = trial.asked.cut?.images
  if (cut === null) {
    makeDisks(script.disks, folder('kernel'))
    makeDisks(script.disks, folder('simulator'))
  } else if (kept !== undefined) {
    unpackDisks(kept, folder('kernel'))
    unpackDisks(kept, folder('simulator'))
  } else if (cut.cutIn === 'simulator') {
    makeDisks(cut.disks, folder('simulator'))
    const { problem } = simulate(cut, folder('simulator'))
    if (problem !== null) trial.problem = `before the cut: ${problem}`
    copyDisks(folder('simulator'), folder('kernel'))
  } else {
    makeDisks(cut.disks, folder('cut'))
  }
}

/** What the kernel is asked: the script, after the one that makes its disks if that is its own work. */
function questionsOf(trial: Trial): Question[] {
  const { script, cut, folder } = trial
  const isBrisk = script.looseBitmap
  const question = { script, disksFolder: folder('kernel'), patienceSeconds: PATIENCE_SECONDS, isBrisk }
  if (cut === null || !waitsForKernel(trial)) return [question]
  const whenCut = (images: string): void => {
    for (const world of ['kernel', 'simulator', KEPT]) copyDisks(images, folder(world))
  }
  const first = { script: cut, disksFolder: folder('cut'), patienceSeconds: PATIENCE_SECONDS, isBrisk, whenCut }
  return [first, { ...question, madeBy: cut.name }]
}

/** The images as a cut in the kernel left them, to be kept if need be. */
const KEPT = 'kept'

function waitsForKernel({ asked: { cut } }: Trial): boolean {
  return cut !== null && cut.cutIn === 'kernel' && cut.images === undefined
}

/** Runs what can be run, letting the kernel's side have its turns between. */
async function simulateAll(trials: readonly Trial[], { simulate }: Worlds): Promise<void> {
  for (const trial of trials) {
    if (!waitsForKernel(trial)) trial.here = simulate(trial.script, trial.folder('simulator'))
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function judge(trial: Trial, kernel: Kernel, { simulate, found }: Worlds): Verdict {
  const { asked, script, folder } = trial
  const none = { asked, differences: [], firstCommand: null, expected: null }
  const answer = kernel.answers.get(script.name)
  if (answer === undefined) return { ...none, problem: 'the kernel gave no answer' }
  if (waitsForKernel(trial) && !existsSync(folder('simulator'))) {
    return { ...none, problem: "the kernel's power was never cut" }
  }
  if (answer.problem !== null) return { ...none, problem: answer.problem }
  const here = trial.here ?? simulate(script, folder('simulator'))
  const expected = observe(answer, script.looseBitmap)
  const got = observe(here, script.looseBitmap)
  const differences = compare(expected, got, (disk) => {
    const [one, other] = ['kernel', 'simulator'].map((world) => readFileSync(imagePath(folder(world), disk)))
    return firstDifferingSector(one!, other!, expected.disks[disk]?.contents.fromSector ?? 0)
  })
  const mistake = trial.problem ?? here.problem
  if (mistake !== null) differences.unshift(`the simulator: ${mistake}`)
  const first = /^command (\d+)/.exec(differences.find((text) => text.startsWith('command ')) ?? '')
  const firstCommand = first === null ? null : Number(first[1]) - 1
  if (differences.length === 0 || !waitsForKernel(trial))
    return { asked, differences, firstCommand, problem: null, expected }
  mkdirSync(found, { recursive: true })
  const images = join(found, `${asked.name}.cut.golden.gz`)
  packDisks(folder(KEPT), images)
  const kept = { ...asked, cut: { ...asked.cut!, images } }
  return { asked: kept, differences, firstCommand, problem: null, expected }
}
