import { expect, test } from 'vitest'
import { readOrder } from './embed_orders.ts'

test.each([
  [
    { blockscope: 1, type: 'play' },
    { id: undefined, order: { type: 'play' } },
  ],
  [
    { blockscope: 1, id: 7, type: 'run', line: 'power cut' },
    { id: 7, order: { type: 'run', line: 'power cut' } },
  ],
  [
    { blockscope: 1, id: 'x', type: 'step' },
    { id: 'x', order: { type: 'step', count: 1 } },
  ],
  [
    { blockscope: 1, type: 'step', count: -3 },
    { id: undefined, order: { type: 'step', count: -3 } },
  ],
  [
    { blockscope: 1, type: 'seek', step: 0, more: 'is left out' },
    { id: undefined, order: { type: 'seek', step: 0 } },
  ],
  [
    { blockscope: 1, type: 'speed', speed: 'max' },
    { id: undefined, order: { type: 'speed', speed: Infinity } },
  ],
  [
    { blockscope: 1, type: 'open', moment: 'm1.x' },
    { id: undefined, order: { type: 'open', moment: 'm1.x' } },
  ],
  [
    { blockscope: 1, type: 'begin', seed: 3 },
    { id: undefined, order: { type: 'begin', seed: 3 } },
  ],
])('%j is an order', (data, order) => {
  expect(readOrder(data)).toEqual(order)
})

test.each([
  [{ blockscope: 2, type: 'play', id: 1 }, 1, /version/],
  [{ blockscope: 1, type: 'eval', id: 1 }, 1, /known/],
  [{ blockscope: 1, type: 'toString', id: 1 }, 1, /known/],
  [{ blockscope: 1, id: 1 }, 1, /known/],
  [{ blockscope: 1, type: 'run', id: 1 }, 1, /line/],
  [{ blockscope: 1, type: 'run', line: ' ' }, undefined, /line/],
  [{ blockscope: 1, type: 'run', line: 'x'.repeat(65_537) }, undefined, /at most/],
  [{ blockscope: 1, type: 'run', line: ['ls'] }, undefined, /line/],
  [{ blockscope: 1, type: 'step', count: 0 }, undefined, /not 0/],
  [{ blockscope: 1, type: 'step', count: 1.5 }, undefined, /whole/],
  [{ blockscope: 1, type: 'seek', step: -1 }, undefined, /whole/],
  [{ blockscope: 1, type: 'seek', step: '1' }, undefined, /whole/],
  [{ blockscope: 1, type: 'speed', speed: NaN }, undefined, /number/],
  [{ blockscope: 1, type: 'speed', speed: 1e9 }, undefined, /number/],
  [{ blockscope: 1, type: 'open' }, undefined, /text/],
  [{ blockscope: 1, type: 'begin', seed: -1 }, undefined, /seed/],
  [{ blockscope: 1, type: 'play', id: {} }, undefined, /id/],
  [{ blockscope: 1, type: 'play', id: 'x'.repeat(65) }, undefined, /id/],
])('%j is refused', (data, id, why) => {
  expect(readOrder(data)).toEqual({ id, trouble: expect.stringMatching(why) as unknown })
})

test.each([[null], ['blockscope'], [1], [[]], [{}], [{ type: 'play' }], [Object.create({ blockscope: 1 })]])(
  '%j is meant for somebody else',
  (data) => {
    expect(readOrder(data)).toBeNull()
  },
)
