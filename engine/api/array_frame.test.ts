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

test.each([
  ['--level=0 --raid-devices=3 --chunk=64', 'a b c'],
  ['--level=1 --raid-devices=2 --bitmap=internal', 'a missing'],
  ['--level=10 --raid-devices=3 --layout=f2 --chunk=64 --bitmap=internal', 'a b c'],
])('an array of every level has a frame, at every moment of its first sync: %s', (options, members) => {
  const machine = testMachine()
  setUp(machine, 'disk create a 11M --model hdd\ndisk create b 12M --model hdd\ndisk create c 12M --model hdd')
  const names = members.split(' ').map((name) => (name === 'missing' ? name : `/dev/${name}`))
  setUp(machine, `mdadm --create /dev/md0 --metadata=1.2 ${options} --run ${names.join(' ')}`)
  if (members.includes('missing')) setUp(machine, 'mdadm --add /dev/md0 /dev/b')
  const actions = new Set<string>()
  for (let i = 0; i < 60; i++) {
    machine.run({ untilStep: machine.sim.steps + 1 })
    const { sync, members: shown, slotSectors } = arrayFrame(machine.kernel.md.arrays[0])
    actions.add(sync.action)
    expect(shown.length).toBeGreaterThanOrEqual(names.length)
    expect(slotSectors.length).toBe(names.length)
  }
  expect(actions).toContain(
    options.startsWith('--level=0') ? 'idle' : members.includes('missing') ? 'recover' : 'resync',
  )
})
