import { describe, expect, test } from 'vitest'
import { DmFixture } from '../dm/fixture.ts'
import { DM_REGISTRY } from '../dm/target.ts'
import { BUFIO_TARGETS } from './targets.ts'

DM_REGISTRY.learn(BUFIO_TARGETS)

function refusal(table: string): string {
  const world = new DmFixture()
  world.disk('sda', 2048)
  const device = world.dm.create('t')
  if (!device.ok) throw new Error(device.message)
  return world.load(device.value, `0 2048 ${table}`)?.message ?? 'taken'
}

test.each([
  ['bufio_test', /wants DEVICE/],
  ['bufio_test /dev/sda 1 2 3', /wants DEVICE/],
  ['bufio_test /dev/sda 100', /from 512 to/],
  ['bufio_test /dev/sda 700', /a multiple of 512, not 700/],
  ['bufio_test /dev/sda 4096 65', /reserved buffers must be a number from 0 to 64/],
  ['bufio_test /dev/sdb', /no device/],
  ['bufio_test /dev/sda 1536 0', /taken/],
])('%s', (table, why) => {
  expect(refusal(table)).toMatch(why)
})

describe('a program that goes wrong', () => {
  test.each([
    ['get 3', 'ENODATA', /block 3 is not there/],
    ['put 3', 'EINVAL', /nobody holds block 3/],
    ['read 3; put 3; dirty 3', 'EINVAL', /dirty 3: nobody holds/],
    ['read 3; dirty 3 10 5000', 'EINVAL', /bytes 0 to 4096/],
    ['read 3; move 3 3', 'EINVAL', /it is there already/],
    ['read 3; verify 3 1', 'EIO', /byte 0 is 0, not/],
    ['read 300', 'EIO', /read 300: EIO/],
    ['discard 1', 'EOPNOTSUPP', /discard 1/],
  ])('%s', (program, errno, why) => {
    const world = new DmFixture()
    world.disk('sda', 2048)
    const device = world.make('t', '0 2048 bufio_test /dev/sda')
    const answer = world.message(device, `run ${program}`)
    expect(answer).toMatchObject({ ok: false, errno })
    expect((answer as { message: string }).message).toMatch(why)
    // What it left held is let go when the device goes.
    expect(world.remove(device)).toBeNull()
    world.drain()
    expect(world.dm.lastWrites).toBe(0)
  })
})

test('a device is suspended when its programs have ended; what is dirty is written when it goes', () => {
  const world = new DmFixture()
  const disk = world.disk('sda', 2048)
  const device = world.make('t', '0 2048 bufio_test /dev/sda')
  world.message(device, 'start sleep 5; new 1; stamp 1 1; dirty 1; put 1; read 900')
  expect(world.suspend(device)).toBeNull()
  expect(world.sim.now).toBeGreaterThan(5e6)
  world.resume(device)
  // The failure of what was started is told once.
  expect(world.message(device, 'wait')).toMatchObject({ ok: false, errno: 'EIO' })
  expect(world.message(device, 'wait')).toBeNull()
  expect(disk.stat.writes).toBe(0)
  world.remove(device)
  world.drain()
  expect(disk.stat.writes).toBe(1)
})
