/**
 * Crash everywhere, for hash trees that are written: after each cut the blocks that the target calls failing are those that do not fit
 * by the bytes on the disks, they are read as errors, and every other block is old or new. What was flushed and left alone since is there.
 */
import { describe, expect, test } from 'vitest'
import type { Keep } from '../block/power_switch.ts'
import { HashtreeTarget } from '../checksum/hashtree_target.ts'
import { MappedDevice } from '../dm/mapped_device.ts'
import { addShadow, shadowOf } from './crash_fixture.ts'
import { cutAtEveryWrite } from './explore.ts'
import { say, setUp, testArena, testMachine } from './fixture.ts'
import {
  blocksNamed,
  failingByBytes,
  formatLine,
  mediumBytes,
  tableOf,
  treeOf,
  unreadableBlocks,
  type TreeSet,
} from './hash_tree_fixture.ts'
import type { Machine } from './machine.ts'
import { digestHex } from '../checksum/hash_tree.ts'

const KEEPS: readonly Keep[] = ['none', 'all', 'random']
const PATIENCE_MS = 240_000

const SETS: readonly TreeSet[] = [
  { hashType: 1, algorithm: 'sha256', salt: '00ff', dataBlockBytes: 4096, hashBlockBytes: 512, dataBlocks: 64 },
  { hashType: 0, algorithm: 'sha1', salt: '', dataBlockBytes: 512, hashBlockBytes: 512, dataBlocks: 256 },
  { hashType: 1, algorithm: 'sha256', salt: '01', dataBlockBytes: 4096, hashBlockBytes: 4096, dataBlocks: 64 },
]

function makeSet(set: TreeSet, seed: number): Machine {
  const machine = testMachine({ seed })
  const create = `dmsetup create t --table '${tableOf(set, 'hashtree', '-')}'`
  const size = set.dataBlocks * set.dataBlockBytes
  setUp(
    machine,
    `disk create data ${size}
disk create hash 64K
${formatLine(set)}
${create}
boot set <<'END'
${create}
END`,
  )
  return machine
}

function target(machine: Machine): HashtreeTarget {
  const device = machine.kernel.devices.find('mapper/t')
  const found = device instanceof MappedDevice ? device.active?.targets[0] : undefined
  if (!(found instanceof HashtreeTarget)) throw new Error('no hash tree here')
  return found
}

/** Blocks of the device as it can be read now; those that fail are left as zeros. */
function readableBytes(machine: Machine, set: TreeSet, failing: readonly number[]): Uint8Array {
  const bytes = mediumBytes(machine, 'data')
  for (const block of failing) bytes.fill(0, block * set.dataBlockBytes, (block + 1) * set.dataBlockBytes)
  return bytes
}

