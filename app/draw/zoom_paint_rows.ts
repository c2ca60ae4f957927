/** The map where chunks are told apart: as on the small drawing of an array, with its letters and patterns. */
import {
  BEING_READ,
  COPY,
  LOST,
  NEW,
  NO_ACTIVITY,
  OLD,
  PARITY,
  SECOND_PARITY,
  STALE,
  UNKNOWN,
  type ChunkField,
} from '../model/chunk_field.ts'
import type { ChunkMark } from '../model/scene.ts'
import { chunkWords } from './chunk_words.ts'
import type { ZoomDetail } from './zoom_detail.ts'
import {
  columnWidth,
  columnX,
  sectorY,
  visibleSectors,
  visibleSlots,
  type ZoomLayout,
  type ZoomView,
} from './zoom_layout.ts'
import type { Hue, ZoomPalette } from './zoom_palette.ts'

/** Narrower columns have no words. */
const LABEL_WIDTH = 30
const LETTERS = ['', 'N', 'S', '?', '×'] as const

export interface RowPainter {
  readonly layout: ZoomLayout
  readonly view: ZoomView
  readonly detail: ZoomDetail
  readonly field: ChunkField
  readonly palette: ZoomPalette
  /** All that is known of a chunk; only asked for where there is room to say it. */
  mark(row: number, slot: number): ChunkMark
  readonly now: number
}

/** Between a chunk and the next one, in pixels. */
export function rowGap(rowHeight: number): number {
  return Math.max(1, Math.min(4, rowHeight * 0.16))
}

function hueOfKind(palette: ZoomPalette, kind: number): Hue {
  return kind === PARITY ? palette.parity : kind === SECOND_PARITY ? palette.q : palette.data
}

export function hueOf(palette: ZoomPalette, field: ChunkField, row: number, slot: number): Hue {
  return hueOfKind(palette, field.kind[row * field.slots + slot])
}

export function paintRows(context: CanvasRenderingContext2D, painter: RowPainter): void {
  const { layout, view, detail } = painter
  const seen = visibleSectors(layout, view)
  const slots = visibleSlots(layout, view)
  const width = columnWidth(layout, view.scale)
  const first = Math.floor(seen.from / layout.chunkSectors)
  const end = Math.min(layout.rows, Math.ceil(seen.to / layout.chunkSectors))
  context.globalAlpha = detail.rowsAlpha
  context.textBaseline = 'middle'
  for (let slot = slots.from; slot < slots.to; slot++) {
    const x = columnX(layout, view, slot)
    for (let row = first; row < end; row++) {
      const y = sectorY(layout, view, row * layout.chunkSectors)
      paintChunk(context, painter, row, slot, x, y, width, detail.rowHeight - rowGap(detail.rowHeight))
    }
  }
  context.globalAlpha = 1
}

function paintChunk(
  context: CanvasRenderingContext2D,
  painter: RowPainter,
  row: number,
  slot: number,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  const { field, palette, detail, layout } = painter
  const { magnify } = layout
  const chunk = row * field.slots + slot
  const state = field.state[chunk]
  const hue = hueOfKind(palette, field.kind[chunk])
  const isAway = state === UNKNOWN || state === LOST
  const radius = Math.min(4 * magnify, height / 3)
  const rows = detail.rowsAlpha
  // Only as much of a tall chunk as can be seen: patterns and dashes of a mile cost their time.
  const top = Math.max(y, layout.head - 12)
  const bottom = Math.min(y + height, layout.head + layout.mapHeight + 12)
  const tall = bottom - top
  if (tall <= 0) return

  context.beginPath()
  context.roundRect(x, top, width, tall, radius)
  context.fillStyle = isAway ? palette.colours.panel : hue.fill
  context.fill()
  const heat = field.heat(chunk, painter.now)
  if (heat > 0 && !isAway) {
    context.globalAlpha = rows * (heat / 4)
    context.fillStyle = hue.fill2
    context.fill()
    context.globalAlpha = rows
  }
  const pattern = patternOf(palette, state, field.kind[chunk])
  if (pattern && height >= 8) {
    context.fillStyle = pattern
    context.fill()
  }
  if (isAway) {
    context.strokeStyle = palette.colours.line
    context.lineWidth = 1
    context.stroke()
  }
  context.fillStyle = state === LOST ? palette.colours.lineStrong : hue.accent
  context.fillRect(x, top, Math.min(4 * magnify, Math.max(2, width / 12)), tall)

  const isVolatile = field.volatilePages[chunk] > 0
  if (isVolatile) paintVolatile(context, hue, x + 1, top + 1, width - 2, tall - 2, magnify)
  if (isVolatile && detail.pagesAlpha < 1 && height >= 12) {
    context.globalAlpha = rows * (1 - detail.pagesAlpha)
    paintTicks(context, hue, field.volatileMask[chunk], field.maskBits, x + 6, y + height - 3, width - 10)
    context.globalAlpha = rows
  }
  const activity = field.activity[chunk]
  if (activity !== NO_ACTIVITY) {
    context.strokeStyle = hue.accent
    context.lineWidth = 2 * magnify
    context.setLineDash(activity === BEING_READ && height < 12 ? [3, 2] : [])
    context.beginPath()
    context.roundRect(x - 0.5, top - 0.5, width + 1, tall + 1, radius)
    context.stroke()
    context.setLineDash([])
  }
  if (height >= 13 * magnify && width >= LABEL_WIDTH * magnify && detail.pagesAlpha < 1) {
    context.globalAlpha = rows * (1 - detail.pagesAlpha)
    paintWords(context, painter, painter.mark(row, slot), state, hue, x, y, width, height)
    context.globalAlpha = rows
  }
}

