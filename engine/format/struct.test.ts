import { describe, expect, expectTypeOf, test } from 'vitest'
import {
  big64,
  bytes,
  i32,
  MAX_SECTOR,
  pad,
  struct,
  text,
  u16,
  u16Array,
  u32,
  u64,
  u8,
  type RecordOf,
} from './struct.ts'

const EVERY_KIND = struct('every_kind', 64, {
  one: u8(0, 'a byte'),
  gap: pad(1, 1),
  two: u16(2, 'two bytes'),
  four: u32(4, 'four bytes'),
  signed: i32(8, 'four signed bytes'),
  raw: bytes(12, 4, 'raw bytes'),
  eight: u64(16, 'a checked number'),
  wide: big64(24, 'all 64 bits'),
  name: text(32, 16, 'a name'),
  roles: u16Array(48, 8, 'eight small numbers'),
})

const RECORD: RecordOf<typeof EVERY_KIND> = {
  one: 0xab,
  two: 0x1234,
  four: 0xdead_beef,
  signed: -2,
  raw: Uint8Array.of(1, 2, 3, 4),
  eight: 2 ** 52 + 1,
  wide: 0xffff_ffff_ffff_fffen,
  name: 'host:0',
  roles: [0, 1, 2, 0xffff, 0xfffe, 5, 6, 7],
}

describe('a record', () => {
  test('has a typed value for each field and none for a pad', () => {
    expectTypeOf(RECORD).toEqualTypeOf<{
      one: number
      two: number
      four: number
      signed: number
      raw: Uint8Array
      eight: number
      wide: bigint
      name: string
      roles: number[]
    }>()
    expectTypeOf(EVERY_KIND.offsets.gap).toEqualTypeOf<number>()
  })

  test('comes back as it was written, at any offset', () => {
    const block = new Uint8Array(80).fill(0x55)
    EVERY_KIND.write(block, 16, RECORD)
    expect(EVERY_KIND.read(block, 16)).toEqual(RECORD)
    expect([...block.subarray(0, 16)]).toEqual(new Array(16).fill(0x55))
    expect(block[17]).toBe(0)
  })

  test('is little-endian unless said otherwise', () => {
    const block = new Uint8Array(8)
    const little = struct('little', 8, { value: u64(0, '') })
    little.write(block, 0, { value: 0x0102_0304 })
    expect([...block]).toEqual([4, 3, 2, 1, 0, 0, 0, 0])
    const big = struct('big', 8, { value: u64(0, '') }, 'big')
    big.write(block, 0, { value: 0x0102_0304 })
    expect([...block]).toEqual([0, 0, 0, 0, 1, 2, 3, 4])
  })

  test('shares no bytes with what it was read from', () => {
    const block = new Uint8Array(64)
    EVERY_KIND.write(block, 0, RECORD)
    const read = EVERY_KIND.read(block)
    block.fill(0)
    expect(read).toEqual(RECORD)
  })
})

describe('64-bit values', () => {
  const S = struct('s', 8, { value: u64(0, '') })
  const block = (bits: bigint): Uint8Array => {
    const made = new Uint8Array(8)
    new DataView(made.buffer).setBigUint64(0, bits, true)
    return made
  }

  test('all ones is MAX_SECTOR, both ways', () => {
    expect(S.read(block(2n ** 64n - 1n)).value).toBe(MAX_SECTOR)
    const made = new Uint8Array(8)
    S.write(made, 0, { value: MAX_SECTOR })
    expect([...made]).toEqual(new Array(8).fill(0xff))
  })

  test('what does not fit is named, not misread', () => {
    for (const bits of [2n ** 53n - 1n, 2n ** 60n, 2n ** 64n - 2n]) {
      expect(S.unreadable(block(bits))?.name).toBe('value')
      expect(() => S.read(block(bits))).toThrow('does not fit')
    }
    expect(S.unreadable(block(2n ** 53n - 2n))).toBeUndefined()
    expect(S.read(block(2n ** 53n - 2n)).value).toBe(MAX_SECTOR - 1)
  })
})

describe('a declaration is refused', () => {
  test('when there is a gap, an overlap or a wrong size', () => {
    expect(() => struct('s', 8, { a: u32(0, ''), b: u16(6, '') })).toThrow('b is declared at 6')
    expect(() => struct('s', 6, { a: u32(0, ''), b: u32(2, '') })).toThrow('b is declared at 2')
    expect(() => struct('s', 8, { a: u32(0, ''), b: u16(4, '') })).toThrow('fields end at 6')
  })
})

describe('a value is refused', () => {
  const attempts: [keyof typeof RECORD, unknown][] = [
    ['one', 256],
    ['two', -1],
    ['four', 2 ** 32],
    ['signed', 2 ** 31],
    ['eight', 1.5],
    ['wide', -1n],
    ['raw', new Uint8Array(3)],
    ['name', 'longer than sixteen bytes'],
    ['name', 'π'],
    ['roles', [1]],
    ['roles', [0, 0, 0, 0, 0, 0, 0, 65536]],
  ]
  test.each(attempts)('%s = %s', (name, value) => {
    expect(() => EVERY_KIND.write(new Uint8Array(64), 0, { ...RECORD, [name]: value })).toThrow(name)
  })

  test('when the structure does not fit the bytes', () => {
    expect(() => EVERY_KIND.read(new Uint8Array(63))).toThrow('64 bytes at 0 of 63')
  })
})

test('the hex view learns each field, pads included, and which pad is not clean', () => {
  expect(EVERY_KIND.fields.map((field) => field.name)).toEqual(Object.keys(EVERY_KIND.offsets))
  expect(EVERY_KIND.fields[1]).toEqual({ name: 'gap', offset: 1, size: 1, kind: 'pad', doc: 'unused, zero' })
  expect(EVERY_KIND.offsets.eight).toBe(16)
  const block = new Uint8Array(64)
  expect(EVERY_KIND.dirtyPad(block)).toBeUndefined()
  block[1] = 1
  expect(EVERY_KIND.dirtyPad(block)?.name).toBe('gap')
})
