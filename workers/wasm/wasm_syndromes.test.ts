import { describe, expect, test } from 'vitest'
import { PlainArena, type Arena } from '../../engine/base/arena.ts'
import { multiply, powerOfTwo } from '../../engine/base/gf256.ts'
import { syndromesOf } from '../../engine/base/syndromes.ts'
import { Chance } from '../../engine/sim/chance.ts'
import { WasmArena } from './wasm_arena.ts'
import './wasm_syndromes.ts'

const BUFFERS = 16
const BUFFER_BYTES = 65536
const SEED = 20260404
/** With and without a rest that is no whole turn, and longer than what a list with gaps does at a time. */
const LENGTHS = [16, 48, 64, 80, 4096, 4112, 16384 + 48, BUFFER_BYTES]

type Twins = [Arena, Arena, Chance]

/** The same random bytes in both kinds of arena. Address 0 is no buffer. */
function twins(name: string): Twins {
  const chance = new Chance(SEED, name)
  const wasm = new WasmArena((BUFFERS + 1) * BUFFER_BYTES)
  const plain = new PlainArena((BUFFERS + 1) * BUFFER_BYTES)
  chance.fill(plain.bytes)
  wasm.bytes.set(plain.bytes)
  return [wasm, plain, chance]
}

function firstDifference(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b) === 0 ? -1 : a.findIndex((byte, i) => byte !== b[i])
}

function expectBytes(arena: Arena, address: number, expected: Uint8Array): void {
  expect(firstDifference(arena.bytes.subarray(address, address + expected.length), expected)).toBe(-1)
}

/** So many different buffers. */
function pick(chance: Chance, count: number): number[] {
  const buffers = Array.from({ length: BUFFERS }, (_, i) => (i + 1) * BUFFER_BYTES)
  return Array.from({ length: count }, () => buffers.splice(chance.below(buffers.length), 1)[0])
}

/** The definition, byte by byte: P and Q of the blocks. */
function byDefinition(bytes: Uint8Array, blocks: readonly number[], length: number): [Uint8Array, Uint8Array] {
  const p = new Uint8Array(length)
  const q = new Uint8Array(length)
  blocks.forEach((block, exponent) => {
    if (block === 0) return
    const products = Uint8Array.from({ length: 256 }, (_, byte) => multiply(powerOfTwo(exponent), byte))
    for (let i = 0; i < length; i++) {
      p[i] ^= bytes[block + i]
      q[i] ^= products[bytes[block + i]]
    }
  })
  return [p, q]
}

/** What a layout leaves: each block is missing with some chance, or none is. */
function withGaps(chance: Chance, blocks: number[]): number[] {
  return chance.below(2) === 0 ? blocks : blocks.map((block) => (chance.below(3) === 0 ? 0 : block))
}

const COUNTS = [1, 2, 3, 4, 5, 6, 7, 8, 11, 14]

