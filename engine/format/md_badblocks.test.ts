import { expect, test } from 'vitest'
import { decodeBadBlocks, encodeBadBlocks } from './md_badblocks.ts'

test('an empty log is all ones, and one of all zeros is empty too', () => {
  const log = encodeBadBlocks([], 8, 0)
  expect(log).toEqual(new Uint8Array(4096).fill(0xff))
  expect(decodeBadBlocks(log, 0)).toEqual([])
  expect(decodeBadBlocks(new Uint8Array(4096), 0)).toEqual([])
})

test('stretches come back as they were written', () => {
  const list = [
    { sector: 2048, count: 8 },
    { sector: 2 ** 40, count: 512 },
  ]
  expect(decodeBadBlocks(encodeBadBlocks(list, 8, 0), 0)).toEqual(list)
  expect(decodeBadBlocks(encodeBadBlocks(list, 8, 3), 3)).toEqual(list)
})

test('sector and count share eight bytes', () => {
  expect([...encodeBadBlocks([{ sector: 3, count: 5 }], 1, 0).subarray(0, 9)]).toEqual([5, 12, 0, 0, 0, 0, 0, 0, 0xff])
})

test('what a log cannot hold is a mistake of the writer', () => {
  const many = Array.from({ length: 65 }, (_, i) => ({ sector: i * 10, count: 1 }))
  expect(() => encodeBadBlocks(many, 1, 0)).toThrow('65 bad stretches')
  expect(() => encodeBadBlocks([{ sector: 0, count: 513 }], 1, 0)).toThrow('513')
  expect(() => encodeBadBlocks([{ sector: 1, count: 8 }], 1, 3)).toThrow('units of 8')
})
