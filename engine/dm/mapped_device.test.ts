import { expect, test } from 'vitest'
import { DISCARD, FLUSH, FUA, PREFLUSH, READ, WRITE, WRITE_ZEROES } from '../block/bio.ts'
import { DmFixture } from './fixture.ts'

test('a bio is split where one target ends and the next begins', () => {
  const world = new DmFixture()
  const [a, b] = [world.disk('a', 100), world.disk('b', 100)]
  const device = world.make('x', '0 10 linear /dev/a 50\n10 10 linear /dev/b 7')
  expect(device.sectors).toBe(20)
  const since = world.sim.trace.written
  expect(world.write(device, 5, 10, 9)).toBe('OK')
  expect(world.diskIos(since)).toEqual([
    { disk: 0, op: WRITE, sector: 55, sectors: 5 },
    { disk: 1, op: WRITE, sector: 7, sectors: 5 },
  ])
  expect(world.read(device, 4, 12)).toEqual([0, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 0])
  expect(world.read(a, 54, 7)).toEqual([0, 9, 9, 9, 9, 9, 0])
  expect(world.read(b, 6, 7)).toEqual([0, 9, 9, 9, 9, 9, 0])
  expect(world.read(device, 19, 2)).toBe('EIO')
})

test('an empty flush goes once to each device of each target', () => {
  const world = new DmFixture()
  for (const name of ['a', 'b', 'c']) world.disk(name, 1000)
  const table =
    '0 10 linear /dev/a 0\n10 20 striped 2 5 /dev/b 0 /dev/c 0\n30 5 zero\n35 5 error\n40 5 linear /dev/a 10'
  const device = world.make('x', table)
  const since = world.sim.trace.written
  expect(world.flush(device)).toBe('OK')
  expect(world.diskIos(since).map(({ disk, op }) => [disk, op])).toEqual([
    [0, FLUSH],
    [1, FLUSH],
    [2, FLUSH],
    [0, FLUSH],
  ])
})

test('a flush before data reaches every device, then the data goes with its FUA alone', () => {
  const world = new DmFixture()
  world.disk('a', 100)
  world.disk('b', 100)
  const device = world.make('x', '0 10 linear /dev/a 0\n10 10 linear /dev/b 0')
  const since = world.sim.trace.written
  expect(world.write(device, 0, 4, 1, PREFLUSH | FUA)).toBe('OK')
  expect(world.diskIos(since).map(({ disk, op, sectors }) => [disk, op, sectors])).toEqual([
    [0, FLUSH, 0],
    [1, FLUSH, 0],
    [0, WRITE, 4],
    [0, FLUSH, 0],
  ])
  expect(device.inflight).toBe(0)
})

test('where no target wants flushes, a flush is over at once and the flags of a write are dropped', () => {
  const world = new DmFixture()
  const device = world.make('x', '0 10 zero\n10 10 error')
  expect(world.flush(device)).toBe('OK')
  expect(world.write(device, 0, 4, 1, PREFLUSH | FUA)).toBe('OK')
  expect(world.write(device, 8, 4, 1)).toBe('EIO')
  expect(world.read(device, 0, 3)).toEqual([0, 0, 0])
})

test('discards and writes of zeros go only where they are understood', () => {
  const world = new DmFixture()
  world.disk('a', 1000, 'ssd')
  world.disk('b', 1000, 'ssd')
  world.disk('c', 1000)
  const striped = world.make('striped', '0 40 striped 2 4 /dev/a 0 /dev/b 100')
  expect(striped.supportsDiscard()).toBe(true)
  expect(world.write(striped, 0, 40, 7)).toBe('OK')
  const since = world.sim.trace.written
  expect(world.io(striped, DISCARD, 2, 13)).toBe('OK')
  expect(world.diskIos(since)).toEqual([
    { disk: 0, op: DISCARD, sector: 2, sectors: 6 },
    { disk: 1, op: DISCARD, sector: 100, sectors: 7 },
  ])
  expect(world.read(striped, 0, 18)).toEqual([7, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7, 7, 7])
  expect(world.io(striped, WRITE_ZEROES, 16, 8)).toBe('OK')
  expect(world.read(striped, 15, 10)).toEqual([7, 0, 0, 0, 0, 0, 0, 0, 0, 7])

  expect(world.make('plain', '0 10 linear /dev/c 0').supportsDiscard()).toBe(false)
  const zero = world.make('zero', '0 10 zero')
  expect(zero.supportsDiscard()).toBe(false)
  expect(world.io(zero, WRITE_ZEROES, 0, 4)).toBe('EOPNOTSUPP')
})

