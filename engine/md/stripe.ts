/**
 * A stripe in the cache: one 4 KiB page of every slot at the same member sector, and what is wanted of them. In Linux:
 * stripe_head. How it moves on is decided by `handle` in `raid5.ts`; this file is the data, and the one setter of its state.
 *
 *     idle ──part added──► plugged ──unplug──► bitmap ──bits on disk──► reading ◄─┐
 *      ▲                      │ (reads only, or no bitmap)  └─────────────┐   │    │ more is missing, or a page
 *      │                      └───────────────────────────────────────────┴──►│    │ is read again, or rewritten
 *      └── nothing wanted ◄── writing ◄── enough to compute parity ───────────┴────┘
 */
import { assert } from '../base/assert.ts'
import { TRACE } from '../sim/trace.ts'
import type { Sim } from '../sim/sim.ts'
import type { Bio, BioOwner } from '../block/bio.ts'
import type { ArrayRequest } from './array_request.ts'
import type { JournalState } from './journal_state.ts'
import type { Raid5 } from './raid5.ts'

export const STRIPE_SECTORS = 8

/** Flags of a page. */
export const UPTODATE = 1
/** A read or write of it is under way. */
export const LOCKED = 2
/** The pending writes cover all of it. */
export const OVERWRITE = 4
/** Could not be read; the contents come from the others, and are to be rewritten. */
export const READ_ERROR = 8
/** Has been rewritten after a read error, and is to be read back. */
export const REWRITTEN = 16
/** A read failed once and is being tried again. */
export const RETRIED = 32
/** The page goes to its member with the write that is being put together. */
export const WANT_WRITE = 64

export const STRIPE_STATES = ['idle', 'plugged', 'bitmap', 'reading', 'writing', 'logging'] as const
export type StripeState = (typeof STRIPE_STATES)[number]

const MOVES: Readonly<Record<StripeState, readonly StripeState[]>> = {
  idle: ['plugged', 'reading'],
  plugged: ['bitmap', 'reading', 'writing', 'idle', 'logging'],
  bitmap: ['reading', 'writing', 'idle'],
  reading: ['writing', 'idle', 'plugged', 'bitmap', 'logging'],
  writing: ['reading', 'idle', 'plugged', 'bitmap', 'logging'],
  logging: ['writing', 'reading', 'idle', 'plugged'],
}

/** How the parity of the next write will be made, or why pages are read. */
export const STRIPE_PLANS = ['none', 'rmw', 'rcw', 'full', 'read', 'compute', 'fail'] as const
export type StripePlan = (typeof STRIPE_PLANS)[number]

/** The piece of a request that concerns one page of a stripe. */
export interface StripePart {
  readonly request: ArrayRequest
  /** Sectors within the page, 0 to 7. */
  readonly first: number
  readonly count: number
  /** Address of the piece in the request's buffer. */
  readonly data: number
}

/** One slot's page. */
export interface StripePage {
  /** Address, 0 until one is needed. */
  address: number
  flags: number
  toRead: StripePart[]
  toWrite: StripePart[]
  /** Parts that are in the page and on their way to the member. */
  written: StripePart[]
}

export class Stripe implements BioOwner {
  readonly raid5: Raid5
  sector: number
  /** Row of chunks it belongs to. */
  row: number
  parity: number
  /** The slot of Q, or -1. */
  q: number
  state: StripeState
  plan: StripePlan
  /** Pages that each way would have had to read when the plan was made. */
  rmwReads: number
  rcwReads: number
  readonly pages: StripePage[]
  /** I/Os of this stripe under way. */
  inflight: number
  /** Parts in toRead, toWrite and written, all pages together. */
  parts: number
  /** A page that should have been written was not: a member is missing or failed. */
  degradedWrite: boolean
  /** Its writes must wait for the bitmap. */
  bitmapWait: boolean
  /** Requests that overlap one already here. */
  waiters: ArrayRequest[]
  /** Bit per slot whose page is written to two: the member and its replacement. */
  doubled: number
  handling: boolean
  again: boolean
  /** What the array's journal knows of it. */
  journal: JournalState | null

  constructor(raid5: Raid5, slots: number) {
    this.raid5 = raid5
    this.sector = -1
    this.row = -1
    this.parity = 0
    this.q = -1
    this.state = 'idle'
    this.plan = 'none'
    this.rmwReads = 0
    this.rcwReads = 0
    this.pages = Array.from({ length: slots }, () => ({ address: 0, flags: 0, toRead: [], toWrite: [], written: [] }))
    this.inflight = 0
    this.parts = 0
    this.degradedWrite = false
    this.bitmapWait = false
    this.waiters = []
    this.doubled = 0
    this.handling = false
    this.again = false
    this.journal = null
  }

  /** Begins a new life at another sector: nothing of it is known. */
  reset(sector: number, row: number, parity: number, q: number): void {
    assert(this.state === 'idle' && this.parts === 0, 'only an idle stripe can be used for another sector')
    this.sector = sector
    this.row = row
    this.parity = parity
    this.q = q
    for (const page of this.pages) page.flags = 0
    this.plan = 'none'
  }

  setState(sim: Sim, array: number, to: StripeState, plan: StripePlan = this.plan): void {
    const from = this.state
    if (from === to && plan === this.plan) return
    assert(from === to || MOVES[from].includes(to), `a stripe cannot go from ${from} to ${to}`)
    this.state = to
    this.plan = plan
    sim.emit(
      TRACE.stripe_state,
      array,
      this.sector,
      STRIPE_STATES.indexOf(from),
      STRIPE_STATES.indexOf(to),
      STRIPE_PLANS.indexOf(plan),
    )
  }

  bioDone(bio: Bio): void {
    this.raid5.pageDone(this, bio)
  }

  /** Whether anything is wanted of it or going on in it. */
  get busy(): boolean {
    return this.parts > 0 || this.inflight > 0 || this.waiters.length > 0
  }
}
