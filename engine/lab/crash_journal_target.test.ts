/**
 * Crash everywhere, for raid targets with a write journal: the power is cut at every disk write under random workloads. What was
 * acknowledged as durable is there, every sector is old or new, a check finds nothing: the write hole is closed; and with any leg gone
 * afterwards, what is read is the same. This holds for the first activation of a log; see the last test for the others.
 */
import { describe, expect, test } from 'vitest'
import type { Keep } from '../block/power_switch.ts'
import { PATIENCE_MS, targetMismatches } from './crash_array_fixture.ts'
import { addShadow, readDevice, shadowOf } from './crash_fixture.ts'
import { cutAtEveryWrite } from './explore.ts'
import { setUp, testArena, testMachine } from './fixture.ts'
import type { Machine } from './machine.ts'

const KEEPS: readonly Keep[] = ['none', 'all', 'random']
const IOS = 140

interface JournaledSet {
  readonly type: string
  readonly chunk: number
  readonly legs: number
  readonly redundant: number
  readonly mode: 'writethrough' | 'writeback'
}

const SETS: readonly JournaledSet[] = [
  { type: 'raid5_ls', chunk: 16, legs: 3, redundant: 1, mode: 'writethrough' },
  { type: 'raid4', chunk: 8, legs: 4, redundant: 1, mode: 'writethrough' },
  { type: 'raid6_nr', chunk: 16, legs: 5, redundant: 2, mode: 'writethrough' },
  { type: 'raid5_ra', chunk: 16, legs: 4, redundant: 1, mode: 'writeback' },
  { type: 'raid4', chunk: 8, legs: 3, redundant: 1, mode: 'writeback' },
  { type: 'raid6_zr', chunk: 16, legs: 4, redundant: 2, mode: 'writeback' },
]

function tableOf({ type, chunk, legs, redundant, mode }: JournaledSet, missing: readonly number[] = []): string {
  const devices = Array.from({ length: legs }, (_, i) => (missing.includes(i) ? '- -' : `/dev/ms${i} /dev/s${i}`))
  // A set that lacks legs takes no write-back journal.
  const words = `5 ${chunk} journal_dev /dev/j journal_mode ${missing.length > 0 ? 'writethrough' : mode}`
  return `0 ${512 * (legs - redundant)} raid ${type} ${words} ${legs} ${devices.join(' ')}`
}

/** A set of zeros, synced and at rest, that is made again when the power comes back; the oracle lies over it. */
function makeSet(set: JournaledSet, seed = 5, again = ''): Machine {
  const machine = testMachine({ seed })
  const create = `dmsetup create r --table '${tableOf(set)}'`
  const names = Array.from({ length: set.legs }, (_, i) => `s${i}`)
  setUp(
    machine,
    [
      ...names.map((name) => `disk create ${name} 256K\ndisk create m${name} 64K`),
      'disk create j 4M',
      create,
      `boot set <<'END'\n${create}\nEND`,
      'settle',
      again,
    ].join('\n'),
  )
  addShadow(machine, 'mapper/r')
  return machine
}

const WORKLOADS = `workload start a /dev/shadow --depth 2 --size 3K --region 0+96K
workload start b /dev/shadow --sync --size 4K --region 96K+64K
workload start c /dev/shadow --depth 2 --size 32K --region 160K+64K`

describe.each(SETS)('$type, $legs legs, $mode', (set) => {
  test('cut at every disk write', { timeout: PATIENCE_MS }, () => {
    const machine = makeSet(set)
    setUp(machine, WORKLOADS)
    machine.type(`step ${IOS}`)
    let shadow = shadowOf(machine)
    let states = 0
    const writes = cutAtEveryWrite(machine, {
      keeps: (write) => (set.mode === 'writeback' ? ['all'] : [KEEPS[write % KEEPS.length]]),
      arena: testArena(),
      beforeCut: (copy) => (shadow = shadowOf(copy)),
      visit: ({ machine: crashed, write, keep }) => {
        const state = `write ${write}, keep ${String(keep)}`
        states++
        setUp(crashed, 'power on\nsettle')
        expect(shadow.wrongSectors(readDevice(crashed, 'mapper/r')), state).toEqual([])
        expect(targetMismatches(crashed), state).toBe(0)
        const lost = write % set.legs
        setUp(crashed, `dmsetup remove r\ndmsetup create r --table '${tableOf(set, [lost])}'\nsettle`)
        expect(shadow.wrongSectors(readDevice(crashed, 'mapper/r')), `${state}, without leg ${lost}`).toEqual([])
      },
    })
    expect(states).toBe(writes)
    expect(writes).toBeGreaterThan(20)
  })

  test('cut, and a leg is lost before the set comes up again', { timeout: PATIENCE_MS }, () => {
    const machine = makeSet(set, 6)
    setUp(machine, WORKLOADS)
    machine.type(`step ${IOS}`)
    let shadow = shadowOf(machine)
    const writes = cutAtEveryWrite(machine, {
      keeps: (write) => (set.mode === 'writeback' ? ['all'] : [KEEPS[write % KEEPS.length]]),
      arena: testArena(),
      beforeCut: (copy) => (shadow = shadowOf(copy)),
      visit: ({ machine: crashed, write, keep }) => {
        const lost = Array.from({ length: set.redundant }, (_, i) => (write + i * 2) % set.legs)
        const state = `write ${write}, keep ${String(keep)}, without ${lost.join(' ')}`
        setUp(crashed, `boot set <<'END'\nEND\npower on\ndmsetup create r --table '${tableOf(set, lost)}'\nsettle`)
        expect(shadow.wrongSectors(readDevice(crashed, 'mapper/r')), state).toEqual([])
      },
    })
    expect(writes).toBeGreaterThan(20)
  })
})

test(
  'activated a second time: dm-raid does not know where the log begins, and the write hole is open again',
  { timeout: PATIENCE_MS },
  () => {
    const set = SETS[0]
    const machine = makeSet(set, 7, `dmsetup remove r\ndmsetup create r --table '${tableOf(set)}'\nsettle`)
    expect(machine.kernel.arrays[0].surprises().join('\n')).toContain('Nothing says where the log begins')
    setUp(machine, WORKLOADS)
    machine.type('step 100')
    let different = 0
    cutAtEveryWrite(machine, {
      keeps: () => ['random'],
      arena: testArena(),
      visit: ({ machine: crashed }) => {
        setUp(crashed, 'power on\nsettle')
        if (targetMismatches(crashed) > 0) different++
      },
    })
    expect(different).toBeGreaterThan(5)
  },
)
