import type { BlocksByExponent } from '../../engine/base/arena.ts'
import {
  plainMulInto,
  plainSolveQ,
  plainSyndromes,
  plainWrongSyndromes,
  plainXorSyndromes,
} from '../../engine/base/plain_syndromes.ts'
import { SYNDROMES_BASE64 } from './syndromes_bytes.ts'
import { compile } from './wasm_module.ts'

/** What a turn of the routines takes at once; a shorter rest is done in plain JavaScript. */
const TURN_BYTES = 64
/** Zeros, for the exponents that no block has; with some of those in its list a routine does so much at a time. */
const ZEROS_BYTES = 16384
const LIST_BYTES = 1024
/** After so many bytes a check sees whether there is anything left to find. */
const CHECK_BYTES = 4096
/** The routines want two blocks at least. */
const BLOCKS_MIN = 2

interface Routines {
  syndromes(list: number, top: number, p: number, q: number, at: number, end: number): void
  syndromes2(a: number, b: number, p: number, q: number, length: number): void
  xorSyndromes(list: number, top: number, p: number, q: number, at: number, end: number): void
  wrongSyndromes(list: number, top: number, p: number, q: number, at: number, end: number): number
  mulInto(dst: number, src: number, constant: number, length: number): void
  solveQ(list: number, top: number, q: number, dst: number, at: number, end: number, constant: number): void
}

/** What `Arena` promises for RAID-6, by SIMD routines on its memory. */
export class WasmSyndromes {
  /** Room it needs behind the arena's own bytes. */
  static readonly ROOM_BYTES = ZEROS_BYTES + LIST_BYTES

  readonly #words: Int32Array
  readonly #zeros: number
  readonly #list: number
  readonly #routines: Routines

  /** @param room multiple of 16: address of {@link ROOM_BYTES} zeros that nobody else touches */
  constructor(memory: WebAssembly.Memory, room: number) {
    const instance = new WebAssembly.Instance(compile(SYNDROMES_BASE64), { arena: { memory } })
    this.#words = new Int32Array(memory.buffer)
    this.#zeros = room
    this.#list = room + ZEROS_BYTES
    this.#routines = instance.exports as unknown as Routines
  }

  syndromes(p: number, q: number, blocks: BlocksByExponent, length: number): void {
    const whole = length - (length % TURN_BYTES)
    if (blocks.length === 2 && blocks[0] !== 0 && blocks[1] !== 0) {
      this.#routines.syndromes2(blocks[0], blocks[1], p, q, whole)
    } else {
      const step = stepOf(blocks, whole)
      for (let at = 0; at < whole; at += step) {
        const top = this.#setUp(blocks, at)
        this.#routines.syndromes(this.#list, top, p, q, at, Math.min(at + step, whole))
      }
    }
    if (whole < length) plainSyndromes(this.#words, p, q, blocks, whole, length)
  }

  xorSyndromes(p: number, q: number, blocks: BlocksByExponent, length: number): void {
    const whole = length - (length % TURN_BYTES)
    const step = stepOf(blocks, whole)
    for (let at = 0; at < whole; at += step) {
      const top = this.#setUp(blocks, at)
      this.#routines.xorSyndromes(this.#list, top, p, q, at, Math.min(at + step, whole))
    }
    if (whole < length) plainXorSyndromes(this.#words, p, q, blocks, whole, length)
  }

  wrongSyndromes(p: number, q: number, blocks: BlocksByExponent, length: number): number {
    const whole = length - (length % TURN_BYTES)
    let wrong = 0
    for (let at = 0; at < whole && wrong !== 3; at += CHECK_BYTES) {
      const top = this.#setUp(blocks, at)
      wrong |= this.#routines.wrongSyndromes(this.#list, top, p, q, at, Math.min(at + CHECK_BYTES, whole))
    }
    if (whole < length && wrong !== 3) wrong |= plainWrongSyndromes(this.#words, p, q, blocks, whole, length)
    return wrong
  }

  mulInto(dst: number, src: number, constant: number, length: number): void {
    const whole = length - (length % TURN_BYTES)
    this.#routines.mulInto(dst, src, constant, whole)
    if (whole < length) plainMulInto(this.#words, dst, src, constant, whole, length)
  }

  solveQ(dst: number, q: number, blocks: BlocksByExponent, constant: number, length: number): void {
    const whole = length - (length % TURN_BYTES)
    const step = stepOf(blocks, whole)
    for (let at = 0; at < whole; at += step) {
      const top = this.#setUp(blocks, at)
      this.#routines.solveQ(this.#list, top, q, dst, at, Math.min(at + step, whole), constant)
    }
    if (whole < length) plainSolveQ(this.#words, dst, q, blocks, constant, whole, length)
  }

  /**
   * Writes the list that the routines read: zeros where there is no block.
   * @param at where in the blocks the routine begins: the zeros begin there, too
   * @returns address of its last entry
   */
  #setUp(blocks: BlocksByExponent, at: number): number {
    const words = this.#words
    const zeros = this.#zeros - at
    const count = countUsed(blocks)
    let entry = this.#list >>> 2
    for (let exponent = 0; exponent < count; exponent++) {
      const address = blocks[exponent]
      words[entry++] = address === undefined || address === 0 ? zeros : address
    }
    return (entry - 1) << 2
  }
}

/** How many entries of a list a routine needs: none above the highest exponent that there is, but two at least. */
function countUsed(blocks: BlocksByExponent): number {
  let count = blocks.length
  while (count > BLOCKS_MIN && blocks[count - 1] === 0) count--
  return Math.max(count, BLOCKS_MIN)
}

/** How many bytes a routine may do with the list as it is. */
function stepOf(blocks: BlocksByExponent, length: number): number {
  return blocks.length < BLOCKS_MIN || blocks.includes(0) ? ZEROS_BYTES : length
}