function patternOf(palette: ZoomPalette, state: number, kind: number): CanvasPattern | null {
  switch (state) {
    case LOST:
      return palette.crosses
    case UNKNOWN:
      return palette.dots
    case STALE:
      return kind === PARITY ? palette.staleParity : kind === SECOND_PARITY ? palette.staleQ : palette.staleData
    case OLD:
    case NEW:
      return patternAtRest(palette, kind)
    default:
      return null
  }
}

function patternAtRest(palette: ZoomPalette, kind: number): CanvasPattern | null {
  switch (kind) {
    case PARITY:
      return palette.hatch
    case SECOND_PARITY:
      return palette.lines
    case COPY:
      return palette.copyHatch
    default:
      return null
  }
}

/** The dotted edge of what only a cache holds. */
export function paintVolatile(
  context: CanvasRenderingContext2D,
  hue: Hue,
  x: number,
  y: number,
  width: number,
  height: number,
  magnify: number,
): void {
  context.strokeStyle = hue.ink
  context.lineWidth = (height < 8 ? 1.5 : 2.4) * magnify
  context.lineCap = 'round'
  context.setLineDash([0.1, 4 * magnify])
  context.beginPath()
  context.roundRect(x, y, width, height, Math.min(3, height / 3))
  context.stroke()
  context.setLineDash([])
  context.lineCap = 'butt'
}

/** Where in a chunk the pages are that are only in the cache. */
function paintTicks(
  context: CanvasRenderingContext2D,
  hue: Hue,
  mask: number,
  bits: number,
  x: number,
  y: number,
  width: number,
): void {
  const each = width / bits
  context.fillStyle = hue.accent
  for (let bit = 0; bit < bits; bit++) {
    if ((mask & (1 << bit)) !== 0) context.fillRect(x + bit * each, y - 1.2, Math.max(2, each - 1), 2.5)
  }
}

function paintWords(
  context: CanvasRenderingContext2D,
  { palette, layout }: RowPainter,
  mark: ChunkMark,
  state: number,
  hue: Hue,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  const { magnify } = layout
  const { colours } = palette
  const middle = y + height / 2
  const isAway = state === UNKNOWN || state === LOST
  const inset = (width < 60 * magnify ? 8 : 12) * magnify
  const size = 12 * magnify
  context.textAlign = 'left'
  context.font = `700 ${size}px ${colours.font}`
  const labelWidth = context.measureText(mark.label).width
  const room = width - inset - 8 * magnify - labelWidth
  // Where even the label finds no room, the letter of the state is what counts.
  const label = labelWidth <= width - inset - 2 ? mark.label : LETTERS[state] || mark.label.slice(0, 1)
  context.strokeStyle = isAway || state === STALE ? colours.panel : hue.fill
  context.lineJoin = 'round'
  context.lineWidth = 4
  context.strokeText(label, x + inset, middle + 0.5)
  context.fillStyle = isAway ? colours.ink2 : hue.ink
  context.fillText(label, x + inset, middle + 0.5)
  const words = label === mark.label ? chunkWords(mark, (room - 6 * magnify) / magnify) : ''
  if (words === '') return
  const isStrong = mark.volatilePages > 0 || state === STALE
  context.font = `${isStrong ? 700 : 400} ${size}px ${colours.font}`
  context.textAlign = 'right'
  context.strokeText(words, x + width - 8 * magnify, middle + 0.5)
  context.fillStyle = isStrong ? hue.ink : colours.ink2
  context.fillText(words, x + width - 8 * magnify, middle + 0.5)
  context.textAlign = 'left'
}
