/**
 * What is known of every chunk of an array, in typed arrays (row by row, slot by slot): made anew from each frame but for the
 * times of the last I/O, which are gathered. Small arrays are shown from it chunk by chunk, large ones as a heat map.
 */
import type { Geometry } from '../../engine/api/vocabulary.ts'

export const OLD = 0
export const NEW = 1
export const STALE = 2
export const UNKNOWN = 3
export const LOST = 4

export const NO_ACTIVITY = 0
export const BEING_READ = 1
export const BEING_WRITTEN = 2

/** In what length of time an I/O's heat goes down by one, the first time; each further time is ten times as long. */
const COOLING = 200_000
export const HEAT_MAX = 4

export class ChunkField {
  readonly geometry: Geometry
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
  readonly isParity: Uint8Array
  /** By row, what the bitmap says: in memory 0 for clean, 1 for counting, 2 for a resync that is needed; on the disks 0 or 1. */
  readonly memoryBits: Uint8Array
  readonly diskBits: Uint8Array

  constructor(geometry: Geometry, rows: number) {
    const slots = geometry.raidDisks
    const chunks = rows * slots
    this.geometry = geometry
    this.rows = rows
    this.slots = slots
    this.state = new Uint8Array(chunks)
    this.activity = new Uint8Array(chunks)
    this.why = new Uint8Array(chunks)
    this.volatilePages = new Uint16Array(chunks)
    this.volatileMask = new Uint32Array(chunks)
    this.lastIo = new Float64Array(chunks).fill(-1)
    this.lastBio = new Float64Array(chunks)
    this.isParity = new Uint8Array(chunks)
    this.memoryBits = new Uint8Array(rows)
    this.diskBits = new Uint8Array(rows)
    for (let row = 0; row < rows; row++) this.isParity[row * slots + geometry.paritySlot(row)] = 1
  }

  /** Forgets what the last frame said. */
  begin(): void {
    this.state.fill(OLD)
    this.activity.fill(NO_ACTIVITY)
    this.why.fill(0)
    this.volatilePages.fill(0)
    this.volatileMask.fill(0)
  }

  /** The row of a member's sector, or -1 outside the array. */
  rowOf(sector: number): number {
    const row = Math.floor(sector / this.geometry.chunkSectors)
    return row >= 0 && row < this.rows ? row : -1
  }

  /** A page that is only in a disk's cache. */
  addVolatilePage(slot: number, sector: number): void {
    const row = this.rowOf(sector)
    if (row < 0) return
    const { chunkSectors } = this.geometry
    const chunk = row * this.slots + slot
    const bit = Math.floor(((sector - row * chunkSectors) / chunkSectors) * this.maskBits)
    this.volatilePages[chunk]++
    this.volatileMask[chunk] |= 1 << bit
    if (this.state[chunk] === OLD) this.state[chunk] = NEW
  }

  /** How many bits of a mask are used. */
  get maskBits(): number {
    return Math.min(32, Math.max(1, this.geometry.chunkSectors / 8))
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
    }
  }

  /** A request that ended. */
  addIo(slot: number, sector: number, sectors: number, time: number, bio: number): void {
    const first = this.rowOf(sector)
    const last = this.rowOf(sector + Math.max(1, sectors) - 1)
    if (first < 0) return
    for (let row = first; row <= (last < 0 ? this.rows - 1 : last); row++) {
      this.lastIo[row * this.slots + slot] = time
      this.lastBio[row * this.slots + slot] = bio
    }
  }

  /** The worse of what was known and this. */
  worsen(row: number, slot: number, state: number): void {
    const chunk = row * this.slots + slot
    if (this.state[chunk] < state) this.state[chunk] = state
  }

  /** How recent a chunk's last I/O is, {@link HEAT_MAX} to 0. */
  heat(chunk: number, now: number): number {
    const last = this.lastIo[chunk]
    return last < 0 ? 0 : heatOf(now - last)
  }
}

/** How hot an I/O still is after so many nanoseconds. */
export function heatOf(age: number): number {
  let heat = HEAT_MAX
  for (let limit = COOLING; heat > 0 && age > limit; limit *= 10) heat--
  return heat
}
