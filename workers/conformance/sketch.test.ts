import { expect, test } from 'vitest'
import { firstDifference, sketch } from './sketch.ts'

test('a sketch has four digits per piece, and counts equal neighbours', () => {
  const bytes = new Uint8Array(6 * 512)
  expect(sketch(bytes, 1)).toMatch(/^[0-9a-f]{4}\*6$/)
  bytes[2 * 512] = 1
  expect(sketch(bytes, 1)).toMatch(/^([0-9a-f]{4})\*2 [0-9a-f]{4} \1\*3$/)
  expect(sketch(bytes, 3)).toMatch(/^[0-9a-f]{4} [0-9a-f]{4}$/)
})

test('the first difference is found through the counts', () => {
  expect(firstDifference('aaaa*4 bbbb', 'aaaa*4 bbbb')).toBe(-1)
  expect(firstDifference('aaaa*4 bbbb', 'aaaa*3 bbbb*2')).toBe(3)
  expect(firstDifference('aaaa', 'aaaa*2')).toBe(1)
})
