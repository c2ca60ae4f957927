/**
 * Where things lie on the stage, in pixels of the drawing: members as columns, stripes as rows, the bitmap to their left, room for
 * notes to their right where the panel is wide enough.
 */

export interface Column {
  readonly x: number
  readonly width: number
}

export interface StageLayout {
  readonly width: number
  readonly height: number
  /** Upper edge of the first stripe, below the members' names, gauges and metadata. */
  readonly head: number
  /** Right edge of the stripes' numbers. */
  readonly numbersX: number
  /** Left edges of the two marks of the bitmap, or undefined without one. */
  readonly bitmap: { readonly memoryX: number; readonly diskX: number; readonly size: number } | undefined
  readonly columns: readonly Column[]
  /** Upper edge of the row of superblocks and bitmaps, above the stripes. */
  readonly metaTop: number
  /** From one row's upper edge to the next one's. */
  readonly pitch: number
  readonly rowHeight: number
  /** Beside the columns; its width is 0 when there is no room. */
  readonly notes: Column
}

export interface StageExtent {
  /** Of the room the drawing may take, in pixels. */
  readonly width: number
  readonly height: number
  readonly members: number
  readonly rows: number
  readonly hasBitmap: boolean
  /** Fingers have to find what is drawn. */
  readonly isCoarse?: boolean
}

/** Where the dots of requests go up and down in a column, from its left edge. */
const DOT_LANE = 46
const DOT_STEP = 6
const DOT_LANES = 4
const DOT_RADIUS = 5
export const DOT_LANE_END = DOT_LANE + (DOT_LANES - 1) * DOT_STEP + DOT_RADIUS

/** The middle of a request's dot, from the left edge of its column. @param bio its number */
export function dotLane(bio: number, width: number): number {
  return Math.min(DOT_LANE + DOT_STEP * (bio % DOT_LANES), width - 8)
}

const HEAD_HEIGHT = 46
const MARGIN = 14
const NUMBERS_WIDTH = 34
const MARK = 14
const MARK_GAP = 4
const COLUMN_GAP = 9
const COLUMN_MIN = 58
const COLUMN_MAX = 250
/** A column as wide as this shows all a chunk has to say. */
const COLUMN_GOOD = 118
/** Room for a plan's name and the number of a page. */
const NOTES_WIDTH = 188
const PITCH_MIN = 21
const PITCH_COARSE = 45
const PITCH_MAX = 36
const FOOT = 6
const META_GAP = 4

export function layOutStage({ width, height, members, rows, hasBitmap, isCoarse = false }: StageExtent): StageLayout {
  // On a phone, every pixel that is not a column's is one too many.
  const isTight = width < 440
  const margin = isTight ? 8 : MARGIN
  const gap = isTight ? 6 : COLUMN_GAP
  const numbersX = margin + (isTight ? 32 : NUMBERS_WIDTH)
  const memoryX = numbersX + (isTight ? 11 : 18)
  const diskX = memoryX + MARK + MARK_GAP
  const left = hasBitmap ? diskX + MARK + (isTight ? 10 : 16) : numbersX + 14
  const gaps = gap * (members - 1)
  const columnsNeed = (each: number): number => left + each * members + gaps
  const hasNotes = width - NOTES_WIDTH - 12 - margin >= columnsNeed(COLUMN_GOOD)
  const right = width - margin - (hasNotes ? NOTES_WIDTH + 12 : 0)
  const each = Math.max(COLUMN_MIN, Math.min(COLUMN_MAX, Math.floor((right - left - gaps) / members)))
  const columns = Array.from({ length: members }, (_, slot) => ({ x: left + slot * (each + gap), width: each }))
  const columnsEnd = left + members * each + gaps
  const pitch = Math.max(
    isCoarse ? PITCH_COARSE : PITCH_MIN,
    Math.min(PITCH_MAX, Math.floor((height - HEAD_HEIGHT - META_GAP - FOOT) / (rows + 1))),
  )
  return {
    width: Math.max(width, columnsEnd + margin),
    height: HEAD_HEIGHT + META_GAP + (rows + 1) * pitch + FOOT,
    head: HEAD_HEIGHT + pitch + META_GAP,
    metaTop: HEAD_HEIGHT,
    numbersX,
    bitmap: hasBitmap ? { memoryX, diskX, size: MARK } : undefined,
    columns,
    pitch,
    rowHeight: pitch - (pitch > 26 ? 5 : pitch > 22 ? 4 : 3),
    notes: { x: columnsEnd + 12, width: hasNotes ? width - margin - columnsEnd - 12 : 0 },
  }
}

/** The upper edge of a row. */
export function rowTop(layout: StageLayout, row: number): number {
  return layout.head + row * layout.pitch
}

/** The chunk below a point of the drawing. */
export function chunkAt(
  layout: StageLayout,
  rows: number,
  x: number,
  y: number,
): { row: number; slot: number } | undefined {
  const row = Math.floor((y - layout.head) / layout.pitch)
  const slot = layout.columns.findIndex((column) => x >= column.x && x < column.x + column.width)
  const isBetween = y - rowTop(layout, row) >= layout.rowHeight
  return row < 0 || row >= rows || slot < 0 || isBetween ? undefined : { row, slot }
}

/** The rows that touch a stretch of the drawing, for drawing no more than can be seen. */
export function rowsBetween(layout: StageLayout, rows: number, from: number, to: number): [first: number, end: number] {
  const first = Math.max(0, Math.floor((from - layout.head) / layout.pitch))
  const end = Math.min(rows, Math.ceil((to - layout.head) / layout.pitch))
  return [Math.min(first, rows), Math.max(end, 0)]
}

/** Where the front of a sync lies: between the row that it is at and the one before. @param row and a fraction of it */
export function syncFrontY(layout: StageLayout, row: number): number {
  return layout.head + Math.floor(row) * layout.pitch - (layout.pitch - layout.rowHeight) / 2
}
