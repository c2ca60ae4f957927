/**
 * A RAID-4, 5 or 6 with a write journal: what is different in the life of a stripe. Where others send data and parity to the members, here
 * they go to the log first; and in write-back mode a write may end there (`journal_write_back.ts`).
 * @source handle_stripe, ops_run_io, do_release_stripe, raid5_quiesce, drivers/md/raid5.c; drivers/md/raid5-cache.c, 6.1
 */
import { assert } from '../base/assert.ts'
import { fail, type Failure } from '../base/errno.ts'
import { PREFLUSH, type Bio } from '../block/bio.ts'
import { encodeJournalMeta, journalSeed } from '../format/md_journal.ts'
import { FEATURE_BITMAP_OFFSET } from '../format/md_superblock.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import type { MdArray } from './array.ts'
import type { ArrayRequest } from './array_request.ts'
import { Geometry } from './geometry.ts'
import { stateOf, type JournalState } from './journal_state.ts'
import { originalRead, tryCaching, writeOutStripe } from './journal_write_back.ts'
import { LoadJournal } from './load_journal.ts'
import { NativeArray } from './native_array.ts'
import type { Member } from './member.ts'
import { Parity } from './parity.ts'
import type { JournalView, PersonalityKind, StartProcedure } from './personality.ts'
import { Raid5 } from './raid5.ts'
import { DirectRead } from './raid5_direct_read.ts'
import {
  dirty,
  failParts,
  fill,
  finishWrites,
  handle,
  repairReadErrors,
  sendPages,
  serveReads,
} from './raid5_handle.ts'
import { analyse } from './raid5_plan.ts'
import { Raid6Parity } from './raid6_parity.ts'
import { LOCKED, WANT_WRITE, type Stripe } from './stripe.ts'
import { WriteJournal } from './write_journal.ts'

export class JournaledRaid5 extends Raid5 {
  /** Null where the journal is missing. */
  log: WriteJournal | null

  constructor(array: MdArray, geometry: Geometry, parity: Parity) {
    super(array, geometry, parity)
    this.log = null
  }

  /** Takes a device for the journal; its log has to be loaded yet. @param sectors of its log */
  begin(member: Member, seed: number, sectors: number): WriteJournal {
    this.log = new WriteJournal(this, member, seed, sectors)
    return this.log
  }

  private get logFailed(): boolean {
    return this.log === null || this.log.failed
  }

  override refusal(): Failure | null {
    const { array } = this
    if (array instanceof NativeArray && (array.superblock.feature_map & FEATURE_BITMAP_OFFSET) !== 0) {
      const both = array.members.some(({ isJournal }) => isJournal)
      if (both) return fail('EINVAL', 'an array cannot have both journal and bitmap')
    }
    return super.refusal()
  }

  get journalView(): JournalView | null {
    const { log } = this
    if (log === null) return null
    const { member, sectors, tail, head, writeBack, cache } = log
    return { member, sectors, tail, head, writeBack, cached: cache.stripes.length }
  }

  /** The log is taken up; without a journal nothing can be written, and an array of mdadm's is read-only. @source raid5_run, raid5_start */
  start(): StartProcedure | null {
    const { array } = this
    if (!(array instanceof NativeArray)) return null
    const member = array.members.find(({ isJournal, faulty }) => isJournal && !faulty)
    if (member === undefined) {
      array.readOnly = true
      return null
    }
    array.journalClean = array.resyncOffset === MAX_SECTOR
    return new LoadJournal(this.begin(member, journalSeed(array.superblock.set_uuid), member.superblock.data_size))
  }

  // ---- stripes ----

