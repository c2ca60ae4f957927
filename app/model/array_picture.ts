/**
 * One array, from frames to what is on screen. Most of a frame is the present state; what is gathered here over frames is when each
 * chunk last had an I/O, and which writes of a stripe have ended while others of it have not: then the stripe does not fit together.
 */
import {
  INFLIGHT_COLUMNS,
  type ArrayFrame,
  type BitmapFrame,
  type DiskFrame,
  type MemberFrame,
} from '../../engine/api/frame.ts'
import { chunkMapOf, type Cell, type ChunkMap } from '../../engine/api/array_map.ts'
import { WRITE, READ } from '../../engine/api/vocabulary.ts'
import { ago } from '../draw/format.ts'
import { BEING_READ, BEING_WRITTEN, ChunkField, heatOf, LOST, OLD, STALE, UNKNOWN } from './chunk_field.ts'
import { bitmapMark, counterRank, diskBit, healthOf, membersOf, memoryBit, syncOf } from './array_marks.ts'
import { keepSame } from './keep_same.ts'
import {
  ACTIVITIES,
  CHUNKS_SHOWN_SINGLY,
  CHUNK_KINDS,
  CHUNK_STATES,
  type ArrayScene,
  type BitmapMark,
  type ChunkMark,
  type MetaMark,
  type StripeRow,
} from './scene.ts'
import { PLAN_WORDS, StripeNotes } from './stripe_notes.ts'

/** A completed disk I/O, from the trace. */
export interface DiskIo {
  readonly time: number
  readonly disk: number
  readonly bio: number
  readonly op: number
  readonly sector: number
  readonly sectors: number
}

/** A request under way, as a dot between the array and a chunk. */
export interface Flight {
  readonly bio: number
  readonly slot: number
  /** -1: outside the data, at a superblock or the bitmap. */
  readonly row: number
  readonly op: number
  readonly isParity: boolean
}

const PAGE = 8
/** Longer writes are no page of a stripe. */
const STRIPE_WRITE_MAX = 8

function shapeOf({ level, layout, chunkSectors, slotSectors, rows }: ArrayFrame): string {
  return `${level} ${layout} ${chunkSectors} ${rows} ${slotSectors.join(' ')}`
}

/** @returns null for an array of a level that is not known here (yet) */
export function pictureOf(frame: ArrayFrame): ArrayPicture | null {
  const map = chunkMapOf(frame)
  return map === null ? null : new ArrayPicture(frame, map)
}

export class ArrayPicture {
  readonly field: ChunkField
  readonly notes = new StripeNotes()
  flights: readonly Flight[] = []
  /** Requests that began and ended since the last frame. */
  passed: readonly Flight[] = []
  scene: ArrayScene
  /** First sector of a page of a stripe: the slots whose write has ended while another's is under way. */
  readonly #shape: string
  #blank: Uint8Array | null = null
  #isBegun = false
  readonly #partial = new Map<number, number>()
  /** When the superblock or bitmap of each slot was last read or written. */
  readonly #lastMeta: number[] = []
  #reasons: string[] = ['']
  /** Per bit of the bitmap: what was seen of it. */
  #bits = new Uint8Array(0)
  #doubtsFrom = { position: -1, isComplete: true }

  constructor(frame: ArrayFrame, map: ChunkMap) {
    const { level, chunkSectors } = frame
    this.field = new ChunkField(map)
    this.#shape = shapeOf(frame)
    this.scene = {
      name: frame.name,
      level,
      layout: frame.layoutName,
      chunkSectors,
      rowCount: frame.rows,
      health: '',
      state: '',
      mismatches: 0,
      members: [],
      others: [],
      meta: [],
      rows: [],
      work: [],
      sync: undefined,
      hasBitmap: frame.bitmap !== null,
    }
  }

  /** Whether a frame's array is still the same one, as far as its shape goes. */
  fits(frame: ArrayFrame): boolean {
    return frame.name === this.scene.name && shapeOf(frame) === this.#shape
  }

  /** The slots whose writes have ended while another's of the same page has not, by the page's first sector. */
  get partial(): ReadonlyMap<number, number> {
    return this.#partial
  }

