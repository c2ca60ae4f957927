/** Bits of a bitmap in memory: bit n is bit n mod 8 of byte n div 8. */

/** Whether all bits from `from` up to `to`, exclusive, are set. */
export function allSet(bytes: Uint8Array, at: number, from: number, to: number): boolean {
  for (let bit = from; bit < to; bit++) {
    if ((bit & 7) === 0 && bit + 8 <= to) {
      if (bytes[at + (bit >>> 3)] !== 0xff) return false
      bit += 7
    } else if ((bytes[at + (bit >>> 3)] & (1 << (bit & 7))) === 0) return false
  }
  return true
}

/** Whether none of them is. */
export function allClear(bytes: Uint8Array, at: number, from: number, to: number): boolean {
  for (let bit = from; bit < to; bit++) {
    if ((bit & 7) === 0 && bit + 8 <= to) {
      if (bytes[at + (bit >>> 3)] !== 0) return false
      bit += 7
    } else if ((bytes[at + (bit >>> 3)] & (1 << (bit & 7))) !== 0) return false
  }
  return true
}

export function setBits(bytes: Uint8Array, at: number, from: number, to: number): void {
  for (let bit = from; bit < to; bit++) {
    if ((bit & 7) === 0 && bit + 8 <= to) {
      bytes[at + (bit >>> 3)] = 0xff
      bit += 7
    } else bytes[at + (bit >>> 3)] |= 1 << (bit & 7)
  }
}

export function clearBits(bytes: Uint8Array, at: number, from: number, to: number): void {
  for (let bit = from; bit < to; bit++) {
    if ((bit & 7) === 0 && bit + 8 <= to) {
      bytes[at + (bit >>> 3)] = 0
      bit += 7
    } else bytes[at + (bit >>> 3)] &= ~(1 << (bit & 7))
  }
}