  override look(stripe: Stripe): void {
    const state = stripe.journal
    if (state?.trapped === true) return
    const { array, analysis } = this
    analyse(array, stripe, analysis)
    this.refuse(stripe, state)
    if (stripe.inflight === 0) {
      if (analysis.written > 0) finishWrites(this, stripe)
      if (state !== null) this.writtenOut(stripe, state)
      analyse(array, stripe, analysis)
    }
    if (analysis.toRead > 0 && serveReads(this, stripe)) analyse(array, stripe, analysis)
    if (state !== null && state.logged !== 0 && analysis.failed > 0) {
      // What is lost cannot be computed beside data that the parity does not know yet.
      state.caching = false
    } else if (analysis.toRead > 0 || analysis.nonOverwrite > 0 || (analysis.toWrite > 0 && analysis.failed > 0)) {
      if (fill(this, stripe, analysis)) {
        stripe.again = true
        return
      }
      analyse(array, stripe, analysis)
    }
    if (analysis.written === 0 && (state === null || state.unit === null)) this.takeWrites(stripe)
    if (state === null || state.logged === 0) repairReadErrors(this, stripe)
  }

  /** What cannot be done: too many members are gone, or the journal is, and the stripe is not in it. */
  private refuse(stripe: Stripe, state: JournalState | null): void {
    const { array, analysis } = this
    if (stripe.inflight > 0) return
    if (analysis.failed > this.maxDegraded) {
      if (stripe.parts > 0) failParts(this, stripe, analysis.readable)
      if (state !== null && state.start >= 0) this.forget(stripe, state)
    } else if (
      this.logFailed &&
      analysis.toWrite > 0 &&
      (state === null || (state.logged === 0 && !state.parityLogged))
    ) {
      failParts(this, stripe, -1)
    } else return
    analyse(array, stripe, analysis)
  }

  /** The members have what they were sent. @source r5l_stripe_write_finished, r5c_finish_stripe_write_out */
  private writtenOut(stripe: Stripe, state: JournalState): void {
    const { unit } = state
    state.unit = null
    if (unit !== null) this.log?.letGo(unit)
    if (!state.parityLogged) return
    state.parityLogged = false
    if (state.start < 0) return
    this.log?.noteWrittenOut(stripe.sector)
    this.forget(stripe, state)
  }

  /** A stripe needs nothing of the log any more. */
  private forget(stripe: Stripe, state: JournalState): void {
    const { memory } = this.array.sim
    for (const address of state.originals) if (address !== 0) memory.free(address)
    state.originals.fill(0)
    state.known = 0
    state.logged = 0
    state.durable = 0
    this.log?.cache.leave(stripe, state)
  }

  private takeWrites(stripe: Stripe): void {
    const { analysis, log } = this
    if (log === null) return
    if (!log.writeBack) {
      if (analysis.toWrite > 0) dirty(this, stripe, analysis)
      return
    }
    const state = stateOf(stripe)
    const goesOut = analysis.toWrite > 0 && !tryCaching(this, log, stripe, state)
    if (goesOut || (!state.caching && state.logged !== 0)) writeOutStripe(this, log, stripe, state)
  }

  override send(stripe: Stripe, flags: number): void {
    const { log } = this
    assert(log !== null, 'without a journal nothing is written')
    stateOf(stripe).flags = flags
    log.writeStripe(stripe)
    stripe.setState(this.array.sim, this.array.minor, 'logging')
  }

  /** The log has what a stripe gave it, and is flushed. @source r5c_finish_cache_stripe */
  logged(stripe: Stripe): void {
    const state = stateOf(stripe)
    state.trapped = false
    stripe.inflight--
    if (state.caching) {
      for (const [slot, page] of stripe.pages.entries()) {
        if ((page.flags & WANT_WRITE) === 0) continue
        page.flags &= ~(WANT_WRITE | LOCKED)
        state.logged |= 1 << slot
      }
    } else {
      state.parityLogged = true
      stripe.setState(this.array.sim, this.array.minor, 'writing')
      sendPages(this, stripe, state.flags)
    }
    handle(this, stripe)
  }

  /** There may be room in the log now. */
  tryLogAgain(stripe: Stripe): void {
    const { log } = this
    if (log === null) return
    stripe.inflight--
    if (stateOf(stripe).caching) log.cacheStripe(stripe)
    else log.writeStripe(stripe)
  }

