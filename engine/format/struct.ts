import { assert } from '../base/assert.ts'
import { CODECS, type FieldKind, type ScalarKind, type Scalars } from './struct_codec.ts'

/**
 * A structure on disk, declared once: name, size, and for each field its offset, kind and one sentence.
 *
 *     const HEADER = struct('header', 16, {
 *       magic: u32(0, 'always 0x1234'),
 *       pad0: pad(4, 4),
 *       events: u64(8, 'how often this was written'),
 *     })
 *     type Header = RecordOf<typeof HEADER>   // { magic: number; events: number }
 *
 * The declaration is the only place that knows an offset. It throws at load if a field does not begin where the one before
 * it ended, or if the last one does not end at the size: a gap has to be said (`pad`).
 *
 * 64-bit values have two kinds. `u64` is for sectors, sizes and counters: a number below 2^53, where all ones, the kernel's
 * "none, complete, end", is `MAX_SECTOR` in memory. `big64` is for what is truly 64 bits wide (uuids as numbers, bit masks): a bigint.
 * A disk may hold anything, so a reader of foreign bytes asks `unreadable` before `read`.
 */

export { MAX_SECTOR } from './struct_codec.ts'
export type { FieldKind } from './struct_codec.ts'

/** One declared field; `V` is the type of its value in memory, `never` for a pad. */
export interface Field<V> {
  readonly kind: FieldKind
  readonly offset: number
  readonly size: number
  readonly doc: string
  /** Carries the value's type and is never present. */
  readonly value?: V
}

/** A field as a hex view shows it. */
export interface FieldInfo {
  readonly name: string
  readonly offset: number
  readonly size: number
  readonly kind: FieldKind
  readonly doc: string
}

type Fields = Record<string, Field<unknown>>

type ValueOf<F> = F extends Field<infer V> ? V : never

/** The record in memory that a structure is read into: every field but the pads. */
export type RecordOf<S> = S extends Struct<infer F> ? RecordOfFields<F> : never

type RecordOfFields<F> = { -readonly [K in keyof F as [ValueOf<F[K]>] extends [never] ? never : K]: ValueOf<F[K]> }

export type Endian = 'little' | 'big'

function scalar<K extends ScalarKind>(kind: K, offset: number, doc: string): Field<Scalars[K]> {
  return { kind, offset, size: CODECS[kind].size, doc }
}

/** An unsigned byte. */
export const u8 = (offset: number, doc: string): Field<number> => scalar('u8', offset, doc)
/** An unsigned 16-bit number. */
export const u16 = (offset: number, doc: string): Field<number> => scalar('u16', offset, doc)
/** An unsigned 32-bit number. */
export const u32 = (offset: number, doc: string): Field<number> => scalar('u32', offset, doc)
/** A signed 32-bit number. */
export const i32 = (offset: number, doc: string): Field<number> => scalar('i32', offset, doc)
/** An unsigned 64-bit number below 2^53 - 1, or all ones, which is `MAX_SECTOR` in memory. */
export const u64 = (offset: number, doc: string): Field<number> => scalar('u64', offset, doc)
/** All 64 bits, as a bigint. */
export const big64 = (offset: number, doc: string): Field<bigint> => scalar('big64', offset, doc)
/** `count` raw bytes; reading gives a copy. */
export const bytes = (offset: number, count: number, doc: string): Field<Uint8Array> => ({
  kind: 'bytes',
  offset,
  size: count,
  doc,
})
/** Text of at most `count` bytes, one byte a character, ended by a NUL or by the end of the field. */
export const text = (offset: number, count: number, doc: string): Field<string> => ({
  kind: 'text',
  offset,
  size: count,
  doc,
})
/** `count` unsigned 16-bit numbers. */
export const u16Array = (offset: number, count: number, doc: string): Field<number[]> => ({
  kind: 'u16[]',
  offset,
  size: count * 2,
  doc,
})
/** `count` bytes that mean nothing: not in the record, written as zeros. */
export const pad = (offset: number, count: number, doc = 'unused, zero'): Field<never> => ({
  kind: 'pad',
  offset,
  size: count,
  doc,
})

