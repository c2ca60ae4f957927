/**
 * Paints the tracks of a recording, by completed disk I/Os: how much happened where, or, of a short stretch, every I/O by itself;
 * notable events; idle stretches; and the moment that is shown.
 */
import type { MarkerFrame } from '../../engine/api/frame.ts'
import type { Track } from '../../engine/api/timeline_tracks.ts'
import { FLUSH, META, READ, TRACE, TRACE_COLUMNS } from '../../engine/api/vocabulary.ts'
import type { RecordingBook } from '../model/recording_book.ts'
import { clock, count, duration } from './format.ts'
import type { RecordingWindow } from './recording_window.ts'
import type { TimelineColours } from './timeline_paint.ts'

export interface RecordingTrack {
  readonly track: Track
  readonly name: string
}

export interface RecordingView {
  readonly width: number
  readonly height: number
  readonly tracks: readonly RecordingTrack[]
  readonly window: RecordingWindow
  readonly selected: Track | undefined
  /** The step that is shown, and the newest. */
  readonly step: number
  readonly newest: number
}

const LABEL_WIDTH = 66
const RIGHT = 14
const AXIS = 20
const TOP = 3

export interface RecordingGeometry {
  readonly left: number
  readonly right: number
  readonly pitch: number
  readonly bottom: number
  x(step: number): number
  stepAt(x: number): number
}

/** Where things are, in pixels; also for finding what lies under the pointer. */
export function recordingGeometry({ width, height, tracks, window }: RecordingView): RecordingGeometry {
  const left = LABEL_WIDTH
  const right = Math.max(left + 1, width - RIGHT)
  const pitch = Math.max(10, Math.min(28, (height - AXIS - TOP) / Math.max(1, tracks.length)))
  const span = Math.max(1, window.to - window.from)
  return {
    left,
    right,
    pitch,
    bottom: TOP + tracks.length * pitch,
    x: (step) => left + ((step - window.from) / span) * (right - left),
    stepAt: (x) => window.from + ((x - left) / (right - left)) * span,
  }
}

/** The track at a height, or -1. */
export function trackAt(view: RecordingView, y: number): number {
  const row = Math.floor((y - TOP) / recordingGeometry(view).pitch)
  return row >= 0 && row < view.tracks.length ? row : -1
}

export function isSameTrack(a: Track | undefined, b: Track | undefined): boolean {
  return a?.kind === b?.kind && a?.number === b?.number
}

/** @param markers all of the recording */
export function paintRecording(
  context: CanvasRenderingContext2D,
  book: RecordingBook,
  view: RecordingView,
  markers: readonly MarkerFrame[],
  isParity: (disk: number, sector: number) => boolean,
  colours: TimelineColours,
): void {
  const { width, height, tracks, window } = view
  const geometry = recordingGeometry(view)
  const { left, right, pitch, bottom, x } = geometry
  context.clearRect(0, 0, width, height)
  context.font = `12px ${colours.font}`
  context.textBaseline = 'middle'
  const inside = markers.filter(({ step }) => step >= window.from && step <= window.to)
  tracks.forEach(({ track, name }, i) => {
    const y = TOP + i * pitch
    if (isSameTrack(track, view.selected)) {
      context.fillStyle = colours.line
      context.fillRect(0, y, width, pitch)
      context.fillStyle = colours.ink
      context.fillRect(0, y, 3, pitch)
    }
    context.fillStyle = isSameTrack(track, view.selected) ? colours.ink : colours.ink2
    context.textAlign = 'left'
    context.fillText(name, 12, y + pitch / 2)
    context.fillStyle = colours.line
    context.fillRect(left, y + pitch - 1, right - left, 1)
    if (track.kind === 'lines' || track.kind === 'power' || track.kind === 'faults') {
      paintMarks(
        context,
        inside.filter(({ kind }) => trackOf(kind) === track.kind),
        geometry,
        y,
        colours,
      )
    } else if (book.detail !== null && track.kind === 'disk') {
      paintSingle(context, book.detail.rows, track.number, view, geometry, y, isParity, colours)
      // What the trace of this stretch does not tell is there as a sum.
      if (book.detail.from > window.from) {
        paintSums(context, book, track, { from: window.from, to: book.detail.from - 1 }, geometry, y, colours)
      }
    } else paintSums(context, book, track, window, geometry, y, colours)
  })
  for (const { kind, step } of inside) {
    if (kind !== 'idle') continue
    const at = Math.round(x(step)) + 0.5
    context.strokeStyle = colours.grey
    context.setLineDash([2, 3])
    context.lineWidth = 1
    context.beginPath()
    context.moveTo(at, 0)
    context.lineTo(at, bottom)
    context.stroke()
    context.setLineDash([])
  }
  paintAxis(context, book, view, inside, geometry, colours)
  const now = x(view.step)
  if (now >= left - 1 && now <= right + 1) {
    context.fillStyle = colours.ink
    context.fillRect(now - 0.75, 0, 1.5, bottom)
    context.beginPath()
    context.arc(now, bottom + 3, 4, 0, 2 * Math.PI)
    context.fill()
  }
  if (view.step < view.newest && now < right) {
    context.fillStyle = colours.panel
    context.globalAlpha = 0.55
    context.fillRect(Math.max(left, now + 1), 0, right - Math.max(left, now + 1), bottom)
    context.globalAlpha = 1
  }
}

