import { describe, expect, test } from 'vitest'
import { SECOND } from '../sim/sim.ts'
import { BufioFixture, Listener } from './fixture.ts'
import { DIRTY, READING, WRITING, type Buffer } from './buffer.ts'
import type { WriteHook } from './client.ts'

describe('holding', () => {
  test('a block is read once; a hit is there at once', () => {
    const world = new BufioFixture()
    world.dm.write(world.disk, 16, 8, 7)
    const client = world.client()
    const row = world.row
    const one = world.read(client, 2)
    expect(world.byteOf(one)).toBe(7)
    expect(client.read(2, new Listener())).toBe(one)
    expect(one.holders).toBe(2)
    expect(world.ios(row)).toEqual(['r16+8'])
  })

  test('two who read the same block wait for one read', () => {
    const world = new BufioFixture()
    const client = world.client()
    const listener = new Listener()
    const row = world.row
    expect([client.read(3, listener), client.read(3, listener)]).toEqual([null, null])
    expect(client.get(3)).toBeNull()
    world.dm.drain()
    expect(listener.buffers.map((buffer) => buffer?.block)).toEqual([3, 3])
    expect(client.peek(3)?.holders).toBe(2)
    expect(world.ios(row)).toEqual(['r24+8'])
  })

  test('get finds what is there, and never reads; fresh never reads', () => {
    const world = new BufioFixture()
    const client = world.client()
    const row = world.row
    expect(client.get(1)).toBeNull()
    const fresh = client.fresh(1, new Listener())
    expect(client.get(1)).toBe(fresh)
    expect(fresh?.holders).toBe(2)
    expect(world.ios(row)).toEqual([])
  })

  test('prefetch reads what is not there, and holds nothing', () => {
    const world = new BufioFixture()
    const client = world.client()
    client.release(world.read(client, 1))
    const row = world.row
    client.prefetch(0, 3)
    world.dm.drain()
    expect(world.ios(row).sort()).toEqual(['r0+8', 'r16+8'])
    expect(client.get(2)?.holders).toBe(1)
    expect(client.peek(0)?.holders).toBe(0)
  })

  test('blocks of 512 bytes, of 1536, and behind a start', () => {
    const world = new BufioFixture()
    const row = world.row
    world.read(world.client(512), 5)
    world.read(world.client(1536), 5)
    world.read(world.client(4096, 0, { start: 3 }), 5)
    expect(world.ios(row)).toEqual(['r5+1', 'r15+3', 'r43+8'])
    expect(world.memory.values.allocated_kmem_cache_bytes).toBe(2048)
    expect(world.memory.values.allocated_get_free_pages_bytes).toBe(4096)
  })

  test('a read that fails tells everybody, later; nothing stays in the cache', () => {
    const world = new BufioFixture(16)
    const client = world.client()
    const listener = new Listener()
    // Behind the end, the device says so at once.
    expect(client.read(2, listener)).toBeNull()
    expect(listener.statuses).toEqual([])
    world.dm.drain()
    expect([listener.buffers, listener.statuses]).toEqual([[null], ['EIO']])
    expect(client.peek(2)).toBeUndefined()
    expect(world.memory.values.current_allocated_bytes).toBe(0)
  })

  test('a prefetch that failed is told to the first who reads', () => {
    const world = new BufioFixture(16)
    const client = world.client()
    client.prefetch(2, 1)
    const listener = new Listener()
    expect([client.get(2), client.read(2, listener)]).toEqual([null, null])
    world.dm.drain()
    expect(listener.statuses).toEqual(['EIO'])
    expect(client.peek(2)).toBeUndefined()
  })
})

