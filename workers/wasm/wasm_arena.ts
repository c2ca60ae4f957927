import { PlainArena, type Arena } from '../../engine/base/arena.ts'
import { SHARED } from '../../engine/base/copy.ts'
import type { Syndromes } from '../../engine/base/syndromes.ts'
import { PARITY_BASE64 } from './parity_bytes.ts'
import { compile, isKnown } from './wasm_module.ts'

const WASM_PAGE_BYTES = 65536
/** What a turn of the routines takes at once; a shorter rest is done here. */
const TURN_BYTES = 64
/** The most sources that a routine takes. */
const SOURCES_MAX = 5
/** Room behind the arena for the sum of the first sources of a long list that is only looked at. */
const SCRATCH_BYTES = 4096
/** Room behind that for the routines of RAID-6: the last bytes of the memory that are used. */
export const SYNDROMES_ROOM_BYTES = 16384 + 1024 + 256 * 32

interface Routines {
  parity2(dst: number, a: number, b: number, length: number): void
  parity3(dst: number, a: number, b: number, c: number, length: number): void
  parity4(dst: number, a: number, b: number, c: number, d: number, length: number): void
  parity5(dst: number, a: number, b: number, c: number, d: number, e: number, length: number): void
  zero1(a: number, length: number): number
  zero2(a: number, b: number, length: number): number
  zero3(a: number, b: number, c: number, length: number): number
  zero4(a: number, b: number, c: number, d: number, length: number): number
  zero5(a: number, b: number, c: number, d: number, e: number, length: number): number
}

/**
 * An arena in a WebAssembly memory, with SIMD routines: parity at the speed of a copy. The memory is reserved as a whole at
 * the start and never grows, so its buffer and every view on it stay valid.
 */
export class WasmArena implements Arena {
  readonly [SHARED] = true
  readonly bytes: Uint8Array
  syndromes: Syndromes | null = null
  /** All of it: the bytes, and room behind them. */
  readonly memory: WebAssembly.Memory
  readonly #words: Int32Array
  readonly #scratch: number
  readonly #routines: Routines

  /**
   * @param sizeBytes multiple of 16
   * @errors RangeError where the host gives no memory of this size; WebAssembly.CompileError where it knows no SIMD
   */
  constructor(sizeBytes: number) {
    const pages = Math.ceil((sizeBytes + SCRATCH_BYTES + SYNDROMES_ROOM_BYTES) / WASM_PAGE_BYTES)
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
    const instance = new WebAssembly.Instance(compile(PARITY_BASE64), { arena: { memory } })
    this.bytes = new Uint8Array(memory.buffer, 0, sizeBytes)
    this.memory = memory
    this.#words = new Int32Array(memory.buffer)
    this.#scratch = sizeBytes
    this.#routines = instance.exports as unknown as Routines
  }

  /** Where the room for the routines of RAID-6 begins. */
  get syndromesRoom(): number {
    return this.#scratch + SCRATCH_BYTES
  }

  xorInto(dst: number, src: number, length: number): void {
    const whole = length - (length % TURN_BYTES)
    this.#routines.parity2(dst, dst, src, whole)
    if (whole < length) this.#parityOfRest(dst, [dst, src], whole, length)
  }

  parity(dst: number, sources: readonly number[], length: number): void {
    const whole = length - (length % TURN_BYTES)
    if (sources.length > SOURCES_MAX) this.#parityOfMany(dst, sources, length)
    else {
      this.#parityOfFew(dst, sources, whole)
      if (whole < length) this.#parityOfRest(dst, sources, whole, length)
    }
  }

  parityIsZero(sources: readonly number[], length: number): boolean {
    if (sources.length > SOURCES_MAX) return this.#zeroOfMany(sources, length)
    const whole = length - (length % TURN_BYTES)
    return this.#zeroOfFew(sources, whole) && (whole === length || this.#zeroOfRest(sources, whole, length))
  }

  #parityOfFew(dst: number, sources: readonly number[], length: number): void {
    const routines = this.#routines
    const [a, b, c, d, e] = sources
    switch (sources.length) {
      case 1:
        if (dst !== a) this.bytes.copyWithin(dst, a, a + length)
        return
      case 2:
        return routines.parity2(dst, a, b, length)
      case 3:
        return routines.parity3(dst, a, b, c, length)
      case 4:
        return routines.parity4(dst, a, b, c, d, length)
      default:
        return routines.parity5(dst, a, b, c, d, e, length)
    }
  }

  /** Adds up in passes. The destination, where it is a source too, comes into the first: the others find it overwritten. */
  #parityOfMany(dst: number, sources: readonly number[], length: number): void {
    const ordered = [...sources.filter((source) => source === dst), ...sources.filter((source) => source !== dst)]
    this.parity(dst, ordered.slice(0, SOURCES_MAX), length)
    for (let at = SOURCES_MAX; at < ordered.length; at += SOURCES_MAX - 1) {
      this.parity(dst, [dst, ...ordered.slice(at, at + SOURCES_MAX - 1)], length)
    }
  }

  #parityOfRest(dst: number, sources: readonly number[], from: number, to: number): void {
    const words = this.#words
    for (let i = from; i < to; i += 4) {
      let sum = 0
      for (const source of sources) sum ^= words[(source + i) >>> 2]
      words[(dst + i) >>> 2] = sum
    }
  }

  #zeroOfFew(sources: readonly number[], length: number): boolean {
    const routines = this.#routines
    const [a, b, c, d, e] = sources
    switch (sources.length) {
      case 1:
        return routines.zero1(a, length) === 1
      case 2:
        return routines.zero2(a, b, length) === 1
      case 3:
        return routines.zero3(a, b, c, length) === 1
      case 4:
        return routines.zero4(a, b, c, d, length) === 1
      default:
        return routines.zero5(a, b, c, d, e, length) === 1
    }
  }

  #zeroOfMany(sources: readonly number[], length: number): boolean {
    const scratch = this.#scratch
    const first = sources.length - (SOURCES_MAX - 1)
    for (let at = 0; at < length; at += SCRATCH_BYTES) {
      const piece = Math.min(SCRATCH_BYTES, length - at)
      const moved = sources.map((source) => source + at)
      this.parity(scratch, moved.slice(0, first), piece)
      if (!this.parityIsZero([scratch, ...moved.slice(first)], piece)) return false
    }
    return true
  }

  #zeroOfRest(sources: readonly number[], from: number, to: number): boolean {
    const words = this.#words
    for (let i = from; i < to; i += 4) {
      let sum = 0
      for (const source of sources) sum ^= words[(source + i) >>> 2]
      if (sum !== 0) return false
    }
    return true
  }
}

/**
 * An arena for a machine: in WebAssembly, or in plain JavaScript where that has no SIMD.
 * @param maxBytes everything the machine will ever hold in RAM; only what is touched costs anything
 */
export function createArena(maxBytes: number): Arena {
  const sizeBytes = Math.ceil(maxBytes / 4096) * 4096
  const isSimdKnown = typeof WebAssembly === 'object' && isKnown(PARITY_BASE64)
  return isSimdKnown ? new WasmArena(sizeBytes) : new PlainArena(sizeBytes)
}
