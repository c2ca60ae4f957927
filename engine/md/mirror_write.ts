/** A piece of a write on its way to all copies. In Linux: r1bio, r10bio. */
import { FUA, SYNC, WRITE, Bio, type BioOwner } from '../block/bio.ts'
import type { Member } from './member.ts'
import type { MirrorRequest } from './mirror_request.ts'
import { ioEnded, noteWriteError } from './place.ts'
import { NarrowWrite } from './mirror_narrow.ts'
import type { Mirrors } from './mirrors.ts'

/** A copy that is written. */
export interface Leg {
  readonly member: Member
  readonly slot: number
  /** From the start of the member's data. */
  readonly sector: number
}

export class MirrorWrite implements BioOwner {
  readonly mirrors: Mirrors
  readonly request: MirrorRequest
  readonly sector: number
  sectors: number
  readonly legs: Leg[]
  /** Legs whose write failed, and that are still members. */
  readonly failed: Leg[]
  /** Some copy is missing that should be there: the bitmap keeps its bits. */
  degraded: boolean
  /** A member that counts has it. */
  isUptodate: boolean
  /** Slow members need not have it for it to be answered. */
  isBehind: boolean
  /** The piece's own copy of the data, while slow members have its time; else 0. */
  private copy: number
  private remaining: number
  private slowRemaining: number
  private answered: boolean

  constructor(mirrors: Mirrors, request: MirrorRequest, sector: number) {
    this.mirrors = mirrors
    this.request = request
    this.sector = sector
    this.sectors = 0
    this.legs = []
    this.failed = []
    this.degraded = false
    this.isUptodate = false
    this.isBehind = false
    this.copy = 0
    this.remaining = 1
    this.slowRemaining = 0
    this.answered = false
  }

  /** Whether some member could not write it. */
  get sawError(): boolean {
    return this.failed.length > 0
  }

  get data(): number {
    return this.copy !== 0 ? this.copy : this.request.address(this.sector)
  }

  /**
   * Goes behind where that is wanted and not too many are behind already; the caller's memory is his again then, so the data is copied.
   * @source raid1_write_request, alloc_behind_master_bio, drivers/md/raid1.c, 6.1
   */
  chooseBehind(): void {
    const { mirrors, sectors } = this
    // Linux 6.1 looks at the first of them alone.
    if (this.legs[0]?.member.writeMostly !== true) return
    if (mirrors.behindWrites >= mirrors.behindMax() || mirrors.behindReaders.length > 0) return
    const { bitmap } = mirrors.array
    const { memory } = mirrors.array.sim
    this.isBehind = true
    mirrors.behindWrites++
    if (bitmap !== null) bitmap.behindWritesUsed = Math.max(bitmap.behindWritesUsed, mirrors.behindWrites)
    this.copy = memory.allocate(sectors * 512)
    memory.copy(this.copy, this.request.address(this.sector), sectors * 512)
  }

  submit(): void {
    const { mirrors, legs, sectors, data } = this
    const { bio } = this.request
    const { sim } = mirrors.array
    this.remaining += legs.length
    if (this.isBehind) this.slowRemaining = legs.filter(({ member }) => member.writeMostly).length
    legs.forEach(({ member, sector }, leg) => {
      const at = member.dataOffset + sector
      const part = new Bio(sim, this, WRITE, bio.flags & (SYNC | FUA), at, sectors, data, bio.cause, bio.id, leg)
      if (member.faulty) part.end('EIO')
      else member.device.submit(part)
    })
    this.legDone()
  }

  /** @source raid1_end_write_request, drivers/md/raid1.c, 6.1 */
  bioDone(part: Bio): void {
    const { mirrors } = this
    const leg = this.legs[part.tag]
    const { member, slot, sector } = leg
    mirrors.moveHead(slot, sector + this.sectors)
    if (part.status !== 'OK') {
      if (mirrors.failsAtOnce(member)) mirrors.array.memberFailed(member)
      else noteWriteError(mirrors.array, member)
      if (member.faulty) this.degraded ||= !member.isReplacement
      else this.failed.push(leg)
    } else {
      if (member.inSync && !member.faulty) this.isUptodate = true
      if (member.hasBadBlocks(sector, this.sectors)) member.badBlocks?.clear(member.dataOffset + sector, this.sectors)
    }
    if (this.isBehind) {
      if (member.writeMostly) this.slowRemaining--
      if (this.slowRemaining >= this.remaining - 1 && this.isUptodate) this.answer()
    }
    if (!this.failed.includes(leg)) this.letGo(member)
    this.legDone()
  }

  /** A member is not needed by this write any more. */
  letGo(member: Member): void {
    ioEnded(this.mirrors.array, member)
  }

  private legDone(): void {
    if (--this.remaining > 0) return
    if (this.failed.length > 0) new NarrowWrite(this).resume()
    else this.mirrors.close(this)
  }

  /** All fast members have it. */
  private answer(): void {
    if (this.answered) return
    this.answered = true
    const { request } = this
    if (--request.unanswered > 0 || request.next < request.end) return
    request.answered = true
    this.mirrors.array.endBio(request.bio, 'OK')
  }

  free(): void {
    if (this.copy !== 0) this.mirrors.array.sim.memory.free(this.copy)
    this.copy = 0
  }
}
