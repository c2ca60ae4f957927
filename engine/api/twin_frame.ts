/** The part of a frame that shows the machine beside the machine, for one reader. */
import { countersOf, type Counter, type Counters, type DiskCounters, type Unit } from '../lab/counters.ts'
import type { DifferenceKind } from '../lab/comparison.ts'
import type { Pair } from '../lab/pair.ts'
import type { Machine } from '../lab/machine.ts'
import type { Frame, TransportFrame } from './frame.ts'
import { DataLook, type DataFrame } from './data_look.ts'
import { FrameBuilder } from './frame_builder.ts'

export type { PlacedCommand } from '../lab/change.ts'
export type { SameData } from '../lab/data_compare.ts'
export type { Counter, Counters, DataFrame, DifferenceKind, DiskCounters, Unit }

/**
 * Two machines at one instant. The frame's own machine is the left one; the other differs in one command, and has got the same
 * lines at the same times otherwise.
 */
export interface TwinFrame {
  /** Goes up when the right machine is another one: what was gathered from its rows before does not belong to it. */
  readonly view: number
  /** Counts the comparisons of this session. */
  readonly made: number
  /** The command, and what was typed in its place on the right. */
  readonly from: string
  readonly to: string
  /** The right machine is not yet where the left one is: on its way, or being made; then the rest is not of one instant. */
  readonly isTravelling: boolean
  /** Of the recording that both carry out again to begin with, 0 to 1. */
  readonly progress: number
  /** Why it can be shown no more; null as long as it can. */
  readonly failure: string | null
  /** The right machine; null while it is on its way. Its transport and timeline are the left one's. */
  readonly frame: Frame | null
  /** What the two did that is not the same, on the whole branch; null where nothing has changed since the last frame. */
  readonly differences: readonly DifferenceFrame[] | null
  /** What each had done at the moment that is shown; null while the right one is on its way, and where nothing has changed. */
  readonly counters: Counters | null
  /** The changed line is on the branch that is live; where it is not, both are the same machine. */
  readonly isChanged: boolean
  /** Whether both have the same data in their arrays; null where nothing has changed since the last frame. */
  readonly data: DataFrame | null
}

export interface DifferenceFrame {
  readonly kind: DifferenceKind
  /** The command since which it is the first of its kind. */
  readonly since: string
  /** The changed command's own doing. */
  readonly isChange: boolean
  /** The first of all that is not. */
  readonly isFirst: boolean
  /** Disk I/Os that the left machine had completed then: the moment to go to. */
  readonly step: number
  /** Null where the machine did nothing more before the next command. */
  readonly left: DeedFrame | null
  readonly right: DeedFrame | null
}

export interface DeedFrame {
  /** Completed disk I/Os then, on that machine. */
  readonly step: number
  readonly time: number
  readonly text: string
}

/** No more are shown: the first so many. */
const DIFFERENCES_SHOWN = 200

export class TwinFrames {
  readonly pair: Pair
  #made = -1
  #view = 0
  #builder: FrameBuilder | null = null
  #machine: Machine | null = null
  #differences = -1
  #counted = ''
  readonly #data = new DataLook()

  constructor(pair: Pair) {
    this.pair = pair
  }

  /** To be called now and then, whether or not there is anything new: a bounded part of what takes longer than a frame. */
  look(): void {
    this.#data.look(this.pair)
  }

  /** What is shown is made of this: where it stays the same, nothing has changed. */
  get state(): string {
    const { pair } = this
    const sim = pair.twin?.session.sim
    const at = [sim?.delivered, sim?.now, pair.comparison?.version, this.#data.version]
    return [pair.made, pair.progress, pair.isTogether, pair.isChanged, ...at].join()
  }

  /** @returns null where nothing is compared */
  build(time: number, transport: TransportFrame, generation: number): TwinFrame | null {
    const { pair } = this
    const { twin, made, progress } = pair
    if (made !== this.#made) this.#begin(made)
    if (twin === null) return null
    const { machine } = twin.session
    const isTravelling = pair.isTravelling
    if (!isTravelling && machine !== this.#machine) {
      this.#builder = new FrameBuilder(machine, generation, this.#builder)
      this.#machine = machine
      this.#view++
    }
    const { change, failure } = twin
    const frame = isTravelling ? null : (this.#builder?.build(time, { ...transport, skips: [] }) ?? null)
    return {
      view: this.#view,
      made,
      from: change.from,
      to: change.to,
      isTravelling,
      progress,
      failure,
      frame,
      differences: this.#changedDifferences(),
      counters: isTravelling ? null : this.#changedCounters(),
      isChanged: pair.isChanged,
      data: this.#data.changed(),
    }
  }

  #begin(made: number): void {
    this.#made = made
    this.#builder = null
    this.#machine = null
    this.#differences = -1
    this.#counted = ''
    this.#data.begin()
  }

  #changedDifferences(): readonly DifferenceFrame[] | null {
    const { comparison } = this.pair
    if (comparison === null || comparison.version === this.#differences) return null
    this.#differences = comparison.version
    const { first } = comparison
    const deed = (one: DeedFrame | null): DeedFrame | null =>
      one === null ? null : { step: one.step, time: one.time, text: one.text }
    return comparison.differences.slice(0, DIFFERENCES_SHOWN).map((one) => {
      const { kind, since, isChange, step } = one
      return { kind, since, isChange, isFirst: one === first, step, left: deed(one.left), right: deed(one.right) }
    })
  }

  #changedCounters(): Counters | null {
    const { sim, twin } = this.pair
    const state = `${this.#view} ${sim.delivered} ${sim.now} ${twin?.session.sim.delivered}`
    if (state === this.#counted) return null
    this.#counted = state
    return countersOf(this.pair)
  }
}
