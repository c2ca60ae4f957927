/** Reads and writes through the page cache, and writing it back. */
import { DONE } from '../sim/procedure.ts'
import { Bio, READ, SYNC, type BioOwner } from '../block/bio.ts'
import { FileIo } from './open_file.ts'
import {
  DIRTY,
  DIRTY_LIMIT,
  EXTENT_BYTES,
  EXTENT_SECTORS,
  PAGE_SECTORS,
  SUSPECT,
  VALID,
  type PageCache,
} from './page_cache.ts'

/** A long read is done in pieces of this many bytes. */
const PIECE_BYTES = 4 * EXTENT_BYTES

/** Reads through the cache. */
export class BufferedRead extends FileIo implements BioOwner {
  readonly cache: PageCache
  readonly at: number
  readonly length: number
  readonly address: number
  readonly cause: number
  /** Where reading ahead ends, in bytes. */
  readonly aheadTo: number
  /** First sector of a page that could not be read by itself; -1 while all could. */
  badPage: number

  constructor(cache: PageCache, at: number, length: number, address: number, aheadTo: number, cause: number) {
    super(cache.sim, 'fill')
    this.cache = cache
    this.at = at
    this.length = length
    this.address = address
    this.aheadTo = aheadTo
    this.cause = cause
    this.badPage = -1
  }

  override steps() {
    return BUFFERED_READ_STEPS
  }

  /** Submits what is missing of the next piece. */
  fill(): string {
    const { cache } = this
    const from = this.at + this.count
    const end = Math.min(this.at + this.length, from + PIECE_BYTES)
    const ahead = end === this.at + this.length ? Math.max(end, Math.min(this.aheadTo, from + PIECE_BYTES)) : end
    const first = Math.floor(from / 4096) * PAGE_SECTORS
    const last = Math.min(Math.ceil(ahead / 4096) * PAGE_SECTORS, cache.device.sectors)
    cache.trim(Math.floor(first / EXTENT_SECTORS), Math.floor((last - 1) / EXTENT_SECTORS))
    const bios: Bio[] = []
    for (let sector = first; sector < last;) {
      let sectors = cache.run(sector, last, VALID | SUSPECT)
      const suspect = cache.has(sector, SUSPECT)
      if (suspect) sectors = Math.min(sectors, PAGE_SECTORS)
      if (suspect ? sector === first : !cache.has(sector, VALID)) {
        bios.push(new Bio(this.sim, this, READ, SYNC, sector, sectors, cache.address(sector), this.cause))
      }
      sector += sectors
    }
    this.pending += bios.length
    for (const bio of bios) cache.device.submit(bio)
    return 'copy'
  }

  bioDone(bio: Bio): void {
    this.cache.mark(bio.sector, bio.sectors, bio.status === 'OK' ? VALID : SUSPECT)
    if (bio.status !== 'OK' && bio.sectors <= PAGE_SECTORS) this.badPage = bio.sector - (bio.sector % PAGE_SECTORS)
    this.arrived()
  }

  /** Copies as far as the pages are there. */
  copy(): string {
    const { cache, sim } = this
    const end = this.at + this.length
    for (;;) {
      const from = this.at + this.count
      if (from === end) return DONE
      const sector = Math.floor(from / 512)
      if (!cache.has(sector, VALID)) break
      const valid = cache.run(sector, Math.ceil(end / 512), VALID)
      const bytes = Math.min((sector + valid) * 512, end) - from
      sim.memory.copy(this.address + this.count, cache.address(sector) + (from % 512), bytes)
      this.count += bytes
    }
    const page = Math.floor((this.at + this.count) / 4096) * PAGE_SECTORS
    if (page !== this.badPage) return 'fill'
    if (this.count === 0) this.error = 'EIO'
    return DONE
  }
}

const BUFFERED_READ_STEPS = {
  fill: (read: BufferedRead) => read.fill(),
  copy: (read: BufferedRead) => read.copy(),
}

