import type { Bio } from '../block/bio.ts'
import { ArrayRequest } from './array_request.ts'

/** A bio of the array's users on its way to the copies. */
export class MirrorRequest extends ArrayRequest {
  /** Pieces that are written, but not yet on all members that are waited for. */
  unanswered: number
  /** Its end was told although slow members do not have it yet. */
  answered: boolean

  constructor(bio: Bio) {
    super(bio)
    this.unanswered = 0
    this.answered = false
  }
}
