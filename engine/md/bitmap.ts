/**
 * The write-intent bitmap: one bit a chunk on every member, one 16-bit counter a chunk in memory. In Linux: md-bitmap.c.
 *
 *     counter 0        clean, bit on disk 0
 *             1        idle, bit on disk still 1, cleared by the next pass of the daemon
 *             2        idle, one pass old or fresh
 *             2 + w    w writes in flight
 *     NEEDED (bit 15)  the chunk wants a resync; RESYNC (bit 14): it is being resynced
 *
 * A write: the counter leaves 0 or 1, the bit is set in the page in memory (the page is DIRTY), and the write may go on only
 * after `flush` has put the dirty pages on every live member. Clearing is lazy: pass A of the daemon takes 2 to 1, pass B
 * takes 1 to 0 and clears the bit in the page (PENDING), pass C writes the page. The daemon stops at the first page that is
 * still DIRTY. What must always hold: a chunk with a write in flight has its bit on every live member.
 */
import { assert } from '../base/assert.ts'
import { SECOND } from '../sim/sim.ts'
import { TRACE } from '../sim/trace.ts'
import { FUA, META, PREFLUSH, SYNC, WRITE, Bio, type BioOwner } from '../block/bio.ts'
import {
  BITMAP_PAGE_BYTES,
  BITMAP_STATE_STALE,
  BITMAP_SUPER,
  bitByte,
  bitMask,
  bitmapChunks,
  bitmapPages,
  bitmapPageWriteBytes,
  bitPage,
  encodeBitmapSuper,
  type BitmapSuper,
} from '../format/md_bitmap_super.ts'
import type { MdArray } from './array.ts'
import { MetadataWriter } from './metadata_writer.ts'
import type { Member } from './member.ts'

export const NEEDED = 0x8000
export const RESYNC = 0x4000
export const COUNTER = 0x3fff

const PAGE_DIRTY = 1
const PAGE_PENDING = 2
const PAGE_NEEDWRITE = 4

const COUNTERS_PER_PAGE = 2048

export class Bitmap implements BioOwner {
  readonly array: MdArray
  readonly header: BitmapSuper
  /** Sectors of one chunk. */
  readonly chunkSectors: number
  readonly chunks: number
  /** Chunks that the daemon looks at: all, or as many as a bitmap with a new size of chunks is made for. */
  private counted: number
  readonly counters: Uint16Array
  /** Address of header and bits in memory, as they stand on disk after the next write of every page. */
  readonly address: number
  readonly pages: number
  private readonly pageFlags: Uint8Array
  /** Per 2048 counters: some of them may be lowered by the daemon. */
  private readonly pendingCounters: Uint8Array
  private allClean: boolean
  /** So many writes were behind at once, at most. */
  behindWritesUsed: number
  /** Bits that were set when it was loaded, and for which nothing is resynced. */
  ignored: number
  /** Found too old: until it is loaded, every bit counts as set. */
  stale: boolean
  /** The header must be written: it has something new to say. */
  needSync: boolean
  /** When the daemon last made a pass, in nanoseconds. */
  daemonLastRun: number
  eventsCleared: number
  /** Time between two passes of the daemon, in nanoseconds; what the header says of it are whole seconds. */
  daemonSleep: number

  constructor(array: MdArray, header: BitmapSuper, stale = false) {
    this.array = array
    this.header = header
    this.behindWritesUsed = 0
    this.ignored = 0
    this.stale = stale
    this.chunkSectors = header.chunksize / 512
    this.chunks = bitmapChunks(array.syncSectors, header.chunksize)
    this.counted = this.chunks
    this.counters = new Uint16Array(this.chunks)
    this.pages = bitmapPages(this.chunks)
    this.address = array.sim.memory.allocateZeroed(this.pages * BITMAP_PAGE_BYTES)
    this.pageFlags = new Uint8Array(this.pages)
    this.pendingCounters = new Uint8Array(Math.ceil(this.chunks / COUNTERS_PER_PAGE))
    this.allClean = true
    this.needSync = false
    this.daemonLastRun = 0
    // A stale one knows nothing: what was cleared, was cleared now. @source md_bitmap_read_sb, drivers/md/md-bitmap.c, 6.1
    this.eventsCleared = stale ? array.events : header.events_cleared
    this.daemonSleep = header.daemon_sleep * SECOND
  }

