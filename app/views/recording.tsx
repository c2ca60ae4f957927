import {
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
  type KeyboardEvent,
  type MouseEvent,
  type ReactElement,
} from 'react'
import { useStore } from 'zustand'
import type { Track } from '../../engine/api/timeline_tracks.ts'
import { count } from '../draw/format.ts'
import { isSameTrack, recordingGeometry, trackAt, trackOf, type RecordingTrack } from '../draw/recording_paint.ts'
import { RecordingZoom, WINDOW_SINGLE, type RecordingWindow } from '../draw/recording_window.ts'
import { enginePort, picture } from '../model/engine.ts'
import { RecordingBook } from '../model/recording_book.ts'
import { seek, selectTrack } from '../model/time_actions.ts'
import { timeStore } from '../model/time_store.ts'
import { RecordingPainter } from './recording_painter.ts'
import { useExtent } from './use_extent.ts'
import { usePainter } from './use_painter.ts'

/** How often the worker is asked what is new, in milliseconds. */
const PERIOD = 250
/** A key makes what is seen so much shorter or longer. */
const ZOOM = 0.5
/** Of a turn of the wheel by one pixel. */
const WHEEL = 1.0015
/** A press that moves no farther is none that drags, in pixels. */
const STILL = 4
const MINORS = 1048576

/** A recording and the part of it that is looked at: for as long as the page is there. */
const book = new RecordingBook()
const zoom = new RecordingZoom()

function nameOf({ kind, number }: Track): string {
  const { frame } = picture()
  switch (kind) {
    case 'lines':
      return 'lines'
    case 'power':
    case 'faults':
      return kind
    case 'array':
      return frame?.arrays.find(({ minor }) => minor === number)?.name ?? `md${number}`
    case 'mapped':
      return frame?.mapped.find(({ minor }) => minor === number % MINORS)?.name ?? `dm-${number % MINORS}`
    case 'disk':
      return frame?.disks.at(number)?.name ?? `disk ${number}`
  }
}

/** A stretch of a track, for the ear. */
function wordsOf(track: Track, from: number, to: number): string {
  const { kind } = track
  if (kind !== 'lines' && kind !== 'power' && kind !== 'faults') return book.words(track, from, to + 1)
  const marks = timeStore.getState().markers.filter((marker) => {
    return trackOf(marker.kind) === kind && marker.step >= from && marker.step <= to
  })
  if (marks.length === 0) return 'nothing'
  const texts = marks.slice(0, 8).map(({ step, text }) => `at step ${count(step)} ${text.split('\n')[0]}`)
  return texts.join('; ') + (marks.length > texts.length ? `; and ${marks.length - texts.length} more` : '')
}

/** Brings the book up to date, and the trace of what is looked at closely. */
async function refresh(): Promise<void> {
  const port = enginePort()
  if (!port) return
  if (!book.take(await port.recorded(book.nextBucket))) book.take(await port.recorded(0))
  const { from, to } = zoom.window
  if (to - from > WINDOW_SINGLE) {
    book.detail = null
    return
  }
  const { detail } = book
  const [first, last] = [Math.max(0, Math.floor(from)), Math.min(book.steps, Math.ceil(to))]
  if (detail && detail.from <= first && detail.to >= last) return
  // Somewhat more than is seen: a person is going to move on.
  const reach = Math.min(WINDOW_SINGLE, last - first)
  const end = Math.min(book.steps, last + Math.floor(reach / 2))
  const found = await port.recordedRows(Math.max(0, first - reach), end)
  book.detail = found && { ...found, to: end }
}

/** On the scrubber, which part of the whole the tracks show. */
function showWindow(window: RecordingWindow | null): void {
  const { window: before } = timeStore.getState()
  if (before?.from !== window?.from || before?.to !== window?.to) timeStore.setState({ window })
}

function useTracks(): readonly RecordingTrack[] {
  const [tracks, setTracks] = useState<readonly RecordingTrack[]>([])
  useEffect(() => {
    let isOver = false
    let timer = 0
    const look = async (): Promise<void> => {
      // A worker that is being given up answers nothing; the next look finds the new machine.
      await refresh().catch(() => book.forget())
      if (isOver) return
      showWindow(zoom.isWhole ? null : zoom.window)
      const found = book.tracks().map((track) => ({ track, name: nameOf(track) }))
      setTracks((before) => (JSON.stringify(before) === JSON.stringify(found) ? before : found))
      timer = window.setTimeout(() => void look(), PERIOD)
    }
    void look()
    return () => {
      isOver = true
      clearTimeout(timer)
      showWindow(null)
    }
  }, [])
  return tracks
}

function zoomBy(factor: number, around?: number): void {
  const { step, target } = timeStore.getState()
  const { from, to } = zoom.window
  const here = target ?? step
  zoom.zoom(factor, around ?? (here >= from && here <= to ? here : (from + to) / 2))
}

/** The buttons beside the title of the panel. */
export function closer(): void {
  zoomBy(ZOOM)
}

export function farther(): void {
  zoomBy(1 / ZOOM)
}

