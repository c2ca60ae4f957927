import { expect, test } from 'vitest'
import { chunkAt, layOutStage, rowsBetween, rowTop } from './stage_layout.ts'

const extent = { width: 860, height: 480, members: 4, rows: 16, hasBitmap: true }

test('columns stand side by side between the bitmap and the notes', () => {
  const layout = layOutStage(extent)
  const ends = layout.columns.map(({ x, width }) => x + width)
  expect(layout.columns[0].x).toBeGreaterThan(layout.bitmap!.diskX + layout.bitmap!.size)
  layout.columns.slice(1).forEach(({ x }, i) => expect(x).toBeGreaterThan(ends[i]))
  expect(layout.notes.x).toBeGreaterThan(ends[3])
  expect(layout.notes.width).toBeGreaterThan(100)
  expect(layout.notes.x + layout.notes.width).toBeLessThanOrEqual(extent.width)
})

test('in a narrow panel the columns come first, and the drawing is wider than the panel before they are too thin', () => {
  const narrow = layOutStage({ ...extent, width: 480 })
  expect(narrow.notes.width).toBe(0)
  expect(narrow.width).toBe(480)
  const tiny = layOutStage({ ...extent, width: 200 })
  expect(tiny.columns[0].width).toBeGreaterThanOrEqual(58)
  expect(tiny.width).toBeGreaterThan(200)
})

test('rows fill the room, and grow beyond it when they are many', () => {
  expect(layOutStage(extent).height).toBeLessThanOrEqual(extent.height)
  const many = layOutStage({ ...extent, rows: 200 })
  expect(many.height).toBeGreaterThan(extent.height)
  expect(many.rowHeight).toBeGreaterThanOrEqual(18)
})

test('a point finds its chunk, and only its chunk', () => {
  const layout = layOutStage(extent)
  for (let row = 0; row < extent.rows; row++) {
    layout.columns.forEach(({ x, width }, slot) => {
      expect(chunkAt(layout, extent.rows, x + width / 2, rowTop(layout, row) + 3)).toEqual({ row, slot })
      expect(chunkAt(layout, extent.rows, x + width + 2, rowTop(layout, row) + 3)).toBeUndefined()
      expect(chunkAt(layout, extent.rows, x, rowTop(layout, row) + layout.rowHeight + 1)).toBeUndefined()
    })
  }
  expect(chunkAt(layout, extent.rows, layout.columns[0].x + 1, 3)).toBeUndefined()
})

test('the rows in sight', () => {
  const layout = layOutStage({ ...extent, rows: 200 })
  expect(rowsBetween(layout, 200, 0, layout.head + 1)).toEqual([0, 1])
  expect(rowsBetween(layout, 200, rowTop(layout, 10), rowTop(layout, 12))).toEqual([10, 12])
  expect(rowsBetween(layout, 200, 1e6, 2e6)).toEqual([200, 200])
})
