/**
 * The write-back side of a journal: stripes whose newest data is in the log and in memory, but not on the members. They go out when
 * stripes or log run short, when a sync comes by, when the array is stopped, or when a member fails: then the array goes on write-through.
 *
 *     clean ──write──► logged, cached ──written out: parity is made and logged──► on the members, clean
 *                       ▲        │
 *                       └─write──┘
 *
 * @source r5c_*, drivers/md/raid5-cache.c, 6.1
 */
import { MD_JOURNAL_BLOCK_SECTORS } from '../format/md_journal.ts'
import type { JournalState } from './journal_state.ts'
import type { Stripe } from './stripe.ts'
import type { WriteJournal } from './write_journal.ts'

/** So many go out together. In Linux: R5C_RECLAIM_STRIPE_GROUP. */
const GROUP = 16

export class JournalCache {
  private readonly journal: WriteJournal
  writeBack: boolean
  /** Write-back is about to end: nothing more is cached. */
  leaving: boolean
  /** The log is let go of as far as can be when write-back has ended. */
  private settles: boolean
  /** Stripes that need the log, in the order of the log. In Linux: stripe_in_journal_list. */
  readonly stripes: Stripe[]
  /** Little room is left in the log: the oldest stripes go out. */
  tight: boolean
  /** So little that no new stripe is taken. */
  critical: boolean

  constructor(journal: WriteJournal) {
    this.journal = journal
    this.writeBack = false
    this.leaving = false
    this.settles = false
    this.stripes = []
    this.tight = false
    this.critical = false
  }

  /** Where the log is needed from, or null. */
  get firstNeeded(): number | null {
    return this.stripes[0]?.journal?.start ?? null
  }

  /** A stripe needs the log from here on. */
  enter(stripe: Stripe, state: JournalState, start: number): void {
    state.start = start
    this.stripes.push(stripe)
  }

  /** A stripe needs nothing of the log any more. */
  leave(stripe: Stripe, state: JournalState): void {
    state.start = -1
    const at = this.stripes.indexOf(stripe)
    if (at >= 0) this.stripes.splice(at, 1)
    this.lookAtSpace()
    if (this.leaving && this.stripes.length === 0) this.left()
  }

  /** Nothing is cached any more: write-through from now on. */
  private left(): void {
    this.leaving = false
    this.writeBack = false
    this.journal.quiet = false
    this.tight = false
    this.critical = false
    if (this.settles) this.journal.wakeReclaim(this.journal.sectors)
    this.journal.runNoSpace()
  }

  /** Write-back ends: what is cached goes out, and from then on the array is write-through. */
  end(settles = true): void {
    if (!this.writeBack) return
    this.settles = settles
    this.leaving = true
    if (this.stripes.length === 0) {
      this.left()
      return
    }
    // As if the array were suspended for it: nothing is noted down that is not needed.
    if (settles) this.journal.quiet = true
    this.writeOutAll()
  }

  /** Whether newer data than the members' is cached somewhere in a row of chunks. */
  holdsRow(row: number): boolean {
    return this.stripes.some((stripe) => stripe.row === row)
  }

  /** Whether a stripe is cached between these member sectors. */
  holds(from: number, to: number): boolean {
    return this.stripes.some(({ sector }) => sector >= from && sector < to)
  }

  writeOutAll(from = 0, to = Infinity): void {
    for (const stripe of [...this.stripes]) {
      if (stripe.sector >= from && stripe.sector < to) this.journal.raid5.writeOut(stripe)
    }
  }

  /** @source r5c_update_log_state, r5c_log_required_to_flush_cache */
  lookAtSpace(): void {
    if (!this.writeBack) return
    const { maxDegraded, array } = this.journal.raid5
    const blocks = (maxDegraded + 1) * this.stripes.length + array.raidDisks - maxDegraded
    const required = blocks * MD_JOURNAL_BLOCK_SECTORS
    const free = this.journal.freeSectors
    const wasCritical = this.critical
    this.critical = free < 2 * required
    this.tight = free < 3 * required
    if (wasCritical && !this.critical) this.journal.wakeReclaim(0)
  }

  /** A stripe is at rest, and cached: perhaps too many are. @source r5c_check_stripe_cache_usage, r5c_check_cached_full_stripe */
  lookAtUse(): void {
    const { raid5 } = this.journal
    if (this.stripes.length > raid5.cache.capacity / 2) this.journal.wakeReclaim(0)
    else if (this.full().length > raid5.cache.capacity / 4) this.journal.wakeReclaim(0)
  }

  /** Stripes that can go out now. */
  private resting(): Stripe[] {
    return this.stripes.filter((stripe) => stripe.journal?.caching === true && !stripe.busy)
  }

  private full(): Stripe[] {
    const { dataDisks } = this.journal.raid5.geometry
    return this.resting().filter(({ journal }) => bits(journal?.logged ?? 0) === dataDisks)
  }

  /** Sends stripes out where stripes, or the log, run short. @source r5c_do_reclaim */
  reclaim(): void {
    if (!this.writeBack) return
    const { raid5 } = this.journal
    const cached = this.resting()
    const full = this.full()
    const { capacity } = raid5.cache
    const high = cached.length > (capacity * 3) / 4 || raid5.waiting.length > 0
    if (high || cached.length > capacity / 2 || full.length > capacity / 4) {
      const partial = high ? cached.filter((stripe) => !full.includes(stripe)) : []
      for (const stripe of [...full, ...partial.slice(0, Math.max(0, GROUP - full.length))]) raid5.writeOut(stripe)
    }
    if (this.tight) for (const stripe of this.resting().slice(0, GROUP + 1)) raid5.writeOut(stripe)
    if (!this.critical) this.journal.runNoSpace()
  }
}

function bits(mask: number): number {
  let count = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++
  return count
}
