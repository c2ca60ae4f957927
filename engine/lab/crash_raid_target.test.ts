/**
 * Crash everywhere, for raid targets: the power is cut at every disk write under random workloads. Whatever rule holds, the set comes up
 * by itself, what was flushed is there, and every sector is old or new. By Linux 6.1's rule nothing is resynced, and a check finds
 * differences after some cuts; where the bitmap is consulted, it finds none after any.
 */
import { describe, expect, test } from 'vitest'
import type { Keep } from '../block/power_switch.ts'
import { PATIENCE_MS, targetMismatches } from './crash_array_fixture.ts'
import { addShadow, readDevice, shadowOf } from './crash_fixture.ts'
import { cutAtEveryWrite } from './explore.ts'
import { say, setUp, testArena, testMachine } from './fixture.ts'
import type { Machine } from './machine.ts'

const KEEPS: readonly Keep[] = ['none', 'all', 'random']
const IOS = 100

const SETS = [
  { type: 'raid5_ls 3 16 region_size 64', legs: 3, redundant: 1 },
  { type: 'raid4 3 8 region_size 32', legs: 4, redundant: 1 },
  { type: 'raid6_nr 3 16 region_size 64', legs: 5, redundant: 2 },
  { type: 'raid1 3 0 region_size 64', legs: 2, redundant: 1 },
  { type: 'raid10 3 16 region_size 64', legs: 4, redundant: 2 },
  { type: 'raid10 5 8 raid10_format far region_size 32', legs: 4, redundant: 2 },
]

/** A set of zeros, synced and at rest, that is made again when the power comes back; the oracle lies over it. */
function makeSet({ type, legs, redundant }: (typeof SETS)[number], rule: string): Machine {
  const machine = testMachine({ seed: 5 })
  const names = Array.from({ length: legs }, (_, i) => `s${i}`)
  const table = `0 ${512 * (legs - redundant)} raid ${type} ${legs} ${names.map((name) => `/dev/m${name} /dev/${name}`).join(' ')}`
  const create = `dmsetup create r --table '${table}'`
  setUp(
    machine,
    [
      `rules dm-raid.bitmap ${rule}`,
      ...names.map((name) => `disk create ${name} 256K\ndisk create m${name} 64K`),
      create,
      `boot set <<'END'\n${create}\nEND`,
      'settle\nrun 30s',
      // What is cut is not the first activation.
      `dmsetup remove r\n${create}\nsettle`,
    ].join('\n'),
  )
  addShadow(machine, 'mapper/r')
  return machine
}

describe.each(SETS)('$type', (set) => {
  test.each(['linux-6.1', 'consulted'])(
    'cut at every disk write, by the rule of %s',
    { timeout: PATIENCE_MS },
    (rule) => {
      const machine = makeSet(set, rule)
      setUp(
        machine,
        `workload start a /dev/shadow --depth 2 --size 3K --region 0+96K
workload start b /dev/shadow --sync --size 4K --region 96K+64K`,
      )
      machine.type(`step ${IOS}`)
      let shadow = shadowOf(machine)
      let states = 0
      let different = 0
      const writes = cutAtEveryWrite(machine, {
        keeps: (write) => [KEEPS[write % KEEPS.length]],
        arena: testArena(),
        beforeCut: (copy) => (shadow = shadowOf(copy)),
        visit: ({ machine: crashed, write, keep }) => {
          const state = `write ${write}, keep ${String(keep)}`
          states++
          setUp(crashed, 'power on')
          if (rule === 'linux-6.1')
            expect(say(crashed, 'dmsetup status r').stdout, state).toMatch(/ A+ (\d+)\/\1 idle 0 /)
          setUp(crashed, 'settle')
          expect(shadow.wrongSectors(readDevice(crashed, 'mapper/r')), state).toEqual([])
          const found = targetMismatches(crashed)
          if (found > 0) different++
          if (rule === 'consulted') expect(found, state).toBe(0)
        },
      })
      expect(states).toBe(writes)
      expect(writes).toBeGreaterThan(20)
      // A test that never meets the write hole proves nothing.
      if (rule === 'linux-6.1') expect(different).toBeGreaterThan(5)
    },
  )
})
