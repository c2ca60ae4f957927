import { describe, expect, test } from 'vitest'
import { raidExplanation, type RaidExplanation } from './raid_explanation.ts'
import { testMachine } from '../lab/fixture.ts'
import type { Machine } from '../lab/machine.ts'

const NAMES = ['a', 'b', 'c', 'd']
const DISKS = NAMES.map((name) => `disk create ${name} 512K\ndisk create q${name} 64K`).join('\n')
const legs = (count: number): string =>
  `${count} ${NAMES.slice(0, count)
    .map((name) => `/dev/q${name} /dev/${name}`)
    .join(' ')}`
const table = (words: string, count = 3, sectors = 2048): string =>
  `dmsetup create r --table '0 ${sectors} raid ${words} ${legs(count)}'`

/** Runs lines to their end; the last must succeed. */
function run(machine: Machine, script: string): void {
  machine.type(script)
  while (machine.busy && machine.run() > 0);
  const last = machine.results.at(-1)
  expect(last?.status, `${last?.command}: ${last?.stderr}`).toBe(0)
}

function explained(machine: Machine): RaidExplanation {
  const found = raidExplanation(machine, 'r')
  if (found === null) throw new Error('nothing to explain')
  return found
}

/** A machine after some lines. */
function after(script: string): Machine {
  const machine = testMachine()
  run(machine, `${DISKS}\n${script}`)
  return machine
}

describe('surprises are told while they are true', () => {
  const told = (machine: Machine): string => explained(machine).surprises.join('\n')

  test('a bitmap that nobody heeds, until a check finds nothing or a repair has been', () => {
    const machine = after(`${table('raid5_ls 3 16 region_size 64')}\nsettle\nrun 30s`)
    expect(told(machine)).toBe('')
    run(machine, 'dd if=/dev/urandom of=/dev/mapper/r bs=4k count=1 oflag=direct')
    run(machine, 'power cut')
    run(machine, `power on\n${table('raid5_ls 3 16 region_size 64')}`)
    expect(told(machine)).toContain('One bit of the bitmap was set when it was read, and nothing is resynced')
    run(machine, 'settle\ndmsetup message r 0 repair\nsettle')
    expect(told(machine)).toBe('')
  })

  test('the same bitmap where it is consulted', () => {
    const machine = after(`rules dm-raid.bitmap consulted\n${table('raid5_ls 3 16 region_size 64')}\nsettle\nrun 30s`)
    run(machine, 'dd if=/dev/urandom of=/dev/mapper/r bs=4k count=1 oflag=direct')
    run(machine, 'power cut')
    run(machine, `power on\n${table('raid5_ls 3 16 region_size 64')}`)
    expect(told(machine)).toBe('')
  })

  test('sync, which does not', () => {
    expect(told(after(table('raid5_ls 4 16 sync region_size 64')))).toContain('sync does not sync')
    const seed = after(`rules dm-raid.translation seed\n${table('raid5_ls 4 16 sync region_size 64')}`)
    expect(told(seed)).toBe('')
  })

  test('milliseconds that are taken for ticks', () => {
    expect(told(after(table('raid1 5 0 region_size 64 daemon_sleep 50', 2, 1024)))).toContain('says 0 seconds')
    expect(told(after(table('raid1 5 0 region_size 64 daemon_sleep 1000', 2, 1024)))).toContain('says 10 s')
  })

  test('a resync that comes back as a repair', () => {
    const slow = table('raid5_ls 7 64 min_recovery_rate 2000 max_recovery_rate 2000 region_size 1024', 3, 32768)
    const large = ['a', 'b', 'c'].map((name) => `disk create large${name} 8M`).join('\n')
    const lines = slow.replaceAll(/dev\/([abc])\b/g, 'dev/large$1')
    const machine = after(`${large}\n${lines}\nrun 1500ms\ndmsetup remove r\n${lines}`)
    expect(explained(machine).recoveryCp).toMatch(/^[1-9]\d*$/)
    expect(told(machine)).toContain('goes on as a repair')
  })

  test('stale superblocks that are trusted', () => {
    const machine = after(`${table('raid1 3 0 region_size 64', 2, 1024)}\nsettle\nrun 30s`)
    run(
      machine,
      'dd if=/dev/qa of=/tmp/old bs=64k count=1\ndd if=/dev/urandom of=/dev/mapper/r bs=4k count=1 oflag=direct',
    )
    run(machine, 'run 30s\ndmsetup remove r\ndd if=/tmp/old of=/dev/qa bs=64k count=1 oflag=direct')
    run(machine, table('raid1 3 0 region_size 64', 2, 1024))
    expect(told(machine)).toMatch(/older than the freshest, leg 0 by [1-9]/)
    expect(explained(machine).legs.map(({ inSync }) => inSync)).toEqual([true, true])
  })

  test('a layout that the superblocks know better', () => {
    const machine = after(
      `${table('raid5_ls 3 16 region_size 64')}\nsettle\ndmsetup remove r\n${table('raid5_rs 3 16 region_size 64')}`,
    )
    expect(told(machine)).toContain('The superblocks say raid5_ls with chunks of 16 sectors')
  })

  test.each([
    ['the format of a raid10', 'raid10_far 3 16 region_size 64', 4, 'said by raid10_format alone'],
    ['where a raid4 has its parity', 'raid4 3 16 region_size 64', 3, 'parity on the first leg'],
    ['parity that nobody made', 'raid5_ls 4 16 nosync region_size 64', 3, 'Nobody has made the parity'],
  ])('%s', (_, words, count, sentence) => {
    expect(told(after(table(words, count)))).toContain(sentence)
  })

  test('words that no superblock keeps', () => {
    expect(told(after(table('raid1 5 0 region_size 64 write_mostly 1', 2, 1024)))).toContain(
      'write_mostly is in no superblock',
    )
  })

  test('a set that is shorter than its table', () => {
    expect(told(after(table('raid10 7 16 raid10_format far raid10_copies 3 region_size 64', 3, 1000)))).toMatch(
      /The table says 1000 sectors, and the set has \d+/,
    )
  })
})

