import { assert } from '../base/assert.ts'

/** The number that stands for a 64-bit field of all ones: md's MaxSector, "none", "complete". */
export const MAX_SECTOR = Number.MAX_SAFE_INTEGER

const ALL_ONES = 0xffff_ffff_ffff_ffffn

/** The type in memory of each kind of number. */
export interface Scalars {
  u8: number
  u16: number
  u32: number
  i32: number
  u64: number
  big64: bigint
}

export type ScalarKind = keyof Scalars

/** The type in memory of each kind of field that has a value. */
interface Values extends Scalars {
  bytes: Uint8Array
  text: string
  'u16[]': number[]
}

export type FieldKind = keyof Values | 'pad'

/**
 * How one kind of field is read and written. `write` returns what is wrong with the value, or undefined.
 * `size` is the fixed size in bytes of a number, 0 where each field has its own.
 */
interface Codec<V> {
  readonly size: number
  read(view: DataView, offset: number, size: number, little: boolean): V
  write(view: DataView, offset: number, size: number, value: V, little: boolean): string | undefined
}

const inRange = (value: number, low: number, high: number): string | undefined =>
  Number.isInteger(value) && value >= low && value <= high ? undefined : `not a whole number in ${low} .. ${high}`

/** Reads a `u64`. @errors asserts that the value fits; ask `Struct.unreadable` about foreign bytes first. */
export function readU64(view: DataView, offset: number, little = true): number {
  const value = view.getBigUint64(offset, little)
  if (value === ALL_ONES) return MAX_SECTOR
  assert(value < BigInt(MAX_SECTOR), `64-bit value ${value} at ${offset} does not fit a checked number`)
  return Number(value)
}

/** Writes a `u64`, `MAX_SECTOR` as all ones. */
export function writeU64(view: DataView, offset: number, value: number, little = true): void {
  view.setBigUint64(offset, value === MAX_SECTOR ? ALL_ONES : BigInt(value), little)
}

export const CODECS: { readonly [K in keyof Values]: Codec<Values[K]> } = {
  u8: {
    size: 1,
    read: (view, offset) => view.getUint8(offset),
    write(view, offset, _size, value) {
      view.setUint8(offset, value)
      return inRange(value, 0, 0xff)
    },
  },
  u16: {
    size: 2,
    read: (view, offset, _size, little) => view.getUint16(offset, little),
    write(view, offset, _size, value, little) {
      view.setUint16(offset, value, little)
      return inRange(value, 0, 0xffff)
    },
  },
  u32: {
    size: 4,
    read: (view, offset, _size, little) => view.getUint32(offset, little),
    write(view, offset, _size, value, little) {
      view.setUint32(offset, value, little)
      return inRange(value, 0, 0xffff_ffff)
    },
  },
  i32: {
    size: 4,
    read: (view, offset, _size, little) => view.getInt32(offset, little),
    write(view, offset, _size, value, little) {
      view.setInt32(offset, value, little)
      return inRange(value, -0x8000_0000, 0x7fff_ffff)
    },
  },
  u64: {
    size: 8,
    read: (view, offset, _size, little) => readU64(view, offset, little),
    write(view, offset, _size, value, little) {
      const problem = inRange(value, 0, MAX_SECTOR)
      if (problem === undefined) writeU64(view, offset, value, little)
      return problem
    },
  },
  big64: {
    size: 8,
    read: (view, offset, _size, little) => view.getBigUint64(offset, little),
    write(view, offset, _size, value, little) {
      view.setBigUint64(offset, value, little)
      return value >= 0n && value <= ALL_ONES ? undefined : 'not a whole number below 2^64'
    },
  },
  bytes: {
    size: 0,
    read: (view, offset, size) => new Uint8Array(view.buffer, view.byteOffset + offset, size).slice(),
    write(view, offset, size, value) {
      if (value.length !== size) return `${value.length} bytes, not ${size}`
      new Uint8Array(view.buffer, view.byteOffset + offset, size).set(value)
      return undefined
    },
  },
  text: {
    size: 0,
    read(view, offset, size) {
      let value = ''
      for (let i = 0; i < size; i++) {
        const code = view.getUint8(offset + i)
        if (code === 0) break
        value += String.fromCharCode(code)
      }
      return value
    },
    write(view, offset, size, value) {
      if (value.length > size) return `longer than ${size} bytes`
      for (let i = 0; i < size; i++) {
        const code = i < value.length ? value.charCodeAt(i) : 0
        if (code > 0xff || (code === 0 && i < value.length)) return `character ${i} is not one byte`
        view.setUint8(offset + i, code)
      }
      return undefined
    },
  },
  'u16[]': {
    size: 0,
    read: (view, offset, size, little) =>
      Array.from({ length: size / 2 }, (_, i) => view.getUint16(offset + 2 * i, little)),
    write(view, offset, size, value, little) {
      if (value.length !== size / 2) return `${value.length} numbers, not ${size / 2}`
      for (const [i, number] of value.entries()) {
        const problem = inRange(number, 0, 0xffff)
        if (problem !== undefined) return problem
        view.setUint16(offset + 2 * i, number, little)
      }
      return undefined
    },
  },
}
