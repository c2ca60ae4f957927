import { expect, test } from 'vitest'
import { chunkMapOf } from '../../engine/api/array_map.ts'
import {
  BEING_READ,
  BEING_WRITTEN,
  ChunkField,
  LOST,
  NEW,
  OLD,
  RANK_LOST,
  RANK_NEW,
  RANK_READ,
  RANK_STALE,
  RANK_UNKNOWN,
  RANK_WRITE,
  STALE,
  UNKNOWN,
} from './chunk_field.ts'

const CHUNK = 128
const field = (rows = 100): ChunkField =>
  new ChunkField(
    chunkMapOf({ level: 5, layout: 2, chunkSectors: CHUNK, slotSectors: Array<number>(4).fill(rows * CHUNK) })!,
  )

test('a stretch has the rank of the worst of its chunks, and loses it again', () => {
  const own = field()
  own.begin()
  own.addFlight(1, 9 * CHUNK, 8, BEING_READ, 0)
  own.end(0)
  expect(own.ranks.at(0, 1, 9)).toBe(RANK_READ)
  expect(own.ranks.at(3, 1, 1)).toBe(RANK_READ)
  expect(own.ranks.at(3, 1, 0)).toBe(0)
  own.begin()
  own.addFlight(1, 10 * CHUNK, 8, BEING_WRITTEN, 0)
  own.addVolatilePage(1, 11 * CHUNK)
  own.end(0)
  expect(own.ranks.at(0, 1, 9)).toBe(0)
  expect(own.ranks.at(0, 1, 10)).toBe(RANK_WRITE)
  expect(own.ranks.at(3, 1, 1)).toBe(RANK_NEW)
  expect(own.ranks.whereAt(3, 1, 1)).toBe(11)
  expect(own.volatileTotal).toBe(1)
  own.begin()
  own.worsen(10, 1, STALE)
  own.end(0)
  expect(own.ranks.at(7, 1, 0)).toBe(RANK_STALE)
  own.begin()
  own.end(0)
  expect(own.ranks.at(7, 1, 0)).toBe(0)
  expect(own.state.every((state) => state === OLD)).toBe(true)
})

test('an I/O cools down by the machine’s clock, though nothing else happens', () => {
  const own = field()
  own.begin()
  own.addIo(2, 50 * CHUNK, 8, 1000, 7)
  own.end(1000)
  expect(own.ranks.at(0, 2, 50)).toBe(4)
  own.begin()
  own.end(1000 + 300_000)
  expect(own.ranks.at(0, 2, 50)).toBe(3)
  own.begin()
  own.end(1e9)
  expect(own.ranks.at(7, 2, 0)).toBe(0)
})

test('doubts and absence last until they are lifted', () => {
  const own = field()
  own.begin()
  own.setDoubt(3, true)
  own.setAbsent(1, 40, UNKNOWN)
  own.end(0)
  // Left-symmetric: the parity of stripe 3 is on the first of four.
  expect([0, 1, 2, 3].map((slot) => own.state[3 * 4 + slot])).toEqual([UNKNOWN, OLD, OLD, OLD])
  expect(own.ranks.at(0, 0, 3)).toBe(RANK_UNKNOWN)
  expect(own.state[39 * 4 + 1]).toBe(OLD)
  expect(own.state[40 * 4 + 1]).toBe(UNKNOWN)
  own.begin()
  own.addVolatilePage(1, 60 * CHUNK)
  own.setAbsent(1, 50, UNKNOWN)
  own.end(0)
  expect(own.state[45 * 4 + 1]).toBe(OLD)
  expect(own.state[99 * 4 + 1]).toBe(UNKNOWN)
  own.begin()
  own.setAbsent(1, 0, LOST)
  own.end(0)
  expect(own.ranks.at(0, 1, 0)).toBe(RANK_LOST)
  expect(own.state[60 * 4 + 1]).toBe(LOST)
  own.begin()
  own.addVolatilePage(1, 0)
  own.setAbsent(1, 100, OLD)
  own.setDoubt(3, false)
  own.end(0)
  expect(own.state[1]).toBe(NEW)
  expect(own.state.reduce((sum, state) => sum + state, 0)).toBe(NEW)
  expect(own.ranks.at(0, 1, 99)).toBe(0)
})
