/** The cells of the heat map. Colours are those of the small drawing; the text below the map tells the rest. */
import { LOST, NEW, STALE, UNKNOWN, type ChunkField } from '../model/chunk_field.ts'

export interface HeatColours {
  readonly data: string
  readonly dataFill: string
  readonly dataFill2: string
  readonly parity: string
  readonly parityFill: string
  readonly parityFill2: string
  readonly amber: string
  readonly danger: string
  readonly line: string
  readonly line2: string
  readonly panel: string
  readonly ink2: string
  readonly ink: string
  readonly font: string
}

/** What a cell looks like, as one small number: a cell is painted again only when it changes. */
export function heatCode(field: ChunkField, chunk: number, now: number): number {
  const heat = field.heat(chunk, now)
  return (field.state[chunk] << 6) | (field.activity[chunk] << 4) | (field.isParity[chunk] << 3) | heat
}

export function paintHeatCell(
  context: CanvasRenderingContext2D,
  code: number,
  x: number,
  y: number,
  width: number,
  height: number,
  colours: HeatColours,
): void {
  const state = code >> 6
  const activity = (code >> 4) & 3
  const isParity = (code & 8) !== 0
  const heat = code & 7
  const [accent, fill, fill2] = isParity
    ? [colours.parity, colours.parityFill, colours.parityFill2]
    : [colours.data, colours.dataFill, colours.dataFill2]
  context.fillStyle = colours.panel
  context.fillRect(x, y, width, height)
  const gap = height > 4 ? 1 : 0
  const w = width - gap
  const h = height - gap
  context.fillStyle = state === LOST ? colours.line2 : state === UNKNOWN ? colours.line : heat > 1 ? fill2 : fill
  context.fillRect(x, y, w, h)
  if (isParity && w > 5) {
    // Parity has a bar, so that colour alone need not tell.
    context.fillStyle = accent
    context.fillRect(x, y, 2, h)
  }
  if (activity !== 0) {
    context.fillStyle = accent
    context.fillRect(x, y, w, h)
  } else if (state === NEW) {
    // Only in a cache: dots, as the dotted edge of a single chunk.
    context.fillStyle = accent
    const size = Math.max(1, Math.floor(h / 4))
    for (let at = x; at < x + w; at += size * 2) context.fillRect(at, y + h - size, size, size)
    for (let at = x; at < x + w; at += size * 2) context.fillRect(at, y, size, size)
  } else if (state === STALE) {
    context.fillStyle = colours.danger
    context.fillRect(x, y + h / 3, w, Math.max(1, h / 3))
  }
}

/** The bitmap's word on a row: in memory, on the disks. */
export function paintHeatBits(
  context: CanvasRenderingContext2D,
  memory: number,
  disk: number,
  x: number,
  y: number,
  height: number,
  colours: HeatColours,
): void {
  const tall = Math.max(1, height - (height > 4 ? 1 : 0))
  context.fillStyle = colours.panel
  context.fillRect(x, y, 7, height)
  context.fillStyle = memory === 0 ? colours.line2 : colours.amber
  context.fillRect(x, y, 3, memory === 2 ? Math.ceil(tall / 2) : tall)
  context.fillStyle = disk === 0 ? colours.line2 : colours.ink
  context.fillRect(x + 4, y, 3, tall)
}
