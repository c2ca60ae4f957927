import { describe, expect, test } from 'vitest'
import { cellAt, cellsOf, hitTree, layOutTree, moveInTree, placeOf } from './tree_layout.ts'

const SHAPES: readonly (readonly [number[], number])[] = [
  [[1, 16, 256], 960],
  [[1, 2, 256], 300],
  [[1, 12, 188, 3000], 700],
  [[1, 128, 16384], 320],
  [[1], 40],
  [[1, 7, 100_000], 1000],
]

describe.each(SHAPES)('%j blocks, %i pixels', (counts, width) => {
  const layout = layOutTree(counts, width)

  test('every block has a cell, within its band and the width, and is found there', () => {
    layout.bands.forEach((band, i) => {
      for (let cell = 0; cell < cellsOf(band); cell++) {
        const block = cell * band.perCell
        const { x, y } = cellAt(layout, i, block)
        expect(x).toBeGreaterThanOrEqual(layout.left)
        if (width > 100) expect(x + band.pitch).toBeLessThanOrEqual(width)
        expect(y + band.pitch).toBeLessThanOrEqual(band.top + band.height)
        expect(hitTree(layout, x + 2, y + 2)).toEqual(placeOf(layout, i, block))
      }
    })
  })

  test('bands stand one below the other', () => {
    let bottom = 0
    for (const { top, height } of layout.bands) {
      expect(top).toBeGreaterThan(bottom)
      bottom = top + height
    }
    expect(layout.height).toBeGreaterThan(bottom)
  })
})

test('only where there is no room stands a cell for several blocks', () => {
  expect(layOutTree([1, 16, 256], 960).bands.map(({ perCell }) => perCell)).toEqual([1, 1, 1])
  expect(layOutTree([1, 128, 16384], 320).bands[2].perCell).toBeGreaterThan(1)
})

test('nothing is beside the cells', () => {
  const layout = layOutTree([1, 16, 256], 960)
  expect(hitTree(layout, 10, layout.bands[0].top + 2)).toBeUndefined()
  expect(hitTree(layout, layout.left + 30, layout.bands[0].top + 2)).toBeUndefined()
  expect(hitTree(layout, layout.left + 2, layout.bands[0].top + layout.bands[0].height + 5)).toBeUndefined()
})

test('keys go to neighbours, up to the sums and down to what they are of', () => {
  const layout = layOutTree([1, 16, 256], 960)
  const at = (band: number, block: number) => placeOf(layout, band, block)
  expect(moveInTree(layout, at(2, 40), 'right', 4)).toEqual(at(2, 41))
  expect(moveInTree(layout, at(2, 40), 'parent', 4)).toEqual(at(1, 2))
  expect(moveInTree(layout, at(1, 2), 'child', 4)).toEqual(at(2, 32))
  expect(moveInTree(layout, at(1, 2), 'up', 4)).toEqual(at(0, 0))
  expect(moveInTree(layout, at(0, 0), 'up', 4)).toEqual(at(0, 0))
  expect(moveInTree(layout, at(0, 0), 'left', 4)).toEqual(at(0, 0))
  expect(moveInTree(layout, at(2, 255), 'right', 4)).toEqual(at(2, 255))
  const { columns } = layout.bands[2]
  expect(moveInTree(layout, at(2, 3), 'down', 4)).toEqual(at(2, 3 + columns))
  expect(moveInTree(layout, at(2, 3), 'up', 4)).toEqual(at(1, 0))
})
