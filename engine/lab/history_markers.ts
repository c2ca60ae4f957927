/** Notable events of a recording: what a person wants to jump to. Each is the number of a trace row, and what it said. */
import { DM_STATES } from '../dm/mapped_device.ts'
import { SYNC_ACTIONS } from '../md/sync.ts'
import { tracedArrayName } from '../md/trace_name.ts'
import { powerText } from '../block/power_switch.ts'
import { TRACE, TRACE_KINDS } from '../sim/trace.ts'
import { formatTime } from './units.ts'

/** The number of a kind is its index here. */
export const MARKER_KINDS = [
  'command',
  'failure',
  'power',
  'fault',
  'disk',
  'member',
  'sync',
  'mismatch',
  'mapped',
  'state',
  'bit',
  'idle',
] as const
export type MarkerKind = (typeof MARKER_KINDS)[number]

/** Kinds of which there may be very many: of these, a long recording keeps every other one in its older half. */
const FREQUENT: readonly MarkerKind[] = ['state', 'bit', 'idle']

/** Kinds that a jump to the next notable event stops at, where nothing else is asked for. */
export const NOTABLE: readonly MarkerKind[] = MARKER_KINDS.filter((kind) => kind !== 'idle' && kind !== 'state')

const MARKERS_MAX = 65_536

/** row, step, time, and three numbers whose meaning depends on the kind. */
const COLUMNS = 6

export interface Marker {
  readonly kind: MarkerKind
  /** Number of the trace row. */
  readonly row: number
  /** Completed disk I/Os then. */
  readonly step: number
  /** Nanoseconds; of an idle stretch, its beginning. */
  readonly time: number
  readonly a: number
  readonly b: number
  readonly c: number
}

/** Names for the numbers in the trace. */
export interface MarkerNames {
  disk(index: number): string
  mapped(number: number): string
  cause(index: number): string
}

export class Markers {
  private kinds: Uint8Array
  private numbers: Float64Array
  count: number
  /** Before this row, markers of the kinds that are frequent are not all there. */
  completeFrom: number

  constructor() {
    this.kinds = new Uint8Array(256)
    this.numbers = new Float64Array(256 * COLUMNS)
    this.count = 0
    this.completeFrom = 0
  }

  get bytes(): number {
    return this.kinds.byteLength + this.numbers.byteLength
  }

  add(kind: MarkerKind, row: number, step: number, time: number, a = 0, b = 0, c = 0): void {
    if (this.count === this.kinds.length) this.makeRoom()
    this.kinds[this.count] = MARKER_KINDS.indexOf(kind)
    this.numbers.set([row, step, time, a, b, c], this.count * COLUMNS)
    this.count++
  }

  at(index: number): Marker {
    const [row, step, time, a, b, c] = this.numbers.subarray(index * COLUMNS, (index + 1) * COLUMNS)
    return { kind: MARKER_KINDS[this.kinds[index]], row, step, time, a, b, c }
  }

  /** Nothing happened from the end of the last event to `to`; what has no I/O in between is one stretch. */
  idle(row: number, step: number, from: number, to: number): void {
    const last = this.count - 1
    if (last >= 0 && this.kinds[last] === MARKER_KINDS.indexOf('idle') && this.numbers[last * COLUMNS + 1] === step) {
      this.numbers[last * COLUMNS + 3] = to
    } else this.add('idle', row, step, from, to)
  }

  /**
   * The first marker that was not yet there, or the last one that was there earlier.
   * @param rows trace rows written at the instant from which is looked
   * @param time of that instant: what happened at the same time is there, not before
   * @param of the first of the marker's own numbers, where only those about one thing count
   */
  next(rows: number, kinds: readonly MarkerKind[], of?: number): Marker | null {
    for (let i = this.firstFrom(rows); i < this.count; i++) if (this.is(i, kinds, of)) return this.at(i)
    return null
  }

  previous(rows: number, time: number, kinds: readonly MarkerKind[], of?: number): Marker | null {
    for (let i = this.firstFrom(rows) - 1; i >= 0; i--) {
      if (this.numbers[i * COLUMNS + 2] < time && this.is(i, kinds, of)) return this.at(i)
    }
    return null
  }

  private is(index: number, kinds: readonly MarkerKind[], of: number | undefined): boolean {
    if (of !== undefined && this.numbers[index * COLUMNS + 3] !== of) return false
    return kinds.includes(MARKER_KINDS[this.kinds[index]])
  }

  /** The markers up to a row, for a line of time that leaves this one there. */
  until(rows: number, time: number): Markers {
    const copy = new Markers()
    const count = this.firstFrom(rows)
    copy.kinds = this.kinds.slice(0, Math.max(256, count))
    copy.numbers = this.numbers.slice(0, Math.max(256, count) * COLUMNS)
    copy.count = count
    copy.completeFrom = this.completeFrom
    const last = count - 1
    if (last >= 0 && this.kinds[last] === MARKER_KINDS.indexOf('idle')) {
      copy.numbers[last * COLUMNS + 3] = Math.min(time, copy.numbers[last * COLUMNS + 3])
    }
    return copy
  }

