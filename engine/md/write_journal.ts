/**
 * The write journal of an array with parity: a ring on a device of its own. Data and parity of a stripe are in it, and durable, before
 * a member is written; so a power cut in the middle leaves no stripe half new and half old (the write hole).
 *
 *     tail ─────────────────────────── head
 *      │ unit │ unit │ unit │ unit │ unit │        what lies before the tail is free
 *        over   over   logged sent    open
 *
 * Units end out of order, but what they stand for is let go in order: first stripes of the first logged unit, after a flush of the log.
 * When the first units are over, the tail can move; the superblocks say where it is before their room is used again, and writing
 * them flushes the members.
 *
 * Write-through, a write is done when its members have it. Write-back, it is done when the log has it: the stripe stays in the
 * cache (`journal_cache.ts`), and goes to the members when room is short, of stripes or of log.
 *
 * @source drivers/md/raid5-cache.c, 6.1
 */
import { FLUSH, FUA, PREFLUSH, SYNC, Bio, type BioOwner } from '../block/bio.ts'
import type { ProcedureParent } from '../sim/procedure.ts'
import type { EventTarget } from '../sim/queue.ts'
import { crc32c } from '../base/crc32c.ts'
import { MD_JOURNAL_BLOCK_SECTORS, MD_JOURNAL_BYTES, payloadBytes, type JournalPayload } from '../format/md_journal.ts'
import { CHANGE_DEVS, type MdArray } from './array.ts'
import { FlushMembers } from './flush_members.ts'
import { JournalUnit } from './journal_unit.ts'
import { JournalCache } from './journal_cache.ts'
import type { JournaledRaid5 } from './journaled_raid5.ts'
import { stateOf, type JournalState } from './journal_state.ts'
import type { Member } from './member.ts'
import { WANT_WRITE, type Stripe } from './stripe.ts'

/** The tail is moved when so much is free behind it: this, or a quarter of the log. */
const RECLAIM_SECTORS_MAX = 10 * 1024 * 1024 * 2

const CLOSE = 0
const RECLAIM = 1

export class WriteJournal implements EventTarget, BioOwner, ProcedureParent {
  readonly array: MdArray
  readonly raid5: JournaledRaid5
  readonly member: Member
  /** The sum that every sum in the log begins with. */
  readonly seed: number
  /** Length of the ring. */
  readonly sectors: number
  readonly cause: number
  readonly cache: JournalCache

  // ---- the ring ----
  tail: number
  /** Where it began when the array started. */
  begins: number
  head: number
  seq: number
  /** Where the tail may move. In Linux: next_checkpoint. */
  nextTail: number
  /** Where the superblocks that are being written say it is, or -1. */
  private writtenTail: number
  /** The members are flushed for it, and the superblocks may say it. */
  private tailFlushed: boolean

  // ---- units, in order ----
  private current: JournalUnit | null
  private running: JournalUnit[]
  private logged: JournalUnit[]
  private flushing: JournalUnit[]
  private finished: JournalUnit[]
  /** Stripes that wait for room. */
  private noSpace: Stripe[]

  private closeAsked: boolean
  private reclaimAsked: boolean
  /** Sectors that somebody waits for. */
  private target: number
  /** The array is coming to rest: nothing is appended that is not needed. */
  quiet: boolean

  constructor(raid5: JournaledRaid5, member: Member, seed: number, sectors: number) {
    const { array } = raid5
    this.array = array
    this.raid5 = raid5
    this.member = member
    this.seed = seed
    this.sectors = sectors - (sectors % MD_JOURNAL_BLOCK_SECTORS)
    this.cause = array.sim.cause(`${array.name} journal`)
    this.cache = new JournalCache(this)
    this.tail = 0
    this.begins = 0
    this.head = 0
    this.seq = 0
    this.nextTail = 0
    this.writtenTail = -1
    this.tailFlushed = false
    this.current = null
    this.running = []
    this.logged = []
    this.flushing = []
    this.finished = []
    this.noSpace = []
    this.closeAsked = false
    this.reclaimAsked = false
    this.target = 0
    this.quiet = false
  }

