/**
 * Bit rot on every sector of a disk in turn, below integrity devices of all modes: whoever reads gets what was written, or an error, and
 * never wrong bytes. Mode R is the exception that it says it is. In mode B, a stretch that was being written when the power failed is
 * another: what has rotted there becomes the truth.
 */
import { describe, expect, test } from 'vitest'
import { dataSector } from '../format/integrity_layout.ts'
import { PATIENCE_MS } from './crash_array_fixture.ts'
import { diskBytes, layoutOf, mismatchCount, readBlocks, tagByte } from './crash_integrity_fixture.ts'
import { say, setUp, testArena, testMachine } from './fixture.ts'
import { Machine } from './machine.ts'
import './whole_language.ts'

const SECTORS = 160
const SEED = 3

function table(mode: string, block: number): string {
  const words = ['internal_hash:crc32c', 'fix_padding', 'interleave_sectors:64']
  if (block > 1) words.push(`block_size:${block * 512}`)
  return `0 ${SECTORS} integrity /dev/sda 0 - ${mode} ${words.length} ${words.join(' ')}`
}

/** A device full of random bytes, taken down; and what it holds. */
function filled(mode: string, block: number): { machine: Machine; contents: Uint8Array } {
  const machine = testMachine({ seed: SEED })
  setUp(
    machine,
    `disk create sda 320K
dd if=/dev/urandom of=/tmp/all bs=${SECTORS * 512} count=1
dmsetup create i --table '${table(mode, block)}'
dd if=/tmp/all of=/dev/mapper/i bs=${SECTORS * 512} count=1 oflag=direct`,
  )
  const contents = new Uint8Array(SECTORS * 512)
  for (const { sector, bytes } of readBlocks(machine, 'mapper/i', block)) contents.set(bytes, sector * 512)
  setUp(machine, 'dmsetup remove i')
  return { machine, contents }
}

describe.each([
  ['J', 1],
  ['J', 8],
  ['D', 1],
  ['B', 1],
  ['B', 4],
] as const)('mode %s, blocks of %i sectors', (mode, block) => {
  test('rot on every sector in turn', { timeout: PATIENCE_MS }, () => {
    const { machine, contents } = filled(mode, block)
    const layout = layoutOf(diskBytes(machine, 'sda'))
    const kept = machine.keep()
    const arena = testArena()
    let detected = 0
    let refused = 0
    const disk = 640
    for (let rotten = 0; rotten < disk; rotten++) {
      const copy = Machine.wake(kept, arena)
      setUp(copy, `fault add rot sda ${rotten}`)
      if (say(copy, `dmsetup create i --table '${table(mode, block)}'`).status !== 0) {
        refused++
        continue
      }
      const wrong = readBlocks(copy, 'mapper/i', block).filter(({ status }) => status !== 'OK')
      for (const { sector, status, bytes } of readBlocks(copy, 'mapper/i', block)) {
        if (status !== 'OK') continue
        const right = contents.subarray(sector * 512, (sector + block) * 512)
        expect(Buffer.compare(bytes, right), `rot on sector ${rotten}, seed ${SEED}: sector ${sector} is wrong`).toBe(0)
      }
      const covered = dataSectorsOf(layout, block).get(rotten)
      if (covered !== undefined) {
        expect(
          wrong.map(({ sector }) => sector),
          `rot on sector ${rotten}`,
        ).toEqual([covered])
        expect(mismatchCount(copy, 'i')).toBeGreaterThan(0)
      }
      if (wrong.length > 0) detected++
    }
    expect(detected).toBeGreaterThanOrEqual(SECTORS)
    expect(refused).toBeLessThanOrEqual(1)
  })
})

/** The block of the device that each sector of the disk belongs to. */
function dataSectorsOf(layout: ReturnType<typeof layoutOf>, block: number): Map<number, number> {
  const places = new Map<number, number>()
  for (let sector = 0; sector < SECTORS; sector++) places.set(dataSector(layout, sector), sector - (sector % block))
  return places
}

test('a rotten tag is as bad as a rotten block', () => {
  const { machine } = filled('J', 1)
  const layout = layoutOf(diskBytes(machine, 'sda'))
  setUp(machine, `fault add rot sda ${Math.floor(tagByte(layout, 70) / 512)}`)
  setUp(machine, `dmsetup create i --table '${table('J', 1)}'`)
  expect(readBlocks(machine, 'mapper/i', 1).some(({ status }) => status === 'EILSEQ')).toBe(true)
})

test('mode R reads what is there', () => {
  const { machine, contents } = filled('J', 1)
  const layout = layoutOf(diskBytes(machine, 'sda'))
  setUp(machine, `fault add rot sda ${dataSector(layout, 33)}\ndmsetup create i --table '${table('R', 1)}'`)
  const differing = readBlocks(machine, 'mapper/i', 1).filter(
    ({ sector, bytes }) => Buffer.compare(bytes, contents.subarray(sector * 512, sector * 512 + 512)) !== 0,
  )
  expect(differing.map(({ sector, status }) => [sector, status])).toEqual([[33, 'OK']])
  expect(mismatchCount(machine, 'i')).toBe(0)
})

test('mode B: what rots in a stretch that was being written at the cut becomes the truth', () => {
  const { machine, contents } = filled('B', 1)
  const layout = layoutOf(diskBytes(machine, 'sda'))
  const bits = (line: string): string => line.replace('B 3', 'B 5') + ' sectors_per_bit:16 bitmap_flush_interval:600000'
  setUp(
    machine,
    `dmsetup create i --table '${bits(table('B', 1))}'
dd if=/tmp/all of=/dev/mapper/i bs=512 count=4 oflag=direct,dsync
power cut --keep all
power on
fault add rot sda ${dataSector(layout, 9)}
fault add rot sda ${dataSector(layout, 40)}
dmsetup create i --table '${bits(table('B', 1))}'
settle`,
  )
  const reads = readBlocks(machine, 'mapper/i', 1)
  expect(reads.filter(({ status }) => status !== 'OK').map(({ sector }) => sector)).toEqual([40])
  expect(Buffer.compare(reads[9].bytes, contents.subarray(9 * 512, 10 * 512))).not.toBe(0)
})
