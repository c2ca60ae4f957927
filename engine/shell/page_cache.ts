/**
 * The page cache of block devices, as small as it can be: it lives while some command has the device open, and what is dirty
 * is written back, in long bios, when too much has gathered, at fsync, and at the last close.
 *
 * Pages are kept in extents of 1 MiB, with a state for each sector. A block that is written in part is read first. An error
 * of a long read is tried again page by page, so that only the page with the bad sector is refused. An error of a
 * write-back is remembered, and reported by the next fsync of each file that was open, or by the first of a later one.
 *
 * @differs Linux keeps the pages of a device that a mapped device or an array holds open beyond the last close; a reader of
 * a member may then see old pages. Here every first opener sees the device.
 */
import { assert } from '../base/assert.ts'
import type { Sim } from '../sim/sim.ts'
import { Bio, WRITE, type BioOwner } from '../block/bio.ts'
import type { BlockDevice } from '../block/device.ts'

export const EXTENT_SECTORS = 2048
export const EXTENT_BYTES = EXTENT_SECTORS * 512
export const PAGE_SECTORS = 8

/** State of a sector: its bytes are here; they are newer than the device's; a long read that covered it has failed. */
export const VALID = 1
export const DIRTY = 2
export const SUSPECT = 4

/** More dirty sectors than this are written back before the next write. */
export const DIRTY_LIMIT = 8 * EXTENT_SECTORS
/** Extents kept; the one not used for longest goes first. */
const EXTENT_LIMIT = 12

interface Extent {
  readonly index: number
  readonly address: number
  readonly state: Uint8Array
}

export class PageCache {
  readonly sim: Sim
  readonly device: BlockDevice
  /** By number, the one used last at the end. */
  readonly extents: Map<number, Extent>
  /** Unit of reading before a partial write: the largest up to 4 KiB that divides the device. */
  readonly blockBytes: number
  files: number
  dirtySectors: number
  /** Write-backs that failed, and whether somebody was told of the last. */
  errors: number
  errorSeen: boolean

  constructor(device: BlockDevice) {
    this.sim = device.sim
    this.device = device
    this.extents = new Map()
    this.blockBytes = [4096, 2048, 1024].find((bytes) => (device.sectors * 512) % bytes === 0) ?? 512
    this.files = 0
    this.dirtySectors = 0
    this.errors = 0
    this.errorSeen = true
  }

  /** The extent that holds a sector, made if it is not there. */
  extent(index: number): Extent {
    let extent = this.extents.get(index)
    if (extent === undefined) {
      extent = { index, address: this.sim.memory.allocate(EXTENT_BYTES), state: new Uint8Array(EXTENT_SECTORS) }
    } else this.extents.delete(index)
    this.extents.set(index, extent)
    return extent
  }

  /** Forgets all pages; none may be dirty. */
  drop(): void {
    assert(this.dirtySectors === 0, `dirty pages of /dev/${this.device.name} dropped`)
    for (const extent of this.extents.values()) this.sim.memory.free(extent.address)
    this.extents.clear()
  }

  /** Forgets clean extents outside a range (of extent numbers) that is about to be used, down to the limit. */
  trim(first: number, last: number): void {
    for (const extent of this.extents.values()) {
      if (this.extents.size <= EXTENT_LIMIT) return
      if ((extent.index >= first && extent.index <= last) || extent.state.some((state) => (state & DIRTY) !== 0))
        continue
      this.extents.delete(extent.index)
      this.sim.memory.free(extent.address)
    }
  }

  mark(sector: number, sectors: number, flags: number): void {
    const extent = this.extents.get(Math.floor(sector / EXTENT_SECTORS))
    assert(extent !== undefined, `I/O of /dev/${this.device.name} on pages that were dropped`)
    const first = sector % EXTENT_SECTORS
    for (let i = first; i < first + sectors; i++) {
      if ((flags & DIRTY) !== 0 && (extent.state[i] & DIRTY) === 0) this.dirtySectors++
      extent.state[i] = (extent.state[i] & ~SUSPECT) | flags
    }
  }

  has(sector: number, flags: number): boolean {
    const extent = this.extents.get(Math.floor(sector / EXTENT_SECTORS))
    return extent !== undefined && (extent.state[sector % EXTENT_SECTORS] & flags) !== 0
  }

  /** How many sectors from `sector` on, within its extent and below `end`, have `flags` all alike. */
  run(sector: number, end: number, flags: number): number {
    const index = Math.floor(sector / EXTENT_SECTORS)
    const base = index * EXTENT_SECTORS
    const state = this.extents.get(index)?.state
    const stop = Math.min(end, base + EXTENT_SECTORS)
    if (state === undefined) return stop - sector
    const like = state[sector - base] & flags
    let at = sector + 1
    while (at < stop && (state[at - base] & flags) === like) at++
    return at - sector
  }

  address(sector: number): number {
    return this.extent(Math.floor(sector / EXTENT_SECTORS)).address + (sector % EXTENT_SECTORS) * 512
  }

  /** Takes the dirty marks off, and makes a bio for each run of dirty sectors. */
  takeDirty(owner: BioOwner, flags: number, cause: number): Bio[] {
    const bios: Bio[] = []
    for (const index of [...this.extents.keys()].sort((a, b) => a - b)) {
      const { state, address } = this.extents.get(index) as Extent
      for (let i = state.indexOf(VALID | DIRTY); i >= 0; i = state.indexOf(VALID | DIRTY, i)) {
        const from = i
        while (i < EXTENT_SECTORS && state[i] === (VALID | DIRTY)) state[i++] = VALID
        const sector = index * EXTENT_SECTORS + from
        bios.push(new Bio(this.sim, owner, WRITE, flags, sector, i - from, address + from * 512, cause))
      }
    }
    this.dirtySectors = 0
    return bios
  }
}

/** The page caches of one kernel. */
export class PageCaches {
  private readonly byDevice: Map<BlockDevice, PageCache>

  constructor() {
    this.byDevice = new Map()
  }

  open(device: BlockDevice): PageCache {
    let cache = this.byDevice.get(device)
    if (cache === undefined) this.byDevice.set(device, (cache = new PageCache(device)))
    cache.files++
    return cache
  }

  /** Nothing may be dirty when the last file goes. An error that nobody has seen yet waits for the next opener. */
  close(cache: PageCache): void {
    if (--cache.files > 0) return
    cache.drop()
    if (cache.errorSeen) this.byDevice.delete(cache.device)
  }

  /** Those that have pages to write back. */
  dirty(): PageCache[] {
    return [...this.byDevice.values()].filter((cache) => cache.dirtySectors > 0)
  }
}