  get failed(): boolean {
    return this.member.faulty
  }

  ringAdd(sector: number, sectors: number): number {
    const sum = sector + sectors
    return sum >= this.sectors ? sum - this.sectors : sum
  }

  distance(from: number, to: number): number {
    return to >= from ? to - from : to + this.sectors - from
  }

  hasSpace(sectors: number): boolean {
    return this.sectors > this.distance(this.tail, this.head) + sectors
  }

  /** Sectors between head and tail. */
  get freeSectors(): number {
    return this.distance(this.head, this.tail)
  }

  // ---- writing ----

  /**
   * Logs data and parity of a stripe that is ready for its members; it goes on in {@link JournaledRaid5.logged}.
   * @source r5l_write_stripe, drivers/md/raid5-cache.c, 6.1
   */
  writeStripe(stripe: Stripe): void {
    const state = trap(stripe)
    const { slots, parityPages } = this.pagesOf(stripe)
    const sectors = (1 + slots.length + parityPages) * MD_JOURNAL_BLOCK_SECTORS
    if (this.writeBack && this.cache.critical && state.start < 0) {
      this.noSpace.push(stripe)
      this.wakeReclaim(0)
    } else if (!this.hasSpace(sectors)) {
      this.noSpace.push(stripe)
      this.wakeReclaim(this.writeBack ? 0 : sectors)
    } else this.logStripe(stripe, slots, true)
  }

  /** Logs the data of a stripe, and nothing else. @source r5c_cache_data, drivers/md/raid5-cache.c, 6.1 */
  cacheStripe(stripe: Stripe): void {
    const state = trap(stripe)
    const { slots } = this.pagesOf(stripe)
    const full = !this.hasSpace((1 + slots.length) * MD_JOURNAL_BLOCK_SECTORS)
    if (full || (this.cache.critical && state.start < 0)) {
      this.noSpace.push(stripe)
      this.wakeReclaim(0)
    } else this.logStripe(stripe, slots, false)
  }

  get writeBack(): boolean {
    return this.cache.writeBack
  }

  /** Data pages that are to be written and are not in the log yet. */
  private pagesOf(stripe: Stripe): { slots: number[]; parityPages: number } {
    const { logged } = stateOf(stripe)
    const slots: number[] = []
    stripe.pages.forEach(({ flags }, slot) => {
      if (slot === stripe.parity || slot === stripe.q || (flags & WANT_WRITE) === 0 || (logged & (1 << slot)) !== 0)
        return
      slots.push(slot)
    })
    return { slots, parityPages: stripe.q >= 0 ? 2 : 1 }
  }

  /** @source r5l_log_stripe, drivers/md/raid5-cache.c, 6.1 */
  private logStripe(stripe: Stripe, slots: readonly number[], withParity: boolean): void {
    const state = stateOf(stripe)
    const { geometry } = this.raid5
    const payloads: { payload: JournalPayload; pages: number[] }[] = slots.map((slot) => {
      const { address } = stripe.pages[slot]
      const location = geometry.arraySector(slot, stripe.sector)
      return { payload: { kind: 'data', location, checksums: [this.checksum(address)] }, pages: [address] }
    })
    if (withParity) {
      const pages = (stripe.q >= 0 ? [stripe.parity, stripe.q] : [stripe.parity]).map((s) => stripe.pages[s].address)
      const checksums = pages.map((address) => this.checksum(address))
      payloads.push({ payload: { kind: 'parity', location: stripe.sector, checksums }, pages })
    }
    const unit = this.unitFor(payloads.reduce((sum, { payload }) => sum + payloadBytes(payload), 0))
    if (state.preflush) unit.flags |= PREFLUSH
    state.preflush = false
    if (this.writeBack && slots.some((slot) => (state.durable & (1 << slot)) !== 0)) unit.flags |= FUA | PREFLUSH
    for (const { payload, pages } of payloads) {
      unit.add(payload, pages)
      for (let i = 0; i < pages.length; i++) this.advance()
    }
    unit.stripes.push(stripe)
    unit.needed++
    state.unit = unit
    if (this.writeBack && state.start < 0) this.cache.enter(stripe, state, unit.start)
    if (unit.isFull) this.close()
    else this.closeSoon()
  }

