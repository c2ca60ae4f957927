import { SHARED } from './copy.ts'
import type { Syndromes } from './syndromes.ts'

/**
 * The bytes that all page buffers of a machine live in, and the arithmetic done on them in place. The host hands one to
 * each machine: a WebAssembly memory with SIMD routines where there is one, a plain buffer otherwise. An address is a
 * byte offset into `bytes`. The arena is the world outside: copies of a machine get one of their own.
 */
export interface Arena {
  readonly [SHARED]: true
  readonly bytes: Uint8Array
  /** For RAID-6: made by `syndromesOf` when it is first needed. */
  syndromes: Syndromes | null
  /** dst ^= src. Both 16-byte aligned, `length` a multiple of 16. */
  xorInto(dst: number, src: number, length: number): void
  /** dst = XOR of all sources (at least one; `dst` may be among them). Alignment as above. */
  parity(dst: number, sources: readonly number[], length: number): void
  /** Whether the XOR of all sources is zero everywhere: the check of a row, without writing. Alignment as above. */
  parityIsZero(sources: readonly number[], length: number): boolean
}

/** An arena in plain JavaScript: the fallback, and the twin that the WebAssembly one is compared with. */
export class PlainArena implements Arena {
  readonly [SHARED] = true
  readonly bytes: Uint8Array
  syndromes: Syndromes | null = null
  readonly #words: Int32Array

  constructor(sizeBytes: number) {
    const buffer = new ArrayBuffer(sizeBytes)
    this.#words = new Int32Array(buffer)
    this.bytes = new Uint8Array(buffer)
  }

  xorInto(dst: number, src: number, length: number): void {
    const words = this.#words
    const count = length >> 2
    let to = dst >> 2
    let from = src >> 2
    for (let i = 0; i < count; i++) words[to++] ^= words[from++]
  }

  parity(dst: number, sources: readonly number[], length: number): void {
    const words = this.#words
    const count = length >> 2
    const to = dst >> 2
    const froms = sources.map((source) => source >> 2)
    for (let i = 0; i < count; i++) {
      let sum = 0
      for (const from of froms) sum ^= words[from + i]
      words[to + i] = sum
    }
  }

  parityIsZero(sources: readonly number[], length: number): boolean {
    const words = this.#words
    const count = length >> 2
    const froms = sources.map((source) => source >> 2)
    for (let i = 0; i < count; i++) {
      let sum = 0
      for (const from of froms) sum ^= words[from + i]
      if (sum !== 0) return false
    }
    return true
  }
}
