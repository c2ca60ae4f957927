import { expect, test } from 'vitest'
import { CELL_EMPTY, chunkMapOf, type MapShape } from './chunk_map.ts'
import './all_geometries.ts'

const CHUNK = 16
const same = (slots: number, sectors: number): number[] => new Array<number>(slots).fill(sectors)
const far = (copies: number): number => (copies << 8) + 1
const offset = (copies: number): number => 0x10000 + far(copies)

const SHAPES: readonly (readonly [string, MapShape, copies: number])[] = [
  ['raid0', { level: 0, layout: 2, chunkSectors: CHUNK, slotSectors: [160, 80, 96] }, 1],
  ['raid1', { level: 1, layout: 0, chunkSectors: 0, slotSectors: same(3, 1024) }, 3],
  ['raid4', { level: 4, layout: 0, chunkSectors: CHUNK, slotSectors: same(4, 160) }, 1],
  ...[0, 1, 2, 3, 4, 5].map(
    (layout) => [`raid5 ${layout}`, { level: 5, layout, chunkSectors: CHUNK, slotSectors: same(5, 160) }, 1] as const,
  ),
  ...[0, 1, 2, 3, 4, 5, 8, 9, 10, 16, 17, 18, 19, 20].map(
    (layout) => [`raid6 ${layout}`, { level: 6, layout, chunkSectors: CHUNK, slotSectors: same(6, 160) }, 1] as const,
  ),
  ['raid10 near', { level: 10, layout: 0x102, chunkSectors: CHUNK, slotSectors: same(4, 160) }, 2],
  ['raid10 near, odd', { level: 10, layout: 0x102, chunkSectors: CHUNK, slotSectors: same(5, 160) }, 2],
  ['raid10 far', { level: 10, layout: far(2), chunkSectors: CHUNK, slotSectors: same(4, 160) }, 2],
  ['raid10 far, odd', { level: 10, layout: far(3), chunkSectors: CHUNK, slotSectors: same(5, 192) }, 3],
  ['raid10 offset', { level: 10, layout: offset(2), chunkSectors: CHUNK, slotSectors: same(5, 160) }, 2],
]

test.each(SHAPES)('%s: every sector lies where its map says, and nothing else does', (_, shape, copies) => {
  const map = chunkMapOf(shape)!
  const seen = new Set<string>()
  for (let sector = 0; sector < map.arraySectors; sector += 8) {
    const places = map.locate(sector)
    expect(places).toHaveLength(copies)
    places.forEach((place, copy) => {
      const row = Math.floor(place.sector / map.chunkSectors)
      expect(map.arraySector(place.slot, place.sector)).toBe(sector)
      expect([map.numberAt(row, place.slot), map.copyAt(row, place.slot)]).toEqual([
        Math.floor(sector / map.chunkSectors),
        copy,
      ])
      expect(map.isRedundant(row, place.slot)).toBe(copy > 0)
      seen.add(`${row} ${place.slot}`)
    })
  }
  for (let row = 0; row < map.rows; row++) {
    for (let slot = 0; slot < map.slots; slot++) {
      expect(map.numberAt(row, slot) >= 0, `${row} ${slot}`).toBe(seen.has(`${row} ${slot}`))
    }
  }
})

test.each(SHAPES)('%s: what fits together says so of each other, and rows find their stretch of a sync', (_, shape) => {
  const map = chunkMapOf(shape)!
  for (let row = 0; row < map.rows; row++) {
    const { from, to } = map.syncRange(row)
    if (to > from) expect(map.rowsIn(from, to)).toContain(row)
    for (let slot = 0; slot < map.slots; slot++) {
      const cells = map.together(row, slot)
      if (map.numberAt(row, slot) === CELL_EMPTY) expect(cells).toEqual([])
      else expect(cells).toContainEqual({ row, slot })
      for (const cell of cells) expect(map.together(cell.row, cell.slot)).toContainEqual({ row, slot })
    }
  }
})

test('names: parity by its letter, data by its number, further copies as copies', () => {
  const names = (shape: MapShape, row: number): string[] =>
    shape.slotSectors.map((_, slot) => chunkMapOf(shape)!.nameAt(row, slot))
  expect(names({ level: 5, layout: 2, chunkSectors: CHUNK, slotSectors: same(4, 160) }, 1)).toEqual([
    'D4',
    'D5',
    'P',
    'D3',
  ])
  expect(names({ level: 6, layout: 2, chunkSectors: CHUNK, slotSectors: same(5, 160) }, 0)).toEqual([
    'Q',
    'D0',
    'D1',
    'D2',
    'P',
  ])
  expect(names({ level: 10, layout: 0x102, chunkSectors: CHUNK, slotSectors: same(3, 160) }, 0)).toEqual([
    'D0',
    'C0',
    'D1',
  ])
  expect(names({ level: 1, layout: 0, chunkSectors: 0, slotSectors: same(2, 1024) }, 3)).toEqual(['D3', 'C3'])
})
