import { expect, test } from 'vitest'
import type { CacheLook, LookedBuffer } from '../../engine/api/cache_look.ts'
import { ageShade, bufferWords, cacheFacts, lossWords, stateLetters } from './buffer_words.ts'

const BUFFER: LookedBuffer = {
  block: 7,
  sector: 56,
  holders: 0,
  isReading: false,
  isWriting: false,
  isDirty: false,
  dirtyFrom: 0,
  dirtyTo: 0,
  age: 3.2e9,
  fate: 'safe',
}

const LIST = { count: 0, buffers: [] }

const CACHE: CacheLook = {
  name: 't',
  device: 'sda',
  blockBytes: 4096,
  clean: LIST,
  dirty: LIST,
  waiting: 0,
  error: '',
  lostBytes: 0,
  volatileBytes: 0,
  allocatedBytes: 8192,
  limitBytes: 10_092_544,
  maxAgeSeconds: 300,
  promise: '',
  costs: '',
}

test('a buffer in words', () => {
  expect(bufferWords(BUFFER, CACHE)).toBe('block 7, sectors 56 to 63 of sda, held by nobody, last used 3 s ago')
  const dirty: LookedBuffer = { ...BUFFER, holders: 2, isDirty: true, dirtyFrom: 512, dirtyTo: 1024, fate: 'lost' }
  expect(bufferWords(dirty, CACHE)).toMatch(/held by 2, dirty from byte 512 to 1024, .* loses what was changed$/)
  expect(stateLetters({ ...dirty, isWriting: true })).toBe('wd')
})

test('what a cut would lose', () => {
  expect(lossWords(CACHE)).toBe('A power cut now loses nothing of it.')
  expect(lossWords({ ...CACHE, lostBytes: 4096 })).toBe(
    'A power cut now loses 4 KiB that were changed and not written.',
  )
  expect(lossWords({ ...CACHE, volatileBytes: 8192 })).toBe(
    'A power cut now may lose 8 KiB that sda has not made durable.',
  )
  expect(lossWords({ ...CACHE, lostBytes: 4096, volatileBytes: 8192 })).toMatch(/loses 4 KiB .*, and may lose 8 KiB/)
})

test('what is known of the cache', () => {
  expect(cacheFacts(CACHE)).toBe('blocks of 4 KiB · all caches together 8 KiB of 9.6 MiB')
  expect(cacheFacts({ ...CACHE, limitBytes: 1, waiting: 2, error: 'EIO' })).toMatch(/reserved .*2 requests.*EIO/)
})

test('age is a shade, and each step is a tenfold', () => {
  expect([ageShade(0), ageShade(1e4), ageShade(300e9), ageShade(1e15)]).toEqual([0, 0, 1, 1])
  expect(ageShade(1e8) - ageShade(1e7)).toBeCloseTo(ageShade(1e7) - ageShade(1e6))
})
