/**
 * The power is cut at every disk write of a RAID-5 or RAID-4 under random workloads, and then, for every one of these cuts, again
 * at every disk write of the recovery. Judged each time from the members' media: the bitmap (or the superblock) covers every
 * row that is not consistent, and only rows that were being written are not; what was flushed is there, every sector is old
 * or new; after the resync parity is consistent.
 *
 * The first test of each array cuts in a longer window and tries three ways in which a cut goes about what was not flushed. In
 * the second, whose window is shorter, no pair of a first and a second cut is left out, and the three ways take turns.
 */
import { describe, expect, test } from 'vitest'
import type { Keep } from '../block/power_switch.ts'
import {
  FLAWLESS,
  judge,
  latecomers,
  makeArray,
  mismatches,
  PATIENCE_MS,
  recover,
  recoverByForce,
  remainsOf,
  rowsOf,
  type ArrayOptions,
} from './crash_array_fixture.ts'
import { shadowOf } from './crash_fixture.ts'
import { cutAtEveryWrite } from './explore.ts'
import { setUp, testArena } from './fixture.ts'
import { readMembers } from './raid5_judge.ts'

const KEEPS: readonly Keep[] = ['none', 'all', 'random']

/** The disks complete so many I/Os, about half of them writes, while the power is cut once; and while it is cut twice. */
const ONCE_IOS = 120
const TWICE_IOS = 60

interface CrashedArray extends ArrayOptions {
  readonly name: string
  readonly workloads: string
  /** What happens between the beginning of the workloads and the window. */
  readonly lead?: string
  /** Where another window is wanted. */
  readonly onceIos?: number
  readonly twiceIos?: number
  /** Most writes find nothing else under way: the write hole is rarely met. */
  readonly pauses?: boolean
}

const ARRAYS: readonly CrashedArray[] = [
  {
    name: 'four members, small chunks, small writes',
    members: 4,
    chunk: 4,
    extra: '--level=5 --bitmap=internal --bitmap-chunk=16K',
    workloads: `workload start a /dev/shadow --depth 2 --size 3K --region 0+96K
workload start b /dev/shadow --sync --size 512 --region 96K+96K`,
  },
  {
    name: 'left-asymmetric, three members, chunks of 16 KiB, full stripes among the writes',
    members: 3,
    chunk: 16,
    extra: '--level=5 --layout=left-asymmetric --bitmap=internal --bitmap-chunk=64K',
    workloads: `workload start a /dev/shadow --size 32K --pattern seq --region 0+96K
workload start b /dev/shadow --depth 2 --size 4K --region 96K+64K`,
    twiceIos: 40,
  },
  {
    name: 'RAID-4, six members, on disks that write back by themselves',
    members: 6,
    chunk: 8,
    extra: '--level=4 --bitmap=internal --bitmap-chunk=32K',
    model: 'ssd',
    workloads: 'workload start a /dev/shadow --depth 4 --size 5K --region 0+200K',
    twiceIos: 40,
  },
  {
    name: 'right-symmetric, five members, on disks that turn; bits are cleared beside writes under way',
    members: 5,
    chunk: 4,
    extra: '--level=5 --layout=right-symmetric --bitmap=internal --bitmap-chunk=16K',
    model: 'hdd',
    // The daemon looks every 5 s; what it takes for idle at its second look, it clears with its third.
    lead: 'run 15s',
    onceIos: 60,
    workloads: `workload start a /dev/shadow --depth 2 --size 1K --region 0+96K
workload start b /dev/shadow --sync --size 16K --region 96K+64K`,
    twiceIos: 12,
  },
  {
    name: 'four members, pauses between the writes, in which bits are cleared and the array becomes clean',
    members: 4,
    chunk: 4,
    extra: '--level=5 --layout=parity-first --bitmap=internal --bitmap-chunk=16K',
    workloads: `workload start a /dev/shadow --rate 1 --size 4K --region 0+32K
workload start b /dev/shadow --rate 1 --size 512 --sync --region 32K+64K`,
    onceIos: 240,
    twiceIos: 120,
    pauses: true,
  },
  {
    name: 'four members without a bitmap: everything is resynced',
    members: 4,
    chunk: 8,
    extra: '--level=5 --layout=right-asymmetric --bitmap=none',
    workloads: 'workload start a /dev/shadow --depth 3 --size 4K',
    twiceIos: 48,
  },
  {
    name: 'parity-last, three members without a bitmap, slow writes, and pauses in which the array becomes clean',
    members: 3,
    chunk: 4,
    extra: '--level=5 --layout=parity-last --bitmap=none',
    model: 'hdd',
    workloads: `workload start a /dev/shadow --rate 9 --size 16K
workload start b /dev/shadow --rate 3 --size 512 --sync --region 0+64K`,
    lead: 'echo 0.01 > /sys/block/md0/md/safe_mode_delay\nrun 1s',
    onceIos: 80,
    twiceIos: 30,
    pauses: true,
  },
  {
    name: 'RAID-4 without a bitmap',
    members: 4,
    chunk: 4,
    extra: '--level=4 --bitmap=none',
    workloads: 'workload start a /dev/shadow --depth 2 --size 6K --sync',
  },
]

