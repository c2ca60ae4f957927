/** Things per second of virtual time, over about the last second of real time. */
const WINDOW = 1000
const WINDOW_MAX = 6000
const COUNT_MIN = 4
/** A step of the clock this many times as long as all since is a leap, over an idle stretch or at another speed. */
const LEAP = 50

export class RateMeter {
  readonly #samples: { readonly real: number; readonly time: number; readonly count: number }[] = []

  /** @param real milliseconds of real time @param time virtual nanoseconds @param count of things since the beginning */
  add(real: number, time: number, count: number): void {
    const samples = this.#samples
    const last = samples.at(-1)
    if (last && (count < last.count || time < last.time)) samples.length = 0
    // Time stands still while the machine is paused: the rate stays what it was.
    if (last && time === last.time) return
    samples.push({ real, time, count })
    while (samples.length > 2 && (this.#isTooOld(real - samples[0].real) || this.#isLeap(time))) samples.shift()
  }

  /** So few things happen in slow motion that a second may be too short to count any. */
  #isTooOld(age: number): boolean {
    const samples = this.#samples
    const counted = samples[samples.length - 1].count - samples[1].count
    return age > WINDOW_MAX || (age > WINDOW && counted >= COUNT_MIN)
  }

  #isLeap(time: number): boolean {
    const [first, second] = this.#samples
    return second.time - first.time > LEAP * (time - second.time)
  }

  get perSecond(): number {
    const [first] = this.#samples
    const last = this.#samples.at(-1)
    if (!last || last.time === first.time) return 0
    return ((last.count - first.count) / (last.time - first.time)) * 1e9
  }
}
