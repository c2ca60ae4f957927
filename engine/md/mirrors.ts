/**
 * What RAID-1 and RAID-10 have in common: everything is there several times. A write goes to all copies that can be reached, once the
 * bitmap has its bits; a read goes to one copy, and what that one cannot deliver is taken from another and written back.
 *
 * Nobody writes while a sync pass works on a range, or while a read error is put right: both hold the barrier, one at a time, and
 * get it when no write is under way any more.
 * @differs Linux has a barrier for every 64 MiB of a RAID-1, and up to 32 sync requests behind it.
 * @source raise_barrier, freeze_array, raid1_write_request, flush_pending_writes, drivers/md/raid1.c and raid10.c, 6.1
 */
import { fail, type Failure } from '../base/errno.ts'
import { assert } from '../base/assert.ts'
import { WRITE, type Bio, type Status } from '../block/bio.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import type { Procedure, ProcedureParent } from '../sim/procedure.ts'
import type { EventTarget } from '../sim/queue.ts'
import { CHANGE_PENDING, type MdArray } from './array.ts'
import { BitmapFlush } from './bitmap.ts'
import type { Member } from './member.ts'
import type { Copy, MirrorGeometry } from './mirror_geometry.ts'
import type { FixRead } from './mirror_fix_read.ts'
import { MirrorRead } from './mirror_read.ts'
import { MirrorRequest } from './mirror_request.ts'
import { MirrorWrite, type Leg } from './mirror_write.ts'
import { workingReplacement } from './place.ts'
import type { Personality } from './personality.ts'
import type { SyncAction, SyncPass } from './sync.ts'

/** The most that is synced at once: 64 KiB. In Linux: RESYNC_SECTORS. */
export const RESYNC_SECTORS = 128

/** Where the last request to a slot ended, and where a row of reads goes on: what reads are balanced by. */
export interface Head {
  position: number
  nextSequential: number
}

/** A copy that was chosen for a read, and how far it can be read. */
export interface ReadChoice {
  /** Index into the copies, or -1: no copy can be read. */
  readonly copy: number
  readonly sectors: number
  readonly member: Member | null
}

export abstract class Mirrors implements Personality, EventTarget, ProcedureParent {
  readonly array: MdArray
  readonly geometry: MirrorGeometry
  readonly heads: Head[]
  /** Writes that are behind: answered, but not yet on all slow members. */
  behindWrites: number
  /** Reads of a slow member that wait until nothing is behind. */
  behindReaders: MirrorRead[]
  /** Who holds the barrier, and who is to get it next; null stands for the sync pass. */
  private readonly barrier: (FixRead | null)[]
  private writesUnderWay: number
  /** Requests that wait for the barrier to fall. */
  private waiting: MirrorRequest[]
  private queued: MirrorWrite[]
  private flushing: MirrorWrite[]
  private unplugAsked: boolean
  /** Writes that failed somewhere: they end when that is recorded. */
  private unclosed: MirrorWrite[]
  /** How many members had been bound when a rebuild was given up. In Linux: recovery_disabled. */
  private gaveUpAt: number

  constructor(array: MdArray, geometry: MirrorGeometry) {
    this.array = array
    this.geometry = geometry
    this.heads = Array.from({ length: 2 * geometry.raidDisks }, () => ({ position: 0, nextSequential: 0 }))
    this.behindWrites = 0
    this.behindReaders = []
    this.barrier = []
    this.writesUnderWay = 0
    this.waiting = []
    this.queued = []
    this.flushing = []
    this.unplugAsked = false
    this.unclosed = []
    this.gaveUpAt = -1
  }

  get hasRedundancy(): boolean {
    return true
  }

  get stripes(): null {
    return null
  }

  // ---- what the level decides ----

  /** How far a request that begins here goes in one piece. */
  abstract pieceEnd(sector: number, end: number): number
  /** The copy from which a piece is read. @param blocked bit per copy that is not to be asked. */
  abstract balance(sector: number, sectors: number, copies: readonly Copy[], blocked: number): ReadChoice
  /** Whether a read error of this member is to be told rather than put right: there is no other copy. */
  abstract isLastCopy(member: Member): boolean
  /** Whether a piece of a member may take part in putting a read error right. */
  abstract canFixFrom(slot: number, sector: number, sectors: number): boolean
  abstract canFixOn(member: Member): boolean
  /** A member has had a read error. @returns whether that was one too many: it is not tried again. */
  abstract tooManyReadErrors(member: Member): boolean
  /** How many writes may be behind; 0 for none. */
  abstract behindMax(): number

