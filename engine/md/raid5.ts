/**
 * Requests on their way into stripes, and the plug: parts that arrive at the same instant are gathered before any stripe is
 * handled, so that a full stripe needs no reads; then the bitmap is written, where it must be; then the stripes are handled.
 */
import { assert } from '../base/assert.ts'
import { fail, type Failure } from '../base/errno.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import { READ, SYNC, WRITE, Bio, type Status } from '../block/bio.ts'
import type { EventTarget } from '../sim/queue.ts'
import type { Procedure, ProcedureParent } from '../sim/procedure.ts'
import type { MdArray } from './array.ts'
import { ArrayRequest } from './array_request.ts'
import { BitmapFlush } from './bitmap.ts'
import type { Member } from './member.ts'
import type { Personality, PersonalityKind } from './personality.ts'
import { firstEmptyPlace, ioEnded, isBeingReplaced, memberOfTag, REPLACEMENT_TAG, slotsToTry, tagOf } from './place.ts'
import { DirectRead } from './raid5_direct_read.ts'
import { Geometry } from './geometry.ts'
import { onlyParityLacking } from './only_parity.ts'
import { Parity } from './parity.ts'
import { handle, look, sendPages } from './raid5_handle.ts'
import { PARITY_SYNC } from './parity_sync.ts'
import { emptyAnalysis, type Analysis } from './raid5_plan.ts'
import { pageRead, pageWritten, replacementDone } from './raid5_io_end.ts'
import { OVERWRITE, STRIPE_SECTORS, type Stripe, type StripePart } from './stripe.ts'
import { StripeCache } from './stripe_cache.ts'
import { covered, overlaps } from './stripe_parts.ts'
import { extentSectors, nextMarked, type SyncAction, type SyncPass } from './sync.ts'

/** A range of member sectors. */
interface Range {
  readonly from: number
  readonly to: number
}

export class Raid5 implements Personality, EventTarget, ProcedureParent {
  readonly array: MdArray
  readonly cache: StripeCache
  /** What a sync pass works on: requests that fall into it wait. */
  protected closed: Range | null
  /** Requests that wait for a free stripe, or for the closed range. */
  waiting: ArrayRequest[]
  /** Sectors whose stripes are to write a page that a sync has mended once more, and to read it back. */
  mended: number[]
  /** What was last found in a stripe: one object, so that a look costs no memory. */
  readonly analysis: Analysis
  readonly geometry: Geometry
  readonly parity: Parity
  /** The pages of a stripe by slot, and the slots that are being written: for the same reason. */
  private readonly addresses: number[]
  readonly written: number[]
  private plugged: Stripe[]
  private bitmapQueue: Stripe[]
  private bitmapFlushing: Stripe[]
  private unplugAsked: boolean
  /** How many members had come when a rebuild was given up. In Linux: recovery_disabled. */
  private gaveUpAt: number

  constructor(array: MdArray, geometry: Geometry, parity: Parity) {
    this.array = array
    this.geometry = geometry
    this.parity = parity
    this.cache = new StripeCache(this)
    this.closed = null
    this.waiting = []
    this.mended = []
    this.analysis = emptyAnalysis()
    this.addresses = []
    this.written = []
    this.plugged = []
    this.bitmapQueue = []
    this.bitmapFlushing = []
    this.unplugAsked = false
    this.gaveUpAt = -1
  }

  get hasRedundancy(): boolean {
    return true
  }

  get stripes(): StripeCache {
    return this.cache
  }

  // ---- members ----

  /** @source raid5_run, drivers/md/raid5.c, 6.1 */
  refusal(): Failure | null {
    const { array } = this
    if (array.degraded > this.maxDegraded) {
      return fail('EIO', `not enough operational devices (${array.degraded}/${array.raidDisks} failed)`)
    }
    if (array.degraded > onlyParityLacking(array, this.geometry) && array.resyncOffset !== MAX_SECTOR) {
      return fail('EIO', 'cannot start dirty degraded array')
    }
    return null
  }

  /** How many members may be gone. */
  get maxDegraded(): number {
    return this.geometry.raidDisks - this.geometry.dataDisks
  }

