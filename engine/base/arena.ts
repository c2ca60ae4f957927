import { SHARED } from './copy.ts'
import { PlainSyndromes } from './plain_syndromes.ts'

/**
 * Addresses of the data of a RAID-6 row: the index is the exponent that a block has in Q. Where there is none, or it counts as zeros,
 * the address is 0. At most 255.
 */
export type BlocksByExponent = readonly number[]

/**
 * The arithmetic of RAID-6, on addresses that are 16-byte aligned and lengths that are multiples of 16. P is the XOR of the blocks, Q
 * the sum of g^exponent times each, see gf256.ts. P and Q may be among the blocks. They may be one and the same buffer, where only Q
 * is wanted: that is what it holds then.
 */
export interface Syndromes {
  /** Writes P and Q. */
  syndromes(p: number, q: number, blocks: BlocksByExponent, length: number): void
  /** Adds what the blocks make to the P and Q that are there: takes old data out of them, or puts new data in. */
  xorSyndromes(p: number, q: number, blocks: BlocksByExponent, length: number): void
  /** @returns bit 0 if P is not what the blocks make, bit 1 if Q is not */
  wrongSyndromes(p: number, q: number, blocks: BlocksByExponent, length: number): number
  /** dst ^= constant * src, byte by byte in GF(2^8); `dst` may be `src`. */
  mulInto(dst: number, src: number, constant: number, length: number): void
  /**
   * dst = constant * (Q + what the blocks make of it): a lost block, as Q has it. Then rest ^= dst: what was the sum of that block and
   * another one becomes the other one. `dst` may be Q, and both may be among the blocks.
   */
  solveQ(dst: number, rest: number, q: number, blocks: BlocksByExponent, constant: number, length: number): void
}

/**
 * The bytes that all page buffers of a machine live in, and the arithmetic done on them in place. The host hands one to
 * each machine: a WebAssembly memory with SIMD routines where there is one, a plain buffer otherwise. An address is a
 * byte offset into `bytes`. The arena is the world outside: copies of a machine get one of their own.
 */
export interface Arena extends Syndromes {
  readonly [SHARED]: true
  readonly bytes: Uint8Array
  /** dst ^= src. Both 16-byte aligned, `length` a multiple of 16. */
  xorInto(dst: number, src: number, length: number): void
  /** dst = XOR of all sources (at least one; `dst` may be among them). Alignment as above. */
  parity(dst: number, sources: readonly number[], length: number): void
  /** Whether the XOR of all sources is zero everywhere: the check of a row, without writing. Alignment as above. */
  parityIsZero(sources: readonly number[], length: number): boolean
}

/** An arena in plain JavaScript: the fallback, and the twin that the WebAssembly one is compared with. */
export class PlainArena extends PlainSyndromes implements Arena {
  readonly [SHARED] = true
  readonly bytes: Uint8Array

  constructor(sizeBytes: number) {
    const buffer = new ArrayBuffer(sizeBytes)
    super(new Int32Array(buffer))
    this.bytes = new Uint8Array(buffer)
  }

  xorInto(dst: number, src: number, length: number): void {
    const { words } = this
    const count = length >> 2
    let to = dst >> 2
    let from = src >> 2
    for (let i = 0; i < count; i++) words[to++] ^= words[from++]
  }

  parity(dst: number, sources: readonly number[], length: number): void {
    const { words } = this
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
    const { words } = this
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
