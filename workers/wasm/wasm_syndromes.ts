import { assert } from '../../engine/base/assert.ts'
import { multiply } from '../../engine/base/gf256.ts'
import { PlainSyndromes } from '../../engine/base/plain_syndromes.ts'
import { SYNDROMES, type BlocksByExponent, type Syndromes } from '../../engine/base/syndromes.ts'
import { SYNDROMES_BASE64 } from './syndromes_bytes.ts'
import { SYNDROMES_ROOM_BYTES, WasmArena } from './wasm_arena.ts'
import { compile } from './wasm_module.ts'

/** What a turn of the routines takes at once; a shorter rest is done in plain JavaScript. */
const TURN_BYTES = 64
/** Zeros, for the exponents that no block has; with some of those in its list a routine does so much at a time. */
const ZEROS_BYTES = 16384
const LIST_BYTES = 1024
/** Of every constant, what the routines multiply by it with: 0 to 15 times it, and 0 to 15 times 16 times it. */
const MULTIPLES_BYTES = 32
/** The routines want two blocks at least; solveQ is content with one. */
const BLOCKS_MIN = 2

interface Routines {
  syndromes(list: number, top: number, p: number, q: number, at: number, end: number): void
  syndromes2(a: number, b: number, p: number, q: number, length: number): void
  xorSyndromes(list: number, top: number, p: number, q: number, at: number, end: number): void
  wrongSyndromes(list: number, top: number, p: number, q: number, at: number, end: number): number
  mulInto(dst: number, src: number, multiples: number, length: number): void
  solveQ(
    list: number,
    top: number,
    q: number,
    dst: number,
    rest: number,
    at: number,
    end: number,
    multiples: number,
  ): void
}

/** The arithmetic of RAID-6 by SIMD routines on an arena's memory. */
export class WasmSyndromes implements Syndromes {
  readonly #words: Int32Array
  readonly #plain: PlainSyndromes
  readonly #zeros: number
  readonly #list: number
  readonly #multiples: number
  readonly #routines: Routines
  /** How many bytes the routines may do with the list as it is: all, or as many zeros as there are for the gaps in it. */
  #step = Infinity

  /** @param room multiple of 16: address of {@link SYNDROMES_ROOM_BYTES} zeros that nobody else touches */
  constructor(memory: WebAssembly.Memory, room: number) {
    assert(ZEROS_BYTES + LIST_BYTES + 256 * MULTIPLES_BYTES <= SYNDROMES_ROOM_BYTES, 'room behind the arena')
    const instance = new WebAssembly.Instance(compile(SYNDROMES_BASE64), { arena: { memory } })
    this.#words = new Int32Array(memory.buffer)
    this.#plain = new PlainSyndromes(this.#words)
    this.#zeros = room
    this.#list = room + ZEROS_BYTES
    this.#multiples = room + ZEROS_BYTES + LIST_BYTES
    fillMultiples(new Uint8Array(memory.buffer, this.#multiples, 256 * MULTIPLES_BYTES))
    this.#routines = instance.exports as unknown as Routines
  }

  syndromes(p: number, q: number, blocks: BlocksByExponent, length: number): void {
    const whole = length - (length % TURN_BYTES)
    if (blocks.length === 2 && blocks[0] !== 0 && blocks[1] !== 0) {
      this.#routines.syndromes2(blocks[0], blocks[1], p, q, whole)
    } else {
      for (let at = 0; at < whole; at += this.#step) {
        const top = this.#setUp(blocks, at)
        this.#routines.syndromes(this.#list, top, p, q, at, Math.min(at + this.#step, whole))
      }
    }
    if (whole < length) this.#plain.syndromes(p, q, blocks, length, whole)
  }

  xorSyndromes(p: number, q: number, blocks: BlocksByExponent, length: number): void {
    const whole = length - (length % TURN_BYTES)
    for (let at = 0; at < whole; at += this.#step) {
      const top = this.#setUp(blocks, at)
      this.#routines.xorSyndromes(this.#list, top, p, q, at, Math.min(at + this.#step, whole))
    }
    if (whole < length) this.#plain.xorSyndromes(p, q, blocks, length, whole)
  }

  wrongSyndromes(p: number, q: number, blocks: BlocksByExponent, length: number): number {
    const whole = length - (length % TURN_BYTES)
    let wrong = 0
    // Piece by piece, gaps or not: there is nothing left to find once both are wrong.
    for (let at = 0; at < whole && wrong !== 3; at += ZEROS_BYTES) {
      const top = this.#setUp(blocks, at)
      wrong |= this.#routines.wrongSyndromes(this.#list, top, p, q, at, Math.min(at + ZEROS_BYTES, whole))
    }
    if (whole < length && wrong !== 3) wrong |= this.#plain.wrongSyndromes(p, q, blocks, length, whole)
    return wrong
  }

  mulInto(dst: number, src: number, constant: number, length: number): void {
    const whole = length - (length % TURN_BYTES)
    this.#routines.mulInto(dst, src, this.#multiples + constant * MULTIPLES_BYTES, whole)
    if (whole < length) this.#plain.mulInto(dst, src, constant, length, whole)
  }

  solveQ(dst: number, rest: number, q: number, blocks: BlocksByExponent, constant: number, length: number): void {
    const whole = length - (length % TURN_BYTES)
    const multiples = this.#multiples + constant * MULTIPLES_BYTES
    for (let at = 0; at < whole; at += this.#step) {
      const top = this.#setUp(blocks, at, 1)
      this.#routines.solveQ(this.#list, top, q, dst, rest, at, Math.min(at + this.#step, whole), multiples)
    }
    if (whole < length) this.#plain.solveQ(dst, rest, q, blocks, constant, length, whole)
  }

  /**
   * Writes the list that the routines read: no longer than it must be, zeros where there is no block.
   * @param at where in the blocks the routine begins: the zeros begin there, too
   * @returns address of its last entry
   */
  #setUp(blocks: BlocksByExponent, at: number, least = BLOCKS_MIN): number {
    const words = this.#words
    let count = blocks.length
    while (count > least && blocks[count - 1] === 0) count--
    let entry = this.#list >>> 2
    let step = Infinity
    for (let exponent = 0; exponent < count || exponent < least; exponent++) {
      let address = exponent < count ? blocks[exponent] : 0
      if (address === 0) {
        address = this.#zeros - at
        step = ZEROS_BYTES
      }
      words[entry++] = address
    }
    this.#step = step
    return (entry - 1) << 2
  }
}

function fillMultiples(bytes: Uint8Array): void {
  for (let i = 0; i < bytes.length; i++) {
    const factor = i & 16 ? (i & 15) << 4 : i & 15
    bytes[i] = multiply(i >> 5, factor)
  }
}

SYNDROMES.learn((arena) => (arena instanceof WasmArena ? new WasmSyndromes(arena.memory, arena.syndromesRoom) : null))
