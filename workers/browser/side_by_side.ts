/** What two machines in step take; not loaded before somebody compares. */
import { TwinFrames } from '../../engine/api/twin_frame.ts'
import type { Arena } from '../../engine/base/arena.ts'
import { Pair } from '../../engine/lab/pair.ts'
import type { Session } from '../../engine/lab/session.ts'
import type { Pump } from './pump.ts'

export { commandsOf } from '../../engine/lab/change.ts'

export class Side {
  readonly pair: Pair

  /**
   * @param arena a memory for another machine
   * @param pump drives both from now on
   */
  constructor(session: Session, arena: () => Arena, pump: Pump) {
    this.pair = new Pair(session, { arena })
    pump.machine = this.pair
  }

  /** For one reader. */
  frames(): TwinFrames {
    return new TwinFrames(this.pair)
  }
}
