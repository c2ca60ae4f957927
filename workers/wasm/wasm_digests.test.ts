import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { DIGEST_BYTES, DIGESTS, digestOf, type DigestName } from '../../engine/base/digests.ts'
import { plainDigests } from '../../engine/base/plain_digests.ts'
import { Chance } from '../../engine/sim/chance.ts'
import { WasmDigests } from './wasm_digests.ts'

const SEED = 20261120
const NAMES = Object.keys(DIGEST_BYTES) as DigestName[]
const ROUNDS = 40
const LENGTHS = [0, 1, 3, 55, 56, 63, 64, 65, 111, 112, 127, 128, 512, 4096, 16384, 16385, 70000]

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Some bytes at an odd place of a larger buffer, cut into up to three pieces. */
function pieces(chance: Chance, length: number): Uint8Array[] {
  const all = new Uint8Array(length + 7)
  chance.fill(all)
  const bytes = all.subarray(7)
  const cuts = [chance.below(length + 1), chance.below(length + 1)].sort((a, b) => a - b)
  return [bytes.subarray(0, cuts[0]), bytes.subarray(cuts[0], cuts[1]), bytes.subarray(cuts[1])]
}

test('what the host brought up is what is used', () => {
  expect(DIGESTS.known).toBeInstanceOf(WasmDigests)
})

describe(`WebAssembly and plain JavaScript give the same (seed ${SEED})`, () => {
  test.each(NAMES)('%s', (name) => {
    const chance = new Chance(SEED, name)
    const lengths = [...LENGTHS, ...Array.from({ length: ROUNDS }, () => chance.below(20000))]
    for (const length of lengths) {
      const parts = pieces(chance, length)
      const plain = plainDigests.of(name, parts)
      expect(plain).toHaveLength(DIGEST_BYTES[name])
      expect(hex(digestOf(name, parts)), `${length} bytes`).toBe(hex(plain))
      if (name === 'crc32c') continue
      const native = createHash(name)
      for (const part of parts) native.update(part)
      expect(hex(plain), `${length} bytes`).toBe(native.digest('hex'))
    }
  })
})

test('the check value of CRC-32C, lowest byte first', () => {
  const digits = new TextEncoder().encode('123456789')
  for (const digests of [DIGESTS.known, plainDigests]) expect(hex(digests.of('crc32c', [digits]))).toBe('839206e3')
})

test('a sum that is kept does not change when another one is computed', () => {
  const first = digestOf('sha256', [Uint8Array.of(1)])
  const kept = hex(first)
  digestOf('sha256', [Uint8Array.of(2)])
  expect(hex(first)).toBe(kept)
})
