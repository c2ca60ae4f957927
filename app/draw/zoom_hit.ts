/** What lies below a point of the map, where a thing lies on it, and how a cursor goes from one to the next. */
import { detailOf, type ZoomDetail } from './zoom_detail.ts'
import {
  columnPitch,
  columnWidth,
  columnX,
  PAGE_SECTORS,
  SECTOR_BYTES,
  BYTE_PAD,
  sectorY,
  type ZoomLayout,
  type ZoomView,
} from './zoom_layout.ts'

/** A stretch of a member's data, in bytes from its start: a cell of chunks, a chunk, a page or a byte. */
export interface ZoomPlace {
  readonly slot: number
  readonly from: number
  readonly length: number
}

export interface Box {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** What is told apart at a level: how long it is, in bytes, and how many stand side by side in a column. */
export interface ZoomUnit {
  readonly bytes: number
  readonly perLine: number
}

export function unitOf(layout: ZoomLayout, detail: ZoomDetail): ZoomUnit {
  const chunk = layout.chunkSectors * SECTOR_BYTES
  switch (detail.level) {
    case 'array': {
      const { line, cell } = detail.finerAlpha > 0.5 && detail.finer ? detail.finer : detail.cells
      return { bytes: chunk * 2 ** cell, perLine: 2 ** (line - cell) }
    }
    case 'stripes':
      return { bytes: chunk, perLine: 1 }
    case 'pages':
      return { bytes: PAGE_SECTORS * SECTOR_BYTES, perLine: 1 }
    case 'bytes':
      return { bytes: 1, perLine: layout.bytesPerLine }
  }
}

const total = ({ sectors }: ZoomLayout): number => sectors * SECTOR_BYTES

function placeAt(layout: ZoomLayout, slot: number, index: number, { bytes }: ZoomUnit): ZoomPlace {
  const from = index * bytes
  return { slot, from, length: Math.min(bytes, total(layout) - from) }
}

/** What is below a point; nothing between the columns, and none behind the last row. */
export function hitZoom(layout: ZoomLayout, view: ZoomView, x: number, y: number): ZoomPlace | undefined {
  const { mapLeft, mapWidth, head, mapHeight, slots, sectors } = layout
  if (x < mapLeft || x >= mapLeft + mapWidth || y < head || y >= head + mapHeight) return undefined
  const width = columnWidth(layout, view.scale)
  const slot = Math.floor((x - mapLeft + view.left) / columnPitch(layout, view.scale))
  const across = x - columnX(layout, view, slot)
  const sector = view.top + (y - head) / view.scale
  if (slot < 0 || slot >= slots || across >= width || sector >= sectors) return undefined
  const detail = detailOf(layout, view)
  const unit = unitOf(layout, detail)
  const line = Math.floor((sector * SECTOR_BYTES) / (unit.bytes * unit.perLine))
  const [left, room] = detail.level === 'bytes' ? byteRoom(layout, width) : [0, width]
  const part = Math.max(0, Math.min(unit.perLine - 1, Math.floor(((across - left) / room) * unit.perLine)))
  const index = line * unit.perLine + part
  return index * unit.bytes < total(layout) ? placeAt(layout, slot, index, unit) : undefined
}

/** Where in a column its bytes begin, and how much room they have. */
export function byteRoom({ magnify, bytesPerLine, fitWidth, deepWidth }: ZoomLayout, width: number): [number, number] {
  // A column that grows has its bytes grow with it.
  const grown = deepWidth > fitWidth ? width / deepWidth : 1
  const pad = BYTE_PAD * magnify * grown
  return [pad, Math.min(width - 2 * pad, bytesPerLine * 30 * magnify)]
}

/** Where a place is drawn; a place that is shorter than what is told apart is drawn as a part of it. */
export function boxOfPlace(layout: ZoomLayout, view: ZoomView, place: ZoomPlace): Box {
  const detail = detailOf(layout, view)
  const width = columnWidth(layout, view.scale)
  const x = columnX(layout, view, place.slot)
  const { bytes, perLine } = unitOf(layout, detail)
  const isCell = perLine > 1 && place.length < bytes * perLine
  if (!isCell) {
    const y = sectorY(layout, view, place.from / SECTOR_BYTES)
    return { x, y, width, height: (place.length / SECTOR_BYTES) * view.scale }
  }
  const lineBytes = bytes * perLine
  const line = Math.floor(place.from / lineBytes)
  const [left, room] = detail.level === 'bytes' ? byteRoom(layout, width) : [0, width]
  const first = Math.floor((place.from - line * lineBytes) / bytes)
  const last = Math.min(perLine, Math.max(first + 1, Math.ceil((place.from + place.length - line * lineBytes) / bytes)))
  return {
    x: x + left + (first * room) / perLine,
    y: sectorY(layout, view, (line * lineBytes) / SECTOR_BYTES),
    width: ((last - first) * room) / perLine,
    height: (lineBytes / SECTOR_BYTES) * view.scale,
  }
}

/** What is told apart now at a byte of a member. */
export function placeOfByte(layout: ZoomLayout, view: ZoomView, slot: number, byte: number): ZoomPlace {
  const unit = unitOf(layout, detailOf(layout, view))
  const inside = Math.max(0, Math.min(total(layout) - 1, byte))
  return placeAt(layout, slot, Math.floor(inside / unit.bytes), unit)
}

/** One to the side, or so many lines up or down; at the end of a line, the next column. */
export function moveCursor(layout: ZoomLayout, view: ZoomView, from: ZoomPlace, dx: number, dy: number): ZoomPlace {
  const unit = unitOf(layout, detailOf(layout, view))
  const last = Math.ceil(total(layout) / unit.bytes) - 1
  const index = Math.floor(from.from / unit.bytes)
  const line = Math.floor(index / unit.perLine)
  const lines = Math.floor(last / unit.perLine)
  let slot = from.slot
  let part = index - line * unit.perLine + dx
  if (part < 0 || part >= unit.perLine) {
    const next = slot + Math.sign(dx)
    if (next < 0 || next >= layout.slots) part -= dx
    else {
      slot = next
      part = dx > 0 ? 0 : unit.perLine - 1
    }
  }
  const to = Math.max(0, Math.min(lines, line + dy)) * unit.perLine + part
  return placeAt(layout, slot, Math.max(0, Math.min(last, to)), unit)
}
