/** Superblocks and bitmaps with bytes that nobody wrote: whatever they say, each line comes to its end, and nothing breaks. */
import { expect, test } from 'vitest'
import { superblockChecksum } from '../format/md_superblock.ts'
import { Chance } from '../sim/chance.ts'
import { setUp, testMachine } from './fixture.ts'
import type { Machine } from './machine.ts'
import { tryLine, tryTarget } from './spoilt_fixture.ts'

const SEED = 20261120
const ROUNDS = 40
const DISKS = ['a', 'b', 'c', 'd']
const PATHS = DISKS.map((name) => `/dev/${name}`).join(' ')
const CHECKSUM = 216
/** Where the superblock of each version lies, and the first page of the bitmap. In bytes of disks of 4 MiB. */
const PLACES = {
  '1.2': { superblock: 4096, bitmap: 8192 },
  '1.1': { superblock: 0, bitmap: 4096 },
  '1.0': { superblock: 4 * 1024 * 1024 - 8192, bitmap: 4 * 1024 * 1024 - 16384 },
} as const

const NATIVE: readonly (readonly [string, string])[] = [
  ['raid0', '--level=0 --chunk=64'],
  ['raid1', '--level=1 --bitmap=internal --bitmap-chunk=64K'],
  ['raid5', '--level=5 --chunk=64 --bitmap=internal --bitmap-chunk=64K'],
  ['raid6', '--level=6 --chunk=64 --bitmap=internal --bitmap-chunk=64K'],
  ['raid10', '--level=10 --layout=f2 --chunk=64 --bitmap=internal --bitmap-chunk=64K'],
]
const TARGETS = ['raid1 3 0', 'raid5_ls 3 128', 'raid6_nr 3 128', 'raid10 3 128']

/** Changes a few bytes of a stretch of a disk. */
function spoil(machine: Machine, disk: string, from: number, bytes: number, chance: Chance): void {
  const media = machine.disk(disk)?.media
  for (let count = 1 + chance.below(8); count > 0; count--) {
    media?.write(from + chance.below(bytes), Uint8Array.of(chance.below(256)), 0, 1)
  }
}

/** Otherwise what was spoilt would not even be looked at. */
function mendChecksum(machine: Machine, disk: string, superblock: number): void {
  const media = machine.disk(disk)?.media
  const block = new Uint8Array(4096)
  media?.read(superblock, block, 0, block.length)
  const view = new DataView(block.buffer)
  const roles = Math.min(view.getUint32(220, true), 384)
  view.setUint32(CHECKSUM, superblockChecksum(block, roles), true)
  media?.write(superblock, block, 0, block.length)
}

/** Every level with superblocks of every version. */
const CASES = NATIVE.flatMap(([name, options]) =>
  (['1.2', '1.1', '1.0'] as const).map((version) => [name, version, options] as const),
)

test.each(CASES)(`members of a %s, version %s, seed ${SEED}`, { timeout: 120_000 }, (name, version, options) => {
  const chance = new Chance(SEED, `${name} ${version}`)
  const { superblock, bitmap } = PLACES[version]
  const machine = testMachine()
  setUp(machine, DISKS.map((disk) => `disk create ${disk} 4M`).join('\n'))
  for (let round = 0; round < (version === '1.2' ? ROUNDS : ROUNDS / 2); round++) {
    setUp(
      machine,
      `mdadm --create /dev/md0 --metadata=${version} ${options} --raid-devices=4 --force --run ${PATHS}\nsettle`,
    )
    setUp(
      machine,
      'dd if=/dev/urandom of=/dev/md0 bs=64k count=3 oflag=direct conv=fsync\nsettle\nmdadm --stop /dev/md0',
    )
    for (const disk of chance.below(2) === 0 ? ['b'] : DISKS) {
      if (chance.below(2) === 0) spoil(machine, disk, bitmap, 512, chance)
      else {
        spoil(machine, disk, superblock, 512, chance)
        if (chance.below(4) > 0) mendChecksum(machine, disk, superblock)
      }
    }
    tryLine(machine, `mdadm --examine /dev/b`)
    tryLine(machine, `mdadm --examine-bitmap /dev/b`)
    tryLine(machine, `mdadm --assemble --run /dev/md0 ${PATHS}`)
    tryLine(machine, `mdadm --assemble --force --run /dev/md0 ${PATHS}`)
    tryLine(machine, 'dd if=/dev/urandom of=/dev/md0 bs=64k count=3 oflag=direct conv=fsync')
    tryLine(machine, 'settle')
    tryLine(machine, 'echo check > /sys/block/md0/md/sync_action')
    tryLine(machine, 'settle')
    tryLine(machine, 'mdadm --stop /dev/md0')
    expect(machine.kernel.md.arrays).toEqual([])
  }
})

test.each(TARGETS)(`metadata devices of a %s, seed ${SEED}`, { timeout: 120_000 }, (type) => {
  const chance = new Chance(SEED, type)
  for (let round = 0; round < ROUNDS; round++) {
    const machine = testMachine()
    const legs = DISKS.map((disk) => `/dev/x${disk} /dev/${disk}`).join(' ')
    const sectors = { raid1: 4096, raid5: 12288, raid6: 8192, raid10: 8192 }[
      type.slice(0, type.startsWith('raid10') ? 6 : 5)
    ]
    const table = `0 ${sectors} raid ${type} region_size 128 4 ${legs}`
    setUp(machine, DISKS.map((disk) => `disk create ${disk} 2M\ndisk create x${disk} 128K`).join('\n'))
    setUp(machine, `dmsetup create r --table '${table}'\nsettle`)
    setUp(
      machine,
      'dd if=/dev/urandom of=/dev/mapper/r bs=64k count=3 oflag=direct conv=fsync\nsettle\ndmsetup remove r',
    )
    for (const disk of chance.below(2) === 0 ? ['xb'] : DISKS.map((one) => `x${one}`)) {
      spoil(machine, disk, chance.below(2) * 4096, 256, chance)
    }
    tryTarget(machine, table)
  }
})