  /** How long the array's thread may sleep before the daemon must look again. */
  get threadTimeout(): number {
    return this.allClean ? Infinity : this.daemonSleep
  }

  chunkOf(sector: number): number {
    return Math.floor(sector / this.chunkSectors)
  }

  /** For each chunk that these sectors touch, one of its sectors. */
  chunkStarts(sector: number, sectors: number): number[] {
    const starts: number[] = []
    for (let chunk = this.chunkOf(sector); chunk * this.chunkSectors < sector + sectors; chunk++) {
      starts.push(chunk * this.chunkSectors)
    }
    return starts
  }

  /** Pages of counters that hold anything but zeros, of so many. In Linux they are allocated on demand. */
  counterPages(): number {
    let pages = 0
    for (let block = 0; block < this.pendingCounters.length; block++) {
      const from = block * COUNTERS_PER_PAGE
      if (this.counters.subarray(from, from + COUNTERS_PER_PAGE).some((value) => value !== 0)) pages++
    }
    return pages
  }

  counterPagesMax(): number {
    return this.pendingCounters.length
  }

  /** Whether the bit of a chunk is set in the page in memory. */
  bit(chunk: number): boolean {
    return (this.array.sim.memory.bytes[this.address + bitByte(chunk)] & bitMask(chunk)) !== 0
  }

  // ---- writes ----

  /**
   * A write to this member sector begins.
   * @returns false when the chunk has as many writes as it can count: the writer has to wait.
   * @source md_bitmap_startwrite, drivers/md/md-bitmap.c, 6.1
   */
  startWrite(sector: number): boolean {
    const chunk = this.chunkOf(sector)
    const value = this.counters[chunk]
    const count = value & COUNTER
    if (count === COUNTER) return false
    if (count === 0) this.setBit(chunk)
    this.counters[chunk] = (value & ~COUNTER) | (count < 2 ? 3 : count + 1)
    return true
  }

  /**
   * A write to this member sector has ended on every member that is there.
   * @param success false when a member that should have it has not.
   * @source md_bitmap_endwrite, drivers/md/md-bitmap.c, 6.1
   */
  endWrite(sector: number, success: boolean): void {
    const chunk = this.chunkOf(sector)
    const { array } = this
    if (success && array.degraded === 0 && this.eventsCleared < array.events) {
      this.eventsCleared = array.events
      this.needSync = true
    }
    if (!success) this.counters[chunk] |= NEEDED
    assert((this.counters[chunk] & COUNTER) > 2, 'a write ends that never began')
    const value = --this.counters[chunk]
    if (value <= 2) this.setPending(chunk)
  }

  /** Whether some chunk wants a resync. */
  get anyNeeded(): boolean {
    return this.counters.some((value) => (value & NEEDED) !== 0)
  }

  /** Whether a write has to wait for the bitmap: some page in memory has bits the members do not have. */
  get dirty(): boolean {
    return this.pageFlags.some((flags) => (flags & PAGE_DIRTY) !== 0)
  }

  private setBit(chunk: number): void {
    this.array.sim.memory.bytes[this.address + bitByte(chunk)] |= bitMask(chunk)
    this.pageFlags[bitPage(chunk)] |= PAGE_DIRTY
    this.array.sim.emit(TRACE.bitmap_disk_bit, this.array.minor, chunk, 1)
  }

  private clearBit(chunk: number): void {
    this.array.sim.memory.bytes[this.address + bitByte(chunk)] &= ~bitMask(chunk)
    const page = bitPage(chunk)
    if ((this.pageFlags[page] & PAGE_NEEDWRITE) === 0) {
      this.pageFlags[page] |= PAGE_PENDING
      this.allClean = false
    }
    this.array.sim.emit(TRACE.bitmap_disk_bit, this.array.minor, chunk, 0)
  }

  private setPending(chunk: number): void {
    this.allClean = false
    this.pendingCounters[Math.floor(chunk / COUNTERS_PER_PAGE)] = 1
  }

  // ---- resync ----

  /**
   * A sync request arrives at a member sector: does its chunk need it?
   * @param degraded a member is still missing: the chunk stays NEEDED.
   * @source __bitmap_start_sync, drivers/md/md-bitmap.c, 6.1
   */
  startSync(sector: number, degraded: boolean): boolean {
    const chunk = this.chunkOf(sector)
    const value = this.counters[chunk]
    if ((value & RESYNC) !== 0) return true
    if ((value & NEEDED) === 0) return false
    if (!degraded) this.counters[chunk] = (value | RESYNC) & ~NEEDED
    return true
  }