/** Declares a structure. @see the essay at the top. */
export function struct<const F extends Fields>(
  name: string,
  size: number,
  fields: F,
  endian: Endian = 'little',
): Struct<F> {
  return new Struct(name, size, fields, endian)
}

export class Struct<F extends Fields> {
  readonly name: string
  readonly size: number
  readonly endian: Endian
  /** Every field in the order on disk, pads included. */
  readonly fields: readonly FieldInfo[]
  /** The byte offset of each field, for readers of one hot field. */
  readonly offsets: { readonly [K in keyof F]: number }

  constructor(name: string, size: number, fields: F, endian: Endian) {
    this.name = name
    this.size = size
    this.endian = endian
    const infos: FieldInfo[] = []
    const offsets: Record<string, number> = {}
    let end = 0
    for (const [fieldName, field] of Object.entries(fields)) {
      assert(
        field.offset === end,
        `struct ${name}: ${fieldName} is declared at ${field.offset}, but the field before it ends at ${end}`,
      )
      assert(field.size > 0, `struct ${name}: ${fieldName} is empty`)
      end += field.size
      offsets[fieldName] = field.offset
      infos.push({ name: fieldName, offset: field.offset, size: field.size, kind: field.kind, doc: field.doc })
    }
    assert(end === size, `struct ${name}: its fields end at ${end}, its size is declared as ${size}`)
    this.fields = infos
    this.offsets = offsets as { readonly [K in keyof F]: number }
  }

  /**
   * The first field whose bytes have no value in memory: a `u64` of 2^53 - 1 or more that is not all ones.
   * @param at byte offset of the structure in `from`
   * @returns the field, or undefined if `read` will succeed
   */
  unreadable(from: Uint8Array, at = 0): FieldInfo | undefined {
    const view = this.view(from, at)
    return this.fields.find((field) => {
      if (field.kind !== 'u64') return false
      const value = view.getBigUint64(field.offset, this.endian === 'little')
      return value >= BigInt(Number.MAX_SAFE_INTEGER) && value !== 0xffff_ffff_ffff_ffffn
    })
  }

  /** The first pad that is not all zeros, or undefined. */
  dirtyPad(from: Uint8Array, at = 0): FieldInfo | undefined {
    return this.fields.find(
      (field) =>
        field.kind === 'pad' &&
        from.subarray(at + field.offset, at + field.offset + field.size).some((byte) => byte !== 0),
    )
  }

  /**
   * Reads the whole structure.
   * @param at byte offset of the structure in `from`
   * @returns a new record that shares nothing with `from`
   */
  read(from: Uint8Array, at = 0): RecordOfFields<F> {
    const view = this.view(from, at)
    const record: Record<string, unknown> = {}
    for (const field of this.fields) {
      if (field.kind === 'pad') continue
      record[field.name] = CODECS[field.kind].read(view, field.offset, field.size, this.endian === 'little')
    }
    return record as RecordOfFields<F>
  }

  /**
   * Writes the whole structure, pads as zeros.
   * @param at byte offset of the structure in `to`
   */
  write(to: Uint8Array, at: number, record: RecordOfFields<F>): void {
    const view = this.view(to, at)
    const values = record as Record<string, unknown>
    for (const field of this.fields) {
      if (field.kind === 'pad') {
        to.fill(0, at + field.offset, at + field.offset + field.size)
        continue
      }
      const codec = CODECS[field.kind] as { write: WriteAny }
      const problem = codec.write(view, field.offset, field.size, values[field.name], this.endian === 'little')
      assert(problem === undefined, `struct ${this.name}: ${field.name} = ${String(values[field.name])}: ${problem}`)
    }
  }

  private view(of: Uint8Array, at: number): DataView {
    assert(at >= 0 && at + this.size <= of.length, `struct ${this.name}: ${this.size} bytes at ${at} of ${of.length}`)
    return new DataView(of.buffer, of.byteOffset + at, this.size)
  }
}

type WriteAny = (view: DataView, offset: number, size: number, value: unknown, little: boolean) => string | undefined
