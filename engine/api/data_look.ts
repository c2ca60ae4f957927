/** Whether two machines in step hold the same data, looked at a part at a time between two frames. */
import { DataCompare, type SameData } from '../lab/data_compare.ts'
import type { Machine } from '../lab/machine.ts'
import type { Pair } from '../lab/pair.ts'

/** The data of the arrays as a reader would find it, on both. */
export interface DataFrame {
  /** Disk I/Os that the left machine had completed when they were looked at. */
  readonly step: number
  readonly arrays: readonly SameData[]
  /** All of it was looked at. */
  readonly isDone: boolean
}

/**
 * Pages that are looked at between two frames while the machines stand still. While they go on, all must fit into one look, and that
 * comes only every so many frames.
 */
const PAGES_AT_ONCE = 512
const PAGES_MOVING_MAX = 2048
const FRAMES_MOVING = 20

export class DataLook {
  /** Goes up with all that is found. */
  version = 0
  #told = -1
  #machines: readonly Machine[] = []
  #at = ''
  #compare: DataCompare | null = null
  #step = 0
  #frames = 0
  /** Something has happened since what was looked at. */
  #isStale = true

  /** Another two. */
  begin(): void {
    this.#machines = []
    this.#compare = null
    this.#at = ''
    this.#told = -1
    this.#isStale = true
    this.version++
  }

  look(pair: Pair): void {
    const { twin } = pair
    if (twin === null || pair.isTravelling || pair.progress < 1) return
    const machines = [pair.session.machine, twin.session.machine] as const
    const at = machines.map(({ sim }) => sim.delivered).join()
    const isMoving = at !== this.#at || machines.some((machine, i) => machine !== this.#machines[i])
    this.#at = at
    this.#machines = machines
    this.#frames++
    if (isMoving) {
      // What was found of a moment before stays until there is time for this one.
      this.#isStale = true
      if (this.#compare !== null && this.#frames < FRAMES_MOVING) return
      const compare = new DataCompare(...machines)
      if (compare.left <= PAGES_MOVING_MAX) this.#take(compare, machines[0].sim.steps, PAGES_MOVING_MAX)
    } else if (this.#isStale) {
      this.#take(new DataCompare(...machines), machines[0].sim.steps, PAGES_AT_ONCE)
    } else if (this.#compare?.isDone === false) {
      this.#compare.work(PAGES_AT_ONCE)
      this.version++
    }
  }

  /** What is to be told anew, or null. */
  changed(): DataFrame | null {
    if (this.version === this.#told || this.#compare === null) return null
    this.#told = this.version
    return { step: this.#step, arrays: this.#compare.result(), isDone: this.#compare.isDone }
  }

  #take(compare: DataCompare, step: number, pages: number): void {
    compare.work(pages)
    this.#compare = compare
    this.#step = step
    this.#frames = 0
    this.#isStale = false
    this.version++
  }
}
