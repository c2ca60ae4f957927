/** P and Q of a RAID-6 (`raid6_math.ts`). */
import { assert } from '../base/assert.ts'
import type { Memory } from '../base/memory.ts'
import type { MdArray } from './array.ts'
import { Geometry } from './geometry.ts'
import { Parity } from './parity.ts'
import type { PersonalityKind } from './personality.ts'
import { Raid5 } from './raid5.ts'
import { addToPAndQ, EXPONENT_P, EXPONENT_Q, makePAndQ, recoverLost, wrongPAndQ, type Raid6Row } from './raid6_math.ts'

export class Raid6Parity extends Parity {
  /** Exponents by slot: one object, so that a write costs no memory. */
  private readonly exponents: number[]

  constructor(memory: Memory, geometry: Geometry) {
    super(memory, geometry)
    this.exponents = []
  }

  override make(row: number, addresses: readonly number[], bytes: number): void {
    makePAndQ(this.arena, this.raid6Row(row, addresses), bytes)
  }

  override add(row: number, addresses: readonly number[], slots: readonly number[], bytes: number): void {
    addToPAndQ(this.arena, this.raid6Row(row, addresses), slots, bytes)
  }

  override recover(row: number, addresses: readonly number[], lost: readonly number[], bytes: number): void {
    recoverLost(this.arena, this.raid6Row(row, addresses), lost, bytes)
  }

  override wrong(row: number, addresses: readonly number[], bytes: number): number {
    return wrongPAndQ(this.arena, this.raid6Row(row, addresses), bytes)
  }

  private raid6Row(row: number, addresses: readonly number[]): Raid6Row {
    setExponents(this.exponents, this.geometry, row)
    return { addresses, exponents: this.exponents }
  }
}

/** Fills in, by slot, what each block of a row is: P, Q, or data with its exponent. */
export function setExponents(exponents: number[], geometry: Geometry, row: number): void {
  const p = geometry.paritySlot(row)
  const q = geometry.qSlot(row)
  for (let slot = 0; slot < geometry.raidDisks; slot++) {
    exponents[slot] = slot === p ? EXPONENT_P : slot === q ? EXPONENT_Q : geometry.exponent(row, slot)
  }
}

export const RAID6: PersonalityKind = {
  levels: [6],
  begin: (array: MdArray) => {
    const { geometry } = array
    assert(geometry instanceof Geometry, 'a level of parity')
    return new Raid5(array, geometry, new Raid6Parity(array.sim.memory, geometry))
  },
}