  /** The index of the first marker whose row is not below. */
  private firstFrom(row: number): number {
    let low = 0
    let high = this.count
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.numbers[middle * COLUMNS] < row) low = middle + 1
      else high = middle
    }
    return low
  }

  private makeRoom(): void {
    if (this.count >= MARKERS_MAX && this.thin()) return
    const kinds = new Uint8Array(this.kinds.length * 2)
    const numbers = new Float64Array(this.numbers.length * 2)
    kinds.set(this.kinds)
    numbers.set(this.numbers)
    this.kinds = kinds
    this.numbers = numbers
  }

  /** Drops every other frequent marker of the older half. @returns whether that made room worth speaking of */
  private thin(): boolean {
    const half = this.count >> 1
    const border = this.numbers[half * COLUMNS]
    let to = 0
    let isOdd = false
    for (let i = 0; i < this.count; i++) {
      const isFrequent = FREQUENT.includes(MARKER_KINDS[this.kinds[i]])
      if (i < half && isFrequent && (isOdd = !isOdd)) continue
      this.kinds[to] = this.kinds[i]
      this.numbers.copyWithin(to * COLUMNS, i * COLUMNS, (i + 1) * COLUMNS)
      to++
    }
    const freed = this.count - to
    this.count = to
    if (freed > 0) this.completeFrom = border
    return freed > MARKERS_MAX / 16
  }
}

const MARKED: readonly boolean[] = TRACE_KINDS.map(({ name }) => {
  return !/^(bio_submit|bio_end|disk_io|disk_media|stripe_state|bitmap_counter|sync_progress|superblock_write)$/.test(
    name,
  )
})

/** Whether rows of this kind make markers. */
export function isMarked(kind: number): boolean {
  return MARKED[kind]
}

/** Adds the marker that a trace row makes, if it makes one. */
export function mark(markers: Markers, ring: Float64Array, at: number, row: number, step: number): void {
  const time = ring[at]
  const a = ring[at + 2]
  const b = ring[at + 3]
  const c = ring[at + 4]
  switch (ring[at + 1]) {
    case TRACE.command_begin:
      return markers.add('command', row, step, time, a)
    case TRACE.command_end:
      return b === 0 ? undefined : markers.add('failure', row, step, time, a, b)
    case TRACE.power:
      return markers.add('power', row, step, time, a, b, c)
    case TRACE.fault:
      return markers.add('fault', row, step, time, a, b, ring[at + 6])
    case TRACE.disk_state:
      return markers.add('disk', row, step, time, a, c)
    case TRACE.member_state:
      return markers.add('member', row, step, time, a, b, ring[at + 5])
    case TRACE.sync_begin:
      return markers.add('sync', row, step, time, a, b, 0)
    case TRACE.sync_end:
      return markers.add('sync', row, step, time, a, b, ring[at + 5] === 0 ? 1 : 2)
    case TRACE.mismatch:
      return markers.add('mismatch', row, step, time, a, b)
    case TRACE.dm_state:
      return markers.add('mapped', row, step, time, a, c)
    case TRACE.array_state:
      return markers.add('state', row, step, time, a, c)
    case TRACE.bitmap_disk_bit:
      return markers.add('bit', row, step, time, a, b, c)
  }
}

const MEMBER_WORDS = ['is in sync', 'is being rebuilt', 'has failed']
const SYNC_WORDS = ['begins', 'ends', 'is interrupted']

/** A marker in words. */
export function markerText({ kind, time, a, b, c }: Marker, names: MarkerNames): string {
  switch (kind) {
    case 'command':
      return names.cause(a)
    case 'failure':
      return `${names.cause(a)}: status ${b}`
    case 'power':
      return powerText(a, b, c)
    case 'fault':
      return c === 1 ? `fault ${a} on ${names.disk(b)} is lifted` : `fault ${a} on ${names.disk(b)}`
    case 'disk':
      return `${names.disk(a)} is ${b === 1 ? 'pulled' : 'put in'}`
    case 'member':
      return `${tracedArrayName(a)}: the member in slot ${b} ${MEMBER_WORDS[c] ?? 'is a spare'}`
    case 'sync':
      return `${tracedArrayName(a)}: ${SYNC_ACTIONS[b]} ${SYNC_WORDS[c]}`
    case 'mismatch':
      return `${tracedArrayName(a)}: data and parity do not match at sector ${b}`
    case 'mapped':
      return `${names.mapped(a)} is ${DM_STATES[b]}`
    case 'state':
      return `${tracedArrayName(a)} is ${b === 1 ? 'clean' : 'dirty'}`
    case 'bit':
      return `${tracedArrayName(a)}: bit ${b} of the bitmap is ${c === 1 ? 'set' : 'cleared'}`
    case 'idle':
      return `nothing happens for ${formatTime(a - time)}`
  }
}
