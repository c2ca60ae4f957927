import { expect, test } from 'vitest'
import {
  blendViews,
  clampView,
  columnPitch,
  columnWidth,
  columnX,
  fitView,
  layOutZoom,
  panBy,
  revealView,
  sectorY,
  viewAround,
  visibleSectors,
  visibleSlots,
  zoomAt,
  type ZoomLayout,
} from './zoom_layout.ts'

const GIB = { rows: 16_352, slots: 16, chunkSectors: 128, hasBitmap: true }
const SMALL = { rows: 16, slots: 3, chunkSectors: 128, hasBitmap: false }
const layouts: readonly (readonly [string, ZoomLayout])[] = [
  ['16 × 1 GiB', layOutZoom(840, 420, GIB)],
  ['16 × 1 GiB, presented', layOutZoom(1400, 760, GIB, 1.5)],
  ['3 × 16 chunks', layOutZoom(840, 420, SMALL)],
  ['on a phone', layOutZoom(360, 300, { ...GIB, slots: 4 })],
]

test.each(layouts)('%s: all of it fits, and nothing lies beside it', (_, layout) => {
  const view = fitView(layout)
  const seen = visibleSectors(layout, view)
  expect(seen).toEqual({ from: 0, to: layout.sectors })
  expect(visibleSlots(layout, view)).toEqual({ from: 0, to: layout.slots })
  const last = layout.slots - 1
  expect(columnX(layout, view, last) + columnWidth(layout, view.scale)).toBeLessThanOrEqual(layout.strip.x)
  expect(sectorY(layout, view, layout.sectors)).toBeLessThanOrEqual(layout.height)
})

test.each(layouts)('%s: what is at a point stays there, all the way down to the bytes', (_, layout) => {
  const x = layout.mapLeft + layout.mapWidth * 0.4
  const y = layout.head + layout.mapHeight * 0.6
  let view = fitView(layout)
  const sector = view.top + (y - layout.head) / view.scale
  const column = (x - layout.mapLeft) / columnPitch(layout, view.scale)
  let steps = 0
  while (view.scale < layout.scaleMax && steps++ < 200) {
    view = zoomAt(layout, view, 1.3, x, y)
    if (sector < layout.sectors) expect(sectorY(layout, view, sector)).toBeCloseTo(y, 3)
    const at = layout.mapLeft - view.left + column * columnPitch(layout, view.scale)
    expect(Math.abs(at - x)).toBeLessThan(0.01)
  }
  expect(view.scale).toBe(layout.scaleMax)
  expect(steps).toBeGreaterThan(10)
})

test('a view never shows what is not there', () => {
  const layout = layouts[0][1]
  const far = clampView(layout, { scale: 1, top: 1e12, left: 1e9 })
  expect(visibleSectors(layout, far).to).toBe(layout.sectors)
  expect(visibleSlots(layout, far).to).toBe(layout.slots)
  const before = clampView(layout, { scale: 1e9, top: -5, left: -5 })
  expect(before).toEqual({ scale: layout.scaleMax, top: 0, left: 0 })
  expect(panBy(layout, before, 100, 100)).toEqual(before)
  expect(panBy(layout, before, 0, -36).top).toBeCloseTo(36 / layout.scaleMax)
})

test('a way between two views begins and ends there, and keeps what both have in one place', () => {
  const layout = layouts[0][1]
  const from = fitView(layout)
  const to = viewAround(layout, layout.scaleMax, 7, 1_000_000)
  expect(blendViews(layout, from, to, 0)).toEqual(from)
  expect(blendViews(layout, from, to, 1)).toEqual(to)
  const point = zoomAt(layout, from, 4096, 400, 200)
  const sector = from.top + (200 - layout.head) / from.scale
  for (const t of [0.1, 0.5, 0.9]) {
    const half = blendViews(layout, from, point, t)
    expect(sectorY(layout, half, sector)).toBeCloseTo(200, 3)
    expect(half.scale).toBeGreaterThan(from.scale)
  }
})

test('a place is brought into sight, and no further than needed', () => {
  const layout = layouts[0][1]
  const view = viewAround(layout, layout.scaleMax, 3, 5000)
  expect(revealView(layout, view, 3, 5000, 1 / 64)).toEqual(view)
  const next = revealView(layout, view, 15, 900_000, 8)
  const seen = visibleSectors(layout, next)
  expect(seen.from <= 900_000 && seen.to > 900_000).toBe(true)
  expect(visibleSlots(layout, next).to).toBe(16)
})
