/** Paints the timeline: tracks with marks, bands of work, skips, events, and the line that is now. */
import { duration } from './format.ts'
import { MARK_FLUSH, MARK_META, MARK_PARITY, MARK_READ, type TimelineBook } from '../model/timeline_book.ts'

export interface TimelineColours {
  readonly ink: string
  readonly ink2: string
  readonly line: string
  readonly data: string
  readonly parity: string
  readonly amber: string
  readonly amberInk: string
  readonly amberFill: string
  readonly danger: string
  readonly grey: string
  readonly panel: string
  readonly font: string
}

export interface TimelineView {
  readonly width: number
  readonly height: number
  readonly tracks: readonly string[]
  /** Length of played time that is shown, in nanoseconds. */
  readonly window: number
}

const LABEL_WIDTH = 58
const RIGHT = 26
const AXIS = 20
/** Of one lane of events; a second one where there is room for it. */
const LANE = 17
const TALL = 150
const TOP = 16

/** Where things are, in pixels; also for finding what lies under the pointer. */
export function timelineGeometry(view: TimelineView, now: number) {
  const from = now - view.window
  const end = view.width - RIGHT
  const scale = (end - LABEL_WIDTH) / view.window
  const x = (time: number): number => end - (now - time) * scale
  const lanes = view.height >= TALL ? 2 : 1
  const events = lanes * LANE
  const room = view.height - AXIS - events - TOP
  const pitch = Math.max(11, Math.min(28, room / Math.max(1, view.tracks.length)))
  return { from, x, pitch, lanes, eventsY: TOP + view.tracks.length * pitch + events / 2 }
}

export function paintTimeline(
  context: CanvasRenderingContext2D,
  book: TimelineBook,
  view: TimelineView,
  colours: TimelineColours,
): void {
  const { width, height, tracks } = view
  const { now } = book
  const { from, x, pitch, lanes, eventsY } = timelineGeometry(view, now)
  const end = width - RIGHT
  const bottom = eventsY + (lanes * LANE) / 2
  context.clearRect(0, 0, width, height)
  context.font = `12px ${colours.font}`
  context.textBaseline = 'middle'

  for (const band of book.bands) {
    if (band.to < from) continue
    const left = Math.max(LABEL_WIDTH, x(Math.max(band.from, from)))
    const right = Math.min(end, x(Math.min(band.to, now)))
    context.fillStyle = colours.amberFill
    context.fillRect(left, 0, Math.max(2, right - left), TOP + tracks.length * pitch)
    if (right - left > 50) {
      context.fillStyle = colours.amberInk
      context.textAlign = 'left'
      context.fillText(band.text, left + 5, 9)
    }
  }

  tracks.forEach((name, i) => {
    const y = TOP + (i + 0.5) * pitch
    context.fillStyle = colours.ink2
    context.textAlign = 'left'
    context.fillText(name, 12, y)
    context.fillStyle = colours.line
    context.fillRect(LABEL_WIDTH, y - 0.5, end - LABEL_WIDTH, 1)
    // One mark a pixel and kind is all that can be seen.
    let lastX = Infinity
    const tall = Math.min(13, pitch - 5)
    book.track(name).since(from, (time, kind) => {
      const at = Math.round(x(time))
      if (at >= lastX - 1 && at <= lastX) return
      lastX = at
      context.fillStyle =
        kind === MARK_PARITY ? colours.parity : kind === MARK_META || kind === MARK_FLUSH ? colours.grey : colours.data
      const mark = kind === MARK_READ ? tall * 0.55 : kind === MARK_FLUSH ? tall * 0.7 : tall
      context.globalAlpha = kind === MARK_READ ? 0.75 : 1
      context.fillRect(at - 1, y - mark / 2, kind === MARK_FLUSH ? 1 : 2.5, mark)
      context.globalAlpha = 1
    })
  })

  for (const skip of book.played.skips) {
    if (skip.at < from) continue
    const at = x(skip.at)
    context.strokeStyle = colours.grey
    context.lineWidth = 1
    context.setLineDash([2, 3])
    context.beginPath()
    context.moveTo(at, 2)
    context.lineTo(at, bottom - 4)
    context.stroke()
    context.setLineDash([])
  }
  paintSkipLabels(context, book, x, from, height, colours)

  paintEvents(context, book, x, { from, end, lanes, middle: eventsY }, colours)

  context.fillStyle = colours.ink
  context.fillRect(end - 0.75, 0, 1.5, bottom)
  context.beginPath()
  context.arc(end, bottom, 5, 0, 2 * Math.PI)
  context.fill()
}

/** Along the lower edge: how long the skipped stretches were, and how long the whole is. */
function paintSkipLabels(
  context: CanvasRenderingContext2D,
  book: TimelineBook,
  x: (time: number) => number,
  from: number,
  height: number,
  colours: TimelineColours,
): void {
  const y = height - AXIS / 2 - 1
  context.fillStyle = colours.ink2
  context.textAlign = 'left'
  const whole = `← ${duration(book.now - from)}`
  context.fillText(whole, LABEL_WIDTH, y)
  let free = LABEL_WIDTH + context.measureText(whole).width + 16
  context.textAlign = 'center'
  for (const skip of book.played.skips) {
    if (skip.at < from) continue
    const at = x(skip.at)
    const words = `// ${duration(skip.to - skip.from)}`
    const half = context.measureText(words).width / 2
    if (at - half < free) continue
    context.fillText(words, at, y)
    free = at + half + 10
  }
}

/** The events as marks with words, in the second lane, if there is one, what would stand on the words of the first. */
function paintEvents(
  context: CanvasRenderingContext2D,
  book: TimelineBook,
  x: (time: number) => number,
  room: { readonly from: number; readonly end: number; readonly lanes: number; readonly middle: number },
  colours: TimelineColours,
): void {
  const { from, end, lanes, middle } = room
  context.textAlign = 'left'
  context.fillStyle = colours.ink2
  context.fillText('events', 12, middle)
  const free = new Array<number>(lanes).fill(LABEL_WIDTH - 8)
  for (const event of book.events) {
    if (event.at < from) continue
    const at = x(event.at)
    const lane = free.findIndex((edge) => at - 7 >= edge)
    if (lane < 0) continue
    const y = middle + (lane - (lanes - 1) / 2) * LANE
    const { danger, amber, amberInk, grey, ink2 } = colours
    const [mark, words] = { danger: [danger, danger], amber: [amber, amberInk], plain: [grey, ink2] }[event.tone]
    context.fillStyle = mark
    context.beginPath()
    context.moveTo(at, y - 5)
    context.lineTo(at + 5, y + 4)
    context.lineTo(at - 5, y + 4)
    context.fill()
    const wide = context.measureText(event.text).width
    const occupied = free[lane]
    free[lane] = at + 7
    // Behind its mark; before it, where the line that is now would be in the way.
    const isBehind = at + 9 + wide < end - 6
    const left = isBehind ? at + 9 : at - 9 - wide
    if (!isBehind && left < occupied) continue
    context.fillStyle = words
    context.fillText(event.text, left, y)
    free[lane] = Math.max(free[lane], left + wide + 10)
  }
}