describe.each(ARRAYS)('$name', (options) => {
  test('cut at every disk write', { timeout: PATIENCE_MS }, () => {
    const machine = makeArray(options, 11)
    setUp(machine, `${options.workloads}\n${options.lead ?? ''}`)
    machine.type(`step ${options.onceIos ?? ONCE_IOS}`)
    let shadow = shadowOf(machine)
    let states = 0
    let inconsistent = 0
    const writes = cutAtEveryWrite(machine, {
      keeps: KEEPS,
      arena: testArena(),
      beforeCut: (copy) => (shadow = shadowOf(copy)),
      visit: ({ machine: crashed, write, keep }) => {
        const state = `write ${write}, keep ${String(keep)}`
        const remains = remainsOf(crashed)
        states++
        if (remains.inconsistent.length > 0) inconsistent++
        expect(remains.uncovered, state).toEqual([])
        const atRisk = rowsOf(readMembers(crashed), shadow.atRisk)
        const elsewhere = remains.inconsistent.filter((row) => !atRisk.has(row))
        expect(elsewhere, state).toEqual([])
        expect(recover(crashed, shadow), state).toEqual(FLAWLESS)
        expect(mismatches(crashed), state).toBe(0)
      },
    })
    expect(states).toBe(writes * KEEPS.length)
    expect(writes).toBeGreaterThan(20)
    // A test that never meets the write hole proves nothing.
    expect(inconsistent).toBeGreaterThan(options.pauses === true ? 1 : writes / 4)
  })

  test('cut again at every disk write of every recovery', { timeout: PATIENCE_MS }, () => {
    const machine = makeArray(options, 12)
    setUp(machine, `${options.workloads}\n${options.lead ?? ''}`)
    machine.type(`step ${options.twiceIos ?? TWICE_IOS}`)
    let shadow = shadowOf(machine)
    const recovering = testArena()
    let states = 0
    let firstCuts = 0
    const writes = cutAtEveryWrite(machine, {
      keeps: (write) => [KEEPS[write % KEEPS.length]],
      arena: testArena(),
      beforeCut: (copy) => (shadow = shadowOf(copy)),
      visit: ({ machine: crashed, write: first }) => {
        firstCuts++
        const { inconsistent, events: crashEvents } = remainsOf(crashed)
        const before = new Set(inconsistent)
        const seen = states
        // The bits that the recovery leaves behind are cleared while time passes.
        crashed.type('power on\nsettle\nrun 20s')
        const again = cutAtEveryWrite(crashed, {
          keeps: (write) => [KEEPS[(first + write) % KEEPS.length]],
          arena: recovering,
          visit: ({ machine: twice, write: second, keep }) => {
            states++
            const state = `write ${first}, write ${second} of the recovery, keep ${String(keep)}`
            const remains = remainsOf(twice)
            expect(remains.uncovered, state).toEqual([])
            const fresh = remains.inconsistent.filter((row) => !before.has(row))
            expect(fresh, state).toEqual([])
            if (latecomers(remains).length === 0) expect(recover(twice, shadow), state).toEqual(FLAWLESS)
            else {
              // Only if the first cut, too, fell into an update.
              expect(new Set(crashEvents).size, state).toBe(2)
              expect(recoverByForce(twice, shadow), state).toEqual(FLAWLESS)
            }
          },
        })
        expect(states - seen).toBe(again)
        expect(judge(crashed, shadow), `write ${first}`).toEqual(FLAWLESS)
      },
    })
    expect(firstCuts).toBe(writes)
    expect(states).toBeGreaterThan(10 * writes)
  })
})
