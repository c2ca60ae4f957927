import { customProperties, type Painter } from '../draw/canvas.ts'
import { paintTimeline, type TimelineColours, type TimelineView } from '../draw/timeline_paint.ts'
import type { TimelineZoom } from '../draw/timeline_zoom.ts'
import { picture } from '../model/engine.ts'
import type { HoverId } from '../model/hover_id.ts'
import { hoverMarks } from '../model/hover_marks.ts'
import { findOnTimeline, paintTimelineMarks } from './timeline_hover.ts'
import type { Extent } from './use_extent.ts'

/** The custom properties that timelines are painted with. */
export const COLOURS = {
  ink: '--ink',
  ink2: '--ink-2',
  line: '--line-2',
  data: '--data',
  parity: '--parity',
  amber: '--amber',
  amberInk: '--amber-ink',
  amberFill: '--amber-fill',
  danger: '--danger-ink',
  grey: '--line-strong',
  panel: '--panel',
  font: '--font',
} as const

/** Paints the timeline from what the frames so far amount to. */
export class TimelinePainter implements Painter {
  readonly #tracks: readonly string[]
  readonly #extent: Extent
  readonly #zoom: TimelineZoom
  #colours: TimelineColours | undefined
  #view: TimelineView | undefined

  constructor(tracks: readonly string[], extent: Extent, zoom: TimelineZoom) {
    this.#tracks = tracks
    this.#extent = extent
    this.#zoom = zoom
  }

  paint(context: CanvasRenderingContext2D, real: number, isAnew: boolean): void {
    if (isAnew || !this.#colours) this.#colours = customProperties(context.canvas, COLOURS)
    const book = picture().timeline
    const window = this.#zoom.window(book.now, real)
    this.#view = { ...this.#extent, tracks: this.#tracks, window }
    paintTimeline(context, book, this.#view, this.#colours)
    paintTimelineMarks(context, book, this.#view, picture().scene, hoverMarks(), this.#colours)
  }

  /** What lies at a point of what was painted last. */
  find(x: number, y: number): HoverId | undefined {
    const { timeline, scene } = picture()
    return this.#view && findOnTimeline(timeline, this.#view, scene, { x, y })
  }
}
