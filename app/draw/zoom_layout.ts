/**
 * Where things lie on the map of an array, and what it shows of it. Members are columns; down a column run the member's sectors, from
 * the start of its data. One number, pixels per sector, leads from the whole array to single bytes; a column grows wider on the way,
 * as far as a line of bytes needs. Widths and heights are CSS pixels, sectors may be fractions.
 */

export interface ZoomShape {
  readonly rows: number
  readonly slots: number
  readonly chunkSectors: number
  readonly hasBitmap: boolean
}

export interface ZoomLayout {
  readonly width: number
  readonly height: number
  /** How much larger than usual everything is written. */
  readonly magnify: number
  readonly rows: number
  readonly slots: number
  readonly chunkSectors: number
  /** Of a member, as far as the array uses it. */
  readonly sectors: number
  /** Upper edge of the map, below the members' names. */
  readonly head: number
  readonly mapLeft: number
  readonly mapWidth: number
  readonly mapHeight: number
  /** Right edge of the numbers. */
  readonly numbersX: number
  readonly bits: { readonly memoryX: number; readonly diskX: number; readonly width: number } | undefined
  /** The whole array once more, small, with the window marked. */
  readonly strip: { readonly x: number; readonly width: number }
  readonly gap: number
  /** Of a column, while all of them are seen, and where bytes are. */
  readonly fitWidth: number
  readonly deepWidth: number
  readonly bytesPerLine: number
  /** Pixels per sector. */
  readonly scaleMin: number
  readonly scaleMax: number
}

/** What of the map is seen. */
export interface ZoomView {
  /** Pixels per sector. */
  readonly scale: number
  /** The sector at the upper edge. */
  readonly top: number
  /** Pixels of the columns that are hidden to the left. */
  readonly left: number
}

const MARGIN = 14
const NUMBERS = 62
const BIT = 12
const STRIP = 14
const HEAD = 44
export const PAGE_SECTORS = 8
export const SECTOR_BYTES = 512
/** Height of a line of bytes, and width of a byte. */
export const BYTE_LINE = 18
export const BYTE_WIDTH = 20
/** Between the edge of a column and its bytes. */
export const BYTE_PAD = 10
/** A row is never taller than this while the whole array is seen. */
const ROW_MAX = 36
const BYTES_MIN = 8
const BYTES_CLOSER = 0.88
const BYTES_MAX = 16

const widthOfBytes = (bytes: number, magnify: number): number => (bytes * BYTE_WIDTH + 2 * BYTE_PAD) * magnify

/** @param magnify how much larger than usual everything is to be written */
export function layOutZoom(width: number, height: number, shape: ZoomShape, magnify = 1): ZoomLayout {
  const { rows, slots, chunkSectors, hasBitmap } = shape
  const isTight = width < 440
  const margin = (isTight ? 6 : MARGIN) * magnify
  const numbersX = margin + (isTight ? 58 : NUMBERS) * magnify
  const bit = (isTight ? 7 : BIT) * magnify
  const memoryX = numbersX + 8 * magnify
  const diskX = memoryX + bit + 3
  const mapLeft = hasBitmap ? diskX + bit + 8 * magnify : numbersX + 10 * magnify
  const stripWidth = (isTight ? 10 : STRIP) * magnify
  const stripX = width - margin - stripWidth
  const mapWidth = Math.max(1, stripX - 10 * magnify - mapLeft)
  const head = HEAD * magnify
  const mapHeight = Math.max(1, height - head - 6)
  const gap = mapWidth / slots >= 90 ? 8 : mapWidth / slots >= 40 ? 4 : 2
  const fitWidth = Math.max(4, (mapWidth - gap * (slots - 1)) / slots)
  // Bytes may stand a little closer, where that spares a person from going to and fro.
  const isEnough = fitWidth >= widthOfBytes(BYTES_MIN, magnify) * BYTES_CLOSER
  const wanted = isEnough ? fitWidth : widthOfBytes(BYTES_MIN, magnify)
  const bytesPerLine = wanted >= widthOfBytes(BYTES_MAX, magnify) ? BYTES_MAX : BYTES_MIN
  const sectors = rows * chunkSectors
  return {
    width,
    height,
    magnify,
    rows,
    slots,
    chunkSectors,
    sectors,
    head,
    mapLeft,
    mapWidth,
    mapHeight,
    numbersX,
    bits: hasBitmap ? { memoryX, diskX, width: bit } : undefined,
    strip: { x: stripX, width: stripWidth },
    gap,
    fitWidth,
    deepWidth: wanted,
    bytesPerLine,
    scaleMin: Math.min(mapHeight / Math.max(1, sectors), (ROW_MAX * magnify) / chunkSectors),
    scaleMax: BYTE_LINE * magnify * (SECTOR_BYTES / bytesPerLine),
  }
}

/** From 0 to 1 between two values, gently at both ends. */
export function ease(from: number, to: number, value: number): number {
  const t = Math.max(0, Math.min(1, (value - from) / (to - from)))
  return t * t * (3 - 2 * t)
}

