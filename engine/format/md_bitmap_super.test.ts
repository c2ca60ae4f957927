import { describe, expect, test } from 'vitest'
import golden from './md_bitmap_super.golden.json' with { type: 'json' }
import {
  bitByte,
  bitMask,
  bitmapBytes,
  bitmapChunks,
  bitmapPageCollides,
  bitmapPages,
  bitmapPageWriteBytes,
  bitPage,
  encodeBitmapSuper,
  loadBitmapSuper,
  readBitmapSuper,
} from './md_bitmap_super.ts'

const BASE = new Uint8Array(Buffer.from(golden.base, 'base64'))
const UUID = new Uint8Array(Buffer.from(golden.uuid.replaceAll(':', ''), 'hex'))
const ARRAY = { uuid: UUID, events: golden.superblockEvents }

describe('a header that Linux wrote', () => {
  test('says what it covers', () => {
    expect(readBitmapSuper(BASE)).toMatchObject({
      ok: true,
      value: {
        version: 4,
        events: golden.superblockEvents,
        sync_size: 16384,
        chunksize: 65536,
        daemon_sleep: 5,
        state: 0,
      },
    })
  })

  test('comes back as it was', () => {
    const read = readBitmapSuper(BASE)
    if (!read.ok) throw new Error(read.message)
    expect(encodeBitmapSuper(read.value)).toEqual(BASE.subarray(0, 256))
  })

  test('is none where the magic is missing', () => {
    expect(readBitmapSuper(new Uint8Array(512)).ok).toBe(false)
  })
})

/** What starting an array with the header would come to, in the golden's words. */
function outcome(page: Uint8Array): string {
  const loaded = loadBitmapSuper(page, ARRAY)
  if (loaded.ok) return loaded.value.stale ? 'stale' : 'accepted'
  return { EINVAL: 'Invalid argument', EIO: 'Input/output error' }[loaded.errno as string] ?? loaded.errno
}

describe('Linux and we agree on a header with', () => {
  test.each(golden.changed)('$name', (one) => {
    const page = BASE.slice()
    const [at, bits, value] = one.change as [number?, number?, string?]
    const number = BigInt(value ?? 0)
    for (let i = 0; i < (bits ?? 0) / 8; i++) page[(at ?? 0) + i] = Number((number >> BigInt(8 * i)) & 0xffn)
    expect(outcome(page)).toBe(one.outcome)
  })

  test('nothing to compare it with', () => {
    const page = BASE.slice()
    page[8] = 0x99
    expect(loadBitmapSuper(page, undefined)).toMatchObject({ ok: true, value: { stale: false } })
  })
})

describe('bits and pages', () => {
  test('one bit a chunk, the last one short', () => {
    expect(bitmapChunks(16384, 65536)).toBe(128)
    expect(bitmapChunks(16385, 65536)).toBe(129)
    expect(bitmapBytes(128)).toBe(272)
  })

  test('bits follow the header, and the pages each other', () => {
    expect([bitByte(0), bitMask(0), bitByte(9), bitMask(9)]).toEqual([256, 1, 257, 2])
    expect([30719, 30720, 63487, 63488].map(bitPage)).toEqual([0, 1, 1, 2])
    expect([30719, 30720].map(bitByte)).toEqual([4095, 4096])
    expect([1, 30720, 30721].map(bitmapPages)).toEqual([1, 1, 2])
  })

  test('the last page is written only as far as it is used', () => {
    expect(bitmapPageWriteBytes(0, 128)).toBe(512)
    expect(bitmapPageWriteBytes(0, 2048)).toBe(512)
    expect(bitmapPageWriteBytes(0, 2049)).toBe(1024)
    expect(bitmapPageWriteBytes(0, 30720)).toBe(4096)
    expect(bitmapPageWriteBytes(0, 30721)).toBe(4096)
    expect(bitmapPageWriteBytes(1, 30721)).toBe(512)
    expect(bitmapPageWriteBytes(0, 128, 4096)).toBe(4096)
  })

  test('a page must not run into the data, the superblock or out of its place', () => {
    const behind = { superSector: 8, bitmapOffset: 8, dataOffset: 24, dataSectors: 100 }
    expect(bitmapPageCollides(0, 4096, behind)).toBe(false)
    expect(bitmapPageCollides(1, 512, behind)).toBe(true)
    const before = { superSector: 1000, bitmapOffset: -8, dataOffset: 0, dataSectors: 992 }
    expect(bitmapPageCollides(0, 4096, before)).toBe(false)
    expect(bitmapPageCollides(1, 512, before)).toBe(true)
    expect(bitmapPageCollides(0, 512, { ...before, dataSectors: 993 })).toBe(true)
    expect(bitmapPageCollides(5, 4096, { ...before, bitmapOffset: 8 })).toBe(false)
  })
})
