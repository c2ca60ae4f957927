import { expect, test } from 'vitest'
import { COMMANDS } from '../../engine/lab/commands.ts'
import { COMMAND_FAMILIES, COMMAND_NAMES, familyOf } from './command_family.ts'

test('the page knows the commands that the machine knows', () => {
  const known = [...COMMANDS.specs.values()]
  expect(COMMAND_NAMES).toEqual(known.map(({ name }) => name).sort())
  for (const { name, family } of known) expect([name, familyOf(name)]).toEqual([name, family])
  expect(new Set(COMMAND_NAMES).size).toBe(COMMAND_FAMILIES.linux.length + COMMAND_FAMILIES.lab.length)
})

test('the first word decides', () => {
  expect(familyOf(' power cut --keep all')).toBe('lab')
  expect(familyOf('echo power')).toBe('linux')
  expect(familyOf('settle; sync')).toBe('lab')
  expect(familyOf('nonsense')).toBe('linux')
})