  /**
   * @param ios disk I/Os that ended since the last frame
   * @param now virtual time
   * @param real milliseconds of real time
   */
  update(
    frame: ArrayFrame,
    disks: ReadonlyMap<string, DiskFrame>,
    ios: readonly DiskIo[],
    now: number,
    real: number,
  ): void {
    const { field } = this
    field.begin()
    this.#blank = frame.blank
    const places = frame.members.filter(({ slot }) => slot >= 0 && slot < field.slots)
    this.#addIos(places, disks, ios)
    const pending = this.#addFlights(frame, places, disks)
    this.#addCaches(places, disks)
    this.#addDoubts(frame, places)
    this.#addPartial(pending)
    field.end(now)
    this.notes.update(frame, field.map, this.#partial, real)
    this.scene = keepSame(this.scene, {
      ...this.scene,
      health: healthOf(places, field.slots),
      state: frame.state,
      mismatches: frame.mismatches,
      members: keepSame(this.scene.members, membersOf(places, field.slots, disks)),
      others: keepSame(
        this.scene.others,
        frame.members.filter(({ slot }) => slot < 0).map(({ name, state }) => ({ disk: name, state })),
      ),
      meta: keepSame(this.scene.meta, this.#meta(places, disks, now)),
      rows: this.#rows(frame, now),
      work: keepSame(this.scene.work, this.notes.shown),
      sync: keepSame(this.scene.sync, syncOf(frame, field.map)),
      hasBitmap: frame.bitmap !== null,
    })
  }

  #addIos(places: readonly MemberFrame[], disks: ReadonlyMap<string, DiskFrame>, ios: readonly DiskIo[]): void {
    const byDisk = new Map<number, MemberFrame>()
    const apart = new Map<number, MemberFrame>()
    for (const member of places) {
      const disk = disks.get(member.name)
      if (disk) byDisk.set(disk.index, member)
      const other = member.metadata === member.name ? undefined : disks.get(member.metadata)
      if (other) apart.set(other.index, member)
    }
    const seen = new Set(this.flights.map(({ bio }) => bio))
    const passed: Flight[] = []
    for (const io of ios) {
      if (io.sectors === 0) continue
      const keeper = apart.get(io.disk)
      if (keeper) {
        this.#lastMeta[keeper.slot] = io.time
        if (!seen.has(io.bio)) passed.push(this.#flight(io.bio, keeper.slot, -1, io.op))
        continue
      }
      const member = byDisk.get(io.disk)
      if (!member) continue
      const sector = io.sector - member.dataOffset
      if (sector < 0) this.#lastMeta[member.slot] = io.time
      this.field.addIo(member.slot, sector, io.sectors, io.time, io.bio)
      const isStripeWrite = io.op === WRITE && io.sectors <= STRIPE_WRITE_MAX && sector >= 0
      if (isStripeWrite) {
        const page = sector - (sector % PAGE)
        this.#partial.set(page, (this.#partial.get(page) ?? 0) | (1 << member.slot))
      }
      if (!seen.has(io.bio)) passed.push(this.#flight(io.bio, member.slot, sector, io.op))
    }
    // Of a picture that was just begun, those are long past: nothing flies.
    this.passed = this.#isBegun ? passed : []
    this.#isBegun = true
  }

  /** @returns the slots with a write under way, by the page's first sector */
  #addFlights(
    frame: ArrayFrame,
    places: readonly MemberFrame[],
    disks: ReadonlyMap<string, DiskFrame>,
  ): ReadonlyMap<number, number> {
    const planned = new Map(frame.stripes.map((stripe) => [stripe.sector, stripe.plan]))
    const syncing = frame.sync.action === 'idle' ? '' : frame.sync.action
    this.#reasons = ['']
    const pending = new Map<number, number>()
    const flights: Flight[] = []
    for (const member of places) {
      const apart = member.metadata === member.name ? undefined : disks.get(member.metadata)?.inflight
      for (let at = 0; apart && at < apart.length; at += INFLIGHT_COLUMNS) {
        if (apart[at + 4] > 0) flights.push(this.#flight(apart[at], member.slot, -1, apart[at + 2] & 7))
      }
      const inflight = disks.get(member.name)?.inflight
      if (!inflight) continue
      for (let at = 0; at < inflight.length; at += INFLIGHT_COLUMNS) {
        const op = inflight[at + 2] & 7
        const sector = inflight[at + 3] - member.dataOffset
        const sectors = inflight[at + 4]
        if (sectors === 0) continue
        flights.push(this.#flight(inflight[at], member.slot, sector, op))
        if (sector < 0) continue
        const page = sector - (sector % PAGE)
        const plan = planned.get(page)
        const why = this.#reason(plan === undefined ? syncing : PLAN_WORDS[plan])
        this.field.addFlight(member.slot, sector, sectors, op === READ ? BEING_READ : BEING_WRITTEN, why)
        if (op === WRITE && sectors <= STRIPE_WRITE_MAX)
          pending.set(page, (pending.get(page) ?? 0) | (1 << member.slot))
      }
    }
    this.flights = flights
    return pending
  }

  #addCaches(places: readonly MemberFrame[], disks: ReadonlyMap<string, DiskFrame>): void {
    for (const member of places) {
      const sectors = disks.get(member.name)?.cacheSectors
      if (!sectors) continue
      for (const sector of sectors) this.field.addVolatilePage(member.slot, sector - member.dataOffset)
    }
  }

  /** What the bitmap says of a row, if there is one. */
  bits(frame: ArrayFrame, row: number): BitmapMark | undefined {
    if (!frame.bitmap) return undefined
    const holders = frame.members.filter(
      ({ slot, state }) => slot >= 0 && (state === 'active' || state === 'rebuilding'),
    )
    return bitmapMark(frame.bitmap, this.field.map.syncRange(row), holders.length)
  }

  /** What cannot be trusted, and what is not there. */
  #addDoubts(frame: ArrayFrame, places: readonly MemberFrame[]): void {
    const { field } = this
    const { map } = field
    const { bitmap, sync } = frame
    const isResyncing = sync.action === 'resync'
    // While a member is away, the bitmap's word is for its return; the parity of the others is what they have.
    const isComplete = frame.degraded === 0
    const mend = (row: number): void => {
      // The bitmap is told only now and then how far a resync has come.
      const isAhead = !isResyncing || map.syncRange(row).to > sync.position
      field.setDoubt(row, bitmap ? isComplete && isAhead && field.memoryBits[row] === 2 : isResyncing && isAhead)
    }
    if (bitmap) this.#readBits(bitmap, mend)
    const position = isResyncing ? sync.position : -1
    const before = this.#doubtsFrom
    this.#doubtsFrom = { position, isComplete }
    if (before.isComplete !== isComplete || before.position < 0 !== position < 0) {
      for (let row = 0; row < field.rows; row++) mend(row)
    } else if (before.position !== position) {
      const [from, to] = [Math.min(before.position, position), Math.max(before.position, position)]
      for (const row of map.rowsIn(from, to + map.chunkSectors)) mend(row)
    }
    const present = new Map(places.map((member) => [member.slot, member]))
    for (let slot = 0; slot < field.slots; slot++) {
      const member = present.get(slot)
      if (member?.state === 'active') field.setAbsent(slot, field.rows, OLD)
      else if (member?.state === 'rebuilding')
        field.setAbsent(slot, Math.floor(member.recoveryOffset / map.chunkSectors), UNKNOWN)
      else field.setAbsent(slot, 0, LOST)
    }
  }

  /** Takes in what has changed of the bitmap. */
  #readBits(bitmap: BitmapFrame, changed: (row: number) => void): void {
    const { field } = this
    const { map } = field
    const { counters, mediaBits } = bitmap
    if (this.#bits.length !== counters.length) this.#bits = new Uint8Array(counters.length)
    const known = this.#bits
    for (let chunk = 0; chunk < counters.length; chunk++) {
      const code = counterRank(counters[chunk]) | (mediaBits[chunk] === 0 ? 0 : 4)
      if (known[chunk] === code) continue
      known[chunk] = code
      const from = chunk * bitmap.chunkSectors
      for (const row of map.rowsIn(from, from + bitmap.chunkSectors)) {
        const range = map.syncRange(row)
        field.setBits(row, memoryBit(bitmap, range), diskBit(bitmap, range))
        changed(row)
      }
    }
  }

  /** What does not fit the rest of its stripe, because only some of its writes have ended. */
  #addPartial(pending: ReadonlyMap<number, number>): void {
    const { field } = this
    for (const [page, ended] of this.#partial) {
      const row = field.rowOf(page)
      const behind = row < 0 ? [] : this.#behind(page, row, ended, pending)
      if (behind.length === 0) this.#partial.delete(page)
      for (const cell of behind) field.worsen(cell.row, cell.slot, STALE)
    }
  }

  /** What is behind the writes of a page that have ended, while others that belong to them are under way. */
  #behind(page: number, row: number, ended: number, pending: ReadonlyMap<number, number>): readonly Cell[] {
    const { map, slots } = this.field
    const waiting = pending.get(page) ?? 0
    const all = Array.from({ length: slots }, (_, slot) => ({ row, slot }))
    if (this.scene.level === 1 || this.scene.level === 10) {
      const isWaiting = (cell: Cell): boolean =>
        ((pending.get(page + (cell.row - row) * map.chunkSectors) ?? 0) & (1 << cell.slot)) !== 0
      return all
        .filter(({ slot }) => (ended & (1 << slot)) !== 0)
        .flatMap(({ slot }) => map.together(row, slot).filter(isWaiting))
    }
    if (waiting === 0) return []
    const hasParity = all.some(({ slot }) => (ended & (1 << slot)) !== 0 && map.isParity(row, slot))
    // Data that is on its disk makes the old parity wrong; parity that is on its disk makes the old data wrong.
    return all.filter(({ slot }) =>
      map.isParity(row, slot) ? (ended & (1 << slot)) === 0 : hasParity && (waiting & (1 << slot)) !== 0,
    )
  }

