import { expect, test } from 'vitest'
import { setUp, testMachine } from '../lab/fixture.ts'
import { FIRST_MACHINE } from '../lab/first_machine.ts'
import { arrayFrame } from './array_frame.ts'
import type { ProcedureFrame } from './frame.ts'

test('procedures are told while they are under way: their next step is one of their steps', () => {
  const machine = testMachine()
  setUp(machine, FIRST_MACHINE)
  const seen = new Map<string, ProcedureFrame>()
  for (let i = 0; i < 120; i++) {
    machine.run({ untilStep: machine.sim.steps + 1 })
    const { procedures, stripes, writesPending } = arrayFrame(machine.kernel.md.arrays[0])
    for (const procedure of procedures) seen.set(procedure.name, procedure)
    const isWaiting = stripes.some(({ state }) => state === 'bitmap')
    expect(procedures.some(({ name }) => name === 'bitmap flush')).toBe(isWaiting)
    if (isWaiting) expect(writesPending).toBeGreaterThan(0)
  }
  expect([...seen.keys()]).toEqual(expect.arrayContaining(['bitmap flush', 'superblock update']))
  for (const { step, steps, pending } of seen.values()) {
    expect(steps).toContain(step)
    expect(pending).toBeGreaterThan(0)
  }
})
