import { expect, test } from 'vitest'
import { MaxPyramid } from './max_pyramid.ts'

const SEED = 20_251

/** Numbers from a seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

test.each([1, 2, 3, 7, 64, 100, 1000])(`of %d rows each stretch tells its greatest (seed ${SEED})`, (rows) => {
  const draw = numbers(SEED + rows)
  const pyramid = new MaxPyramid(3, rows)
  const plain = [0, 1, 2].map(() => new Array<number>(rows).fill(0))
  for (let i = 0; i < 400; i++) {
    const column = draw(3)
    const row = draw(rows)
    const value = draw(11)
    pyramid.set(column, row, value)
    plain[column][row] = value
    const level = draw(pyramid.levels.length)
    const index = draw(Math.ceil(rows / 2 ** level))
    const stretch = plain[column].slice(index * 2 ** level, (index + 1) * 2 ** level)
    const greatest = Math.max(...stretch)
    expect(pyramid.at(level, column, index)).toBe(greatest)
    expect(pyramid.whereAt(level, column, index)).toBe(index * 2 ** level + stretch.indexOf(greatest))
  }
})

test('above the top there is the top, behind the end nothing', () => {
  const pyramid = new MaxPyramid(1, 5)
  pyramid.set(0, 4, 9)
  expect(pyramid.at(20, 0, 0)).toBe(9)
  expect(pyramid.at(0, 0, 5)).toBe(0)
  expect(pyramid.at(2, 0, 1)).toBe(9)
  expect(pyramid.whereAt(20, 0, 0)).toBe(4)
})
