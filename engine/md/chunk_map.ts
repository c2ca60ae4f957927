/**
 * What each chunk of each member of an array is, for every level: what drawings, traces and explanations go by. A cell is a chunk of
 * a member: a row, counted from the start of the member's data, and a slot. A RAID-1 has no chunks, and is cut into pieces for this.
 */
import { geometryOf, placesOf, type ArrayGeometry, type ArrayShape } from './array_geometry.ts'
import { drawnChunk, rowsOf, usedOfSlots } from './drawn_shape.ts'
import { Geometry } from './geometry.ts'
import type { Copy } from './mirror_geometry.ts'

/** What stands in the place of a chunk's number. */
export const CELL_P = -1
export const CELL_Q = -2
/** Nothing of the array lies there. */
export const CELL_EMPTY = -3

export interface Cell {
  readonly row: number
  readonly slot: number
}

export class ChunkMap {
  readonly geometry: ArrayGeometry
  readonly slots: number
  /** Of a chunk, or of what stands for one. */
  readonly chunkSectors: number
  readonly rows: number
  /** For each cell the number of the array's chunk, and which of its copies it is, where no formula says so. */
  private readonly numbers: Int32Array | null
  private readonly copies: Uint8Array | null

  /** @param memberSectors used of each member; of the longest, where they differ */
  constructor(geometry: ArrayGeometry, memberSectors: number) {
    this.geometry = geometry
    this.slots = geometry.raidDisks
    this.chunkSectors = drawnChunk(geometry)
    this.rows = rowsOf(geometry, memberSectors)
    this.numbers = null
    this.copies = null
    if (geometry instanceof Geometry || geometry.level === 1) return
    this.numbers = new Int32Array(this.rows * this.slots).fill(CELL_EMPTY)
    this.copies = new Uint8Array(this.rows * this.slots)
    const chunks = Math.floor(this.arraySectors / this.chunkSectors)
    for (let number = 0; number < chunks; number++) {
      const places = this.locate(number * this.chunkSectors)
      for (let copy = 0; copy < places.length; copy++) {
        const cell = Math.floor(places[copy].sector / this.chunkSectors) * this.slots + places[copy].slot
        this.numbers[cell] = number
        this.copies[cell] = copy
      }
    }
  }

  /** The number of the array's chunk that lies in a cell, or {@link CELL_P}, {@link CELL_Q}, {@link CELL_EMPTY}. */
  numberAt(row: number, slot: number): number {
    const { geometry, numbers } = this
    if (numbers !== null) return row < this.rows ? numbers[row * this.slots + slot] : CELL_EMPTY
    if (!(geometry instanceof Geometry)) return row
    const index = geometry.dataIndex(row, slot)
    if (index >= 0) return row * geometry.dataDisks + index
    return slot === geometry.qSlot(row) ? CELL_Q : CELL_P
  }

  /** Which of its chunk's copies a cell is; 0 is the first, and parity. */
  copyAt(row: number, slot: number): number {
    if (this.copies !== null) return this.copies[row * this.slots + slot]
    return this.geometry.level === 1 ? slot : 0
  }

  /** Whether P or Q lies in a cell. */
  isParity(row: number, slot: number): boolean {
    const number = this.numberAt(row, slot)
    return number === CELL_P || number === CELL_Q
  }

  /** Whether the array holds the same without this cell: it is parity, or a further copy. */
  isRedundant(row: number, slot: number): boolean {
    return this.isParity(row, slot) || this.copyAt(row, slot) > 0
  }

  /** `P`, `Q`, `D22`; `C22` for a further copy of it; nothing where nothing lies. */
  nameAt(row: number, slot: number): string {
    const number = this.numberAt(row, slot)
    if (number >= 0) return `${this.copyAt(row, slot) > 0 ? 'C' : 'D'}${number}`
    return number === CELL_P ? 'P' : number === CELL_Q ? 'Q' : ''
  }

