import { expect, test } from 'vitest'
import { TRACE } from '../../engine/api/vocabulary.ts'
import { BioBook } from './bio_book.ts'

const rows = (...lines: number[][]): Float64Array =>
  new Float64Array(lines.flatMap((line) => [...line, 0, 0, 0, 0, 0, 0, 0, 0].slice(0, 8)))

test('a disk I/O leads to the bio it was made for', () => {
  const book = new BioBook()
  book.read(
    rows(
      [100, TRACE.bio_submit, 7, 0, 9 * 1048576, 1, 2744, 8],
      [110, TRACE.bio_submit, 8, 7, 8 * 1048576, 0, 3000, 8],
      [150, TRACE.bio_end, 8, 0, 0],
    ),
  )
  const chain = book.chain(8)
  expect(chain.map(({ id }) => id)).toEqual([7, 8])
  expect(chain[1]).toMatchObject({ parent: 7, submittedAt: 110, endedAt: 150, sectors: 8 })
  expect(chain[0].endedAt).toBe(-1)
})

test('a bio that ended long ago still tells what it was made for', () => {
  const book = new BioBook()
  const write = 1 + 32
  book.read(rows([100, TRACE.bio_submit, 7, 0, 9 * 1048576, write + 41 * 256, 2744, 8], [150, TRACE.bio_end, 7, 0, 0]))
  expect([book.causeOf(7), book.find(7)?.opFlags, book.causeOf(8)]).toEqual([41, write, 0])
})

test('what the ring has lost is not made up', () => {
  const book = new BioBook()
  book.read(rows([1, TRACE.bio_submit, 5, 0, 0, 0, 0, 8]))
  book.read(rows([2, TRACE.bio_submit, 5 + (1 << 14), 5, 0, 0, 0, 8]))
  expect(book.find(5)).toBeUndefined()
  expect(book.chain(5 + (1 << 14)).length).toBe(1)
  expect(book.chain(99)).toEqual([])
  expect(book.find(0)).toBeUndefined()
})
