/**
 * The work of a sync pass on a RAID-4, 5 or 6. It may be learned later than the rest (see `lab/whole_language.ts`): nothing is synced
 * before somebody has typed a line.
 */
import { assert } from '../base/assert.ts'
import type { Procedure } from '../sim/procedure.ts'
import type { Raid5 } from './raid5.ts'
import type { SyncPass } from './sync.ts'

export interface Raid5Sync {
  /** The work on the range that `pass` has closed. */
  extent(raid5: Raid5, pass: SyncPass): Procedure
  /** Has a page that was mended written once more, and read back. */
  rewrite(raid5: Raid5, sector: number): void
}

class Raid5SyncRegistry implements Raid5Sync {
  private known: Raid5Sync | null = null

  learn(sync: Raid5Sync): void {
    this.known = sync
  }

  extent(raid5: Raid5, pass: SyncPass): Procedure {
    assert(this.known !== null, 'how parity is synced was learned')
    return this.known.extent(raid5, pass)
  }

  rewrite(raid5: Raid5, sector: number): void {
    this.known?.rewrite(raid5, sector)
  }
}

export const RAID5_SYNC = new Raid5SyncRegistry()
