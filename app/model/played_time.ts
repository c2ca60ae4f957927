/**
 * Virtual time without the stretches that were skipped because nothing happened in them: what the timeline's axis counts, so that an
 * hour's sleep does not push everything else off the screen.
 */
import type { SkipFrame } from '../../engine/api/frame.ts'

export interface Skip extends SkipFrame {
  /** Where it stands in played time. */
  readonly at: number
}

const KEPT = 512

export class PlayedTime {
  skips: readonly Skip[] = []
  #skipped = 0

  add(skips: readonly SkipFrame[]): void {
    if (skips.length === 0) return
    const added = skips.map(({ from, to }) => {
      const skip = { from, to, at: from - this.#skipped }
      this.#skipped += to - from
      return skip
    })
    this.skips = [...this.skips, ...added].slice(-KEPT)
  }

  /** The same up to an instant: what is known of the time before it. */
  until(time: number): PlayedTime {
    const played = new PlayedTime()
    const count = this.skips.filter(({ to }) => to <= time).length
    played.skips = this.skips.slice(0, count)
    const last = played.skips.at(-1)
    const next = this.skips.at(count)
    played.#skipped = last ? last.to - last.at : next ? next.from - next.at : this.#skipped
    return played
  }

  /** Played time of an instant. Instants before the oldest skip that is remembered are moved to it. */
  of(time: number): number {
    for (let i = this.skips.length - 1; i >= 0; i--) {
      const { from, to, at } = this.skips[i]
      if (time >= to) return at + time - to
      if (time > from) return at
    }
    const first = this.skips[0] as Skip | undefined
    return first ? first.at - (first.from - time) : time
  }
}
