import { expect, test } from 'vitest'
import type { ChunkMark } from '../model/scene.ts'
import { chunkAccount, chunkWords } from './chunk_words.ts'

const quiet: ChunkMark = {
  kind: 'data',
  label: 'D22',
  state: 'old',
  isBlank: false,
  activity: 'none',
  why: '',
  volatilePages: 0,
  volatileMask: 0,
  heat: 0,
  age: '',
}

test.each([
  [quiet, ''],
  [{ ...quiet, age: '12 ms ago' }, '12 ms ago'],
  [{ ...quiet, activity: 'read', why: 'rcw', age: '1 ms ago' }, 'read for rcw'],
  [{ ...quiet, activity: 'write', state: 'new' }, 'write'],
  [{ ...quiet, state: 'new', volatilePages: 1 }, 'N only in cache'],
  [{ ...quiet, state: 'stale', activity: 'write', volatilePages: 2 }, 'S stale'],
  [{ ...quiet, state: 'unknown' }, '? unsynced'],
  [{ ...quiet, state: 'lost' }, '× missing'],
] as const)('with room for it, %j says %s', (mark, words) => {
  expect(chunkWords(mark, 400)).toBe(words)
})

test('with less room, less is said, down to the letter', () => {
  const mark: ChunkMark = { ...quiet, state: 'new', volatilePages: 1 }
  expect(chunkWords(mark, 90)).toBe('N in cache')
  expect(chunkWords(mark, 20)).toBe('N')
  expect(chunkWords(mark, 2)).toBe('')
  expect(chunkWords({ ...quiet, age: '12 ms ago' }, 50)).toBe('12 ms')
})

test('the account for the ear leaves nothing out', () => {
  expect(chunkAccount({ ...quiet, state: 'new', volatilePages: 1, activity: 'read', why: 'rcw' }, 7, 'sdc', 'N')).toBe(
    'D22 N of stripe 7 on sdc, new, only in the disk’s cache, being read, for rcw',
  )
  expect(chunkAccount({ ...quiet, kind: 'parity', label: 'P', state: 'lost' }, 7, '-', '')).toBe(
    'P, parity of stripe 7 on no disk, its member is missing',
  )
})
