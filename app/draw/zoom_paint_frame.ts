/** What stands around the map's columns: numbers, the bitmap's bits, the front of a sync, the whole array as a strip, and outlines. */
import { scaleLinear } from 'd3-scale'
import type { ChunkField } from '../model/chunk_field.ts'
import { count, hexOffset } from './format.ts'
import type { ZoomDetail } from './zoom_detail.ts'
import { boxOfPlace, type ZoomPlace } from './zoom_hit.ts'
import {
  columnPitch,
  ease,
  PAGE_SECTORS,
  SECTOR_BYTES,
  sectorY,
  visibleSectors,
  type ZoomLayout,
  type ZoomView,
} from './zoom_layout.ts'
import type { CellPicture } from './zoom_paint_cells.ts'
import { rowGap, type RowPainter } from './zoom_paint_rows.ts'
import type { ZoomPalette } from './zoom_palette.ts'

/** The stripes whose numbers are written: every one where there is room, else round ones. */
export function numberedRows(layout: ZoomLayout, view: ZoomView, detail: ZoomDetail): readonly number[] {
  const seen = visibleSectors(layout, view)
  const from = seen.from / layout.chunkSectors
  const to = seen.to / layout.chunkSectors
  if (detail.rowHeight >= 15 * layout.magnify) {
    const first = Math.floor(from)
    return Array.from({ length: Math.max(0, Math.ceil(to) - first) }, (_, i) => first + i)
  }
  const wanted = Math.max(2, layout.mapHeight / (40 * layout.magnify))
  return scaleLinear()
    .domain([from, to])
    .ticks(wanted)
    .filter((row) => Number.isInteger(row) && row < layout.rows)
}

/** @param offset bytes on the disks before the data, where all members have the same; else 0 */
export function paintNumbers(context: CanvasRenderingContext2D, painter: RowPainter, offset: number): void {
  const { layout, view, detail, palette } = painter
  const { head, numbersX, magnify, chunkSectors, mapHeight } = layout
  const { colours } = palette
  const size = 12 * magnify
  context.textAlign = 'right'
  context.textBaseline = 'middle'
  context.fillStyle = colours.ink2
  context.font = `${size}px ${colours.font}`
  const isClose = detail.pagesAlpha > 0.5
  context.fillText('stripe', numbersX, (isClose ? 15 : 31) * magnify)
  if (layout.bits && layout.bits.width >= 10 * magnify) {
    context.textAlign = 'center'
    context.fillText('bits', layout.bits.diskX - 1, 31 * magnify)
    context.textAlign = 'right'
  }
  context.font = `${size}px ${colours.mono}`
  if (isClose) {
    // Where a stripe is taller than the map, its number stands above it, and offsets on the disk beside.
    const row = Math.min(layout.rows - 1, Math.floor((view.top + mapHeight / 2 / view.scale) / chunkSectors))
    context.font = `700 ${size}px ${colours.mono}`
    context.fillStyle = colours.ink
    context.fillText(count(row), numbersX, 31 * magnify)
  }
  context.font = `${size}px ${colours.mono}`
  context.fillStyle = colours.ink2
  const low = head - 2
  const high = head + mapHeight
  const put = (words: string, y: number): void => {
    if (y >= low && y <= high) context.fillText(words, numbersX, y)
  }
  if (!isClose) {
    const half = detail.rowHeight >= 15 * magnify ? (detail.rowHeight - rowGap(detail.rowHeight)) / 2 : 0
    for (const row of numberedRows(layout, view, detail)) {
      const y = sectorY(layout, view, row * chunkSectors) + half
      put(count(row), half === 0 ? Math.max(y, head + 6 * magnify) : y)
    }
    return
  }
  const lineBytes = layout.bytesPerLine
  const isBytes = detail.byteLine >= 9 * magnify
  const step = isBytes
    ? lineBytes * (detail.byteLine >= 14 * magnify ? 1 : 2)
    : PAGE_SECTORS * SECTOR_BYTES * (detail.pageHeight >= 15 * magnify ? 1 : 2)
  const seen = visibleSectors(layout, view)
  // Between two pages further apart than the map is tall, lines of bytes get their numbers too.
  const fine = !isBytes && detail.pageHeight > 120 * magnify ? finerStep(detail, lineBytes, magnify) : step
  const height = isBytes ? detail.byteLine : (fine / SECTOR_BYTES) * view.scale
  const middle = isBytes ? height / 2 : Math.min(height, 24 * magnify) / 2
  for (let at = Math.floor((seen.from * SECTOR_BYTES) / fine) * fine; at < seen.to * SECTOR_BYTES; at += fine) {
    put(hexOffset(offset + at), sectorY(layout, view, at / SECTOR_BYTES) + middle)
  }
}

/** So many bytes that their numbers find room below each other. */
function finerStep({ byteLine }: ZoomDetail, lineBytes: number, magnify: number): number {
  let step = lineBytes
  while ((step / lineBytes) * byteLine < 18 * magnify) step *= 2
  return Math.min(step, PAGE_SECTORS * SECTOR_BYTES)
}

