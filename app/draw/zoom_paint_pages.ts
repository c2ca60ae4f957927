/** The map where pages are told apart: those of a chunk below each other, and what is known of each. */
import { LOST, NO_ACTIVITY, UNKNOWN } from '../model/chunk_field.ts'
import { pageWords, type PageMark, type PageMarks } from '../model/page_detail.ts'
import { columnWidth, columnX, PAGE_SECTORS, sectorY, visibleSectors, visibleSlots } from './zoom_layout.ts'
import { hueOf, paintVolatile, type RowPainter } from './zoom_paint_rows.ts'
import type { Hue } from './zoom_palette.ts'

/** In narrower columns pages have no numbers. */
const NUMBER_WIDTH = 52

export function paintPages(context: CanvasRenderingContext2D, painter: RowPainter, marks: PageMarks): void {
  const { layout, view, detail, field } = painter
  const { chunkSectors, magnify } = layout
  const seen = visibleSectors(layout, view)
  const slots = visibleSlots(layout, view)
  const width = columnWidth(layout, view.scale)
  const first = Math.floor(seen.from / PAGE_SECTORS)
  const end = Math.ceil(seen.to / PAGE_SECTORS)
  const inset = Math.min(8, width / 8) * magnify
  const gap = Math.max(0.5, Math.min(3, detail.pageHeight * 0.12))
  context.textBaseline = 'middle'
  for (let slot = slots.from; slot < slots.to; slot++) {
    const x = columnX(layout, view, slot) + inset
    for (let page = first; page < end; page++) {
      const row = Math.floor((page * PAGE_SECTORS) / chunkSectors)
      const state = field.state[row * field.slots + slot]
      if (state === LOST) continue
      const y = sectorY(layout, view, page * PAGE_SECTORS)
      const top = Math.max(y + gap / 2, layout.head - 12)
      const bottom = Math.min(y + detail.pageHeight - gap / 2, layout.head + layout.mapHeight + 12)
      const box = { x, y: top, width: width - inset - 3, height: bottom - top }
      const mark = marks[slot]?.get(page)
      paintPage(context, painter, hueOf(painter.palette, field, row, slot), box, mark, state === UNKNOWN)
      if (detail.pageHeight >= 15 * magnify && detail.textAlpha < 1) {
        const inChunk = page - (row * chunkSectors) / PAGE_SECTORS
        // Of a page taller than the map, the words stay in sight.
        const middle = Math.min(
          Math.max(y + Math.min(detail.pageHeight, 24 * magnify) / 2, layout.head + 12 * magnify),
          y + detail.pageHeight - 12 * magnify,
        )
        context.globalAlpha = detail.pagesAlpha * (1 - detail.shadeAlpha)
        if (context.globalAlpha > 0) paintPageWords(context, painter, row, slot, inChunk, mark, box, middle)
      }
    }
  }
  context.globalAlpha = 1
}

interface PageBox {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

function paintPage(
  context: CanvasRenderingContext2D,
  { palette, detail, layout }: RowPainter,
  hue: Hue,
  { x, y, width, height }: PageBox,
  mark: PageMark | undefined,
  isUnknown: boolean,
): void {
  if (height <= 0) return
  const { colours } = palette
  const radius = Math.min(3, height / 3)
  context.globalAlpha = detail.pagesAlpha
  context.beginPath()
  context.roundRect(x, y, width, height, radius)
  context.fillStyle = mark && mark.plan !== '' ? hue.fill2 : colours.panel
  if (!isUnknown) {
    context.globalAlpha = detail.pagesAlpha * (mark && mark.plan !== '' ? 0.9 : 0.6 + 0.4 * detail.shadeAlpha)
    context.fill()
    context.globalAlpha = detail.pagesAlpha
  }
  if (mark?.wound) {
    context.fillStyle = colours.dangerFill
    context.fill()
    context.strokeStyle = colours.danger
    context.lineWidth = 1.5 * layout.magnify
    context.stroke()
  }
  if (mark && mark.volatileMask !== 0) {
    context.fillStyle = hue.fill2
    context.fill()
    paintVolatile(context, hue, x + 1, y + 1, width - 2, height - 2, layout.magnify)
    if (mark.volatileMask !== 255 && height >= 12) {
      context.fillStyle = hue.accent
      for (let i = 0; i < 8; i++) {
        if ((mark.volatileMask & (1 << i)) !== 0) context.fillRect(x + 3, y + (i * height) / 8, 2.5, height / 8)
      }
    }
  }
  if (mark && mark.activity !== NO_ACTIVITY) {
    context.strokeStyle = hue.accent
    context.lineWidth = 2 * layout.magnify
    context.beginPath()
    context.roundRect(x - 0.5, y - 0.5, width + 1, height + 1, radius)
    context.stroke()
  }
}

function paintPageWords(
  context: CanvasRenderingContext2D,
  painter: RowPainter,
  row: number,
  slot: number,
  page: number,
  mark: PageMark | undefined,
  { x, width }: PageBox,
  middle: number,
): void {
  const { palette, layout, field } = painter
  const { magnify } = layout
  const { colours } = palette
  const hue = hueOf(palette, field, row, slot)
  if (width < NUMBER_WIDTH * magnify && page !== 0) return
  const size = 12 * magnify
  const left = Math.min(10, width / 8) * magnify
  context.textAlign = 'left'
  // The first page says which chunk it begins; with a letter, where its number finds no room.
  context.font = `${page === 0 ? 700 : 400} ${size}px ${colours.font}`
  context.fillStyle = page === 0 ? hue.ink : colours.ink2
  const { label } = painter.mark(row, slot)
  const chunk = context.measureText(label).width + left <= width ? label : label.slice(0, 1)
  const name = page !== 0 ? (width < 70 * magnify ? `p ${page}` : `page ${page}`) : chunk
  context.fillText(name, x + left, middle)
  let used = context.measureText(name).width
  if (page === 0 && width >= used + 70 * magnify) {
    context.font = `400 ${size}px ${colours.font}`
    context.fillStyle = colours.ink2
    context.fillText('page 0', x + left + used + 7 * magnify, middle)
    used += 48 * magnify
  }
  const words = pageWords(mark)
  if (words === '') return
  context.font = `700 ${size}px ${colours.font}`
  const isWound = mark?.wound !== ''
  const fits = left + used + context.measureText(words).width + 16 * magnify <= width
  const short = fits ? words : words.split(' ')[0]
  const wide = context.measureText(short).width
  if (left + used + wide + 16 * magnify > width) return
  context.textAlign = 'right'
  context.fillStyle = isWound ? colours.dangerInk : hue.ink
  context.fillText(short, x + width - 7 * magnify, middle)
  context.textAlign = 'left'
}
