import { expect, test } from 'vitest'
import { inverse, logarithm, multiply, powerOfTwo } from './gf256.ts'

/** The product by the definition: a sum of shifted polynomials, and then the remainder. */
function productOfPolynomials(a: number, b: number): number {
  let product = 0
  for (let bit = 0; bit < 8; bit++) if ((b >> bit) & 1) product ^= a << bit
  for (let bit = 14; bit >= 8; bit--) if ((product >> bit) & 1) product ^= 0x11d << (bit - 8)
  return product
}

test('the powers of the generator are those of the kernel', () => {
  const first = [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80, 0x1d, 0x3a, 0x74, 0xe8, 0xcd, 0x87, 0x13, 0x26]
  expect(first.map((_, exponent) => powerOfTwo(exponent))).toEqual(first)
  expect(inverse(2)).toBe(0x8e)
  expect(inverse(3)).toBe(0xf4)
})

test('every product is that of the polynomials', () => {
  const wrong: string[] = []
  for (let a = 0; a < 256; a++) {
    for (let b = 0; b < 256; b++) if (multiply(a, b) !== productOfPolynomials(a, b)) wrong.push(`${a} * ${b}`)
  }
  expect(wrong).toEqual([])
})

test('every element but 0 has one exponent and one inverse', () => {
  const exponents = new Set<number>()
  for (let element = 1; element < 256; element++) {
    exponents.add(logarithm(element))
    expect(powerOfTwo(logarithm(element))).toBe(element)
    expect(multiply(element, inverse(element))).toBe(1)
  }
  expect(exponents.size).toBe(255)
  expect(() => logarithm(0)).toThrow('no power')
  expect(() => inverse(0)).toThrow('no power')
})

test('exponents go round, both ways', () => {
  for (const exponent of [0, 1, 7, 254]) {
    expect(powerOfTwo(exponent + 255)).toBe(powerOfTwo(exponent))
    expect(powerOfTwo(exponent - 255)).toBe(powerOfTwo(exponent))
    expect(powerOfTwo(-exponent)).toBe(inverse(powerOfTwo(exponent)))
  }
})
