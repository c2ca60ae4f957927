/**
 * Crash everywhere, for arrays with a write journal, whose log is so short that it goes round many times: the power is cut at every disk
 * write under random workloads. Nothing is resynced; what was flushed is there, every sector is old or new, all parity is right; and
 * with as many members gone as the level bears, before the array comes up or after, what is read is the same.
 */
import { describe, expect, test } from 'vitest'
import type { Keep } from '../block/power_switch.ts'
import { diskNames, mismatches, paths, PATIENCE_MS } from './crash_array_fixture.ts'
import { addShadow, readDevice, shadowOf } from './crash_fixture.ts'
import { cutAtEveryWrite } from './explore.ts'
import { say, setUp, testArena, testMachine } from './fixture.ts'
import type { Machine } from './machine.ts'

const KEEPS: readonly Keep[] = ['none', 'all', 'random']

interface JournaledArray {
  readonly name: string
  readonly level: number
  readonly members: number
  readonly chunk: number
  readonly model: string
  /** Of the journal's device, one MiB of which is metadata. */
  readonly journal: string
  readonly mode: 'write-through' | 'write-back'
  readonly workloads: string
  readonly ios: number
}

const SMALL = `workload start a /dev/shadow --depth 2 --size 3K --region 0+96K
workload start b /dev/shadow --sync --size 4K --region 96K+64K`
const LARGE = `workload start a /dev/shadow --depth 2 --size 32K --pattern seq --region 0+96K
workload start b /dev/shadow --depth 2 --size 4K --region 96K+64K`
const PAGES = `workload start a /dev/shadow --depth 2 --size 4K --region 0+96K
workload start b /dev/shadow --sync --size 8K --region 96K+64K`

const ARRAYS: readonly JournaledArray[] = [
  {
    name: 'RAID-5, write-through, a log of 128 KiB',
    level: 5,
    members: 4,
    chunk: 4,
    model: 'ideal',
    journal: '1152K',
    mode: 'write-through',
    workloads: SMALL,
    ios: 240,
  },
  {
    name: 'RAID-4, write-through, on disks that write back by themselves and take discards',
    level: 4,
    members: 3,
    chunk: 16,
    model: 'ssd',
    journal: '1280K',
    mode: 'write-through',
    workloads: LARGE,
    ios: 200,
  },
  {
    name: 'RAID-6, write-through, on disks that turn',
    level: 6,
    members: 5,
    chunk: 8,
    model: 'hdd',
    journal: '1280K',
    mode: 'write-through',
    workloads: SMALL,
    ios: 200,
  },
  {
    name: 'RAID-5, write-back, a log of 512 KiB',
    level: 5,
    members: 3,
    chunk: 4,
    model: 'ideal',
    journal: '1536K',
    mode: 'write-back',
    workloads: PAGES,
    ios: 200,
  },
  {
    name: 'RAID-6, write-back, a log of 384 KiB',
    level: 6,
    members: 4,
    chunk: 8,
    model: 'ssd',
    journal: '1408K',
    mode: 'write-back',
    workloads: PAGES,
    ios: 200,
  },
]

/** An array of zeros, at rest, that is assembled when the power comes back; the oracle lies over it. */
function makeJournaled(array: JournaledArray, seed: number): Machine {
  const { level, members, chunk, model, journal, mode } = array
  const machine = testMachine({ seed })
  const names = diskNames(members)
  const create = `mdadm --create /dev/md0 --metadata=1.2 --level=${level} --raid-devices=${members} --chunk=${chunk} --assume-clean --run ${paths(names)} --write-journal /dev/log`
  setUp(
    machine,
    [
      ...names.map((name) => `disk create ${name} 1104K --model ${model}`),
      `disk create log ${journal} --model ${model}`,
      create,
      `boot set <<'END'\nmdadm --assemble /dev/md0 ${paths(names)} /dev/log\nEND`,
      `settle\necho ${mode} > /sys/block/md0/md/journal_mode\nsettle`,
    ].join('\n'),
  )
  addShadow(machine, 'md0')
  return machine
}

/**
 * Which cuts an array is to bear. Write-back, Linux notes in the log that a stripe is on its members before they are flushed: only where
 * members lose nothing of what they have acknowledged is nothing lost.
 */
function keepsOf({ mode }: JournaledArray, write: number): Keep[] {
  return [mode === 'write-back' ? 'all' : KEEPS[write % KEEPS.length]]
}

