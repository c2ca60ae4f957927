import { describe, expect, test } from 'vitest'
import { copyGraph, SHARED } from '../base/copy.ts'
import { Chance } from '../sim/chance.ts'
import type { Backing } from './backing.ts'
import { Media, MEDIA_PAGE_BYTES } from './media.ts'

const SIZE = 300 * MEDIA_PAGE_BYTES - 512

class Outside implements Backing {
  readonly [SHARED] = true
  readonly sizeBytes: number
  readonly bytes: Uint8Array
  writes = 0

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes
    this.bytes = new Uint8Array(sizeBytes)
  }

  read(at: number, into: Uint8Array): void {
    into.set(this.bytes.subarray(at, at + into.length))
  }

  write(at: number, from: Uint8Array): void {
    this.writes++
    this.bytes.set(from, at)
  }

  flush(): void {
    return
  }
}

function bytesOf(media: Media): Uint8Array {
  const bytes = new Uint8Array(media.sizeBytes + 3)
  media.read(0, bytes, 3, media.sizeBytes)
  return bytes.subarray(3)
}

/** Writes at random, to a medium and to what it should then hold. */
function scribble(chance: Chance, media: Media, shadow: Uint8Array): void {
  const length = 512 * (1 + chance.below(chance.below(3) === 0 ? 200 : 10))
  const at = 512 * chance.below((SIZE - length) / 512)
  const from = new Uint8Array(length + 7)
  chance.fill(from)
  media.write(at, from, 7, length)
  shadow.set(from.subarray(7), at)
}

describe.each([
  ['in memory', () => new Media(SIZE)],
  ['on a backing', () => new Media(SIZE, new Outside(SIZE))],
])('%s', (_name, make) => {
  test('a medium, its copies and their copies each hold their own bytes, whoever writes, is released or restored', () => {
    const chance = new Chance(12, 'media')
    const original = { media: make(), shadow: new Uint8Array(SIZE) }
    let all = [original]
    for (let i = 0; i < 300; i++) {
      const chosen = all[chance.below(all.length)]
      switch (chance.below(6)) {
        case 0:
          all.push({ media: copyGraph(chosen.media), shadow: chosen.shadow.slice() })
          break
        case 1:
          if (chosen === original || all.length < 12) break
          chosen.media.release()
          all = all.filter((each) => each !== chosen)
          break
        case 2:
          expect(original.media.restore(chosen.media)).toBeLessThanOrEqual(SIZE)
          original.shadow.set(chosen.shadow)
          break
        default:
          scribble(chance, chosen.media, chosen.shadow)
      }
    }
    expect(all.length).toBeGreaterThan(9)
    for (const { media, shadow } of all) expect(Buffer.compare(bytesOf(media), shadow)).toBe(0)
  })
})

test('restoring a copy looks only at what changed, and writes only what differs, neighbours in one go', () => {
  const backing = new Outside(SIZE)
  const media = new Media(SIZE, backing)
  const chance = new Chance(5, 'restore')
  const first = new Uint8Array(64 * MEDIA_PAGE_BYTES)
  chance.fill(first)
  media.write(0, first, 0, first.length)
  const copy = media.snapshot()
  media.write(8 * MEDIA_PAGE_BYTES, new Uint8Array(16 * MEDIA_PAGE_BYTES), 0, 16 * MEDIA_PAGE_BYTES)
  // Overwritten with the same: it is kept, but need not be written back.
  media.write(40 * MEDIA_PAGE_BYTES, first, 40 * MEDIA_PAGE_BYTES, MEDIA_PAGE_BYTES)
  backing.writes = 0
  expect(media.restore(copy)).toBe(16 * MEDIA_PAGE_BYTES)
  expect(backing.writes).toBe(1)
  expect(media.restore(copy)).toBe(0)
  expect(Buffer.compare(backing.bytes.subarray(0, first.length), first)).toBe(0)
  const stranger = new Media(SIZE, new Outside(SIZE))
  expect(stranger.restore(copy)).toBe(64 * MEDIA_PAGE_BYTES)
})

test('copies cost what differs between them', () => {
  const media = new Media(SIZE)
  const page = new Uint8Array(MEDIA_PAGE_BYTES).fill(1)
  for (let i = 0; i < 20; i++) media.write(i * MEDIA_PAGE_BYTES, page, 0, page.length)
  const first = media.snapshot()
  expect(media.snapshot().bytesBeside(first)).toBe(0)
  media.write(5 * MEDIA_PAGE_BYTES, page, 0, 512)
  media.write(299 * MEDIA_PAGE_BYTES, page, 0, 512)
  const cost = media.snapshot().bytesBeside(first)
  expect(cost).toBeGreaterThanOrEqual(2 * MEDIA_PAGE_BYTES)
  expect(cost).toBeLessThan(4 * MEDIA_PAGE_BYTES)
})
