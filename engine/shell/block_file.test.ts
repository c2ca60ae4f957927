import { expect, test } from 'vitest'
import type { Disk } from '../block/disk.ts'
import { Chance } from '../sim/chance.ts'
import { TestWorld } from './test_world.ts'

function world(bytes = 4 << 20): TestWorld {
  const made = new TestWorld()
  made.addDisk('a', bytes)
  return made
}

function bios(made: TestWorld, line: string): string[] {
  const from = made.sim.trace.written
  expect(made.run(line)[0]).toMatchObject({ stderr: '', status: 0 })
  return made.bios(from)
}

function expectSame(given: Uint8Array | undefined, wanted: Uint8Array): void {
  expect(Buffer.compare(given ?? Buffer.from('missing'), wanted)).toBe(0)
}

/** A sector that cannot be read, as `fault add latent` makes it. */
function wound(made: TestWorld, sector: number): void {
  const disk = made.kernel.devices.find('a') as Disk
  disk.faults.list.push({ id: 1, kind: 'latent', disk: 'a', sector, sectors: 1, healed: new Set(), amount: 0 })
}

test('direct I/O: bios of up to 1 MiB, nothing read, nothing flushed unless asked', () => {
  const made = world()
  expect(bios(made, 'dd if=/dev/zero of=/dev/a bs=2M count=1 oflag=direct status=none')).toEqual([
    'write 0+2048',
    'write 2048+2048',
  ])
  expect(bios(made, 'dd if=/dev/a of=/dev/null bs=512 skip=3 count=2 iflag=direct status=none')).toEqual([
    'read 3+1',
    'read 4+1',
  ])
  expect(bios(made, 'dd if=/dev/zero of=/dev/a bs=4k count=1 oflag=direct,dsync status=none')).toEqual([
    'write fua 0+8',
    'flush 0+0',
  ])
  expect(bios(made, 'dd if=/dev/zero of=/dev/a bs=4k count=1 oflag=direct conv=fsync status=none')).toEqual([
    'write 0+8',
    'flush 0+0',
  ])
})

test('buffered writes: part of a block reads it first, dirty pages go out in long bios at the end', () => {
  const made = world()
  expect(bios(made, 'dd if=/dev/zero of=/dev/a bs=512 seek=9 count=1 status=none')).toEqual(['read 8+8', 'write 8+8'])
  expect(bios(made, 'dd if=/dev/zero of=/dev/a bs=4k seek=3 count=100 status=none')).toEqual(['write 24+800'])
  expect(bios(made, 'dd if=/dev/zero of=/dev/a bs=6000 count=1 conv=fsync status=none')).toEqual([
    'read 8+8',
    'write 0+16',
    'flush 0+0',
  ])
  expect(bios(made, 'echo x > /dev/a')).toEqual(['read 0+8', 'write 0+8'])
  expect(bios(made, 'sync /dev/a')).toEqual(['flush 0+0'])
  expect(bios(made, 'sync')).toEqual([])
})

test('a device that is no multiple of 4 KiB has blocks of a sector', () => {
  const made = world((1 << 20) + 512)
  expect(bios(made, 'dd if=/dev/zero of=/dev/a bs=512 seek=9 count=1 status=none')).toEqual(['write 9+1'])
})

test('buffered reads look ahead when they go on from each other, and only then', () => {
  const made = world()
  expect(bios(made, 'dd if=/dev/a of=/dev/null bs=4k skip=5 count=1 status=none')).toEqual(['read 40+8'])
  expect(bios(made, 'hexdump -C -n 16 -s 8192 /dev/a')).toEqual(['read 16+8'])
  expect(bios(made, 'dd if=/dev/a of=/dev/null bs=4k count=12 status=none')).toEqual(['read 0+32', 'read 32+64'])
  expect(bios(made, 'dd if=/dev/a of=/dev/null bs=1M count=2 status=none')).toEqual(['read 0+2048', 'read 2048+2048'])
})

test('a last block that is short leaves direct I/O, and is made durable', () => {
  const made = world()
  made.run('echo -n 0123456789 > /tmp/x')
  expect(bios(made, 'dd if=/tmp/x of=/dev/a bs=512 oflag=direct status=none')).toEqual([
    'read 0+8',
    'write 0+8',
    'flush 0+0',
  ])
})

test('an event or two for each bio, however many bytes', () => {
  const made = world(32 << 20)
  made.run('dd if=/dev/zero of=/dev/a bs=1M oflag=direct')
  expect(made.sim.delivered).toBeLessThan(32 + 8)
  const before = made.sim.delivered
  made.run('sha256sum /dev/a')
  expect(made.sim.delivered - before).toBeLessThan(32 + 8)
  const middle = made.sim.delivered
  made.run('dd if=/dev/zero of=/dev/a bs=1M count=31')
  expect(made.sim.delivered - middle).toBeLessThan(31 + 8)
})

