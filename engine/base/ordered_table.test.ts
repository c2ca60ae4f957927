import { expect, test } from 'vitest'
import { copyGraph } from './copy.ts'
import { OrderedTable } from './ordered_table.ts'

interface Thing {
  readonly name: string
}

function thing(key: number): Thing {
  return { name: String(key) }
}

test('keeps what a map keeps, in its order, through many comings and goings', () => {
  let state = 3
  const below = (limit: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * limit)
  }
  const table = new OrderedTable<Thing>()
  const map = new Map<number, Thing>()
  for (let i = 0; i < 20_000; i++) {
    // Grows to several hundred, shrinks to nearly nothing, and grows again.
    const isGrowing = Math.floor(i / 2500) % 2 === 0
    const key = below(700) * (i % 3 === 0 ? 2 ** 33 : 8)
    if (map.has(key) && below(isGrowing ? 4 : 1) === 0) {
      expect(table.delete(key)).toBe(true)
      map.delete(key)
    } else if (!map.has(key) && (isGrowing || below(8) === 0)) {
      const one = thing(key)
      table.add(key, one)
      map.set(key, one)
    } else expect(table.delete(key + 1)).toBe(false)
    expect(table.size).toBe(map.size)
    expect(table.get(key)).toBe(map.get(key))
    expect(table.has(key)).toBe(map.has(key))
    expect(table.oldest()).toBe(map.values().next().value)
    if (i % 500 === 0) expect(table.values()).toEqual([...map.values()])
  }
  expect(table.values(5)).toEqual([...map.values()].slice(0, 5))
})

test('what was returned stays as it was; what was cleared is empty', () => {
  const table = new OrderedTable<Thing>()
  for (let key = 0; key < 200; key++) table.add(key, thing(key))
  const all = table.values()
  for (const { name } of all) table.delete(Number(name))
  expect(all.length).toBe(200)
  expect([table.size, table.oldest(), table.values()]).toEqual([0, undefined, []])
  table.add(7, thing(7))
  table.clear()
  expect([table.size, table.has(7)]).toEqual([0, false])
  table.add(7, thing(8))
  expect(table.get(7)).toEqual({ name: '8' })
})

test('a copy goes its own way', () => {
  const table = new OrderedTable<Thing>()
  for (let key = 0; key < 100; key++) table.add(key, thing(key))
  const copy = copyGraph(table)
  table.delete(3)
  copy.add(100, thing(100))
  expect([table.has(3), copy.has(3), table.has(100), copy.has(100)]).toEqual([false, true, false, true])
  expect(copy.get(5)).toEqual({ name: '5' })
  expect(copy.get(5)).not.toBe(table.get(5))
})
