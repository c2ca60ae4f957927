import { expect, test } from 'vitest'
import { evaluate } from '../base/formula.ts'
import './all_geometries.ts'
import { geometryOf, placesOf, type ArrayShape } from './array_geometry.ts'
import { isParityLayout, Geometry } from './geometry.ts'
import { placementFormula } from './placement_formula.ts'

const CHUNK = 16
const LEG = 40 * CHUNK

function shapes(): ArrayShape[] {
  const all: ArrayShape[] = []
  const add = (level: number, layout: number, raidDisks: number, slotSectors?: number[]): void => {
    all.push({ level, layout, raidDisks, chunkSectors: CHUNK, memberSectors: LEG, slotSectors })
  }
  for (let n = 3; n <= 8; n++) {
    for (let layout = 0; layout <= 20; layout++) {
      if (isParityLayout(5, layout)) add(5, layout, n)
      if (n > 3 && isParityLayout(6, layout)) add(6, layout, n)
    }
    add(4, 0, n)
    add(0, 0, n)
    add(1, 0, n)
    for (let copies = 2; copies <= Math.min(4, n); copies++) {
      add(10, (1 << 8) | copies, n)
      for (const sets of [0, 1 << 17, 1 << 18]) {
        add(10, (copies << 8) | 1 | sets, n)
        add(10, (copies << 8) | 1 | sets | (1 << 16), n)
      }
    }
  }
  for (const layout of [1, 2]) add(0, layout, 3, [LEG, LEG / 2, LEG * 2 + 5])
  return all
}

test('the formula that is shown leads to where the geometry puts every chunk, of every level and layout', () => {
  let compared = 0
  for (const shape of shapes()) {
    const made = geometryOf(shape)
    if (!made.ok) throw new Error(made.message)
    const geometry = made.value
    const sectors = geometry.arraySectors(LEG)
    for (let sector = 5; sector < Math.min(sectors, 200 * CHUNK); sector += CHUNK) {
      placesOf(geometry, sector).forEach((place, copy) => {
        const { lines } = placementFormula(geometry, sector, copy)
        const found = (symbol: string): number | undefined => lines.find((line) => line.symbol === symbol)?.value
        const said = { ...shape, at: sector, copy, slot: found('dev'), sector: found('sector') }
        expect(said).toEqual({ ...shape, at: sector, copy, slot: place.slot, sector: place.sector })
        if (geometry instanceof Geometry) {
          const stripe = found('s') ?? -1
          expect(found('P')).toBe(geometry.paritySlot(stripe))
          expect(found('Q') ?? -1).toBe(geometry.qSlot(stripe))
          if (geometry.level === 6) expect(found('e')).toBe(geometry.exponent(stripe, place.slot))
        }
        compared++
      })
    }
  }
  expect(compared).toBeGreaterThan(40_000)
})

test('formulas are read as in a book', () => {
  expect(evaluate('m − 1 − s mod m', { m: 5, s: 7 })).toBe(2)
  expect(evaluate('⌊(a − 2) / b⌋ · b + a mod b', { a: 19, b: 4 })).toBe(19)
  expect(evaluate('a ≥ b ? a > b ? 2 : 1 : 0', { a: 3, b: 3 })).toBe(1)
  expect(evaluate('list[a mod 3]', { a: 4, list: [7, 8, 9] })).toBe(8)
  expect(() => evaluate('a +', { a: 1 })).toThrow('wants a value')
  expect(() => evaluate('a b', { a: 1, b: 2 })).toThrow('nothing stands behind')
})
