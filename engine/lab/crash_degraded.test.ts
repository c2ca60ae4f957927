/**
 * The power is cut at every disk write of an array that is degraded, being rebuilt, or not yet in sync, and again during what it
 * does when the power comes back (at every write of it, or where it is said, at every fourth or fifth). Redundancy is missing here, so a crash may cost old data; judged is that it does so exactly in the
 * rows that were being written, on the member that nobody can read, and nowhere else; and that what counts as rebuilt is.
 */
import { describe, expect, test } from 'vitest'
import type { Keep } from '../block/power_switch.ts'
import { FEATURE_RECOVERY_OFFSET } from '../format/md_superblock.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import { SYNC_ACTIONS } from '../md/sync.ts'
import { TRACE, TRACE_COLUMNS } from '../sim/trace.ts'
import {
  diskNames,
  FLAWLESS,
  geometryOf,
  judge,
  latecomers,
  makeArray,
  paths,
  PATIENCE_MS,
  recover,
  recoverByForce,
  remainsOf,
  rowsOf,
  type ArrayOptions,
} from './crash_array_fixture.ts'
import { addShadow, readDevice, shadowOf } from './crash_fixture.ts'
import { cutAtEveryWrite } from './explore.ts'
import { say, setUp, testArena, testMachine } from './fixture.ts'
import { Machine } from './machine.ts'
import { inconsistentRows, readMembers, rebuiltRow, rowBytes, ROW_BYTES } from './raid5_judge.ts'

const KEEPS: readonly Keep[] = ['none', 'all', 'random']
const ROW_SECTORS = ROW_BYTES / 512
const MISSING = 'sdb'
const MISSING_SLOT = 1

/** Fails a member and pulls its disk. */
function lose(machine: Machine): void {
  setUp(
    machine,
    `mdadm --fail /dev/md0 /dev/${MISSING}\nmdadm --remove /dev/md0 /dev/${MISSING}\ndisk pull ${MISSING}\nsettle`,
  )
}

/** Whether the newest superblock says that something was being written. */
function isDirty(machine: Machine): boolean {
  const members = readMembers(machine, 0)
  return members[0].superblock.resync_offset !== MAX_SECTOR
}

interface DegradedArray extends ArrayOptions {
  readonly name: string
  readonly workloads: string
}

const DEGRADED: readonly DegradedArray[] = [
  {
    name: 'with a bitmap',
    members: 4,
    chunk: 4,
    extra: '--level=5 --bitmap=internal --bitmap-chunk=16K',
    workloads:
      'workload start a /dev/shadow --size 2K --region 0+64K\nworkload start b /dev/shadow --sync --region 64K+64K',
  },
  {
    name: 'without a bitmap, right-asymmetric',
    members: 3,
    chunk: 8,
    extra: '--level=5 --layout=right-asymmetric --bitmap=none',
    workloads: 'workload start a /dev/shadow --depth 2 --size 3K --region 0+96K',
  },
  {
    name: 'RAID-4 that lacks data',
    members: 4,
    chunk: 4,
    extra: '--level=4 --bitmap=internal --bitmap-chunk=16K',
    workloads: 'workload start a /dev/shadow --depth 2 --size 5K',
  },
]

describe.each(DEGRADED)('an array that is degraded already, $name', (options) => {
  /** The slot of the missing member holds what only the others know: there, and only there, a crash may cost old data. */
  test(
    'cut at every disk write: dirty it is not started but by force; nothing is wrong but in rows that were being written',
    { timeout: PATIENCE_MS },
    () => {
      const machine = makeArray(options, 13)
      lose(machine)
      const others = paths(diskNames(options.members).filter((name) => name !== MISSING))
      setUp(machine, `boot set <<'END'\nmdadm --assemble --run /dev/md0 ${others}\nEND\n${options.workloads}`)
      machine.type('step 80')
      let shadow = shadowOf(machine)
      let dirty = 0
      let statesWithLoss = 0
      cutAtEveryWrite(machine, {
        keeps: KEEPS,
        arena: testArena(),
        beforeCut: (copy) => (shadow = shadowOf(copy)),
        visit: ({ machine: crashed, write, keep }) => {
          const state = `write ${write}, keep ${String(keep)}`
          const images = readMembers(crashed)
          if (isDirty(crashed)) {
            dirty++
            expect(say(crashed, 'power on').status, state).not.toBe(0)
            setUp(crashed, `mdadm --assemble --force --run /dev/md0 ${others}`)
          } else setUp(crashed, 'power on')
          setUp(crashed, 'settle')
          const found = readDevice(crashed, 'md0')
          const wrong = shadow.wrongSectors(found)
          if (wrong.length > 0) statesWithLoss++
          const atRisk = rowsOf(images, shadow.atRisk)
          expect(
            [...rowsOf(images, wrong)].filter((row) => !atRisk.has(row)),
            state,
          ).toEqual([])
          const geometry = geometryOf(images)
          expect(
            wrong.filter((sector) => geometry.locate(sector).slot !== MISSING_SLOT),
            state,
          ).toEqual([])
          // A new disk takes the place: what can be read does not change any more, and parity is consistent.
          setUp(crashed, `disk insert ${MISSING} --blank\nmdadm --add /dev/md0 /dev/${MISSING}\nsettle`)
          const later = readDevice(crashed, 'md0')
          expect(
            found.findIndex((byte, i) => byte !== later[i]),
            state,
          ).toBe(-1)
          crashed.flushDisks()
          expect(inconsistentRows(readMembers(crashed)), state).toEqual([])
        },
      })
      expect(dirty).toBeGreaterThan(20)
      expect(statesWithLoss).toBeGreaterThan(5)
    },
  )
})

