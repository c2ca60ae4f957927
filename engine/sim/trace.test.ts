import { expect, test } from 'vitest'
import { copyGraph } from '../base/copy.ts'
import { Chance } from './chance.ts'
import { Trace, TRACE_COLUMNS, TRACE_ROWS } from './trace.ts'

function write(trace: Trace, rows: number): void {
  for (let i = 0; i < rows; i++) trace.emit(trace.written, 1, trace.written * 2, 3, 4, 5, 6, 7)
}

test('rows come back in their order, as many as the ring holds', () => {
  const trace = new Trace()
  write(trace, 100)
  expect(trace.since(98)).toEqual({
    first: 98,
    rows: new Float64Array([98, 1, 196, 3, 4, 5, 6, 7, 99, 1, 198, 3, 4, 5, 6, 7]),
  })
  expect(trace.since(100)).toEqual({ first: 100, rows: new Float64Array(0) })
  write(trace, TRACE_ROWS)
  const { first, rows } = trace.since(0)
  expect([first, rows.length]).toEqual([100, TRACE_ROWS * TRACE_COLUMNS])
  expect(rows.filter((_, i) => i % TRACE_COLUMNS === 0)).toEqual(
    Float64Array.from({ length: TRACE_ROWS }, (_, i) => 100 + i),
  )
})

test('copies have all rows of their instant, whatever is written to the others', () => {
  const chance = new Chance(9, 'trace')
  const all = [new Trace()]
  const kept: { trace: Trace; ring: Float64Array; written: number }[] = []
  for (let i = 0; i < 60; i++) {
    const trace = all[chance.below(all.length)]
    write(trace, chance.below(chance.below(4) === 0 ? 20_000 : 700))
    const copy = copyGraph(trace)
    const ring = trace.ring.slice()
    kept.push({ trace: copy, ring, written: trace.written })
    if (chance.below(2) === 0) all.push(copyGraph(copy))
  }
  for (const { trace, ring, written } of kept) {
    expect(trace.written).toBe(written)
    expect(trace.ring.every((value, i) => value === ring[i])).toBe(true)
  }
})

test('what two copies have in common is there once', () => {
  const trace = new Trace()
  write(trace, 3000)
  const first = copyGraph(trace)
  write(trace, 100)
  const second = copyGraph(trace)
  expect(first.bytesBeside(null)).toBe(12 * 256 * TRACE_COLUMNS * 8)
  expect(second.bytesBeside(first)).toBe(2 * 256 * TRACE_COLUMNS * 8)
  expect(copyGraph(second).bytesBeside(second)).toBe(0)
})