  /** Whether a write that reaches a replacement, but not whom it replaces, is one that a copy lacks. */
  protected abstract readonly needsEverySlot: boolean

  abstract refusal(): Failure | null
  abstract mustKeep(member: Member): boolean
  abstract slotFor(member: Member, wanted: number): number
  abstract isUseless(member: Member): boolean
  /** Everybody who has a sector, or is to have it; a replacement only where the level counts it as a copy of its own. */
  abstract copiesOf(sector: number): readonly Copy[]
  /** What is to become of a write that one of these could not do: whether it is tried sector by sector, or has failed with it. */
  abstract failsAtOnce(member: Member): boolean
  abstract isStranger(savedSlot: number, slot: number): boolean
  abstract get startsClean(): boolean
  abstract syncEnd(action: SyncAction): number
  abstract nothingToSync(action: SyncAction): boolean
  abstract nextWanted(pass: SyncPass): number
  abstract extentEnd(pass: SyncPass, sector: number): number
  abstract extent(pass: SyncPass): Procedure
  abstract bitmapSectors(pass: SyncPass, sector: number): number[]
  abstract followsBitmap(action: SyncAction): boolean

  /** A rebuild cannot come to an end with these members: it is not tried again before another one is added. */
  giveUpRebuild(): void {
    this.gaveUpAt = this.array.membersBound
    this.array.sync?.interrupt()
  }

  get canRebuild(): boolean {
    return this.gaveUpAt !== this.array.membersBound
  }

  started(): void {}

  /** A member that must be kept makes the array broken instead of leaving it; no other does. */
  isBroken(): boolean {
    return false
  }

  get extentSectors(): number {
    return RESYNC_SECTORS
  }

  syncPassed(): boolean {
    return false
  }

  free(): void {
    for (const write of [...this.queued, ...this.flushing, ...this.unclosed]) write.free()
  }

  // ---- the barrier ----

  closeRange(): boolean {
    this.barrier.push(null)
    return this.barrier[0] !== null || this.writesUnderWay > 0
  }

  openRange(): void {
    this.lower(null)
  }

  /** Keeps writes out while a read error is put right. @returns whether it has to wait for `fix.barrierHeld` */
  freeze(fix: FixRead): boolean {
    this.barrier.push(fix)
    return this.barrier[0] !== fix || this.writesUnderWay > 0
  }

  lower(holder: FixRead | null): void {
    const at = this.barrier.indexOf(holder)
    if (at < 0) return
    this.barrier.splice(at, 1)
    if (this.barrier.length > 0) {
      if (at === 0) this.grant()
      return
    }
    const requests = this.waiting
    this.waiting = []
    for (const request of requests) this.hand(request)
  }

  private grant(): void {
    if (this.writesUnderWay > 0) return
    const [first] = this.barrier
    if (first === null) this.array.sync?.rangeIdle()
    else first.barrierHeld()
  }

  // ---- requests ----

  read(bio: Bio): void {
    const request = new MirrorRequest(bio)
    while (request.next < request.end) {
      const sector = request.next
      request.next = this.pieceEnd(sector, request.end)
      this.readPiece(request, sector, request.next - sector)
    }
    this.partDone(request)
  }

  /** Reads a piece; it becomes several where no copy can be read from one end to the other. */
  readPiece(request: MirrorRequest, sector: number, sectors: number): void {
    request.remaining++
    new MirrorRead(this, request, sector, sectors).start()
  }

  write(bio: Bio): void {
    this.hand(new MirrorRequest(bio))
  }

  private hand(request: MirrorRequest): void {
    if (this.barrier.length > 0) {
      this.waiting.push(request)
      return
    }
    while (request.next < request.end) this.queueWrite(this.planWrite(request))
    this.partDone(request)
  }

