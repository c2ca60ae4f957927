import { expect, test } from 'vitest'
import { parseOptions } from './conformance.ts'

test('the words of the command line', () => {
  expect(parseOptions([], 'key')).toEqual({
    kind: 'suite',
    options: { only: /./, all: false, record: false, recut: false, sampleKey: 'key' },
  })
  const some = parseOptions(['--all', '--only', '^raid5'], 'key').options
  expect(some).toMatchObject({ only: /^raid5/, all: true, record: false })
  expect(parseOptions(['--record'], 'key').options).toMatchObject({ record: true, recut: false })
  expect(parseOptions(['--recut'], 'key').options).toMatchObject({ record: true, recut: true })
  expect(() => parseOptions(['--alll'], 'key')).toThrow('"--alll" is unknown')
  expect(() => parseOptions(['--only'], 'key')).toThrow('"--only" wants a pattern')
})

test('random scripts: how many, and whose', () => {
  expect(parseOptions(['--fuzz', '500', '--seed', '42'], 'key')).toEqual({
    kind: 'fuzz',
    options: { cases: 500, seed: 42, only: /./ },
  })
  expect(parseOptions(['--fuzz', '9', '--seed', '0', '--only', '_3$'], 'key').options).toMatchObject({ only: /_3$/ })
  // Without a seed each commit has its own, and the same one always the same.
  const seeds = ['one', 'two', 'one'].map((key) => parseOptions(['--fuzz', '9'], key).options as { seed: number })
  expect(seeds[0]).toEqual(seeds[2])
  expect(seeds[0]).not.toEqual(seeds[1])
  for (const words of [['--fuzz'], ['--fuzz', 'x'], ['--fuzz', '0'], ['--fuzz', '-3'], ['--fuzz', '--seed']]) {
    expect(() => parseOptions(words, 'key'), words.join(' ')).toThrow('"--fuzz" wants a number of cases')
  }
  expect(() => parseOptions(['--fuzz', '3', '--seed', 'x'], 'key')).toThrow('"--seed" wants a number')
  expect(() => parseOptions(['--seed', '3'], 'key')).toThrow('goes with "--fuzz"')
  expect(() => parseOptions(['--fuzz', '3', '--record'], 'key')).toThrow('alone')
})