  /** @source md_bitmap_end_sync, drivers/md/md-bitmap.c, 6.1 */
  endSync(chunk: number, aborted: boolean): void {
    const value = this.counters[chunk]
    if ((value & RESYNC) === 0) return
    let next = value & ~RESYNC
    if ((next & NEEDED) === 0 && aborted) next |= NEEDED
    else if (next <= 2) this.setPending(chunk)
    this.counters[chunk] = next
  }

  /** Everything below `sector` has been synced: its chunks are done with. */
  endSyncBelow(from: number, sector: number): void {
    const end = Math.min(Math.floor(sector / this.chunkSectors), this.chunks)
    for (let chunk = Math.floor(from / this.chunkSectors); chunk < end; chunk++) this.endSync(chunk, false)
  }

  /** The sync is over. @source md_bitmap_close_sync, drivers/md/md-bitmap.c, 6.1 */
  closeSync(): void {
    for (let chunk = 0; chunk < this.chunks; chunk++) this.endSync(chunk, false)
  }

  // ---- loading ----

  /**
   * Takes over the bits that were read from a member, and says which chunks want a resync.
   * @param bytes header and bits as read; of a stale bitmap every bit counts as set.
   * @param start sector from which set bits mean a resync.
   * @source md_bitmap_init_from_disk, drivers/md/md-bitmap.c, 6.1
   */
  load(bytes: Uint8Array, start: number): void {
    const memory = this.array.sim.memory
    memory.bytes.set(bytes.subarray(0, this.pages * BITMAP_PAGE_BYTES), this.address)
    if (this.stale) {
      this.stale = false
      memory.bytes.fill(0xff, this.address + BITMAP_SUPER.size, this.address + this.pages * BITMAP_PAGE_BYTES)
      this.header.state &= ~BITMAP_STATE_STALE
    }
    for (let chunk = 0; chunk < this.chunks; chunk++) {
      if (!this.bit(chunk)) continue
      this.counters[chunk] = 2
      if ((chunk + 1) * this.chunkSectors >= start) this.counters[chunk] |= NEEDED
      else this.ignored++
      this.setPending(chunk)
    }
  }

  /**
   * Begins as another bitmap of the array, whose chunks have another size: what wants a resync still does; other bits are forgotten. All
   * pages are to be written; the header in them stays as it was until the superblocks are updated.
   *
   * It is made for the length of a member, and so too small for a RAID-10: bits of sectors beyond are set, and never cleared.
   * @source md_bitmap_resize, drivers/md/md-bitmap.c; raid_preresume, drivers/md/dm-raid.c, 6.1
   */
  takeOver(old: Bitmap): void {
    const { bytes } = this.array.sim.memory
    bytes.copyWithin(this.address, old.address, old.address + BITMAP_SUPER.size)
    this.eventsCleared = old.eventsCleared
    this.daemonSleep = old.daemonSleep
    this.daemonLastRun = old.daemonLastRun
    this.ignored = old.ignored
    this.counted = Math.min(this.chunks, bitmapChunks(this.array.memberSectors, this.header.chunksize))
    old.counters.forEach((value, chunk) => {
      if ((value & NEEDED) === 0) return
      const last = Math.min(this.chunkOf((chunk + 1) * old.chunkSectors - 1), this.counted - 1)
      for (let own = this.chunkOf(chunk * old.chunkSectors); own <= last; own++) {
        if (this.counters[own] === 0) this.setBit(own)
        this.counters[own] = 2 | NEEDED
        this.setPending(own)
      }
    })
    this.pageFlags.fill(PAGE_DIRTY)
  }

  // ---- pages to disk ----

  /** The header as it goes out with the next superblock update. */
  updateHeader(): void {
    const { array, header } = this
    header.events = array.events
    if (array.events < this.eventsCleared) this.eventsCleared = array.events
    header.events_cleared = this.eventsCleared
    header.sync_size = array.syncSectors
    array.sim.memory.bytes.set(encodeBitmapSuper(header), this.address)
  }

  /** How many members a page is written to: those that have a place in the array, work, and have room for it. */
  get writers(): number {
    return this.array.members.filter(holdsBitmap).length
  }

