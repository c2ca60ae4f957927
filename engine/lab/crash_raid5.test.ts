/**
 * The power is cut at every disk write of a RAID-5 under random workloads, and again at writes of the recovery. Judged each
 * time: the bitmap covers every row that is not consistent; what was flushed is there, every sector is old or new; after
 * the resync parity is consistent.
 */
import { describe, expect, test } from 'vitest'
import type { Keep } from '../block/power_switch.ts'
import { Geometry } from '../md/geometry.ts'
import { addShadow, readDevice, shadowOf } from './crash_fixture.ts'
import { cutAtEveryWrite } from './explore.ts'
import { say, setUp, testArena, testMachine } from './fixture.ts'
import type { Machine } from './machine.ts'
import { inconsistentRows, readMembers, ROW_BYTES, uncoveredRows, type MemberImage } from './raid5_judge.ts'
import type { ShadowDevice } from './shadow_device.ts'

const NAMES = ['sda', 'sdb', 'sdc', 'sdd', 'sde', 'sdf']

interface ArrayOptions {
  readonly members: number
  readonly chunk: number
  readonly extra: string
  readonly model?: string
}

function makeArray({ members, chunk, extra, model = 'ideal' }: ArrayOptions, seed: number): Machine {
  const machine = testMachine({ seed })
  const names = NAMES.slice(0, members)
  const devices = names.map((name) => `/dev/${name}`).join(' ')
  setUp(
    machine,
    [
      ...names.map((name) => `disk create ${name} 1280K --model ${model}`),
      `mdadm --create /dev/md0 --metadata=1.2 --raid-devices=${members} --chunk=${chunk} ${extra} --assume-clean --run ${devices}`,
      `boot set <<'END'\nmdadm --assemble /dev/md0 ${devices}\nEND`,
      // A new array's bitmap is all ones for a while.
      'settle\nrun 30s',
    ].join('\n'),
  )
  addShadow(machine, 'md0')
  return machine
}

/** Switches on, lets the array recover, and judges what it came to. */
function recoverAndJudge(machine: Machine, shadow: ShadowDevice): void {
  setUp(machine, 'power on\nsettle')
  judgeArray(machine, shadow)
}

function judgeArray(machine: Machine, shadow: ShadowDevice): void {
  expect(shadow.wrongSectors(readDevice(machine, 'md0'))).toEqual([])
  setUp(machine, 'echo check > /sys/block/md0/md/sync_action\nsettle')
  expect(say(machine, 'cat /sys/block/md0/md/mismatch_cnt').stdout).toBe('0\n')
}

/** The rows in which sectors of the array lie. */
function rowsOf(members: readonly MemberImage[], sectors: readonly number[]): Set<number> {
  const { level, layout, raid_disks, chunksize } = members[0].superblock
  const geometry = new Geometry({ level: level as 4 | 5, layout, raidDisks: raid_disks, chunkSectors: chunksize })
  return new Set(sectors.map((sector) => Math.floor(geometry.locate(sector).sector / (ROW_BYTES / 512))))
}

/** How long the power is cut at every write: so many disk I/Os, about half of them writes. */
const DISK_IOS = 120

const KEEPS: readonly Keep[] = ['none', 'all', 'random']

const ARRAYS: readonly (ArrayOptions & { readonly name: string; readonly workloads: string })[] = [
  {
    name: 'four members, small chunks, small writes',
    members: 4,
    chunk: 4,
    extra: '--level=5 --bitmap=internal --bitmap-chunk=16K',
    workloads: `workload start a /dev/shadow --depth 2 --size 3K --region 0+96K
workload start b /dev/shadow --sync --size 512 --region 96K+96K`,
  },
  {
    name: 'three members, chunks of 16 KiB, full stripes among the writes',
    members: 3,
    chunk: 16,
    extra: '--level=5 --layout=left-asymmetric --bitmap=internal --bitmap-chunk=64K',
    workloads: `workload start a /dev/shadow --size 32K --pattern seq --region 0+128K
workload start b /dev/shadow --depth 2 --size 4K --region 128K+64K`,
  },
  {
    name: 'six members, RAID-4, on disks that write back by themselves',
    members: 6,
    chunk: 8,
    extra: '--level=4 --bitmap=internal --bitmap-chunk=32K',
    model: 'ssd',
    workloads: 'workload start a /dev/shadow --depth 4 --size 5K --region 0+200K',
  },
  {
    name: 'four members without a bitmap: everything is resynced',
    members: 4,
    chunk: 8,
    extra: '--level=5 --bitmap=none',
    workloads: 'workload start a /dev/shadow --depth 3 --size 4K',
  },
]

