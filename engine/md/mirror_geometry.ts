/**
 * Where the chunks of a RAID-1 or RAID-10 lie: every chunk is there several times.
 *
 *     raid1           every slot holds all of it
 *     raid10 near     the copies of a chunk stand side by side, on the next slots of the same row
 *     raid10 offset   a row is followed by the same row, turned by one slot
 *     raid10 far      the first part of each member holds the rows once, each further part holds them turned
 *
 * The layout number of a RAID-10: near copies, far copies << 8, 1 << 16 for offset, and in bits 17 and 18 how far and offset copies
 * stay within sets of slots.
 *
 * @source __raid10_find_phys, setup_geo, raid10_size, drivers/md/raid10.c, 6.1
 */
import { assert } from '../base/assert.ts'
import { fail, ok } from '../base/errno.ts'
import type { GeometryKind } from './array_geometry.ts'

/** One of the places where an array sector lies. */
export interface Copy {
  readonly slot: number
  /** Sector on the member, from the start of its data. */
  readonly sector: number
}

export interface MirrorOptions {
  readonly level: 1 | 10
  readonly layout: number
  readonly raidDisks: number
  /** 0 for RAID-1, which has none. */
  readonly chunkSectors: number
  /** Sectors of each member that may be used. */
  readonly memberSectors: number
}

export class MirrorGeometry {
  readonly level: 1 | 10
  readonly layout: number
  readonly raidDisks: number
  /** 0 for RAID-1. */
  readonly chunkSectors: number
  readonly memberSectors: number
  readonly nearCopies: number
  readonly farCopies: number
  readonly isOffset: boolean
  /** Slots within which far and offset copies are turned. */
  readonly setSize: number
  /** Between a chunk's copies in different parts of a member, in sectors. */
  readonly stride: number
  /** Sectors of each member that hold anything. In Linux: dev_sectors, rounded. */
  readonly usedSectors: number

  constructor(options: MirrorOptions) {
    const { level, layout, raidDisks, chunkSectors, memberSectors } = options
    this.level = level
    this.layout = layout
    this.raidDisks = raidDisks
    this.chunkSectors = level === 1 ? 0 : chunkSectors
    this.memberSectors = memberSectors
    this.nearCopies = level === 1 ? raidDisks : layout & 255
    this.farCopies = level === 1 ? 1 : (layout >> 8) & 255
    this.isOffset = level === 10 && (layout & 0x10000) !== 0
    this.setSize = raidDisks
    const sets = level === 1 ? 0 : (layout >> 17) & 3
    if (sets === 1) this.setSize = Math.floor(raidDisks / this.farCopies)
    if (sets === 2) this.setSize = this.nearCopies * this.farCopies
    if (level === 1) {
      this.usedSectors = memberSectors
      this.stride = 0
      return
    }
    assert(chunkSectors >= 8 && this.copies >= 1 && this.copies <= raidDisks, 'a RAID-10 has chunks, and a slot a copy')
    const chunks = Math.floor(Math.floor(memberSectors / chunkSectors) / this.farCopies)
    const arrayChunks = Math.floor((chunks * raidDisks) / this.nearCopies)
    const usedChunks = Math.ceil((arrayChunks * this.copies) / raidDisks)
    this.usedSectors = usedChunks * chunkSectors
    this.stride = (this.isOffset ? 1 : Math.floor(usedChunks / this.farCopies)) * chunkSectors
  }

  /** How many times each chunk is there. */
  get copies(): number {
    return this.nearCopies * this.farCopies
  }

  arraySectors(): number {
    if (this.level === 1) return this.memberSectors
    const chunks = Math.floor(Math.floor(this.memberSectors / this.chunkSectors) / this.farCopies)
    return Math.floor((chunks * this.raidDisks) / this.nearCopies) * this.chunkSectors
  }