  private checksum(address: number): number {
    return crc32c(this.seed, this.array.sim.memory.bytes, address, address + MD_JOURNAL_BYTES)
  }

  private advance(): void {
    this.head = this.ringAdd(this.head, MD_JOURNAL_BLOCK_SECTORS)
    this.cache.lookAtSpace()
  }

  /** The unit that takes so many bytes of meta data: the open one if it has room. @source r5l_get_meta, r5l_new_meta */
  private unitFor(bytes: number): JournalUnit {
    if (this.current !== null && !this.current.hasRoom(bytes)) this.close()
    if (this.current === null) {
      this.current = new JournalUnit(this, this.seq++, this.head)
      this.advance()
      this.running.push(this.current)
    }
    return this.current
  }

  /** The open unit is sent at the end of this instant. */
  private closeSoon(): void {
    if (this.closeAsked) return
    this.closeAsked = true
    this.array.sim.after(0, this, CLOSE)
  }

  /** Sends the open unit, or lets it wait for those before it. @source r5l_submit_current_io */
  private close(): void {
    const unit = this.current
    if (unit === null) return
    this.current = null
    unit.deferred = unit.wantsFlush && unit !== this.running[0]
    if (!unit.deferred) unit.send()
  }

  event(what: number): void {
    if (this.array.gone) return
    if (what === CLOSE) {
      this.closeAsked = false
      this.close()
    } else {
      this.reclaimAsked = false
      this.cache.reclaim()
      this.reclaim()
    }
  }

  // ---- flushes ----

  /**
   * A flush of the array. Write-through, whatever is done is in the log, and the log is flushed: nothing is left to do. Write-back, the
   * log has to be.
   * @returns whether the bio is taken over
   * @source r5l_handle_flush_request, drivers/md/raid5-cache.c, 6.1
   */
  flush(bio: Bio): void {
    if (!this.writeBack) {
      this.array.endBio(bio, 'OK')
      return
    }
    const unit = this.unitFor(0)
    unit.flushes.push(bio)
    unit.flags |= PREFLUSH
    unit.needed++
    this.close()
  }

  /** A stripe is on the members: the log says so, lest it be written again. @source r5l_append_flush_payload */
  noteWrittenOut(sector: number): void {
    if (this.quiet) return
    const payload: JournalPayload = { kind: 'flush', stripes: [sector] }
    const unit = this.unitFor(payloadBytes(payload))
    unit.add(payload, [])
    if (!unit.hasFlushPayload) unit.needed++
    unit.hasFlushPayload = true
    this.closeSoon()
  }

  // ---- what comes back ----

  /** @source r5l_log_endio, drivers/md/raid5-cache.c, 6.1 */
  unitLogged(unit: JournalUnit, failed: boolean): void {
    if (failed) this.array.memberFailed(this.member)
    const logged = this.takeLogged()
    if (unit.stripes.length > 0) this.logged.push(...logged)
    else {
      this.finished.push(...logged)
      for (const one of logged) this.runStripes(one)
    }
    const first = this.running[0]
    if (first?.deferred === true) {
      first.deferred = false
      first.send()
    }
    this.flushLogged()
    for (const bio of unit.flushes) {
      this.array.endBio(bio, 'OK')
      this.letGo(unit)
    }
    if (unit.hasFlushPayload) this.letGo(unit)
  }

  /** The units at the beginning that are in the device, out of those under way. */
  private takeLogged(): JournalUnit[] {
    const end = this.running.findIndex(({ state }) => state === 'open' || state === 'sent')
    return this.running.splice(0, end < 0 ? this.running.length : end)
  }

  /** The log is flushed for what is in it; one flush at a time. @source r5l_flush_stripe_to_raid */
  private flushLogged(): void {
    if (this.flushing.length > 0 || this.logged.length === 0) return
    this.flushing = this.logged
    this.logged = []
    this.member.pending++
    this.member.device.submit(new Bio(this.array.sim, this, FLUSH, SYNC, 0, 0, 0, this.cause))
  }

