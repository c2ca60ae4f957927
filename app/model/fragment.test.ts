import { expect, test } from 'vitest'
import { readFragment, writeFragment } from './fragment.ts'

test.each([
  ['#m1.abc-_9~Na_me-1', { moment: 'm1.abc-_9', recording: 'Na_me-1' }],
  ['#m1.abc', { moment: 'm1.abc', recording: undefined }],
  ['#~name', { moment: undefined, recording: 'name' }],
])('%s is read, and written again', (hash, fragment) => {
  expect(readFragment(hash)).toEqual(fragment)
  expect(writeFragment(fragment.moment, fragment.recording)).toBe(hash)
})

test.each([
  ['', undefined],
  ['#', undefined],
  ['#m1.abc%7Ename', { moment: 'm1.abc', recording: 'name' }],
  ['#m1.abc~', { moment: 'm1.abc~', recording: undefined }],
  ['#m1.abc~no name', { moment: 'm1.abc~no name', recording: undefined }],
  ['#%', { moment: '%', recording: undefined }],
  ['#nonsense', { moment: 'nonsense', recording: undefined }],
])('of %j is made what can be', (hash, fragment) => {
  expect(readFragment(hash)).toEqual(fragment)
})

test('nothing at all is no fragment', () => {
  expect(writeFragment(null, null)).toBe('')
})
