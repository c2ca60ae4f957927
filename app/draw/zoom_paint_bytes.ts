/** The map where bytes are seen: first as shades, line below line, then as figures. Each column has its own member's. */
import { byteAt, type SeenBytes } from '../model/byte_window.ts'
import { LOST } from '../model/chunk_field.ts'
import { byteRoom } from './zoom_hit.ts'
import {
  columnWidth,
  columnX,
  SECTOR_BYTES,
  sectorY,
  visibleSectors,
  visibleSlots,
  type ZoomLayout,
  type ZoomView,
} from './zoom_layout.ts'
import type { CellPicture } from './zoom_paint_cells.ts'
import { hueOf, type RowPainter } from './zoom_paint_rows.ts'

const HEX = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'))

/** The lines of bytes that are seen: the first one, and how many; lines are numbered from the start of the data. */
export function visibleLines(layout: ZoomLayout, view: ZoomView): { readonly first: number; readonly count: number } {
  const perSector = SECTOR_BYTES / layout.bytesPerLine
  const seen = visibleSectors(layout, view)
  const first = Math.floor(seen.from * perSector)
  return { first, count: Math.ceil(seen.to * perSector) - first }
}

/**
 * @param bytes what is known of a slot's disk
 * @param offsets by slot: sectors on the disk before the array's data
 */
export function paintBytes(
  context: CanvasRenderingContext2D,
  painter: RowPainter,
  picture: CellPicture,
  bytes: (slot: number) => SeenBytes | undefined,
  offsets: readonly number[],
): void {
  const { layout, view, detail, field, palette } = painter
  const { bytesPerLine, magnify, chunkSectors } = layout
  const { colours, shades } = palette
  const slots = visibleSlots(layout, view)
  const width = columnWidth(layout, view.scale)
  const [pad, room] = byteRoom(layout, width)
  const { first, count } = visibleLines(layout, view)
  const pitch = room / bytesPerLine
  const top = sectorY(layout, view, (first * bytesPerLine) / SECTOR_BYTES)
  context.textBaseline = 'middle'
  context.textAlign = 'center'
  for (let slot = slots.from; slot < slots.to; slot++) {
    const seen = bytes(slot)
    if (!seen || count <= 0) continue
    const row = Math.floor((first * bytesPerLine) / SECTOR_BYTES / chunkSectors)
    if (field.state[row * field.slots + slot] === LOST) continue
    const x = columnX(layout, view, slot) + pad
    const from = offsets[slot] * SECTOR_BYTES + first * bytesPerLine
    if (detail.textAlpha < 1) {
      const pixels = picture.begin(bytesPerLine, count)
      for (let i = 0; i < pixels.length; i++) pixels[i] = shades[byteAt(seen, from + i)?.value ?? 0]
      context.imageSmoothingEnabled = false
      context.globalAlpha = detail.shadeAlpha * (1 - detail.textAlpha)
      context.drawImage(picture.end(), x, top, room, count * detail.byteLine)
    }
    if (detail.textAlpha === 0) continue
    context.globalAlpha = detail.textAlpha
    context.fillStyle = colours.line
    const perSector = SECTOR_BYTES / bytesPerLine
    for (let line = Math.ceil(first / perSector) * perSector; line < first + count; line += perSector)
      context.fillRect(x - pad / 2, Math.round(top + (line - first) * detail.byteLine), room + pad, 1)
    for (let line = 0; line < count; line++) {
      const y = top + (line + 0.5) * detail.byteLine
      for (let i = 0; i < bytesPerLine; i++) {
        const byte = byteAt(seen, from + line * bytesPerLine + i)
        if (!byte) continue
        const at = Math.floor(((first + line) * bytesPerLine) / SECTOR_BYTES / chunkSectors)
        const hue = hueOf(palette, field, at, slot)
        if (byte.isNewer) {
          context.fillStyle = colours.amberFill
          context.fillRect(x + i * pitch, y - detail.byteLine / 2, pitch, detail.byteLine)
        }
        context.font = `${byte.isNewer ? 700 : 400} ${12 * magnify}px ${colours.mono}`
        context.fillStyle = byte.isNewer ? colours.amberInk : byte.value === 0 ? colours.ink3 : hue.ink
        context.fillText(HEX[byte.value], x + (i + 0.5) * pitch, y + 0.5)
      }
    }
  }
  context.globalAlpha = 1
  context.textAlign = 'left'
}