/** On which track of the machine a marker is, if on one. */
export function trackOf(kind: MarkerFrame['kind']): Track['kind'] | undefined {
  if (kind === 'command' || kind === 'failure') return 'lines'
  if (kind === 'power') return 'power'
  return kind === 'fault' || kind === 'disk' ? 'faults' : undefined
}

/** Notable events, with words where there is room. */
function paintMarks(
  context: CanvasRenderingContext2D,
  marks: readonly MarkerFrame[],
  { right, pitch, x }: RecordingGeometry,
  y: number,
  colours: TimelineColours,
): void {
  const middle = y + pitch / 2
  let free = -Infinity
  marks.forEach(({ kind, step, text }, i) => {
    const at = x(step)
    const isGrave = kind === 'power' || kind === 'fault' || kind === 'disk' || kind === 'failure'
    context.fillStyle = isGrave ? colours.danger : colours.grey
    context.beginPath()
    context.moveTo(at, middle - 5)
    context.lineTo(at + 4.5, middle + 4)
    context.lineTo(at - 4.5, middle + 4)
    context.fill()
    const end = i + 1 < marks.length ? x(marks[i + 1].step) - 8 : right
    const room = end - at - 10
    if (at + 8 < free || room < 30) return
    context.fillStyle = isGrave ? colours.danger : colours.ink2
    let words = text.split('\n')[0]
    while (words.length > 4 && context.measureText(words).width > room) words = `${words.slice(0, -3)}…`
    if (words.length <= 4 && words !== text) return
    context.fillText(words, at + 8, middle)
    free = at + 8 + context.measureText(words).width
  })
}

/** What is drawn of each kind of track, from the lower edge up. */
const LAYERS: Readonly<
  Record<
    string,
    readonly (readonly [columns: readonly string[], colour: 'data' | 'grey' | 'amber' | 'danger', alpha: number])[]
  >
> = {
  disk: [
    [['writes'], 'data', 1],
    [['reads'], 'data', 0.45],
    [['flushes', 'discards'], 'grey', 1],
  ],
  array: [
    [['bitsSet', 'bitsCleared'], 'amber', 1],
    [['superblocks', 'states'], 'grey', 1],
    [['syncs'], 'amber', 0.4],
    [['mismatches', 'members'], 'danger', 1],
  ],
  mapped: [[['states'], 'amber', 1]],
}

