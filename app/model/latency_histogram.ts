/**
 * How long things took, counted in classes of equal width on a logarithmic scale: four to a doubling, so that a class says a
 * latency to within a fifth, from a microsecond's quarter to a minute.
 */
const FIRST_POWER = 8
const LAST_POWER = 36
const PER_OCTAVE = 4

export const LATENCY_CLASS_COUNT = (LAST_POWER - FIRST_POWER) * PER_OCTAVE

/** The class of a latency in nanoseconds; what is outside goes to the outermost. */
export function latencyClass(nanoseconds: number): number {
  const at = Math.floor((Math.log2(Math.max(1, nanoseconds)) - FIRST_POWER) * PER_OCTAVE)
  return Math.max(0, Math.min(LATENCY_CLASS_COUNT - 1, at))
}

/** The least latency of a class, in nanoseconds. */
export function classFloor(index: number): number {
  return 2 ** (FIRST_POWER + index / PER_OCTAVE)
}

export class LatencyHistogram {
  readonly counts = new Float64Array(LATENCY_CLASS_COUNT)
  count = 0
  sum = 0
  max = 0

  add(nanoseconds: number): void {
    this.counts[latencyClass(nanoseconds)]++
    this.count++
    this.sum += nanoseconds
    this.max = Math.max(this.max, nanoseconds)
  }

  get mean(): number {
    return this.count === 0 ? 0 : this.sum / this.count
  }

  /**
   * The latency that a fraction of all does not exceed, as far as the classes tell.
   * @param fraction 0 to 1
   * @returns nanoseconds; 0 without any
   */
  quantile(fraction: number): number {
    if (this.count === 0) return 0
    const wanted = fraction * this.count
    let seen = 0
    for (let index = 0; index < LATENCY_CLASS_COUNT; index++) {
      const here = this.counts[index]
      if (here > 0 && seen + here >= wanted) {
        const within = Math.max(0, wanted - seen) / here
        return Math.min(this.max, classFloor(index + within))
      }
      seen += here
    }
    return this.max
  }
}
