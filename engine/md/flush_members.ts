import { Bio, FLUSH, PREFLUSH, SYNC, type BioOwner } from '../block/bio.ts'
import { Procedure } from '../sim/procedure.ts'
import type { MdArray } from './array.ts'

/** A flush of the array: every working member is flushed; a write that asked for it goes on after that. @source md_flush_request */
export class FlushMembers extends Procedure implements BioOwner {
  readonly array: MdArray
  readonly bio: Bio

  constructor(array: MdArray, bio: Bio) {
    super(array.sim, 'flush members')
    this.array = array
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
    const { array, bio } = flush
    const members = array.placed()
    flush.pending += members.length
    for (const member of members) {
      member.device.submit(new Bio(flush.sim, flush, FLUSH, SYNC, 0, 0, 0, bio.cause, bio.id))
    }
    return 'go on'
  },
  'go on': (flush: FlushMembers): string => {
    const { array, bio } = flush
    if (bio.sectors === 0) array.endBio(bio, 'OK')
    else {
      bio.flags &= ~PREFLUSH
      array.write(bio)
    }
    return ''
  },
}
