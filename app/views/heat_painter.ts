import { customProperties, type Painter } from '../draw/canvas.ts'
import { heatCode, paintHeatCell, type HeatColours, type HeatLayout } from '../draw/heat_paint.ts'
import { picture } from '../model/engine.ts'

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

/** Paints the cells of a large array that have changed since they were painted last. */
export class HeatPainter implements Painter {
  readonly #array: string
  readonly #layout: HeatLayout
  readonly #width: number
  #colours: HeatColours | undefined
  #painted = new Int32Array(0)
  #front = -1

  constructor(array: string, layout: HeatLayout, width: number) {
    this.#array = array
    this.#layout = layout
    this.#width = width
  }

  paint(context: CanvasRenderingContext2D, _real: number, isAnew: boolean): void {
    const now = picture()
    const array = now.arrays.get(this.#array)
    if (!array) return
    const { field } = array
    const { bands, bandWidth, cellWidth, cellHeight, left, rowsPerBand, top } = this.#layout
    if (isAnew || !this.#colours || this.#painted.length !== field.state.length)
      this.#begin(context, field.state.length)
    const colours = this.#colours!
    const painted = this.#painted
    const time = now.frame?.time ?? 0
    const front = array.scene.sync ? Math.floor(array.scene.sync.row) : -1
    if (front !== this.#front && this.#front >= 0) {
      painted.fill(-1, this.#front * field.slots, (this.#front + 1) * field.slots)
    }
    this.#front = front
    for (let chunk = 0; chunk < painted.length; chunk++) {
      const code = heatCode(field, chunk, time)
      if (painted[chunk] === code) continue
      painted[chunk] = code
      const row = Math.floor(chunk / field.slots)
      const band = Math.floor(row / rowsPerBand)
      const x = left + band * bandWidth + (chunk - row * field.slots) * cellWidth
      const y = top + (row - band * rowsPerBand) * cellHeight
      paintHeatCell(context, code, x, y, cellWidth, cellHeight, colours)
    }
    if (front >= 0 && front < field.rows) {
      const band = Math.min(bands - 1, Math.floor(front / rowsPerBand))
      context.fillStyle = colours.amber
      context.fillRect(
        left + band * bandWidth,
        top + (front - band * rowsPerBand) * cellHeight,
        cellWidth * field.slots,
        2,
      )
    }
  }

  #begin(context: CanvasRenderingContext2D, chunks: number): void {
    const { bands, bandWidth, height, left, rowsPerBand, top } = this.#layout
    const colours = customProperties(context.canvas, COLOURS)
    this.#colours = colours
    this.#painted = new Int32Array(chunks).fill(-1)
    context.clearRect(0, 0, this.#width, height)
    context.font = `12px ${colours.font}`
    context.fillStyle = colours.ink2
    context.textBaseline = 'middle'
    for (let band = 0; band < bands; band++) {
      context.fillText(String(band * rowsPerBand), left + band * bandWidth, top - 12)
    }
  }
}