test('suspending lets what is in flight finish, and holds what comes until the device is resumed', () => {
  const world = new DmFixture()
  world.disk('a', 100, 'hdd')
  world.disk('b', 100)
  const device = world.make('x', '0 10 linear /dev/a 0')
  world.submit(device, READ, 0, 1, world.sim.memory.allocate(512), 0, 1)
  expect(world.dm.unsettled()).toBe('I/O on mapper/x')
  expect(world.suspend(device)).toBeNull()
  expect(world.log.ended.map(({ tag }) => tag)).toEqual([1])
  expect(device.suspended).toBe(true)

  world.submit(device, WRITE, 0, 1, world.sim.memory.allocateZeroed(512), 0, 2)
  world.submit(device, FLUSH, 0, 0, 0, 0, 3)
  world.drain()
  expect(world.log.ended).toHaveLength(1)
  expect(world.dm.unsettled()).toBeNull()

  expect(world.load(device, '0 20 linear /dev/b 0')).toBeNull()
  expect(device.sectors).toBe(10)
  expect(world.resume(device)).toBeNull()
  expect(device.sectors).toBe(20)
  const since = world.sim.trace.written
  world.drain()
  expect(world.diskIos(since).map(({ disk }) => disk)).toEqual([1, 1])
  expect(world.log.ended.map(({ tag }) => tag)).toEqual([1, 2, 3])
})

test('a device above waits for the one below without keeping the machine from rest', () => {
  const world = new DmFixture()
  world.disk('a', 100)
  const below = world.make('below', '0 10 linear /dev/a 0')
  const above = world.make('above', '0 10 linear /dev/mapper/below 0')
  expect(world.suspend(below)).toBeNull()
  world.submit(above, READ, 0, 1, world.sim.memory.allocate(512))
  world.drain()
  expect(above.inflight).toBe(1)
  expect(world.dm.unsettled()).toBeNull()
  expect(world.resume(below)).toBeNull()
  expect(world.dm.unsettled()).toBe('I/O on mapper/above')
  world.drain()
  expect(world.dm.unsettled()).toBeNull()
})

test('a table that does not fit is refused at the first load, and later when it is swapped in', () => {
  const world = new DmFixture()
  world.disk('a', 100)
  const device = world.dm.create('x')
  if (!device.ok) throw new Error(device.message)
  const x = device.value
  expect(world.load(x, '0 10 linear /dev/a 91')?.errno).toBe('EINVAL')
  expect(x.inactive).toBeNull()
  expect(world.devices.find('/dev/mapper/x')).toBeUndefined()
  expect(world.load(x, '0 10 linear /dev/a 90')).toBeNull()
  expect(world.resume(x)).toBeNull()
  expect(world.devices.find('/dev/mapper/x')).toBe(x)
  expect(world.devices.find('/dev/dm-0')).toBe(x)
  expect(world.load(x, '0 11 linear /dev/a 90')).toBeNull()
  expect(world.resume(x)?.errno).toBe('EINVAL')
  expect(x.suspended).toBe(true)
  expect(x.inactive).toBeNull()
  expect(world.resume(x)).toBeNull()
  expect(world.read(x, 9, 1)).toEqual([0])
})

test.each([
  ['0 0 zero', 'EINVAL'],
  ['1 10 zero', 'EINVAL'],
  ['0 10 zero\n11 10 zero', 'EINVAL'],
  ['0 10 nothing', 'EINVAL'],
  ['0 10 linear /dev/none 0', 'ENODEV'],
  ['0 10 linear a 0', 'ENODEV'],
  ['0 10 linear /dev/busy 0', 'EBUSY'],
  ['0 10 linear /dev/a 0\n10 10 linear /dev/busy 0', 'EBUSY'],
])('the table %j is refused with %s, and nothing stays open', (table, errno) => {
  const world = new DmFixture()
  const disk = world.disk('a', 100)
  world.disk('busy', 100).claim('md0')
  const device = world.dm.create('x')
  if (!device.ok) throw new Error(device.message)
  expect(world.load(device.value, table)?.errno).toBe(errno)
  expect(disk.openers).toBe(0)
  expect(disk.holders).toEqual([])
  expect(device.value.inactive).toBeNull()
})

