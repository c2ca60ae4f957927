import { expect, test } from 'vitest'
import { TimelineZoom } from './timeline_zoom.ts'

const SECOND = 1e9

test('a machine that stands still shows what some seconds at 1 : 1000 are, not nothing', () => {
  const zoom = new TimelineZoom()
  for (let real = 0; real < 5000; real += 16) expect(zoom.window(20 * SECOND, 1000 + real)).toBeCloseTo(7e6)
})

test('the window follows the pace, and stays when time stands still', () => {
  const zoom = new TimelineZoom()
  let time = 0
  for (let real = 0; real < 8000; real += 16) zoom.window((time += 16e6), 1000 + real)
  const shown = zoom.window(time, 9000)
  expect(shown / SECOND).toBeGreaterThan(5)
  expect(shown / SECOND).toBeLessThan(9)
  for (let real = 0; real < 3000; real += 16) zoom.window(time, 10_000 + real)
  expect(zoom.window(time, 13_100) / shown).toBeCloseTo(1, 1)
  zoom.change(2)
  for (let real = 0; real < 3000; real += 16) zoom.window(time, 14_000 + real)
  expect(zoom.window(time, 17_100) / shown).toBeGreaterThan(1.8)
})
