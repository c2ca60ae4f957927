import { expect, test } from 'vitest'
import { RateMeter } from './rate_meter.ts'

test('counts per second of virtual time', () => {
  const meter = new RateMeter()
  expect(meter.perSecond).toBe(0)
  for (let i = 0; i < 100; i++) meter.add(i * 16, i * 1e6, i * 4)
  expect(meter.perSecond).toBeCloseTo(4000)
})

test('the rate of the last second, not of the whole', () => {
  const meter = new RateMeter()
  for (let i = 0; i <= 120; i++) meter.add(i * 100, i * 1e9, Math.min(i, 50) * 100)
  // What has happened seldom is counted over a longer time, but not for ever.
  expect(meter.perSecond).toBe(0)
})

test('pausing keeps it, a new machine starts anew', () => {
  const meter = new RateMeter()
  meter.add(0, 0, 0)
  meter.add(500, 1e9, 10)
  for (let i = 0; i < 100; i++) meter.add(600 + i * 100, 1e9, 10)
  expect(meter.perSecond).toBe(10)
  meter.add(20_000, 0, 0)
  expect(meter.perSecond).toBe(0)
})

test('a leap of the clock is not what is going on now', () => {
  const meter = new RateMeter()
  meter.add(0, 0, 0)
  meter.add(16, 20e9, 2)
  for (let i = 1; i <= 20; i++) meter.add(16 + i * 16, 20e9 + i * 1e6, 2 + i)
  expect(meter.perSecond).toBeCloseTo(1000)
})
