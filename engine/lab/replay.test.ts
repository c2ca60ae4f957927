import { describe, expect, test } from 'vitest'
import { Media } from '../block/media.ts'
import { Chance } from '../sim/chance.ts'
import { setUp, testArena, testMachine } from './fixture.ts'
import { hashDisks, TraceHash } from './hash.ts'
import type { Machine } from './machine.ts'
import { fingerprint, instantOf, replay, type Fingerprint } from './replay.ts'
import { exportRecording, importRecording } from './recording_text.ts'
import { LONG_SCRIPTS } from './long_scripts.ts'
import { splitScript, typeLine } from './script.ts'

/** Types the lines at odd instants, some before the last has returned. */
function typeAtRandom(machine: Machine, script: string, seed: number, trace: TraceHash): void {
  const chance = new Chance(seed, 'typing')
  const follow = (): void => trace.follow(machine.sim.trace)
  for (const line of splitScript(script)) {
    machine.type(line)
    if (chance.below(3) === 0) machine.run({ maxEvents: chance.below(200) })
    else while (machine.busy && machine.run({ maxEvents: 100 }) > 0) follow()
    follow()
    if (chance.below(4) === 0) machine.idleUntil(machine.sim.now + chance.below(1000))
  }
  while (machine.busy && machine.run({ maxEvents: 100 }) > 0) follow()
  follow()
}

function again(machine: Machine, recording = machine.recording): Fingerprint {
  const trace = new TraceHash()
  const replayed = replay(recording, instantOf(machine), { arena: testArena(), trace })
  if (!replayed.ok) throw new Error(replayed.message)
  return fingerprint(replayed.value, trace)
}

describe.each(LONG_SCRIPTS)('$name', ({ script }) => {
  test.each([1, 2, 3])('a recording gives the same bytes and the same trace again (typing %i)', (seed) => {
    const machine = testMachine()
    const trace = new TraceHash()
    typeAtRandom(machine, script, seed, trace)
    const print = fingerprint(machine, trace)
    expect(trace.missed).toBe(false)
    expect(again(machine)).toEqual(print)
    expect(again(machine)).toEqual(print)
  })

  test('its text form is the same recording, and a script', () => {
    const machine = testMachine({ seed: 77 })
    typeAtRandom(machine, script, 4, new TraceHash())
    const text = exportRecording(machine.recording)
    const imported = importRecording(text)
    expect(imported).toEqual({ ok: true, value: machine.recording })
    expect(splitScript(text)).toEqual(['seed 77', ...splitScript(script)])
  })
})

test('another seed gives other bytes', () => {
  const machine = testMachine()
  setUp(machine, 'disk create sda 64K\nworkload start w /dev/sda --sync\nrun 1ms')
  const print = again(machine)
  const other = again(machine, { ...machine.recording, seed: 2 })
  expect(other.disks).not.toEqual(print.disks)
})

test('what was there before the first line is recorded with it', () => {
  const image = new Media(65536)
  image.write(0, new Uint8Array(512).fill(9), 0, 512)
  const bytes = new Map([['sda', image]])
  const machine = testMachine({ epochSeconds: 1_800_000_000 })
  const media = new Media(65536)
  media.write(0, new Uint8Array(512).fill(9), 0, 512)
  machine.attachDisk('sda', media)
  machine.attachDisk('sdb', new Media(65536), 'hdd')
  machine.bootScript = 'disk list\n'
  machine.addFault('slow', 'sda', 0, 128, 3)
  machine.addFault('hang', 'sda', 0, 128, Infinity)
  machine.addFaultAgain({ id: 7, kind: 'rot', disk: 'sda', sector: 4, sectors: 3, amount: 0, healed: [5] })
  machine.pullDisk('sdb')
  const trace = new TraceHash()
  for (const line of ['fault lift 2', 'workload start w /dev/sda', 'run 1ms', 'power cut', 'power on', 'boot show']) {
    typeLine(machine, line, () => trace.follow(machine.sim.trace))
  }
  const print = fingerprint(machine, trace)
  const imported = importRecording(exportRecording(machine.recording))
  if (!imported.ok) throw new Error(imported.message)
  expect(imported.value).toEqual(machine.recording)
  const replayTrace = new TraceHash()
  const replayed = replay(imported.value, instantOf(machine), { arena: testArena(), images: bytes, trace: replayTrace })
  if (!replayed.ok) throw new Error(replayed.message)
  expect(fingerprint(replayed.value, replayTrace)).toEqual(print)
  expect(replayed.value.results).toEqual(machine.results)
  expect(hashDisks(replayed.value)).toEqual(hashDisks(machine))
})

test('a recording that starts with its own seed line keeps it', () => {
  const machine = testMachine()
  setUp(machine, 'seed 5\ndisk create sda 64K\nworkload start w /dev/sda --sync\nrun 1ms')
  const text = exportRecording(machine.recording)
  expect(text.match(/^seed/gm)).toHaveLength(1)
  expect(importRecording(text)).toEqual({ ok: true, value: machine.recording })
  expect(again(machine).disks).toEqual(hashDisks(machine))
})

test.each([
  '',
  'disk list',
  'seed 1',
  'seed 1\n# epoch x',
  'seed 1\n# epoch 5\n# disk sda x ideal',
  'seed 1\n# epoch 5\n#@ x',
])('%j is no recording', (text) => {
  expect(importRecording(text).ok).toBe(false)
})