test('devices below are claimed once for each device above, and freed with the last table that uses them', () => {
  const world = new DmFixture()
  const [a, b] = [world.disk('a', 100), world.disk('b', 100)]
  const x = world.make('x', '0 10 linear /dev/a 0\n10 10 linear /dev/a 10')
  const y = world.make('y', '0 10 linear /dev/a 50')
  expect(a.openers).toBe(2)
  expect(a.holders).toEqual(['mapper/x', 'mapper/y'])
  expect(a.claim('md0').ok).toBe(false)
  expect(world.load(x, '0 10 linear /dev/b 0')).toBeNull()
  expect([a.openers, b.openers]).toEqual([2, 1])
  expect(world.resume(x)).toBeNull()
  expect([a.openers, b.openers]).toEqual([1, 1])
  expect(world.dm.rename(x, 'z').ok).toBe(true)
  expect(b.holders).toEqual(['mapper/z'])
  expect(world.devices.find('/dev/mapper/x')).toBeUndefined()
  expect(world.devices.find('/dev/mapper/z')).toBe(x)
  expect(world.devices.find('/dev/dm-0')).toBe(x)
  expect(world.remove(x)).toBeNull()
  expect(world.remove(y)).toBeNull()
  expect([a.openers, b.openers, a.claims, b.claims]).toEqual([0, 0, 0, 0])
  expect(a.claim('md0').ok).toBe(true)
})

test('what is open or built upon is not removed, unless later', () => {
  const world = new DmFixture()
  world.disk('a', 100)
  const below = world.make('below', '0 10 linear /dev/a 0')
  const above = world.make('above', '0 10 linear /dev/mapper/below 0')
  expect(world.remove(below)?.errno).toBe('EBUSY')
  expect(above.open()).toBeNull()
  expect(world.remove(above)?.errno).toBe('EBUSY')
  expect(world.remove(above, true)).toBeNull()
  expect(world.remove(below, true)).toBeNull()
  expect(world.dm.all()).toHaveLength(2)
  above.close()
  world.drain()
  expect(world.dm.all()).toHaveLength(0)
  expect(world.devices.find('a')?.openers).toBe(0)
})

test('a device cannot lie on itself: such a table may be loaded, and is dropped when it would be swapped in', () => {
  const world = new DmFixture()
  world.disk('a', 100)
  const below = world.make('below', '0 10 linear /dev/a 0')
  const above = world.make('above', '0 10 linear /dev/mapper/below 0')
  for (const name of ['below', 'above']) {
    expect(world.load(below, `0 10 linear /dev/mapper/${name} 0`)).toBeNull()
    expect(world.resume(below)?.errno).toBe('EINVAL')
    expect(below.inactive).toBeNull()
    expect(world.resume(below)).toBeNull()
  }
  expect(world.read(above, 0, 1)).toEqual([0])
  expect([below.openers, above.openers]).toEqual([1, 0])
})

test('minor numbers are the lowest that are free; names and uuids are used once', () => {
  const world = new DmFixture()
  const made = ['a', 'b', 'c'].map((name) => world.make(name, '0 1 zero'))
  expect(made.map(({ minor }) => minor)).toEqual([0, 1, 2])
  expect(world.remove(made[1])).toBeNull()
  expect(world.make('d', '0 1 zero').minor).toBe(1)
  expect(world.dm.create('a').ok).toBe(false)
  expect(world.dm.create('e', 'U').ok).toBe(true)
  expect(world.dm.create('f', 'U').ok).toBe(false)
  expect(world.dm.all().map(({ mapName }) => mapName)).toEqual(['a', 'c', 'd', 'e'])
})

test('a read-only table makes a device that cannot be written', () => {
  const world = new DmFixture()
  world.disk('a', 100)
  const device = world.make('x', '0 10 linear /dev/a 0', true)
  expect(world.write(device, 0, 1, 1)).toBe('EPERM')
  expect(world.read(device, 0, 1)).toEqual([0])
  expect(world.load(device, '0 10 linear /dev/a 0')).toBeNull()
  expect(world.resume(device)).toBeNull()
  expect(world.write(device, 0, 1, 1)).toBe('OK')
})
