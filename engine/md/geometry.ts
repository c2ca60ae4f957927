/**
 * Where the chunks of a RAID-4, 5 or 6 lie. A stripe is one row of chunks, one on each of n slots; P is its parity, and in a
 * RAID-6 there is Q besides.
 *
 *     RAID-5 (and 4)                    P               data chunk d
 *     left-asymmetric  0                n-1-(s mod n)   skips P
 *     right-asymmetric 1                s mod n         skips P
 *     left-symmetric   2                n-1-(s mod n)   begins behind P and wraps
 *     right-symmetric  3                s mod n         begins behind P and wraps
 *     parity-first     4                0               skips P
 *     parity-last      5                n-1             (level 4 is this one, whatever its layout field says)
 *
 *     RAID-6, Q behind P unless said    P                   data chunk d
 *     0 to 3                            as above            skips both, or begins behind Q and wraps
 *     parity-first     4                0, Q 1              skips both
 *     parity-last      5                n-2, Q n-1          d
 *     zero-restart     8                s mod n             skips both
 *     N-restart        9                n-1-((s+1) mod n)   skips both
 *     N-continue      10                n-1-(s mod n)       begins behind P and wraps; Q stands before P
 *     16 to 20                          as RAID-5 0 to 4 on the first n-1 slots; Q on the last
 *
 * @source raid5_compute_sector, raid6_idx_to_slot, drivers/md/raid5.c, 6.1
 */
import { assert } from '../base/assert.ts'

export const LAYOUT_LEFT_ASYMMETRIC = 0
export const LAYOUT_RIGHT_ASYMMETRIC = 1
export const LAYOUT_LEFT_SYMMETRIC = 2
export const LAYOUT_RIGHT_SYMMETRIC = 3
export const LAYOUT_PARITY_FIRST = 4
export const LAYOUT_PARITY_LAST = 5
export const LAYOUT_ZERO_RESTART = 8
export const LAYOUT_N_RESTART = 9
export const LAYOUT_N_CONTINUE = 10
/** A RAID-6 layout from here on is the RAID-5 layout of that many less, with Q on a slot of its own. */
export const LAYOUT_Q_LAST = 16

/** Whether a level knows a layout. */
export function isParityLayout(level: 4 | 5 | 6, layout: number): boolean {
  if (layout >= 0 && layout <= LAYOUT_PARITY_LAST) return true
  return (
    level === 6 && ((layout >= LAYOUT_ZERO_RESTART && layout <= LAYOUT_N_CONTINUE) || (layout >= 16 && layout <= 20))
  )
}

/** Where an array sector lies. */
export interface Location {
  readonly stripe: number
  /** Data index within the stripe. */
  readonly data: number
  readonly slot: number
  /** Sector on the member, from the start of its data. */
  readonly sector: number
}

export interface GeometryOptions {
  readonly level: 4 | 5 | 6
  readonly layout: number
  readonly raidDisks: number
  readonly chunkSectors: number
}

export class Geometry {
  readonly level: 4 | 5 | 6
  readonly layout: number
  readonly raidDisks: number
  readonly dataDisks: number
  readonly chunkSectors: number
  /** Slots that P and the data turn over: all, or all but Q's. */
  private readonly turning: number

  constructor(options: GeometryOptions) {
    const { level, layout, raidDisks, chunkSectors } = options
    assert(raidDisks >= (level === 6 ? 3 : 2) && chunkSectors >= 8, 'a geometry has room for data, and a chunk a page')
    this.level = level
    this.layout = level === 4 ? LAYOUT_PARITY_LAST : layout
    this.raidDisks = raidDisks
    this.dataDisks = raidDisks - (level === 6 ? 2 : 1)
    this.chunkSectors = chunkSectors
    this.turning = level === 6 && layout >= LAYOUT_Q_LAST ? raidDisks - 1 : raidDisks
  }

  arraySectors(memberSectors: number): number {
    return (memberSectors - (memberSectors % this.chunkSectors)) * this.dataDisks
  }

