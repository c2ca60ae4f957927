import { expect, test } from 'vitest'
import { parseOptions } from './conformance.ts'

test('the words of the command line', () => {
  const suite = (...words: string[]): unknown => {
    const request = parseOptions(words, 'key')
    expect(request.kind).toBe('suite')
    return request.options
  }
  expect(suite()).toEqual({ only: /./, all: false, record: false, recut: false, sampleKey: 'key' })
  expect(suite('--all', '--only', '^raid5')).toMatchObject({ only: /^raid5/, all: true, record: false })
  expect(suite('--record')).toMatchObject({ record: true, recut: false })
  expect(suite('--recut')).toMatchObject({ record: true, recut: true })
  expect(() => parseOptions(['--alll'], 'key')).toThrow('"--alll" is unknown')
  expect(() => parseOptions(['--only'], 'key')).toThrow('"--only" is unknown')
})
