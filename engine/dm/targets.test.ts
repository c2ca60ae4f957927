import { expect, test } from 'vitest'
import { FLUSH, READ, WRITE } from '../block/bio.ts'
import { MILLISECOND, SECOND } from '../sim/sim.ts'
import { DmFixture } from './fixture.ts'
import type { MappedDevice } from './mapped_device.ts'
import { splitArguments } from './table.ts'

function statusOf(device: MappedDevice): string {
  return device.active?.targets.map((target) => target.status()).join('; ') ?? ''
}

function parametersOf(device: MappedDevice): string {
  return device.active?.targets.map((target) => target.parameters()).join('; ') ?? ''
}

test('striped deals chunks out in turn', () => {
  const world = new DmFixture()
  const [a, b, c] = ['a', 'b', 'c'].map((name) => world.disk(name, 1000))
  const device = world.make('x', '0 36 striped 3 4 /dev/a 0 /dev/b 100 /dev/c 200')
  for (let i = 0; i < 36; i++) expect(world.write(device, i, 1, i + 1)).toBe('OK')
  expect(world.read(a, 0, 12)).toEqual([1, 2, 3, 4, 13, 14, 15, 16, 25, 26, 27, 28])
  expect(world.read(b, 100, 12)).toEqual([5, 6, 7, 8, 17, 18, 19, 20, 29, 30, 31, 32])
  expect(world.read(c, 200, 12)).toEqual([9, 10, 11, 12, 21, 22, 23, 24, 33, 34, 35, 36])
  expect(world.read(device, 2, 20)).toEqual(Array.from({ length: 20 }, (_, i) => i + 3))
  expect(parametersOf(device)).toBe('3 4 8:0 0 8:16 100 8:32 200')
  expect(device.readAheadSectors()).toBe(256)
})

test('striped counts errors, and raises an event for the first fourteen; those of one instant share it', () => {
  const world = new DmFixture()
  world.disk('a', 1000)
  world.make('bad', '0 100 error')
  const device = world.make('x', '0 16 striped 2 4 /dev/a 0 /dev/mapper/bad 0')
  expect(world.read(device, 0, 4)).toEqual([0, 0, 0, 0])
  expect(statusOf(device)).toBe('2 8:0 253:0 1 AA')
  for (let i = 1; i <= 20; i++) {
    expect(world.read(device, 0, 16)).toBe('EIO')
    world.drain()
    expect(device.eventNumber).toBe(Math.min(i, 7))
  }
  expect(statusOf(device)).toBe('2 8:0 253:0 1 AD')
})

test('delay lets each class wait for its own time, and lets everything go when it is suspended', () => {
  const world = new DmFixture()
  for (const name of ['a', 'b', 'c']) world.disk(name, 100)
  const device = world.make('x', '0 10 delay /dev/a 0 10 /dev/b 10 20 /dev/c 20 30')
  expect(parametersOf(device)).toBe('8:0 0 10 8:16 10 20 8:32 20 30')
  const data = world.sim.memory.allocateZeroed(512)
  const begun = world.sim.now
  world.submit(device, FLUSH, 0, 0, 0, 0, 1)
  world.submit(device, WRITE, 0, 1, data, 0, 2)
  world.submit(device, READ, 0, 1, data, 0, 3)
  world.submit(device, READ, 1, 1, data, 0, 4)
  expect(statusOf(device)).toBe('2 1 1')
  world.drain()
  const ended = world.log.ended.map(({ tag, at }) => [tag, Math.floor((at - begun) / MILLISECOND)])
  expect(ended).toEqual([
    [3, 10],
    [4, 10],
    [2, 20],
    [1, 30],
  ])
  expect(statusOf(device)).toBe('0 0 0')

  world.submit(device, WRITE, 0, 1, data, 0, 5)
  expect(world.dm.unsettled()).toBe('I/O on mapper/x')
  const suspended = world.sim.now
  expect(world.suspend(device)).toBeNull()
  expect(world.sim.now - suspended).toBeLessThan(MILLISECOND)
  expect(world.log.ended.at(-1)?.tag).toBe(5)
  expect(world.resume(device)).toBeNull()
  const again = world.sim.now
  expect(world.read(device, 0, 1)).toEqual([0])
  expect(Math.floor((world.sim.now - again) / MILLISECOND)).toBe(10)
})

