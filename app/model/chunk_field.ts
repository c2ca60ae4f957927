/**
 * What is known of every chunk of an array, in typed arrays (row by row, slot by slot): kept up to date from each frame, touching only
 * what changes. Small arrays are shown from it chunk by chunk, large ones as a map that zooms.
 */
import { CELL_EMPTY, CELL_Q, type ChunkMap } from '../../engine/api/array_map.ts'
import { MaxPyramid } from './max_pyramid.ts'

export const OLD = 0
export const NEW = 1
export const STALE = 2
export const UNKNOWN = 3
export const LOST = 4

/** What a chunk is: the first copy of data, parity, a further copy of data, nothing of the array, or the second parity. */
export const DATA = 0
export const PARITY = 1
export const COPY = 2
export const EMPTY = 3
export const SECOND_PARITY = 4

export const NO_ACTIVITY = 0
export const BEING_READ = 1
export const BEING_WRITTEN = 2

/**
 * How pressing a chunk is, as one number: where one cell of the map stands for many chunks, the greatest speaks for them. 1 to
 * {@link HEAT_MAX} is how recent the last I/O of a chunk at rest is.
 */
export const RANK_READ = 5
export const RANK_UNKNOWN = 6
export const RANK_WRITE = 7
export const RANK_NEW = 8
export const RANK_STALE = 9
export const RANK_LOST = 10
export const RANKS = 11

/** In what length of time an I/O's heat goes down by one, the first time; each further time is ten times as long. */
const COOLING = 200_000
export const HEAT_MAX = 4

export class ChunkField {
  readonly map: ChunkMap
  readonly rows: number
  readonly slots: number
  /** One of the states above, as `CHUNK_STATES` names them. */
  readonly state: Uint8Array
  readonly activity: Uint8Array
  /** Index into the reasons of this frame. */
  readonly why: Uint8Array
  readonly volatilePages: Uint16Array
  readonly volatileMask: Uint32Array
  /** When the last I/O ended; -1 for never seen. */
  readonly lastIo: Float64Array
  /** The bio of the last I/O that was seen; 0 for none. */
  readonly lastBio: Float64Array
  /** One of the kinds above. */
  readonly kind: Uint8Array
  /** By row, what the bitmap says: in memory 0 for clean, 1 for counting, 2 for a resync that is needed; on the disks 0 or 1. */
  readonly memoryBits: Uint8Array
  readonly diskBits: Uint8Array
  /** How pressing each chunk is, by slot and row, and each stretch of rows. */
  readonly ranks: MaxPyramid
  /** The two kinds of bits, as columns. */
  readonly bits: MaxPyramid
  /** Pages of the array that are only in caches. */
  volatileTotal = 0
  /** By row: 1 where parity, or a copy, is in doubt. */
  readonly #doubts: Uint8Array
  /** By slot: from this row on its chunks are not there, or not there yet, and which of the two. */
  readonly #absentFrom: number[]
  readonly #absence: number[]
  /** Chunks of which this frame says something of its own, and whose rank is to be looked at. */
  #touched: number[] = []
  #changed: number[] = []
  /** Chunks that cool down: for each step of it those that wait for it, the oldest first. */
  readonly #cooling = Array.from({ length: HEAT_MAX }, () => new Cooling())

  constructor(map: ChunkMap) {
    const { rows, slots } = map
    const chunks = rows * slots
    this.map = map
    this.rows = rows
    this.slots = slots
    this.state = new Uint8Array(chunks)
    this.activity = new Uint8Array(chunks)
    this.why = new Uint8Array(chunks)
    this.volatilePages = new Uint16Array(chunks)
    this.volatileMask = new Uint32Array(chunks)
    this.lastIo = new Float64Array(chunks).fill(-1)
    this.lastBio = new Float64Array(chunks)
    this.kind = new Uint8Array(chunks)
    this.memoryBits = new Uint8Array(rows)
    this.diskBits = new Uint8Array(rows)
    this.ranks = new MaxPyramid(slots, rows)
    this.bits = new MaxPyramid(2, rows)
    this.#doubts = new Uint8Array(rows)
    this.#absentFrom = Array.from({ length: slots }, () => rows)
    this.#absence = Array.from({ length: slots }, () => OLD)
    for (let row = 0, chunk = 0; row < rows; row++) {
      for (let slot = 0; slot < slots; slot++, chunk++) this.kind[chunk] = kindOf(map, row, slot)
    }
  }

