import { Bio, FLUSH, SYNC, type BioOwner } from '../block/bio.ts'
import { Procedure } from '../sim/procedure.ts'
import type { WriteJournal } from './write_journal.ts'

/** All working members of an array are flushed, before its log lets go of what was written to them. */
export class FlushBefore extends Procedure implements BioOwner {
  readonly journal: WriteJournal

  constructor(journal: WriteJournal) {
    super(journal.array.sim, 'flush the members')
    this.journal = journal
  }

  override steps() {
    return STEPS
  }

  bioDone(): void {
    this.arrived()
  }
}

const STEPS = {
  'flush the members': (flush: FlushBefore): string => {
    const { array, cause } = flush.journal
    for (const member of array.placed()) {
      flush.expect()
      member.device.submit(new Bio(array.sim, flush, FLUSH, SYNC, 0, 0, 0, cause))
    }
    return ''
  },
}
