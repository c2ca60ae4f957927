/** Rot on every sector in turn, of the data and of the tree: what is below it fails, and nothing else. */
import { describe, expect, test } from 'vitest'
import {
  blocksNamed,
  formatLine,
  mediumBytes,
  tableOf,
  treeOf,
  unreadableBlocks,
  type TreeSet,
} from './hash_tree_fixture.ts'
import { say, setUp, testMachine } from './fixture.ts'
import type { Machine } from './machine.ts'

const SETS: readonly TreeSet[] = [
  { hashType: 1, algorithm: 'sha256', salt: '00ff', dataBlockBytes: 512, hashBlockBytes: 512, dataBlocks: 70 },
  { hashType: 0, algorithm: 'sha1', salt: '', dataBlockBytes: 1024, hashBlockBytes: 512, dataBlocks: 50 },
  { hashType: 1, algorithm: 'md5', salt: '77', dataBlockBytes: 4096, hashBlockBytes: 1024, dataBlocks: 9 },
  { hashType: 1, algorithm: 'sha512', salt: '', dataBlockBytes: 512, hashBlockBytes: 1024, dataBlocks: 40 },
]

function makeSet(set: TreeSet): { machine: Machine; root: string } {
  const machine = testMachine({ seed: 20261121 })
  const bytes = set.dataBlocks * set.dataBlockBytes
  const printed = setUp(
    machine,
    `disk create data ${bytes}
disk create hash 64K
dd if=/dev/urandom of=/dev/data bs=${bytes} count=1 oflag=direct
${formatLine(set)}`,
  )
  // From now on everything is on the media.
  setUp(machine, 'power cut --keep all\npower on')
  return { machine, root: /Root hash:\s+(\w+)/.exec(printed)?.[1] ?? '' }
}

/** Turns bits of a sector round, or back again. */
function flip(machine: Machine, disk: string, sector: number): void {
  const media = machine.media(disk)
  const byte = new Uint8Array(1)
  const at = sector * 512 + ((sector * 37) % 512)
  media?.read(at, byte, 0, 1)
  byte[0] ^= 0x40
  media?.write(at, byte, 0, 1)
}

describe.each(SETS)('type $hashType, $algorithm, data $dataBlockBytes, hash $hashBlockBytes', (set) => {
  const tree = treeOf(set)
  const { dataBlockBytes, hashBlockBytes, dataBlocks } = set

  test('a tree that is right has nothing to say', () => {
    const { machine, root } = makeSet(set)
    setUp(machine, `dmsetup create v --readonly --table '${tableOf(set, 'verity', root)}'`)
    expect(unreadableBlocks(machine, 'mapper/v', dataBlockBytes)).toEqual([])
    expect(say(machine, 'dmsetup status v').stdout).toMatch(/ V$/m)
  })

  test.each(['verity', 'hashtree'] as const)('rot under %s', { timeout: 120_000 }, (type) => {
    const { machine, root } = makeSet(set)
    const places: [string, number, number[]][] = []
    for (let sector = 0; sector < (dataBlocks * dataBlockBytes) / 512; sector++) {
      places.push(['data', sector, [Math.floor((sector * 512) / dataBlockBytes)]])
    }
    for (let sector = 0; sector < (tree.end * hashBlockBytes) / 512; sector++) {
      const { from, to } = tree.dataBelow(Math.floor((sector * 512) / hashBlockBytes))
      places.push(['hash', sector, Array.from({ length: to - from }, (_, i) => from + i)])
    }
    for (const [disk, sector, expected] of places) {
      const where = `sector ${sector} of ${disk}`
      flip(machine, disk, sector)
      const option = type === 'verity' ? '--readonly ' : ''
      setUp(machine, `dmsetup create v ${option}--table '${tableOf(set, type, root)}'`)
      if (type === 'hashtree') {
        expect(blocksNamed(say(machine, 'dmsetup message v 0 failing').stdout), where).toEqual(expected)
      }
      expect(unreadableBlocks(machine, 'mapper/v', dataBlockBytes), where).toEqual(expected)
      expect(say(machine, 'dmsetup status v').stdout, where).toMatch(type === 'verity' ? / C$/m : / C \w/)
      setUp(machine, 'dmsetup remove v')
      flip(machine, disk, sector)
    }
    expect(places.length).toBeGreaterThan(40)
  })

  test('what cannot be read fails, and says so', () => {
    const { machine, root } = makeSet(set)
    setUp(
      machine,
      `fault add latent data 3
fault add latent hash 0
dmsetup create v --readonly --table '${tableOf(set, 'verity', root)}'`,
    )
    expect(unreadableBlocks(machine, 'mapper/v', dataBlockBytes)).toHaveLength(dataBlocks)
    expect(say(machine, 'dmsetup status v').stdout).toMatch(/ V$/m)
    expect(mediumBytes(machine, 'hash').some((byte) => byte !== 0)).toBe(true)
  })
})

test.each(['restart_on_corruption', 'panic_on_corruption'])('%s ends the kernel; what the disks hold stays', (mode) => {
  const [set] = SETS
  const { machine, root } = makeSet(set)
  const table = `${tableOf(set, 'verity', root)} 1 ${mode}`
  setUp(machine, `dmsetup create v --readonly --table '${table}'`)
  setUp(machine, 'dd if=/dev/mapper/v of=/dev/null bs=512 count=4 iflag=direct')
  flip(machine, 'data', 9)
  setUp(machine, 'disk create other 64K\ndd if=/dev/urandom of=/dev/other bs=4k count=1 oflag=direct')
  const written = machine.disk('other')?.cache.bytes ?? 0
  expect(written).toBeGreaterThan(0)
  const { stderr } = say(machine, 'dd if=/dev/mapper/v of=/dev/null bs=512 iflag=direct')
  expect(stderr).toContain('the power failed')
  expect(machine.powerOn).toBe(false)
  expect(mediumBytes(machine, 'other').some((byte) => byte !== 0)).toBe(true)
  setUp(machine, 'power on')
  expect(say(machine, 'dmsetup ls').stdout).toBe('No devices found\n')
})
