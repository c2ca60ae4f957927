import { expect, test } from 'vitest'
import { RecordingZoom, WINDOW_MIN } from './recording_window.ts'

test('the whole grows with the recording; a part of it stays where it is', () => {
  const zoom = new RecordingZoom()
  zoom.setEnds(0, 1000)
  expect([zoom.window, zoom.isWhole]).toEqual([{ from: 0, to: 1000 }, true])
  zoom.zoom(0.5, 250)
  expect([zoom.window, zoom.isWhole]).toEqual([{ from: 125, to: 625 }, false])
  zoom.setEnds(0, 4000)
  expect(zoom.window).toEqual({ from: 125, to: 625 })
  zoom.zoom(16, 400)
  expect(zoom.isWhole).toBe(true)
})

test('what is pointed at stays where it is, down to a few I/Os and at both ends', () => {
  const zoom = new RecordingZoom()
  zoom.setEnds(100, 1_000_000)
  const share = (): number => (zoom.window.from - 654_321) / zoom.span
  zoom.zoom(0.5, 654_321)
  const before = share()
  for (let i = 0; i < 40; i++) zoom.zoom(0.7, 654_321)
  expect(zoom.span).toBe(WINDOW_MIN)
  expect(share()).toBeCloseTo(before, 6)
  zoom.pan(-1e9)
  expect(zoom.window.from).toBe(100)
  zoom.pan(1e9)
  expect(zoom.window.to).toBe(1_000_000)
})

test('what is shown is brought into sight, and no farther', () => {
  const zoom = new RecordingZoom()
  zoom.setEnds(0, 1000)
  zoom.reveal(5)
  expect(zoom.isWhole).toBe(true)
  zoom.zoom(0.12, 500)
  const { from, to } = zoom.window
  zoom.reveal((from + to) / 2)
  expect(zoom.window).toEqual({ from, to })
  zoom.reveal(to + 30)
  expect(zoom.window.to).toBeCloseTo(to + 40)
  zoom.reveal(0)
  expect(zoom.window.from).toBe(0)
})

test('the left end moves on, and what is shown with it', () => {
  const zoom = new RecordingZoom()
  zoom.setEnds(0, 1000)
  zoom.zoom(0.1, 50)
  zoom.setEnds(500, 2000)
  expect(zoom.window).toEqual({ from: 500, to: 600 })
})