test('a sector that cannot be read refuses its page, and only that', () => {
  const made = world(1 << 20)
  made.run('dd if=/dev/urandom of=/dev/a bs=1M oflag=direct')
  wound(made, 100)
  const [direct, buffered] = made.run('dd if=/dev/a of=/tmp/d bs=64k iflag=direct\ndd if=/dev/a of=/tmp/b bs=64k')
  expect(direct.status).toBe(1)
  expect(direct.stderr).toMatch(
    /^dd: error reading '\/dev\/a': Input\/output error\n0\+0 records in\n0\+0 records out\n/,
  )
  expect(buffered.status).toBe(1)
  expect(buffered.stderr).toMatch(
    /^dd: error reading '\/dev\/a': Input\/output error\n0\+1 records in\n0\+1 records out\n49152 /,
  )
  expectSame(made.kernel.tmp.get('d'), new Uint8Array(0))
  expectSame(made.kernel.tmp.get('b'), made.contents('a').slice(0, 49152))
  const [behind] = made.run('dd if=/dev/a of=/tmp/c bs=4k skip=13 status=none')
  expect(behind.status).toBe(0)
  expectSame(made.kernel.tmp.get('c'), made.contents('a').slice(13 * 4096))
  const [noerror] = made.run('dd if=/dev/a of=/tmp/n bs=4k conv=noerror,sync')
  expect(noerror).toMatchObject({ status: 0 })
  expect(noerror.stderr).toMatch(/255\+1 records in\n256\+0 records out\n1048576 bytes/)
  const wanted = made.contents('a').slice()
  wanted.fill(0, 49152, 53248)
  expectSame(made.kernel.tmp.get('n'), wanted)
  expect(made.run('sha256sum /dev/a')[0]).toMatchObject({
    status: 1,
    stderr: 'sha256sum: /dev/a: Input/output error\n',
  })
  expect(made.run('cmp /dev/a /dev/zero')[0]).toMatchObject({ status: 1 })
  expect(made.run('cmp -i 40000 /tmp/n /dev/a')[0]).toMatchObject({ status: 2 })
  // Part of the block cannot be written without reading it, the whole block can.
  expect(made.run('dd if=/dev/zero of=/dev/a bs=512 seek=97 count=1')[0].stderr).toMatch(/error writing.*Input\/output/)
  expect(made.run('dd if=/dev/zero of=/dev/a bs=4k seek=12 count=1')[0].status).toBe(0)
  expect(made.run('sha256sum /dev/a')[0].status).toBe(0)
})

test('an error of write-back shows at fsync only, once to each who had the device open, or to the next', () => {
  const made = world()
  const disk = made.kernel.devices.find('a') as Disk
  disk.pulled = true
  const lines = ['dd if=/dev/zero of=/dev/a bs=4k count=2 oflag=direct', 'dd if=/dev/zero of=/dev/a bs=4k count=2']
  lines.push('dd if=/dev/zero of=/dev/a bs=4k count=2 conv=fsync', 'sync /dev/a')
  const [direct, buffered, synced, none] = made.run(lines.join('\n'))
  expect(direct.stderr).toMatch(/error writing '\/dev\/a': Input\/output error/)
  expect(buffered.status).toBe(0)
  expect(synced.stderr).toMatch(/fsync failed for '\/dev\/a': Input\/output error/)
  expect(none.stderr).toMatch(/error syncing/)
  disk.pulled = false
  made.run('sync /dev/a')
  expect(made.run('sync /dev/a')[0].status).toBe(0)
  disk.pulled = true
  expect(made.run('dd if=/dev/zero of=/dev/a bs=4k count=2')[0].status).toBe(0)
  disk.pulled = false
  expect(made.run('sync /dev/a\nsync /dev/a').map(({ status }) => status)).toEqual([1, 0])
})

test('a device that another holds can be opened all the same, but not discarded', () => {
  const made = new TestWorld()
  const disk = made.addDisk('a', 1 << 20, 'ssd')
  disk.claim('md0')
  expect(made.run('dd if=/dev/zero of=/dev/a bs=4k count=1')[0].status).toBe(0)
  expect(made.run('blkdiscard /dev/a')[0].stderr).toMatch(/Device or resource busy/)
  disk.release('md0')
  expect(bios(made, 'blkdiscard -o 4096 -l 8192 /dev/a')).toEqual(['discard 8+16'])
  expect(disk.openers).toBe(0)
  const plain = made.addDisk('b', 1 << 20)
  expect(made.run('blkdiscard /dev/b')[0].stderr).toMatch(/BLKDISCARD ioctl failed: Operation not supported/)
  expect([plain.openers, plain.claims]).toEqual([0, 0])
})

test('whatever is copied where, the bytes are those of a flat shadow', () => {
  const chance = new Chance(31, 'shadow')
  for (let round = 0; round < 10; round++) {
    const made = new TestWorld()
    const sizes = { a: 2 << 20, b: (1 << 20) + 512 * (1 + chance.below(7)) }
    made.addDisk('a', sizes.a)
    made.addDisk('b', sizes.b)
    made.run('dd if=/dev/urandom of=/dev/a bs=1M oflag=direct\ndd if=/dev/urandom of=/dev/b bs=64k')
    const shadow = { a: made.contents('a').slice(), b: made.contents('b').slice() }
    for (let copy = 0; copy < 30; copy++) {
      const from = chance.below(2) === 0 ? 'a' : 'b'
      const to = chance.below(2) === 0 ? 'a' : 'b'
      const sectors = chance.below(2) === 0
      const block = sectors ? 512 * (1 + chance.below(chance.below(2) === 0 ? 8 : 900)) : 700 + chance.below(100_000)
      const skip = chance.below(Math.floor(sizes[from] / block))
      const seek = chance.below(Math.floor(sizes[to] / block))
      const count = 1 + chance.below(6)
      const flags = sectors ? ['', ' iflag=direct', ' oflag=direct', ' iflag=direct oflag=direct'][chance.below(4)] : ''
      const line = `dd if=/dev/${from} of=/dev/${to} bs=${block} skip=${skip} seek=${seek} count=${count}${flags}`
      made.run(line)
      for (let i = 0; i < count; i++) {
        const at = (skip + i) * block
        const record = shadow[from].slice(at, at + block)
        const room = sizes[to] - (seek + i) * block
        if (record.length === 0 || room <= 0) break
        shadow[to].set(record.subarray(0, room), (seek + i) * block)
        if (record.length > room) break
      }
      expect([line, Buffer.compare(made.contents(to), shadow[to])]).toEqual([line, 0])
    }
  }
})
