/**
 * What a page wants to know of other moments than the one that is shown: the bytes of a sector a step earlier, the trace around a
 * stretch of the recording, where a disk's next I/O is. Asked for at any time, and carried out in short batches between those of
 * the machine.
 */
import type { RecordedRows, Track } from '../../engine/api/timeline_tracks.ts'
import type { TrackKind } from '../../engine/lab/history_tally.ts'
import type { MarkerKind } from '../../engine/lab/history_markers.ts'
import type { Machine } from '../../engine/lab/machine.ts'
import type { Session } from '../../engine/lab/session.ts'
import { TRACE, TRACE_COLUMNS, type Trace } from '../../engine/sim/trace.ts'
import { fail, type Result } from '../../engine/base/errno.ts'

/** The most that one batch may take, in milliseconds, and events between two looks at the clock. */
const BATCH_TIME = 4
const BATCH_EVENTS = 500

/** The trace ring certainly tells of the last so many disk I/Os. */
const STEPS_SEEN = 512

interface Wish {
  readonly step: number
  readonly branch: string
  /** @param machine right after that step, or null where it cannot be had */
  readonly take: (machine: Machine | null) => void
}

/** What the events of a track are, where they are notable ones. */
const KINDS: Readonly<Record<Exclude<Track['kind'], 'disk'>, readonly MarkerKind[]>> = {
  array: ['member', 'sync', 'mismatch', 'state', 'bit'],
  mapped: ['mapped'],
  faults: ['fault', 'disk'],
  power: ['power'],
  lines: ['command', 'failure'],
}

export class RecordedPast {
  readonly session: Session
  readonly #wake: () => void
  readonly #wishes: Wish[] = []

  constructor(session: Session, wake: () => void) {
    this.session = session
    this.#wake = wake
  }

  /** Whether somebody waits for something. */
  get busy(): boolean {
    return this.#wishes.length > 0
  }

  /** One batch. @param realTime milliseconds from any beginning */
  work(realTime: () => number): void {
    const end = realTime() + BATCH_TIME
    while (this.#wishes.length > 0) {
      const [{ step, branch, take }] = this.#wishes
      const machine = branch === this.#branch() ? this.#at(step) : fail('ENOENT', 'the branch is another one')
      if (!machine.ok || machine.value !== null) {
        this.#wishes.shift()
        take(machine.ok ? machine.value : null)
      }
      if (realTime() >= end) return
    }
  }

  /** Nobody gets anything any more. */
  giveUp(): void {
    for (const { take } of this.#wishes.splice(0)) take(null)
  }

  /** Bytes as they were right after the step before the one that is shown. @returns null where there is none that is kept */
  async before<T>(read: (machine: Machine) => T): Promise<{ readonly step: number; readonly found: T } | null> {
    const step = this.session.sim.steps - 1
    if (step < 0) return null
    const found = await this.#read(step, read)
    return found === null ? null : { step, found }
  }

  /**
   * The trace from one step of the branch to another, both with it; the older part may be missing.
   * @returns null where it is not kept
   */
  rows(from: number, to: number): Promise<RecordedRows | null> {
    const { session } = this
    const last = Math.min(to, session.newest.steps)
    for (const { sim } of [session.present, session.machine]) {
      if (sim.steps < last || session.isTravelling) continue
      const rows = rowsBetween(sim.trace, from, last)
      if (rows.from <= from) return Promise.resolve(rows)
    }
    return this.#read(last, ({ sim }) => rowsBetween(sim.trace, from, last))
  }

  /**
   * The way to the next event of a track, or to the one before what is shown: of a disk that is an I/O.
   * @returns what sets out for it; that fails with ENODATA where there is none
   */
  async journey(track: Track, isForward: boolean): Promise<(session: Session) => Result<null>> {
    if (track.kind !== 'disk') {
      const kinds = KINDS[track.kind]
      const of = track.kind === 'array' || track.kind === 'mapped' ? track.number : undefined
      return (session) => (isForward ? session.nextNotable(kinds, of) : session.previousNotable(kinds, of))
    }
    const step = await this.#ioOf(track.number, isForward)
    if (step !== null) return (session) => session.seek(step)
    const none = isForward ? 'this disk has no later I/O' : 'this disk has no earlier I/O that is kept'
    return () => fail('ENODATA', none)
  }

  /** The step of the next disk I/O of a disk, or of the one before; null where there is none. */
  async #ioOf(disk: number, isForward: boolean): Promise<number | null> {
    const { session } = this
    let from = session.sim.steps + (isForward ? 1 : -1)
    for (let stretch = this.#stretch('disk', disk, from, isForward); stretch !== null;) {
      const first = Math.max(stretch.first, isForward ? from : from - STEPS_SEEN + 1)
      const last = Math.min(stretch.last, isForward ? Math.max(from, first) + STEPS_SEEN - 1 : from)
      const found = await this.rows(first, last)
      if (found === null) return null
      const steps = stepsOf(found.rows, disk).filter((step) => step >= first && step <= last)
      const step = isForward ? steps.at(0) : steps.at(-1)
      if (step !== undefined) return step
      from = isForward ? last + 1 : first - 1
      stretch = this.#stretch('disk', disk, from, isForward)
    }
    return null
  }

  #stretch(kind: TrackKind, number: number, step: number, isForward: boolean) {
    return step < 0 ? null : this.session.index.stretchWith(kind, number, step, isForward)
  }

  #read<T>(step: number, read: (machine: Machine) => T): Promise<T | null> {
    return new Promise((resolve) => {
      const take = (machine: Machine | null): void => resolve(machine === null ? null : read(machine))
      this.#wishes.push({ step, branch: this.#branch(), take })
      this.#wake()
    })
  }

  #at(step: number): Result<Machine | null> {
    try {
      return this.session.glance(step, BATCH_EVENTS)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      return fail('ENOMEM', 'the browser has no memory left for another machine')
    }
  }

  #branch(): string {
    const { session } = this
    return session.branches().find(({ isCurrent }) => isCurrent)?.name ?? ''
  }
}

/** The rows of a trace that belong to some steps; a step ends with its disk I/O, and what follows it at the same time. */
export function rowsBetween(trace: Trace, from: number, to: number): RecordedRows {
  const { rows } = trace.since(0)
  let first = 0
  let oldest = Infinity
  let end = rows.length
  for (let at = 0; at < rows.length; at += TRACE_COLUMNS) {
    if (rows[at + 1] !== TRACE.disk_io) continue
    const step = rows[at + 2]
    oldest = Math.min(oldest, step)
    if (step < from) first = at + TRACE_COLUMNS
    if (step > to) end = Math.min(end, at)
  }
  const isWhole = trace.written * TRACE_COLUMNS === rows.length
  // What the ring has lost belongs to the oldest step in it, or to those before.
  return { from: isWhole ? from : Math.max(from, oldest + 1), rows: rows.slice(first, end) }
}

function stepsOf(rows: Float64Array, disk: number): number[] {
  const steps: number[] = []
  for (let at = 0; at < rows.length; at += TRACE_COLUMNS) {
    if (rows[at + 1] === TRACE.disk_io && rows[at + 3] === disk) steps.push(rows[at + 2])
  }
  return steps
}
