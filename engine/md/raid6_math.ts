/**
 * P and Q of a RAID-6 row, and what makes a lost block of it again, in place. P is the sum (XOR) of the data, Q the sum of the data
 * each times its own power of g, in the field of gf256.ts. Every layout gives each slot of a row its exponent; this is all that is
 * known of layouts here. A block is a page or a chunk; they are all of one length, a multiple of 16 bytes.
 * @source drivers/md/raid5.c, lib/raid6/recov.c, 6.1
 */
import type { Arena } from '../base/arena.ts'
import { assert } from '../base/assert.ts'
import { inverse, powerOfTwo } from '../base/gf256.ts'

/** What stands in the place of an exponent at the slots that hold no data. */
export const EXPONENT_P = -1
export const EXPONENT_Q = -2

/** What is wrong, as bits. */
export const WRONG_P = 1
export const WRONG_Q = 2

export interface Raid6Row {
  /** By slot: where its block is. Never 0. */
  readonly addresses: readonly number[]
  /** By slot: the exponent, 0 to 254, that its data has in Q, no two the same; or that it is P or Q. */
  readonly exponents: readonly number[]
}

/** Makes P and Q from all data. */
export function makePAndQ(arena: Arena, row: Raid6Row, bytes: number): void {
  arena.syndromes(addressOf(row, EXPONENT_P), addressOf(row, EXPONENT_Q), blocksOf(row), bytes)
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
    arena.mulInto(q, addresses[slot], powerOfTwo(exponents[slot]), bytes)
    return
  }
  const blocks = new Array<number>(row.exponents.length).fill(0)
  for (const slot of slots) setBlock(blocks, exponents[slot], addresses[slot])
  arena.xorSyndromes(p, q, blocks, bytes)
}

/** @returns {@link WRONG_P} and {@link WRONG_Q}: which of the two the data does not make */
export function wrongPAndQ(arena: Arena, row: Raid6Row, bytes: number): number {
  return arena.wrongSyndromes(addressOf(row, EXPONENT_P), addressOf(row, EXPONENT_Q), blocksOf(row), bytes)
}

/**
 * Makes lost blocks from all the others, whatever they are: data, P, Q.
 * @param lost at most two slots; what is in their blocks does not matter
 */
export function recoverLost(arena: Arena, row: Raid6Row, lost: readonly number[], bytes: number): void {
  assert(lost.length <= 2, `a RAID-6 cannot make ${lost.length} blocks`)
  const data = lost.filter((slot) => row.exponents[slot] >= 0)
  const isPLost = lost.some((slot) => row.exponents[slot] === EXPONENT_P)
  const isQLost = lost.some((slot) => row.exponents[slot] === EXPONENT_Q)
  if (data.length === 2) return recoverTwoData(arena, row, data[0], data[1], bytes)
  if (data.length === 1 && isPLost) recoverDataByQ(arena, row, data[0], bytes)
  else if (data.length === 1) recoverDataByP(arena, row, data[0], bytes)
  // All data is there now.
  if (isPLost && isQLost) makePAndQ(arena, row, bytes)
  else if (isPLost) arena.parity(addressOf(row, EXPONENT_P), addressesOfData(row), bytes)
  else if (isQLost) {
    const q = addressOf(row, EXPONENT_Q)
    arena.syndromes(q, q, blocksOf(row), bytes)
  }
}

/** The lost block is what P lacks. */
function recoverDataByP(arena: Arena, row: Raid6Row, lost: number, bytes: number): void {
  arena.parity(row.addresses[lost], [addressOf(row, EXPONENT_P), ...addressesOfData(row, lost)], bytes)
}

/** What Q lacks is g^a times the lost block. */
function recoverDataByQ(arena: Arena, row: Raid6Row, lost: number, bytes: number): void {
  const { addresses, exponents } = row
  const blocks = blocksOf(row)
  blocks[exponents[lost]] = 0
  arena.solveQ(addresses[lost], addressOf(row, EXPONENT_Q), blocks, powerOfTwo(-exponents[lost]), bytes)
}

/**
 * P lacks A + B, Q lacks g^a A + g^b B. With A + B in the place of A, Q lacks (g^a + g^b) B alone. So B comes out of Q by one
 * multiplication, and A out of the sum.
 */
function recoverTwoData(arena: Arena, row: Raid6Row, first: number, second: number, bytes: number): void {
  const { addresses, exponents } = row
  const [a, b] = [addresses[first], addresses[second]]
  arena.parity(a, [addressOf(row, EXPONENT_P), ...addressesOfData(row, first, second)], bytes)
  const blocks = blocksOf(row)
  blocks[exponents[second]] = 0
  const factor = powerOfTwo(exponents[first]) ^ powerOfTwo(exponents[second])
  arena.solveQ(b, addressOf(row, EXPONENT_Q), blocks, inverse(factor), bytes)
  arena.xorInto(a, b, bytes)
}

function addressOf({ addresses, exponents }: Raid6Row, what: typeof EXPONENT_P | typeof EXPONENT_Q): number {
  return addresses[exponents.indexOf(what)]
}

function addressesOfData({ addresses, exponents }: Raid6Row, ...but: readonly number[]): number[] {
  return addresses.filter((_, slot) => exponents[slot] >= 0 && !but.includes(slot))
}

/** Addresses of all data by exponent: where a layout leaves one out there is 0. */
function blocksOf({ addresses, exponents }: Raid6Row): number[] {
  const blocks: number[] = []
  for (let slot = 0; slot < addresses.length; slot++) {
    if (exponents[slot] >= 0) setBlock(blocks, exponents[slot], addresses[slot])
  }
  return blocks
}

/** Fills up with zeros, so that there are no holes in the list. */
function setBlock(blocks: number[], exponent: number, address: number): void {
  while (blocks.length <= exponent) blocks.push(0)
  blocks[exponent] = address
}
