/** The stripe cache: a fixed number of stripes, found by sector; the one that was idle longest serves the next sector. */
import type { Memory } from '../base/memory.ts'
import { OrderedTable } from '../base/ordered_table.ts'
import type { Raid5 } from './raid5.ts'
import { Stripe } from './stripe.ts'

export const STRIPES_DEFAULT = 256

export class StripeCache {
  capacity: number
  private readonly raid5: Raid5
  private readonly bySector: OrderedTable<Stripe>
  /** Idle ones, longest idle first. */
  private readonly idle: OrderedTable<Stripe>

  constructor(raid5: Raid5, capacity = STRIPES_DEFAULT) {
    this.capacity = capacity
    this.raid5 = raid5
    this.bySector = new OrderedTable()
    this.idle = new OrderedTable()
  }

  /** The stripe at this sector if the cache has it, without changing anything. */
  peek(sector: number): Stripe | undefined {
    return this.bySector.get(sector)
  }

  /** The stripe at this member sector, taken out of idleness; undefined when all are busy. */
  get(sector: number): Stripe | undefined {
    const found = this.bySector.get(sector)
    if (found !== undefined) {
      this.idle.delete(sector)
      return found
    }
    const stripe = this.unused()
    if (stripe === undefined) return undefined
    const { geometry } = this.raid5
    const row = Math.floor(sector / geometry.chunkSectors)
    stripe.reset(sector, row, geometry.paritySlot(row), geometry.qSlot(row))
    this.bySector.add(sector, stripe)
    return stripe
  }

  /** Nothing is wanted of the stripe any more. */
  release(stripe: Stripe): void {
    this.idle.add(stripe.sector, stripe)
  }

  /** Those with work under way. */
  active(): Stripe[] {
    return this.bySector.values().filter((stripe) => !this.idle.has(stripe.sector))
  }

  all(): Stripe[] {
    return this.bySector.values()
  }

  /** Gives all pages back. */
  free(memory: Memory): void {
    for (const stripe of this.bySector.values()) {
      for (const page of stripe.pages) if (page.address !== 0) memory.free(page.address)
    }
    this.bySector.clear()
    this.idle.clear()
  }

  private unused(): Stripe | undefined {
    if (this.bySector.size < this.capacity) return new Stripe(this.raid5, this.raid5.array.raidDisks)
    const stripe = this.idle.oldest()
    if (stripe === undefined) return undefined
    this.idle.delete(stripe.sector)
    this.bySector.delete(stripe.sector)
    return stripe
  }
}
