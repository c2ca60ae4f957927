/**
 * The parities of a stripe: P, the sum of all data, and in a RAID-6 Q, the sum of all data each times its own power of the generator.
 * Works on any length at once: a page of a stripe, or a chunk of a sync. Addresses are given by slot.
 */
import type { Arena } from '../base/arena.ts'
import type { Memory } from '../base/memory.ts'
import type { Geometry } from './geometry.ts'

/** What is wrong, as bits. */
export const WRONG_P = 1
export const WRONG_Q = 2

export class Parity {
  private readonly memory: Memory
  private readonly geometry: Geometry
  private readonly sources: number[]
  private readonly exponents: number[]

  constructor(memory: Memory, geometry: Geometry) {
    this.memory = memory
    this.geometry = geometry
    this.sources = []
    this.exponents = []
  }

  /** Makes the parities of a stripe from all its data. */
  make(row: number, addresses: readonly number[], bytes: number): void {
    const { sources } = this
    this.collect(row, addresses, null)
    this.arena.parity(addresses[this.geometry.paritySlot(row)], sources, bytes)
  }

  /** Adds these slots' data to the parities: what was in goes out, what was not comes in. */
  add(row: number, addresses: readonly number[], slots: readonly number[], bytes: number): void {
    const { sources } = this
    this.collect(row, addresses, slots)
    const p = addresses[this.geometry.paritySlot(row)]
    sources.push(p)
    this.arena.parity(p, sources, bytes)
  }

  /** Makes one lost page, or two of a RAID-6, from all the others. */
  recover(row: number, addresses: readonly number[], lost: readonly number[], bytes: number): void {
    const { sources } = this
    sources.length = 0
    addresses.forEach((address, slot) => {
      if (slot !== lost[0]) sources.push(address)
    })
    this.arena.parity(addresses[lost[0]], sources, bytes)
  }

  /** Which parities are wrong. */
  wrong(row: number, addresses: readonly number[], bytes: number): number {
    return this.arena.parityIsZero(addresses, bytes) ? 0 : WRONG_P
  }

  private get arena(): Arena {
    return this.memory.arena
  }

  /** Data pages and their exponents: all, or those of the given slots. */
  private collect(row: number, addresses: readonly number[], slots: readonly number[] | null): void {
    const { geometry, sources, exponents } = this
    sources.length = 0
    exponents.length = 0
    const p = geometry.paritySlot(row)
    const q = geometry.qSlot(row)
    const count = slots === null ? addresses.length : slots.length
    for (let i = 0; i < count; i++) {
      const slot = slots === null ? i : slots[i]
      if (slot === p || slot === q) continue
      sources.push(addresses[slot])
      if (q >= 0) exponents.push(geometry.exponent(row, slot))
    }
  }
}