/** The tracks as a list: to choose one, and to hear what is on it. */
function TrackList({ tracks }: { tracks: readonly RecordingTrack[] }): ReactElement {
  const id = useId()
  const selected = useStore(timeStore, (state) => state.track)
  const [, hear] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => hear((times) => times + 1), 1000)
    return () => clearInterval(timer)
  }, [])
  const at = tracks.findIndex(({ track }) => isSameTrack(track, selected))
  const { from, to } = zoom.window
  const span = zoom.span
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return
    const choose = (to: number) => (): void => {
      if (tracks.length > 0) selectTrack(tracks[Math.max(0, Math.min(tracks.length - 1, to))].track)
    }
    const acts: Readonly<Record<string, () => void>> = {
      ArrowUp: choose(at < 0 ? tracks.length - 1 : at - 1),
      ArrowDown: choose(at + 1),
      Home: choose(0),
      End: choose(tracks.length - 1),
      PageUp: () => zoom.pan(-span / 2),
      PageDown: () => zoom.pan(span / 2),
      '+': closer,
      '=': closer,
      '-': farther,
      '0': () => zoom.whole(),
    }
    const act = acts[event.key] as (() => void) | undefined
    if (!act) return
    event.preventDefault()
    act()
    hear((times) => times + 1)
  }
  return (
    <ul
      className="unseen"
      role="listbox"
      tabIndex={0}
      aria-label="Tracks"
      aria-description="Comma and full stop go to the events of the selected track; plus and minus show less and more of the recording"
      aria-activedescendant={at < 0 ? undefined : `${id}-${at}`}
      onKeyDown={onKeyDown}
      onFocus={() => {
        if (at < 0 && tracks.length > 0) selectTrack(tracks[0].track)
      }}
    >
      {tracks.map(({ track, name }, i) => (
        <li key={`${track.kind} ${track.number}`} id={`${id}-${i}`} role="option" aria-selected={i === at}>
          {name}, steps {count(Math.floor(from))} to {count(Math.ceil(to))}: {wordsOf(track, from, to)}
        </li>
      ))}
    </ul>
  )
}

/** The tracks of the whole recording, or of a part of it. */
export function Recording(): ReactElement {
  const tracks = useTracks()
  const [box, extent] = useExtent()
  const canvas = useRef<HTMLCanvasElement>(null)
  const painter = useMemo(() => new RecordingPainter(book, zoom, tracks, extent), [tracks, extent])
  usePainter(canvas, extent.width, extent.height, painter)
  const press = useRef<{ readonly x: number; last: number; isDrag: boolean } | null>(null)

  useEffect(() => {
    // What is shown stays in sight.
    let before = -1
    return timeStore.subscribe(({ step, target }) => {
      const now = target ?? step
      if (now !== before && press.current === null) zoom.reveal(now)
      before = now
    })
  }, [])

  useEffect(() => {
    const element = canvas.current
    if (!element) return undefined
    const turn = (event: WheelEvent): void => {
      event.preventDefault()
      const { left } = element.getBoundingClientRect()
      const geometry = recordingGeometry(painter.view)
      if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
        const by = event.deltaX === 0 ? event.deltaY : event.deltaX
        zoom.pan(geometry.stepAt(by) - geometry.stepAt(0))
      } else zoom.zoom(WHEEL ** event.deltaY, geometry.stepAt(event.clientX - left))
    }
    // React's own handlers are passive: they could not keep the page from scrolling.
    element.addEventListener('wheel', turn, { passive: false })
    return () => element.removeEventListener('wheel', turn)
  }, [painter])

  const place = ({ currentTarget, clientX, clientY }: MouseEvent<HTMLCanvasElement>): { x: number; y: number } => {
    const { left, top } = currentTarget.getBoundingClientRect()
    return { x: clientX - left, y: clientY - top }
  }
  const point = (event: MouseEvent<HTMLCanvasElement>): void => {
    const { x, y } = place(event)
    const { view } = painter
    const row = trackAt(view, y)
    if (row >= 0) selectTrack(tracks[row].track)
    const { left, stepAt } = recordingGeometry(view)
    if (x >= left) seek(stepAt(x))
  }
  return (
    <div className="panel-body timeline-body" ref={box}>
      <canvas
        ref={canvas}
        className="recording-tracks"
        style={{ width: extent.width, height: extent.height }}
        aria-hidden="true"
        onPointerDown={(event) => {
          if (event.button !== 0) return
          event.currentTarget.setPointerCapture(event.pointerId)
          press.current = { x: event.clientX, last: event.clientX, isDrag: false }
        }}
        onPointerMove={(event) => {
          const { x, y } = place(event)
          const { view } = painter
          const geometry = recordingGeometry(view)
          const down = press.current
          if (down) {
            if (Math.abs(event.clientX - down.x) > STILL) down.isDrag = true
            if (down.isDrag) zoom.pan(geometry.stepAt(0) - geometry.stepAt(event.clientX - down.last))
            down.last = event.clientX
          } else {
            const row = trackAt(view, y)
            const step = Math.round(geometry.stepAt(x))
            const words = row < 0 ? '' : wordsOf(tracks[row].track, step, step)
            event.currentTarget.title =
              row < 0 || x < geometry.left ? '' : `${tracks[row].name}, step ${count(step)}: ${words}`
          }
        }}
        onPointerUp={(event) => {
          if (press.current && !press.current.isDrag) point(event)
          press.current = null
        }}
        onPointerCancel={() => (press.current = null)}
      />
      <TrackList tracks={tracks} />
    </div>
  )
}