  /**
   * The next piece of a write: as long as the same copies can be written all along. Sectors that a member could not write once are not
   * tried again.
   */
  private planWrite(request: MirrorRequest): MirrorWrite {
    const { array } = this
    const sector = request.next
    let sectors = this.pieceEnd(sector, request.end) - sector
    const write = new MirrorWrite(this, request, sector)
    const replacements: Leg[] = []
    for (const copy of this.geometry.locate(sector)) {
      const member = array.slots[copy.slot]
      const replacement = workingReplacement(array, copy.slot)
      if (replacement !== null) {
        replacements.push({ member: replacement, slot: array.raidDisks + copy.slot, sector: copy.sector })
      }
      if (member === null || member.faulty) {
        if (replacement === null || this.needsEverySlot) write.degraded = true
        continue
      }
      const bad = member.writeErrorSeen ? member.firstBad(copy.sector, sectors) : null
      if (bad !== null && bad.from <= copy.sector) {
        sectors = Math.min(sectors, bad.to - copy.sector)
        continue
      }
      if (bad !== null) sectors = bad.from - copy.sector
      write.legs.push({ member, slot: copy.slot, sector: copy.sector })
    }
    write.legs.push(...replacements)
    for (const { member } of write.legs) member.pending++
    write.sectors = sectors
    request.next = sector + sectors
    return write
  }

  private queueWrite(write: MirrorWrite): void {
    const { array } = this
    write.request.remaining++
    write.request.unanswered++
    this.writesUnderWay++
    write.chooseBehind()
    const { bitmap } = array
    if (bitmap !== null) {
      for (const sector of bitmap.chunkStarts(write.sector, write.sectors)) {
        const counted = bitmap.startWrite(sector)
        assert(counted, 'more writes in one bitmap chunk than it can count')
      }
    }
    this.queued.push(write)
    if (this.unplugAsked) return
    this.unplugAsked = true
    array.sim.after(0, this, 0)
  }

  // ---- the plug ----

  event(): void {
    this.unplugAsked = false
    this.array.touchThread()
    this.flushBitmap()
  }

  /** Writes the dirty pages of the bitmap, then lets the writes that wait for them go. */
  private flushBitmap(): void {
    const { array } = this
    if (this.queued.length === 0 || this.flushing.length > 0) return
    this.flushing = this.queued
    this.queued = []
    if (array.bitmap === null || !array.bitmap.dirty) {
      this.procedureDone()
      return
    }
    const flush = new BitmapFlush(array)
    flush.parent = this
    flush.resume()
  }

  /** The bitmap is on the members. */
  procedureDone(): void {
    const writes = this.flushing
    this.flushing = []
    for (const write of writes) write.submit()
    this.flushBitmap()
  }

  // ---- ends ----

  /** A write has ended on all members, and what went wrong is noted: it is over when that is on disk. */
  closeWhenRecorded(write: MirrorWrite): void {
    if ((this.array.changes & CHANGE_PENDING) !== 0) this.unclosed.push(write)
    else this.close(write)
  }

  changesRecorded(): void {
    for (const write of this.unclosed.splice(0)) this.close(write)
  }

  close(write: MirrorWrite): void {
    const { array } = this
    const { bitmap } = array
    if (write.sawError && array.degraded > 0) write.degraded = true
    if (bitmap !== null) {
      for (const sector of bitmap.chunkStarts(write.sector, write.sectors)) bitmap.endWrite(sector, !write.degraded)
    }
    write.free()
    if (write.isBehind && --this.behindWrites === 0) {
      for (const read of this.behindReaders.splice(0)) read.submit()
    }
    this.writesUnderWay--
    this.partDone(write.request, write.isUptodate ? 'OK' : 'EIO')
    if (this.writesUnderWay === 0 && this.barrier.length > 0) this.grant()
  }

  partDone(request: MirrorRequest, status: Status = 'OK'): void {
    if (!request.partDone(status)) return
    const { bio } = request
    if (bio.op !== WRITE) this.array.endBio(bio, request.status)
    else if (request.answered) this.array.writeClosed()
    else {
      bio.status = request.status
      this.array.writeDone(bio)
    }
  }

  /** A slot has answered a request that ends here. */
  moveHead(slot: number, end: number): void {
    this.heads[slot].position = end
  }

  /** How many members that are in sync hold the array up. */
  protected get working(): number {
    return this.array.raidDisks - this.array.degraded
  }

  protected get isSynced(): boolean {
    return this.array.resyncOffset === MAX_SECTOR
  }
}

/** Why a level does not start. */
export function tooFew(errno: 'EINVAL' | 'EIO'): Failure {
  return fail(errno, 'not enough operational mirrors')
}
