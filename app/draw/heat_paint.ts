/**
 * The heat map of a large array: one cell per chunk, members as columns and stripes wrapped into as many bands of rows as there is
 * room for. Colours are what the small drawing has; the text under the pointer tells the rest.
 */
import { LOST, NEW, STALE, UNKNOWN, type ChunkField } from '../model/chunk_field.ts'

export interface HeatLayout {
  /** Of a cell, in pixels. */
  readonly cellWidth: number
  readonly cellHeight: number
  readonly rowsPerBand: number
  readonly bands: number
  readonly bandWidth: number
  readonly height: number
  readonly left: number
  readonly top: number
}

const TOP = 30
const LEFT = 14
const BAND_GAP = 10
const CELL_MIN = 3
const CELL_MAX = 14

/** The largest cells with which all rows find room; below the smallest, the map is scrolled. */
export function layOutHeat(width: number, height: number, rows: number, slots: number): HeatLayout {
  const room = Math.max(40, height - TOP - 10)
  for (let cell = CELL_MAX; ; cell--) {
    const rowsPerBand = Math.max(1, Math.floor(room / cell))
    const bands = Math.ceil(rows / rowsPerBand)
    const cellWidth = Math.max(CELL_MIN, Math.floor(((width - 2 * LEFT) / bands - BAND_GAP) / slots))
    const fits = bands * (cellWidth * slots + BAND_GAP) <= width - 2 * LEFT
    if (!fits && cell > CELL_MIN) continue
    return {
      cellWidth: Math.min(cellWidth, 40),
      cellHeight: cell,
      rowsPerBand: fits
        ? rowsPerBand
        : Math.ceil(rows / Math.max(1, Math.floor((width - 2 * LEFT) / (CELL_MIN * slots + BAND_GAP)))),
      bands: fits ? bands : Math.max(1, Math.floor((width - 2 * LEFT) / (CELL_MIN * slots + BAND_GAP))),
      bandWidth: Math.min(cellWidth, 40) * slots + BAND_GAP,
      height:
        TOP +
        (fits
          ? rowsPerBand
          : Math.ceil(rows / Math.max(1, Math.floor((width - 2 * LEFT) / (CELL_MIN * slots + BAND_GAP))))) *
          cell +
        10,
      left: LEFT,
      top: TOP,
    }
  }
}

/** The chunk below a point. */
export function heatChunkAt(layout: HeatLayout, rows: number, slots: number, x: number, y: number) {
  const band = Math.floor((x - layout.left) / layout.bandWidth)
  const slot = Math.floor((x - layout.left - band * layout.bandWidth) / layout.cellWidth)
  const inBand = Math.floor((y - layout.top) / layout.cellHeight)
  const row = band * layout.rowsPerBand + inBand
  const isInside = band >= 0 && slot >= 0 && slot < slots && inBand >= 0 && inBand < layout.rowsPerBand && row < rows
  return isInside ? { row, slot } : undefined
}

export interface HeatColours {
  readonly data: string
  readonly dataFill: string
  readonly dataFill2: string
  readonly parity: string
  readonly parityFill: string
  readonly parityFill2: string
  readonly amber: string
  readonly danger: string
  readonly line: string
  readonly line2: string
  readonly panel: string
  readonly ink2: string
  readonly ink: string
  readonly font: string
}

/** What a cell looks like, as one small number: a cell is painted again only when it changes. */
export function heatCode(field: ChunkField, chunk: number, now: number): number {
  const heat = field.heat(chunk, now)
  return (field.state[chunk] << 6) | (field.activity[chunk] << 4) | (field.isParity[chunk] << 3) | heat
}

export function paintHeatCell(
  context: CanvasRenderingContext2D,
  code: number,
  x: number,
  y: number,
  width: number,
  height: number,
  colours: HeatColours,
): void {
  const state = code >> 6
  const activity = (code >> 4) & 3
  const isParity = (code & 8) !== 0
  const heat = code & 7
  const [accent, fill, fill2] = isParity
    ? [colours.parity, colours.parityFill, colours.parityFill2]
    : [colours.data, colours.dataFill, colours.dataFill2]
  context.fillStyle = colours.panel
  context.fillRect(x, y, width, height)
  const gap = height > 4 ? 1 : 0
  const w = width - gap
  const h = height - gap
  context.fillStyle = state === LOST ? colours.line2 : state === UNKNOWN ? colours.line : heat > 1 ? fill2 : fill
  context.fillRect(x, y, w, h)
  if (activity !== 0) {
    context.fillStyle = accent
    context.fillRect(x, y, w, h)
  } else if (state === NEW) {
    // Only in a cache: dots, as the dotted edge of a single chunk.
    context.fillStyle = accent
    const size = Math.max(1, Math.floor(h / 4))
    for (let at = x; at < x + w; at += size * 2) context.fillRect(at, y + h - size, size, size)
    for (let at = x; at < x + w; at += size * 2) context.fillRect(at, y, size, size)
  } else if (state === STALE) {
    context.fillStyle = colours.danger
    context.fillRect(x, y + h / 3, w, Math.max(1, h / 3))
  }
}
