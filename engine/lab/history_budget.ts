/** The memory that all lines of time together may take, and what is given up when it is not enough. */
import type { History } from './history.ts'
import type { Place } from './history_seek.ts'

export const BUDGET_BYTES = 192 << 20

export function bytesOf(histories: readonly History[]): number {
  return histories.reduce((sum, history) => sum + history.bytes, 0)
}

/**
 * Drops copies until the rest fits: first those between others, then those before typed lines, then left ends, the oldest
 * first. The newest copy of each line stays in any case.
 */
export function fitInto(budgetBytes: number, histories: readonly History[]): void {
  while (bytesOf(histories) > budgetBytes) {
    if (!dropCheapest(histories, false) && !dropCheapest(histories, true) && !shortenOldest(histories)) return
  }
}

function dropCheapest(histories: readonly History[], lines: boolean): boolean {
  let best: { history: History; index: number; closeness: number } | null = null
  for (const history of histories) {
    const found = history.cheapest(lines)
    if (found !== null && (best === null || found.closeness < best.closeness)) best = { history, ...found }
  }
  best?.history.drop(best.index)
  return best !== null
}

function shortenOldest(histories: readonly History[]): boolean {
  const oldestFirst = [...histories].sort((a, b) => a.moments[0].delivered - b.moments[0].delivered)
  return oldestFirst.some((history) => history.shorten())
}

/** How far back one can go, and why not further. */
export interface LeftEnd extends Place {
  /** Null where it is the beginning. */
  readonly reason: string | null
}

export function leftEndOf(history: History, budgetBytes: number): LeftEnd {
  const { lines, delivered, time, steps, rows } = history.leftEnd
  const isBeginning = delivered === 0 && lines === 0
  const megabytes = Math.round(budgetBytes / (1 << 20))
  const lost = `What was before step ${steps} is not kept: the history would need more than ${megabytes} MiB.`
  const unseen = `What was before step ${steps} was not watched.`
  return { lines, delivered, time, steps, rows, reason: isBeginning ? null : history.hasLost ? lost : unseen }
}
