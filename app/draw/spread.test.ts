import { expect, test } from 'vitest'
import { spread } from './spread.ts'

test('labels with room stay where they want to be', () => {
  expect(spread([10, 50, 90], [20, 20, 20], 0, 200)).toEqual([10, 50, 90])
})

test('two that overlap share the way', () => {
  expect(spread([50, 60], [20, 20], 0, 200)).toEqual([45, 65])
})

test('the ends of the room hold', () => {
  expect(spread([-30, 190], [20, 20], 0, 200)).toEqual([0, 180])
  expect(spread([180, 181, 182], [20, 20, 20], 0, 200)).toEqual([140, 160, 180])
})

test('no two overlap, whatever they want', () => {
  let seed = 7
  const chance = (below: number): number => (seed = (seed * 48271) % 2147483647) % below
  for (let round = 0; round < 200; round++) {
    const wanted = Array.from({ length: 1 + chance(9) }, () => chance(300)).sort((a, b) => a - b)
    const heights = wanted.map(() => 10 + chance(20))
    const tops = spread(wanted, heights, 0, 300)
    expect(tops[0]).toBeGreaterThanOrEqual(0)
    for (let i = 1; i < tops.length; i++) expect(tops[i]).toBeGreaterThanOrEqual(tops[i - 1] + heights[i - 1] - 1e-9)
    const total = heights.reduce((sum, height) => sum + height, 0)
    if (total <= 300) expect(tops[tops.length - 1] + heights[heights.length - 1]).toBeLessThanOrEqual(300 + 1e-9)
  }
})
