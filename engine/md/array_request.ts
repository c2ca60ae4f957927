import type { Bio, Status } from '../block/bio.ts'

/** Whoever reads directly, and has the stripes try again what failed. */
export interface RetryParent {
  retried(status: Status): void
}

/** A bio on its way through the stripes: cut into pages, resumed where it had to wait, ended when its last part ended. */
export class ArrayRequest {
  readonly bio: Bio
  /** Set where this is the second try of a piece of a direct read. */
  readonly retryOf: RetryParent | null
  /** The array sector from which it still has to be handed to stripes. */
  next: number
  readonly end: number
  /** Parts under way, and one while it is being handed out. */
  remaining: number
  status: Status

  constructor(bio: Bio, retryOf: RetryParent | null = null) {
    this.bio = bio
    this.retryOf = retryOf
    this.next = bio.sector
    this.end = bio.sector + bio.sectors
    this.remaining = 1
    this.status = 'OK'
  }

  /** Address of an array sector in the bio's buffer. */
  address(sector: number): number {
    return this.bio.data + (sector - this.bio.sector) * 512
  }

  /** One part is done. @returns true when it was the last of all. */
  partDone(status: Status): boolean {
    if (status !== 'OK' && this.status === 'OK') this.status = status
    return --this.remaining === 0
  }
}