  /** Writes one page to every member that holds the bitmap. */
  writePage(page: number, owner: BioOwner): void {
    const { array } = this
    const sectors = bitmapPageWriteBytes(page, this.chunks) / 512
    for (const member of array.members) {
      if (!holdsBitmap(member)) continue
      const sector = array.bitmapSector(member) + page * 8
      array.submitMetadata(member, sector, sectors, this.address + page * BITMAP_PAGE_BYTES, owner, array.causes.bitmap)
    }
  }

  /**
   * Takes the pages that must reach the disk before the writes that dirtied them.
   * @source md_bitmap_unplug, drivers/md/md-bitmap.c, 6.1
   */
  takeDirtyPages(): number[] {
    const pages: number[] = []
    this.pageFlags.forEach((flags, page) => {
      if ((flags & (PAGE_DIRTY | PAGE_NEEDWRITE)) === 0) return
      this.pageFlags[page] = 0
      pages.push(page)
    })
    return pages
  }

  /** Has every page written by and by: a new member has none of them. @source md_bitmap_write_all, 6.1 */
  writeAll(): void {
    for (let page = 0; page < this.pages; page++) this.pageFlags[page] |= PAGE_NEEDWRITE
    this.allClean = false
  }

  /**
   * One look of the daemon: does nothing before its period is over.
   * @param force make a pass whatever the time.
   * @source md_bitmap_daemon_work, drivers/md/md-bitmap.c, 6.1
   */
  daemon(force = false): void {
    const { sim } = this.array
    if (!force && sim.now < this.daemonLastRun + this.daemonSleep) return
    this.daemonLastRun = sim.now
    if (this.allClean) return
    this.allClean = true
    for (let page = 0; page < this.pages; page++) {
      if ((this.pageFlags[page] & PAGE_PENDING) === 0) continue
      this.pageFlags[page] = (this.pageFlags[page] & ~PAGE_PENDING) | PAGE_NEEDWRITE
    }
    if (this.needSync) {
      this.needSync = false
      this.header.events_cleared = this.eventsCleared
      sim.memory.bytes.set(encodeBitmapSuper(this.header), this.address)
      this.pageFlags[0] |= PAGE_NEEDWRITE
    }
    this.lowerCounters()
    for (let page = 0; page < this.pages; page++) {
      if ((this.pageFlags[page] & PAGE_DIRTY) !== 0) break
      if ((this.pageFlags[page] & PAGE_NEEDWRITE) === 0) continue
      this.pageFlags[page] &= ~PAGE_NEEDWRITE
      this.writePage(page, this)
    }
  }

  private lowerCounters(): void {
    for (let block = 0; block < this.pendingCounters.length; block++) {
      if (this.pendingCounters[block] === 0) continue
      this.pendingCounters[block] = 0
      const end = Math.min((block + 1) * COUNTERS_PER_PAGE, this.counted)
      for (let chunk = block * COUNTERS_PER_PAGE; chunk < end; chunk++) {
        const value = this.counters[chunk]
        if (value === 1) {
          this.counters[chunk] = 0
          this.clearBit(chunk)
        } else if (value === 2) {
          this.counters[chunk] = 1
          this.setPending(chunk)
        }
      }
    }
  }

  /** A page the daemon wrote is on a member, or the member failed. */
  bioDone(bio: Bio): void {
    this.array.metadataDone(bio)
  }

  free(): void {
    this.array.sim.memory.free(this.address)
  }
}

function holdsBitmap(member: Member): boolean {
  return member.slot >= 0 && !member.faulty && member.metadataDevice !== null
}

/** Puts the dirty pages of the bitmap on every live member, and waits for them. */
export class BitmapFlush extends MetadataWriter {
  constructor(array: MdArray) {
    super(array, 'write dirty pages')
  }

  override steps() {
    return FLUSH_STEPS
  }
}

const FLUSH_STEPS = {
  'write dirty pages': (flush: BitmapFlush): string => {
    const bitmap = flush.array.bitmap
    if (bitmap === null) return ''
    for (const page of bitmap.takeDirtyPages()) {
      // Count before submitting: a failing member may answer at once.
      flush.writeBitmapPage(page)
    }
    return ''
  },
}

/** The flags with which metadata goes out: flushed before, durable after. */
export function metadataBio(
  array: MdArray,
  owner: BioOwner,
  member: Member,
  sector: number,
  sectors: number,
  data: number,
  cause: number,
): Bio {
  return new Bio(array.sim, owner, WRITE, PREFLUSH | FUA | SYNC | META, sector, sectors, data, cause, 0, member.descNr)
}
