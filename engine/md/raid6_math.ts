/**
 * P and Q of a RAID-6 row, and what makes a lost block of it again, in place. P is the sum (XOR) of the data, Q the sum of the data
 * each times its own power of g, in the field of gf256.ts. Every layout gives each slot of a row its exponent; this is all that is
 * known of layouts here. A block is a page or a chunk; they are all of one length, a multiple of 16 bytes.
 * @source drivers/md/raid5.c, lib/raid6/recov.c, 6.1
 */
import type { Arena } from '../base/arena.ts'
import { assert } from '../base/assert.ts'
import { inverse, powerOfTwo } from '../base/gf256.ts'
import { syndromesOf } from '../base/syndromes.ts'

/** What stands in the place of an exponent at the slots that hold no data. */
export const EXPONENT_P = -1
export const EXPONENT_Q = -2

export interface Raid6Row {
  /** By slot: where its block is. Never 0. */
  readonly addresses: readonly number[]
  /** By slot: the exponent, 0 to 254, that its data has in Q, no two the same; or that it is P or Q. */
  readonly exponents: readonly number[]
}

/** Makes P and Q from all data. */
export function makePAndQ(arena: Arena, row: Raid6Row, bytes: number): void {
  syndromesOf(arena).syndromes(addressOf(row, EXPONENT_P), addressOf(row, EXPONENT_Q), blocksOf(row), bytes)
}

/**
 * Adds the data of some slots to P and Q. Done before a block changes and again afterwards, this is read-modify-write.
 * @param slots of data
 */
export function addToPAndQ(arena: Arena, row: Raid6Row, slots: readonly number[], bytes: number): void {
  const { addresses, exponents } = row
  const [p, q] = [addressOf(row, EXPONENT_P), addressOf(row, EXPONENT_Q)]
  if (slots.length === 1) {
    const [slot] = slots
    arena.xorInto(p, addresses[slot], bytes)
    syndromesOf(arena).mulInto(q, addresses[slot], powerOfTwo(exponents[slot]), bytes)
    return
  }
  const blocks = new Array<number>(row.exponents.length).fill(0)
  for (const slot of slots) setBlock(blocks, exponents[slot], addresses[slot])
  syndromesOf(arena).xorSyndromes(p, q, blocks, bytes)
}

/** @returns `WRONG_P` and `WRONG_Q`: which of the two the data does not make */
export function wrongPAndQ(arena: Arena, row: Raid6Row, bytes: number): number {
  return syndromesOf(arena).wrongSyndromes(addressOf(row, EXPONENT_P), addressOf(row, EXPONENT_Q), blocksOf(row), bytes)
}

/**
 * Makes lost blocks from all the others, whatever they are: data, P, Q.
 * @param lost at most two slots; what is in their blocks does not matter
 */
export function recoverLost(arena: Arena, row: Raid6Row, lost: readonly number[], bytes: number): void {
  assert(lost.length <= 2, `a RAID-6 cannot make ${lost.length} blocks`)
  let isPLost = false
  let isQLost = false
  const data: number[] = []
  for (const slot of lost) {
    if (row.exponents[slot] === EXPONENT_P) isPLost = true
    else if (row.exponents[slot] === EXPONENT_Q) isQLost = true
    else data.push(slot)
  }
  if (data.length === 2) recoverTwoData(arena, row, data[0], data[1], bytes)
  else if (data.length === 1 && isPLost) recoverDataAndP(arena, row, data[0], bytes)
  else {
    if (data.length === 1) recoverData(arena, row, data[0], bytes)
    if (isPLost && isQLost) makePAndQ(arena, row, bytes)
    else if (isPLost) arena.parity(addressOf(row, EXPONENT_P), addressesOfData(row), bytes)
    else if (isQLost) makeQ(arena, row, bytes)
  }
}

function makeQ(arena: Arena, row: Raid6Row, bytes: number): void {
  const q = addressOf(row, EXPONENT_Q)
  syndromesOf(arena).syndromes(q, q, blocksOf(row), bytes)
}

/** The lost block is what P lacks. */
function recoverData(arena: Arena, row: Raid6Row, lost: number, bytes: number): void {
  const others = addressesOfData(row, lost)
  others.push(addressOf(row, EXPONENT_P))
  arena.parity(row.addresses[lost], others, bytes)
}

/** What Q lacks is g^a times the lost block. P becomes the sum of the others first, and then of all. */
function recoverDataAndP(arena: Arena, row: Raid6Row, lost: number, bytes: number): void {
  const { addresses, exponents } = row
  const p = addressOf(row, EXPONENT_P)
  const exponent = exponents[lost]
  arena.parity(p, addressesOfData(row, lost), bytes)
  const blocks = blocksOf(row, lost)
  syndromesOf(arena).solveQ(addresses[lost], p, addressOf(row, EXPONENT_Q), blocks, powerOfTwo(-exponent), bytes)
}

/**
 * P lacks A + B, Q lacks g^a A + g^b B. With A + B in the place of A, Q lacks (g^a + g^b) B alone. So B comes out of Q by one
 * multiplication, and then A out of the sum. A is the one with the lower exponent: a list that ends with B is a shorter one.
 */
function recoverTwoData(arena: Arena, row: Raid6Row, one: number, other: number, bytes: number): void {
  const { addresses, exponents } = row
  const [first, second] = exponents[one] < exponents[other] ? [one, other] : [other, one]
  const others = addressesOfData(row, first, second)
  others.push(addressOf(row, EXPONENT_P))
  arena.parity(addresses[first], others, bytes)
  const factor = powerOfTwo(exponents[first]) ^ powerOfTwo(exponents[second])
  const blocks = blocksOf(row, second)
  syndromesOf(arena).solveQ(
    addresses[second],
    addresses[first],
    addressOf(row, EXPONENT_Q),
    blocks,
    inverse(factor),
    bytes,
  )
}

function addressOf({ addresses, exponents }: Raid6Row, what: typeof EXPONENT_P | typeof EXPONENT_Q): number {
  return addresses[exponents.indexOf(what)]
}

/** @param but slots to leave out; -1 is none */
function addressesOfData({ addresses, exponents }: Raid6Row, but = -1, andBut = -1): number[] {
  const found: number[] = []
  for (let slot = 0; slot < addresses.length; slot++) {
    if (exponents[slot] >= 0 && slot !== but && slot !== andBut) found.push(addresses[slot])
  }
  return found
}

/**
 * Addresses of all data by exponent: where a layout leaves one out there is 0.
 * @param but a slot that counts as zeros; -1 is none
 */
function blocksOf({ addresses, exponents }: Raid6Row, but = -1): number[] {
  const blocks: number[] = []
  for (let slot = 0; slot < addresses.length; slot++) {
    if (exponents[slot] >= 0) setBlock(blocks, exponents[slot], slot === but ? 0 : addresses[slot])
  }
  return blocks
}

/** Fills up with zeros, so that there are no holes in the list. */
function setBlock(blocks: number[], exponent: number, address: number): void {
  while (blocks.length <= exponent) blocks.push(0)
  blocks[exponent] = address
}
