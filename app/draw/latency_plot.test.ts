import { expect, test } from 'vitest'
import { latencyClass } from '../model/latency_histogram.ts'
import {
  classRange,
  histogramBars,
  latencyTicks,
  latencyX,
  roundUp,
  roundUpBytes,
  stackedBars,
} from './latency_plot.ts'

const SIZE = { width: 100, height: 40 }

test('scales end at round numbers', () => {
  expect([0, 1, 1.2, 2.1, 4.4, 7, 99, 1000].map(roundUp)).toEqual([1, 1, 2, 3, 5, 10, 100, 1000])
  expect([0, 300, 1500, 300 * 1024, 3e6].map(roundUpBytes)).toEqual([1, 300, 2048, 300 * 1024, 3 << 20])
})

test('bars stand on each other', () => {
  const { lower, upper } = stackedBars([10, 0], [10, 20], 20, SIZE)
  expect(lower).toBe('M0 40V20h49.4V40z')
  expect(upper).toBe('M0 20V0h49.4V20zM50 40V0h49.4V40z')
})

test('a histogram shows all that happened, the fullest class from top to bottom', () => {
  const counts = new Float64Array(112)
  counts[latencyClass(1e5)] = 100
  counts[latencyClass(1e7)] = 1
  const range = classRange([counts])
  const bars = histogramBars(counts, range, SIZE)
  expect(bars.match(/M/g)).toHaveLength(2)
  expect(bars).toContain('v-40h')
  expect(bars).toContain('v-1.5h')
  expect(latencyX(1e5, range, 100)).toBeGreaterThan(0)
  expect(latencyX(1e5, range, 100)).toBeLessThan(latencyX(1e7, range, 100))
  expect(latencyTicks(range)).toEqual([1e5, 1e6, 1e7])
  expect(histogramBars(new Float64Array(112), classRange([]), SIZE)).toBe('')
})