test.each([
  ['', 'EIO', 'EIO', 'EIO'],
  ['1 error_writes', [9], 'EIO', 'EIO'],
  ['1 drop_writes', [9], 'OK', 'OK'],
  ['5 corrupt_bio_byte 1 r 77 0', [77], 'OK', 'OK'],
  ['5 corrupt_bio_byte 1 w 77 0', [9], 'OK', 'OK'],
  ['5 corrupt_bio_byte 513 r 77 0', [9], 'OK', 'OK'],
  ['5 corrupt_bio_byte 1 r 77 4096', [9], 'OK', 'OK'],
  ['6 drop_writes corrupt_bio_byte 1 r 77 0', [77], 'OK', 'OK'],
])('flakey while down with features %j: read %j, write %j, flush %j', (features, read, write, flush) => {
  const world = new DmFixture()
  const disk = world.disk('a', 100)
  const device = world.make('x', `0 10 flakey /dev/a 0 2 3 ${features}`)
  expect(world.write(device, 0, 1, 9)).toBe('OK')
  world.pass(2 * SECOND - world.sim.now)
  expect(world.read(device, 0, 1)).toEqual(read)
  expect(world.write(device, 1, 1, 8)).toBe(write)
  expect(world.flush(device)).toBe(flush)
  const arrived = write === 'OK' && !features.includes('drop') ? (features.includes(' w ') ? 77 : 8) : 0
  expect(world.read(disk, 1, 1)).toEqual([arrived])
  world.pass(5 * SECOND - world.sim.now)
  expect(world.read(device, 0, 1)).toEqual([9])
  world.pass(7 * SECOND - world.sim.now)
  expect(world.read(device, 0, 1)).toEqual(read)
})

test('dust fails reads of bad blocks once enabled, and a write heals', () => {
  const world = new DmFixture()
  world.disk('a', 200)
  const device = world.make('x', '0 96 dust /dev/a 8 4096')
  expect(world.message(device, 'addbadblock 3')).toBeNull()
  expect(world.message(device, 'ADDBADBLOCK 5 2')).toBeNull()
  expect(world.message(device, 'addbadblock 3')).toMatchObject({ errno: 'EINVAL' })
  expect(world.message(device, 'addbadblock 26')).toMatchObject({ errno: 'EINVAL' })
  expect(world.message(device, 'countbadblocks')).toBe('countbadblocks: 2 badblock(s) found')
  expect(world.read(device, 16, 1)).toEqual([0])
  expect(world.message(device, 'enable')).toBeNull()
  expect(statusOf(device)).toBe('8:0 fail_read_on_bad_block verbose')
  expect(world.read(device, 15, 1)).toEqual([0])
  expect(world.read(device, 16, 1)).toBe('EIO')
  expect(world.read(device, 0, 48)).toBe('EIO')
  expect(world.write(device, 20, 1, 1)).toBe('OK')
  expect(world.read(device, 16, 8)).toEqual([0, 0, 0, 0, 1, 0, 0, 0])
  expect([1, 2, 3].map(() => world.write(device, 32, 1, 1))).toEqual(['EIO', 'EIO', 'OK'])
  expect(world.message(device, 'listbadblocks')).toBe('No blocks in badblocklist')
})

test('a flush counts as a write of the first block to dust', () => {
  const world = new DmFixture()
  world.disk('a', 200)
  const device = world.make('x', '0 96 dust /dev/a 0 512')
  expect(world.message(device, 'enable')).toBeNull()
  for (const block of [9, 0]) expect(world.message(device, `addbadblock ${block}`)).toBeNull()
  expect(world.message(device, 'listbadblocks')).toBe('0\n9\n')
  expect(world.flush(device)).toBe('OK')
  expect(world.message(device, 'listbadblocks')).toBe('9\n')
})

test('a message goes to the target that serves its sector', () => {
  const world = new DmFixture()
  world.disk('a', 200)
  const device = world.make('x', '0 10 zero\n10 16 dust /dev/a 0 512')
  expect(world.message(device, 'enable', 0)).toMatchObject({ errno: 'EINVAL' })
  expect(world.message(device, 'enable', 10)).toBeNull()
  expect(world.message(device, 'enable', 26)).toMatchObject({ errno: 'EINVAL' })
  expect(world.message(device, '  ', 10)).toMatchObject({ errno: 'EINVAL' })
  expect(statusOf(device)).toBe('; 8:0 fail_read_on_bad_block verbose')
})

test('arguments are cut at blanks, and a backslash takes the meaning of what follows away', () => {
  expect(splitArguments(' a  b\\ c\td\\\\ ')).toEqual(['a', 'b c', 'd\\'])
})