  #rows(frame: ArrayFrame, now: number): readonly StripeRow[] {
    const { field } = this
    if (field.rows * field.slots > CHUNKS_SHOWN_SINGLY) return []
    let isSame = this.scene.rows.length === field.rows
    const rows = Array.from({ length: field.rows }, (_, stripe) => {
      const before = this.scene.rows[stripe] as StripeRow | undefined
      const row = keepSame(before, {
        stripe,
        chunks: keepSame(
          before?.chunks,
          Array.from({ length: field.slots }, (_, slot) => this.markAt(stripe, slot, now)),
        ),
        bitmap: keepSame(before?.bitmap, this.bits(frame, stripe)),
      })
      isSame &&= row === before
      return row
    })
    return isSame ? this.scene.rows : rows
  }

  /** All that is known of a chunk. */
  markAt(stripe: number, slot: number, now: number): ChunkMark {
    const { field } = this
    const chunk = stripe * field.slots + slot
    const before = (this.scene.rows[stripe] as StripeRow | undefined)?.chunks[slot]
    const last = field.lastIo[chunk]
    const heat = field.heat(chunk, now)
    return keepSame(before, {
      kind: CHUNK_KINDS[field.kind[chunk]],
      label: field.map.nameAt(stripe, slot),
      state: CHUNK_STATES[field.state[chunk]],
      isBlank: this.#blank?.[chunk] === 1,
      activity: ACTIVITIES[field.activity[chunk]],
      why: this.#reasons[field.why[chunk]],
      volatilePages: field.volatilePages[chunk],
      volatileMask: field.volatileMask[chunk],
      heat,
      age: heat > 0 ? ago(now - last) : '',
    })
  }

  /** What goes on at the superblocks and bitmaps. */
  #meta(places: readonly MemberFrame[], disks: ReadonlyMap<string, DiskFrame>, now: number): readonly MetaMark[] {
    return Array.from({ length: this.field.slots }, (_, slot) => {
      const member = places.find((candidate) => candidate.slot === slot)
      const disk = member && disks.get(member.metadata)
      const end = member?.metadata === member?.name ? (member?.dataOffset ?? 0) : Infinity
      let volatilePages = 0
      for (const sector of disk?.cacheSectors ?? []) if (sector < end) volatilePages++
      const flights = this.flights.filter((flight) => flight.slot === slot && flight.row < 0)
      const activity = flights.length === 0 ? 'none' : flights.some(({ op }) => op === WRITE) ? 'write' : 'read'
      const last = this.#lastMeta[slot] ?? -Infinity
      const heat = heatOf(now - last)
      return { activity, volatilePages, heat, age: heat > 0 ? ago(now - last) : '' }
    })
  }

  #flight(bio: number, slot: number, sector: number, op: number): Flight {
    const row = sector < 0 ? -1 : this.field.rowOf(sector)
    return { bio, slot, row, op, isParity: row >= 0 && this.field.isParity(row * this.field.slots + slot) }
  }

  #reason(words: string): number {
    const known = this.#reasons.indexOf(words)
    return known >= 0 ? known : this.#reasons.push(words) - 1
  }
}
