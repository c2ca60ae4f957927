/** Where the map is looked at from: at once, or on the way there. Time is milliseconds of real time, from whoever paints. */
import { blendViews, clampView, fitView, type ZoomLayout, type ZoomView } from './zoom_layout.ts'

/** How long a way takes: longer, the more octaves it leads through. */
const SHORTEST = 180
const LONGEST = 700
const PER_OCTAVE = 60

export class ZoomCamera {
  #isStill = false
  #layout: ZoomLayout
  #view: ZoomView
  #from: ZoomView | undefined
  #to: ZoomView
  #begun = -1
  #duration = 0
  readonly #listeners = new Set<() => void>()

  constructor(layout: ZoomLayout) {
    this.#layout = layout
    this.#view = fitView(layout)
    this.#to = this.#view
  }

  get layout(): ZoomLayout {
    return this.#layout
  }

  get view(): ZoomView {
    return this.#view
  }

  /** Where it will have come to. */
  get goal(): ZoomView {
    return this.#to
  }

  /** Calls back whenever what is seen has changed. @returns what ends it */
  onMoved(act: () => void): () => void {
    this.#listeners.add(act)
    return () => {
      this.#listeners.delete(act)
    }
  }

  /** Whether nobody needs to see the way. */
  setStill(isStill: boolean): void {
    this.#isStill = isStill
  }

  #moved(): void {
    for (const act of this.#listeners) act()
  }

  /** The room is another one: what was in the middle stays there, and all of it stays all. */
  layOut(layout: ZoomLayout): void {
    const before = this.#layout
    const { scale, top, left } = this.#to
    this.#layout = layout
    if (scale <= before.scaleMin * 1.0001) {
      this.set(fitView(layout))
      return
    }
    const same = scale * (layout.magnify / before.magnify)
    const middle = top + before.mapHeight / 2 / scale
    this.set({ scale: same, top: middle - layout.mapHeight / 2 / same, left })
  }

  /** At once. */
  set(view: ZoomView): void {
    this.#from = undefined
    this.#view = this.#to = clampView(this.#layout, view)
    this.#moved()
  }

  /** On the way there, from the next frame on. */
  glide(view: ZoomView): void {
    const to = clampView(this.#layout, view)
    if (this.#isStill) {
      this.set(to)
      return
    }
    this.#from = this.#view
    this.#to = to
    this.#begun = -1
    const octaves = Math.abs(Math.log2(to.scale / this.#view.scale))
    this.#duration = Math.min(LONGEST, SHORTEST + PER_OCTAVE * octaves)
  }

  /** Goes on; the painter calls it in every frame. */
  step(real: number): void {
    if (!this.#from) return
    if (this.#begun < 0) this.#begun = real
    const t = Math.min(1, (real - this.#begun) / this.#duration)
    this.#view = blendViews(this.#layout, this.#from, this.#to, 1 - (1 - t) ** 3)
    if (t >= 1) this.#from = undefined
    this.#moved()
  }
}
