import type { JournalUnit } from './journal_unit.ts'
import type { Stripe } from './stripe.ts'

/** What an array's journal knows of a stripe. In Linux: some flags, `log_io` and `log_start` of stripe_head. */
export interface JournalState {
  /** Waits for the log, or for room in it: nothing else is done with the stripe. */
  trapped: boolean
  /** Its writes are only logged, and stay in the cache; where not, they go on to the members. */
  caching: boolean
  /** The part of the log that it was last written to, until it needs that no more. */
  unit: JournalUnit | null
  /** Where the log begins that it needs, or -1. */
  start: number
  /** Bit per slot: the page is in the log, and not on its member. */
  logged: number
  /** Data and parity are in the log: the members may be written. */
  parityLogged: boolean
  /** Bit per slot: somebody wants the page to be durable. */
  durable: number
  /** The log is to be flushed before this stripe is written to it. */
  preflush: boolean
  /** What the members hold of logged pages, for read-modify-write: addresses by slot, 0 for none; and those that were read. */
  originals: number[]
  known: number
  /** With how its parity is to go on when the log has it. */
  flags: number
}

/** What is known of a stripe, from now on if there was nothing. */
export function stateOf(stripe: Stripe): JournalState {
  return (stripe.journal ??= {
    trapped: false,
    caching: false,
    unit: null,
    start: -1,
    logged: 0,
    parityLogged: false,
    durable: 0,
    preflush: false,
    originals: new Array<number>(stripe.pages.length).fill(0),
    known: 0,
    flags: 0,
  })
}
