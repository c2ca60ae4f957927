/**
 * What a machine has done, in numbers, at every moment of its recording: read from the trace as it is written, kept every so many
 * rows, and for a moment in between counted on from there with the rows that the machine of that moment still has in its ring.
 */
import { DISCARD, FLUSH, READ } from '../block/bio.ts'
import { CUT } from '../block/power_switch.ts'
import { TRACE, TRACE_COLUMNS, TRACE_ROWS, type Trace } from '../sim/trace.ts'
import { MemberPlaces } from './member_places.ts'
import type { Machine } from './machine.ts'

/** Counted per disk. */
export const DISK_COUNTS = ['reads', 'writes', 'flushes', 'discards', 'readSectors', 'writtenSectors'] as const
export type DiskCount = (typeof DISK_COUNTS)[number]

/** Counted over all; times are nanoseconds. */
export const TOTAL_COUNTS = [
  'dataWrites',
  'dataSectors',
  'parityWrites',
  'paritySectors',
  'superblockWrites',
  'bitmapWrites',
  'otherWrites',
  'bitsSet',
  'bitsCleared',
  'syncs',
  'syncedSectors',
  'syncTime',
  'cuts',
] as const
export type TotalCount = (typeof TOTAL_COUNTS)[number]

const WRITES_AT = { data: 0, parity: 2, superblock: 4, bitmap: 5, disk: 6 } as const
const at = (name: TotalCount): number => TOTAL_COUNTS.indexOf(name)

/** Resync and recovery: what makes an array whole; a check is asked for. */
const RESTORING = [0, 1]

export class Census {
  private readonly disks: Map<number, Float64Array>
  private readonly totals: Float64Array
  /** When the sync of an array began that is under way, by its minor. */
  private readonly syncing: Map<number, number>

  constructor() {
    this.disks = new Map()
    this.totals = new Float64Array(TOTAL_COUNTS.length)
    this.syncing = new Map()
  }

  copy(): Census {
    const copy = new Census()
    for (const [disk, counts] of this.disks) copy.disks.set(disk, counts.slice())
    copy.totals.set(this.totals)
    for (const [minor, time] of this.syncing) copy.syncing.set(minor, time)
    return copy
  }

  disk(disk: number, count: DiskCount): number {
    return this.disks.get(disk)?.[DISK_COUNTS.indexOf(count)] ?? 0
  }

  /** Of all disks. */
  allDisks(count: DiskCount): number {
    let sum = 0
    for (const counts of this.disks.values()) sum += counts[DISK_COUNTS.indexOf(count)]
    return sum
  }

  /** @param now what the clock shows, for a sync that is under way */
  total(count: TotalCount, now: number): number {
    let total = this.totals[at(count)]
    if (count === 'syncTime') for (const begun of this.syncing.values()) total += now - begun
    return total
  }

  /** @param offset of a row in `rows` */
  add(rows: Float64Array, offset: number, places: MemberPlaces): void {
    const time = rows[offset]
    const a = rows[offset + 2]
    const b = rows[offset + 3]
    const { totals } = this
    switch (rows[offset + 1]) {
      case TRACE.disk_io:
        return this.addIo(b, rows[offset + 5] & 7, rows[offset + 6], rows[offset + 7], places)
      case TRACE.bitmap_disk_bit:
        totals[at(rows[offset + 4] === 0 ? 'bitsCleared' : 'bitsSet')]++
        return
      case TRACE.sync_begin:
        if (!RESTORING.includes(b)) return
        totals[at('syncs')]++
        this.syncing.set(a, time)
        return
      case TRACE.sync_progress:
        if (RESTORING.includes(b)) totals[at('syncedSectors')] += rows[offset + 6]
        return
      case TRACE.sync_end:
        if (RESTORING.includes(b)) this.endSync(a, time)
        return
      case TRACE.power:
        if (a === 1) return
        if (a === CUT) totals[at('cuts')]++
        for (const minor of [...this.syncing.keys()]) this.endSync(minor, time)
    }
  }