  /** @source raid5_error, drivers/md/raid5.c, 6.1: any member may fail. */
  mustKeep(): boolean {
    return false
  }

  isBroken(): boolean {
    return this.array.degraded > this.maxDegraded
  }

  /** Its old slot if it can have that. @source raid5_add_disk, drivers/md/raid5.c, 6.1 */
  slotFor(member: Member, wanted: number): number {
    const { array } = this
    if (array.broken || this.gaveUpAt === array.membersBound) return -1
    if (member.savedSlot < 0 && array.degraded > this.maxDegraded) return -1
    return firstEmptyPlace(array, slotsToTry(array, member, wanted))
  }

  isUseless(member: Member): boolean {
    return !this.canRebuild || isBeingReplaced(this.array, member)
  }

  isStranger(savedSlot: number, slot: number): boolean {
    return savedSlot !== slot
  }

  /** A rebuild cannot come to an end with these members: it is not tried again before another one is added. */
  giveUpRebuild(): void {
    this.gaveUpAt = this.array.membersBound
    this.array.sync?.interrupt()
  }

  get canRebuild(): boolean {
    return !this.isBroken() && this.gaveUpAt !== this.array.membersBound
  }

  started(): void {}

  get startsClean(): boolean {
    return false
  }

  // ---- sync ----

  syncEnd(): number {
    return this.array.memberSectors
  }

  /** @source raid5_sync_request, drivers/md/raid5.c, 6.1: without redundancy nothing can be compared. */
  nothingToSync(action: SyncAction): boolean {
    return action !== 'recover' && this.array.degraded >= this.maxDegraded
  }

  get extentSectors(): number {
    return extentSectors(this.array.memberSectors)
  }

  nextWanted(pass: SyncPass): number {
    return nextMarked(pass)
  }

  extentEnd(pass: SyncPass, sector: number): number {
    const { bitmap } = this.array
    const size = this.extentSectors
    const end = sector - (sector % size) + size
    return bitmap === null ? end : Math.min(end, (bitmap.chunkOf(sector) + 1) * bitmap.chunkSectors)
  }

  followsBitmap(): boolean {
    return true
  }

  bitmapSectors(pass: SyncPass, sector: number): number[] {
    return [sector]
  }

  extent(pass: SyncPass): Procedure {
    const kind = PARITY_SYNC.find(this.array.geometry.level)
    assert(kind !== undefined, 'whoever may sync has learnt how')
    return kind.extent(this, pass)
  }

  closeRange(from: number, to: number): boolean {
    this.closed = { from, to }
    return this.stripesBusy(from, to)
  }

  openRange(): void {
    this.closed = null
    this.wakeWaiting()
  }

  /**
   * Mended pages are written again and read back behind the stripes that are under way meanwhile.
   * @differs in Linux it is a matter of scheduling how many stripes those are, some 20 to 80; here it is one window.
   */
  syncPassed(sector: number): boolean {
    if (this.mended.length === 0) return false
    const due = this.mended.filter((at) => at <= sector)
    this.mended = this.mended.filter((at) => at > sector)
    for (const at of due) this.rewrite(at)
    return this.mended.length > 0
  }

  /** Has a stripe whose page was mended write that page again and read it back, if it has not done so for another's sake. */
  private rewrite(sector: number): void {
    const stripe = this.cache.peek(sector)
    if (stripe === undefined || stripe.busy) return
    this.cache.get(sector)
    stripe.setState(this.array.sim, this.array.minor, 'reading', 'compute')
    handle(this, stripe)
  }

  /** A stripe has become idle: perhaps the last one that a sync waits for. */
  stripeIdle(sector: number): void {
    const { closed } = this
    if (closed === null || sector < closed.from || sector >= closed.to) return
    if (!this.stripesBusy(closed.from, closed.to)) this.array.sync?.rangeIdle()
  }

  protected stripesBusy(from: number, to: number): boolean {
    const { cache } = this
    if (to - from > cache.capacity * STRIPE_SECTORS) {
      return cache.active().some((stripe) => stripe.sector >= from && stripe.sector < to)
    }
    for (let sector = from; sector < to; sector += STRIPE_SECTORS) {
      if (cache.peek(sector)?.busy === true) return true
    }
    return false
  }

