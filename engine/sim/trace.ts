/**
 * What happened, as integers in a ring: written always, decoded only when somebody looks. A row is a time, a kind and up to
 * six numbers whose names the kind's entry in {@link TRACE_KINDS} gives; a bio's parent is an id, not an object.
 */
import { COPY } from '../base/copy.ts'

export const TRACE_ROWS = 8192
export const TRACE_COLUMNS = 8

/** Copies share the ring in blocks of so many rows; those that were written since the copy before are copied. */
const BLOCK_ROWS = 256
const BLOCK_NUMBERS = BLOCK_ROWS * TRACE_COLUMNS
const BLOCKS = TRACE_ROWS / BLOCK_ROWS

/** In the flags of `bio_submit` stands the index of the bio's cause, too: times this, above the flags. */
export const TRACE_CAUSE = 256

/** Every kind of row, with the names of its numbers. The number of a kind is its index here. */
export const TRACE_KINDS = [
  { name: 'bio_submit', fields: ['bio', 'parent', 'device', 'opFlags', 'sector', 'sectors'] },
  { name: 'bio_end', fields: ['bio', 'failed', 'device'] },
  { name: 'disk_io', fields: ['step', 'disk', 'bio', 'opFlags', 'sector', 'sectors'] },
  { name: 'disk_media', fields: ['disk', 'sector', 'sectors'] },
  { name: 'stripe_state', fields: ['array', 'sector', 'from', 'to', 'plan'] },
  { name: 'bitmap_counter', fields: ['array', 'chunk', 'from', 'to'] },
  { name: 'bitmap_disk_bit', fields: ['array', 'chunk', 'to'] },
  { name: 'array_state', fields: ['array', 'from', 'to'] },
  { name: 'member_state', fields: ['array', 'member', 'from', 'to'] },
  { name: 'sync_begin', fields: ['array', 'action', 'sector'] },
  { name: 'sync_progress', fields: ['array', 'action', 'sector', 'total', 'sectors'] },
  { name: 'sync_end', fields: ['array', 'action', 'sector', 'interrupted'] },
  { name: 'superblock_write', fields: ['array', 'events', 'clean'] },
  { name: 'mismatch', fields: ['array', 'sector', 'sectors'] },
  { name: 'dm_state', fields: ['device', 'from', 'to'] },
  { name: 'fault', fields: ['id', 'disk', 'sector', 'sectors', 'lifted'] },
  { name: 'disk_state', fields: ['disk', 'from', 'to'] },
  // 0 for a cut, 1 for on, else the kernel's own end.
  { name: 'power', fields: ['on', 'survivors', 'lost'] },
  { name: 'command_begin', fields: ['command'] },
  { name: 'command_end', fields: ['command', 'status'] },
  { name: 'buffer_state', fields: ['cache', 'block', 'from', 'to'] },
] as const

export type TraceKindName = (typeof TRACE_KINDS)[number]['name']

/** Kinds by name: `TRACE.bio_submit` is what the ring holds. */
export const TRACE = Object.fromEntries(TRACE_KINDS.map((kind, index) => [kind.name, index])) as Readonly<
  Record<TraceKindName, number>
>

export class Trace {
  /** How many rows were ever written; row n is at n modulo {@link TRACE_ROWS}. */
  written: number
  /** Null in a copy that nobody has looked at yet: its rows are in `blocks`. */
  private numbers: Float64Array | null
  /** The ring as it was when `frozenRows` had been written, or null before the first copy; null for a block without rows. */
  private blocks: (Float64Array | null)[] | null
  private frozenRows: number

  constructor(numbers: Float64Array | null = new Float64Array(TRACE_ROWS * TRACE_COLUMNS)) {
    this.written = 0
    this.numbers = numbers
    this.blocks = null
    this.frozenRows = 0
  }

  /** Rows of {@link TRACE_COLUMNS} numbers: time, kind, six arguments. */
  get ring(): Float64Array {
    return this.numbers ?? this.unpack()
  }

  emit(time: number, kind: number, a = 0, b = 0, c = 0, d = 0, e = 0, f = 0): void {
    const ring = this.numbers ?? this.unpack()
    let at = (this.written++ & (TRACE_ROWS - 1)) * TRACE_COLUMNS
    ring[at++] = time
    ring[at++] = kind
    ring[at++] = a
    ring[at++] = b
    ring[at++] = c
    ring[at++] = d
    ring[at++] = e
    ring[at] = f
  }

  /**
   * Copies the rows from number `from` on.
   * @returns the first row number that was still there, and the rows, {@link TRACE_COLUMNS} numbers each.
   */
  since(from: number): { first: number; rows: Float64Array } {
    const first = Math.max(from, this.written - TRACE_ROWS, 0)
    const count = Math.max(0, this.written - first)
    const rows = new Float64Array(count * TRACE_COLUMNS)
    const { ring } = this
    const begin = first & (TRACE_ROWS - 1)
    const upper = Math.min(count, TRACE_ROWS - begin)
    rows.set(ring.subarray(begin * TRACE_COLUMNS, (begin + upper) * TRACE_COLUMNS))
    rows.set(ring.subarray(0, (count - upper) * TRACE_COLUMNS), upper * TRACE_COLUMNS)
    return { first, rows }
  }

  /** A copy has all rows that are here, and shares those that an earlier copy has, too. */
  [COPY](): object {
    const copy = new Trace(null)
    copy.written = this.written
    copy.blocks = this.freeze()
    copy.frozenRows = this.written
    return copy
  }

  /** What the rows of this trace cost beside those of another one, in bytes. */
  bytesBeside(other: Trace | null): number {
    const blocks = this.blocks ?? []
    return blocks.reduce((sum, block, i) => sum + (block === (other?.blocks?.[i] ?? null) ? 0 : BLOCK_NUMBERS * 8), 0)
  }

  private freeze(): (Float64Array | null)[] {
    const { numbers, written } = this
    const old = this.blocks
    if (numbers === null || (old !== null && written === this.frozenRows)) return old ?? []
    const blocks: (Float64Array | null)[] = old?.slice() ?? new Array<Float64Array | null>(BLOCKS).fill(null)
    const last = Math.floor((written - 1) / BLOCK_ROWS)
    const first = Math.max(Math.floor(this.frozenRows / BLOCK_ROWS), last - BLOCKS + 1)
    for (let block = first; block <= last; block++) {
      const at = (block % BLOCKS) * BLOCK_NUMBERS
      blocks[block % BLOCKS] = numbers.slice(at, at + BLOCK_NUMBERS)
    }
    this.blocks = blocks
    this.frozenRows = written
    return blocks
  }

  private unpack(): Float64Array {
    const numbers = new Float64Array(TRACE_ROWS * TRACE_COLUMNS)
    this.blocks?.forEach((block, i) => {
      if (block !== null) numbers.set(block, i * BLOCK_NUMBERS)
    })
    this.numbers = numbers
    return numbers
  }
}

/** One row with its names: what `--trace` prints and the inspector shows. */
export function decodeTraceRow(rows: Float64Array, index: number): Record<string, number | string> {
  const at = index * TRACE_COLUMNS
  const kind = TRACE_KINDS[rows[at + 1]]
  const decoded: Record<string, number | string> = { at: rows[at], event: kind.name }
  kind.fields.forEach((field, i) => (decoded[field] = rows[at + 2 + i]))
  if (kind.name === 'bio_submit') {
    decoded.opFlags = rows[at + 5] % TRACE_CAUSE
    decoded.cause = Math.floor(rows[at + 5] / TRACE_CAUSE)
  }
  return decoded
}