/** Writes into the cache, extent by extent. */
export class BufferedWrite extends FileIo implements BioOwner {
  readonly cache: PageCache
  readonly at: number
  readonly length: number
  readonly address: number
  readonly cause: number

  constructor(cache: PageCache, at: number, length: number, address: number, cause: number) {
    super(cache.sim, 'prepare')
    this.cache = cache
    this.at = at
    this.length = length
    this.address = address
    this.cause = cause
  }

  override steps() {
    return BUFFERED_WRITE_STEPS
  }

  /** The part of the present extent: first byte and end. */
  private piece(): [number, number] {
    const from = this.at + this.count
    return [from, Math.min(this.at + this.length, (Math.floor(from / EXTENT_BYTES) + 1) * EXTENT_BYTES)]
  }

  /** Reads the blocks that are about to be written in part. */
  prepare(): string {
    const { cache } = this
    const block = cache.blockBytes
    const [from, end] = this.piece()
    if (end === from) return DONE
    const index = Math.floor(from / EXTENT_BYTES)
    cache.trim(index, index)
    const partial = new Set<number>()
    if (from % block !== 0) partial.add(Math.floor(from / block) * block)
    if (end % block !== 0) partial.add(Math.floor(end / block) * block)
    for (const at of partial) {
      const sector = at / 512
      if (cache.has(sector, VALID)) continue
      this.pending++
      cache.device.submit(new Bio(this.sim, this, READ, SYNC, sector, block / 512, cache.address(sector), this.cause))
    }
    return 'copy'
  }

  bioDone(bio: Bio): void {
    if (bio.status === 'OK') this.cache.mark(bio.sector, bio.sectors, VALID)
    else this.error = 'EIO'
    this.arrived()
  }

  copy(): string {
    const { cache, sim } = this
    const block = cache.blockBytes
    const failed = this.error !== null
    const [from, to] = this.piece()
    let end = to
    if (failed) {
      // Whole blocks before the one that cannot be read are written all the same: a short write.
      const headIsThere = from % block === 0 || cache.has(Math.floor(from / block) * (block / 512), VALID)
      end = headIsThere ? Math.max(from, Math.floor(end / block) * block) : from
      if (this.count + end - from > 0) this.error = null
      if (end === from) return DONE
    }
    const sector = Math.floor(from / 512)
    sim.memory.copy(cache.address(sector) + (from % 512), this.address + this.count, end - from)
    const firstBlock = Math.floor(from / block) * block
    const lastBlock = Math.ceil(end / block) * block
    cache.mark(firstBlock / 512, (lastBlock - firstBlock) / 512, VALID | DIRTY)
    this.count += end - from
    if (failed) return DONE
    if (cache.dirtySectors >= DIRTY_LIMIT) this.call(new WriteBack(cache, 0, this.cause))
    return 'prepare'
  }
}

const BUFFERED_WRITE_STEPS = {
  prepare: (write: BufferedWrite) => write.prepare(),
  copy: (write: BufferedWrite) => write.copy(),
}

/** Writes every dirty page to the device, and waits for it. */
export class WriteBack extends FileIo implements BioOwner {
  readonly cache: PageCache
  readonly flags: number
  readonly cause: number

  constructor(cache: PageCache, flags: number, cause: number) {
    super(cache.sim, 'write')
    this.cache = cache
    this.flags = flags
    this.cause = cause
  }

  override steps() {
    return WRITE_BACK_STEPS
  }

  write(): string {
    const bios = this.cache.takeDirty(this, this.flags, this.cause)
    this.pending += bios.length
    for (const bio of bios) this.cache.device.submit(bio)
    return DONE
  }

  bioDone(bio: Bio): void {
    if (bio.status !== 'OK') {
      this.cache.errors++
      this.cache.errorSeen = false
    }
    this.arrived()
  }
}

const WRITE_BACK_STEPS = {
  write: (writeBack: WriteBack) => writeBack.write(),
}
