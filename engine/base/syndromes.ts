import type { Arena } from './arena.ts'
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

/** @returns null for an arena that it is not for */
type MakeSyndromes = (arena: Arena) => Syndromes | null

/** What there is beside plain JavaScript. */
class SyndromesRegistry {
  private readonly makers: MakeSyndromes[] = []

  learn(make: MakeSyndromes): void {
    this.makers.push(make)
  }

  make(arena: Arena): Syndromes {
    for (const make of this.makers) {
      const made = make(arena)
      if (made !== null) return made
    }
    return new PlainSyndromes(new Int32Array(arena.bytes.buffer, 0, arena.bytes.length >> 2))
  }
}

export const SYNDROMES = new SyndromesRegistry()

/** The arithmetic of RAID-6 on an arena, as fast as it is known when it is first needed. */
export function syndromesOf(arena: Arena): Syndromes {
  return (arena.syndromes ??= SYNDROMES.make(arena))
}