/** The bitmap's bits beside the rows: in memory, on the disks. */
export function paintBits(context: CanvasRenderingContext2D, painter: RowPainter): void {
  const { layout, view, detail, field, palette } = painter
  const { bits, chunkSectors, magnify } = layout
  if (!bits) return
  // From afar and from near they are no more than an edge; in between they stand for themselves.
  const near = ease(44 * magnify, 90 * magnify, detail.rowHeight)
  const width = bits.width * (0.45 + 0.55 * detail.rowsAlpha * (1 - near))
  const { colours } = palette
  const level = detail.rowsAlpha > 0.5 ? 0 : detail.cells.line
  const sectors = chunkSectors * 2 ** level
  const seen = visibleSectors(layout, view)
  const end = Math.ceil(seen.to / sectors)
  const tall = sectors * view.scale
  const gap = level === 0 ? rowGap(tall) : 0
  const radius = level === 0 ? Math.min(3, tall / 4, width / 3) : 0
  for (let at = Math.floor(seen.from / sectors); at < end; at++) {
    const y = sectorY(layout, view, at * sectors)
    const memory = field.bits.at(level, 0, at)
    const disk = field.bits.at(level, 1, at)
    const top = Math.max(y, layout.head - 4)
    const height = Math.min(y + tall - gap, layout.head + layout.mapHeight + 4) - top
    if (height <= 0) continue
    for (const [x, colour] of [
      [bits.diskX - 3 - width, memory === 0 ? colours.line2 : memory === 1 ? colours.amber : colours.amberInk],
      [bits.diskX, disk === 0 ? colours.line2 : colours.solid],
    ] as const) {
      context.fillStyle = colour
      context.beginPath()
      context.roundRect(x, top, width, height, radius)
      context.fill()
      if (colour === colours.amberInk && height >= 6) {
        // A resync is needed: stripes across, as on the small drawing.
        context.fillStyle = colours.amberFill
        for (let dash = top + 2; dash < top + height - 1; dash += 5) context.fillRect(x + 1, dash, width - 2, 2)
      }
    }
  }
}

/** The front of a sync, across all columns. */
export function paintFront(
  context: CanvasRenderingContext2D,
  { layout, view, palette }: RowPainter,
  row: number,
  words: string,
): void {
  const y = sectorY(layout, view, row * layout.chunkSectors)
  if (y < layout.head || y > layout.head + layout.mapHeight) return
  const { colours } = palette
  const right = Math.min(
    layout.mapLeft + layout.mapWidth,
    layout.mapLeft + layout.slots * columnPitch(layout, view.scale) - view.left,
  )
  context.strokeStyle = colours.amber
  context.lineWidth = 2
  context.setLineDash([6, 4])
  context.beginPath()
  context.moveTo(layout.mapLeft - 4, y)
  context.lineTo(right, y)
  context.stroke()
  context.setLineDash([])
  context.font = `700 ${12 * layout.magnify}px ${colours.font}`
  context.textAlign = 'right'
  context.textBaseline = 'middle'
  context.strokeStyle = colours.panel
  context.lineWidth = 5
  context.lineJoin = 'round'
  const above = y > layout.head + 20 * layout.magnify ? y - 9 * layout.magnify : y + 10 * layout.magnify
  context.strokeText(words, right - 6, above)
  context.fillStyle = colours.amberInk
  context.fillText(words, right - 6, above)
  context.textAlign = 'left'
}

/** The whole array from top to bottom, all members in one, and which part of it is seen. */
export function paintStrip(
  context: CanvasRenderingContext2D,
  picture: CellPicture,
  layout: ZoomLayout,
  view: ZoomView,
  field: ChunkField,
  palette: ZoomPalette,
): void {
  const { strip, head, mapHeight, rows } = layout
  const { colours, cells } = palette
  const height = Math.max(1, Math.min(rows, Math.floor(mapHeight)))
  const pixels = picture.begin(1, height)
  for (let y = 0; y < height; y++) {
    const from = Math.floor((y * rows) / height)
    const last = Math.max(from, Math.floor(((y + 1) * rows) / height) - 1)
    pixels[y] = cells[worstOf(field, from, last)]
  }
  context.imageSmoothingEnabled = false
  context.drawImage(picture.end(), strip.x, head, strip.width, mapHeight)
  const seen = visibleSectors(layout, view)
  const y = head + (seen.from / layout.sectors) * mapHeight
  const tall = Math.max(4, ((seen.to - seen.from) / layout.sectors) * mapHeight)
  if (tall >= mapHeight - 1) return
  context.strokeStyle = colours.panel
  context.lineWidth = 4
  context.strokeRect(strip.x - 2, y - 1, strip.width + 4, tall + 2)
  context.strokeStyle = colours.ink
  context.lineWidth = 1.5
  context.strokeRect(strip.x - 2, y - 1, strip.width + 4, tall + 2)
}

/** The most pressing rank of a stretch of rows over all slots; the stretch is covered by two of the pyramid's at most. */
function worstOf({ ranks, slots }: ChunkField, from: number, last: number): number {
  const level = Math.floor(Math.log2(last - from + 1))
  let worst = 0
  for (let slot = 0; slot < slots; slot++) {
    const both = Math.max(ranks.at(level, slot, from >> level), ranks.at(level, slot, last >> level))
    if (both > worst) worst = both
  }
  return worst
}

/** A line around a place. */
export function paintOutline(
  context: CanvasRenderingContext2D,
  layout: ZoomLayout,
  view: ZoomView,
  place: ZoomPlace,
  colour: string,
  lineWidth: number,
): void {
  const box = boxOfPlace(layout, view, place)
  const top = Math.max(box.y, layout.head - 20)
  const bottom = Math.min(box.y + box.height, layout.head + layout.mapHeight + 20)
  if (bottom < layout.head || top > layout.head + layout.mapHeight) return
  const gap = place.length >= layout.chunkSectors * SECTOR_BYTES && box.height > 6 ? rowGap(box.height) : 0
  context.strokeStyle = colour
  context.lineWidth = lineWidth
  context.beginPath()
  context.roundRect(box.x - 1, top - 1, box.width + 2, Math.max(3, bottom - top + 2 - gap), box.height > 8 ? 4 : 1)
  context.stroke()
}
