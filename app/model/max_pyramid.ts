/**
 * A table of small numbers that answers at once what the greatest of a stretch of a column is: level 0 is the table, each cell of
 * level k the greater of two of level k - 1. A cell that is set is carried up only as far as it makes a difference.
 */
export class MaxPyramid {
  readonly columns: number
  readonly rows: number
  /** Level k, column after column, `lengths[k]` cells each. */
  readonly levels: readonly Uint8Array[]
  readonly lengths: readonly number[]

  constructor(columns: number, rows: number) {
    this.columns = columns
    this.rows = rows
    const levels: Uint8Array[] = []
    const lengths: number[] = []
    for (let length = rows; ; length = Math.ceil(length / 2)) {
      levels.push(new Uint8Array(columns * length))
      lengths.push(length)
      if (length <= 1) break
    }
    this.levels = levels
    this.lengths = lengths
  }

  get(column: number, row: number): number {
    return this.levels[0][column * this.rows + row]
  }

  set(column: number, row: number, value: number): void {
    let now = value
    for (let level = 0; ; level++) {
      const cells = this.levels[level]
      const length = this.lengths[level]
      const at = column * length + row
      if (cells[at] === now) return
      cells[at] = now
      if (level + 1 === this.levels.length) return
      const other = row ^ 1
      now = other < length ? Math.max(now, cells[column * length + other]) : now
      row >>= 1
    }
  }

  /** The greatest of `2 ** level` rows from `index * 2 ** level` on; 0 behind the last. */
  at(level: number, column: number, index: number): number {
    const top = Math.min(level, this.levels.length - 1)
    const length = this.lengths[top]
    return index < length ? this.levels[top][column * length + index] : 0
  }

  /** The first row of such a stretch that has its greatest value. */
  whereAt(level: number, column: number, index: number): number {
    let at = index
    for (let k = Math.min(level, this.levels.length - 1); k > 0; k--) {
      const length = this.lengths[k - 1]
      const cells = this.levels[k - 1]
      const left = column * length + at * 2
      at = at * 2 + 1 < length && cells[left + 1] > cells[left] ? at * 2 + 1 : at * 2
    }
    return at
  }
}
