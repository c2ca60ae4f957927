/**
 * A bio: one request to one device, on its way down or back up. A device that splits or maps a request makes children, which
 * name it by id; the chain of ids leads from any disk I/O up to the line somebody typed.
 */
import type { Errno } from '../base/errno.ts'
import type { Sim } from '../sim/sim.ts'

export const READ = 0
export const WRITE = 1
/** Makes everything acknowledged before it durable; carries no data. */
export const FLUSH = 2
export const DISCARD = 3
export const WRITE_ZEROES = 4
export type Op = 0 | 1 | 2 | 3 | 4

export const OP_NAMES = ['read', 'write', 'flush', 'discard', 'write zeroes'] as const

/** Flags. A write with PREFLUSH flushes before it, one with FUA is durable when it completes. */
export const PREFLUSH = 8
export const FUA = 16
/** Somebody waits for this one. */
export const SYNC = 32
/** Metadata: superblocks, bitmaps. */
export const META = 64

export type Status = 'OK' | Errno

/** Whoever submitted a bio hears of its end here; `bio.tag` says which of his bios it is. */
export interface BioOwner {
  bioDone(bio: Bio): void
}

export class Bio {
  readonly id: number
  readonly op: Op
  flags: number
  sector: number
  readonly sectors: number
  /** Address of the payload in the machine's memory; 0 where there is none. */
  readonly data: number
  status: Status
  /** Id of the bio this one is a part of, 0 for none. */
  readonly parentId: number
  /** What started the chain: an index into `sim.causes`. */
  readonly cause: number
  readonly owner: BioOwner
  /** The owner's own number for it. */
  tag: number

  constructor(
    sim: Sim,
    owner: BioOwner,
    op: Op,
    flags: number,
    sector: number,
    sectors: number,
    data: number,
    cause: number,
    parentId = 0,
    tag = 0,
  ) {
    this.id = ++sim.bios
    this.op = op
    this.flags = flags
    this.sector = sector
    this.sectors = sectors
    this.data = data
    this.status = 'OK'
    this.parentId = parentId
    this.cause = cause
    this.owner = owner
    this.tag = tag
  }

  end(status: Status): void {
    this.status = status
    this.owner.bioDone(this)
  }
}

/** Waits for the parts of a bio that was split, and ends it when the last has ended, with the first error. */
export class SplitBio implements BioOwner {
  readonly bio: Bio
  private remaining: number
  private status: Status

  constructor(bio: Bio) {
    this.bio = bio
    this.remaining = 1
    this.status = 'OK'
  }

  /** A part covering `sectors` from `offset` (both within the bio), to be submitted at `sector` of some device. */
  part(sim: Sim, offset: number, sector: number, sectors: number, flags = this.bio.flags): Bio {
    const bio = this.bio
    this.remaining++
    const data = bio.data === 0 ? 0 : bio.data + offset * 512
    return new Bio(sim, this, bio.op, flags, sector, sectors, data, bio.cause, bio.id)
  }

  bioDone(part: Bio): void {
    if (part.status !== 'OK' && this.status === 'OK') this.status = part.status
    if (--this.remaining === 0) this.bio.end(this.status)
  }

  /** All parts have been submitted. */
  close(): void {
    if (--this.remaining === 0) this.bio.end(this.status)
  }
}
