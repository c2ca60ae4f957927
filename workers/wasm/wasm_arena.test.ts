import { describe, expect, test, vi } from 'vitest'
import { PlainArena, type Arena } from '../../engine/base/arena.ts'
import { Chance } from '../../engine/sim/chance.ts'
import { createArena, WasmArena } from './wasm_arena.ts'

const BUFFERS = 12
const BUFFER_BYTES = 16384
const SEED = 20260101

/** The same random bytes in both kinds of arena. */
function twins(name: string): [Arena, Arena, Chance] {
  const chance = new Chance(SEED, name)
  const wasm = new WasmArena(BUFFERS * BUFFER_BYTES)
  const plain = new PlainArena(BUFFERS * BUFFER_BYTES)
  chance.fill(plain.bytes)
  wasm.bytes.set(plain.bytes)
  return [wasm, plain, chance]
}

/** Every byte, by position: where they differ first, or -1. */
function firstDifference(a: Uint8Array, b: Uint8Array): number {
  return a.findIndex((byte, i) => byte !== b[i])
}

function pick(chance: Chance, count: number): number[] {
  const buffers = Array.from({ length: BUFFERS }, (_, i) => i * BUFFER_BYTES)
  return Array.from({ length: count }, () => buffers.splice(chance.below(buffers.length), 1)[0])
}

const LENGTHS = [16, 48, 64, 80, 512, 4096, 4112, 8192 + 32, BUFFER_BYTES]

describe(`both arenas do the same (seed ${SEED})`, () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])('parity of %i sources', (count) => {
    const [wasm, plain, chance] = twins(`parity ${count}`)
    for (const length of LENGTHS) {
      const [dst, ...sources] = pick(chance, count + 1)
      wasm.parity(dst, sources, length)
      plain.parity(dst, sources, length)
      expect(firstDifference(wasm.bytes, plain.bytes)).toBe(-1)
    }
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])('parity of %i sources, each of them the destination', (count) => {
    const [wasm, plain, chance] = twins(`aliased ${count}`)
    for (const length of LENGTHS) {
      const sources = pick(chance, count)
      for (const dst of sources) {
        wasm.parity(dst, sources, length)
        plain.parity(dst, sources, length)
        expect(firstDifference(wasm.bytes, plain.bytes)).toBe(-1)
      }
    }
  })

  test('xorInto', () => {
    const [wasm, plain, chance] = twins('xorInto')
    for (const length of LENGTHS) {
      const [dst, src] = pick(chance, 2)
      wasm.xorInto(dst, src, length)
      plain.xorInto(dst, src, length)
      expect(firstDifference(wasm.bytes, plain.bytes)).toBe(-1)
    }
  })

  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])('parityIsZero of %i sources, one bit wrong or none', (count) => {
    const [wasm, plain, chance] = twins(`zero ${count}`)
    for (const length of LENGTHS) {
      const [last, ...others] = pick(chance, count)
      for (const arena of [wasm, plain]) {
        if (count === 1) arena.bytes.fill(0, last, last + length)
        else arena.parity(last, others, length)
        const before = arena.bytes.slice()
        expect(arena.parityIsZero([last, ...others], length)).toBe(true)
        expect(firstDifference(arena.bytes, before)).toBe(-1)
      }
      const spoilt = last + chance.below(length)
      for (const arena of [wasm, plain]) {
        arena.bytes[spoilt] ^= 16
        expect(arena.parityIsZero([last, ...others], length)).toBe(false)
        expect(arena.parityIsZero([...others, last], length)).toBe(false)
      }
    }
  })
})

test('a new arena is zeros, of whole pages, and in WebAssembly', () => {
  const arena = createArena(1_000_000)
  expect(arena).toBeInstanceOf(WasmArena)
  expect(arena.bytes.length).toBe(1_003_520)
  expect(arena.bytes.every((byte) => byte === 0)).toBe(true)
})

test('an arena is plain where WebAssembly has no SIMD', () => {
  const validate = vi.spyOn(WebAssembly, 'validate').mockReturnValue(false)
  try {
    expect(createArena(65536)).toBeInstanceOf(PlainArena)
  } finally {
    validate.mockRestore()
  }
})

test('addresses above 2 GiB are addresses', () => {
  const high = 2 ** 31 + 4096
  const arena = new WasmArena(2 ** 31 + 65536)
  arena.bytes.fill(5, high, high + 80)
  arena.bytes.fill(6, 4096, 4096 + 80)
  arena.parity(high, [high, 4096], 80)
  expect(arena.bytes.slice(high, high + 81)).toEqual(new Uint8Array(81).fill(3, 0, 80))
  expect(arena.parityIsZero([high], 80)).toBe(false)
  expect(arena.parityIsZero([high + 4096], 4096)).toBe(true)
})