  /** The slots among which far and offset copies of a slot's chunks are turned; the last such set takes what is left over. */
  private setOf(slot: number): { readonly start: number; readonly size: number } {
    const { raidDisks, setSize } = this
    const last = (Math.floor(raidDisks / setSize) - 1) * setSize
    if (slot >= last) return { start: last, size: raidDisks - last }
    return { start: slot - (slot % setSize), size: setSize }
  }

  /**
   * The array sector of a member's sector: the inverse of {@link locate}. Behind the last whole row it may lie beyond the array's end.
   * @source raid10_find_virt, drivers/md/raid10.c, 6.1
   */
  arraySector(slot: number, sector: number): number {
    if (this.level === 1) return sector
    const { chunkSectors, raidDisks, nearCopies, farCopies } = this
    const { start, size } = this.setOf(slot)
    const memberChunk = Math.floor(sector / chunkSectors)
    // How often the row was turned, and the row it was before.
    let turns = 0
    let row = memberChunk
    if (this.isOffset) {
      turns = memberChunk % farCopies
      row = Math.floor(memberChunk / farCopies)
    } else if (farCopies > 1) {
      const strideChunks = this.stride / chunkSectors
      turns = Math.floor(memberChunk / strideChunks)
      row = memberChunk % strideChunks
    }
    const home = start + ((((slot - start - turns * nearCopies) % size) + size) % size)
    const chunk = Math.floor((row * raidDisks + home) / nearCopies)
    return chunk * chunkSectors + (sector - memberChunk * chunkSectors)
  }

  /** All places of an array sector, in the order in which Linux counts them. */
  locate(arraySector: number): Copy[] {
    if (this.level === 1) {
      return Array.from({ length: this.raidDisks }, (_, slot) => ({ slot, sector: arraySector }))
    }
    const { chunkSectors, raidDisks, nearCopies, farCopies, setSize } = this
    const chunk = Math.floor(arraySector / chunkSectors)
    const x = chunk * nearCopies
    let slot = x % raidDisks
    let row = Math.floor(x / raidDisks)
    if (this.isOffset) row *= farCopies
    let sector = row * chunkSectors + (arraySector - chunk * chunkSectors)
    const lastSetStart = (Math.floor(raidDisks / setSize) - 1) * setSize
    const lastSetSize = setSize + (raidDisks % setSize)
    const copies: Copy[] = []
    for (let near = 0; near < nearCopies; near++) {
      copies.push({ slot, sector })
      let far = slot
      let at = sector
      for (let i = 1; i < farCopies; i++) {
        const set = Math.floor(far / setSize)
        far += nearCopies
        if (raidDisks % setSize !== 0 && far > lastSetStart) far = lastSetStart + ((far - lastSetStart) % lastSetSize)
        else far = (far % setSize) + setSize * set
        at += this.stride
        copies.push({ slot: far, sector: at })
      }
      if (++slot === raidDisks) {
        slot = 0
        sector += chunkSectors
      }
    }
    return copies
  }
}

/** @source raid1_run, drivers/md/raid1.c; setup_geo, drivers/md/raid10.c, 6.1 */
export const MIRROR_GEOMETRY: GeometryKind = {
  levels: [1, 10],
  make: ({ level, layout, raidDisks, chunkSectors, memberSectors }) => {
    if (level === 1) {
      if (raidDisks < 1) return fail('EINVAL', 'an array without slots')
      return ok(new MirrorGeometry({ level, layout, raidDisks, chunkSectors, memberSectors }))
    }
    const copies = (layout & 255) * ((layout >> 8) & 255)
    if (layout >> 19 !== 0 || (layout >> 17) % 4 === 3 || copies < 2 || copies > raidDisks) {
      return fail('EINVAL', `layout 0x${layout.toString(16)} is none of a level 10 of ${raidDisks} members`)
    }
    return ok(new MirrorGeometry({ level: 10, layout, raidDisks, chunkSectors, memberSectors }))
  },
}
