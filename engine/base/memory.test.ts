import { expect, test } from 'vitest'
import { PlainArena } from './arena.ts'
import { copyGraph } from './copy.ts'
import { frozenBytes, Memory, PAGE_BYTES } from './memory.ts'

function memoryOf(pages: number): Memory {
  return new Memory(new PlainArena(pages * PAGE_BYTES))
}

test('runs do not overlap, and address 0 is never one', () => {
  const memory = memoryOf(16)
  const runs = [1, 4096, 4097, 20000].map((bytes) => ({
    at: memory.allocate(bytes),
    pages: Math.ceil(bytes / PAGE_BYTES),
  }))
  const pages = runs.flatMap(({ at, pages }) => Array.from({ length: pages }, (_, i) => at / PAGE_BYTES + i))
  expect(new Set(pages).size).toBe(pages.length)
  expect(pages).not.toContain(0)
  expect(memory.usedPages).toBe(pages.length)
})

test('what was freed is given out again, also in other lengths', () => {
  const memory = memoryOf(9)
  const singles = Array.from({ length: 8 }, () => memory.allocate(PAGE_BYTES))
  expect(() => memory.allocate(PAGE_BYTES)).toThrow('out of memory')
  for (const address of singles) memory.free(address)
  const long = memory.allocate(6 * PAGE_BYTES)
  memory.allocate(2 * PAGE_BYTES)
  expect(memory.usedPages).toBe(8)
  memory.free(long)
  expect(memory.usedPages).toBe(2)
  expect(() => memory.free(long)).toThrow('no buffer')
})

test.each([
  [512, 0],
  [4096, 0],
  [4096 + 16, 0],
  [100, 0],
  [100, 3],
])('%i bytes, %i past a page, are equal or not, zero or not', (bytes, shift) => {
  const memory = memoryOf(8)
  const a = memory.allocateZeroed(2 * PAGE_BYTES) + shift
  const b = memory.allocateZeroed(2 * PAGE_BYTES) + shift
  expect(memory.isZero(a, bytes)).toBe(true)
  for (const at of [0, bytes >> 1, bytes - 1]) {
    memory.bytes[a + at] = 1
    expect(memory.equal(a, b, bytes)).toBe(false)
    expect(memory.isZero(a, bytes)).toBe(false)
    memory.copy(b, a, bytes)
    expect(memory.equal(a, b, bytes)).toBe(true)
    memory.zero(a, bytes)
    memory.zero(b, bytes)
  }
  memory.bytes[a + bytes] = 1
  expect(memory.equal(a, b, bytes)).toBe(true)
  expect(memory.isZero(a, bytes)).toBe(true)
})

test('a frozen memory comes back elsewhere, and goes its own way', () => {
  const memory = memoryOf(8)
  const address = memory.allocate(PAGE_BYTES)
  memory.bytes.fill(7, address, address + PAGE_BYTES)
  const frozen = memory.freeze()
  const arena = new PlainArena(8 * PAGE_BYTES)
  const copy = copyGraph(memory, new Map<object, object>([[memory.arena, arena]]))
  copy.thaw(frozen)
  expect(copy.bytes.buffer).toBe(arena.bytes.buffer)
  expect(copy.bytes[address + 5]).toBe(7)
  copy.bytes[address + 5] = 8
  expect(memory.bytes[address + 5]).toBe(7)
  expect(copy.allocate(PAGE_BYTES)).toBe(memory.allocate(PAGE_BYTES))
})

test('a row of frozen memories costs what changed between them', () => {
  const memory = memoryOf(1200)
  const addresses = Array.from({ length: 1024 }, () => memory.allocateZeroed(PAGE_BYTES))
  const first = memory.freeze()
  expect(frozenBytes(first, null)).toBeGreaterThan(1024 * PAGE_BYTES)
  expect(memory.freeze().pages.every((page, i) => page === first.pages[i])).toBe(true)
  for (const i of [3, 500, 1023]) memory.bytes[addresses[i] + 4 * i] = 1
  const second = memory.freeze()
  expect(second.pages.filter((page, i) => page !== first.pages[i])).toHaveLength(3)
  expect(frozenBytes(second, first)).toBe(3 * PAGE_BYTES + 1024 * 8)
  memory.free(addresses[0])
  memory.free(addresses[700])
  memory.bytes[memory.allocate(2 * PAGE_BYTES)] = 9
  const third = memory.freeze()
  expect(third.pages).toHaveLength(1024)
  expect(third.pages.filter((page) => !second.pages.includes(page))).toHaveLength(2)
  for (const frozen of [first, third, second]) {
    const copy = memoryOf(1200)
    copy.thaw(frozen)
    const isThere = frozen.pages.every((page, i) => {
      const words = new Int32Array(copy.bytes.buffer, frozen.numbers[i] * PAGE_BYTES, page.length)
      return words.every((word, at) => word === page[at])
    })
    expect(isThere).toBe(true)
  }
})

test('what was thawed and has not changed is frozen as it was', () => {
  const memory = memoryOf(8)
  const address = memory.allocateZeroed(4 * PAGE_BYTES)
  const frozen = memory.freeze()
  const copy = copyGraph(memory, new Map<object, object>([[memory.arena, new PlainArena(8 * PAGE_BYTES)]]))
  copy.thaw(frozen)
  copy.bytes[address + PAGE_BYTES] = 1
  const again = copy.freeze()
  expect(again.numbers).toBe(frozen.numbers)
  expect(again.pages.map((page, i) => page === frozen.pages[i])).toEqual([true, false, true, true])
})
