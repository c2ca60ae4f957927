/**
 * What the map draws at a scale: cells that stand for many chunks, chunks, pages, bytes; and how visible each of them is on the way
 * from one to the next, so that nothing jumps.
 */
import { columnWidth, ease, PAGE_SECTORS, SECTOR_BYTES, type ZoomLayout, type ZoomView } from './zoom_layout.ts'

export const ZOOM_LEVELS = ['array', 'stripes', 'pages', 'bytes'] as const
export type ZoomLevel = (typeof ZOOM_LEVELS)[number]

export interface ZoomDetail {
  /** What a person can tell apart, and what is found below a point. */
  readonly level: ZoomLevel
  /** Pixels of a row of chunks, of a page, of a line of bytes. */
  readonly rowHeight: number
  readonly pageHeight: number
  readonly byteLine: number
  readonly cells: CellGrid
  /** The grid of half as many rows to a line, laid over while the next step comes near; and how visible it is. */
  readonly finer: CellGrid | undefined
  readonly finerAlpha: number
  readonly rowsAlpha: number
  readonly pagesAlpha: number
  /** Bytes as shades, and as figures. */
  readonly shadeAlpha: number
  readonly textAlpha: number
}

/** Lines of `2 ** line` rows, each cut into cells of `2 ** cell` rows that stand side by side. */
export interface CellGrid {
  readonly line: number
  readonly cell: number
}

const LINE_MIN = 5
const CELL_MIN = 4

function gridOf(line: number, width: number, magnify: number): CellGrid {
  const fits = Math.floor(Math.log2(Math.max(1, width / (CELL_MIN * magnify))))
  return { line, cell: line - Math.min(line, fits) }
}

export function detailOf(layout: ZoomLayout, { scale }: Pick<ZoomView, 'scale'>): ZoomDetail {
  const { chunkSectors, magnify, bytesPerLine } = layout
  const rowHeight = chunkSectors * scale
  const pageHeight = PAGE_SECTORS * scale
  const byteLine = (scale * bytesPerLine) / SECTOR_BYTES
  const width = columnWidth(layout, scale)
  const least = LINE_MIN * magnify
  const line = Math.max(0, Math.ceil(Math.log2(least / rowHeight) - 1e-9))
  const lineHeight = rowHeight * 2 ** line
  const cells = gridOf(line, width, magnify)
  const finer = line > 0 ? gridOf(line - 1, width, magnify) : undefined
  return {
    level:
      byteLine >= 9 * magnify
        ? 'bytes'
        : pageHeight >= 10 * magnify
          ? 'pages'
          : rowHeight >= 10 * magnify
            ? 'stripes'
            : 'array',
    rowHeight,
    pageHeight,
    byteLine,
    cells,
    finer,
    finerAlpha: finer ? ease(1.55, 2, lineHeight / least) : 0,
    rowsAlpha: ease(7 * magnify, 12 * magnify, rowHeight),
    pagesAlpha: ease(5 * magnify, 11 * magnify, pageHeight),
    shadeAlpha: ease(1.2, 3, byteLine),
    textAlpha: ease(8 * magnify, 12 * magnify, byteLine),
  }
}

/** The scale at which a level is seen best. */
export function scaleOfLevel(layout: ZoomLayout, level: ZoomLevel): number {
  const { chunkSectors, magnify, scaleMin, scaleMax } = layout
  const wanted = {
    array: scaleMin,
    stripes: (26 * magnify) / chunkSectors,
    pages: (26 * magnify) / PAGE_SECTORS,
    bytes: scaleMax,
  }[level]
  return Math.max(scaleMin, Math.min(scaleMax, wanted))
}
