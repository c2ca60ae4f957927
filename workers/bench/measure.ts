/** Measuring by turns: absolute figures drift with the machine, so what is compared takes turns within one run. */

export interface Work {
  /** What has to be done before each round, and is not measured. */
  before?(): void | Promise<void>
  work(): void | Promise<void>
}

/** @returns the middle one */
export function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]
}

/**
 * Does each of several works in turn, so many rounds, and takes the median of each; a first round warms up and does not count.
 * @returns seconds, in the order of the works
 */
export async function measureByTurns(rounds: number, works: readonly Work[]): Promise<number[]> {
  const seconds = works.map((): number[] => [])
  for (let round = 0; round <= rounds; round++) {
    for (const [i, one] of works.entries()) {
      await one.before?.()
      const begin = performance.now()
      await one.work()
      if (round > 0) seconds[i].push((performance.now() - begin) / 1000)
    }
  }
  return seconds.map(median)
}
