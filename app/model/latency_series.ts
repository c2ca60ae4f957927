/** What passed per stretch of virtual time, kept in a few resolutions at once, each of the same number of stretches. */
export const BUCKETS = 60
/** Width of a bucket, in nanoseconds: windows of 60 ms, 600 ms, 6 s and 60 s. */
export const BUCKET_WIDTHS = [1e6, 1e7, 1e8, 1e9] as const

/** What is counted in a bucket. */
export const READ_IOS = 0
export const WRITE_IOS = 1
export const READ_SECTORS = 2
export const WRITE_SECTORS = 3
const COLUMNS = 4

class Ring {
  readonly width: number
  readonly numbers = new Float64Array(BUCKETS * COLUMNS)
  /** The newest bucket, counted from the beginning of time. */
  newest = -1

  constructor(width: number) {
    this.width = width
  }

  reach(time: number): void {
    const bucket = Math.floor(time / this.width)
    if (bucket <= this.newest) return
    const first = Math.max(this.newest + 1, bucket - BUCKETS + 1)
    for (let at = first; at <= bucket; at++) {
      const from = (at % BUCKETS) * COLUMNS
      this.numbers.fill(0, from, from + COLUMNS)
    }
    this.newest = bucket
  }

  add(time: number, column: number, amount: number): void {
    const bucket = Math.floor(time / this.width)
    if (bucket <= this.newest - BUCKETS) return
    this.numbers[(bucket % BUCKETS) * COLUMNS + column] += amount
  }
}

export class LatencySeries {
  readonly #rings = BUCKET_WIDTHS.map((width) => new Ring(width))

  /** @param time virtual nanoseconds, never going back */
  add(time: number, isRead: boolean, sectors: number): void {
    this.reach(time)
    for (const ring of this.#rings) {
      ring.add(time, isRead ? READ_IOS : WRITE_IOS, 1)
      ring.add(time, isRead ? READ_SECTORS : WRITE_SECTORS, sectors)
    }
  }

  /** Time has come so far. */
  reach(time: number): void {
    for (const ring of this.#rings) ring.reach(time)
  }

  /**
   * Per second of virtual time, bucket by bucket, the oldest first; the last is still being filled.
   * @param resolution index into {@link BUCKET_WIDTHS}
   */
  perSecond(resolution: number, column: number): readonly number[] {
    const ring = this.#rings[resolution]
    const scale = 1e9 / ring.width
    return Array.from({ length: BUCKETS }, (_, i) => {
      const bucket = ring.newest - BUCKETS + 1 + i
      return bucket < 0 ? 0 : ring.numbers[(bucket % BUCKETS) * COLUMNS + column] * scale
    })
  }
}