/** How far a member says it has been rebuilt, in rows; null without a superblock that gives it a place. */
function rebuiltRows(machine: Machine): number | null {
  const member = readMembers(machine).find(({ slot }) => slot === MISSING_SLOT)
  if (member === undefined) return null
  const { feature_map, recovery_offset, size } = member.superblock
  const rebuilt = (feature_map & FEATURE_RECOVERY_OFFSET) === 0 ? size : Math.min(size, recovery_offset)
  return Math.floor(rebuilt / ROW_SECTORS)
}

/** Of the rows below one, those in which the member that is being rebuilt does not hold what the others say. */
function falselyRebuilt(machine: Machine, end: number): number[] {
  const members = readMembers(machine)
  const target = members.find(({ slot }) => slot === MISSING_SLOT)
  if (target === undefined) return []
  return Array.from({ length: end }, (_, row) => row).filter((row) => {
    const wanted = rebuiltRow(members, target, row)
    return rowBytes(target, row).some((byte, i) => byte !== wanted[i])
  })
}

/** Where the recoveries since a row of the trace began, in sectors of a member. */
function recoveryStarts(machine: Machine, since: number): number[] {
  const { rows } = machine.sim.trace.since(since)
  const starts: number[] = []
  for (let at = 0; at < rows.length; at += TRACE_COLUMNS) {
    if (rows[at + 1] === TRACE.sync_begin && SYNC_ACTIONS[rows[at + 3]] === 'recover') starts.push(rows[at + 4])
  }
  return starts
}

/** An array is up, or is assembled without the new disk, which has no superblock yet. Without it, it is given it once more. */
function completeRebuild(machine: Machine, others: string): void {
  if (machine.kernel.md.find('md0') === undefined) setUp(machine, `mdadm --assemble --run /dev/md0 ${others}`)
  const members = machine.kernel.md.find('md0')?.members ?? []
  if (!members.some(({ name }) => name === MISSING)) setUp(machine, `mdadm --add /dev/md0 /dev/${MISSING}`)
  setUp(machine, 'settle')
}

interface Rebuild extends ArrayOptions {
  readonly name: string
  /** The second cut falls on every so manieth write; which ones differs from one first cut to the next. */
  readonly stride: number
  /** What is done with the disk that was away: a blank one comes in its place, or it comes back and the bitmap says what it lacks. */
  readonly back: 'blank' | 'old'
}

const REBUILDS: readonly Rebuild[] = [
  {
    name: 'onto a blank disk, with a bitmap',
    members: 4,
    chunk: 4,
    extra: '--level=5 --bitmap=internal --bitmap-chunk=16K',
    size: '1088K',
    stride: 5,
    back: 'blank',
  },
  {
    name: 'onto a blank disk, without a bitmap, RAID-4',
    members: 3,
    chunk: 8,
    extra: '--level=4 --bitmap=none',
    size: '1088K',
    stride: 1,
    back: 'blank',
  },
  {
    name: 'of a member that was away for a while',
    members: 4,
    chunk: 4,
    extra: '--level=5 --layout=right-symmetric --bitmap=internal --bitmap-chunk=4K',
    size: '1088K',
    stride: 4,
    back: 'old',
  },
]