function paintSums(
  context: CanvasRenderingContext2D,
  book: RecordingBook,
  track: Track,
  window: RecordingWindow,
  { left, right, pitch, x, stepAt }: RecordingGeometry,
  y: number,
  colours: TimelineColours,
): void {
  const layers = LAYERS[track.kind] ?? []
  const from = Math.max(left, Math.floor(x(window.from)))
  const to = Math.min(right, Math.ceil(x(window.to)))
  const bucket = x(book.stepsPerBucket) - x(0)
  const columns: { at: number; sums: number[]; whole: number }[] = []
  let most = 1
  const add = (at: number, first: number, last: number): void => {
    const sums = layers.map(([names]) => book.sum(track, names, first, last))
    const whole = sums.reduce((a, b) => a + b, 0)
    most = Math.max(most, whole)
    if (whole > 0) columns.push({ at, sums, whole })
  }
  // A column for each bucket where there is room for it, and else for each pixel.
  const width = bucket < 1.5 ? 1 : Math.min(6, bucket * 0.8)
  if (bucket < 1.5) for (let at = from; at < to; at++) add(at, stepAt(at), stepAt(at + 1))
  else {
    const size = book.stepsPerBucket
    const middle = (size - 1) / 2
    for (let first = Math.floor(window.from / size) * size; first <= window.to; first += size) {
      const at = x(first + middle) - width / 2
      if (at >= left - width && at <= right) add(at, first, first + size)
    }
  }
  const tall = pitch - 4
  for (const { at, sums, whole } of columns) {
    const height = Math.max(2, tall * Math.sqrt(whole / most))
    let base = y + pitch - 2
    sums.forEach((sum, i) => {
      if (sum === 0) return
      const part = (sum / whole) * height
      const [, colour, alpha] = layers[i]
      context.fillStyle = colours[colour]
      context.globalAlpha = alpha
      context.fillRect(at, base - part, width, part)
      base -= part
    })
  }
  context.globalAlpha = 1
}

/** Each I/O of a disk by itself. */
function paintSingle(
  context: CanvasRenderingContext2D,
  rows: Float64Array,
  disk: number,
  { window }: RecordingView,
  { pitch, x }: RecordingGeometry,
  y: number,
  isParity: (disk: number, sector: number) => boolean,
  colours: TimelineColours,
): void {
  const width = Math.max(1.5, Math.min(10, (x(1) - x(0)) * 0.7))
  const middle = y + pitch / 2
  const tall = Math.min(15, pitch - 3)
  for (let at = 0; at < rows.length; at += TRACE_COLUMNS) {
    if (rows[at + 1] !== TRACE.disk_io || rows[at + 3] !== disk) continue
    const step = rows[at + 2]
    if (step < window.from || step > window.to) continue
    const flags = rows[at + 5]
    const op = flags & 7
    const isFlush = op === FLUSH || rows[at + 7] === 0
    const height = isFlush ? tall * 0.7 : op === READ ? tall * 0.55 : tall
    const isMeta = isFlush || (flags & META) !== 0
    context.fillStyle = isMeta ? colours.grey : isParity(disk, rows[at + 6]) ? colours.parity : colours.data
    context.fillRect(x(step) - width / 2, middle - height / 2, isFlush ? Math.min(1.5, width) : width, height)
  }
}

/** Steps and times along the lower edge, and how long nothing happened. */
function paintAxis(
  context: CanvasRenderingContext2D,
  book: RecordingBook,
  { height, window }: RecordingView,
  inside: readonly MarkerFrame[],
  { left, right, x }: RecordingGeometry,
  colours: TimelineColours,
): void {
  const y = height - AXIS / 2 + 1
  context.fillStyle = colours.ink2
  context.textAlign = 'left'
  let free = left
  const place = (at: number, words: string): void => {
    const wide = context.measureText(words).width
    const from = Math.max(left, Math.min(right - wide, at - wide / 2))
    if (from < free) return
    context.fillText(words, from, y)
    free = from + wide + 14
  }
  const idle = inside.filter(({ kind }) => kind === 'idle').map(({ step, text }) => [step, text] as const)
  const said = idle.map(([step, text]) => [step, `// ${text.replace('nothing happens for ', '')}`] as const)
  const ticks = stepTicks(window).map((step) => {
    const time = book.timeOf(step)
    return [
      step,
      Number.isNaN(time)
        ? count(step)
        : `${count(step)} · ${time < 1e9 ? duration(time) : clock(time).slice(0, -6) + ' s'}`,
    ] as const
  })
  for (const [step, words] of [...ticks, ...said].sort((a, b) => a[0] - b[0])) place(x(step), words)
}

/** Round numbers of steps in a window, about five of them. */
export function stepTicks({ from, to }: RecordingWindow): readonly number[] {
  const rough = Math.max(1, (to - from) / 5)
  const size = 10 ** Math.floor(Math.log10(rough))
  const step = Math.max(1, Math.round(size * ([1, 2, 5, 10].find((factor) => size * factor >= rough) ?? 10)))
  const ticks: number[] = []
  for (let at = Math.ceil(from / step) * step; at <= to; at += step) ticks.push(at)
  return ticks
}