/** Of a column at a scale: it begins to grow where pages are told apart. */
export function columnWidth({ fitWidth, deepWidth, magnify, bytesPerLine }: ZoomLayout, scale: number): number {
  const from = Math.log((48 * magnify) / PAGE_SECTORS)
  const to = Math.log((8 * magnify * SECTOR_BYTES) / bytesPerLine)
  return fitWidth + (deepWidth - fitWidth) * ease(from, to, Math.log(scale))
}

/** From one column's left edge to the next one's. */
export function columnPitch(layout: ZoomLayout, scale: number): number {
  return columnWidth(layout, scale) + layout.gap
}

/** The left edge of a column. */
export function columnX(layout: ZoomLayout, view: ZoomView, slot: number): number {
  return layout.mapLeft + slot * columnPitch(layout, view.scale) - view.left
}

export function sectorY(layout: ZoomLayout, view: ZoomView, sector: number): number {
  return layout.head + (sector - view.top) * view.scale
}

/** All of the array. */
export function fitView(layout: ZoomLayout): ZoomView {
  return { scale: layout.scaleMin, top: 0, left: 0 }
}

/** The nearest view that shows no more than there is. */
export function clampView(layout: ZoomLayout, { scale, top, left }: ZoomView): ZoomView {
  const inside = Math.max(layout.scaleMin, Math.min(layout.scaleMax, scale))
  const topMax = Math.max(0, layout.sectors - layout.mapHeight / inside)
  const leftMax = Math.max(0, layout.slots * columnPitch(layout, inside) - layout.gap - layout.mapWidth)
  return { scale: inside, top: Math.max(0, Math.min(topMax, top)), left: Math.max(0, Math.min(leftMax, left)) }
}

/** Larger or smaller by a factor; what is at a point stays there, as far as there is something all around. */
export function zoomAt(layout: ZoomLayout, view: ZoomView, factor: number, x: number, y: number): ZoomView {
  const scale = Math.max(layout.scaleMin, Math.min(layout.scaleMax, view.scale * factor))
  const down = y - layout.head
  const across = x - layout.mapLeft
  const column = (view.left + across) / columnPitch(layout, view.scale)
  return clampView(layout, {
    scale,
    top: view.top + down / view.scale - down / scale,
    left: column * columnPitch(layout, scale) - across,
  })
}

/** Moved by so many pixels, as a hand moves paper. */
export function panBy(layout: ZoomLayout, view: ZoomView, dx: number, dy: number): ZoomView {
  return clampView(layout, { scale: view.scale, top: view.top - dy / view.scale, left: view.left - dx })
}

/** A view at a scale with a sector and a column in the middle. */
export function viewAround(layout: ZoomLayout, scale: number, slot: number, sector: number): ZoomView {
  const pitch = columnPitch(layout, scale)
  return clampView(layout, {
    scale,
    top: sector - layout.mapHeight / 2 / scale,
    left: (slot + 0.5) * pitch - layout.mapWidth / 2,
  })
}

/** The nearest view in which a stretch of a column is seen. */
export function revealView(
  layout: ZoomLayout,
  view: ZoomView,
  slot: number,
  sector: number,
  sectors: number,
): ZoomView {
  const shown = layout.mapHeight / view.scale
  const low = Math.min(sector, sector + sectors - shown)
  const high = Math.max(sector, sector + sectors - shown)
  const top = sectors > shown ? sector : Math.max(low, Math.min(high, view.top))
  const width = columnWidth(layout, view.scale)
  const x = slot * columnPitch(layout, view.scale)
  const left = Math.min(x, Math.max(x + width - layout.mapWidth, view.left))
  return clampView(layout, { scale: view.scale, top, left })
}

/** Halfway points between two views: even steps of the scale's logarithm, around the point that both have in common. */
export function blendViews(layout: ZoomLayout, from: ZoomView, to: ZoomView, t: number): ZoomView {
  if (t >= 1) return to
  const scale = from.scale * (to.scale / from.scale) ** t
  // While the scale changes, what moves is what 1 / scale says: so a fixed point stays where it is.
  const a = 1 / from.scale
  const b = 1 / to.scale
  const w = Math.abs(a - b) < 1e-12 * a ? t : (a - 1 / scale) / (a - b)
  const top = from.top + (to.top - from.top) * w
  const p = columnPitch(layout, from.scale)
  const q = columnPitch(layout, to.scale)
  const v = Math.abs(p - q) < 1e-6 ? t : (columnPitch(layout, scale) - p) / (q - p)
  return clampView(layout, { scale, top, left: from.left + (to.left - from.left) * v })
}

/** The sectors that are seen. */
export function visibleSectors(layout: ZoomLayout, view: ZoomView): { readonly from: number; readonly to: number } {
  return { from: Math.max(0, view.top), to: Math.min(layout.sectors, view.top + layout.mapHeight / view.scale) }
}

/** The columns that are seen, the last one excluded. */
export function visibleSlots(layout: ZoomLayout, view: ZoomView): { readonly from: number; readonly to: number } {
  const pitch = columnPitch(layout, view.scale)
  return {
    from: Math.max(0, Math.floor((view.left + layout.gap) / pitch)),
    to: Math.min(layout.slots, Math.ceil((view.left + layout.mapWidth) / pitch)),
  }
}
