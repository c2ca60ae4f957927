/**
 * Where the chunks of a RAID-4 or RAID-5 lie. A stripe is one row of chunks, one on each slot; n slots, n - 1 of them data.
 *
 *     left-asymmetric  0   P = n-1-(s mod n)   data skips P
 *     right-asymmetric 1   P = s mod n         data skips P
 *     left-symmetric   2   P = n-1-(s mod n)   data begins behind P and wraps
 *     right-symmetric  3   P = s mod n         data begins behind P and wraps
 *     parity-first     4   P = 0
 *     parity-last      5   P = n-1             (level 4 is this one, whatever its layout field says)
 *
 * @source raid5_compute_sector, drivers/md/raid5.c, 6.1
 */
import { assert } from '../base/assert.ts'

export const LAYOUT_LEFT_ASYMMETRIC = 0
export const LAYOUT_RIGHT_ASYMMETRIC = 1
export const LAYOUT_LEFT_SYMMETRIC = 2
export const LAYOUT_RIGHT_SYMMETRIC = 3
export const LAYOUT_PARITY_FIRST = 4
export const LAYOUT_PARITY_LAST = 5

/** Layout names as mdadm prints them. */
export const LAYOUT_NAMES = [
  'left-asymmetric',
  'right-asymmetric',
  'left-symmetric',
  'right-symmetric',
  'parity-first',
  'parity-last',
] as const

/** What a chunk is: parity, or the d-th data chunk of its stripe. */
export type ChunkRole = { readonly kind: 'P' } | { readonly kind: 'D'; readonly index: number }

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
  readonly level: 4 | 5
  readonly layout: number
  readonly raidDisks: number
  readonly chunkSectors: number
}

export class Geometry {
  readonly level: 4 | 5
  readonly layout: number
  readonly raidDisks: number
  readonly dataDisks: number
  readonly chunkSectors: number

  constructor(options: GeometryOptions) {
    assert(
      options.raidDisks >= 2 && options.chunkSectors >= 8,
      'a geometry has two slots and a chunk of a page at least',
    )
    this.level = options.level
    this.layout = options.level === 4 ? LAYOUT_PARITY_LAST : options.layout
    this.raidDisks = options.raidDisks
    this.dataDisks = options.raidDisks - 1
    this.chunkSectors = options.chunkSectors
  }

  /** The slot of the parity chunk of a stripe. */
  paritySlot(stripe: number): number {
    const n = this.raidDisks
    switch (this.layout) {
      case LAYOUT_LEFT_ASYMMETRIC:
      case LAYOUT_LEFT_SYMMETRIC:
        return n - 1 - (stripe % n)
      case LAYOUT_RIGHT_ASYMMETRIC:
      case LAYOUT_RIGHT_SYMMETRIC:
        return stripe % n
      case LAYOUT_PARITY_FIRST:
        return 0
      default:
        return n - 1
    }
  }

  /** The slot of the d-th data chunk of a stripe. */
  dataSlot(stripe: number, data: number): number {
    const parity = this.paritySlot(stripe)
    if (this.layout === LAYOUT_LEFT_SYMMETRIC || this.layout === LAYOUT_RIGHT_SYMMETRIC) {
      return (parity + 1 + data) % this.raidDisks
    }
    return data + (data >= parity ? 1 : 0)
  }

  /** The data index of a slot in a stripe, or -1 for parity: the inverse of {@link dataSlot}. */
  dataIndex(stripe: number, slot: number): number {
    const parity = this.paritySlot(stripe)
    if (slot === parity) return -1
    if (this.layout === LAYOUT_LEFT_SYMMETRIC || this.layout === LAYOUT_RIGHT_SYMMETRIC) {
      return (slot - parity - 1 + this.raidDisks) % this.raidDisks
    }
    return slot - (slot > parity ? 1 : 0)
  }

  role(stripe: number, slot: number): ChunkRole {
    const index = this.dataIndex(stripe, slot)
    return index < 0 ? { kind: 'P' } : { kind: 'D', index }
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