describe.each(SETS)('type $hashType, $algorithm, data $dataBlockBytes, hash $hashBlockBytes', (set) => {
  const tree = treeOf(set)

  test('cut at every disk write', { timeout: PATIENCE_MS }, () => {
    const machine = makeSet(set, 31)
    addShadow(machine, 'mapper/t')
    setUp(
      machine,
      `workload start a /dev/shadow --pattern random --depth 2 --size 4K --region 0+96K
workload start b /dev/shadow --pattern random --sync --size 4K --region 96K+32K`,
    )
    machine.type('step 160')
    let shadow = shadowOf(machine)
    let root: Uint8Array | null = null
    let states = 0
    let withFailing = 0
    let withoutRoot = 0
    const writes = cutAtEveryWrite(machine, {
      keeps: (write) => [KEEPS[write % KEEPS.length]],
      arena: testArena(),
      beforeCut: (copy) => {
        shadow = shadowOf(copy)
        root = target(copy).root
      },
      visit: ({ machine: crashed, write, keep }) => {
        const state = `write ${write}, keep ${String(keep)}`
        states++
        const [data, hash] = [mediumBytes(crashed, 'data'), mediumBytes(crashed, 'hash')]
        const expected = failingByBytes(tree, data, hash, null)
        setUp(crashed, 'power on')
        expect(blocksNamed(say(crashed, 'dmsetup message t 0 failing').stdout), state).toEqual(expected)
        expect(unreadableBlocks(crashed, 'mapper/t', set.dataBlockBytes), state).toEqual(expected)
        if (expected.length > 0) withFailing++
        // What can be read is old or new; a sector that fails is asked nothing.
        const sectors = set.dataBlockBytes / 512
        const lost = new Set(expected)
        const wrong = shadow.wrongSectors(readableBytes(crashed, set, expected))
        expect(
          wrong.filter((sector) => !lost.has(Math.floor(sector / sectors))),
          state,
        ).toEqual([])
        // By the last root that was shown, all fails unless the topmost block is its.
        if (root === null) return
        const byRoot = failingByBytes(tree, data, hash, root)
        if (byRoot.length === set.dataBlocks) withoutRoot++
        setUp(
          crashed,
          `dmsetup remove t\ndmsetup create v --readonly --table '${tableOf(set, 'verity', digestHex(root))}'`,
        )
        expect(unreadableBlocks(crashed, 'mapper/v', set.dataBlockBytes), state).toEqual(byRoot)
      },
    })
    expect(states).toBe(writes)
    expect(writes).toBeGreaterThan(60)
    // A test in which nothing is ever lost proves nothing.
    expect(withFailing).toBeGreaterThan(10)
    expect(withoutRoot).toBeGreaterThan(10)
  })

  test.each([1, 2, 3])(
    'random writes leave the tree that a fresh format makes (seed %i)',
    { timeout: PATIENCE_MS },
    (seed) => {
      const machine = makeSet(set, seed)
      addShadow(machine, 'mapper/t')
      setUp(
        machine,
        `workload start a /dev/shadow --pattern random --read 30 --depth 4 --size 8K
workload start b /dev/shadow --pattern random --depth 3 --size 4K
workload start c /dev/shadow --pattern seq --sync --size 16K
step 600
workload stop a
workload stop b
workload stop c
settle`,
      )
      expect(blocksNamed(say(machine, 'dmsetup message t 0 failing').stdout)).toEqual([])
      expect(target(machine).blocksWritten).toBeGreaterThan(100)
      const root = say(machine, 'dmsetup status t').stdout.split(' ')[4]
      setUp(machine, 'dmsetup remove t\nsettle\nrun 1s')
      const written = mediumBytes(machine, 'hash')
      expect(setUp(machine, `${formatLine(set)}\nsettle\nrun 1s`)).toContain(`Root hash:      \t${root}`)
      expect(Buffer.compare(written, mediumBytes(machine, 'hash'))).toBe(0)
      expect(shadowOf(machine).wrongSectors(mediumBytes(machine, 'data'))).toEqual([])
    },
  )
})

test('a write whose way is wrong is refused, and leaves the tree alone', () => {
  const [set] = SETS
  const machine = makeSet(set, 5)
  setUp(machine, 'power cut --keep all\npower on')
  const spoilt = treeOf(set).levelStart[0]
  machine.media('hash')?.write(spoilt * 512 + 100, Uint8Array.of(1, 2, 3), 0, 3)
  const before = mediumBytes(machine, 'hash')
  expect(say(machine, 'dd if=/dev/urandom of=/dev/mapper/t bs=4k count=1 oflag=direct conv=fsync').status).not.toBe(0)
  setUp(machine, 'dd if=/dev/urandom of=/dev/mapper/t bs=4k count=1 seek=40 oflag=direct conv=fsync')
  expect(blocksNamed(say(machine, 'dmsetup message t 0 failing').stdout)).toEqual(
    Array.from({ length: 16 }, (_, i) => i),
  )
  const after = mediumBytes(machine, 'hash')
  expect(
    Buffer.compare(before.subarray(spoilt * 512, spoilt * 512 + 512), after.subarray(spoilt * 512, spoilt * 512 + 512)),
  ).toBe(0)
})
