import { describe, expect, test } from 'vitest'
import { READ, WRITE } from '../block/bio.ts'
import type { MappedDevice } from '../dm/mapped_device.ts'
import { DM_REGISTRY } from '../dm/target.ts'
import { DM_TARGETS } from '../dm/targets.ts'
import { DmFixture } from '../dm/fixture.ts'
import { SECOND } from '../sim/sim.ts'
import type { IntegrityDevice } from './integrity_device.ts'
import { INTEGRITY, IntegrityTarget } from './integrity_target.ts'

DM_REGISTRY.learn([...DM_TARGETS, INTEGRITY])

function make(
  mode: string,
  extra = '',
  sectors = 400,
): { fixture: DmFixture; device: MappedDevice; at: IntegrityDevice } {
  const fixture = new DmFixture()
  fixture.disk('sda', 1200)
  const words = `internal_hash:crc32c fix_padding ${extra}`.trim().split(' ')
  const device = fixture.make('i', `0 ${sectors} integrity /dev/sda 0 - ${mode} ${words.length} ${words.join(' ')}`)
  return { fixture, device, at: integrityOf(device) }
}

function integrityOf(device: MappedDevice): IntegrityDevice {
  const target = device.active?.targets[0]
  if (!(target instanceof IntegrityTarget) || target.device === null) throw new Error('no integrity target')
  return target.device
}

function writes(fixture: DmFixture, since: number): number {
  return fixture.diskIos(since).filter(({ op }) => op === WRITE).length
}

describe('mode J', () => {
  test('nothing reaches the disk until somebody flushes, or the commit time is over', () => {
    const { fixture, device } = make('J', 'commit_time:2000 journal_sectors:600')
    const since = fixture.sim.trace.written
    expect(fixture.write(device, 8, 16, 7)).toBe('OK')
    fixture.pass(SECOND)
    expect(writes(fixture, since)).toBe(0)
    expect(fixture.read(device, 8, 16)).toEqual(new Array<number>(16).fill(7))
    fixture.pass(2 * SECOND)
    expect(writes(fixture, since)).toBe(1)
    expect(fixture.diskIos(since).find(({ op }) => op === WRITE)).toMatchObject({ sector: 8, sectors: 176 })
  })

  test('with little room left, the journal is written out, and writers wait meanwhile', () => {
    const { fixture, device, at } = make('J')
    for (let i = 0; i < 6; i++) expect(fixture.write(device, i * 64, 64, i + 1)).toBe('OK')
    fixture.drain()
    expect(fixture.flush(device)).toBe('OK')
    for (let i = 0; i < 6; i++) expect(fixture.read(device, i * 64, 64)).toEqual(new Array<number>(64).fill(i + 1))
    expect(at.tree.size).toBeLessThanOrEqual(at.layout.journal.entries)
    expect(fixture.suspend(device)).toBeNull()
    expect(at.tree.size).toBe(0)
    expect(at.freeEntries).toBe(at.layout.journal.entries)
  })

  test('a write that is under way in the middle of a copy of the machine ends the same in both', () => {
    const { fixture, device } = make('J')
    for (let i = 0; i < 3; i++) fixture.write(device, i * 64, 64, 9)
    const address = fixture.sim.memory.allocateZeroed(64 * 512)
    fixture.submit(device, WRITE, 200, 64, address)
    fixture.submit(device, READ, 0, 64, address)
    fixture.sim.run(Infinity, 3)
    const copy = fixture.copy()
    fixture.drain()
    copy.drain()
    expect(copy.log.ended).toEqual(fixture.log.ended)
    expect(copy.sim.now).toBe(fixture.sim.now)
  })
})

describe('mode D', () => {
  test('a block that was changed below is an error, and counted; written anew it is right', () => {
    const { fixture, device, at } = make('D')
    fixture.write(device, 0, 32, 1)
    fixture.write(fixture.disks[0], 184 + 256 + 5, 1, 2)
    expect(fixture.read(device, 0, 5)).toEqual([1, 1, 1, 1, 1])
    expect(fixture.read(device, 0, 8)).toBe('EILSEQ')
    expect(at.mismatches).toBe(1)
    expect([...at.wrongSectors]).toEqual([5])
    fixture.write(device, 5, 1, 3)
    expect(fixture.read(device, 4, 3)).toEqual([1, 3, 1])
    expect(device.active?.targets[0].status()).toBe('1 760 -')
  })

  test('I/O that is no whole blocks, or beyond the end, is refused', () => {
    const { fixture, device } = make('D', 'block_size:4096', 200)
    expect(fixture.write(device, 4, 8, 1)).toBe('EIO')
    expect(fixture.write(device, 8, 8, 1)).toBe('OK')
  })
})

describe('mode B', () => {
  test('the bit is durable before the data is written, and cleared after the interval', () => {
    const { fixture, device, at } = make('B', 'sectors_per_bit:32 bitmap_flush_interval:1000')
    const since = fixture.sim.trace.written
    fixture.write(device, 64, 8, 4)
    const order = fixture.diskIos(since).filter(({ op }) => op === WRITE)
    expect(order[0]).toMatchObject({ sector: 8, sectors: 8 })
    expect(order[1]).toMatchObject({ sector: 184 + 256 + 64, sectors: 8 })
    expect(at.bitmaps.allSet('disk', 64, 32)).toBe(true)
    fixture.pass(2 * SECOND)
    expect(at.bitmaps.allClear('disk', 0, 400)).toBe(true)
  })

  test('when the machine goes down, every write leaves a clean bitmap', () => {
    const { fixture, device, at } = make('B', 'sectors_per_bit:32')
    fixture.write(device, 0, 8, 4)
    at.cleanBitmap(true)
    fixture.pass(SECOND / 10)
    expect(at.bitmaps.allClear('disk', 0, 400)).toBe(true)
    fixture.write(device, 100, 8, 5)
    expect(at.bitmaps.allClear('disk', 0, 400)).toBe(true)
  })
})

test('all memory is given back', () => {
  for (const mode of ['J', 'B', 'D', 'R']) {
    const fixture = new DmFixture()
    fixture.disk('sda', 1200)
    const { memory } = fixture.sim
    const before = memory.usedPages
    const device = fixture.make('i', `0 400 integrity /dev/sda 0 - ${mode} 1 internal_hash:crc32c`)
    if (mode !== 'R') fixture.write(device, 0, 64, 1)
    fixture.read(device, 0, 64)
    expect(fixture.remove(device)).toBeNull()
    fixture.drain()
    expect(memory.usedPages, mode).toBe(before)
  }
})
