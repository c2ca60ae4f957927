/** A piece of a read: from one copy, or where that fails, from another. In Linux: r1bio, r10bio. */
import { assert } from '../base/assert.ts'
import { READ, Bio, type BioOwner } from '../block/bio.ts'
import type { Member } from './member.ts'
import { FixRead } from './mirror_fix_read.ts'
import type { Copy } from './mirror_geometry.ts'
import { ioEnded } from './place.ts'
import type { MirrorRequest } from './mirror_request.ts'
import type { Mirrors } from './mirrors.ts'

export class MirrorRead implements BioOwner {
  readonly mirrors: Mirrors
  readonly request: MirrorRequest
  readonly sector: number
  sectors: number
  readonly copies: readonly Copy[]
  /** Bit per copy that is not to be asked again. */
  blocked: number
  /** The copy that is read. */
  copy: number
  member: Member | null

  constructor(mirrors: Mirrors, request: MirrorRequest, sector: number, sectors: number) {
    this.mirrors = mirrors
    this.request = request
    this.sector = sector
    this.sectors = sectors
    this.copies = mirrors.copiesOf(sector)
    this.blocked = 0
    this.copy = -1
    this.member = null
  }

  /** @source raid1_read_request, raid10_read_request, 6.1 */
  start(): void {
    const { mirrors, request, sector, copies } = this
    const { copy, sectors, member } = mirrors.balance(sector, this.sectors, copies, this.blocked)
    if (copy < 0) {
      mirrors.partDone(request, 'EIO')
      return
    }
    assert(member !== null, 'a copy that was chosen has a member')
    this.copy = copy
    this.member = member
    member.pending++
    if (sectors < this.sectors) {
      const rest = this.sectors - sectors
      this.sectors = sectors
      mirrors.readPiece(request, sector + sectors, rest)
    }
    // What a slow member has may be older than what was answered.
    if (member.writeMostly && mirrors.behindWrites > 0) mirrors.behindReaders.push(this)
    else this.submit()
  }

  submit(): void {
    const { mirrors, request, sectors, sector, member } = this
    assert(member !== null, 'a read has its member')
    const { bio } = request
    const at = member.dataOffset + this.copies[this.copy].sector
    const data = request.address(sector)
    const part = new Bio(mirrors.array.sim, this, READ, bio.flags, at, sectors, data, bio.cause, bio.id)
    member.device.submit(part)
  }

  /** @source raid1_end_read_request, raid10_end_read_request, 6.1 */
  bioDone(part: Bio): void {
    const { mirrors, member, copies, copy } = this
    assert(member !== null, 'a read has its member')
    mirrors.moveHead(copies[copy].slot, copies[copy].sector + this.sectors)
    if (part.status === 'OK' || mirrors.isLastCopy(member)) {
      this.letGo()
      mirrors.partDone(this.request, part.status)
    } else new FixRead(this).resume()
  }

  letGo(): void {
    const { member, mirrors } = this
    ioEnded(mirrors.array, member)
    this.member = null
  }
}
