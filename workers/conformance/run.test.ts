import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Answer } from './answer.ts'
import { diskBytes, imagePath } from './disks.ts'
import { runConformance } from './run.ts'
import type { Options, Surroundings, Tally } from './run.ts'
import type { Script, World } from './script.ts'

let folder = ''
let said: string[] = []
let asked: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'scripts-'))
  said = []
  asked = []
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

/** A world in which every command prints its own number and writes it to the first byte of disk a. */
function answer(world: World, script: Script, disksFolder: string, change = (text: string): string => text): Answer {
  const image = readFileSync(imagePath(disksFolder, 'a'))
  const cut = script.cutIn !== null
  image[0] = cut ? 99 : script.commands.length
  writeFileSync(imagePath(disksFolder, 'a'), image)
  const commands = script.commands.map(({ text }, i) => ({
    command: text,
    stdout: change(`${i} ${cut ? '' : image[1]}\n`),
    stderr: '',
    status: 0,
  }))
  return { world, commands, disksFolder, problem: null }
}

function around(changes: Partial<Surroundings> = {}, kernelSays = (text: string): string => text): Surroundings {
  return {
    folder,
    simulate: (script, disks) => Promise.resolve(answer('simulator', script, disks)),
    ask: (questions) => {
      asked.push(...questions.map(({ script }) => script.name))
      const answers = questions.map(({ script, disksFolder }): [string, Answer] => [
        script.name,
        answer('kernel', script, disksFolder, kernelSays),
      ])
      return Promise.resolve({ release: '6.1', mdadm: '4.2', answers: new Map(answers) })
    },
    whyNoKernel: () => null,
    say: (line) => said.push(line),
    ...changes,
  }
}

const options: Options = { only: /./, all: false, record: false, recut: false, sampleKey: 'key' }

function script(name: string, commands: readonly string[] = ['sync'], header = '#! disk a 64K zero'): void {
  writeFileSync(join(folder, `${name}.lab`), `${header}\n${commands.join('\n')}\n`)
}

async function record(): Promise<Tally> {
  return await runConformance({ ...options, record: true }, around())
}

test('what was recorded passes, without the kernel but for a sample of three', async () => {
  for (const name of ['one', 'two', 'three', 'four', 'five']) script(name)
  expect(await record()).toEqual({ passed: 5, failed: 0, skipped: [] })
  asked = []
  expect(await runConformance(options, around())).toEqual({ passed: 8, failed: 0, skipped: [] })
  expect(asked).toHaveLength(3)
  const first = [...asked]
  asked = []
  await runConformance(options, around())
  expect(asked).toEqual(first)
  const others = new Set<string>()
  for (let i = 0; i < 9; i++) {
    asked = []
    await runConformance({ ...options, sampleKey: `key ${i}` }, around())
    for (const name of asked) others.add(name)
  }
  expect(others.size).toBe(5)
})

test('--only and --all choose', async () => {
  for (const name of ['one', 'two', 'three', 'four', 'five']) script(name)
  await record()
  asked = []
  expect(await runConformance({ ...options, only: /^t/ }, around())).toMatchObject({ passed: 4 })
  expect(asked.sort()).toEqual(['three', 'two'])
  expect(await runConformance({ ...options, all: true }, around())).toMatchObject({ passed: 10 })
})

test('without a kernel the goldens judge, and what could not be asked is named', async () => {
  script('one')
  script('two')
  await record()
  script('two', ['sync', 'true'])
  const tally = await runConformance(options, around({ whyNoKernel: () => 'not today' }))
  expect(tally).toEqual({
    passed: 1,
    failed: 0,
    skipped: ['one (kernel)', 'two (kernel)', 'two (the script is not the one of its golden)'],
  })
  expect(said).toContain("The kernel can't be asked: not today.")
})

test('a kernel that does not start is a kernel that can not be asked', async () => {
  script('one')
  await record()
  const dead = around({ ask: () => Promise.reject(new Error('the kernel did not start')) })
  expect(await runConformance(options, dead)).toEqual({ passed: 1, failed: 0, skipped: ['one (kernel)'] })
  expect(said).toContain("The kernel can't be asked: the kernel did not start.")
})

test('a pattern that chooses nothing is a mistake', async () => {
  script('one')
  await expect(runConformance({ ...options, only: /none/ }, around())).rejects.toThrow(
    'no script has a name like /none/',
  )
})

test('a script that changed is judged by a new answer', async () => {
  script('one')
  await record()
  script('one', ['sync', 'true'])
  asked = []
  expect(await runConformance(options, around())).toEqual({ passed: 1, failed: 0, skipped: [] })
  expect(asked).toEqual(['one'])
  expect(said).toContain('note  one: the script is not the one of its golden; record it')
})