describe(`P and Q by definition, and both arenas do the same (seed ${SEED})`, () => {
  test.each(COUNTS)('syndromes and wrongSyndromes of %i blocks', (count) => {
    const [wasm, plain, chance] = twins(`syndromes ${count}`)
    for (const length of LENGTHS) {
      const [p, q, ...all] = pick(chance, count + 2)
      const blocks = withGaps(chance, all)
      const expected = byDefinition(plain.bytes, blocks, length)
      for (const arena of [wasm, plain]) {
        syndromesOf(arena).syndromes(p, q, blocks, length)
        expectBytes(arena, p, expected[0])
        expectBytes(arena, q, expected[1])
        const before = arena.bytes.slice()
        expect(syndromesOf(arena).wrongSyndromes(p, q, blocks, length)).toBe(0)
        expect(firstDifference(arena.bytes, before)).toBe(-1)
      }
      expect(firstDifference(wasm.bytes, plain.bytes)).toBe(-1)
    }
  })

  test.each(COUNTS)('one bit wrong in P, in Q, in both or in one of %i blocks', (count) => {
    const [wasm, plain, chance] = twins(`wrong ${count}`)
    for (const length of LENGTHS) {
      const [p, q, ...blocks] = pick(chance, count + 2)
      syndromesOf(plain).syndromes(p, q, blocks, length)
      wasm.bytes.set(plain.bytes)
      const flips: [number[], number][] = [
        [[p], 1],
        [[q], 2],
        [[p, q], 3],
        [[blocks[chance.below(count)]], 3],
      ]
      for (const [buffers, wrong] of flips) {
        const places = buffers.map((buffer) => buffer + chance.below(length))
        for (const arena of [wasm, plain]) {
          for (const place of places) arena.bytes[place] ^= 64
          expect(syndromesOf(arena).wrongSyndromes(p, q, blocks, length)).toBe(wrong)
          // Where P is not asked about, Q stands in for it.
          expect(syndromesOf(arena).wrongSyndromes(q, q, blocks, length) & 2).toBe(wrong & 2)
          for (const place of places) arena.bytes[place] ^= 64
        }
      }
    }
  })

  test.each(COUNTS)('xorSyndromes takes %i blocks out of P and Q, and puts them back', (count) => {
    const [wasm, plain, chance] = twins(`xor ${count}`)
    for (const length of LENGTHS) {
      const [p, q, ...all] = pick(chance, count + 2)
      const blocks = withGaps(chance, all)
      const before = plain.bytes.slice()
      const added = byDefinition(before, blocks, length)
      for (const arena of [wasm, plain]) {
        syndromesOf(arena).xorSyndromes(p, q, blocks, length)
        expectBytes(
          arena,
          p,
          added[0].map((byte, i) => byte ^ before[p + i]),
        )
        expectBytes(
          arena,
          q,
          added[1].map((byte, i) => byte ^ before[q + i]),
        )
      }
      expect(firstDifference(wasm.bytes, plain.bytes)).toBe(-1)
      for (const arena of [wasm, plain]) syndromesOf(arena).xorSyndromes(p, q, blocks, length)
      expect(firstDifference(wasm.bytes, before)).toBe(-1)
      expect(firstDifference(plain.bytes, before)).toBe(-1)
    }
  })

  test.each([...COUNTS, 60, 255])('exponents up to %i, nearly all of them unused', (count) => {
    const [wasm, plain, chance] = twins(`far ${count}`)
    for (const length of [80, 4096, 32768 + 16]) {
      const [p, q, dst, a, b] = pick(chance, 5)
      const blocks = new Array<number>(count).fill(0)
      blocks[chance.below(count)] = a
      blocks[chance.below(count)] = b
      const expected = byDefinition(plain.bytes, blocks, length)
      for (const arena of [wasm, plain]) {
        syndromesOf(arena).syndromes(p, q, blocks, length)
        expectBytes(arena, p, expected[0])
        expectBytes(arena, q, expected[1])
        expect(syndromesOf(arena).wrongSyndromes(p, q, blocks, length)).toBe(0)
        syndromesOf(arena).xorSyndromes(dst, q, blocks, length)
        syndromesOf(arena).solveQ(dst, p, q, blocks, 77, length)
      }
      expect(firstDifference(wasm.bytes, plain.bytes)).toBe(-1)
    }
  })

  test('mulInto, by every constant', () => {
    const [wasm, plain, chance] = twins('mulInto')
    for (let constant = 0; constant < 256; constant++) {
      const length = LENGTHS[constant % 7]
      const [dst, src] = pick(chance, 2)
      const before = plain.bytes.slice()
      for (const arena of [wasm, plain]) {
        syndromesOf(arena).mulInto(dst, src, constant, length)
        const found = arena.bytes.slice(dst, dst + length)
        expect(
          firstDifference(
            found,
            found.map((_, i) => before[dst + i] ^ multiply(constant, before[src + i])),
          ),
        ).toBe(-1)
        syndromesOf(arena).mulInto(src, src, constant, length)
      }
      expect(firstDifference(wasm.bytes, plain.bytes)).toBe(-1)
    }
  })

  test.each(COUNTS)('solveQ with %i blocks finds the one that is not in the list', (count) => {
    const [wasm, plain, chance] = twins(`solve ${count}`)
    for (const length of LENGTHS) {
      const [p, q, dst, ...blocks] = pick(chance, Math.min(count, 13) + 3)
      syndromesOf(plain).syndromes(p, q, blocks, length)
      wasm.bytes.set(plain.bytes)
      const lost = chance.below(blocks.length)
      const rest = blocks.map((block, exponent) => (exponent === lost ? 0 : block))
      for (const arena of [wasm, plain]) {
        arena.parity(p, [p, blocks[lost]], length)
        syndromesOf(arena).solveQ(dst, p, q, rest, powerOfTwo(-lost), length)
        expectBytes(arena, dst, arena.bytes.subarray(blocks[lost], blocks[lost] + length))
        expect(syndromesOf(arena).wrongSyndromes(p, q, blocks, length)).toBe(0)
      }
      expect(firstDifference(wasm.bytes, plain.bytes)).toBe(-1)
    }
  })

  test.each(COUNTS)('what is written may be one of %i blocks; P and Q may be one', (count) => {
    const [wasm, plain, chance] = twins(`aliased ${count}`)
    for (const length of LENGTHS) {
      const all = pick(chance, count + 1)
      const blocks = all.slice(0, count)
      const both = (act: (arena: Arena) => void): void => {
        act(wasm)
        act(plain)
        expect(firstDifference(wasm.bytes, plain.bytes)).toBe(-1)
      }
      const [p, q] = [all[chance.below(count + 1)], all[chance.below(count + 1)]]
      const expected = byDefinition(plain.bytes, blocks, length)
      both((arena) => syndromesOf(arena).syndromes(p, q, blocks, length))
      expectBytes(plain, q, expected[1])
      both((arena) => syndromesOf(arena).xorSyndromes(q, p, blocks, length))
      both((arena) => syndromesOf(arena).xorSyndromes(p, p, blocks, length))
      const constant = 1 + chance.below(255)
      both((arena) => syndromesOf(arena).solveQ(p, all[0], q, blocks, constant, length))
      both((arena) => syndromesOf(arena).solveQ(q, all[count], q, blocks, constant, length))
    }
  })
})