  /** The slot of P of a stripe. */
  paritySlot(stripe: number): number {
    const n = this.turning
    switch (this.layout % LAYOUT_Q_LAST) {
      case LAYOUT_LEFT_ASYMMETRIC:
      case LAYOUT_LEFT_SYMMETRIC:
      case LAYOUT_N_CONTINUE:
        return n - 1 - (stripe % n)
      case LAYOUT_RIGHT_ASYMMETRIC:
      case LAYOUT_RIGHT_SYMMETRIC:
      case LAYOUT_ZERO_RESTART:
        return stripe % n
      case LAYOUT_N_RESTART:
        return n - 1 - ((stripe + 1) % n)
      case LAYOUT_PARITY_FIRST:
        return 0
      default:
        return this.level === 6 ? n - 2 : n - 1
    }
  }

  /** The slot of Q of a stripe, or -1 where there is none. */
  qSlot(stripe: number): number {
    const n = this.raidDisks
    if (this.level !== 6) return -1
    if (this.layout >= LAYOUT_Q_LAST) return n - 1
    return (this.paritySlot(stripe) + (this.layout === LAYOUT_N_CONTINUE ? n - 1 : 1)) % n
  }

  /** How many slots behind P the data begins and wraps, or 0 where it skips the parity. */
  private get wrapsBehind(): number {
    const { layout } = this
    if (layout === LAYOUT_N_CONTINUE) return 1
    const turn = layout % LAYOUT_Q_LAST
    if (turn !== LAYOUT_LEFT_SYMMETRIC && turn !== LAYOUT_RIGHT_SYMMETRIC) return 0
    return this.level === 6 && layout < LAYOUT_Q_LAST ? 2 : 1
  }

  /** The slot of the d-th data chunk of a stripe. */
  dataSlot(stripe: number, data: number): number {
    const parity = this.paritySlot(stripe)
    const behind = this.wrapsBehind
    if (behind > 0) return (parity + behind + data) % this.turning
    const q = this.qSlot(stripe)
    const [first, second] = q >= 0 && q < parity ? [q, parity] : [parity, q]
    let slot = data
    if (slot >= first) slot++
    if (second >= 0 && slot >= second) slot++
    return slot
  }

  /** The data index of a slot in a stripe, or -1 for parity: the inverse of {@link dataSlot}. */
  dataIndex(stripe: number, slot: number): number {
    const parity = this.paritySlot(stripe)
    const q = this.qSlot(stripe)
    if (slot === parity || slot === q) return -1
    const behind = this.wrapsBehind
    if (behind > 0) return (slot - parity - behind + 2 * this.turning) % this.turning
    return slot - (slot > parity ? 1 : 0) - (q >= 0 && slot > q ? 1 : 0)
  }

  /** The power of the generator by which a slot's data goes into Q. Layouts 8 to 10 take the slot's number, as DDF does. */
  exponent(stripe: number, slot: number): number {
    if (this.layout >= LAYOUT_ZERO_RESTART && this.layout <= LAYOUT_N_CONTINUE) return slot
    const n = this.raidDisks
    const q = this.qSlot(stripe)
    const steps = (slot - q - 1 + n) % n
    const stepsToParity = (this.paritySlot(stripe) - q - 1 + n) % n
    return steps - (steps > stepsToParity ? 1 : 0)
  }

  locate(arraySector: number): Location {
    const chunk = Math.floor(arraySector / this.chunkSectors)
    const offset = arraySector - chunk * this.chunkSectors
    const stripe = Math.floor(chunk / this.dataDisks)
    const data = chunk - stripe * this.dataDisks
    return { stripe, data, slot: this.dataSlot(stripe, data), sector: stripe * this.chunkSectors + offset }
  }

  /** The array sector of a member's sector, or -1 where parity lies: the inverse of {@link locate}. */
  arraySector(slot: number, sector: number): number {
    const stripe = Math.floor(sector / this.chunkSectors)
    const index = this.dataIndex(stripe, slot)
    if (index < 0) return -1
    return (stripe * this.dataDisks + index) * this.chunkSectors + (sector - stripe * this.chunkSectors)
  }
}
