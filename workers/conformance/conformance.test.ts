import { expect, test } from 'vitest'
import { parseOptions } from './conformance.ts'

test('the words of the command line', () => {
  expect(parseOptions([], 'key')).toEqual({ only: /./, all: false, record: false, recut: false, sampleKey: 'key' })
  expect(parseOptions(['--all', '--only', '^raid5'], 'key')).toMatchObject({ only: /^raid5/, all: true, record: false })
  expect(parseOptions(['--record'], 'key')).toMatchObject({ record: true, recut: false })
  expect(parseOptions(['--recut'], 'key')).toMatchObject({ record: true, recut: true })
  expect(() => parseOptions(['--alll'], 'key')).toThrow('"--alll" is unknown')
  expect(() => parseOptions(['--only'], 'key')).toThrow('"--only" is unknown')
})
