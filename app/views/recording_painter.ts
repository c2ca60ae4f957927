import { customProperties, type Painter } from '../draw/canvas.ts'
import { paintRecording, type RecordingTrack, type RecordingView } from '../draw/recording_paint.ts'
import type { RecordingZoom } from '../draw/recording_window.ts'
import type { TimelineColours } from '../draw/timeline_paint.ts'
import { picture } from '../model/engine.ts'
import type { RecordingBook } from '../model/recording_book.ts'
import { timeStore } from '../model/time_store.ts'
import { COLOURS } from './timeline_painter.ts'
import type { Extent } from './use_extent.ts'

/** Paints the tracks of the recording from what was gathered of it. */
export class RecordingPainter implements Painter {
  readonly #book: RecordingBook
  readonly #zoom: RecordingZoom
  readonly #tracks: readonly RecordingTrack[]
  readonly #extent: Extent
  #colours: TimelineColours | undefined

  constructor(book: RecordingBook, zoom: RecordingZoom, tracks: readonly RecordingTrack[], extent: Extent) {
    this.#book = book
    this.#zoom = zoom
    this.#tracks = tracks
    this.#extent = extent
  }

  get view(): RecordingView {
    const { step, target, track: selected, newestStep, leftStep } = timeStore.getState()
    this.#zoom.setEnds(leftStep, newestStep)
    const { window } = this.#zoom
    return { ...this.#extent, tracks: this.#tracks, window, selected, step: target ?? step, newest: newestStep }
  }

  paint(context: CanvasRenderingContext2D, _real: number, isAnew: boolean): void {
    if (isAnew || !this.#colours) this.#colours = customProperties(context.canvas, COLOURS)
    paintRecording(context, this.#book, this.view, timeStore.getState().markers, isParity, this.#colours)
  }
}

/** Whether parity of an array lies at a sector of a disk. */
function isParity(index: number, sector: number): boolean {
  const { frame, arrays } = picture()
  const name = frame?.disks.at(index)?.name
  for (const array of frame?.arrays ?? []) {
    const member = array.members.find((one) => one.name === name && one.slot >= 0)
    const map = arrays.get(array.name)?.field.map
    if (!member || !map) continue
    const row = Math.floor((sector - member.dataOffset) / array.chunkSectors)
    return row >= 0 && map.isParity(row, member.slot)
  }
  return false
}
