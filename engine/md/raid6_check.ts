/**
 * Finds the one corrupt block of a RAID-6 row, as mdadm's raid6check does. Where only one block is wrong, P is off by the error x and
 * Q by g^e x, so that the difference of their logarithms is e, at every wrong byte the same one. Where P alone is off, P is the wrong
 * block, and likewise Q. If two blocks are wrong, each byte names one at random, or none: with two of four data blocks full of random
 * bytes, 1.56 % of the bytes accuse a block that is right, and 0.78 % only one of the two that are wrong. So nothing is believed
 * unless all wrong bytes agree, and it takes a whole page of them, or a chunk.
 */
import type { Arena } from '../base/arena.ts'
import { logarithm, multiply, powerOfTwo } from '../base/gf256.ts'
import { EXPONENT_P, EXPONENT_Q, wrongPAndQ, type Raid6Row } from './raid6_math.ts'

const FIELD_ORDER = 255

export interface Corruption {
  /** The slot whose block is wrong, if it is one; `cannot locate` if the bytes do not agree on one. */
  readonly verdict: number | 'clean' | 'cannot locate'
  /** By slot: how many bytes accuse it. */
  readonly accusing: readonly number[]
  /** How many wrong bytes accuse nobody: no single error explains them. */
  readonly accusingNobody: number
}

/**
 * @param bytes how long the blocks are: a page as raid6check takes it, or a chunk
 * @returns who is wrong; {@link recoverLost} of that slot puts it right
 */
export function locateCorruption(arena: Arena, row: Raid6Row, bytes: number): Corruption {
  const { addresses, exponents } = row
  const accusing = addresses.map(() => 0)
  let accusingNobody = 0
  if (wrongPAndQ(arena, row, bytes) === 0) return { verdict: 'clean', accusing, accusingNobody }
  const slotOf = new Map(exponents.map((exponent, slot) => [exponent, slot]))
  const factors = exponents.map((exponent) => productsWith(exponent >= 0 ? powerOfTwo(exponent) : 1))
  const [slotOfP, slotOfQ] = [exponents.indexOf(EXPONENT_P), exponents.indexOf(EXPONENT_Q)]
  for (let i = 0; i < bytes; i++) {
    let p = 0
    let q = 0
    for (let slot = 0; slot < addresses.length; slot++) {
      const byte = arena.bytes[addresses[slot] + i]
      if (slot !== slotOfQ) p ^= byte
      if (slot !== slotOfP) q ^= factors[slot][byte]
    }
    if (p === 0 && q === 0) continue
    const accused = p === 0 ? slotOfQ : q === 0 ? slotOfP : slotOf.get(exponentOf(p, q))
    if (accused === undefined) accusingNobody++
    else accusing[accused]++
  }
  const suspects = accusing.flatMap((count, slot) => (count > 0 ? [slot] : []))
  const isOne = suspects.length === 1 && accusingNobody === 0
  return { verdict: isOne ? suspects[0] : 'cannot locate', accusing, accusingNobody }
}

/** e, where q is g^e p. */
function exponentOf(p: number, q: number): number {
  return (logarithm(q) - logarithm(p) + FIELD_ORDER) % FIELD_ORDER
}

function productsWith(factor: number): Uint8Array {
  return Uint8Array.from({ length: 256 }, (_, byte) => multiply(factor, byte))
}