/**
 * Has the array assembled. Where a cut in the middle of a superblock update has left the journal alone with the newest count, mdadm takes it
 * for stale; it has to be forced then, and the array to be made writable.
 */
function bringUp(machine: Machine, line: string, members: readonly string[]): void {
  const { status, stderr } = say(machine, line)
  if (status === 0) return
  expect(stderr).toContain('missing or stale journal')
  const events = [...members, 'log'].map((name) =>
    Number(/Events : (\d+)/.exec(say(machine, `mdadm --examine /dev/${name}`).stdout)?.[1]),
  )
  expect(events.at(-1)).toBe(Math.max(...events.slice(0, -1)) + 1)
  setUp(machine, `mdadm --assemble --force --run /dev/md0 ${paths(members)} /dev/log\nmdadm --readwrite /dev/md0`)
}

test(
  'write-back, and members lose what was not flushed: what the log calls written is lost, as in Linux',
  { timeout: PATIENCE_MS },
  () => {
    const array = { ...ARRAYS[3], workloads: SMALL }
    const machine = makeJournaled(array, 23)
    setUp(machine, array.workloads)
    machine.type('step 120')
    let shadow = shadowOf(machine)
    let states = 0
    let lost = 0
    cutAtEveryWrite(machine, {
      keeps: () => ['none'],
      arena: testArena(),
      beforeCut: (copy) => (shadow = shadowOf(copy)),
      visit: ({ machine: crashed }) => {
        bringUp(crashed, 'power on', diskNames(array.members))
        states++
        if (shadow.wrongSectors(readDevice(crashed, 'md0')).length > 0) lost++
      },
    })
    expect(lost).toBeGreaterThan(5)
    expect(lost).toBeLessThan(states)
  },
)

describe.each(ARRAYS)('$name', (array) => {
  test('cut at every disk write', { timeout: PATIENCE_MS }, () => {
    const machine = makeJournaled(array, 21)
    setUp(machine, array.workloads)
    machine.type(`step ${array.ios}`)
    let shadow = shadowOf(machine)
    const writes = cutAtEveryWrite(machine, {
      keeps: (write) => keepsOf(array, write),
      arena: testArena(),
      beforeCut: (copy) => (shadow = shadowOf(copy)),
      visit: ({ machine: crashed, write, keep }) => {
        const state = `write ${write}, keep ${String(keep)}`
        bringUp(crashed, 'power on', diskNames(array.members))
        expect(say(crashed, 'cat /sys/block/md0/md/sync_action').stdout, state).toBe('idle\n')
        setUp(crashed, 'settle')
        expect(shadow.wrongSectors(readDevice(crashed, 'md0')), state).toEqual([])
        expect(mismatches(crashed), state).toBe(0)
        setUp(crashed, `mdadm --fail /dev/md0 /dev/${diskNames(array.members)[write % array.members]}\nsettle`)
        expect(shadow.wrongSectors(readDevice(crashed, 'md0')), `${state}, degraded`).toEqual([])
      },
    })
    expect(writes).toBeGreaterThan(40)
  })

  test('cut, and members are lost before the array comes up again', { timeout: PATIENCE_MS }, () => {
    const machine = makeJournaled(array, 22)
    setUp(machine, array.workloads)
    machine.type(`step ${array.ios}`)
    let shadow = shadowOf(machine)
    const names = diskNames(array.members)
    const writes = cutAtEveryWrite(machine, {
      keeps: (write) => keepsOf(array, write),
      arena: testArena(),
      beforeCut: (copy) => (shadow = shadowOf(copy)),
      visit: ({ machine: crashed, write, keep }) => {
        const lost = [write % array.members, ...(array.level === 6 ? [(write + 2) % array.members] : [])]
        const state = `write ${write}, keep ${String(keep)}, without ${lost.join(' ')}`
        const left = names.filter((_, slot) => !lost.includes(slot))
        setUp(crashed, `boot set <<'END'\nEND\npower on`)
        bringUp(crashed, `mdadm --assemble --run /dev/md0 ${paths(left)} /dev/log`, left)
        setUp(crashed, 'settle')
        expect(shadow.wrongSectors(readDevice(crashed, 'md0')), state).toEqual([])
      },
    })
    expect(writes).toBeGreaterThan(40)
  })
})