  free(): void {
    this.cache.free(this.array.sim.memory)
  }

  // ---- reads that need no stripe ----

  /**
   * A read: straight from the members where all are there, chunk by chunk.
   * @source chunk_aligned_read, drivers/md/raid5.c, 6.1
   */
  read(bio: Bio): void {
    if (this.array.degraded > 0) {
      this.hand(new ArrayRequest(bio))
      return
    }
    const direct = new DirectRead(this, bio)
    const end = bio.sector + bio.sectors
    for (let sector = bio.sector; sector < end;) {
      const { slot, sector: memberSector } = this.geometry.locate(sector)
      const left = this.geometry.chunkSectors - (sector % this.geometry.chunkSectors)
      direct.submit(slot, memberSector, sector, Math.min(left, end - sector))
      sector += Math.min(left, end - sector)
    }
    direct.close()
  }

  /** Writes of stripes do not wait for it, only their users do. */
  changesRecorded(): void {}

  /** A write that has passed the first gate. */
  write(bio: Bio): void {
    this.hand(new ArrayRequest(bio))
  }

  // ---- handing requests to stripes ----

  /** Cuts a request into pages and gives each to its stripe; stops where it has to wait, and is called again from there. */
  hand(request: ArrayRequest): void {
    const { cache } = this
    while (request.next < request.end) {
      const { slot, sector } = this.geometry.locate(request.next)
      const first = sector % STRIPE_SECTORS
      const at = sector - first
      if (this.closed !== null && at >= this.closed.from && at < this.closed.to) {
        this.waiting.push(request)
        return
      }
      const stripe = cache.get(at)
      if (stripe === undefined) {
        this.waiting.push(request)
        return
      }
      const count = Math.min(STRIPE_SECTORS - first, request.end - request.next)
      const part: StripePart = { request, first, count, data: request.address(request.next) }
      if (!this.addPart(stripe, slot, part)) {
        stripe.waiters.push(request)
        return
      }
      request.next += count
    }
    this.partDone(request)
  }

  /** @returns false when another part touches the same sectors: this one has to wait for it. */
  private addPart(stripe: Stripe, slot: number, part: StripePart): boolean {
    const page = stripe.pages[slot]
    const write = part.request.bio.op === WRITE
    if (write ? overlaps(page.toWrite, part) || overlaps(page.written, part) : overlaps(page.toRead, part)) return false
    part.request.remaining++
    stripe.parts++
    if (write) {
      if (page.toWrite.length === 0 && this.array.bitmap !== null) {
        const counted = this.array.bitmap.startWrite(stripe.sector)
        assert(counted, 'more writes in one bitmap chunk than it can count')
        stripe.bitmapWait = true
      }
      page.toWrite.push(part)
      if (covered(page.toWrite)) page.flags |= OVERWRITE
    } else {
      page.toRead.push(part)
    }
    this.plug(stripe)
    return true
  }

  /** A part of a request is done. */
  partDone(request: ArrayRequest, status: Status = 'OK'): void {
    if (!request.partDone(status)) return
    const { bio } = request
    if (bio.op === WRITE) {
      bio.status = request.status
      this.array.writeDone(bio)
    } else if (request.retryOf !== null) {
      request.retryOf.retried(request.status)
    } else {
      this.array.endBio(bio, request.status)
    }
  }

  // ---- the plug ----

  /** Has the stripe handled soon: at this instant, but after everything else that is being submitted now. */
  plug(stripe: Stripe): void {
    if (stripe.state === 'idle') stripe.setState(this.array.sim, this.array.minor, 'plugged', 'none')
    this.plugged.push(stripe)
    if (this.unplugAsked) return
    this.unplugAsked = true
    this.array.sim.after(0, this, 0)
  }

  event(): void {
    this.unplugAsked = false
    this.array.touchThread()
    const stripes = this.plugged
    this.plugged = []
    for (const stripe of stripes) {
      if (!stripe.bitmapWait) handle(this, stripe)
      else if (!this.bitmapQueue.includes(stripe)) this.bitmapQueue.push(stripe)
    }
    this.flushBitmap()
  }

