import { customProperties, type Painter } from '../draw/canvas.ts'
import { BITS_WIDTH, heatRow, type HeatLayout } from '../draw/heat_layout.ts'
import { heatCode, paintHeatBits, paintHeatCell, type HeatColours } from '../draw/heat_paint.ts'
import type { ChunkField } from '../model/chunk_field.ts'
import type { Picture } from '../model/picture.ts'
import { parseHoverKey } from '../model/hover_id.ts'
import { hoverMarks } from '../model/hover_marks.ts'
import { pageStore } from '../model/page_store.ts'

const COLOURS = {
  data: '--data',
  dataFill: '--data-fill',
  dataFill2: '--data-fill-2',
  parity: '--parity',
  parityFill: '--parity-fill',
  parityFill2: '--parity-fill-2',
  amber: '--amber',
  danger: '--danger-ink',
  line: '--line',
  line2: '--line-2',
  panel: '--panel',
  ink: '--ink',
  ink2: '--ink-2',
  font: '--font',
} as const

/** Paints what has changed of a large array since it was painted last. */
export class HeatPainter implements Painter {
  readonly #picture: () => Picture
  readonly #array: string
  readonly #layout: HeatLayout
  readonly #width: number
  #colours: HeatColours | undefined
  #cells = new Int32Array(0)
  #bits = new Int32Array(0)
  /** Rows with a line over them: the front of a sync, the chunk that was picked. */
  #marked: readonly number[] = []

  constructor(picture: () => Picture, array: string, layout: HeatLayout, width: number) {
    this.#picture = picture
    this.#array = array
    this.#layout = layout
    this.#width = width
  }

  paint(context: CanvasRenderingContext2D, _real: number, isAnew: boolean): void {
    const now = this.#picture()
    const array = now.arrays.get(this.#array)
    if (!array) return
    const { field } = array
    const { cellWidth, cellHeight } = this.#layout
    if (isAnew || !this.#colours || this.#cells.length !== field.state.length) this.#begin(context, field)
    const colours = this.#colours!
    const time = now.frame?.time ?? 0
    for (const row of this.#marked) this.#cells.fill(-1, row * field.slots, (row + 1) * field.slots)
    for (let row = 0; row < field.rows; row++) {
      const bits = (field.memoryBits[row] << 1) | field.diskBits[row]
      let place: { x: number; y: number } | undefined
      if (this.#bits[row] !== bits) {
        this.#bits[row] = bits
        place = heatRow(this.#layout, row)
        paintHeatBits(context, bits >> 1, bits & 1, place.x, place.y, cellHeight, colours)
      }
      for (let slot = 0; slot < field.slots; slot++) {
        const chunk = row * field.slots + slot
        const code = heatCode(field, chunk, time)
        if (this.#cells[chunk] === code) continue
        this.#cells[chunk] = code
        place ??= heatRow(this.#layout, row)
        paintHeatCell(context, code, place.x + BITS_WIDTH + slot * cellWidth, place.y, cellWidth, cellHeight, colours)
      }
    }
    this.#mark(context, array.scene.sync ? Math.floor(array.scene.sync.row) : -1, field, colours)
  }

  #mark(context: CanvasRenderingContext2D, front: number, field: ChunkField, colours: HeatColours): void {
    const { selection } = pageStore.getState()
    const { cellWidth, cellHeight } = this.#layout
    const marked: number[] = []
    if (front >= 0 && front < field.rows) {
      const { x, y } = heatRow(this.#layout, front)
      context.fillStyle = colours.amber
      context.fillRect(x + BITS_WIDTH, y, cellWidth * field.slots, 2)
      marked.push(front)
    }
    if (selection?.kind === 'chunk' && selection.array === this.#array && selection.stripe < field.rows) {
      const { x, y } = heatRow(this.#layout, selection.stripe)
      context.strokeStyle = colours.ink
      context.lineWidth = 2
      const left = x + BITS_WIDTH + selection.slot * cellWidth
      context.strokeRect(left + 1, y + 1, Math.max(1, cellWidth - 3), Math.max(1, cellHeight - 3))
      marked.push(selection.stripe)
    }
    const { self, keys } = hoverMarks()
    for (const key of keys) {
      const id = key.startsWith('chunk ') ? parseHoverKey(key) : undefined
      if (id?.kind !== 'chunk' || id.array !== this.#array || id.stripe >= field.rows) continue
      const { x, y } = heatRow(this.#layout, id.stripe)
      context.strokeStyle = colours.ink
      context.lineWidth = key === self ? 2 : 1
      const left = x + BITS_WIDTH + id.slot * cellWidth
      context.strokeRect(left + 0.5, y + 0.5, Math.max(1, cellWidth - 2), Math.max(1, cellHeight - 2))
      marked.push(id.stripe)
    }
    this.#marked = marked
  }

  #begin(context: CanvasRenderingContext2D, field: ChunkField): void {
    const { bands, height, left, bandPitch, rowsPerBand, top } = this.#layout
    const colours = customProperties(context.canvas, COLOURS)
    this.#colours = colours
    this.#cells = new Int32Array(field.state.length).fill(-1)
    this.#bits = new Int32Array(field.rows).fill(-1)
    context.clearRect(0, 0, this.#width, height)
    context.font = `12px ${colours.font}`
    context.fillStyle = colours.ink2
    context.textBaseline = 'middle'
    // Numbers of rows, as many as find room beside each other.
    let free = 0
    for (let band = 0; band < bands; band++) {
      const x = left + band * bandPitch
      const words = String(band * rowsPerBand)
      if (x < free) continue
      context.fillText(words, x, top - 12)
      free = x + context.measureText(words).width + 8
    }
  }
}
