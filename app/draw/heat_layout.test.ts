import { expect, test } from 'vitest'
import { BITS_WIDTH, heatChunkAt, heatRow, layOutHeat } from './heat_layout.ts'

test.each([
  [840, 420, 496, 4],
  [840, 420, 8192, 4],
  [500, 300, 251, 5],
  [1200, 800, 60_000, 6],
  [300, 200, 2000, 3],
])('in %d × %d, %d rows of %d fit side by side', (width, height, rows, slots) => {
  const layout = layOutHeat(width, height, rows, slots)
  const { bands, bandPitch, cellHeight, cellWidth, left, rowsPerBand } = layout
  expect(left + bands * bandPitch - 10).toBeLessThanOrEqual(width)
  expect(bands * rowsPerBand).toBeGreaterThanOrEqual(rows)
  expect(cellHeight).toBeGreaterThanOrEqual(3)
  expect(cellWidth).toBeGreaterThanOrEqual(3)
  if (cellHeight > 3) expect(layout.height).toBeLessThanOrEqual(height + cellHeight)
})

test('every chunk is found where it is painted', () => {
  const layout = layOutHeat(840, 420, 496, 4)
  for (let row = 0; row < 496; row++) {
    const { x, y } = heatRow(layout, row)
    for (let slot = 0; slot < 4; slot++) {
      expect(heatChunkAt(layout, 496, 4, x + BITS_WIDTH + slot * layout.cellWidth + 1, y + 1)).toEqual({ row, slot })
    }
    expect(heatChunkAt(layout, 496, 4, x + 1, y + 1)).toBeUndefined()
  }
  expect(heatChunkAt(layout, 496, 4, 2, 200)).toBeUndefined()
  expect(heatChunkAt(layout, 496, 4, 400, 3)).toBeUndefined()
})