test('a simulator that differs fails, with the place told', async () => {
  script('one')
  await record()
  const wrong = around({
    simulate: (subject, disks) => {
      const got = answer('simulator', subject, disks, () => 'something else\n')
      const image = readFileSync(imagePath(disks, 'a'))
      image[1024] = 1
      writeFileSync(imagePath(disks, 'a'), image)
      return Promise.resolve(got)
    },
  })
  expect(await runConformance({ ...options, all: true }, wrong)).toEqual({ passed: 1, failed: 1, skipped: [] })
  const text = said.join('\n')
  expect(text).toContain('FAIL  one: 2 differences')
  expect(text).toContain('- 0 0\n    + something else')
  expect(text).toContain('disk a: contents differ, first in sector 2')
})

test('a simulator that has a problem fails even if its answers are right', async () => {
  script('one')
  await record()
  const broken = around({
    simulate: (subject, disks) => Promise.resolve({ ...answer('simulator', subject, disks), problem: 'it crashed' }),
  })
  expect(await runConformance(options, broken)).toMatchObject({ failed: 1 })
  expect(said.join('\n')).toContain('the simulator: it crashed')
})

test('a kernel that contradicts its golden is asked once more, then it fails', async () => {
  script('one')
  await record()
  let late = true
  const once = (text: string): string => {
    const said = late ? 'late\n' : text
    late = false
    return said
  }
  expect(await runConformance(options, around({}, once))).toEqual({ passed: 2, failed: 0, skipped: [] })
  expect(
    await runConformance(
      options,
      around({}, () => 'other\n'),
    ),
  ).toMatchObject({ failed: 2 })
  expect(said.join('\n')).toContain('FAIL  one: the kernel no longer says what its golden says')
})

test('a kernel answer with a problem is never recorded', async () => {
  script('one')
  const stuck = around({
    ask: ([question]) => {
      const { script: subject, disksFolder } = question!
      const got = { ...answer('kernel', subject, disksFolder), problem: 'the script leaves devices behind' }
      return Promise.resolve({ release: '6.1', mdadm: '4.2', answers: new Map([[subject.name, got]]) })
    },
  })
  expect(await runConformance({ ...options, record: true }, stuck)).toEqual({ passed: 0, failed: 1, skipped: [] })
  expect(await runConformance(options, around({ whyNoKernel: () => 'none' }))).toMatchObject({
    skipped: ['one (kernel)', 'one (it has no golden)'],
  })
})

test('after a cut in the simulator the golden counts only for the very same images', async () => {
  script('x.cut', ['power cut'], '#! cut-in simulator\n#! disk a 64K zero')
  script('x.after', ['sync'], '#! disks-from x')
  await record()
  expect(await runConformance(options, around())).toEqual({ passed: 2, failed: 0, skipped: [] })
  script('x.cut', ['power cut'], '#! cut-in simulator\n#! disk a 64K pattern 3')
  asked = []
  expect(await runConformance(options, around({ whyNoKernel: () => 'none' }))).toEqual({
    passed: 0,
    failed: 0,
    skipped: ['x.after (kernel)', 'x.after (its golden was recorded for other images)'],
  })
  expect(await runConformance(options, around())).toEqual({ passed: 1, failed: 0, skipped: [] })
})

test('after a cut in the kernel the images must have been kept', async () => {
  script('x.cut', ['power cut'], '#! cut-in kernel\n#! disk a 64K zero')
  script('x.after', ['sync'], '#! disks-from x')
  expect(await runConformance(options, around())).toMatchObject({ failed: 1 })
  expect(said.join('\n')).toContain('the images of x.cut were never recorded')
})

test('a script that needs a program which is not here is not asked about, and counted', async () => {
  script('one')
  script('two')
  await runConformance({ ...options, record: true }, around())
  asked = []
  const without = around({ lacksTool: ({ name }) => name === 'one' })
  const tally = await runConformance({ ...options, all: true }, without)
  expect(asked).toEqual(['two'])
  expect(tally).toMatchObject({ failed: 0, skipped: ['one (kernel)'] })
})

test('scenarios lie in a folder of their own, beside their goldens; one that says so is not asked about', async () => {
  const scenarios = mkdtempSync(join(tmpdir(), 'scenarios-'))
  script('one')
  writeFileSync(join(scenarios, 'two.lab'), 'disk create a 64K --pattern 3\nsync\n')
  writeFileSync(join(scenarios, 'three.lab'), '# The kernel is not asked: it has no rules.\ndisk create a 64K\nrules\n')
  const simulate: Surroundings['simulate'] = (asked, disks) => {
    if (asked.makesDisks) writeFileSync(imagePath(disks, 'a'), diskBytes(asked.disks[0]!))
    return Promise.resolve(answer('simulator', asked, disks))
  }
  await runConformance({ ...options, record: true }, around({ scenarios, simulate }))
  expect(asked).toEqual(['one', 'two'])
  expect(await runConformance(options, around({ scenarios, simulate }))).toMatchObject({ passed: 4, failed: 0 })
  rmSync(scenarios, { recursive: true })
})