describe.each(REBUILDS)('the rebuild $name', (options) => {
  const names = diskNames(options.members)
  const others = paths(names.filter((name) => name !== MISSING))

  /** Full of data, without writes; the line that starts the rebuild is typed. */
  function rebuilding(seed: number): Machine {
    const machine = makeArray(options, seed)
    const writes = 'workload start a /dev/shadow --size 4K --depth 4\nstep 300\nworkload stop a\nsettle\nsync\nsettle'
    setUp(machine, writes)
    lose(machine)
    // The daemon has its looks, but must not clear what the absent member lacks.
    setUp(machine, `${writes.replace('300', '40')}\nrun 20s`)
    setUp(machine, `disk insert ${MISSING} --${options.back}`)
    setUp(machine, `boot set <<'END'\nmdadm --assemble --run /dev/md0 ${paths(names)}\nEND`)
    machine.type(`mdadm --add /dev/md0 /dev/${MISSING}\nsettle\nrun 20s`)
    return machine
  }

  test(
    'cut at every disk write, and again during what follows: it goes on where it was',
    { timeout: PATIENCE_MS },
    () => {
      const machine = rebuilding(15)
      const shadow = shadowOf(machine)
      const recovering = testArena()
      let resumed = 0
      let pairs = 0
      const judgeCut = (crashed: Machine, state: string): { rows: number | null; since: number } => {
        const rows = rebuiltRows(crashed)
        expect(falselyRebuilt(crashed, rows ?? 0), state).toEqual([])
        return { rows, since: crashed.sim.trace.written }
      }
      const judgeEnd = (crashed: Machine, { rows, since }: ReturnType<typeof judgeCut>, state: string): void => {
        expect(judge(crashed, shadow), state).toEqual(FLAWLESS)
        if (rows === null || rows === 0) return
        const starts = recoveryStarts(crashed, since)
        if (starts.length === 0) return
        resumed++
        expect(Math.min(starts[0], machine.kernel.md.arrays[0].memberSectors), state).toBe(rows * ROW_SECTORS)
      }
      const writes = cutAtEveryWrite(machine, {
        keeps: (write) => [KEEPS[write % KEEPS.length]],
        arena: testArena(),
        visit: ({ machine: crashed, write: first }) => {
          const state = `write ${first}`
          const cut = judgeCut(crashed, state)
          crashed.type('power on\nsettle\nrun 20s')
          cutAtEveryWrite(crashed, {
            keeps: (write) => [KEEPS[(first + write) % KEEPS.length]],
            arena: recovering,
            first: 1 + (first % options.stride),
            stride: options.stride,
            visit: ({ machine: twice, write: second }) => {
              pairs++
              const again = judgeCut(twice, `${state}, write ${second}`)
              say(twice, 'power on')
              completeRebuild(twice, others)
              judgeEnd(twice, again, `${state}, write ${second}`)
            },
          })
          completeRebuild(crashed, others)
          judgeEnd(crashed, cut, state)
        },
      })
      expect(writes).toBeGreaterThan(20)
      expect(pairs).toBeGreaterThan((10 * writes) / options.stride)
      if (options.back === 'blank') expect(resumed).toBeGreaterThan(pairs / 2)
    },
  )
})
test(
  'a rebuild with writes meanwhile, cut at every disk write: what counts as rebuilt is, but for rows that were being written',
  {
    timeout: PATIENCE_MS,
  },
  () => {
    const options: ArrayOptions = {
      members: 4,
      chunk: 4,
      extra: '--level=5 --bitmap=internal --bitmap-chunk=16K',
      size: '1088K',
      model: 'hdd',
    }
    const machine = makeArray(options, 17)
    const names = diskNames(options.members)
    setUp(machine, 'workload start a /dev/shadow --size 4K --depth 4\nstep 300\nworkload stop a\nsettle\nsync\nsettle')
    lose(machine)
    setUp(machine, `boot set <<'END'\nmdadm --assemble --run /dev/md0 ${paths(names)}\nEND`)
    setUp(machine, `disk insert ${MISSING} --blank\nmdadm --add /dev/md0 /dev/${MISSING}`)
    setUp(machine, 'workload start a /dev/shadow --size 2K --depth 2\nworkload start b /dev/shadow --size 512 --sync')
    machine.type('step 150')
    let shadow = shadowOf(machine)
    let halfway = 0
    let statesWithLoss = 0
    cutAtEveryWrite(machine, {
      keeps: KEEPS,
      arena: testArena(),
      beforeCut: (copy) => (shadow = shadowOf(copy)),
      visit: ({ machine: crashed, write, keep }) => {
        const state = `write ${write}, keep ${String(keep)}`
        const images = readMembers(crashed)
        const atRisk = rowsOf(images, shadow.atRisk)
        const rows = rebuiltRows(crashed) ?? 0
        if (rows > 0 && rows < 16) halfway++
        const elsewhere = (found: readonly number[]): number[] => found.filter((row) => !atRisk.has(row))
        expect(elsewhere(falselyRebuilt(crashed, rows)), state).toEqual([])
        const dirty = isDirty(crashed)
        const { status } = say(crashed, 'power on')
        if (dirty) {
          expect(status, state).not.toBe(0)
          say(crashed, `mdadm --assemble --force --run /dev/md0 ${paths(names)}`)
        }
        completeRebuild(crashed, paths(names.filter((name) => name !== MISSING)))
        const { wrongSectors, inconsistent } = judge(crashed, shadow)
        if (wrongSectors.length > 0) statesWithLoss++
        expect(elsewhere([...rowsOf(images, wrongSectors)]), state).toEqual([])
        const geometry = geometryOf(images)
        const others = wrongSectors.filter((sector) => geometry.locate(sector).slot !== MISSING_SLOT)
        expect(others, state).toEqual([])
        expect(elsewhere(inconsistent), state).toEqual([])
      },
    })
    expect(halfway).toBeGreaterThan(20)
    expect(statesWithLoss).toBeGreaterThan(0)
  },
)

