/**
 * The power is cut at every disk write while a member is being replaced and writes go on, and again during what follows. Redundancy is
 * never missing, so nothing may be lost: neither what was written nor what lay there, and the replacement comes to hold what its slot is
 * to hold.
 */
import { describe, expect, test } from 'vitest'
import type { Keep } from '../block/power_switch.ts'
import { FEATURE_REPLACEMENT, readSuperblock } from '../format/md_superblock.ts'
import {
  diskNames,
  FLAWLESS,
  judge,
  latecomers,
  makeArray,
  paths,
  PATIENCE_MS,
  remainsOf,
  type ArrayOptions,
} from './crash_array_fixture.ts'
import { shadowOf } from './crash_fixture.ts'
import { cutAtEveryWrite } from './explore.ts'
import { setUp, testArena } from './fixture.ts'
import type { Machine } from './machine.ts'

const KEEPS: readonly Keep[] = ['none', 'all', 'random']
const REPLACED = 'sdb'
const NEW = 'new'

interface Replaced extends ArrayOptions {
  readonly name: string
  /** The power is cut at every so manieth write, and at every so manieth of what follows. */
  readonly strides: readonly [number, number]
}

const ARRAYS: readonly Replaced[] = [
  {
    name: 'RAID-1',
    members: 2,
    chunk: 0,
    extra: '--level=1 --bitmap=internal --bitmap-chunk=16K',
    size: '1152K',
    strides: [1, 4],
  },
  {
    name: 'RAID-5, slow disks',
    members: 4,
    chunk: 4,
    extra: '--level=5 --bitmap=internal --bitmap-chunk=16K',
    size: '1088K',
    model: 'hdd',
    strides: [2, 9],
  },
  {
    name: 'RAID-5 without a bitmap',
    members: 3,
    chunk: 4,
    extra: '--level=5 --bitmap=none',
    size: '1088K',
    strides: [2, 7],
  },
  {
    name: 'RAID-6',
    members: 4,
    chunk: 4,
    extra: '--level=6 --bitmap=internal --bitmap-chunk=16K',
    size: '1088K',
    strides: [3, 11],
  },
  {
    name: 'RAID-10, far copies',
    members: 3,
    chunk: 4,
    extra: '--level=10 --layout=f2 --bitmap=internal --bitmap-chunk=16K',
    size: '1120K',
    strides: [2, 7],
  },
]

/** Whether a disk's superblock says that it is being made a replacement. */
function isReplacement(machine: Machine): boolean {
  const block = new Uint8Array(4096)
  machine.disk(NEW)?.media.read(4096, block, 0, block.length)
  const read = readSuperblock(block)
  return read.ok && (read.value.feature_map & FEATURE_REPLACEMENT) !== 0
}

describe.each(ARRAYS)('a member of a $name is being replaced', (options) => {
  test('cut at disk writes, and again during what follows: nothing is lost', { timeout: PATIENCE_MS }, () => {
    const machine = makeArray(options, 19)
    const all = `${paths(diskNames(options.members))} /dev/${NEW}`
    setUp(
      machine,
      [
        'workload start a /dev/shadow --size 4K --depth 4\nstep 300\nworkload stop a\nsettle\nsync\nsettle',
        `disk create ${NEW} ${options.size ?? '1104K'} --model ${options.model ?? 'ideal'}`,
        `mdadm --add /dev/md0 /dev/${NEW}\nsettle`,
        `boot set <<'END'\nmdadm --assemble --run /dev/md0 ${all}\nEND`,
        'workload start a /dev/shadow --size 2K --depth 2\nworkload start b /dev/shadow --size 512 --sync',
      ].join('\n'),
    )
    machine.type(`mdadm /dev/md0 --replace /dev/${REPLACED} --with /dev/${NEW}\nstep 260`)
    let shadow = shadowOf(machine)
    const recovering = testArena()
    let halfway = 0
    let pairs = 0
    let late = 0
    const judgeEnd = (crashed: Machine, state: string): void => {
      expect(judge(crashed, shadow), state).toEqual(FLAWLESS)
    }
    const writes = cutAtEveryWrite(machine, {
      keeps: (write) => [KEEPS[write % KEEPS.length]],
      arena: testArena(),
      stride: options.strides[0],
      beforeCut: (copy) => (shadow = shadowOf(copy)),
      visit: ({ machine: crashed, write: first }) => {
        const state = `write ${first}`
        if (isReplacement(crashed)) halfway++
        crashed.type('power on\nsettle')
        cutAtEveryWrite(crashed, {
          keeps: (write) => [KEEPS[(first + write) % KEEPS.length]],
          arena: recovering,
          first: 1 + (first % options.strides[1]),
          stride: options.strides[1],
          visit: ({ machine: twice, write: second }) => {
            pairs++
            // Two cuts in the middle of two updates leave members that are not taken any more: another test's matter.
            if (latecomers(remainsOf(twice)).length > 0) {
              late++
              return
            }
            setUp(twice, 'power on\nsettle')
            judgeEnd(twice, `${state}, write ${second} of what follows`)
          },
        })
        judgeEnd(crashed, state)
        const slots = crashed.kernel.md.find('md0')?.slots ?? []
        expect(
          slots.every((member) => member?.inSync === true),
          state,
        ).toBe(true)
      },
    })
    expect(writes).toBeGreaterThan(40)
    expect(halfway).toBeGreaterThan(5)
    expect(pairs - late).toBeGreaterThan(20)
  })
})
