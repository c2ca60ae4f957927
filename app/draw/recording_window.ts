/** The stretch of a recording that its tracks show, in completed disk I/Os: all of it, or any part down to a few. */

/** No shorter than this: single I/Os stand well apart. */
export const WINDOW_MIN = 12
/** From so few steps on, each I/O is shown by itself. */
export const WINDOW_SINGLE = 600

export interface RecordingWindow {
  readonly from: number
  readonly to: number
}

export class RecordingZoom {
  /** Null for the whole, whatever it grows to. */
  #window: RecordingWindow | null = null
  #left = 0
  #newest = 1

  /** The ends of the recording as they are now. */
  setEnds(left: number, newest: number): void {
    this.#left = left
    this.#newest = Math.max(newest, left + 1)
    if (this.#window !== null) this.#set(this.#window.from, this.#window.to)
  }

  get isWhole(): boolean {
    return this.#window === null
  }

  get window(): RecordingWindow {
    return this.#window ?? { from: this.#left, to: this.#newest }
  }

  get span(): number {
    return this.window.to - this.window.from
  }

  /** @param factor below 1 shows less, of what is around a step */
  zoom(factor: number, around: number): void {
    const { from, to } = this.window
    const whole = this.#newest - this.#left
    const span = Math.min(whole, Math.max(Math.min(WINDOW_MIN, whole), (to - from) * factor))
    const share = to > from ? Math.max(0, Math.min(1, (around - from) / (to - from))) : 0.5
    this.#set(around - share * span, around + (1 - share) * span)
  }

  /** @param steps to the right, where positive */
  pan(steps: number): void {
    const { from, to } = this.window
    this.#set(from + steps, to + steps)
  }

  /** Moves as little as needed for a step to be seen. */
  reveal(step: number): void {
    if (this.#window === null) return
    const { from, to } = this.#window
    const margin = (to - from) / 12
    if (step < from + margin) this.pan(step - margin - from)
    else if (step > to - margin) this.pan(step + margin - to)
  }

  whole(): void {
    this.#window = null
  }

  #set(from: number, to: number): void {
    const whole = this.#newest - this.#left
    const span = Math.min(whole, to - from)
    if (span >= whole) {
      this.#window = null
      return
    }
    const start = Math.max(this.#left, Math.min(this.#newest - span, from))
    this.#window = { from: start, to: start + span }
  }
}
