import { expect, test } from 'vitest'
import { detailOf, scaleOfLevel, ZOOM_LEVELS } from './zoom_detail.ts'
import { columnWidth, layOutZoom } from './zoom_layout.ts'

const layout = layOutZoom(840, 420, { rows: 16_352, slots: 16, chunkSectors: 128, hasBitmap: true })

test('from the array to bytes, each level comes in its turn, and lines stay legible', () => {
  const seen: string[] = []
  for (let scale = layout.scaleMin; scale <= layout.scaleMax; scale *= 1.05) {
    const detail = detailOf(layout, { scale })
    if (seen.at(-1) !== detail.level) seen.push(detail.level)
    const line = detail.rowHeight * 2 ** detail.cells.line
    expect(line).toBeGreaterThan(4.99)
    if (detail.cells.line > 0) expect(line).toBeLessThan(10.01)
    const cell = columnWidth(layout, scale) / 2 ** (detail.cells.line - detail.cells.cell)
    expect(cell).toBeGreaterThanOrEqual(4)
    expect(detail.cells.cell).toBeGreaterThanOrEqual(0)
  }
  expect(seen).toEqual([...ZOOM_LEVELS])
})

test('nothing jumps: from one scale to the next everything fades', () => {
  let before = detailOf(layout, { scale: layout.scaleMin })
  for (let scale = layout.scaleMin; scale <= layout.scaleMax; scale *= 1.01) {
    const now = detailOf(layout, { scale })
    for (const part of ['rowsAlpha', 'pagesAlpha', 'shadeAlpha', 'textAlpha'] as const) {
      expect(Math.abs(now[part] - before[part])).toBeLessThan(0.06)
      expect(now[part]).toBeGreaterThanOrEqual(before[part])
    }
    // Before a line is cut in two, the halves are there already.
    if (now.cells.line < before.cells.line) {
      expect(before.finerAlpha).toBeGreaterThan(0.9)
      expect(now.cells).toEqual(before.finer)
    }
    before = now
  }
})

test.each(ZOOM_LEVELS)('the button for %s leads there', (level) => {
  const scale = scaleOfLevel(layout, level)
  expect(detailOf(layout, { scale }).level).toBe(level)
  expect(scale).toBeGreaterThanOrEqual(layout.scaleMin)
  expect(scale).toBeLessThanOrEqual(layout.scaleMax)
})
