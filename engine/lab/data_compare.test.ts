import { expect, test } from 'vitest'
import { readArrayPage, PAGE_BYTES } from './array_data.ts'
import { sameText } from './comparison_text.ts'
import { DataCompare } from './data_compare.ts'
import { testArena } from './fixture.ts'
import { Machine } from './machine.ts'

const disks = (size: string) => ['a', 'b', 'c', 'd'].map((name) => `disk create ${name} ${size} --model ssd`).join('\n')
const create = (chunk: number) =>
  `mdadm --create /dev/md0 --metadata=1.2 --level=5 --raid-devices=4 --chunk=${chunk} --assume-clean --run /dev/a /dev/b /dev/c /dev/d`
const WRITE = 'dd if=/dev/urandom of=/dev/md0 bs=64k count=20 oflag=direct'

function machineOf(...lines: string[]): Machine {
  const machine = new Machine({ seed: 7, arena: testArena() })
  type(machine, ...lines)
  return machine
}

function type(machine: Machine, ...lines: string[]): void {
  for (const line of lines) {
    machine.type(line)
    for (let i = 0; machine.busy && i < 10_000; i++) machine.run({ maxEvents: 1000 })
    expect(machine.results.at(-1)).toMatchObject({ status: 0 })
  }
}

function compare(left: Machine, right: Machine, pages = Infinity) {
  const compare = new DataCompare(left, right)
  compare.work(pages)
  return compare.result()
}

/** All of the array, as dd reads it. */
function read(machine: Machine): Uint8Array {
  const array = machine.kernel.md.arrays[0]
  const bytes = new Uint8Array(array.sectors * 512)
  const page = new Uint8Array(PAGE_BYTES)
  for (let sector = 0; sector < array.sectors; sector += 8) {
    expect(readArrayPage(array, sector, page)).toBe(true)
    bytes.set(page, sector * 512)
  }
  return bytes
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => a.every((byte, i) => byte === b[i])

test('chunks of another size hold the same data at other places; what one does not have is found', () => {
  const left = machineOf(disks('2M'), create(64), WRITE)
  const right = machineOf(disks('2M'), create(16), WRITE)
  const [first] = compare(left, right)
  expect(first).toMatchObject({ array: 'md0', differing: 0, first: -1, unread: 0 })
  expect(first.looked).toBe(first.common)
  expect(sameText(first)).toMatch(/^md0: the same data in \d+ sectors/)
  type(right, 'dd if=/dev/urandom of=/dev/md0 bs=512 count=3 seek=77 oflag=direct')
  const [other] = compare(left, right)
  expect(other).toMatchObject({ differing: 3, first: 77 })
  expect(sameText(other)).toMatch(/^md0: 3 of \d+ sectors differ, first sector 77$/)
})

test('what a degraded array, a cache and a rotten or unreadable sector give is what a read gives', () => {
  const left = machineOf(disks('2M'), create(64), WRITE)
  const before = read(left)
  const right = machineOf(disks('2M'), create(64), WRITE, 'mdadm /dev/md0 --fail /dev/b')
  expect(isSame(read(right), before)).toBe(true)
  type(left, 'fault add latent c 2048+8')
  expect(isSame(read(left), before)).toBe(true)
  type(left, 'fault add rot b 2048+8')
  // What the cache holds is not what rots, nor what cannot be read; from the medium it is both.
  expect(isSame(read(left), before)).toBe(true)
  type(left, 'sleep 20', 'fault add latent c 2048+8')
  expect(isSame(read(left), before)).toBe(true)
  type(left, 'fault add rot b 2048+8')
  expect(isSame(read(left), before)).toBe(false)
  // Two are away: nothing is known where one of them had the data.
  type(right, 'fault add latent c 2048+128')
  const [found] = compare(machineOf(disks('2M'), create(64), WRITE), right)
  expect(found.unread).toBeGreaterThan(0)
  expect(found.unread).toBeLessThan(found.common)
  expect(found.differing).toBe(0)
})

test('an array that only one of them has; and no more pages than asked for', () => {
  const left = machineOf(disks('2M'), create(64))
  const [only] = compare(left, machineOf(disks('2M')))
  expect(only).toMatchObject({ common: 0 })
  expect(sameText(only)).toBe('md0: only on the left')
  const work = new DataCompare(left, machineOf(disks('2M'), create(64)))
  const all = work.left
  work.work(3)
  expect(work.left).toBe(all - 3)
  expect(work.isDone).toBe(false)
  expect(sameText(work.result()[0])).toMatch(/the first 24 of \d+ sectors/)
})

test.each([
  ['1', ''],
  ['10', ' --chunk=64'],
  ['6', ' --chunk=64'],
])('a RAID-%s reads the same without a member', (level, options) => {
  const make = `mdadm --create /dev/md0 --metadata=1.2 --level=${level} --raid-devices=4${options} --assume-clean --run /dev/a /dev/b /dev/c /dev/d`
  const write = 'dd if=/dev/urandom of=/dev/md0 bs=64k count=10 oflag=direct'
  const left = machineOf(disks('8M'), make, write)
  const right = machineOf(disks('8M'), make, write, 'mdadm /dev/md0 --fail /dev/a')
  const [found] = compare(left, right)
  expect(found).toMatchObject({ differing: 0, unread: 0 })
  expect(found.common).toBeGreaterThan(10 * 128)
  type(right, 'dd if=/dev/urandom of=/dev/md0 bs=4k count=1 seek=5 oflag=direct')
  expect(compare(left, right)[0]).toMatchObject({ differing: 8, first: 40 })
})
