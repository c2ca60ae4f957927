/** What the scan of a log has found of a stripe, page by page, until it is written to the members or taken into the cache. */
import type { Memory } from '../base/memory.ts'

export class ScannedStripe {
  readonly sector: number
  /** Addresses by slot; 0 for pages that the log does not have. */
  readonly pages: number[]
  /** Its parity came last: it is complete. In Linux: not STRIPE_R5C_CACHING. */
  complete: boolean

  constructor(sector: number, slots: number) {
    this.sector = sector
    this.pages = new Array<number>(slots).fill(0)
    this.complete = false
  }

  put(memory: Memory, slot: number, page: number): void {
    if (this.pages[slot] !== 0) memory.free(this.pages[slot])
    this.pages[slot] = page
  }

  clear(memory: Memory): void {
    for (const page of this.pages) if (page !== 0) memory.free(page)
    this.pages.fill(0)
    this.complete = false
  }
}

/** Stripes in the order in which the log speaks of them. */
export class ScannedStripes {
  private readonly memory: Memory
  private readonly slots: number
  list: ScannedStripe[]

  constructor(memory: Memory, slots: number) {
    this.memory = memory
    this.slots = slots
    this.list = []
  }

  find(sector: number): ScannedStripe | undefined {
    return this.list.find((stripe) => stripe.sector === sector)
  }

  /** The stripe of these member sectors, begun if there was none. */
  at(sector: number): ScannedStripe {
    let stripe = this.find(sector)
    if (stripe === undefined) this.list.push((stripe = new ScannedStripe(sector, this.slots)))
    return stripe
  }

  moveToEnd(stripe: ScannedStripe): void {
    this.list.splice(this.list.indexOf(stripe), 1)
    this.list.push(stripe)
  }

  /** A stripe needs the log no more. */
  drop(stripe: ScannedStripe): void {
    stripe.clear(this.memory)
    this.list.splice(this.list.indexOf(stripe), 1)
  }
}
