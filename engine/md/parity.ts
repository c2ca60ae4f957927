/**
 * The parities of a stripe: P, and in a RAID-6 also Q (`raid6_math.ts`). Works on any length at once: a page of a stripe, or a chunk of
 * a sync. Addresses are given by slot.
 */
import type { Arena } from '../base/arena.ts'
import type { Memory } from '../base/memory.ts'
import type { Geometry } from './geometry.ts'
import {
  addToPAndQ,
  EXPONENT_P,
  EXPONENT_Q,
  makePAndQ,
  recoverLost,
  wrongPAndQ,
  WRONG_P,
  WRONG_Q,
  type Raid6Row,
} from './raid6_math.ts'

export { WRONG_P, WRONG_Q }

export class Parity {
  private readonly memory: Memory
  private readonly geometry: Geometry
  /** Addresses that are summed up, and exponents by slot: one object each, so that a write costs no memory. */
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
    if (this.geometry.level === 6) {
      makePAndQ(this.arena, this.raid6Row(row, addresses), bytes)
      return
    }
    const p = this.geometry.paritySlot(row)
    this.arena.parity(addresses[p], this.others(addresses, p), bytes)
  }

  /** Adds these slots' data to the parities: what was in goes out, what was not comes in. */
  add(row: number, addresses: readonly number[], slots: readonly number[], bytes: number): void {
    if (this.geometry.level === 6) {
      addToPAndQ(this.arena, this.raid6Row(row, addresses), slots, bytes)
      return
    }
    const { sources } = this
    const p = addresses[this.geometry.paritySlot(row)]
    sources.length = 0
    for (const slot of slots) sources.push(addresses[slot])
    sources.push(p)
    this.arena.parity(p, sources, bytes)
  }

  /** Makes one lost page, or two of a RAID-6, from all the others. */
  recover(row: number, addresses: readonly number[], lost: readonly number[], bytes: number): void {
    if (this.geometry.level === 6) recoverLost(this.arena, this.raid6Row(row, addresses), lost, bytes)
    else this.arena.parity(addresses[lost[0]], this.others(addresses, lost[0]), bytes)
  }

  /** Which parities are wrong. */
  wrong(row: number, addresses: readonly number[], bytes: number): number {
    if (this.geometry.level === 6) return wrongPAndQ(this.arena, this.raid6Row(row, addresses), bytes)
    return this.arena.parityIsZero(addresses, bytes) ? 0 : WRONG_P
  }

  private get arena(): Arena {
    return this.memory.arena
  }

  private others(addresses: readonly number[], but: number): readonly number[] {
    const { sources } = this
    sources.length = 0
    for (let slot = 0; slot < addresses.length; slot++) if (slot !== but) sources.push(addresses[slot])
    return sources
  }

  private raid6Row(row: number, addresses: readonly number[]): Raid6Row {
    const { exponents, geometry } = this
    const p = geometry.paritySlot(row)
    const q = geometry.qSlot(row)
    for (let slot = 0; slot < addresses.length; slot++) {
      exponents[slot] = slot === p ? EXPONENT_P : slot === q ? EXPONENT_Q : geometry.exponent(row, slot)
    }
    return { addresses, exponents }
  }
}
