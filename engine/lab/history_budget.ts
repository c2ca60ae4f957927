/** The memory that all lines of time together may take, and what is given up when it is not enough. */
import type { History } from './history.ts'

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

/** Copies between two counts of what old pages of disks outside cost. */
const WEIGH_INTERVAL = 16

/** Keeps all lines of time together within what they may take. */
export class Budget {
  readonly #bytes: number
  #keptSince = 0

  constructor(bytes: number) {
    this.#bytes = bytes
  }

  /** To be called with every copy; now and then what old pages of disks outside have come to cost is counted anew. */
  fit(histories: readonly History[]): void {
    if (++this.#keptSince >= WEIGH_INTERVAL) {
      this.#keptSince = 0
      for (const history of histories) history.weighAll()
    }
    fitInto(this.#bytes, histories)
  }
}
