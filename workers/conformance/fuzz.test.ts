import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Answer } from './answer.ts'
import { diskNames, imagePath } from './disks.ts'
import { runFuzz, type FuzzSurroundings } from './fuzz.ts'
import { fuzzCase } from './fuzz_cases.ts'
import type { Question } from './kernel.ts'
import type { Script } from './script.ts'

const SEED = 7
let folder = ''
let said: string[] = []
let boots: string[][] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'found-'))
  said = []
  boots = []
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

type Says = (script: Script, command: string, boot: number) => string

/** A world in which every command says what it is told to say. */
function answer(script: Script, disksFolder: string, says: (command: string) => string): Answer {
  const commands = script.commands.map(({ text }) => ({
    command: text,
    stdout: `${says(text)}\n`,
    stderr: '',
    status: 0,
  }))
  return { world: 'simulator', commands, disksFolder, problem: null }
}

function around(kernelSays: Says, problem: (script: Script) => string | null = () => null): FuzzSurroundings {
  const ask = (questions: readonly Question[]): ReturnType<FuzzSurroundings['ask']> => {
    boots.push(questions.map(({ script }) => script.name))
    const answers = questions.map(({ script, disksFolder, whenCut }): [string, Answer] => {
      whenCut?.(disksFolder)
      const { commands } = answer(script, disksFolder, (text) => kernelSays(script, text, boots.length))
      return [script.name, { world: 'kernel', commands, disksFolder, problem: problem(script) }]
    })
    return Promise.resolve({ release: '6.1', mdadm: '4.2', answers: new Map(answers) })
  }
  return {
    ask,
    simulate: (script, disks) => answer(script, disks, () => 'same'),
    found: join(folder, 'found'),
    say: (line) => said.push(line),
  }
}

/** Small cases: tables that are refused. */
const SMALL = Array.from({ length: 60 }, (_, i) => i)
  .filter((i) => fuzzCase(SEED, i).kind.startsWith('wrong table'))
  .slice(0, 3)
const ODD = `fuzz_${SEED}_${SMALL[1]!}`
const options = { cases: 60, seed: SEED, only: new RegExp(`_(${SMALL.join('|')})$`) }

test('worlds that agree: every case passes, in one boot, and the seed is named', async () => {
  const tally = await runFuzz(
    options,
    around(() => 'same'),
  )
  expect(tally).toEqual({ passed: 3, failed: 0, skipped: [] })
  expect(boots).toHaveLength(1)
  expect(said[0]).toContain(`3 cases of seed ${SEED}`)
  expect(said.at(-1)).toContain('3 alike, 0 differ')
})

test('a difference that is there twice is reduced, told and written down as a script', async () => {
  const named = (script: Script): boolean => script.name.startsWith(ODD)
  const tally = await runFuzz(
    options,
    around((script, text) => (named(script) && text === 'settle' ? 'other' : 'same')),
  )
  expect(tally).toMatchObject({ passed: 2, failed: 1 })
  expect(said.join('\n')).toContain(`FAIL  ${ODD}`)
  const files = readdirSync(join(folder, 'found'))
  expect(files.filter((file) => file.endsWith('.lab')).length).toBeGreaterThan(0)
  const text = readFileSync(
    join(
      folder,
      'found',
      files.find((file) => file.endsWith('.lab'))!,
    ),
    'utf8',
  )
  expect(text).toContain('settle')
  expect(said.join('\n')).toContain('- other')
})

test('what the kernel says only once is no difference', async () => {
  const tally = await runFuzz(
    options,
    around((script, text, boot) => (boot === 1 && script.name.startsWith(ODD) && text === 'settle' ? 'x' : 'same')),
  )
  expect(tally).toMatchObject({ passed: 3, failed: 0 })
  expect(boots[1]!.every((name) => name.includes(`${ODD}_again`))).toBe(true)
  expect(said.join('\n')).toContain('only once')
})

test('a case at which the kernel fails twice is named, and counted apart', async () => {
  const tally = await runFuzz(
    options,
    around(
      () => 'same',
      (script) => (script.name.startsWith(ODD) ? 'it did not end' : null),
    ),
  )
  expect(tally.passed).toBe(2)
  expect(tally.skipped).toEqual([`${ODD} (it did not end)`])
})

test('only the cases of a name are asked', async () => {
  await runFuzz(
    { ...options, only: new RegExp(`^${ODD}$`) },
    around(() => 'same'),
  )
  expect(boots).toEqual([[ODD]])
})

test('the images that the kernel left at a cut are kept when the worlds differ about them, and asked about again', async () => {
  const seed = 11
  const at = Array.from({ length: 300 }, (_, i) => i).find((i) => fuzzCase(seed, i).cut?.cutIn === 'kernel')!
  const world = around((script, text) => (script.name.includes('.after') && text === 'settle' ? 'other' : 'same'))
  const ask = (questions: readonly Question[]): ReturnType<FuzzSurroundings['ask']> => {
    for (const { script, disksFolder } of questions) {
      if (script.cutIn !== null)
        for (const disk of diskNames(disksFolder)) writeFileSync(imagePath(disksFolder, disk), disk.repeat(512))
    }
    return world.ask(questions)
  }
  const tally = await runFuzz({ cases: at + 1, seed, only: new RegExp(`_${at}$`) }, { ...world, ask })
  expect(tally.failed).toBe(1)
  const name = `fuzz_${seed}_${at}`
  expect(readdirSync(join(folder, 'found'))).toContain(`${name}.cut.golden.gz`)
  expect(boots[0]).toEqual([`${name}.cut`, `${name}.after`])
  // The second time the disks are those that were kept: no cut is needed.
  expect(boots[1]).toEqual([`${name}_again.after`])
})
