import { describe, expect, test } from 'vitest'
import { testMachine } from './fixture.ts'
import type { Machine } from './machine.ts'

const LEGS = '3 /dev/ma /dev/a /dev/mb /dev/b /dev/mc /dev/c'
const DISKS = ['a', 'b', 'c'].map((name) => `disk create ${name} 512K\ndisk create m${name} 64K`).join('\n')
const CREATE = `dmsetup create r --table '0 2048 raid raid5_ls 3 16 region_size 64 ${LEGS}'`

/** Runs lines to their end. @returns what the last of them answered. */
function run(machine: Machine, script: string): { status: number; stdout: string; stderr: string } {
  machine.type(script)
  while (machine.busy && machine.run() > 0);
  const last = machine.results.at(-1)
  if (last === undefined) throw new Error('nothing was answered')
  return last
}

/** A synced set whose power fails in the middle of writes, so that stripes are half written. */
function crashed(rule: string): Machine {
  const machine = testMachine()
  run(machine, `seed 7\n${DISKS}\n${CREATE}\nsettle\nrun 30s`)
  run(machine, `rules dm-raid.bitmap ${rule}`)
  run(
    machine,
    'power cut --after-writes 25 --keep random\ndd if=/dev/urandom of=/dev/mapper/r bs=12k count=40 oflag=direct',
  )
  run(machine, `power on\n${CREATE}`)
  return machine
}

describe('after a crash in the middle of writes', () => {
  test('Linux 6.1 resyncs nothing, and a check finds what is wrong', () => {
    const machine = crashed('linux-6.1')
    expect(run(machine, 'dmsetup status r').stdout).toBe('0 2048 raid raid5_ls 3 AAA 1024/1024 idle 0 0 -\n')
    const { stdout } = run(machine, 'settle\ndmsetup message r 0 check\nsettle\ndmsetup status r')
    const mismatches = Number(stdout.split(' ')[8])
    expect(mismatches).toBeGreaterThan(0)
  })

  test('a bitmap that is consulted has the marked chunks resynced, and no others', () => {
    const machine = crashed('consulted')
    expect(run(machine, 'dmsetup status r').stdout).toMatch(/ aaa \d+\/1024 resync 0 0 -/)
    const before = machine.disk('a')?.stat.readSectors ?? 0
    run(machine, 'settle')
    const read = (machine.disk('a')?.stat.readSectors ?? 0) - before
    expect(read).toBeGreaterThan(0)
    expect(read).toBeLessThan(512)
    const { stdout } = run(machine, 'dmsetup message r 0 check\nsettle\ndmsetup status r')
    expect(stdout).toBe('0 2048 raid raid5_ls 3 AAA 1024/1024 idle 0 0 -\n')
  })

  test('a set that was shut down in good order is not resynced by either', () => {
    const machine = testMachine()
    run(machine, `rules dm-raid.bitmap consulted\n${DISKS}\n${CREATE}\nsettle\ndmsetup remove r\n${CREATE}`)
    expect(run(machine, 'dmsetup status r').stdout).toBe('0 2048 raid raid5_ls 3 AAA 1024/1024 idle 0 0 -\n')
  })
})

describe('without metadata', () => {
  const bare = `dmsetup create r --table '0 2048 raid raid5_ls 1 16 3 - /dev/a - /dev/b - /dev/c'`
  const rebuild = `dmsetup create r --table '0 2048 raid raid5_ls 3 16 rebuild 1 3 - /dev/a - /dev/b - /dev/c'`
  const trusted = `dmsetup create r --table '0 2048 raid raid5_ls 4 16 nosync rebuild 1 3 - /dev/a - /dev/b - /dev/c'`

  test('Linux 6.1 takes the set for synced, and builds a leg anew', () => {
    const machine = testMachine()
    expect(run(machine, `${DISKS}\n${bare}\ndmsetup status r`).stdout).toContain(' AAA 1024/1024 idle ')
    expect(run(machine, `dmsetup remove r\n${trusted}`)).toMatchObject({ status: 1 })
    expect(run(machine, rebuild)).toMatchObject({ status: 0 })
    expect(run(machine, 'dmsetup status r').stdout).toContain(' AaA ')
  })

  test('the first description syncs it each time, and refuses to build from what is not in sync', () => {
    const machine = testMachine()
    run(machine, `rules dm-raid.translation seed\n${DISKS}\n${bare}`)
    expect(run(machine, 'dmsetup status r').stdout).toMatch(/ aaa \d+\/1024 resync /)
    run(machine, 'settle\ndmsetup remove r')
    expect(run(machine, rebuild).stderr).toContain('not in sync itself')
    expect(run(machine, trusted)).toMatchObject({ status: 0 })
    expect(run(machine, 'dmsetup status r').stdout).toContain(' AaA ')
  })
})

test('the first description lets sync force a resync', () => {
  const sync = CREATE.replace('raid5_ls 3 16', 'raid5_ls 4 16 sync')
  for (const [rule, status] of [
    ['linux-6.1', / AAA 1024\/1024 idle /],
    ['seed', / aaa \d+\/1024 resync /],
  ] as const) {
    const machine = testMachine()
    run(machine, `rules dm-raid.translation ${rule}\n${DISKS}\n${CREATE}\nsettle\nrun 30s\ndmsetup remove r\n${sync}`)
    expect(run(machine, 'dmsetup status r').stdout).toMatch(status)
  }
})

test('the older grammar is understood where the rule says so', () => {
  const old = CREATE.replace('raid5_ls 3 16 region_size 64', 'raid5_ls 3 16 -1 nosync')
  const machine = testMachine()
  expect(run(machine, `${DISKS}\n${old}`)).toMatchObject({ status: 1 })
  run(machine, `rules dm-raid.grammar seed\n${old}`)
  expect(run(machine, 'dmsetup table r').stdout).toMatch(/^0 2048 raid raid5_ls 2 16 nosync 3 /)
})
