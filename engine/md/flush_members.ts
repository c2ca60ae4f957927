import { Bio, FLUSH, PREFLUSH, SYNC, type BioOwner } from '../block/bio.ts'
import { Procedure } from '../sim/procedure.ts'
import type { MdArray } from './array.ts'

/** Every working member is flushed. A flush of the array ends with that, and a write that asked for it goes on. @source md_flush_request */
export class FlushMembers extends Procedure implements BioOwner {
  readonly array: MdArray
  readonly cause: number
  /** Whose flush it is; null for one of the array's own. */
  readonly bio: Bio | null

  constructor(array: MdArray, cause: number, bio: Bio | null = null) {
    super(array.sim, 'flush members')
    this.array = array
    this.cause = cause
    this.bio = bio
  }

  override steps() {
    return STEPS
  }

  bioDone(): void {
    this.arrived()
  }
}

const STEPS = {
  'flush members': (flush: FlushMembers): string => {
    const { array, bio, cause } = flush
    const members = array.placed()
    flush.pending += members.length
    for (const member of members) {
      member.device.submit(new Bio(flush.sim, flush, FLUSH, SYNC, 0, 0, 0, cause, bio?.id ?? 0))
    }
    return 'go on'
  },
  'go on': (flush: FlushMembers): string => {
    const { array, bio } = flush
    if (bio === null) return ''
    if (bio.sectors === 0) array.endBio(bio, 'OK')
    else {
      bio.flags &= ~PREFLUSH
      array.write(bio)
    }
    return ''
  },
}
