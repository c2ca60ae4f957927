/** One line of time among others: where it left another, what happened on it, and its machine at its newest moment. */
import type { History, KeptMoment } from './history.ts'
import type { TimelineIndex } from './history_index.ts'
import type { Place } from './history_seek.ts'

/** A branch as it is shown. */
export interface BranchView {
  readonly name: string
  /** The branch that it left, and after how many disk I/Os; null for the first. */
  readonly parent: string | null
  readonly forkedAtStep: number
  /** Its newest moment. */
  readonly steps: number
  readonly time: number
  readonly lines: number
  readonly isCurrent: boolean
}

export class Branch {
  name: string
  readonly parent: Branch | null
  readonly forkedAt: Place | null
  readonly history: History
  readonly index: TimelineIndex
  /** The machine at its newest moment, while another branch is the live one. */
  parked: KeptMoment | null

  constructor(name: string, history: History, index: TimelineIndex, parent: Branch | null, forkedAt: Place | null) {
    this.name = name
    this.parent = parent
    this.forkedAt = forkedAt
    this.history = history
    this.index = index
    this.parked = null
  }

  /** @param newest where its machine is, if the branch is the live one */
  view(newest: Place | null): BranchView {
    const { steps, time, lines } = newest ?? this.parked ?? this.history.newest
    return {
      name: this.name,
      parent: this.parent?.name ?? null,
      forkedAtStep: this.forkedAt?.steps ?? 0,
      steps,
      time,
      lines,
      isCurrent: newest !== null,
    }
  }
}
