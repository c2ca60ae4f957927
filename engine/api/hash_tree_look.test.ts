/** What a view is told of a hash tree, held against what the target does. */
import { expect, test } from 'vitest'
import { say, setUp, testMachine } from '../lab/fixture.ts'
import { blocksNamed, unreadableBlocks } from '../lab/hash_tree_fixture.ts'
import type { Machine } from '../lab/machine.ts'
import {
  TREE_CACHED,
  TREE_DIRTY,
  TREE_FAILS,
  TREE_VERIFIED,
  TREE_WOULD_FAIL,
  type HashTreeLook,
} from './hash_tree_flags.ts'
import { lookAt } from './looks.ts'

const TABLE = '0 512 hashtree 1 /dev/data /dev/hash 4096 512 64 1 sha256 - -'

function machineWithTree(): Machine {
  const machine = testMachine()
  setUp(
    machine,
    `disk create data 256K
disk create hash 64K
dd if=/dev/urandom of=/dev/data bs=256K count=1
veritysetup format /dev/data /dev/hash --salt - --hash-block-size 512
power cut --keep all
power on
dmsetup create t --table '${TABLE}'`,
  )
  return machine
}

function look(machine: Machine): HashTreeLook {
  const found = lookAt(machine, 'tree', 't')
  if (found === null) throw new Error('no tree')
  return found
}

const withFlag = (flags: Uint8Array, flag: number): number[] =>
  [...flags.keys()].filter((block) => (flags[block] & flag) !== 0)

test('what is cached and checked grows as blocks are read', () => {
  const machine = machineWithTree()
  expect(look(machine)).toMatchObject({
    type: 'hashtree',
    root: null,
    failing: 0,
    failingAfterCut: { kept: 0, lost: 0 },
  })
  expect(look(machine).levels.map(({ blocks }) => blocks.length)).toEqual([1, 4])
  setUp(machine, 'dd if=/dev/mapper/t of=/dev/null bs=4k count=1 skip=20 iflag=direct')
  const { levels, root } = look(machine)
  expect(withFlag(levels[0].blocks, TREE_VERIFIED)).toEqual([0])
  expect(withFlag(levels[1].blocks, TREE_VERIFIED)).toEqual([1])
  // A whole cluster was read ahead.
  expect(withFlag(levels[1].blocks, TREE_CACHED)).toEqual([0, 1, 2, 3])
  expect(root).toMatch(/^[0-9a-f]{64}$/)
})

test('what a cut would leave is what it leaves', () => {
  for (const keep of ['all', 'none'] as const) {
    const machine = machineWithTree()
    // What is not in the cache would have the dirty ones written when it is read.
    setUp(machine, 'dd if=/dev/mapper/t of=/dev/null bs=64k iflag=direct')
    setUp(machine, 'dd if=/dev/urandom of=/dev/mapper/t bs=4k count=2 seek=3 oflag=direct conv=fsync')
    setUp(machine, 'dd if=/dev/urandom of=/dev/mapper/t bs=4k count=3 seek=15 oflag=direct')
    setUp(machine, 'fault add rot data 480')
    const before = look(machine)
    expect(before.lastWrite).toEqual({ first: 17, count: 1 })
    expect(withFlag(before.levels[1].blocks, TREE_DIRTY)).toEqual([0, 1])
    expect(withFlag(before.data, TREE_FAILS)).toEqual([60])
    expect(before.failing).toBe(1)
    expect(unreadableBlocks(machine, 'mapper/t', 4096)).toEqual([60])
    expect(withFlag(before.data, TREE_WOULD_FAIL)).toEqual([15, 16, 17, 60])
    expect(before.failingAfterCut).toEqual({ kept: 4, lost: 1 })
    setUp(machine, `power cut --keep ${keep}\npower on\ndmsetup create t --table '${TABLE}'`)
    const named = blocksNamed(say(machine, 'dmsetup message t 0 failing').stdout)
    expect(named).toEqual(keep === 'all' ? [15, 16, 17, 60] : [60])
    expect(look(machine).failing).toBe(named.length)
  }
})

test('where the bytes are not on disks themselves, it is said why nothing is known', () => {
  const machine = machineWithTree()
  setUp(
    machine,
    `dmsetup remove t
dmsetup create l --table '0 512 linear /dev/data 0'
dmsetup create t --table '${TABLE.replace('/dev/data', '/dev/mapper/l')}'`,
  )
  expect(look(machine)).toMatchObject({ failing: null, failingAfterCut: null })
  expect(look(machine).unknown).toContain('disks themselves')
})

test('other devices have no tree', () => {
  const machine = machineWithTree()
  expect(lookAt(machine, 'tree', 'nobody')).toBeNull()
  expect(lookAt(machine, 'raid', 't')).toBeNull()
})
