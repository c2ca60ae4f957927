/** What the kernel says of the scenarios: whatever they expect, it does, or they say why it is not asked. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readGolden } from './golden.ts'
import { parseScript } from './script.ts'
import { lineBeyondKernel, SCENARIOS } from './suite.ts'

const files = readdirSync(SCENARIOS)
const names = files.filter((file) => file.endsWith('.lab')).map((file) => file.slice(0, -'.lab'.length))

test.each(names)('%s was asked of the kernel, or says why not', (name) => {
  const script = parseScript(name, readFileSync(join(SCENARIOS, `${name}.lab`), 'utf8'))
  const golden = readGolden(SCENARIOS, name)
  if (script.notAsked !== null) {
    expect(golden).toBeNull()
    return
  }
  expect(lineBeyondKernel(script)).toBeNull()
  expect(golden?.script).toBe(script.hash)
  const wrong = golden?.commands.filter(({ command, status }) => command.startsWith('expect') && status !== 0)
  expect(wrong).toEqual([])
})

test('nothing lies about that belongs to no scenario', () => {
  const known = names.flatMap((name) => [`${name}.lab`, `${name}.golden.json`])
  expect(files.filter((file) => !known.includes(file))).toEqual([])
})
