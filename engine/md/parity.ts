/**
 * The parity of a stripe; a RAID-6 has two (`raid6_parity.ts`). Works on any length at once: a page of a stripe, or a chunk of
 * a sync. Addresses are given by slot.
 */
import type { Arena } from '../base/arena.ts'
import type { Memory } from '../base/memory.ts'
import type { Geometry } from './geometry.ts'

/** What is wrong, as bits. */
export const WRONG_P = 1
export const WRONG_Q = 2

export class Parity {
  private readonly memory: Memory
  protected readonly geometry: Geometry
  /** Addresses that are summed up: one object, so that a write costs no memory. */
  private readonly sources: number[]

  constructor(memory: Memory, geometry: Geometry) {
    this.memory = memory
    this.geometry = geometry
    this.sources = []
  }

  /** Makes the parities of a stripe from all its data. */
  make(row: number, addresses: readonly number[], bytes: number): void {
    const p = this.geometry.paritySlot(row)
    this.arena.parity(addresses[p], this.others(addresses, p), bytes)
  }

  /** Adds these slots' data to the parities: what was in goes out, what was not comes in. */
  add(row: number, addresses: readonly number[], slots: readonly number[], bytes: number): void {
    const { sources } = this
    const p = addresses[this.geometry.paritySlot(row)]
    sources.length = 0
    for (const slot of slots) sources.push(addresses[slot])
    sources.push(p)
    this.arena.parity(p, sources, bytes)
  }

  /** Makes one lost page, or two of a RAID-6, from all the others. */
  recover(_row: number, addresses: readonly number[], lost: readonly number[], bytes: number): void {
    this.arena.parity(addresses[lost[0]], this.others(addresses, lost[0]), bytes)
  }

  /** Which parities are wrong. */
  wrong(_row: number, addresses: readonly number[], bytes: number): number {
    return this.arena.parityIsZero(addresses, bytes) ? 0 : WRONG_P
  }

  protected get arena(): Arena {
    return this.memory.arena
  }

  private others(addresses: readonly number[], but: number): readonly number[] {
    const { sources } = this
    sources.length = 0
    for (let slot = 0; slot < addresses.length; slot++) if (slot !== but) sources.push(addresses[slot])
    return sources
  }
}
