/** The sync of arrays with parity. It comes when something may need it: a machine that nobody has typed at syncs nothing. */
import type { Procedure } from '../sim/procedure.ts'
import { LevelRegistry } from './level_registry.ts'
import type { Raid5 } from './raid5.ts'
import type { SyncPass } from './sync.ts'

export interface ParitySyncKind {
  readonly levels: readonly number[]
  /** The work of a pass on one range. */
  extent(raid5: Raid5, pass: SyncPass): Procedure
}

export const PARITY_SYNC = new LevelRegistry<ParitySyncKind>()
