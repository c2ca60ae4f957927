/** Those who ask the worker for frames, and what each of them has got already. */
import type { Frame } from '../../engine/api/frame.ts'
import { frameBuffers, FrameBuilder } from '../../engine/api/frame_builder.ts'
import { TimelineFrames } from '../../engine/api/timeline_frame.ts'
import type { TwinFrames } from '../../engine/api/twin_frame.ts'
import type { Session } from '../../engine/lab/session.ts'
import { FRAME_REQUEST } from './engine_api.ts'
import type { MachineStore } from './machine_store.ts'
import type { Pump } from './pump.ts'
import type { Side } from './side_by_side.ts'

/** Of real time between two looks for new markers, in milliseconds. */
const MARK_INTERVAL = 250

/** What a frame is made of. */
export interface Framed {
  readonly session: Session
  /** The machine beside its machine. */
  readonly side: Side | null
  readonly pump: Pump
  readonly store: MachineStore
  /** Counts the machines that were begun. */
  readonly generation: number
}

/** Somebody who asks for frames. */
interface Reader {
  readonly port: MessagePort
  builder: FrameBuilder | null
  timeline: TimelineFrames | null
  twin: TwinFrames | null
  /** When markers were looked for last, in milliseconds. */
  markedAt: number
  /** What the last frame was made of; nothing is posted while that is the same. */
  last: string
  skips: number
}

export class FrameReaders {
  readonly #live: () => Framed | null
  readonly #realTime: () => number

  /** @param live the machine there is; null for none @param realTime in milliseconds */
  constructor(live: () => Framed | null, realTime: () => number) {
    this.#live = live
    this.#realTime = realTime
  }

  /** Frames are asked for, and posted, on this port from now on. */
  add(port: MessagePort): void {
    const reader: Reader = { port, builder: null, timeline: null, twin: null, markedAt: -Infinity, last: '', skips: 0 }
    port.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (data !== FRAME_REQUEST) return
      const frame = this.#frameFor(reader)
      port.postMessage(frame, frame === null ? [] : frameBuffers(frame))
    }
  }

  #frameFor(reader: Reader): Frame | null {
    const live = this.#live()
    if (live === null) return null
    const { session, side, pump, store, generation } = live
    const { machine } = session
    if (reader.timeline?.session !== session) {
      reader.timeline = new TimelineFrames(session)
      reader.twin = null
      reader.builder = null
      reader.skips = 0
      reader.markedAt = -Infinity
    }
    if (reader.builder?.machine !== machine) {
      reader.builder = new FrameBuilder(machine, generation, reader.builder)
    }
    reader.twin ??= side?.frames() ?? null
    reader.twin?.look()
    const { clock, state, speed, isHurrying, failure, skips } = pump
    const { sim, results, recording } = machine
    const { isLive, isTravelling, progress, said } = session
    const now = [generation, sim.delivered, clock, state, speed, isHurrying, results.length, recording.lines.length]
    const moment = [
      isLive,
      isTravelling,
      progress,
      said.length,
      session.failure,
      branchOf(session),
      session.newest.steps,
    ]
    const last = [...now, ...moment, reader.twin?.state, store.notices.join(), skips.length].join()
    if (last === reader.last) return null
    reader.last = last
    const added = skips.slice(reader.skips)
    reader.skips = skips.length
    const transport = { state, speed, isHurrying, skips: added, notices: [...store.notices], failure }
    const real = this.#realTime()
    const withMarkers = !isTravelling && (state !== 'playing' || real - reader.markedAt >= MARK_INTERVAL)
    if (withMarkers) reader.markedAt = real
    const timeline = reader.timeline.build(withMarkers)
    const twin = reader.twin?.build(clock, transport, generation) ?? null
    if (isTravelling) return { ...reader.builder.buildOnTheWay(clock, transport, timeline), twin }
    return { ...reader.builder.build(clock, transport, timeline), twin }
  }
}

/** The name of the branch that is live. */
export function branchOf(session: Session): string {
  return session.branches().find(({ isCurrent }) => isCurrent)?.name ?? ''
}
