/** The newest rows of the trace and the commands that ended, for whoever takes the trace away. */
import type { ConsoleEntry } from '../../engine/api/frame.ts'
import { TRACE_COLUMNS } from '../../engine/api/vocabulary.ts'

/** So many rows are kept, or a block more. */
const ROWS_KEPT = 100_000
const COMMANDS_KEPT = 5000

export class TraceBook {
  #blocks: Float64Array[] = []
  #rows = 0
  #commands: ConsoleEntry[] = []
  /** Commands that ended since the beginning of the recording. */
  commandCount = 0

  /** @param firstEntry the number of the first of these commands */
  add(rows: Float64Array, entries: readonly ConsoleEntry[], firstEntry = this.commandCount): void {
    if (rows.length > 0) {
      this.#blocks.push(rows)
      this.#rows += rows.length / TRACE_COLUMNS
    }
    while (this.#blocks.length > 1 && this.#rows - this.#blocks[0].length / TRACE_COLUMNS >= ROWS_KEPT) {
      this.#rows -= this.#blocks.shift()!.length / TRACE_COLUMNS
    }
    this.#commands.push(...entries)
    this.commandCount = firstEntry + entries.length
    if (this.#commands.length > 2 * COMMANDS_KEPT) this.#commands = this.#commands.slice(-COMMANDS_KEPT)
  }

  /** All rows that are kept, in order. */
  rows(): Float64Array {
    const all = new Float64Array(this.#rows * TRACE_COLUMNS)
    let at = 0
    for (const block of this.#blocks) {
      all.set(block, at)
      at += block.length
    }
    return all
  }

  /** The commands that ended last. */
  newest(count: number): readonly ConsoleEntry[] {
    return count <= 0 ? [] : this.#commands.slice(-count)
  }

  /** Commands that ended in the stretch the rows are of. */
  commands(): readonly ConsoleEntry[] {
    const from = this.#blocks.length === 0 ? 0 : this.#blocks[0][0]
    return this.#commands.filter(({ at }) => at >= from)
  }
}