  /** The cells that must fit together with this one, itself among them: its stripe, or all copies of its chunk. */
  together(row: number, slot: number): readonly Cell[] {
    const number = this.numberAt(row, slot)
    if (number === CELL_EMPTY) return []
    if (this.geometry instanceof Geometry) return Array.from({ length: this.slots }, (_, each) => ({ row, slot: each }))
    return this.cellsOf(number)
  }

  /** Where a chunk of the array lies. */
  cellsOf(number: number): readonly Cell[] {
    return this.locate(number * this.chunkSectors).map(({ slot, sector }) => ({
      row: Math.floor(sector / this.chunkSectors),
      slot,
    }))
  }

  /** As {@link placesOf}. */
  locate(arraySector: number): readonly Copy[] {
    return placesOf(this.geometry, arraySector)
  }

  /** The array sector that lies at a sector of a member's data, or -1 where none does: the inverse of {@link locate}. */
  arraySector(slot: number, sector: number): number {
    const row = Math.floor(sector / this.chunkSectors)
    if (row < 0 || row >= this.rows) return -1
    const number = this.numberAt(row, slot)
    return number < 0 ? -1 : number * this.chunkSectors + (sector - row * this.chunkSectors)
  }

  /** The stretch of a row in a sync pass and in the bitmap: they go by the member's sectors, in a RAID-10 by the array's. */
  syncRange(row: number): { readonly from: number; readonly to: number } {
    const { chunkSectors } = this
    if (this.geometry.level !== 10) return { from: row * chunkSectors, to: (row + 1) * chunkSectors }
    let from = Infinity
    let to = 0
    for (let slot = 0; slot < this.slots; slot++) {
      const number = this.numberAt(row, slot)
      if (number < 0) continue
      from = Math.min(from, number * chunkSectors)
      to = Math.max(to, (number + 1) * chunkSectors)
    }
    return { from: Math.min(from, to), to }
  }

  /** The rows that a stretch of a sync pass or of the bitmap touches: the inverse of {@link syncRange}. */
  rowsIn(from: number, to: number): readonly number[] {
    const first = Math.floor(Math.max(0, from) / this.chunkSectors)
    const end = Math.ceil(Math.min(to, this.syncEnd) / this.chunkSectors)
    const chunks = Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i)
    if (this.geometry.level !== 10) return chunks
    return [...new Set(chunks.flatMap((number) => this.cellsOf(number).map(({ row }) => row)))]
  }

  /** Where a sync pass over everything ends. */
  get syncEnd(): number {
    return this.geometry.level === 10 ? this.arraySectors : this.rows * this.chunkSectors
  }

  /** Of the whole array. */
  get arraySectors(): number {
    const { geometry } = this
    return geometry instanceof Geometry ? this.rows * this.chunkSectors * geometry.dataDisks : geometry.arraySectors()
  }
}

/** What a picture knows of an array's shape. Sizes in sectors. */
export interface MapShape extends Pick<ArrayShape, 'level' | 'layout' | 'chunkSectors'> {
  /** Used of each slot's member; they differ in a RAID-0 only. */
  readonly slotSectors: readonly number[]
}

/** @returns null for a level that is not known here (yet) */
export function chunkMapOf({ level, layout, chunkSectors, slotSectors }: MapShape): ChunkMap | null {
  const memberSectors = Math.max(0, ...slotSectors)
  const raidDisks = slotSectors.length
  const geometry = geometryOf({ level, layout, raidDisks, chunkSectors, memberSectors, slotSectors })
  return geometry.ok ? new ChunkMap(geometry.value, memberSectors) : null
}

/** The map of an array that runs. */
export function chunkMapOfArray(array: { readonly geometry: ArrayGeometry; readonly memberSectors: number }): ChunkMap {
  return new ChunkMap(array.geometry, Math.max(...usedOfSlots(array.geometry, array.memberSectors)))
}
