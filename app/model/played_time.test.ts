import { expect, test } from 'vitest'
import { PlayedTime } from './played_time.ts'

test('skipped stretches take no time', () => {
  const played = new PlayedTime()
  expect(played.of(70)).toBe(70)
  played.add([
    { from: 100, to: 200 },
    { from: 300, to: 1300 },
  ])
  expect(played.of(50)).toBe(50)
  expect(played.of(150)).toBe(100)
  expect(played.of(200)).toBe(100)
  expect(played.of(300)).toBe(200)
  expect(played.of(1350)).toBe(250)
  expect(played.skips.map(({ at }) => at)).toEqual([100, 200])
})

test('it never goes backwards', () => {
  const played = new PlayedTime()
  for (let i = 0; i < 2000; i++) played.add([{ from: i * 10 + 5, to: i * 10 + 9 }])
  let last = -Infinity
  for (let time = 0; time < 21_000; time++) {
    expect(played.of(time)).toBeGreaterThanOrEqual(last)
    last = played.of(time)
  }
})
