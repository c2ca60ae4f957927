import { expect, test } from 'vitest'
import { assert } from '../base/assert.ts'
import { setUp, testArena, testMachine } from './fixture.ts'
import { hashDisks } from './hash.ts'
import type { Machine } from './machine.ts'
import { instantOf, replay } from './replay.ts'

const LONG = 'dd if=/dev/zero of=/dev/a bs=4k count=512 oflag=direct status=none'

function machineAtWork(): Machine {
  const machine = testMachine()
  setUp(machine, 'disk create a 2M --model ssd\ndisk create b 2M --model ssd')
  machine.type(LONG)
  machine.run({ untilStep: machine.sim.steps + 100 })
  expect(machine.busy).toBe(true)
  return machine
}

function runOut(machine: Machine): void {
  while (machine.busy) expect(machine.run({ maxEvents: 1000 })).toBeGreaterThan(0)
}

test('a cut falls at once, in the middle of a command', () => {
  const machine = machineAtWork()
  const { steps } = machine.sim
  machine.type('power cut --keep none')
  expect(machine.powerOn).toBe(false)
  expect(machine.sim.steps).toBe(steps)
  expect(machine.busy).toBe(false)
  const [cut, dd] = machine.results.slice(-2)
  expect(cut).toMatchObject({ command: 'power cut --keep none', status: 0, source: 'typed' })
  expect(dd).toMatchObject({ command: LONG, status: 1, stderr: 'dd: the power failed\n' })
})

test('a disk is pulled, and a fault added, in the middle of a command', () => {
  const machine = machineAtWork()
  machine.type('fault add slow b 3; disk list')
  expect(machine.faults()).toHaveLength(1)
  expect(machine.results.at(-1)?.stdout).toContain('a')
  expect(machine.busy).toBe(true)
  machine.type('disk pull a')
  expect(machine.disks()[0].pulled).toBe(true)
  runOut(machine)
  expect(machine.results.at(-1)).toMatchObject({ command: LONG, status: 1 })
})

test('what does not interject waits its turn, and so does a text in which something does not', () => {
  const machine = machineAtWork()
  const before = machine.results.length
  machine.type('echo later\nfault list')
  machine.type('boot show')
  expect(machine.results.length).toBe(before)
  runOut(machine)
  expect(machine.results.slice(before).map(({ command }) => command)).toEqual([
    LONG,
    'echo later',
    'fault list',
    'boot show',
  ])
})

test('a text that begins with a cut cuts at once, and the rest of it waits', () => {
  const machine = machineAtWork()
  const { steps } = machine.sim
  machine.type('echo later')
  machine.type('power cut --keep none; power on; fault list')
  expect(machine.sim.steps).toBe(steps)
  runOut(machine)
  expect(machine.powerOn).toBe(true)
  const results = machine.results.slice(-5).map(({ command, status }) => [command, status])
  expect(results).toEqual([
    ['power cut --keep none', 0],
    [LONG, 1],
    ['echo later', 1],
    ['power on', 0],
    ['fault list', 0],
  ])
  const again = replay(machine.recording, instantOf(machine), { arena: testArena() })
  assert(again.ok, 'the recording can be replayed')
  expect(again.value.results).toEqual(machine.results)
})

test('lines that wait still run after a cut', () => {
  const machine = machineAtWork()
  machine.type('echo later')
  machine.type('power cut')
  runOut(machine)
  const results = machine.results.slice(-3).map(({ command, status }) => [command, status])
  expect(results).toEqual([
    ['power cut', 0],
    [LONG, 1],
    ['echo later', 1],
  ])
})

test('a workload that is stopped in the middle of a command is awaited beside it', () => {
  const machine = testMachine()
  setUp(machine, 'disk create a 2M --model ssd\ndisk create b 2M --model ssd\nworkload start w /dev/b --depth 4')
  machine.type(LONG)
  machine.run({ untilStep: machine.sim.steps + 100 })
  machine.type('workload stop w')
  expect(machine.workloads.list()).toEqual([])
  runOut(machine)
  expect(machine.results.slice(-2).map(({ command }) => command)).toEqual(['workload stop w', LONG])
})

test('a recording with interjections makes the same machine again', () => {
  const machine = machineAtWork()
  machine.type('fault add latent b 5+3')
  machine.run({ untilStep: machine.sim.steps + 50 })
  machine.type('power cut')
  machine.type('power on')
  runOut(machine)
  const again = replay(machine.recording, instantOf(machine), { arena: testArena() })
  assert(again.ok, 'the recording can be replayed')
  expect(again.value.results).toEqual(machine.results)
  expect(hashDisks(again.value)).toEqual(hashDisks(machine))
})
