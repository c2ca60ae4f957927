import { describe, expect, test } from 'vitest'
import { MILLISECOND, SECOND } from '../sim/sim.ts'
import { BufioFixture, Listener } from './fixture.ts'
import type { Buffer } from './buffer.ts'

describe('the limit of all clients together', () => {
  test('room is made to a sixteenth below it, whoever has the oldest buffers', () => {
    const world = new BufioFixture(65536)
    world.memory.set('max_cache_size_bytes', String(32 * 4096))
    const one = world.client()
    const two = world.client()
    for (let block = 0; block < 20; block++) one.release(world.read(one, block))
    for (let block = 0; block < 13; block++) two.release(world.read(two, block + 100))
    world.dm.drain()
    // 33 were too many; 30 stay. The first client's oldest went, and the second's none.
    expect(world.memory.values.current_allocated_bytes).toBe(30 * 4096)
    expect(world.memory.values.peak_allocated_bytes).toBe(33 * 4096)
    expect(world.lists(one)[0]).toEqual(Array.from({ length: 17 }, (_, i) => 19 - i))
    expect(world.lists(two)[0].length).toBe(13)
  })

  test('what was used since it was passed is spared once', () => {
    const world = new BufioFixture(65536)
    world.memory.set('max_cache_size_bytes', String(16 * 4096))
    const client = world.client()
    for (let block = 0; block < 17; block++) client.release(world.read(client, block))
    world.dm.drain()
    // All were new: the first round clears the marks of all, the second takes 0 and 1.
    expect(world.lists(client)[0].at(-1)).toBe(2)
    client.release(world.read(client, 2))
    for (let block = 17; block < 19; block++) client.release(world.read(client, block))
    world.dm.drain()
    const blocks = world.lists(client)[0]
    expect([blocks.includes(2), blocks.includes(3), blocks.includes(4)]).toEqual([true, false, false])
  })

  test('a dirty buffer is written before it goes, long before anybody asked', () => {
    const world = new BufioFixture(65536)
    world.memory.set('max_cache_size_bytes', String(16 * 4096))
    const client = world.client()
    client.release(world.read(client, 100))
    world.stamp(client, 0, 77)
    const row = world.row
    for (let block = 1; block < 16; block++) client.release(world.read(client, block))
    world.dm.drain()
    expect(world.ios(row).filter((io) => io.startsWith('w'))).toEqual(['w0+8'])
    expect(client.peek(0)).toBeUndefined()
  })

  test('held buffers stay, whatever the limit is', () => {
    const world = new BufioFixture(65536)
    world.memory.set('max_cache_size_bytes', String(4 * 4096))
    const client = world.client()
    for (let block = 0; block < 9; block++) world.read(client, block)
    world.dm.drain()
    expect(world.memory.values.current_allocated_bytes).toBe(9 * 4096)
  })
})

describe('with nothing but what was reserved', () => {
  function reservedOnly(): BufioFixture {
    const world = new BufioFixture(65536)
    world.memory.set('max_cache_size_bytes', '1')
    return world
  }

  test('the oldest that nobody holds serves the next block, clean ones first', () => {
    const world = reservedOnly()
    const client = world.client(4096, 3)
    world.stamp(client, 1, 1)
    client.release(world.read(client, 2))
    world.read(client, 3)
    world.dm.sim.run(MILLISECOND, Infinity)
    const row = world.row
    const listener = new Listener()
    client.read(4, listener)
    world.dm.sim.run(MILLISECOND, Infinity)
    expect(listener.statuses).toEqual(['OK'])
    expect(world.ios(row)[0]).toBe('r32+8')
  })

  test('a dirty one is written first, and a request waits for that', () => {
    const world = reservedOnly()
    const client = world.client(4096, 1)
    const one = world.read(client, 1)
    client.markDirty(one)
    client.release(one)
    const row = world.row
    const two = world.read(client, 2)
    expect(world.ios(row)).toEqual(['w8+8', 'r16+8'])
    expect([two.block, client.peek(1)]).toEqual([2, undefined])
  })

  test('who finds all held waits for a release, in the order in which they came', () => {
    const world = reservedOnly()
    const client = world.client(4096, 2)
    const held = [world.read(client, 1), world.read(client, 2)]
    const [first, second] = [new Listener(), new Listener()]
    expect([client.read(3, first), client.fresh(4, second), client.waitingCount]).toEqual([null, null, 2])
    world.dm.drain()
    expect([first.statuses, second.statuses]).toEqual([[], []])
    client.release(held[0])
    world.dm.drain()
    expect([first.statuses, second.statuses]).toEqual([['OK'], []])
    client.release(held[1])
    world.dm.drain()
    expect([second.statuses, client.waitingCount]).toEqual([['OK'], 0])
  })

  test('a prefetch gives up', () => {
    const world = reservedOnly()
    const client = world.client(4096, 2)
    client.prefetch(0, 8)
    expect(client.peek(0)).toBeUndefined()
  })

  test('zero is the kernel’s own limit, and shown so', () => {
    const world = reservedOnly()
    world.memory.set('max_cache_size_bytes', '0')
    world.client()
    expect(world.memory.values.max_cache_size_bytes).toBe(10_092_544)
  })
})

describe('the look at old buffers', () => {
  const retained = 262_144 / 4096

  test('comes every 30 s, takes clean ones that are older than 300 s, and leaves some', () => {
    const world = new BufioFixture(65536)
    const client = world.client()
    for (let block = 0; block < retained + 5; block++) client.release(world.read(client, block))
    world.dm.pass(299 * SECOND)
    expect(world.lists(client)[0].length).toBe(retained + 5)
    world.dm.pass(31 * SECOND)
    expect(world.lists(client)[0].length).toBe(retained)
    expect(client.peek(4)).toBeUndefined()
    expect(client.peek(5)).toBeDefined()
    // Nothing more can come of it: the machine is at rest.
    expect(world.dm.sim.queue.length).toBe(0)
  })

  test('goes by the parameters', () => {
    const world = new BufioFixture(65536)
    world.memory.set('max_age_seconds', '40')
    world.memory.set('retain_bytes', '8192')
    const client = world.client()
    for (let block = 0; block < 5; block++) client.release(world.read(client, block))
    world.dm.pass(59 * SECOND)
    expect(world.lists(client)[0].length).toBe(5)
    world.dm.pass(2 * SECOND)
    expect(world.lists(client)[0]).toEqual([4, 3])
  })

  test('of the seed: every 10 s whatever is dirty is written and flushed', () => {
    const world = new BufioFixture()
    const client = world.client(4096, 0, { isSeedPeriod: true })
    for (let block = 10; block < 20; block++) client.release(world.read(client, block))
    world.dm.pass(12 * SECOND)
    world.stamp(client, 1, 1)
    const row = world.row
    world.dm.pass(7 * SECOND)
    expect(world.ios(row)).toEqual([])
    world.dm.pass(2 * SECOND)
    expect(world.ios(row)).toEqual(['w8+8', 'f'])
    expect(world.lists(client)[1]).toEqual([])
    world.dm.pass(10 * SECOND)
    expect(world.ios(row).length).toBe(2)
    expect(world.dm.sim.queue.length).toBe(0)
  })

  test('of Linux 6.1: what is dirty stays dirty for ever', () => {
    const world = new BufioFixture()
    const client = world.client()
    const others: Buffer[] = [world.read(client, 10)]
    world.stamp(client, 1, 1)
    const row = world.row
    world.dm.pass(5000 * SECOND)
    expect([world.ios(row), others.length]).toEqual([[], 1])
  })
})
