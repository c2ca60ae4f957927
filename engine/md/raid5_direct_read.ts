import { READ, Bio, type BioOwner, type Status } from '../block/bio.ts'
import { ArrayRequest, type RetryParent } from './array_request.ts'
import type { Member } from './member.ts'
import type { Raid5 } from './raid5.ts'

/** A read that goes straight to the members; what fails there is tried again through the stripes. */
export class DirectRead implements BioOwner, RetryParent {
  readonly raid5: Raid5
  readonly bio: Bio
  private remaining: number
  private status: 'OK' | 'EIO'
  /** Who was asked, by array sector. */
  private readonly readers: Map<number, Member>

  constructor(raid5: Raid5, bio: Bio) {
    this.raid5 = raid5
    this.bio = bio
    this.remaining = 1
    this.status = 'OK'
    this.readers = new Map()
  }

  /** @param viaStripes the member does not hold what is newest */
  submit(slot: number, memberSector: number, arraySector: number, sectors: number, viaStripes = false): void {
    const { raid5, bio } = this
    const { array } = raid5
    this.remaining++
    const data = bio.data + (arraySector - bio.sector) * 512
    const member = array.reader(slot, memberSector, sectors)
    const { sim } = array
    if (viaStripes || member === null || !member.canRead(memberSector, sectors)) {
      this.retry(new Bio(sim, this, READ, bio.flags, arraySector, sectors, data, bio.cause, bio.id, arraySector))
      return
    }
    member.pending++
    this.readers.set(arraySector, member)
    member.device.submit(
      new Bio(
        sim,
        this,
        READ,
        bio.flags,
        member.dataOffset + memberSector,
        sectors,
        data,
        bio.cause,
        bio.id,
        arraySector,
      ),
    )
  }

  bioDone(part: Bio): void {
    const { raid5, bio } = this
    const member = this.readers.get(part.tag)
    if (member !== undefined && member.pending > 0) member.pending--
    if (part.status === 'OK') {
      this.close()
      return
    }
    const { sim } = raid5.array
    this.retry(new Bio(sim, this, READ, bio.flags, part.tag, part.sectors, part.data, bio.cause, bio.id, part.tag))
  }

  private retry(part: Bio): void {
    this.raid5.hand(new ArrayRequest(part, this))
  }

  retried(status: Status): void {
    if (status !== 'OK') this.status = 'EIO'
    this.close()
  }

  close(): void {
    if (--this.remaining === 0) this.raid5.array.endBio(this.bio, this.status)
  }
}
