import type { BlocksByExponent, Syndromes } from './syndromes.ts'
import { multiply } from './gf256.ts'

/** Twice each of the four bytes of a word: the bits that fall out come back as 0x1d. */
function double(word: number): number {
  return ((word << 1) & 0xfefefefe) ^ (((word >>> 7) & 0x01010101) * 0x1d)
}

function productsOf(constant: number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => multiply(constant, byte))
}

function times(products: Uint8Array, word: number): number {
  const low = products[word & 255] | (products[(word >>> 8) & 255] << 8)
  return low | (products[(word >>> 16) & 255] << 16) | (products[word >>> 24] << 24)
}

/**
 * P and Q in plain JavaScript: four bytes at a time, in words of 32 bits. The fallback, what the WebAssembly routines leave over
 * at the end of a buffer, and the twin they are compared with. `from` is in bytes from every address, a multiple of 4.
 */
export class PlainSyndromes implements Syndromes {
  private readonly words: Int32Array
  /** What {@link addUp} found. */
  private sum = 0
  private weighted = 0

  constructor(words: Int32Array) {
    this.words = words
  }

  syndromes(p: number, q: number, blocks: BlocksByExponent, length: number, from = 0): void {
    for (let at = from; at < length; at += 4) {
      this.addUp(blocks, at)
      this.words[(p + at) >>> 2] = this.sum
      this.words[(q + at) >>> 2] = this.weighted
    }
  }

  xorSyndromes(p: number, q: number, blocks: BlocksByExponent, length: number, from = 0): void {
    const { words } = this
    for (let at = from; at < length; at += 4) {
      this.addUp(blocks, at)
      // Both are read before one is written: they may be one buffer.
      const sum = this.sum ^ words[(p + at) >>> 2]
      const weighted = this.weighted ^ words[(q + at) >>> 2]
      words[(p + at) >>> 2] = sum
      words[(q + at) >>> 2] = weighted
    }
  }

  wrongSyndromes(p: number, q: number, blocks: BlocksByExponent, length: number, from = 0): number {
    const { words } = this
    let wrong = 0
    for (let at = from; at < length && wrong !== 3; at += 4) {
      this.addUp(blocks, at)
      if (this.sum !== words[(p + at) >>> 2]) wrong |= 1
      if (this.weighted !== words[(q + at) >>> 2]) wrong |= 2
    }
    return wrong
  }

  mulInto(dst: number, src: number, constant: number, length: number, from = 0): void {
    const { words } = this
    const products = productsOf(constant)
    for (let at = from; at < length; at += 4) words[(dst + at) >>> 2] ^= times(products, words[(src + at) >>> 2])
  }

  solveQ(
    dst: number,
    rest: number,
    q: number,
    blocks: BlocksByExponent,
    constant: number,
    length: number,
    from = 0,
  ): void {
    const { words } = this
    const products = productsOf(constant)
    for (let at = from; at < length; at += 4) {
      this.addUp(blocks, at)
      const solved = times(products, this.weighted ^ words[(q + at) >>> 2])
      words[(rest + at) >>> 2] ^= solved
      words[(dst + at) >>> 2] = solved
    }
  }

  /** P and Q of one word of all blocks. */
  private addUp(blocks: BlocksByExponent, at: number): void {
    const { words } = this
    let sum = 0
    let weighted = 0
    for (let i = blocks.length - 1; i >= 0; i--) {
      weighted = double(weighted)
      if (blocks[i] === 0) continue
      const word = words[(blocks[i] + at) >>> 2]
      sum ^= word
      weighted ^= word
    }
    this.sum = sum
    this.weighted = weighted
  }
}
