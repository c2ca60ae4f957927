/**
 * How long a stretch the timeline shows: what passes in some seconds of real time at the present pace, so that marks neither stand
 * still nor fly; or more or less of it, as a person wants. Changes of pace move it gently.
 */
const SECONDS = 7
const SHORTEST = 20_000
const LONGEST = 600e9
/** Of the way to where it should be, per frame. */
const GENTLE = 0.06

export class TimelineZoom {
  #window = 0
  #factor = 1
  #lastTime = 0
  #lastReal = 0
  /** Played nanoseconds per millisecond of real time, smoothed; before it is known, that of 1 : 1000. */
  #pace = 1000
  #isKnown = false

  change(factor: number): void {
    this.#factor = Math.max(1 / 64, Math.min(64, this.#factor * factor))
  }

  /**
   * @param time played time of the newest frame
   * @param real milliseconds of real time
   * @returns nanoseconds
   */
  window(time: number, real: number): number {
    const passed = real - this.#lastReal
    if (passed >= 100 || time < this.#lastTime) {
      const pace = (time - this.#lastTime) / passed
      // Nothing passes while the machine is paused: what is shown stays.
      // Paces differ by powers of ten: their logarithms are smoothed.
      if (pace > 0 && this.#lastReal > 0 && passed < 1000) {
        this.#pace = this.#isKnown ? this.#pace * (pace / this.#pace) ** 0.2 : pace
        this.#isKnown = true
      }
      this.#lastTime = time
      this.#lastReal = real
    }
    const wanted = Math.max(SHORTEST, Math.min(LONGEST, this.#pace * 1000 * SECONDS * this.#factor))
    if (this.#window === 0) this.#window = wanted
    // In equal steps of the logarithm: from seconds to microseconds is a long way.
    this.#window *= (wanted / this.#window) ** GENTLE
    return this.#window
  }
}
