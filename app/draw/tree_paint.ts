/** Paints a hash tree. Every state has a shape of its own besides its colour. */
import {
  TREE_CACHED,
  TREE_DIRTY,
  TREE_FAILS,
  TREE_VERIFIED,
  TREE_WOULD_FAIL,
  type HashTreeLook,
} from '../../engine/api/hash_tree_flags.ts'
import { customProperties } from './canvas.ts'
import { cellAt, cellsOf, type TreeLayout, type TreePlace } from './tree_layout.ts'

const PROPERTIES = {
  data: '--data',
  dataFill: '--data-fill',
  dataFill2: '--data-fill-2',
  amber: '--amber',
  amberFill: '--amber-fill',
  danger: '--danger',
  dangerFill: '--danger-fill',
  lineStrong: '--line-strong',
  panel: '--panel',
  panel2: '--panel-2',
  ink: '--ink',
  ink3: '--ink-3',
  focus: '--focus',
  font: '--font',
} as const

export type TreeColours = Readonly<Record<keyof typeof PROPERTIES, string>>

export function treeColours(element: Element): TreeColours {
  return customProperties(element, PROPERTIES)
}

export interface TreeScene {
  readonly look: HashTreeLook
  readonly layout: TreeLayout
  /** What is pointed at or picked: its branch is drawn. */
  readonly place: TreePlace | undefined
  /** The keyboard is there. */
  readonly hasFocus: boolean
}

/** The flags of a band's blocks, the data's last. */
export function flagsOf(look: HashTreeLook, band: number): Uint8Array {
  return band < look.levels.length ? look.levels[band].blocks : look.data
}

/** All that is true of any block of a cell. */
export function cellFlags(flags: Uint8Array, from: number, to: number): number {
  let all = 0
  for (let block = from; block < to; block++) all |= flags[block]
  return all
}

export function paintTree(context: CanvasRenderingContext2D, colours: TreeColours, scene: TreeScene): void {
  const { look, layout, place } = scene
  context.clearRect(0, 0, layout.width, layout.height)
  context.font = `12px ${colours.font}`
  context.textBaseline = 'middle'
  layout.bands.forEach((band, i) => {
    const isData = i === look.levels.length
    context.fillStyle = colours.ink3
    context.fillText(
      isData ? 'data' : `level ${look.levels.length - 1 - i}`,
      4,
      band.top + Math.min(band.height, 22) / 2,
    )
    const flags = flagsOf(look, i)
    for (let cell = 0; cell < cellsOf(band); cell++) {
      const from = cell * band.perCell
      const { x, y } = cellAt(layout, i, from)
      const state = cellFlags(flags, from, Math.min(band.count, from + band.perCell))
      paintCell(context, colours, x, y, band.pitch - (band.pitch > 9 ? 3 : 1), state, isData)
    }
  })
  if (look.lastWrite !== null) outline(context, scene, look.lastWrite.first, look.lastWrite.count, colours.amber)
  if (place === undefined) return
  paintBranch(context, colours, scene, place)
  const { pitch } = layout.bands[place.band]
  const { x, y } = cellAt(layout, place.band, place.from)
  context.strokeStyle = scene.hasFocus ? colours.focus : colours.ink
  context.lineWidth = 2
  context.strokeRect(x - 2, y - 2, pitch + 1, pitch + 1)
}

/** Smaller cells have no room for a cross. */
const CROSSED_MIN = 9