describe('writing', () => {
  test('nothing is written before somebody asks', () => {
    const world = new BufioFixture()
    const client = world.client()
    const row = world.row
    world.stamp(client, 1, 11)
    world.dm.pass(1000 * SECOND)
    // Dirty buffers alone pass the watermark at the next look, so there is a clean one beside it.
    expect(world.ios(row)).toEqual(['w8+8'])
    world.read(client, 2)
    world.stamp(client, 1, 12)
    world.dm.pass(1000 * SECOND)
    expect(world.ios(row)).toEqual(['w8+8', 'r16+8'])
  })

  test('write_dirty_buffers writes the oldest first, all at once, and then flushes', () => {
    const world = new BufioFixture()
    const client = world.client()
    for (let block = 10; block < 14; block++) world.read(client, block)
    for (const block of [3, 1, 2]) world.stamp(client, block, block)
    expect(world.lists(client)).toEqual([
      [13, 12, 11, 10],
      [2, 1, 3],
    ])
    const row = world.row
    expect(world.writeOut(client)).toBe('OK')
    expect(world.ios(row)).toEqual(['w24+8', 'w8+8', 'w16+8', 'f'])
    expect(world.lists(client)).toEqual([[2, 1, 3, 13, 12, 11, 10], []])
    expect(world.writeOut(client)).toBe('OK')
    expect(world.ios(row).slice(4)).toEqual(['f'])
  })

  test('the async form neither waits nor flushes; who was written goes to the clean list when somebody passes', () => {
    const world = new BufioFixture()
    const client = world.client()
    world.stamp(client, 1, 1)
    const row = world.row
    client.writeDirtyBuffersAsync()
    expect(client.peek(1)?.state).toBe(WRITING)
    world.dm.sim.run(SECOND, Infinity)
    expect([client.peek(1)?.state, world.lists(client)]).toEqual([0, [[], [1]]])
    expect(world.ios(row)).toEqual(['w8+8'])
    client.writeDirtyBuffersAsync()
    expect(world.lists(client)).toEqual([[1], []])
  })

  test('parts of a block are written as one, in whole pages', () => {
    const world = new BufioFixture()
    const client = world.client(32768)
    const buffer = world.read(client, 1)
    client.markPartialDirty(buffer, 5000, 5001)
    client.markPartialDirty(buffer, 12_000, 12_400)
    expect([buffer.dirtyFrom, buffer.dirtyTo]).toEqual([5000, 12_400])
    const row = world.row
    world.writeOut(client)
    expect(world.ios(row)).toEqual(['w72+24', 'f'])
    const small = world.client(1536)
    const other = world.read(small, 100)
    small.markPartialDirty(other, 600, 700)
    const again = world.row
    world.writeOut(small)
    expect(world.ios(again)).toEqual(['w300+3', 'f'])
  })

  test('two writes of a buffer never overlap', () => {
    const world = new BufioFixture()
    const client = world.client()
    const buffer = world.read(client, 4)
    world.read(client, 5)
    client.markDirty(buffer)
    client.writeDirtyBuffersAsync()
    client.markPartialDirty(buffer, 0, 1)
    expect(buffer.state).toBe(DIRTY | WRITING)
    const row = world.row
    client.writeDirtyBuffersAsync()
    expect([buffer.writeOwed, world.disk.inflight.size]).toEqual([true, 1])
    const listener = new Listener()
    client.writeDirtyBuffers(listener)
    world.dm.drain()
    expect(world.ios(row)).toEqual(['w32+8', 'w32+8', 'f'])
    expect(listener.statuses).toEqual(['OK'])
    expect(buffer.state).toBe(0)
  })

  test('when three quarters are dirty, the next miss has them written', () => {
    const world = new BufioFixture()
    const client = world.client()
    client.release(world.read(client, 100))
    for (let block = 0; block < 3; block++) world.stamp(client, block, block)
    const row = world.row
    world.stamp(client, 3, 3)
    world.dm.sim.run(SECOND, Infinity)
    // When block 3 was asked for, three were dirty beside one: not more than three times as many.
    expect(world.ios(row)).toEqual([])
    // Now four are, beside the one.
    world.stamp(client, 4, 4)
    world.dm.sim.run(SECOND, Infinity)
    expect(world.ios(row)).toEqual(['w0+8', 'w8+8', 'w16+8', 'w24+8'])
  })

  test('whoever is to see each buffer before it is written does, with its block', () => {
    class Marker implements WriteHook {
      readonly seen: number[] = []
      beforeWrite(buffer: Buffer): void {
        this.seen.push(buffer.block)
      }
    }
    const world = new BufioFixture()
    const hook = new Marker()
    const client = world.client(4096, 0, { hook })
    world.stamp(client, 1, 1)
    world.writeOut(client)
    const held = world.read(client, 1)
    world.read(client, 1)
    client.releaseMove(held, 9)
    world.dm.drain()
    expect([hook.seen, held.block]).toEqual([[1, 9], 1])
  })

  test('the first error of writes nobody waited for is told to the next who asks, once', () => {
    const world = new BufioFixture(64)
    const client = world.client()
    world.stamp(client, 100, 1)
    client.writeDirtyBuffersAsync()
    world.dm.sim.run(SECOND, Infinity)
    expect([client.asyncWriteError, client.peek(100)?.state]).toEqual(['EIO', 0])
    const row = world.row
    expect(world.writeOut(client)).toBe('EIO')
    // It is flushed all the same, and nothing is tried again.
    expect(world.ios(row)).toEqual(['f'])
    expect(world.writeOut(client)).toBe('OK')
    // Whoever holds it sees its contents, and when he lets it go it is dropped.
    const buffer = world.read(client, 100)
    expect(world.byteOf(buffer)).toBe(1)
    client.release(buffer)
    expect(client.peek(100)).toBeUndefined()
  })

  test('a discard', () => {
    const world = new BufioFixture(2048, 'ssd')
    const client = world.client()
    const listener = new Listener()
    const row = world.row
    client.issueDiscard(2, 3, listener)
    world.dm.drain()
    expect([world.ios(row), listener.statuses]).toEqual([['d16+24'], ['OK']])
  })
})