  /** Writes the dirty pages of the bitmap, then lets the stripes that wait for them go on. */
  private flushBitmap(): void {
    const { array } = this
    if (this.bitmapQueue.length === 0 || this.bitmapFlushing.length > 0) return
    this.bitmapFlushing = this.bitmapQueue
    this.bitmapQueue = []
    if (array.bitmap === null || !array.bitmap.dirty) {
      this.procedureDone()
      return
    }
    for (const stripe of this.bitmapFlushing) {
      if (stripe.state === 'plugged') stripe.setState(array.sim, array.minor, 'bitmap')
    }
    const flush = new BitmapFlush(array)
    flush.parent = this
    flush.resume()
  }

  /** The bitmap is on the members. */
  procedureDone(): void {
    const stripes = this.bitmapFlushing
    this.bitmapFlushing = []
    for (const stripe of stripes) {
      stripe.bitmapWait = this.bitmapQueue.includes(stripe)
      if (!stripe.bitmapWait) handle(this, stripe)
    }
    this.flushBitmap()
  }

  /** One look at a stripe. */
  look(stripe: Stripe): void {
    look(this, stripe)
  }

  /** Data and parity of a stripe are ready for the members. */
  send(stripe: Stripe, flags: number): void {
    sendPages(this, stripe, flags)
  }

  /** Nothing is wanted of a stripe any more. */
  release(stripe: Stripe): void {
    this.cache.release(stripe)
  }

  /** Addresses of a stripe's pages, by slot; good until the next call. */
  pageAddresses(stripe: Stripe): readonly number[] {
    const { addresses } = this
    addresses.length = 0
    for (const page of stripe.pages) addresses.push(page.address)
    return addresses
  }

  // ---- I/O of stripes ----

  /** Reads or writes the page of a slot; the answer comes to {@link pageDone}. */
  submitPage(
    stripe: Stripe,
    slot: number,
    op: typeof READ | typeof WRITE,
    flags: number,
    part: StripePart | null,
  ): void {
    const { array } = this
    if (op === READ) this.submitTo(stripe, slot, array.reader(slot, stripe.sector, STRIPE_SECTORS), op, flags, part)
    else this.submitTo(stripe, slot, array.slots[slot], op, flags, part)
  }

  /** The same of one who stands in that slot, or beside it. */
  submitTo(
    stripe: Stripe,
    slot: number,
    member: Member | null,
    op: typeof READ | typeof WRITE,
    flags: number,
    part: StripePart | null,
  ): void {
    const { array } = this
    assert(member !== null, 'a page of a missing member cannot be read or written')
    stripe.inflight++
    member.pending++
    const parent = part?.request.bio
    const bio = new Bio(
      array.sim,
      stripe,
      op,
      flags | SYNC,
      member.dataOffset + stripe.sector,
      STRIPE_SECTORS,
      stripe.pages[slot].address,
      parent?.cause ?? array.causes.sync,
      parent?.id ?? 0,
      tagOf(array, member, slot),
    )
    member.device.submit(bio)
  }

  /** A page has been read or written, or could not be. */
  pageDone(stripe: Stripe, bio: Bio): void {
    const { array } = this
    const slot = bio.tag & ~REPLACEMENT_TAG
    stripe.inflight--
    ioEnded(array, memberOfTag(array, bio.tag))
    if (bio.tag !== slot) replacementDone(array, stripe, slot, bio)
    else if (bio.op === READ) pageRead(array, stripe, slot, bio.status === 'OK', this.maxDegraded)
    else pageWritten(array, stripe, slot, bio.status === 'OK')
    handle(this, stripe)
  }

  /** A stripe is idle, or a range was opened: requests that waited go on, in order. */
  wakeWaiting(): void {
    const requests = this.waiting
    if (requests.length === 0) return
    this.waiting = []
    for (const request of requests) this.hand(request)
  }
}

/** In Linux also level 6; here that is `raid6_parity.ts`. */
export const RAID5: PersonalityKind = {
  levels: [4, 5],
  begin: (array: MdArray) => {
    const { geometry } = array
    assert(geometry instanceof Geometry, 'a level of parity')
    return new Raid5(array, geometry, new Parity(array.sim.memory, geometry))
  },
}
