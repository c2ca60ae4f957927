import { expect, test } from 'vitest'
import { ago, bytes, clock, count, duration, perSecond, percent, plural } from './format.ts'

test.each([
  [0, '0.000 000 s'],
  [12_480_317_499, '12.480 317 s'],
  [999_999_999, '0.999 999 s'],
  [1_234_000_000_000_000, '1 234 000.000 000 s'],
])('the clock of %d ns is %s', (time, text) => {
  expect(clock(time).replaceAll('\u202f', ' ')).toBe(text)
})

test.each([
  [3_000_000, '3 ms'],
  [1_450_000_000, '1.5 s'],
  [20_400_000_000, '20 s'],
  [90e9, '90 s'],
  [600e9, '10 min'],
  [7200e9, '2 h'],
  [1, '1 ns'],
  [0, '0 s'],
])('%d ns last %s', (time, text) => {
  expect(duration(time)).toBe(text)
})

test.each([
  [10, 'now'],
  [3_999_999, '3 ms ago'],
  [12_000, '12 µs ago'],
  [119e9, '119 s ago'],
  [180e9, '3 min ago'],
])('%d ns back is %s', (time, text) => {
  expect(ago(time)).toBe(text)
})

test('quantities', () => {
  expect(bytes(22 * 1024)).toBe('22 KiB')
  expect(bytes(1.5 * 2 ** 20)).toBe('1.5 MiB')
  expect(bytes(0)).toBe('0 B')
  expect(perSecond(412)).toBe('412 /s')
  expect(perSecond(12_400)).toBe('12 k/s')
  expect(perSecond(2.25e6)).toBe('2.3 M/s')
  expect(percent(0.126)).toBe('12.6%')
  expect(plural(1, 'row')).toBe('1 row')
  expect(plural(4, 'row')).toBe('4 rows')
  expect(count(1_234_567)).toBe('1\u202f234\u202f567')
})
