/** The map from afar: a cell for each so many chunks of a member, in the colour of the most pressing of them. */
import type { ChunkField } from '../model/chunk_field.ts'
import { RANKS } from '../model/chunk_field.ts'
import type { CellGrid } from './zoom_detail.ts'
import {
  columnWidth,
  columnX,
  sectorY,
  visibleSectors,
  visibleSlots,
  type ZoomLayout,
  type ZoomView,
} from './zoom_layout.ts'

/** A picture of cells, kept from frame to frame and stretched onto the map. */
export class CellPicture {
  readonly #canvas = document.createElement('canvas')
  readonly #context = this.#canvas.getContext('2d')!
  #image: ImageData | undefined
  #pixels = new Uint32Array(0)

  /** So many pixels, of four bytes each; what was in them before is still there. */
  begin(width: number, height: number): Uint32Array {
    if (!this.#image || this.#image.width !== width || this.#image.height !== height) {
      this.#canvas.width = width
      this.#canvas.height = height
      this.#image = this.#context.createImageData(width, height)
      this.#pixels = new Uint32Array(this.#image.data.buffer)
    }
    return this.#pixels
  }

  /** What was painted is complete. */
  end(): CanvasImageSource {
    if (this.#image) this.#context.putImageData(this.#image, 0, 0)
    return this.#canvas
  }
}

/** Fills a picture with cells: those of a slot side by side, the slots side by side, line below line. */
export function fillCells(
  pixels: Uint32Array,
  field: ChunkField,
  grid: CellGrid,
  colours: Uint32Array,
  slots: { readonly from: number; readonly to: number },
  lines: { readonly from: number; readonly to: number },
): void {
  const { line, cell } = grid
  const parts = 2 ** (line - cell)
  const end = Math.ceil(field.rows / 2 ** cell)
  const { ranks } = field
  let at = 0
  for (let y = lines.from; y < lines.to; y++) {
    for (let slot = slots.from; slot < slots.to; slot++) {
      for (let part = 0; part < parts; part++) {
        const index = y * parts + part
        // A cell of one chunk knows whether it is parity; more of them are both.
        const hue = cell === 0 && index < end && field.isParity(index * field.slots + slot) ? RANKS : 0
        pixels[at++] = index < end ? colours[hue + ranks.at(cell, slot, index)] : 0
      }
    }
  }
}

export function paintCells(
  context: CanvasRenderingContext2D,
  picture: CellPicture,
  layout: ZoomLayout,
  view: ZoomView,
  field: ChunkField,
  grid: CellGrid,
  colours: Uint32Array,
  alpha: number,
): void {
  const { chunkSectors } = layout
  const seen = visibleSectors(layout, view)
  const slots = visibleSlots(layout, view)
  const lineSectors = chunkSectors * 2 ** grid.line
  const lines = { from: Math.floor(seen.from / lineSectors), to: Math.ceil(seen.to / lineSectors) }
  const parts = 2 ** (grid.line - grid.cell)
  const width = (slots.to - slots.from) * parts
  const height = lines.to - lines.from
  if (width <= 0 || height <= 0) return
  fillCells(picture.begin(width, height), field, grid, colours, slots, lines)
  const source = picture.end()
  const column = columnWidth(layout, view.scale)
  const top = sectorY(layout, view, lines.from * lineSectors)
  const tall = height * lineSectors * view.scale
  context.globalAlpha = alpha
  context.imageSmoothingEnabled = false
  for (let slot = slots.from; slot < slots.to; slot++) {
    const x = Math.round(columnX(layout, view, slot))
    const right = Math.round(columnX(layout, view, slot) + column)
    context.drawImage(source, (slot - slots.from) * parts, 0, parts, height, x, top, right - x, tall)
  }
  context.globalAlpha = 1
}
