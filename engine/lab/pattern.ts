/** Bytes that look random and are the same everywhere: what a disk is filled with where two worlds are to begin alike. */
export class Pattern {
  private word: number

  /** @param seed a whole number below 2^32 */
  constructor(seed: number) {
    this.word = (Math.imul(seed + 1, 0x9e3779b1) ^ 0x5bd1e995) >>> 0 || 1
  }

  /** Goes on with the bytes: xorshift32, each word with its lowest byte first. @param bytes a multiple of 4 of them */
  fill(bytes: Uint8Array): void {
    const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let x = this.word
    for (let at = 0; at < bytes.length; at += 4) {
      x ^= x << 13
      x ^= x >>> 17
      x ^= x << 5
      words.setUint32(at, x >>> 0, true)
    }
    this.word = x
  }
}
