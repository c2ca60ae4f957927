/**
 * The field with 256 elements that RAID-6 computes in: a byte is a polynomial over two elements, its sum is XOR, its product is
 * taken modulo 0x11d. Every element but 0 is a power of g = 2, so that a product is a sum of exponents, modulo 255.
 * @source the H. Peter Anvin paper "The mathematics of RAID-6"; lib/raid6/mktables.c, 6.1
 */
import { assert } from './assert.ts'

const POLYNOMIAL = 0x11d
/** How many different powers the generator has. */
const ORDER = 255

function powersOfTwo(): readonly number[] {
  const powers: number[] = []
  for (let exponent = 0, power = 1; exponent < ORDER; exponent++) {
    powers.push(power)
    power <<= 1
    if (power > 255) power ^= POLYNOMIAL
  }
  return Object.freeze(powers)
}

function logarithms(powers: readonly number[]): readonly number[] {
  const logs = new Array<number>(256).fill(-1)
  powers.forEach((power, exponent) => (logs[power] = exponent))
  return Object.freeze(logs)
}

const POWERS = powersOfTwo()
const LOGARITHMS = logarithms(POWERS)

/** @returns g to the power of any integer */
export function powerOfTwo(exponent: number): number {
  const rest = exponent % ORDER
  return POWERS[rest < 0 ? rest + ORDER : rest]
}

/** @param element 1 to 255. @returns the exponent, 0 to 254, of the power of g that it is */
export function logarithm(element: number): number {
  assert(element > 0 && element < 256, `${element} is no power of the generator`)
  return LOGARITHMS[element]
}

/** @param a 0 to 255. @param b 0 to 255 */
export function multiply(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : POWERS[(LOGARITHMS[a] + LOGARITHMS[b]) % ORDER]
}

/** @param element 1 to 255 */
export function inverse(element: number): number {
  return powerOfTwo(-logarithm(element))
}
