/** The power is cut at every disk write, on devices without redundancy: what was flushed is there, the rest is old or new. */
import { describe, expect, test } from 'vitest'
import { unflushedWrites } from '../block/power_loss.ts'
import { Chance } from '../sim/chance.ts'
import { addShadow, readDevice, shadowOf } from './crash_fixture.ts'
import { atStake, cutAtEveryWrite, cutCopy, subsets } from './explore.ts'
import { setUp, testArena, testMachine } from './fixture.ts'
import type { ShadowDevice } from './shadow_device.ts'

const WORKLOADS = `workload start a /dev/shadow --depth 3 --size 6K --region 0+48K
workload start b /dev/shadow --sync --size 512 --region 16K+32K`

describe.each([
  ['ideal', '100us'],
  ['ssd', '3ms'],
  ['hdd', '500ms'],
])('a disk of model %s', (model, time) => {
  test('holds what was flushed, and old or new elsewhere', () => {
    const machine = testMachine()
    setUp(machine, `disk create sda 64K --model ${model}`)
    addShadow(machine, 'sda')
    setUp(machine, WORKLOADS)
    machine.type(`run ${time}`)
    let states = 0
    let oracle: ShadowDevice | null = null
    const writes = cutAtEveryWrite(machine, {
      keeps: ['none', 'all', 'random'],
      arena: testArena(),
      beforeCut: (copy) => (oracle = shadowOf(copy)),
      visit: ({ machine: crashed, write, keep }) => {
        states++
        expect(crashed.powerOn).toBe(false)
        setUp(crashed, 'power on')
        const found = readDevice(crashed, 'sda')
        expect((oracle as unknown as ShadowDevice).wrongSectors(found), `write ${write}, keep ${String(keep)}`).toEqual(
          [],
        )
      },
    })
    expect(writes).toBeGreaterThan(20)
    expect(states).toBe(3 * writes)
  })
})

test('the oracle sees a lost flush and a torn sector', () => {
  const machine = testMachine()
  setUp(machine, 'disk create sda 64K')
  addShadow(machine, 'sda')
  setUp(machine, 'workload start w /dev/shadow --sync --region 0+4K\nrun 100us\nworkload stop w\nsettle')
  const shadow = shadowOf(machine)
  const found = readDevice(machine, 'shadow')
  expect(shadow.touched).toHaveLength(8)
  expect(shadow.wrongSectors(found)).toEqual([])
  const torn = found.slice()
  torn[3 * 512 + 100] ^= 1
  expect(shadow.wrongSectors(torn)).toEqual([3])
  expect(shadow.wrongSectors(new Uint8Array(65536))).toHaveLength(8)
  const beside = found.slice()
  beside[9 * 512] = 1
  expect(shadow.wrongSectors(beside)).toEqual([9])
})

test('every subset of what was at stake can be left behind', () => {
  const machine = testMachine()
  setUp(
    machine,
    'disk create sda 64K\nworkload start w /dev/sda --pattern seq --region 8K+16K\nrun 10us\nworkload stop w',
  )
  const stake = atStake(machine)
  expect(stake).toEqual([16, 24, 32, 40].map((sector) => ({ disk: 'sda', sector, sectors: 8 })))
  const arena = testArena()
  const kept = machine.keep()
  const seen = new Set<string>()
  for (const subset of subsets(stake, new Chance(1, 'subsets'))) {
    const crashed = cutCopy(kept, subset, arena)
    expect(crashed.powerOn).toBe(false)
    const bytes = new Uint8Array(65536)
    crashed.media('sda')?.read(0, bytes, 0, bytes.length)
    const written = stake.map(({ sector }) =>
      bytes.subarray(sector * 512, sector * 512 + 4096).some((byte) => byte !== 0) ? 1 : 0,
    )
    expect(written).toEqual(stake.map((write) => (subset.includes(write) ? 1 : 0)))
    seen.add(written.join(''))
  }
  expect(seen.size).toBe(16)
  expect(unflushedWrites(machine.disk('sda') as never)).toHaveLength(4)
})