  private endSync(minor: number, time: number): void {
    this.totals[at('syncTime')] += time - (this.syncing.get(minor) ?? time)
    this.syncing.delete(minor)
  }

  private addIo(disk: number, op: number, sector: number, sectors: number, places: MemberPlaces): void {
    let counts = this.disks.get(disk)
    if (counts === undefined) this.disks.set(disk, (counts = new Float64Array(DISK_COUNTS.length)))
    // A flush may come as a write of nothing.
    const isFlush = op === FLUSH || (op !== READ && sectors === 0)
    counts[isFlush ? 2 : op === READ ? 0 : op === DISCARD ? 3 : 1]++
    if (isFlush || op === DISCARD) return
    counts[op === READ ? 4 : 5] += sectors
    if (op === READ) return
    const kind = places.kindAt(disk, sector)
    const column = WRITES_AT[kind]
    this.totals[column]++
    if (kind === 'data' || kind === 'parity') this.totals[column + 1] += sectors
  }
}

/** Rows between two censuses that are kept; the ring holds several times as many. */
const KEPT_ROWS = TRACE_ROWS / 4

interface KeptCensus {
  readonly rows: number
  readonly census: Census
}

/** What lies where, from a row on. */
interface PlacesSince {
  readonly row: number
  readonly places: MemberPlaces
}

/** Rows after which an array may be another one. */
const TURNS: readonly number[] = [TRACE.command_end, TRACE.member_state, TRACE.sync_begin, TRACE.array_state]

export class CensusBook {
  private kept: KeptCensus[]
  private turns: PlacesSince[]
  private rows: number
  private census: Census

  constructor() {
    this.kept = [{ rows: 0, census: new Census() }]
    this.turns = [{ row: 0, places: new MemberPlaces() }]
    this.rows = 0
    this.census = new Census()
  }

  /** What lies where at the newest moment. */
  get places(): MemberPlaces {
    return this.turns[this.turns.length - 1].places
  }

  /** Takes in what the newest machine has written since; its ring must not have gone round. */
  follow(machine: Machine): void {
    const { trace } = machine.sim
    if (trace.written === this.rows) return
    const { rows } = trace.since(this.rows)
    for (let offset = 0; offset < rows.length; offset += TRACE_COLUMNS) {
      if (TURNS.includes(rows[offset + 1])) this.turn(this.rows + offset / TRACE_COLUMNS, machine)
      this.census.add(rows, offset, this.places)
    }
    this.rows = trace.written
    const last = this.kept[this.kept.length - 1]
    if (this.rows - last.rows >= KEPT_ROWS) {
      this.kept.push({ rows: this.rows, census: this.census.copy() })
    }
  }

  /** What a machine had done: the newest one, or one at an earlier moment of the same recording. */
  at({ sim }: Machine): Census {
    return this.countTo(sim.trace.written, sim.trace)
  }

  /** The recording goes another way from a row on, which the trace of that way has in its ring. */
  fork(row: number, { sim }: Machine): void {
    this.kept = this.kept.filter((kept) => kept.rows <= row)
    this.turns = this.turns.filter((turn) => turn.row < Math.max(1, row))
    this.census = this.countTo(row, sim.trace)
    this.rows = row
  }

  private countTo(end: number, trace: Trace): Census {
    const kept = this.kept.findLast(({ rows }) => rows <= end) ?? this.kept[0]
    const census = kept.census.copy()
    const { first, rows } = trace.since(kept.rows)
    let turn = 0
    for (let row = first; row < end; row++) {
      while (turn + 1 < this.turns.length && this.turns[turn + 1].row <= row) turn++
      census.add(rows, (row - first) * TRACE_COLUMNS, this.turns[turn].places)
    }
    return census
  }

  private turn(row: number, machine: Machine): void {
    const places = this.places.copy()
    places.note(machine)
    if (!places.isSame(this.places)) this.turns.push({ row, places })
  }
}
