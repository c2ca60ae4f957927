import { expect, test } from 'vitest'
import '../lab/whole_language.ts'
import { setUp, testMachine } from '../lab/fixture.ts'
import { lookAtCaches } from './cache_look.ts'

const MAKE = "disk create a 1M\ndmsetup create t --table '0 2048 bufio_test /dev/a 8192'"

function machineWith(script: string) {
  const machine = testMachine()
  setUp(machine, `${MAKE}\n${script}`)
  return machine
}

test('the two lists, most recently used first, with what each buffer is', () => {
  const machine = machineWith(`dmsetup message t 0 'run loop i 4; read 10+i; end; put 10; put 11'
dmsetup message t 0 'run read 12; dirty 12 512 1024'
sleep 2`)
  const [cache] = lookAtCaches(machine, 't')
  expect(cache).toMatchObject({ device: 'a', blockBytes: 8192, lostBytes: 512, volatileBytes: 0, promise: '' })
  expect(cache.clean.buffers.map(({ block, holders }) => [block, holders])).toEqual([
    [13, 1],
    [11, 0],
    [10, 0],
  ])
  const [dirty] = cache.dirty.buffers
  expect(dirty).toMatchObject({ block: 12, sector: 192, holders: 2, isDirty: true, dirtyFrom: 512, dirtyTo: 1024 })
  expect(dirty.fate).toBe('lost')
  expect(dirty.age).toBeGreaterThan(1.9e9)
})

test('what is written lies in the disk’s cache until it is flushed', () => {
  const machine =
    machineWith(`dmsetup message t 0 'run loop i 4; read 10+i; put 10+i; end; read 1; dirty 1; put 1; async'
settle`)
  const fates = () => lookAtCaches(machine, 't')[0].dirty.buffers.map(({ fate }) => fate)
  expect(fates()).toEqual(['volatile'])
  expect(lookAtCaches(machine, 't')[0]).toMatchObject({ lostBytes: 0, volatileBytes: 8192 })
  setUp(machine, "dmsetup message t 0 'run flush'")
  expect(fates()).toEqual(['safe'])
})

test('a device with checksums says what it promises; one without a cache has none', () => {
  const machine = machineWith(`disk create m 64K
dmsetup create l --table '0 64 linear /dev/m 0'
dmsetup create c --table '0 64 checksum /dev/mapper/t /dev/mapper/l crc32c rebuild'`)
  expect(lookAtCaches(machine, 'c')).toHaveLength(1)
  expect(lookAtCaches(machine, 'c')[0].promise).toContain('computed anew')
  expect([lookAtCaches(machine, 'l'), lookAtCaches(machine, 'x')]).toEqual([[], []])
  setUp(machine, 'power cut')
  expect(lookAtCaches(machine, 'c')).toEqual([])
})