  /** The log is flushed. @source r5l_log_flush_endio */
  bioDone(bio: Bio): void {
    this.member.pending--
    if (bio.status !== 'OK') this.array.memberFailed(this.member)
    const units = this.flushing
    this.flushing = []
    this.finished.push(...units)
    for (const unit of units) this.runStripes(unit)
    this.flushLogged()
  }

  private runStripes(unit: JournalUnit): void {
    for (const stripe of unit.stripes.splice(0)) this.raid5.logged(stripe)
  }

  /** A stripe needs its unit no more. @source r5l_stripe_write_finished */
  letGo(unit: JournalUnit): void {
    if (--unit.needed > 0) return
    unit.state = 'over'
    let any = false
    for (let first = this.finished[0]; first?.state === 'over'; first = this.finished[0]) {
      this.nextTail = first.start
      this.finished.shift()
      any = true
    }
    if (any && (this.reclaimable > this.reclaimSectors || this.cache.tight || this.target > 0)) this.wakeReclaim(0)
  }

  // ---- room ----

  private get reclaimSectors(): number {
    return Math.min(Math.floor(this.sectors / 4), RECLAIM_SECTORS_MAX)
  }

  private get newTail(): number {
    return this.cache.firstNeeded ?? this.nextTail
  }

  private get reclaimable(): number {
    return this.distance(this.tail, this.newTail)
  }

  /** Has room looked for, soon. @param sectors that somebody needs */
  wakeReclaim(sectors: number): void {
    if (sectors > this.target) this.target = sectors
    if (this.reclaimAsked) return
    this.reclaimAsked = true
    this.array.sim.after(0, this, RECLAIM)
  }

  /**
   * Moves the tail: the superblocks say it first, and writing them flushes the members.
   * @source r5l_do_reclaim, drivers/md/raid5-cache.c, 6.1
   * @differs Linux flushes the members together with writing all superblocks, so that the new tail may be on its disk before a member is flushed
   */
  private reclaim(): void {
    if (this.writtenTail >= 0) return
    const { reclaimable } = this
    const wanted = reclaimable > this.reclaimSectors || this.target > 0 || this.noSpace.length > 0
    if (!wanted) return
    if (reclaimable < this.target && !this.isEmpty) return
    this.target = 0
    if (reclaimable > 0) this.moveTail()
  }

  /** First the members are flushed, then the superblocks say where the tail is, then its room is free. */
  private moveTail(): void {
    this.writtenTail = this.newTail
    const flush = new FlushMembers(this.array, this.cause)
    flush.parent = this
    flush.resume()
  }

  /** The members are flushed. */
  procedureDone(): void {
    const { array, member } = this
    member.journalTail = this.writtenTail
    array.changes |= CHANGE_DEVS
    this.tailFlushed = true
    array.wakeThread()
  }

  private get isEmpty(): boolean {
    return this.running.length + this.logged.length + this.flushing.length + this.finished.length === 0
  }

  /** Superblocks are written. */
  changesRecorded(): void {
    if (!this.tailFlushed) return
    this.tail = this.writtenTail
    this.writtenTail = -1
    this.tailFlushed = false
    this.cache.lookAtSpace()
    this.runNoSpace()
    if (this.noSpace.length > 0) this.wakeReclaim(0)
  }

  /** Stripes that waited for room try again. */
  runNoSpace(): void {
    for (const stripe of this.noSpace.splice(0)) this.raid5.tryLogAgain(stripe)
  }

  /**
   * Everything that can be let go is, and the tail stands behind it.
   * @returns whether that is so
   * @source r5l_quiesce, drivers/md/raid5-cache.c, 6.1
   */
  comeToRest(): boolean {
    if (this.current !== null || this.running.length + this.logged.length + this.flushing.length > 0) return false
    if (this.writtenTail < 0 && this.reclaimable > 0) {
      this.target = 0
      this.moveTail()
    }
    return this.writtenTail < 0 || this.tailFlushed
  }
}

/** Nothing else is done with a stripe until the log has it. */
function trap(stripe: Stripe): JournalState {
  const state = stateOf(stripe)
  state.trapped = true
  stripe.inflight++
  return state
}