test('no blocks at all make zeros', () => {
  const [wasm, plain] = twins('none')
  for (const arena of [wasm, plain]) {
    syndromesOf(arena).syndromes(BUFFER_BYTES, 2 * BUFFER_BYTES, [0, 0, 0], BUFFER_BYTES)
    syndromesOf(arena).syndromes(3 * BUFFER_BYTES, 4 * BUFFER_BYTES, [], BUFFER_BYTES)
    expect(arena.parityIsZero([BUFFER_BYTES], 4 * BUFFER_BYTES)).toBe(true)
  }
})

test('addresses above 2 GiB are addresses', () => {
  const high = 2 ** 31 + 4096
  const arena = new WasmArena(2 ** 31 + 65536)
  arena.bytes.fill(0x80, high, high + 80)
  arena.bytes.fill(0x01, 4096, 4096 + 80)
  syndromesOf(arena).syndromes(high + 4096, high + 8192, [4096, high], 80)
  expect(arena.bytes.slice(high + 4096, high + 4096 + 81)).toEqual(new Uint8Array(81).fill(0x81, 0, 80))
  expect(arena.bytes.slice(high + 8192, high + 8192 + 81)).toEqual(new Uint8Array(81).fill(0x1c, 0, 80))
  syndromesOf(arena).syndromes(high + 12288, high + 16384, [4096, 0, high], 80)
  expect(arena.bytes.slice(high + 16384, high + 16384 + 81)).toEqual(new Uint8Array(81).fill(0x3b, 0, 80))
  expect(syndromesOf(arena).wrongSyndromes(high + 12288, high + 16384, [4096, 0, high], 80)).toBe(0)
  expect(syndromesOf(arena).wrongSyndromes(high + 12288, high + 8192, [4096, 0, high], 80)).toBe(2)
})