const RESYNCS: readonly (ArrayOptions & { readonly name: string })[] = [
  { name: 'with a bitmap', members: 4, chunk: 4, extra: '--level=5 --bitmap=internal --bitmap-chunk=16K' },
  { name: 'without a bitmap', members: 3, chunk: 4, extra: '--level=5 --layout=left-asymmetric --bitmap=none' },
]

/** A resync of 64 KiB of random bytes a member goes on, and writes go on meanwhile; slow disks, so that both take their time. */
function resyncing({ members, chunk, extra }: ArrayOptions, seed: number): Machine {
  const machine = testMachine({ seed })
  const names = diskNames(members)
  const lines = names.map(
    (name) => `disk create ${name} 1088K --model hdd\ndd if=/dev/urandom of=/dev/${name} bs=8K count=136`,
  )
  const create = `mdadm --create /dev/md0 --metadata=1.2 --raid-devices=${members} --chunk=${chunk} ${extra} --force --run`
  setUp(machine, `${lines.join('\n')}\n${create} ${paths(names)}`)
  setUp(machine, `boot set <<'END'\nmdadm --assemble /dev/md0 ${paths(names)}\nEND`)
  const copy = Machine.wake(machine.keep(), testArena())
  setUp(copy, 'settle')
  addShadow(machine, 'md0', readDevice(copy, 'md0'))
  setUp(machine, 'workload start a /dev/shadow --size 2K --depth 2\nworkload start b /dev/shadow --size 512 --sync')
  return machine
}

describe.each(RESYNCS)('a resync of everything, $name, with writes meanwhile', (options) => {
  test('cut at every disk write, and again at every fifth disk write of the next one', { timeout: PATIENCE_MS }, () => {
    const machine = resyncing(options, 16)
    machine.type('step 80')
    let shadow = shadowOf(machine)
    const recovering = testArena()
    let unsynced = 0
    let pairs = 0
    const writes = cutAtEveryWrite(machine, {
      keeps: (write) => [KEEPS[write % KEEPS.length]],
      arena: testArena(),
      beforeCut: (copy) => (shadow = shadowOf(copy)),
      visit: ({ machine: crashed, write: first }) => {
        const remains = remainsOf(crashed)
        if (remains.inconsistent.length > 0) unsynced++
        expect(remains.uncovered, `write ${first}`).toEqual([])
        crashed.type('power on\nsettle')
        cutAtEveryWrite(crashed, {
          keeps: (write) => [KEEPS[(first + write) % KEEPS.length]],
          arena: recovering,
          first: 1 + (first % 5),
          stride: 5,
          visit: ({ machine: twice, write: second }) => {
            const state = `write ${first}, write ${second} of the recovery`
            pairs++
            const again = remainsOf(twice)
            expect(again.uncovered, state).toEqual([])
            const late = latecomers(again)
            if (late.length === 0) {
              expect(recover(twice, shadow), state).toEqual(FLAWLESS)
              return
            }
            // Who forces an array to do without a member before its parity is right loses what that member held; nothing else.
            const members = readMembers(twice, Infinity)
            const geometry = geometryOf(members)
            const wrongRows = new Set(again.inconsistent)
            const { wrongSectors, inconsistent } = recoverByForce(twice, shadow)
            const elsewhere = wrongSectors.filter((at) => {
              const { slot, sector } = geometry.locate(at)
              return !late.includes(slot) || !wrongRows.has(Math.floor(sector / ROW_SECTORS))
            })
            expect({ wrongSectors: elsewhere, inconsistent }, state).toEqual(FLAWLESS)
          },
        })
        expect(judge(crashed, shadow), `write ${first}`).toEqual(FLAWLESS)
      },
    })
    expect(unsynced).toBeGreaterThan(writes / 2)
    expect(pairs).toBeGreaterThan(3 * writes)
  })
})
