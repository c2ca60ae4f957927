import { expect, test } from 'vitest'
import { ZoomCamera } from './zoom_camera.ts'
import { fitView, layOutZoom, viewAround, visibleSectors } from './zoom_layout.ts'

const shape = { rows: 4096, slots: 4, chunkSectors: 128, hasBitmap: false }
const layout = layOutZoom(800, 400, shape)

test('a camera glides in steps of the frames, and tells each', () => {
  const camera = new ZoomCamera(layout)
  let moved = 0
  const end = camera.onMoved(() => moved++)
  const goal = viewAround(layout, 1, 1, 90_000)
  camera.glide(goal)
  expect(camera.view).toEqual(fitView(layout))
  expect(camera.goal).toEqual(goal)
  camera.step(1000)
  camera.step(1100)
  expect(camera.view.scale).toBeGreaterThan(layout.scaleMin)
  expect(camera.view.scale).toBeLessThan(goal.scale)
  camera.step(5000)
  expect(camera.view).toEqual(goal)
  const before = moved
  camera.step(5016)
  expect(moved).toBe(before)
  end()
  camera.set(fitView(layout))
  expect(moved).toBe(before)
})

test('without motion it is there at once', () => {
  const camera = new ZoomCamera(layout)
  camera.setStill(true)
  const goal = viewAround(layout, 1, 1, 90_000)
  camera.glide(goal)
  expect(camera.view).toEqual(goal)
})

test('in another room all stays all, and the middle stays in the middle', () => {
  const camera = new ZoomCamera(layout)
  const other = layOutZoom(500, 700, shape)
  camera.layOut(other)
  expect(camera.view).toEqual(fitView(other))
  camera.set(viewAround(other, 1, 1, 90_000))
  camera.layOut(layout)
  const { from, to } = visibleSectors(layout, camera.view)
  expect((from + to) / 2).toBeCloseTo(90_000)
})