describe('giving up', () => {
  test('forget drops what nobody holds and what is clean, and nothing else', () => {
    const world = new BufioFixture()
    const client = world.client()
    client.release(world.read(client, 1))
    world.read(client, 2)
    world.stamp(client, 3, 3)
    client.forgetBuffers(0, 10)
    expect(world.lists(client)).toEqual([[2], [3]])
    client.forgetBuffers(0, 1)
    client.release(client.peek(2) as Buffer)
    client.forgetBuffers(2, 1)
    expect(world.lists(client)).toEqual([[], [3]])
  })

  test('a buffer that one alone holds moves with all its bytes', () => {
    const world = new BufioFixture()
    const client = world.client()
    world.stamp(client, 5, 55)
    world.stamp(client, 1, 11)
    const buffer = world.read(client, 1)
    const row = world.row
    client.releaseMove(buffer, 5)
    world.dm.sim.run(SECOND, Infinity)
    // What was there is written first, though it is overwritten in a bit; then the old place.
    expect(world.ios(row)).toEqual(['w40+8', 'w8+8'])
    expect([client.peek(1), client.peek(5)]).toEqual([undefined, buffer])
    expect([buffer.holders, buffer.state, buffer.dirtyFrom, buffer.dirtyTo]).toEqual([0, DIRTY, 0, 4096])
    world.writeOut(client)
    expect(world.dm.read(world.disk, 40, 1)).toEqual([11])
  })

  test('of a buffer that others hold, a copy is written, and it stays', () => {
    const world = new BufioFixture()
    const client = world.client()
    world.stamp(client, 1, 11)
    world.writeOut(client)
    const buffer = world.read(client, 1)
    world.read(client, 1)
    const row = world.row
    client.releaseMove(buffer, 5)
    world.dm.drain()
    expect([world.ios(row), client.peek(1), client.peek(5)]).toEqual([['w40+8'], buffer, undefined])
    expect(buffer.holders).toBe(1)
    expect(world.dm.read(world.disk, 40, 1)).toEqual([11])
  })

  test('a move waits until whoever holds the place lets it go', () => {
    const world = new BufioFixture()
    const client = world.client()
    const buffer = world.read(client, 1)
    const there = world.read(client, 5)
    client.releaseMove(buffer, 5)
    world.dm.drain()
    expect(client.peek(5)).toBe(there)
    client.release(there)
    world.dm.drain()
    expect(client.peek(5)).toBe(buffer)
  })

  test('the end of a client writes what is dirty, flushes nothing, and gives all memory back', () => {
    const world = new BufioFixture()
    const used = world.dm.sim.memory.usedPages
    const client = world.client(4096, 3)
    world.stamp(client, 1, 11)
    client.prefetch(2, 2)
    const listener = new Listener()
    const row = world.row
    client.destroy(listener)
    world.dm.drain()
    expect([world.ios(row), listener.statuses]).toEqual([['w8+8', 'r16+8', 'r24+8'], ['OK']])
    expect(world.memory.values.current_allocated_bytes).toBe(0)
    expect(world.memory.clients).toEqual([])
    world.dm.flush(world.disk)
    expect(world.dm.sim.memory.usedPages).toBe(used)
  })

  test('a client does not end while a buffer is held', () => {
    const world = new BufioFixture()
    const client = world.client()
    world.read(client, 1)
    expect(() => client.destroy(null)).toThrow('is held by 1')
  })
})

test('a read under way cannot be marked dirty', () => {
  const world = new BufioFixture()
  const client = world.client()
  client.read(1, new Listener())
  const buffer = client.peek(1) as Buffer
  expect(buffer.state).toBe(READING)
  expect(() => client.markDirty(buffer)).toThrow('cannot go from state')
})