  /** A cached stripe goes to the members. @source r5c_flush_stripe */
  writeOut(stripe: Stripe): void {
    const state = stateOf(stripe)
    if (!state.caching || state.logged === 0) return
    state.caching = false
    this.plug(stripe)
  }

  override release(stripe: Stripe): void {
    const state = stripe.journal
    if (state === null || state.start < 0) {
      super.release(stripe)
      return
    }
    const { closed, log } = this
    const wanted = closed !== null && stripe.sector >= closed.from && stripe.sector < closed.to
    if (wanted || log?.quiet === true || log?.cache.leaving === true) this.writeOut(stripe)
    else log?.cache.lookAtUse()
  }

  override hand(request: ArrayRequest): void {
    super.hand(request)
    if (this.waiting.length > 0 && this.log?.writeBack === true) this.log.wakeReclaim(0)
  }

  override pageDone(stripe: Stripe, bio: Bio): void {
    if (!originalRead(this, stripe, bio)) super.pageDone(stripe, bio)
  }

  // ---- requests ----

  override read(bio: Bio): void {
    const { log, geometry } = this
    if (log === null || log.cache.stripes.length === 0 || this.array.degraded > 0) {
      super.read(bio)
      return
    }
    const direct = new DirectRead(this, bio)
    const end = bio.sector + bio.sectors
    for (let sector = bio.sector; sector < end;) {
      const { slot, stripe, sector: memberSector } = geometry.locate(sector)
      const count = Math.min(geometry.chunkSectors - (sector % geometry.chunkSectors), end - sector)
      direct.submit(slot, memberSector, sector, count, log.cache.holdsRow(stripe))
      sector += count
    }
    direct.close()
  }

  /** @source raid5_make_request, drivers/md/raid5.c, 6.1: with a journal no member is flushed for it. */
  takeFlush(bio: Bio): boolean {
    const { log } = this
    if (log === null) return false
    if (bio.sectors === 0) log.flush(bio)
    else {
      if (!log.writeBack) bio.flags &= ~PREFLUSH
      this.array.write(bio)
    }
    return true
  }

  override changesRecorded(): void {
    this.log?.changesRecorded()
  }

  // ---- the array as a whole ----

  override closeRange(from: number, to: number): boolean {
    this.closed = { from, to }
    this.log?.cache.writeOutAll(from, to)
    return this.stripesBusy(from, to)
  }

  protected override stripesBusy(from: number, to: number): boolean {
    return super.stripesBusy(from, to) || this.log?.cache.holds(from, to) === true
  }

  /** @source r5c_update_on_rdev_error, drivers/md/raid5-cache.c, 6.1 */
  memberFailed(): void {
    if (this.log !== null && (this.array.degraded > 0 || this.log.failed)) this.log.cache.end()
    if (this.log?.failed === true) this.log.runNoSpace()
  }

  /** @source raid5_quiesce, drivers/md/raid5.c, 6.1 */
  comeToRest(): boolean {
    const { log } = this
    if (log === null) return true
    log.quiet = true
    log.cache.writeOutAll()
    if (this.cache.active().length > 0 || !log.comeToRest()) return false
    log.quiet = false
    return true
  }

  override free(): void {
    for (const { journal } of this.cache.all()) {
      for (const address of journal?.originals ?? []) if (address !== 0) this.array.sim.memory.free(address)
    }
    super.free()
  }
}

export const JOURNALED_RAID5: PersonalityKind = {
  levels: [4, 5, 6],
  journaled: true,
  newLog: (uuid, seq) => encodeJournalMeta(journalSeed(uuid), { seq, position: 0, payloads: [] }),
  begin: (array: MdArray) => {
    const { geometry } = array
    assert(geometry instanceof Geometry, 'a level of parity')
    const ParityOfLevel = geometry.level === 6 ? Raid6Parity : Parity
    return new JournaledRaid5(array, geometry, new ParityOfLevel(array.sim.memory, geometry))
  },
}