  /** Forgets what the last frame said of single chunks. */
  begin(): void {
    for (const chunk of this.#touched) {
      this.activity[chunk] = NO_ACTIVITY
      this.why[chunk] = 0
      this.volatilePages[chunk] = 0
      this.volatileMask[chunk] = 0
      this.state[chunk] = this.#atRest(chunk)
    }
    this.#changed = this.#touched
    this.#touched = []
    this.volatileTotal = 0
  }

  /** Looks anew at the ranks of what this frame has changed, and of what has cooled down. */
  end(now: number): void {
    for (const chunk of this.#changed) this.#rank(chunk, now)
    for (const chunk of this.#touched) this.#rank(chunk, now)
    let limit = COOLING
    this.#cooling.forEach((queue, step) => {
      queue.take(now - limit, (chunk, time) => {
        // Touched again since, it waits once more, at the first step.
        if (this.lastIo[chunk] !== time) return
        this.#rank(chunk, now)
        if (step + 1 < HEAT_MAX) this.#cooling[step + 1].add(chunk, time)
      })
      limit *= 10
    })
    this.#changed = []
  }

  /** The row of a member's sector, or -1 outside the array. */
  rowOf(sector: number): number {
    const row = Math.floor(sector / this.map.chunkSectors)
    return row >= 0 && row < this.rows ? row : -1
  }

  /** A page that is only in a disk's cache. */
  addVolatilePage(slot: number, sector: number): void {
    const row = this.rowOf(sector)
    if (row < 0) return
    const { chunkSectors } = this.map
    const chunk = row * this.slots + slot
    const bit = Math.floor(((sector - row * chunkSectors) / chunkSectors) * this.maskBits)
    this.volatilePages[chunk]++
    this.volatileTotal++
    this.volatileMask[chunk] |= 1 << bit
    if (this.state[chunk] === OLD) this.state[chunk] = NEW
    this.#touched.push(chunk)
  }

  /** Whether P or Q lies there. */
  isParity(chunk: number): boolean {
    return this.kind[chunk] === PARITY || this.kind[chunk] === SECOND_PARITY
  }

  /** Whether the array holds the same without a chunk. */
  isRedundant(chunk: number): boolean {
    return this.isParity(chunk) || this.kind[chunk] === COPY
  }

  /** How many bits of a mask are used. */
  get maskBits(): number {
    return Math.min(32, Math.max(1, this.map.chunkSectors / 8))
  }

  /** A request the disk is working on. */
  addFlight(slot: number, sector: number, sectors: number, activity: number, why: number): void {
    const first = this.rowOf(sector)
    const last = this.rowOf(sector + Math.max(1, sectors) - 1)
    if (first < 0) return
    for (let row = first; row <= (last < 0 ? this.rows - 1 : last); row++) {
      const chunk = row * this.slots + slot
      if (this.activity[chunk] >= activity) continue
      this.activity[chunk] = activity
      this.why[chunk] = why
      this.#touched.push(chunk)
    }
  }

  /** A request that ended. */
  addIo(slot: number, sector: number, sectors: number, time: number, bio: number): void {
    const first = this.rowOf(sector)
    const last = this.rowOf(sector + Math.max(1, sectors) - 1)
    if (first < 0) return
    for (let row = first; row <= (last < 0 ? this.rows - 1 : last); row++) {
      const chunk = row * this.slots + slot
      this.lastIo[chunk] = time
      this.lastBio[chunk] = bio
      this.#changed.push(chunk)
      this.#cooling[0].add(chunk, time)
    }
  }

  /** The worse of what was known and this, until the next frame. */
  worsen(row: number, slot: number, state: number): void {
    const chunk = row * this.slots + slot
    this.#touched.push(chunk)
    if (this.state[chunk] < state) this.state[chunk] = state
  }

