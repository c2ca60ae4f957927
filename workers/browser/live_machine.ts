import type { Arena } from '../../engine/base/arena.ts'
import type { Session } from '../../engine/lab/session.ts'
import type { Booted } from './boot.ts'
import type { StartReport } from './engine_api.ts'
import type { MachineStore } from './machine_store.ts'
import type { KnownImages, MomentKeeper } from './moment_keeper.ts'
import type { Pump } from './pump.ts'
import type { Side } from './side_by_side.ts'

/** A report of a start after which no machine runs. */
export const NOTHING: StartReport = {
  store: 'memory',
  isFound: false,
  visit: 0,
  seed: 0,
  recording: null,
  link: null,
  notices: [],
  refusal: null,
}

/** The machine that runs, and what belongs to it. */
export interface Live extends Pick<Booted, 'visit'> {
  /** Names the recording, where a store holds it. */
  readonly recording: string | null
  /** What a link says of the disks that its recording began on. */
  readonly images: KnownImages | null
  /** Not there before the first moment is asked for. */
  moments: MomentKeeper | null
  /** What has happened so far, and the machine at the moment that is shown. */
  readonly session: Session
  /** The machine beside its machine; not there before somebody compares. */
  side: Side | null
  readonly spareArena: () => Arena
  readonly pump: Pump
  readonly store: MachineStore
}
