import type { Session } from '../../engine/lab/session.ts'
import type { StartReport } from './engine_api.ts'
import type { MachineStore } from './machine_store.ts'

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

interface Started {
  readonly store: MachineStore
  readonly session: Session
  readonly visit: number
  readonly recording: string | null
}

export function startedReport({ store, session, visit, recording }: Started, isFound: boolean): StartReport {
  const { seed } = session
  return { ...NOTHING, store: store.kind, isFound, visit, seed, recording, notices: [...store.notices] }
}