  /** Whether the parity of a row, or its copies, are in doubt, from now on. */
  setDoubt(row: number, isInDoubt: boolean): void {
    const doubt = isInDoubt ? 1 : 0
    if (this.#doubts[row] === doubt) return
    this.#doubts[row] = doubt
    for (let slot = 0; slot < this.slots; slot++) {
      if (this.isRedundant(row * this.slots + slot)) this.#settle(row * this.slots + slot)
    }
  }

  /**
   * From which row on the chunks of a slot are lost, or still unknown, from now on.
   * @param from `rows` for a member that is there as a whole
   */
  setAbsent(slot: number, from: number, state: number): void {
    const before = this.#absentFrom[slot]
    const now = Math.min(this.rows, Math.max(0, from))
    const isOther = this.#absence[slot] !== state
    this.#absentFrom[slot] = now
    this.#absence[slot] = state
    const end = isOther ? this.rows : Math.max(before, now)
    for (let row = Math.min(before, now); row < end; row++) this.#settle(row * this.slots + slot)
  }

  setBits(row: number, memory: number, disk: number): void {
    this.memoryBits[row] = memory
    this.diskBits[row] = disk
    this.bits.set(0, row, memory)
    this.bits.set(1, row, disk)
  }

  /** How recent a chunk's last I/O is, {@link HEAT_MAX} to 0. */
  heat(chunk: number, now: number): number {
    const last = this.lastIo[chunk]
    return last < 0 ? 0 : heatOf(now - last)
  }

  /** What a chunk is while nobody does anything to it. */
  #atRest(chunk: number): number {
    const row = Math.floor(chunk / this.slots)
    const slot = chunk - row * this.slots
    const doubt = this.#doubts[row] === 1 && this.isRedundant(chunk) ? UNKNOWN : OLD
    return row >= this.#absentFrom[slot] ? Math.max(doubt, this.#absence[slot]) : doubt
  }

  #settle(chunk: number): void {
    const rest = this.#atRest(chunk)
    this.state[chunk] = Math.max(rest, this.volatilePages[chunk] > 0 ? NEW : OLD)
    this.#changed.push(chunk)
  }

  #rank(chunk: number, now: number): void {
    const row = Math.floor(chunk / this.slots)
    this.ranks.set(chunk - row * this.slots, row, this.#rankOf(chunk, now))
  }

  #rankOf(chunk: number, now: number): number {
    switch (this.state[chunk]) {
      case LOST:
        return RANK_LOST
      case STALE:
        return RANK_STALE
      case NEW:
        return RANK_NEW
    }
    const activity = this.activity[chunk]
    if (activity === BEING_WRITTEN) return RANK_WRITE
    if (this.state[chunk] === UNKNOWN) return RANK_UNKNOWN
    return activity === BEING_READ ? RANK_READ : this.heat(chunk, now)
  }
}

function kindOf(map: ChunkMap, row: number, slot: number): number {
  const number = map.numberAt(row, slot)
  if (number >= 0) return map.copyAt(row, slot) > 0 ? COPY : DATA
  return number === CELL_EMPTY ? EMPTY : number === CELL_Q ? SECOND_PARITY : PARITY
}

/** How hot an I/O still is after so many nanoseconds. */
export function heatOf(age: number): number {
  let heat = HEAT_MAX
  for (let limit = COOLING; heat > 0 && age > limit; limit *= 10) heat--
  return heat
}

/** Chunks with the times of their I/Os, in the order in which they came. */
class Cooling {
  #chunks: number[] = []
  #times: number[] = []
  #head = 0

  add(chunk: number, time: number): void {
    this.#chunks.push(chunk)
    this.#times.push(time)
  }

  /** Takes out those that are older than so. */
  take(before: number, out: (chunk: number, time: number) => void): void {
    while (this.#head < this.#times.length && this.#times[this.#head] < before) {
      const at = this.#head++
      out(this.#chunks[at], this.#times[at])
    }
    if (this.#head < 1024 || this.#head * 2 < this.#times.length) return
    this.#chunks = this.#chunks.slice(this.#head)
    this.#times = this.#times.slice(this.#head)
    this.#head = 0
  }
}
