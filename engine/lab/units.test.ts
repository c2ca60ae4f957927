import { expect, test } from 'vitest'
import { formatSize, formatTime, parseCount, parseSectors, parseSectorSize, parseSize, parseTime } from './units.ts'

test.each([
  ['250us', 250_000],
  ['3ms', 3_000_000],
  ['2s', 2_000_000_000],
  ['0.5ms', 500_000],
  ['7ns', 7],
])('%s is a time', (text, nanoseconds) => {
  expect(parseTime(text)).toEqual({ ok: true, value: nanoseconds })
})

test.each(['', '3', 'ms', '-1s', '1e3s', '3 ms', '99999999999999s'])('%j is no time', (text) => {
  expect(parseTime(text).ok).toBe(false)
})

test.each([
  ['0', 0],
  ['512', 512],
  ['64K', 65536],
  ['2M', 2 << 20],
  ['1G', 1 << 30],
  ['3k', 3072],
  ['2MiB', 2 << 20],
])('%s is a size', (text, bytes) => {
  expect(parseSize(text)).toEqual({ ok: true, value: bytes })
})

test.each(['', 'M', '1.5M', '-1', '1KB', '1P'])('%j is no size', (text) => {
  expect(parseSize(text).ok).toBe(false)
})

test('a size in sectors is whole and not nothing', () => {
  expect(parseSectorSize('1K')).toEqual({ ok: true, value: 1024 })
  expect(parseSectorSize('1000').ok).toBe(false)
  expect(parseSectorSize('0').ok).toBe(false)
})

test('sectors are one, or so many', () => {
  expect(parseSectors('100')).toEqual({ ok: true, value: { sector: 100, sectors: 1 } })
  expect(parseSectors('100+8')).toEqual({ ok: true, value: { sector: 100, sectors: 8 } })
  for (const text of ['', '+8', '100+', '100+0', 'x']) expect(parseSectors(text).ok).toBe(false)
})

test('a count says its range when it is refused', () => {
  expect(parseCount('0', 0, 100)).toEqual({ ok: true, value: 0 })
  expect(parseCount('101', 0, 100)).toMatchObject({ message: expect.stringContaining('from 0 to 100') as string })
})

test('what is written is read again', () => {
  for (const time of [0, 7, 1500, 250_000, 3_000_000, 2_000_000_000]) {
    expect(parseTime(formatTime(time))).toEqual({ ok: true, value: time })
  }
  for (const size of [0, 512, 1024, 1536, 2 << 20, 3 * 2 ** 30]) {
    expect(parseSize(formatSize(size))).toEqual({ ok: true, value: size })
  }
})
