/** What lies under the pointer on the timeline, and the marks of what has to do with something that is looked at elsewhere. */
import { timelineGeometry, type TimelineColours, type TimelineView } from '../draw/timeline_paint.ts'
import { hoverKey, type HoverId } from '../model/hover_id.ts'
import type { HoverMarks } from '../model/hover_marks.ts'
import type { MachineScene } from '../model/machine_scene.ts'
import type { TimelineBook, TimelineEvent } from '../model/timeline_book.ts'

const TOP = 16
/** How far beside a mark the pointer may be, in pixels. */
const NEAR = 4
const NEAR_EVENT = 8

/** What a track stands for. */
function trackOf(name: string, scene: MachineScene): HoverId {
  const isDisk = scene.disks.some((disk) => disk.name === name)
  return isDisk ? { kind: 'disk', disk: name } : { kind: 'array', array: name }
}

/** The event, the I/O or the track at a point. */
export function findOnTimeline(
  book: TimelineBook,
  view: TimelineView,
  scene: MachineScene,
  at: { readonly x: number; readonly y: number },
): HoverId | undefined {
  const { from, x, pitch } = timelineGeometry(view, book.now)
  const row = Math.floor((at.y - TOP) / pitch)
  if (at.y >= TOP + view.tracks.length * pitch) {
    let found: TimelineEvent | undefined
    for (const event of book.events) {
      if (event.at < from || Math.abs(x(event.at) - at.x) > NEAR_EVENT) continue
      if (!found || Math.abs(x(event.at) - at.x) <= Math.abs(x(found.at) - at.x)) found = event
    }
    return found && { kind: 'event', event: found.key }
  }
  const name = view.tracks[row] as string | undefined
  if (name === undefined) return undefined
  let bio = 0
  let nearest = NEAR
  book.track(name).since(from, (time, _kind, id) => {
    const away = Math.abs(x(time) - at.x)
    if (away > nearest || id === 0) return
    nearest = away
    bio = id
  })
  return bio > 0 ? { kind: 'bio', bio } : trackOf(name, scene)
}

/** Draws frames around the events, I/Os and tracks that are to be marked. */
export function paintTimelineMarks(
  context: CanvasRenderingContext2D,
  book: TimelineBook,
  view: TimelineView,
  scene: MachineScene,
  { self, keys }: HoverMarks,
  { ink, ink2 }: Pick<TimelineColours, 'ink' | 'ink2'>,
): void {
  if (keys.size === 0) return
  const { from, x, pitch, eventsY } = timelineGeometry(view, book.now)
  const mark = (key: string): void => {
    context.strokeStyle = key === self ? ink : ink2
    context.lineWidth = key === self ? 2 : 1.25
  }
  view.tracks.forEach((name, i) => {
    const y = TOP + (i + 0.5) * pitch
    const track = hoverKey(trackOf(name, scene))
    if (keys.has(track)) {
      mark(track)
      context.strokeRect(8.5, Math.round(y - 9) + 0.5, context.measureText(name).width + 7, 17)
    }
    book.track(name).since(from, (time, _kind, bio) => {
      const key = `bio ${bio}`
      if (bio === 0 || !keys.has(key)) return
      mark(key)
      const tall = Math.min(17, pitch - 1)
      context.strokeRect(x(time) - 3, y - tall / 2, 6, tall)
    })
  })
  for (const event of book.events) {
    const key = `event ${event.key}`
    if (event.at < from || !keys.has(key)) continue
    mark(key)
    context.beginPath()
    context.moveTo(x(event.at), TOP - 4)
    context.lineTo(x(event.at), eventsY + 6)
    context.stroke()
    context.beginPath()
    context.arc(x(event.at), eventsY, 8, 0, 2 * Math.PI)
    context.stroke()
  }
}
