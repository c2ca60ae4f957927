import type { History } from './history.ts'
import type { Place } from './history_seek.ts'

/** How far back one can go, and why not further. */
export interface LeftEnd extends Place {
  /** Null where it is the beginning. */
  readonly reason: string | null
}

/** @param budgetBytes what kept copies may take */
export function leftEndOf(history: History, budgetBytes: number): LeftEnd {
  const { lines, delivered, time, steps, rows } = history.leftEnd
  const isBeginning = delivered === 0 && lines === 0
  const megabytes = Math.round(budgetBytes / (1 << 20))
  const lost = `What was before step ${steps} is not kept: the history would need more than ${megabytes} MiB.`
  const unseen = `What was before step ${steps} was not watched.`
  return { lines, delivered, time, steps, rows, reason: isBeginning ? null : history.hasLost ? lost : unseen }
}
