/**
 * Crash everywhere, for integrity devices: the power is cut at every disk write under random workloads, in every mode. J and B never
 * have a tag that does not fit; what was acknowledged as durable is there, and every sector is old or new. D has tags that do not fit,
 * exactly those that the bytes of the disk show, and only where something was being written.
 */
import { describe, expect, test } from 'vitest'
import type { Keep } from '../block/power_switch.ts'
import { PATIENCE_MS } from './crash_array_fixture.ts'
import { addShadow, readDevice, shadowOf } from './crash_fixture.ts'
import { diskBytes, layoutOf, mismatchCount, wrongBlocks } from './crash_integrity_fixture.ts'
import { cutAtEveryWrite } from './explore.ts'
import { say, setUp, testArena, testMachine } from './fixture.ts'
import type { Machine } from './machine.ts'
import './whole_language.ts'

const KEEPS: readonly Keep[] = ['none', 'all', 'random']
const SEED = 11

interface Setup {
  readonly mode: 'J' | 'B' | 'D'
  /** Further words of the line, and how many. */
  readonly extra: readonly string[]
  readonly block: number
  readonly meta?: boolean
}

const SETUPS: readonly Setup[] = [
  { mode: 'J', extra: ['journal_sectors:400'], block: 1 },
  { mode: 'J', extra: ['journal_sectors:800', 'block_size:4096', 'journal_watermark:20'], block: 8 },
  { mode: 'J', extra: ['journal_sectors:400', 'commit_time:10'], block: 1, meta: true },
  { mode: 'B', extra: ['sectors_per_bit:16', 'bitmap_flush_interval:10'], block: 1 },
  { mode: 'B', extra: ['block_size:2048', 'sectors_per_bit:64', 'bitmap_flush_interval:20'], block: 4 },
  { mode: 'B', extra: ['sectors_per_bit:32'], block: 1, meta: true },
  { mode: 'D', extra: [], block: 1 },
  { mode: 'D', extra: ['block_size:4096'], block: 8 },
]

function tableOf({ mode, extra, meta }: Setup, more: readonly string[] = []): string {
  const words = [
    'internal_hash:crc32c',
    'fix_padding',
    ...extra,
    ...(meta === true ? ['meta_device:/dev/sdb'] : []),
    ...more,
  ]
  return `0 512 integrity /dev/sda 0 - ${mode} ${words.length} ${words.join(' ')}`
}

/** A device of zeros whose tags all fit, at rest, that is made again when the power comes back; the oracle lies over it. */
function makeDevice(setup: Setup): Machine {
  const machine = testMachine({ seed: SEED })
  const create = `dmsetup create i --table '${tableOf(setup)}'`
  setUp(
    machine,
    [
      'disk create sda 768K',
      'disk create sdb 512K',
      `dmsetup create i --table '${tableOf(setup, ['recalculate'])}'`,
      'settle\ndmsetup remove i',
      create,
      `boot set <<'END'\n${create}\nEND`,
      'settle',
    ].join('\n'),
  )
  addShadow(machine, 'mapper/i')
  return machine
}

function workloads(block: number): string {
  const size = (kib: number): string => `${Math.max(kib * 1024, block * 512)}`
  return [
    `workload start a /dev/shadow --depth 3 --size ${size(2)} --region 0+64K`,
    `workload start b /dev/shadow --sync --size ${size(4)} --region 64K+64K`,
    `workload start c /dev/shadow --depth 2 --size ${size(16)} --region 128K+96K`,
  ].join('\n')
}

describe.each(SETUPS)('mode $mode, $extra, metadata device: $meta', (setup) => {
  test('cut at every disk write', { timeout: PATIENCE_MS }, () => {
    const machine = makeDevice(setup)
    setUp(machine, workloads(setup.block))
    machine.type('step 220')
    let shadow = shadowOf(machine)
    let states = 0
    let mismatches = 0
    const writes = cutAtEveryWrite(machine, {
      keeps: (write) => [KEEPS[write % KEEPS.length]],
      arena: testArena(),
      beforeCut: (copy) => (shadow = shadowOf(copy)),
      visit: ({ machine: crashed, write, keep }) => {
        const state = `write ${write}, keep ${String(keep)}, seed ${SEED}`
        states++
        setUp(crashed, 'power on\nsettle')
        if (setup.mode === 'D') mismatches += judgeDirect(crashed, setup.block, shadow.atRisk, state)
        else {
          expect(shadow.wrongSectors(readDevice(crashed, 'mapper/i')), state).toEqual([])
          expect(mismatchCount(crashed, 'i'), state).toBe(0)
          // Nothing is amiss on the disk either, once the device has come to rest.
          setUp(crashed, 'dmsetup remove i')
          if (setup.meta !== true) expect(wrongBlocks(diskBytes(crashed, 'sda')), state).toEqual([])
        }
      },
    })
    expect(states).toBe(writes)
    expect(writes).toBeGreaterThan(40)
    if (setup.mode === 'D') expect(mismatches).toBeGreaterThan(10)
  })
})

/** Reads block by block: what fails is what does not fit on the disk, was being written, and is counted. */
function judgeDirect(machine: Machine, block: number, atRisk: readonly number[], state: string): number {
  const expected = wrongBlocks(diskBytes(machine, 'sda'))
  const risky = new Set(atRisk.map((sector) => sector - (sector % block)))
  expect(
    expected.filter((sector) => !risky.has(sector)),
    `${state}: wrong where nothing was written`,
  ).toEqual([])
  const { providedSectors } = layoutOf(diskBytes(machine, 'sda'))
  const found: number[] = []
  for (let sector = 0; sector < Math.min(512, providedSectors); sector += block) {
    const read = `dd if=/dev/mapper/i of=/dev/null bs=${block * 512} count=1 skip=${sector / block} iflag=direct`
    if (say(machine, read).status !== 0) found.push(sector)
  }
  expect(found, state).toEqual(expected.filter((sector) => sector < 512))
  expect(mismatchCount(machine, 'i'), state).toBe(found.length)
  return found.length
}

test(
  'cut while tags are recalculated: it goes on where it was, and nothing is wrong in the end',
  { timeout: PATIENCE_MS },
  () => {
    const machine = testMachine({ seed: SEED })
    const create = `dmsetup create i --table '0 512 integrity /dev/sda 0 - J 3 internal_hash:crc32c fix_padding recalculate'`
    setUp(machine, `disk create sda 640K\nboot set <<'END'\n${create}\nEND`)
    machine.type(create)
    machine.type('settle')
    let states = 0
    cutAtEveryWrite(machine, {
      keeps: KEEPS,
      arena: testArena(),
      visit: ({ machine: crashed, write, keep }) => {
        const state = `write ${write}, keep ${String(keep)}`
        if (say(crashed, 'power on').status !== 0) {
          // The superblock was being made: half of it is neither one nor none, as with Linux.
          return
        }
        setUp(crashed, 'settle')
        states++
        readDevice(crashed, 'mapper/i')
        expect(mismatchCount(crashed, 'i'), state).toBe(0)
      },
    })
    expect(states).toBeGreaterThan(5)
  },
)