describe.each(ARRAYS)('$name', (options) => {
  test('cut at every disk write', () => {
    const machine = makeArray(options, 11)
    setUp(machine, options.workloads)
    machine.type(`step ${DISK_IOS}`)
    let shadow = shadowOf(machine)
    let inconsistent = 0
    const writes = cutAtEveryWrite(machine, {
      keeps: KEEPS,
      arena: testArena(),
      beforeCut: (copy) => (shadow = shadowOf(copy)),
      visit: ({ machine: crashed, write, keep }) => {
        const members = readMembers(crashed)
        const rows = inconsistentRows(members)
        if (rows.length > 0) inconsistent++
        const state = `write ${write}, keep ${String(keep)}`
        expect(uncoveredRows(members), state).toEqual([])
        const atRisk = rowsOf(members, shadow.atRisk)
        expect(
          rows.filter((row) => !atRisk.has(row)),
          state,
        ).toEqual([])
        recoverAndJudge(crashed, shadow)
      },
    })
    expect(writes).toBeGreaterThan(30)
    // A test that never meets the write hole proves nothing.
    expect(inconsistent).toBeGreaterThan(writes / 4)
  })

  test('cut again at every disk write of the recovery', () => {
    const machine = makeArray(options, 12)
    setUp(machine, options.workloads)
    machine.type(`step ${DISK_IOS}`)
    let shadow = shadowOf(machine)
    const recovering = testArena()
    let states = 0
    cutAtEveryWrite(machine, {
      keeps: ['random'],
      first: 23,
      stride: 41,
      arena: testArena(),
      beforeCut: (copy) => (shadow = shadowOf(copy)),
      visit: ({ machine: crashed }) => {
        crashed.type('power on\nsettle')
        cutAtEveryWrite(crashed, {
          keeps: ['none', 'random'],
          arena: recovering,
          visit: ({ machine: again, write, keep }) => {
            states++
            expect(uncoveredRows(readMembers(again)), `write ${write}, keep ${String(keep)}`).toEqual([])
            recoverAndJudge(again, shadow)
          },
        })
        expect(crashed.results.slice(-2).map(({ status }) => status)).toEqual([0, 0])
        judgeArray(crashed, shadow)
      },
    })
    expect(states).toBeGreaterThan(10)
  })
})

describe('an array that is degraded already', () => {
  const MISSING = 'sdb'

  /** The slot of the missing member holds what only the others know: there, and only there, a crash may cost old data. */
  test('cut at every disk write, started by force: nothing is wrong but in rows that were being written', () => {
    const members = 4
    const machine = makeArray({ members, chunk: 4, extra: '--level=5 --bitmap=internal --bitmap-chunk=16K' }, 13)
    setUp(
      machine,
      `mdadm --fail /dev/md0 /dev/${MISSING}\nmdadm --remove /dev/md0 /dev/${MISSING}\ndisk pull ${MISSING}`,
    )
    const devices = NAMES.slice(0, members).filter((name) => name !== MISSING)
    const paths = devices.map((name) => `/dev/${name}`).join(' ')
    setUp(machine, `boot set <<'END'\nmdadm --assemble --force --run /dev/md0 ${paths}\nEND\nsettle`)
    setUp(
      machine,
      'workload start a /dev/shadow --size 2K --region 0+64K\nworkload start b /dev/shadow --sync --region 64K+64K',
    )
    machine.type('step 240')
    let shadow = shadowOf(machine)
    let statesWithLoss = 0
    cutAtEveryWrite(machine, {
      keeps: KEEPS,
      arena: testArena(),
      beforeCut: (copy) => (shadow = shadowOf(copy)),
      visit: ({ machine: crashed, write, keep }) => {
        const images = readMembers(crashed)
        setUp(crashed, 'power on\nsettle')
        const wrong = shadow.wrongSectors(readDevice(crashed, 'md0'))
        if (wrong.length > 0) statesWithLoss++
        const atRisk = rowsOf(images, shadow.atRisk)
        const state = `write ${write}, keep ${String(keep)}`
        expect(
          [...rowsOf(images, wrong)].filter((row) => !atRisk.has(row)),
          state,
        ).toEqual([])
        const { layout, raid_disks, chunksize } = images[0].superblock
        const geometry = new Geometry({ level: 5, layout, raidDisks: raid_disks, chunkSectors: chunksize })
        expect(
          wrong.filter((sector) => geometry.locate(sector).slot !== 1),
          state,
        ).toEqual([])
      },
    })
    expect(statesWithLoss).toBeGreaterThan(10)
  })
})
