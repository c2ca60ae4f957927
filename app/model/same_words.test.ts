import { expect, test } from 'vitest'
import { sameWords } from './same_words.ts'

const SAME = {
  array: 'md0',
  sectors: [12288, 12288],
  looked: 12288,
  common: 12288,
  differing: 0,
  first: -1,
  unread: 0,
} as const

test('the same, so far or altogether; or what differs, and where', () => {
  expect(sameWords(SAME)).toEqual({ array: 'md0', isSame: true, text: 'the same, all 6 MiB' })
  expect(sameWords({ ...SAME, looked: 6144 }).text).toBe('the same so far, 50.0% looked at')
  expect(sameWords({ ...SAME, differing: 3, first: 77 })).toMatchObject({
    isSame: false,
    text: '3 sectors differ, the first is 77',
  })
  expect(sameWords({ ...SAME, differing: 1, first: 5, unread: 8 }).text).toBe(
    '1 sector differs, the first is 5; 4 KiB cannot be read',
  )
  expect(sameWords({ ...SAME, sectors: [12288, 8192], common: 8192, looked: 8192 }).text).toBe(
    'the same, all 4 MiB; 6 MiB and 4 MiB',
  )
  expect(sameWords({ ...SAME, sectors: [12288, -1], common: 0, looked: 0 }).text).toBe('only on the left')
})
