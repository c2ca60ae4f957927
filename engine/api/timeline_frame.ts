/** The part of a frame that tells where the moment shown stands on its recording, for one reader. */
import type { MarkerKind, MarkerNames } from '../lab/history_markers.ts'
import { markerText } from '../lab/history_markers.ts'
import type { Session } from '../lab/session.ts'
import type { MarkerFrame, TimelineFrame } from './frame.ts'

/** No more than so many can be told apart on a scrubber. */
const MARKERS_SHOWN = 400

/** Those that go last when there are too many; the others of {@link SHOWN} go first. */
const WEIGHTY: readonly MarkerKind[] = ['power', 'fault', 'disk', 'member', 'sync', 'mismatch', 'mapped', 'failure']
const SHOWN: readonly MarkerKind[] = [...WEIGHTY, 'command', 'idle']

/** In the number of a device, what one major takes. */
const MINORS = 1048576

export class TimelineFrames {
  readonly session: Session
  #view = 0
  #machine: object | null = null
  #said = 0
  /** What the markers that were sent last were made of. */
  #markers = ''

  constructor(session: Session) {
    this.session = session
  }

  /** @param withMarkers whether markers are to be looked for; only what has changed is sent */
  build(withMarkers: boolean): TimelineFrame {
    const { session } = this
    const { machine, leftEnd, newest, isLive, isTravelling, progress, failure } = session
    if (machine !== this.#machine) this.#view++
    this.#machine = machine
    const said = session.said.slice(this.#said).map((entry) => ({ ...entry }))
    this.#said += said.length
    return {
      view: this.#view,
      isLive,
      isTravelling,
      progress,
      left: { step: leftEnd.steps, time: leftEnd.time, reason: leftEnd.reason },
      newest: { step: newest.steps, time: newest.time },
      lines: machine.recording.lines.length,
      newestLines: newest.lines,
      branches: session.branches(),
      markers: withMarkers ? this.#changedMarkers() : null,
      said,
      failure,
    }
  }

  #changedMarkers(): readonly MarkerFrame[] | null {
    const { session } = this
    const { markers } = session.index
    const branch = session.branches().find(({ isCurrent }) => isCurrent)?.name
    const state = `${branch} ${markers.count} ${markers.completeFrom}`
    if (state === this.#markers) return null
    this.#markers = state
    return shownMarkers(session)
  }
}

/** What a scrubber marks: all of it, or, of very much, what weighs most and a fair share of the rest. */
export function shownMarkers(session: Session): MarkerFrame[] {
  const { markers } = session.index
  const names = namesOf(session)
  const heavy: number[] = []
  const light: number[] = []
  for (let i = 0; i < markers.count; i++) {
    const { kind } = markers.at(i)
    if (WEIGHTY.includes(kind)) heavy.push(i)
    else if (SHOWN.includes(kind)) light.push(i)
  }
  const kept = thinned(heavy, MARKERS_SHOWN)
  const chosen = [...kept, ...thinned(light, MARKERS_SHOWN - kept.length)].sort((a, b) => a - b)
  return chosen.map((i) => {
    const marker = markers.at(i)
    return { kind: marker.kind, step: marker.step, time: marker.time, text: markerText(marker, names) }
  })
}

/** So many of them, spread evenly. */
function thinned(all: readonly number[], count: number): readonly number[] {
  if (all.length <= count) return all
  return Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)])
}

/** As the machine knows them that is shown: what comes later on the recording may have no name yet. */
function namesOf({ machine }: Session): MarkerNames {
  const disks = machine.disks()
  return {
    disk: (index) => (index < disks.length ? disks[index].name : `disk ${index}`),
    mapped: (number) => {
      const minor = number % MINORS
      return machine.kernel.dm.all().find((device) => device.minor === minor)?.mapName ?? `dm-${minor}`
    },
    cause: (index) => {
      const { causes } = machine.sim
      return index < causes.length ? causes[index] : 'a command that comes later'
    },
  }
}
