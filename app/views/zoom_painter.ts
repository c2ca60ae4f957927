import type { Painter } from '../draw/canvas.ts'
import { CellPicture, paintCells } from '../draw/zoom_paint_cells.ts'
import { detailOf } from '../draw/zoom_detail.ts'
import type { ZoomCamera } from '../draw/zoom_camera.ts'
import { SECTOR_BYTES, visibleSectors, visibleSlots } from '../draw/zoom_layout.ts'
import type { ZoomPlace } from '../draw/zoom_hit.ts'
import { paintBytes, visibleLines } from '../draw/zoom_paint_bytes.ts'
import { paintBits, paintFront, paintNumbers, paintOutline, paintStrip } from '../draw/zoom_paint_frame.ts'
import { paintPages } from '../draw/zoom_paint_pages.ts'
import { paintRows, type RowPainter } from '../draw/zoom_paint_rows.ts'
import { zoomPalette, type ZoomPalette } from '../draw/zoom_palette.ts'
import type { ArrayPicture } from '../model/array_picture.ts'
import { ByteWindow, type ByteWish } from '../model/byte_window.ts'
import { parseHoverKey } from '../model/hover_id.ts'
import { hoverMarks } from '../model/hover_marks.ts'
import { pagesBetween } from '../model/page_detail.ts'
import type { MachineView } from '../model/machine_view.ts'
import { pageStore, type Selection } from '../model/page_store.ts'
import { syncName } from '../model/sync_name.ts'

/** Paints the map of an array, whenever something of it has changed. */
export class ZoomPainter implements Painter {
  #cursor: ZoomPlace | undefined
  readonly #machine: MachineView
  readonly #array: string
  readonly #camera: ZoomCamera
  readonly #cells = new CellPicture()
  readonly #shades = new CellPicture()
  readonly #strip = new CellPicture()
  readonly bytes: ByteWindow
  #palette: ZoomPalette | undefined
  #bytesArrived = 0
  /** What the last picture was made of. */
  #last: readonly unknown[] = []

  constructor(machine: MachineView, array: string, camera: ZoomCamera) {
    this.#machine = machine
    this.#array = array
    this.#camera = camera
    this.bytes = new ByteWindow(
      (disk, sector, sectors) => machine.peek(disk, sector, sectors),
      () => this.#bytesArrived++,
    )
  }

  /** Where the keyboard is; shown while the map has the focus. */
  get cursor(): ZoomPlace | undefined {
    return this.#cursor
  }

  setCursor(place: ZoomPlace): void {
    this.#cursor = place
  }

