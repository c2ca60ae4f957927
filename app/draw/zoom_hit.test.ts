import { expect, test } from 'vitest'
import { detailOf, scaleOfLevel, ZOOM_LEVELS } from './zoom_detail.ts'
import { boxOfPlace, hitZoom, moveCursor, placeOfByte, unitOf } from './zoom_hit.ts'
import { columnWidth, columnX, fitView, layOutZoom, viewAround } from './zoom_layout.ts'

const layout = layOutZoom(840, 420, { rows: 16_352, slots: 5, chunkSectors: 128, hasBitmap: true })
const CHUNK = 65_536
const TOTAL = 16_352 * CHUNK

test.each(ZOOM_LEVELS)('%s: a place is found where it is drawn', (level) => {
  const view = viewAround(layout, scaleOfLevel(layout, level), 2, 700_000)
  const { bytes, perLine } = unitOf(layout, detailOf(layout, view))
  for (const slot of [1, 2, 3]) {
    for (const byte of [700_000 * 512, 700_000 * 512 + bytes, 700_000 * 512 - 3 * bytes * perLine]) {
      const place = placeOfByte(layout, view, slot, byte)
      expect(place.from <= byte && byte < place.from + place.length).toBe(true)
      const box = boxOfPlace(layout, view, place)
      const middle = [box.x + box.width / 2, box.y + box.height / 2] as const
      const isSeen = middle[0] > layout.mapLeft && middle[0] < layout.mapLeft + layout.mapWidth
      if (isSeen && middle[1] > layout.head && middle[1] < layout.head + layout.mapHeight)
        expect(hitZoom(layout, view, ...middle)).toEqual(place)
    }
  }
})

test('between columns, above, beside and behind the end there is nothing', () => {
  const view = fitView(layout)
  const right = columnX(layout, view, 1) + columnWidth(layout, view.scale)
  expect(hitZoom(layout, view, right + 2, 200)).toBeUndefined()
  expect(hitZoom(layout, view, right - 2, 200)?.slot).toBe(1)
  expect(hitZoom(layout, view, right - 2, layout.head - 1)).toBeUndefined()
  expect(hitZoom(layout, view, layout.mapLeft - 1, 200)).toBeUndefined()
  expect(hitZoom(layout, view, layout.strip.x + 1, 200)).toBeUndefined()
  const short = layOutZoom(840, 420, { rows: 3, slots: 3, chunkSectors: 8, hasBitmap: false })
  expect(hitZoom(short, fitView(short), short.mapLeft + 5, short.head + short.mapHeight - 1)).toBeUndefined()
})

test('from afar a cell stands for several chunks side by side', () => {
  const view = fitView(layout)
  const { bytes, perLine } = unitOf(layout, detailOf(layout, view))
  expect(perLine).toBeGreaterThan(8)
  const x = columnX(layout, view, 0)
  const first = hitZoom(layout, view, x + 1, layout.head + 1)!
  const second = hitZoom(layout, view, x + columnWidth(layout, view.scale) / perLine + 1, layout.head + 1)!
  expect(first).toEqual({ slot: 0, from: 0, length: bytes })
  expect(second.from).toBe(bytes)
})

test('a cursor goes through a line, into the next column, and stops at the ends', () => {
  const view = viewAround(layout, layout.scaleMax, 2, 0)
  const line = layout.bytesPerLine
  let at = placeOfByte(layout, view, 0, 0)
  expect(moveCursor(layout, view, at, -1, -1)).toEqual(at)
  for (let i = 0; i < line; i++) at = moveCursor(layout, view, at, 1, 0)
  expect(at).toEqual({ slot: 1, from: 0, length: 1 })
  at = moveCursor(layout, view, at, 0, 1)
  expect(at).toEqual({ slot: 1, from: line, length: 1 })
  at = moveCursor(layout, view, at, -1, 0)
  expect(at).toEqual({ slot: 0, from: 2 * line - 1, length: 1 })
  const last = placeOfByte(layout, view, 4, Infinity)
  expect(last).toEqual({ slot: 4, from: TOTAL - 1, length: 1 })
  expect(moveCursor(layout, view, last, 1, 1)).toEqual(last)
})
