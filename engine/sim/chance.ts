/** Seeded chance. One seed, forked by name, so that a new draw in one place does not shift the others. */

/** A stream of pseudo-random numbers: xoshiro128**, seeded through splitmix32. */
export class Chance {
  private a: number
  private b: number
  private c: number
  private d: number

  constructor(seed: number, name: string) {
    let state = seed >>> 0
    for (let i = 0; i < name.length; i++) state = Math.imul(state ^ name.charCodeAt(i), 0x01000193) >>> 0
    const next = (): number => {
      state = (state + 0x9e3779b9) >>> 0
      let z = state
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
      return (z ^ (z >>> 15)) >>> 0
    }
    this.a = next()
    this.b = next()
    this.c = next()
    this.d = next()
  }

  /** @returns an integer from 0 to 2^32 - 1. */
  uint32(): number {
    const rotated = Math.imul(this.b, 5)
    const result = Math.imul((rotated << 7) | (rotated >>> 25), 9)
    const shifted = this.b << 9
    this.c ^= this.a
    this.d ^= this.b
    this.b ^= this.c
    this.a ^= this.d
    this.c ^= shifted
    this.d = (this.d << 11) | (this.d >>> 21)
    return result >>> 0
  }

  /** @returns an integer from 0 to `limit` - 1; `limit` at most 2^32. */
  below(limit: number): number {
    return Math.floor((this.uint32() / 4294967296) * limit)
  }

  /** Fills with random bytes. */
  fill(bytes: Uint8Array, from = 0, to = bytes.length): void {
    for (let i = from; i < to; i += 4) {
      const word = this.uint32()
      bytes[i] = word
      if (i + 1 < to) bytes[i + 1] = word >>> 8
      if (i + 2 < to) bytes[i + 2] = word >>> 16
      if (i + 3 < to) bytes[i + 3] = word >>> 24
    }
  }
}