  paint(context: CanvasRenderingContext2D, real: number, isAnew: boolean): void {
    this.#camera.step(real)
    const now = this.#machine.picture()
    const array = now.arrays.get(this.#array)
    const { layout, view } = this.#camera
    if (!array || !now.frame || array.field.rows !== layout.rows) return
    const { selection } = this.#state()
    const cursor = context.canvas.matches(':focus-visible') ? this.cursor : undefined
    const marks = hoverMarks()
    this.#wantBytes(array, real)
    const parts = [now.frame, layout, view, selection, cursor, marks, this.#bytesArrived]
    if (!isAnew && parts.every((part, i) => part === this.#last[i])) return
    this.#last = parts
    if (isAnew || !this.#palette) this.#palette = zoomPalette(context)
    this.#draw(context, array, this.#palette)
  }

  /** The data of a slot on its disk: which disk, and how many sectors before it. */
  member(slot: number): { readonly disk: string; readonly dataOffset: number } | undefined {
    const frame = this.#machine.picture().frame?.arrays.find(({ name }) => name === this.#array)
    const found = frame?.members.find((member) => member.slot === slot)
    return found && found.name !== '' ? { disk: found.name, dataOffset: found.dataOffset } : undefined
  }

  /** What was picked, where it was picked on this machine. */
  #state(): { readonly selection: Selection | undefined } {
    const { side, selection } = pageStore.getState()
    return { selection: this.#machine.side === 'only' || side === this.#machine.side ? selection : undefined }
  }

  #wantBytes(array: ArrayPicture, real: number): void {
    const { layout, view } = this.#camera
    const detail = detailOf(layout, view)
    if (detail.shadeAlpha === 0) {
      this.bytes.want([], undefined, real)
      return
    }
    const { first, count } = visibleLines(layout, view)
    const from = Math.floor((first * layout.bytesPerLine) / SECTOR_BYTES)
    const to = Math.ceil(((first + count) * layout.bytesPerLine) / SECTOR_BYTES)
    const slots = visibleSlots(layout, view)
    const wishes: ByteWish[] = []
    for (let slot = slots.from; slot < slots.to; slot++) {
      const member = this.member(slot)
      if (member && array.scene.members[slot]?.state !== 'missing')
        wishes.push({ disk: member.disk, sector: member.dataOffset + from, sectors: to - from })
    }
    this.bytes.want(wishes, this.#machine.picture().frame?.number, real)
  }

  #draw(context: CanvasRenderingContext2D, array: ArrayPicture, palette: ZoomPalette): void {
    const { layout, view } = this.#camera
    const detail = detailOf(layout, view)
    const frame = this.#machine.picture().frame!
    const { field, scene } = array
    const own = frame.arrays.find(({ name }) => name === this.#array)
    const now = frame.time
    const painter: RowPainter = {
      layout,
      view,
      detail,
      field,
      palette,
      now,
      mark: (row, slot) => array.markAt(row, slot, now),
    }
    const members = Array.from({ length: layout.slots }, (_, slot) => this.member(slot))
    const offsets = members.map((member) => member?.dataOffset ?? 0)
    const present = members.flatMap((member) => (member ? [member.dataOffset] : []))
    const isSameOffset = present.every((offset) => offset === present[0])

    context.clearRect(0, 0, layout.width, layout.height)
    paintNumbers(context, painter, isSameOffset ? (present[0] ?? 0) * SECTOR_BYTES : 0)
    context.save()
    context.beginPath()
    context.rect(0, layout.head - 1, layout.strip.x - 6, layout.mapHeight + 3)
    context.clip()
    paintBits(context, painter)
    context.beginPath()
    context.rect(layout.mapLeft - 4, layout.head - 1, layout.mapWidth + 8, layout.mapHeight + 3)
    context.clip()
    if (detail.rowsAlpha < 1) {
      const { cells, finer, finerAlpha } = detail
      const paint = (grid: typeof cells, alpha: number): void =>
        paintCells(context, this.#cells, layout, view, field, grid, palette.cells, alpha)
      paint(cells, 1 - detail.rowsAlpha)
      if (finer && finerAlpha > 0) paint(finer, finerAlpha * (1 - detail.rowsAlpha))
    }
    if (detail.rowsAlpha > 0) paintRows(context, painter)
    if (detail.pagesAlpha > 0 && own) {
      const { from, to } = visibleSectors(layout, view)
      paintPages(context, painter, pagesBetween(frame, own, layout.slots, from, to))
    }
    if (detail.shadeAlpha > 0) {
      const bytesOf = (slot: number) => (members[slot] ? this.bytes.of(members[slot].disk) : undefined)
      paintBytes(context, painter, this.#shades, bytesOf, offsets)
    }
    if (scene.sync) paintFront(context, painter, scene.sync.row, `${syncName(scene.sync.action)} is here`)
    this.#outline(context, palette)
    context.restore()
    paintStrip(context, this.#strip, layout, view, field, palette)
  }

  #outline(context: CanvasRenderingContext2D, { colours }: ZoomPalette): void {
    const { layout, view } = this.#camera
    const chunk = layout.chunkSectors * SECTOR_BYTES
    const { selection } = this.#state()
    const outline = (place: ZoomPlace, colour: string, width: number): void =>
      paintOutline(context, layout, view, place, colour, width)
    const { self, keys } = hoverMarks()
    for (const key of keys) {
      const id = parseHoverKey(key)
      const isSelf = key === self
      if (id?.kind === 'chunk' && id.array === this.#array && id.stripe < layout.rows) {
        context.globalAlpha = isSelf ? 1 : 0.55
        outline({ slot: id.slot, from: id.stripe * chunk, length: chunk }, colours.ink, isSelf ? 2 : 1)
      } else if (id?.kind === 'sector' && isSelf) {
        for (let slot = 0; slot < layout.slots; slot++) {
          const member = this.member(slot)
          if (member?.disk !== id.disk || id.sector < member.dataOffset) continue
          context.globalAlpha = 1
          const from = (id.sector - member.dataOffset) * SECTOR_BYTES
          outline({ slot, from, length: SECTOR_BYTES }, colours.ink, 1.5)
        }
      }
    }
    context.globalAlpha = 1
    if (selection?.kind === 'chunk' && selection.array === this.#array && selection.stripe < layout.rows)
      outline({ slot: selection.slot, from: selection.stripe * chunk, length: chunk }, colours.ink, 1.75)
    if (this.cursor && context.canvas.matches(':focus-visible')) outline(this.cursor, colours.focus, 2.5)
  }
}
