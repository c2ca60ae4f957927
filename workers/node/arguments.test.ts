import { expect, test } from 'vitest'
import { parseArguments } from './arguments.ts'

test('everything that can be asked for', () => {
  const argv = 'run --disks images x.lab --seed 7 --json --keep-going --trace=out.jsonl'.split(' ')
  expect(parseArguments(argv)).toEqual({
    file: 'x.lab',
    disks: 'images',
    seed: 7,
    json: true,
    keepGoing: true,
    trace: 'out.jsonl',
  })
  expect(parseArguments(['run', '-'])).toEqual({
    file: '-',
    disks: null,
    seed: null,
    json: false,
    keepGoing: false,
    trace: null,
  })
})

test.each([
  [[], 'run'],
  [['walk', 'x'], 'run'],
  [['run'], 'FILE'],
  [['run', 'a', 'b'], 'one FILE'],
  [['run', 'a', '--seed'], '--seed'],
  [['run', 'a', '--seed', 'x'], 'whole number'],
  [['run', 'a', '--seed', '4294967296'], 'below 2^32'],
  [['run', 'a', '--json=1'], 'no value'],
  [['run', 'a', '--fast'], '--fast'],
  [['run', 'a', '-j'], '-j'],
  [['run', 'a', '--json', '--json'], 'twice'],
  [['run', 'a', '--disks', ''], 'wants a value'],
])('%j is refused, with %s in the sentence', (argv, words) => {
  const refused = parseArguments(argv)
  expect(refused).toBeTypeOf('string')
  expect(refused).toContain(words)
})
