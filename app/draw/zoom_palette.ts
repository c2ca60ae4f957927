/** The colours and patterns of the map, made of the theme's own. */
import { interpolateRgb } from 'd3-interpolate'
import { HEAT_MAX, RANK_LOST, RANK_NEW, RANK_READ, RANK_STALE, RANK_UNKNOWN, RANK_WRITE } from '../model/chunk_field.ts'
import { customProperties } from './canvas.ts'

const PROPERTIES = {
  data: '--data',
  dataInk: '--data-ink',
  dataFill: '--data-fill',
  dataFill2: '--data-fill-2',
  parity: '--parity',
  parityInk: '--parity-ink',
  parityFill: '--parity-fill',
  parityFill2: '--parity-fill-2',
  q: '--q',
  qInk: '--q-ink',
  qFill: '--q-fill',
  qFill2: '--q-fill-2',
  amber: '--amber',
  amberInk: '--amber-ink',
  amberFill: '--amber-fill',
  danger: '--danger',
  dangerInk: '--danger-ink',
  dangerFill: '--danger-fill',
  line: '--line',
  line2: '--line-2',
  lineStrong: '--line-strong',
  panel: '--panel',
  panel2: '--panel-2',
  ink: '--ink',
  ink2: '--ink-2',
  ink3: '--ink-3',
  solid: '--solid',
  focus: '--focus',
  font: '--font',
  mono: '--mono',
} as const

export type ZoomColours = Readonly<Record<keyof typeof PROPERTIES, string>>

/** Of one kind of chunk. */
export interface Hue {
  readonly accent: string
  readonly ink: string
  readonly fill: string
  readonly fill2: string
}

export interface ZoomPalette {
  readonly colours: ZoomColours
  readonly data: Hue
  readonly parity: Hue
  readonly q: Hue
  /** Of a cell by its rank, and behind those of data those of parity: four bytes each, as a picture has them. */
  readonly cells: Uint32Array
  /** Of a byte by its value. */
  readonly shades: Uint32Array
  readonly hatch: CanvasPattern | null
  readonly copyHatch: CanvasPattern | null
  readonly lines: CanvasPattern | null
  readonly staleData: CanvasPattern | null
  readonly staleParity: CanvasPattern | null
  readonly staleQ: CanvasPattern | null
  readonly dots: CanvasPattern | null
  readonly crosses: CanvasPattern | null
}

/** Colours as the pixels of a picture have them: painted once, and read back. */
function pixelsOf(colours: readonly string[]): Uint32Array {
  const canvas = document.createElement('canvas')
  canvas.width = colours.length
  canvas.height = 1
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (!context) return new Uint32Array(colours.length)
  colours.forEach((colour, x) => {
    context.fillStyle = colour
    context.fillRect(x, 0, 1, 1)
  })
  return new Uint32Array(context.getImageData(0, 0, colours.length, 1).data.buffer)
}

function cellColours(colours: ZoomColours): Uint32Array {
  const unknown = interpolateRgb(colours.line, colours.lineStrong)(0.3)
  const hue = (fill: string, accent: string): readonly string[] => {
    const cells: string[] = []
    const warmer = interpolateRgb(fill, accent)
    for (let heat = 0; heat <= HEAT_MAX; heat++) cells[heat] = warmer((heat / HEAT_MAX) * 0.5)
    cells[RANK_READ] = warmer(0.7)
    cells[RANK_WRITE] = accent
    cells[RANK_UNKNOWN] = unknown
    cells[RANK_NEW] = colours.amber
    cells[RANK_STALE] = colours.danger
    cells[RANK_LOST] = colours.line2
    return cells
  }
  return pixelsOf([...hue(colours.dataFill, colours.data), ...hue(colours.parityFill, colours.parity)])
}

function byteShades({ panel, data }: ZoomColours): Uint32Array {
  const darker = interpolateRgb(panel, data)
  const shade = (value: number): string => (value === 0 ? 'transparent' : darker(0.18 + (0.62 * value) / 255))
  return pixelsOf(Array.from({ length: 256 }, (_, value) => shade(value)))
}

/** A pattern of so many pixels, painted at twice its size. */
function pattern(
  context: CanvasRenderingContext2D,
  size: number,
  paint: (context: CanvasRenderingContext2D) => void,
): CanvasPattern | null {
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = size * 2
  const own = canvas.getContext('2d')
  if (!own) return null
  own.scale(2, 2)
  paint(own)
  const made = context.createPattern(canvas, 'repeat')
  made?.setTransform(new DOMMatrix().scale(0.5))
  return made
}

const diagonals =
  (size: number, width: number, colour: string, alpha: number) =>
  (context: CanvasRenderingContext2D): void => {
    context.strokeStyle = colour
    context.globalAlpha = alpha
    context.lineWidth = width
    context.beginPath()
    for (const shift of [-size, 0, size]) {
      context.moveTo(shift - 1, size + 1)
      context.lineTo(shift + size + 1, -1)
    }
    context.stroke()
  }

export function zoomPalette(context: CanvasRenderingContext2D): ZoomPalette {
  const colours = customProperties(context.canvas, PROPERTIES)
  const { data, dataInk, dataFill, dataFill2, parity, parityInk, parityFill, parityFill2, lineStrong } = colours
  const { q, qInk, qFill, qFill2 } = colours
  return {
    colours,
    data: { accent: data, ink: dataInk, fill: dataFill, fill2: dataFill2 },
    parity: { accent: parity, ink: parityInk, fill: parityFill, fill2: parityFill2 },
    q: { accent: q, ink: qInk, fill: qFill, fill2: qFill2 },
    cells: cellColours(colours),
    shades: byteShades(colours),
    hatch: pattern(context, 10, diagonals(10, 1, parity, 0.22)),
    copyHatch: pattern(context, 10, diagonals(10, 1, data, 0.22)),
    staleData: pattern(context, 11, diagonals(11, 4, data, 0.8)),
    staleParity: pattern(context, 11, diagonals(11, 4, parity, 0.9)),
    staleQ: pattern(context, 11, diagonals(11, 4, q, 0.9)),
    lines: pattern(context, 7, (own) => {
      own.strokeStyle = q
      own.globalAlpha = 0.3
      own.beginPath()
      own.moveTo(0, 3.5)
      own.lineTo(7, 3.5)
      own.stroke()
    }),
    dots: pattern(context, 5, (own) => {
      own.fillStyle = lineStrong
      own.beginPath()
      own.arc(1.5, 1.5, 0.9, 0, 7)
      own.fill()
    }),
    crosses: pattern(context, 14, (own) => {
      own.strokeStyle = lineStrong
      own.globalAlpha = 0.7
      own.lineWidth = 1.2
      own.beginPath()
      own.moveTo(4, 4)
      own.lineTo(10, 10)
      own.moveTo(10, 4)
      own.lineTo(4, 10)
      own.stroke()
    }),
  }
}
