import { expect, test } from 'vitest'
import { crc32c } from './crc32c.ts'

const ALL_ONES = 0xffffffff

test('the check value of CRC-32C', () => {
  const digits = new TextEncoder().encode('123456789')
  expect((crc32c(ALL_ONES, digits) ^ ALL_ONES) >>> 0).toBe(0xe3069283)
})

test('a checksum goes on where it was', () => {
  const digits = new TextEncoder().encode('123456789')
  expect(crc32c(crc32c(ALL_ONES, digits, 0, 4), digits, 4)).toBe(crc32c(ALL_ONES, digits))
})
