/** The write hole, counted: every subset of the writes that were at stake, as spec'd numbers say. */
import { expect, test } from 'vitest'
import { Chance } from '../sim/chance.ts'
import { readDevice } from './crash_fixture.ts'
import { atStake, cutCopy, subsets } from './explore.ts'
import { say, setUp, testArena, testMachine } from './fixture.ts'
import type { Machine } from './machine.ts'
import { inconsistentRows, readMembers, rebuiltRow, rowBytes, type MemberImage } from './raid5_judge.ts'

const NAMES = ['sda', 'sdb', 'sdc', 'sdd', 'sde']

/** A RAID-5 with chunks of 4 KiB and random contents, everything flushed. */
function filledArray(members: number): Machine {
  const machine = testMachine()
  const names = NAMES.slice(0, members)
  const devices = names.map((name) => `/dev/${name}`).join(' ')
  setUp(
    machine,
    `${names.map((name) => `disk create ${name} 1280K`).join('\n')}
mdadm --create /dev/md0 --metadata=1.2 --level=5 --raid-devices=${members} --chunk=4 --bitmap=internal --assume-clean --run ${devices}
dd if=/dev/urandom of=/dev/md0 bs=64K count=2 oflag=direct
settle
sync`,
  )
  expect(atStake(machine)).toEqual([])
  return machine
}

function rowsOf(machine: Machine): Uint8Array[] {
  return readMembers(machine).map((member) => rowBytes(member, 0))
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.every((byte, i) => byte === b[i])
}

interface Count {
  states: number
  inconsistent: number
  /** Over the members that the write did not touch: one of them is lost, and rebuilt wrong. */
  untouched: number
  untouchedWrong: number
  /** Over the data members that the write did touch: one is lost, and comes back neither old nor new. */
  written: number
  arbitrary: number
}

/** Writes `blocks` blocks at the beginning of the array, and counts over every subset of what was at stake then. */
function enumerate(machine: Machine, blocks: number): Count {
  const old = rowsOf(machine)
  setUp(machine, `dd if=/dev/urandom of=/dev/md0 bs=${blocks * 4}k count=1 oflag=direct`)
  const stake = atStake(machine)
  const kept = machine.keep()
  const arena = testArena()
  const whole = cutCopy(kept, 'all', arena)
  const fresh = rowsOf(whole)
  const touched = stake.map(({ disk }) => disk)
  expect(touched).toHaveLength(blocks + 1)
  const parity = paritySlotOfRowZero(readMembers(whole))
  const count: Count = { states: 0, inconsistent: 0, untouched: 0, untouchedWrong: 0, written: 0, arbitrary: 0 }
  for (const subset of subsets(stake, new Chance(1, 'subsets'))) {
    const members = readMembers(cutCopy(kept, subset, arena))
    count.states++
    if (inconsistentRows(members).length > 0) count.inconsistent++
    for (const lost of members) {
      const rebuilt = rebuiltRow(members, lost, 0)
      if (!touched.includes(lost.name)) {
        count.untouched++
        if (!equal(rebuilt, old[lost.slot])) count.untouchedWrong++
      } else if (lost.slot !== parity) {
        count.written++
        if (!equal(rebuilt, old[lost.slot]) && !equal(rebuilt, fresh[lost.slot])) count.arbitrary++
      }
    }
  }
  return count
}

/** Left-symmetric, the default: the parity of the first stripe is on the last member. */
function paritySlotOfRowZero(members: readonly MemberImage[]): number {
  expect(members[0].superblock.layout).toBe(2)
  return members.length - 1
}

test('one block on three members: 4 states, 2 inconsistent, and the untouched member is rebuilt wrong in those 2', () => {
  expect(enumerate(filledArray(3), 1)).toMatchObject({ states: 4, inconsistent: 2, untouched: 4, untouchedWrong: 2 })
})

test('one block on five members: wrong in 6 of 12 over the untouched members', () => {
  expect(enumerate(filledArray(5), 1)).toMatchObject({ states: 4, inconsistent: 2, untouched: 12, untouchedWrong: 6 })
})

test('a full stripe on five members: 30 of 32 inconsistent, a lost block neither old nor new in 112 of 128', () => {
  const count = enumerate(filledArray(5), 4)
  expect(count).toMatchObject({ states: 32, inconsistent: 30, untouched: 0, written: 128, arbitrary: 112 })
})

test('the array itself says the same: degraded and dirty it starts only by force, and then reads wrong in 2 of 4', () => {
  const machine = filledArray(3)
  const before = readDevice(machine, 'md0')
  setUp(machine, 'dd if=/dev/urandom of=/dev/md0 bs=4k count=1 oflag=direct')
  const stake = atStake(machine)
  const kept = machine.keep()
  const arena = testArena()
  const untouched = NAMES.slice(0, 3).find((name) => !stake.some(({ disk }) => disk === name)) as string
  const others = NAMES.slice(0, 3).filter((name) => name !== untouched)
  const devices = others.map((name) => `/dev/${name}`).join(' ')
  let wrong = 0
  for (const subset of subsets(stake, new Chance(1, 'subsets'))) {
    const crashed = cutCopy(kept, subset, arena)
    setUp(crashed, `disk pull ${untouched}\npower on`)
    expect(say(crashed, `mdadm --assemble --run /dev/md0 ${devices}`).status).not.toBe(0)
    setUp(crashed, `mdadm --assemble --force --run /dev/md0 ${devices}`)
    const found = readDevice(crashed, 'md0')
    // The second block lies on the member that was not touched.
    if (!equal(found.subarray(4096, 8192), before.subarray(4096, 8192))) wrong++
    expect(equal(found.subarray(8192), before.subarray(8192))).toBe(true)
  }
  expect(wrong).toBe(2)
})
