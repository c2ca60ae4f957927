import { expect, test } from 'vitest'
import { keepSame } from './keep_same.ts'

test('what is equal stays the same object', () => {
  const before = { a: 1, b: 'x' }
  expect(keepSame(before, { a: 1, b: 'x' })).toBe(before)
  const after = { a: 2, b: 'x' }
  expect(keepSame(before, after)).toBe(after)
  expect(keepSame(undefined, after)).toBe(after)
})

test('of an array, the items that changed are new, and the array with them', () => {
  const before = [{ a: 1 }, { a: 2 }]
  expect(keepSame(before, [{ a: 1 }, { a: 2 }])).toBe(before)
  const after = keepSame(before, [{ a: 1 }, { a: 3 }])
  expect(after).not.toBe(before)
  expect(after[0]).toBe(before[0])
  expect(after[1]).toEqual({ a: 3 })
  expect(keepSame(before, [{ a: 1 }])).toEqual([{ a: 1 }])
})

test('a field more or less is a difference', () => {
  const before: { a: number; b?: number } = { a: 1, b: 2 }
  expect(keepSame(before, { a: 1 })).toEqual({ a: 1 })
})