/** Hollow: nothing is known. Outline: it is in the cache. Filled: it was checked there. Dotted: newer than the disk. */
function paintCell(
  context: CanvasRenderingContext2D,
  colours: TreeColours,
  x: number,
  y: number,
  size: number,
  state: number,
  isData: boolean,
): void {
  const fails = (state & TREE_FAILS) !== 0
  const isVerified = (state & TREE_VERIFIED) !== 0
  const isCached = (state & TREE_CACHED) !== 0
  context.fillStyle = fails
    ? colours.dangerFill
    : isVerified
      ? colours.data
      : isData
        ? colours.dataFill2
        : colours.panel2
  context.fillRect(x, y, size, size)
  context.lineWidth = 1
  context.strokeStyle = fails
    ? colours.danger
    : isCached
      ? colours.data
      : isData
        ? colours.dataFill2
        : colours.lineStrong
  if ((state & TREE_DIRTY) !== 0) {
    context.fillStyle = colours.amberFill
    context.fillRect(x, y, size, size)
    context.strokeStyle = colours.amber
    context.lineWidth = 2
    context.setLineDash([2, 2])
  }
  context.strokeRect(x + 0.5, y + 0.5, size - 1, size - 1)
  context.setLineDash([])
  if (fails && size < CROSSED_MIN) {
    context.fillStyle = colours.danger
    context.fillRect(x, y, size, size)
  } else if (fails) cross(context, colours.danger, x, y, size)
  else if ((state & TREE_WOULD_FAIL) !== 0) corner(context, colours.danger, x, y, size)
}

function cross(context: CanvasRenderingContext2D, colour: string, x: number, y: number, size: number): void {
  context.strokeStyle = colour
  context.lineWidth = size > 9 ? 1.75 : 1.25
  context.beginPath()
  context.moveTo(x + 2, y + 2)
  context.lineTo(x + size - 2, y + size - 2)
  context.moveTo(x + size - 2, y + 2)
  context.lineTo(x + 2, y + size - 2)
  context.stroke()
}

/** What a cut would make of it. */
function corner(context: CanvasRenderingContext2D, colour: string, x: number, y: number, size: number): void {
  context.fillStyle = colour
  context.beginPath()
  context.moveTo(x + size, y)
  context.lineTo(x + size, y + size * 0.6)
  context.lineTo(x + size * 0.4, y)
  context.fill()
}

/** The way from what is pointed at up to the top. */
function paintBranch(
  context: CanvasRenderingContext2D,
  colours: TreeColours,
  { look, layout }: TreeScene,
  place: TreePlace,
): void {
  const perBlock = 2 ** look.bitsPerBlock
  context.strokeStyle = colours.ink
  context.lineWidth = 1.25
  context.beginPath()
  let block = place.from
  for (let band = place.band; band > 0; band--) {
    const from = cellAt(layout, band, block)
    block = Math.floor(block / perBlock)
    const to = cellAt(layout, band - 1, block)
    const [half, upperHalf] = [layout.bands[band].pitch / 2, layout.bands[band - 1].pitch / 2]
    context.moveTo(from.x + half - 1, from.y)
    context.lineTo(to.x + upperHalf - 1, to.y + layout.bands[band - 1].pitch)
  }
  context.stroke()
  // And what lies below, one band down.
  if (place.band === layout.bands.length - 1) return
  const below = layout.bands[place.band + 1]
  const [first, last] = [place.from * perBlock, Math.min(below.count, place.to * perBlock) - 1]
  context.fillStyle = colours.ink
  for (let each = first; each <= last; each += below.perCell) {
    const { x, y } = cellAt(layout, place.band + 1, each)
    context.fillRect(x, y + below.pitch - 2, below.pitch - 2, 2)
  }
}

/** Marks the blocks that were written last, and the way above the first. */
function outline(
  context: CanvasRenderingContext2D,
  { look, layout }: TreeScene,
  first: number,
  count: number,
  colour: string,
): void {
  const perBlock = 2 ** look.bitsPerBlock
  context.strokeStyle = colour
  context.lineWidth = 2
  let [from, to] = [first, first + count - 1]
  for (let band = layout.bands.length - 1; band >= 0; band--) {
    const { perCell, pitch } = layout.bands[band]
    for (let block = from; block <= to; block += perCell) {
      const { x, y } = cellAt(layout, band, block)
      context.strokeRect(x - 1, y - 1, pitch - 1, pitch - 1)
    }
    from = Math.floor(from / perBlock)
    to = Math.floor(to / perBlock)
  }
}
