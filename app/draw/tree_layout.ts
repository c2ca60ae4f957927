/**
 * Where the blocks of a hash tree stand: one band for each level, the topmost first, and one for the data. A band is as many rows of
 * equal cells as it needs; where there are too many blocks for that, a cell stands for several.
 */

export interface TreeBand {
  /** Blocks in it. */
  readonly count: number
  /** Blocks that a cell stands for; 1 as long as there is room. */
  readonly perCell: number
  /** From one cell to the next, in pixels; the cell itself leaves a gap. */
  readonly pitch: number
  readonly columns: number
  readonly top: number
  readonly height: number
}

export interface TreeLayout {
  /** Where cells begin; the bands' names stand left of it. */
  readonly left: number
  readonly width: number
  readonly height: number
  readonly bands: readonly TreeBand[]
}

export interface TreePlace {
  /** Index of the band. */
  readonly band: number
  /** The blocks of the cell: the first, and the one behind the last. */
  readonly from: number
  readonly to: number
}

/** Room for a band's name. */
const LABEL_WIDTH = 64
const BAND_GAP = 22
const PITCH_MAX = 22
const PITCH_MIN = 7
/** Rows of a level of sums, and of the data. */
const LEVEL_ROWS = 3
const DATA_ROWS = 14
const PAD = 6

/** @param counts blocks of each band, the topmost first, the data last */
export function layOutTree(counts: readonly number[], width: number): TreeLayout {
  const room = Math.max(PITCH_MIN, width - LABEL_WIDTH - PAD)
  let top = PAD
  const bands = counts.map((count, i): TreeBand => {
    const rows = i === counts.length - 1 ? DATA_ROWS : LEVEL_ROWS
    const pitch = pitchFor(count, room, rows)
    const columns = Math.max(1, Math.floor(room / pitch))
    const perCell = Math.max(1, Math.ceil(count / (columns * rows)))
    const cells = Math.ceil(count / perCell)
    const height = Math.max(PITCH_MAX, Math.ceil(cells / columns) * pitch)
    const band = { count, perCell, pitch, columns, top, height }
    top += height + BAND_GAP
    return band
  })
  return { left: LABEL_WIDTH, width, height: top - BAND_GAP + PAD, bands }
}

/** The largest cells of which so many fit. */
function pitchFor(count: number, room: number, rows: number): number {
  for (let pitch = PITCH_MAX; pitch > PITCH_MIN; pitch--) {
    if (Math.floor(room / pitch) * rows >= count) return pitch
  }
  return PITCH_MIN
}

export function cellsOf({ count, perCell }: TreeBand): number {
  return Math.ceil(count / perCell)
}

/** The corner of the cell that has a block. */
export function cellAt(layout: TreeLayout, band: number, block: number): { readonly x: number; readonly y: number } {
  const { perCell, pitch, columns, top } = layout.bands[band]
  const cell = Math.floor(block / perCell)
  return { x: layout.left + (cell % columns) * pitch, y: top + Math.floor(cell / columns) * pitch }
}

export function placeOf(layout: TreeLayout, band: number, block: number): TreePlace {
  const { perCell, count } = layout.bands[band]
  const from = Math.floor(block / perCell) * perCell
  return { band, from, to: Math.min(count, from + perCell) }
}

/** What is below a point. */
export function hitTree(layout: TreeLayout, x: number, y: number): TreePlace | undefined {
  const band = layout.bands.findIndex(({ top, height }) => y >= top && y < top + height)
  if (band < 0 || x < layout.left) return undefined
  const { pitch, columns, top, count, perCell } = layout.bands[band]
  const column = Math.floor((x - layout.left) / pitch)
  const block = (Math.floor((y - top) / pitch) * columns + column) * perCell
  return column >= columns || block >= count ? undefined : placeOf(layout, band, block)
}

export type TreeMove = 'left' | 'right' | 'up' | 'down' | 'parent' | 'child'

/**
 * Where the keyboard goes from a place: to the neighbours in the band, up and down its rows and over its edge to the sums above, or the first
 * block below.
 * @param bits log2 of how many sums a hash block has
 */
export function moveInTree(layout: TreeLayout, place: TreePlace, move: TreeMove, bits: number): TreePlace {
  const { perCell, columns, count } = layout.bands[place.band]
  const step = { left: -1, right: 1, up: -columns, down: columns, parent: NaN, child: NaN }[move] * perCell
  const block = place.from + step
  if (block >= 0 && block < count) return placeOf(layout, place.band, block)
  if (move === 'left' || move === 'right') return place
  if (move === 'up' || move === 'parent') {
    return place.band === 0 ? place : placeOf(layout, place.band - 1, Math.floor(place.from / 2 ** bits))
  }
  if (place.band === layout.bands.length - 1) return place
  const below = layout.bands[place.band + 1]
  return placeOf(layout, place.band + 1, Math.min(below.count - 1, place.from * 2 ** bits))
}
