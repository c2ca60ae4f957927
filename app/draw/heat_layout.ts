/**
 * Where the cells of a large array lie: one per chunk, members as columns, stripes wrapped into as many bands of rows as there is room
 * for, and left of each band two thin columns for the bitmap, in memory and on the disks.
 */

export interface HeatLayout {
  /** Of a cell, in pixels. */
  readonly cellWidth: number
  readonly cellHeight: number
  readonly rowsPerBand: number
  readonly bands: number
  /** From one band's left edge to the next one's. */
  readonly bandPitch: number
  readonly height: number
  readonly left: number
  readonly top: number
}

const TOP = 26
const LEFT = 14
const BAND_GAP = 10
const CELL_MIN = 3
const CELL_MAX = 14
const CELL_WIDTH_MAX = 40
/** Width of the bitmap's two columns with the gap behind them. */
export const BITS_WIDTH = 9

/** The largest cells with which all rows find room; below the smallest, the map is taller than the room. */
export function layOutHeat(width: number, height: number, rows: number, slots: number): HeatLayout {
  const room = width - 2 * LEFT
  const narrowest = CELL_MIN * slots + BITS_WIDTH + BAND_GAP
  const bandsMax = Math.max(1, Math.floor((room + BAND_GAP) / narrowest))
  const tallest = Math.max(1, height - TOP)
  let cellHeight = CELL_MAX
  while (cellHeight > CELL_MIN && Math.ceil(rows / Math.max(1, Math.floor(tallest / cellHeight))) > bandsMax)
    cellHeight--
  const wanted = Math.ceil(rows / Math.max(1, Math.floor(tallest / cellHeight)))
  const bands = Math.max(1, Math.min(bandsMax, wanted))
  const rowsPerBand = Math.ceil(rows / bands)
  const each = Math.floor(((room + BAND_GAP) / bands - BAND_GAP - BITS_WIDTH) / slots)
  const cellWidth = Math.max(CELL_MIN, Math.min(CELL_WIDTH_MAX, each))
  return {
    cellWidth,
    cellHeight,
    rowsPerBand,
    bands,
    bandPitch: BITS_WIDTH + cellWidth * slots + BAND_GAP,
    height: TOP + rowsPerBand * cellHeight + 2,
    left: LEFT,
    top: TOP,
  }
}

/** Upper left corner of a row: of its bits; its first cell is {@link BITS_WIDTH} further right. */
export function heatRow(layout: HeatLayout, row: number): { readonly x: number; readonly y: number } {
  const band = Math.floor(row / layout.rowsPerBand)
  return {
    x: layout.left + band * layout.bandPitch,
    y: layout.top + (row - band * layout.rowsPerBand) * layout.cellHeight,
  }
}

/** The chunk below a point. */
export function heatChunkAt(
  layout: HeatLayout,
  rows: number,
  slots: number,
  x: number,
  y: number,
): { readonly row: number; readonly slot: number } | undefined {
  const band = Math.floor((x - layout.left) / layout.bandPitch)
  const slot = Math.floor((x - layout.left - band * layout.bandPitch - BITS_WIDTH) / layout.cellWidth)
  const inBand = Math.floor((y - layout.top) / layout.cellHeight)
  const row = band * layout.rowsPerBand + inBand
  const isInside = band >= 0 && slot >= 0 && slot < slots && inBand >= 0 && inBand < layout.rowsPerBand && row < rows
  return isInside ? { row, slot } : undefined
}