describe('the table is explained leg by leg', () => {
  test('a new set, then one that is known, then one with a leg built anew', () => {
    const machine = after(table('raid5_ls 3 16 region_size 64'))
    const fresh = explained(machine)
    expect(fresh.recoveryCp).toBe('0')
    expect(fresh.recoveryCpWhy).toContain('new')
    expect(fresh.legs.map(({ inSync, recoveryOffset }) => [inSync, recoveryOffset])).toEqual(
      new Array(3).fill([true, 'MaxSector']),
    )
    expect(fresh.rows.filter(({ legs: lit }) => lit.length > 0)).toMatchObject([
      { metadata: true, words: '', legs: [0, 1, 2] },
    ])
    run(machine, `settle\ndmsetup remove r\n${table('raid5_ls 3 16 region_size 64')}`)
    expect(explained(machine)).toMatchObject({
      recoveryCp: 'MaxSector',
      recoveryCpWhy: 'the freshest superblock says so: array_resync_offset',
    })
    run(machine, `dmsetup remove r\n${table('raid5_ls 5 16 region_size 64 rebuild 1')}`)
    const rebuilt = explained(machine)
    expect(rebuilt.legs[1]).toMatchObject({
      inSync: false,
      recoveryOffset: '0',
      why: expect.stringContaining('built anew'),
    })
    expect(rebuilt.rows.filter(({ legs: lit }) => lit.length > 0).map(({ words, legs: lit }) => [words, lit])).toEqual([
      ['', [0, 2]],
      ['rebuild', [1]],
    ])
    run(machine, 'settle')
    expect(explained(machine).legs[1].since).toBe('in sync')
  })

  test('by the rule of the first description a set without metadata is synced, and both rules are shown', () => {
    const bare = "dmsetup create r --table '0 2048 raid raid5_ls 1 16 3 - /dev/a - /dev/b - /dev/c'"
    const linux = explained(after(bare))
    expect([linux.translation, linux.recoveryCp]).toEqual(['linux-6.1', 'MaxSector'])
    const seed = explained(after(`rules dm-raid.translation seed\n${bare}`))
    expect([seed.translation, seed.recoveryCp]).toEqual(['seed', '0'])
    expect(seed.rows).toHaveLength(12)
    expect(seed.rows.filter(({ isInvalid }) => isInvalid)).toHaveLength(3)
    expect(linux.rows).toEqual(seed.others)
  })

  test('a leg that failed, and one that is not there', () => {
    const machine = after(`${table('raid1 3 0 region_size 64', 2, 1024)}\nsettle`)
    run(machine, 'disk pull b\ndisk pull qb\ndd if=/dev/urandom of=/dev/mapper/r bs=4k count=1 oflag=direct')
    expect(explained(machine).legs[1].since).toBe('failed')
    run(
      machine,
      `settle\ndmsetup remove r\ndmsetup create r --table '0 1024 raid raid1 3 0 region_size 64 2 /dev/qa /dev/a - -'`,
    )
    expect(explained(machine).legs[1]).toMatchObject({ meta: '-', data: '-', why: 'it is not there' })
  })

  test('what is no raid table is not explained', () => {
    const machine = after("dmsetup create r --table '0 100 linear /dev/a 0'")
    expect(raidExplanation(machine, 'r')).toBeNull()
    expect(raidExplanation(machine, 'nobody')).toBeNull()
  })
})
