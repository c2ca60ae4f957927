/** The scenarios with known outcomes: each a script that says itself what must come of it. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import './whole_language.ts'
import { testArena } from './fixture.ts'
import { Machine } from './machine.ts'
import { needsPast } from './needs_past.ts'
import { Pair } from './pair.ts'
import { runScript, scriptSeed, type ScriptOutcome } from './script.ts'
import { Session } from './session.ts'
import { runSessionScript } from './session_script.ts'

const FOLDER = join(import.meta.dirname, 'scenarios')

/** Numbers that have no script yet, and why. */
const TO_COME: Readonly<Record<string, string>> = {
  s27: 'reshape',
  s28: 'arrays of DDF',
  s32: 'a partial parity log',
  s38: 'mdadm --grow --bitmap',
}

const files = readdirSync(FOLDER).filter((file) => file.endsWith('.lab'))
const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8')

function run(text: string): ScriptOutcome {
  const machine = new Machine({ seed: scriptSeed(text) ?? 0, arena: testArena(64) })
  if (!needsPast(text)) return runScript(machine, text)
  const arena = (): ReturnType<typeof testArena> => testArena(64)
  return runSessionScript(new Pair(new Session(machine, { arena }), { arena }), text)
}

test.each(files)('%s', (file) => {
  const { results, stuck, ok } = run(read(file))
  expect(stuck).toBeNull()
  const { command, stderr } = results.at(-1) ?? { command: 'nothing', stderr: 'it is empty' }
  expect(ok ? 'all as expected' : `${command}: ${stderr}`).toBe('all as expected')
  expect(results.filter(({ argv0 }) => argv0 === 'expect').length).toBeGreaterThan(0)
})

test('every number up to 40 has its scenario, but for those that need what comes later', () => {
  const numbers = Array.from({ length: 40 }, (_, i) => `s${String(i + 1).padStart(2, '0')}`)
  const missing = numbers.filter((number) => !files.some((file) => file.startsWith(`${number}_`)))
  expect(missing).toEqual(Object.keys(TO_COME))
})

test.each(files)('%s begins with its number and its name in the suite it comes from', (file) => {
  const [, number] = /^([sl]\d\d)_[a-z0-9_]+\.lab$/.exec(file) ?? []
  expect(number).toBeDefined()
  expect(read(file).split('\n')[0]).toMatch(new RegExp(`^# ${number?.toUpperCase()}, \\S.+: \\S.+`))
})

describe('a scenario whose outcome is another', () => {
  const failing = (text: string): boolean => !run(text).ok

  test('fails', () => {
    expect(failing('echo 3\nexpect 3')).toBe(false)
    expect(failing('echo 3\nexpect 4')).toBe(true)
    expect(failing('echo 3 > /tmp/x\necho 4\nexpect < /tmp/x')).toBe(true)
    expect(failing('false\nexpect')).toBe(true)
    expect(failing('true\nexpect --fails')).toBe(true)
    expect(failing('false\nexpect --fails\nfalse')).toBe(true)
  })

  test('ends there', () => {
    const { results } = run('echo one\nexpect two\necho three')
    expect(results.map(({ argv0 }) => argv0)).toEqual(['echo', 'expect'])
  })
})
