/**
 * An integrity device at work: its superblock, its layout, its journal in memory, and who waits for what.
 *
 * The journal is a ring of sections. In mode J a write is over when it is in the ring; nothing of it is on a disk.
 *
 *     free │ committed: on the disk │ uncommitted: in memory │ free
 *            └ written out, in order, by the writer           └ the next write goes here
 *
 * A commit (a flush, the commit time, little room left) fills the last section up, puts commit ids into all uncommitted ones and
 * writes them, durable. The writer copies committed blocks and their tags to their places, has these flushed, and the sections are free.
 * In mode B the first blocks of the journal are a bitmap instead.
 *
 * What must always hold: sections are free, uncommitted or committed, and their numbers add up; nobody works on a sector that somebody
 * else has a range of; once failed, nothing is written any more and every I/O fails.
 *
 * @source struct dm_integrity_c, drivers/md/dm-integrity.c, 6.1
 */
import { assert } from '../base/assert.ts'
import type { Errno } from '../base/errno.ts'
import { FLUSH, WRITE, type Bio, type Status } from '../block/bio.ts'
import type { BlockDevice } from '../block/device.ts'
import type { BufioClient } from '../bufio/client.ts'
import {
  FLAG_FIXED_HMAC,
  FLAG_RECALCULATING,
  integrityVersion,
  readIntegritySuperblock,
  writeIntegritySuperblock,
  type IntegritySuperblock,
} from '../format/integrity_superblock.ts'
import type { IntegrityLayout } from '../format/integrity_layout.ts'
import { MILLISECOND, type Sim } from '../sim/sim.ts'
import { Bitmaps } from './integrity_bitmap.ts'
import { BitmapBlockWork } from './bitmap_block_work.ts'
import { BitmapFlushWork } from './bitmap_flush_work.ts'
import { CommitWork } from './integrity_commit.ts'
import type { IntegrityIo } from './integrity_io.ts'
import { RecalculateWork } from './integrity_recalculate.ts'
import { WriterWork } from './integrity_writer.ts'
import { TICK_MS, type IntegrityLine } from './integrity_table.ts'
import { JournalTree } from './journal_tree.ts'
import { RangeLocks } from './range_locks.ts'
import type { TagMaker } from './sector_tags.ts'
import { DelayedWork, WorkQueue } from './work_queue.ts'

/** So many sectors with a wrong tag are remembered. */
const WRONG_SECTORS_MAX = 4096

/** What is known of a device once its superblock is read. */
export interface IntegrityParts {
  readonly sim: Sim
  readonly line: IntegrityLine
  readonly data: BlockDevice
  /** The device with superblock, journal and tags; `data` where there is no other. */
  readonly meta: BlockDevice
  readonly sb: IntegritySuperblock
  /** The 4 KiB of the superblock in memory. */
  readonly sbAddress: number
  readonly layout: IntegrityLayout
  readonly log2BlocksPerBit: number
  readonly bitmapBlocks: number
  readonly bufio: BufioClient
  readonly cause: number
}

export class IntegrityDevice {
  readonly sim: Sim
  readonly line: IntegrityLine
  readonly data: BlockDevice
  readonly meta: BlockDevice
  readonly sb: IntegritySuperblock
  readonly sbAddress: number
  readonly layout: IntegrityLayout
  readonly bufio: BufioClient
  readonly cause: number
  readonly tagMaker: TagMaker | null
  /** Address of the journal; 0 in mode R. */
  readonly journal: number
  readonly bitmaps: Bitmaps
  readonly tree: JournalTree
  readonly ranges: RangeLocks
  /** No I/O is good any more, for this reason. */
  failed: Errno | null
  mismatches: number
  /** Sectors whose tag was found wrong, the latest ones, for whoever looks. */
  readonly wrongSectors: Set<number>

  // ---- the ring ----
  commitSeq: number
  committedSection: number
  committedCount: number
  uncommittedSection: number
  uncommittedCount: number
  freeSection: number
  freeEntry: number
  /** Free entries. */
  freeEntries: number
  /** With no more than so many, a commit is due, and then the writer. */
  readonly freeThreshold: number

  // ---- who works ----
  readonly commits: WorkQueue
  readonly writers: WorkQueue
  readonly recalculations: WorkQueue
  readonly commit: CommitWork
  readonly autocommit: DelayedWork
  readonly writer: WriterWork
  readonly recalculate: RecalculateWork
  readonly bitmapFlush: DelayedWork
  readonly bitmapWorks: readonly BitmapBlockWork[]

  // ---- who waits ----
  /** Flushes, and durable writes that are in the journal or on the disk, for the next commit. */
  readonly flushes: Bio[]
  /** Writes that wait for room in the journal. */
  readonly sleepers: IntegrityIo[]
  /** I/Os that could not go on when they came; one after the other they try again. */
  private readonly lineOfIos: IntegrityIo[]
  /** Writes that have ended, and wait for a clean bitmap. */
  readonly synchronousBios: Bio[]
  /** The machine is going down: every write leaves a clean bitmap. */
  isSynchronous: boolean

  wroteToJournal: boolean
  journalUptodate: boolean
  justFormatted: boolean
  /** No bio is in flight and none comes: what runs by itself should end. */
  isSuspending: boolean
  flushIntervalMs: number

  constructor(parts: IntegrityParts) {
    const { sim, line, layout, sb } = parts
    this.sim = sim
    this.line = line
    this.data = parts.data
    this.meta = parts.meta
    this.sb = sb
    this.sbAddress = parts.sbAddress
    this.layout = layout
    this.bufio = parts.bufio
    this.cause = parts.cause
    const { hash } = line
    this.tagMaker = hash === null ? null : { layout, hash, salt: (sb.flags & FLAG_FIXED_HMAC) === 0 ? null : sb.salt }
    const { sections, sectionSectors, entries } = layout.journal
    const journalSectors = Math.max(sections * sectionSectors, parts.bitmapBlocks * 8)
    this.journal = line.mode === 'R' ? 0 : sim.memory.allocateZeroed(journalSectors * 512)
    this.bitmaps = new Bitmaps(this, parts.log2BlocksPerBit, parts.bitmapBlocks)
    this.tree = new JournalTree()
    this.ranges = new RangeLocks(sim)
    this.failed = null
    this.mismatches = 0
    this.wrongSectors = new Set()
    this.commitSeq = 0
    this.committedSection = 0
    this.committedCount = 0
    this.uncommittedSection = 0
    this.uncommittedCount = 0
    this.freeSection = 0
    this.freeEntry = 0
    this.freeEntries = entries
    this.freeThreshold = Math.floor((entries * (100 - line.watermark) + 50) / 100)
    this.commits = new WorkQueue(sim)
    this.writers = new WorkQueue(sim)
    this.recalculations = new WorkQueue(sim)
    this.commit = new CommitWork(this)
    this.autocommit = new DelayedWork(this.commits, this.commit)
    this.writer = new WriterWork(this)
    this.recalculate = new RecalculateWork(this)
    this.bitmapFlush = new DelayedWork(this.commits, new BitmapFlushWork(this))
    const works = line.mode === 'B' ? parts.bitmapBlocks : 0
    this.bitmapWorks = Array.from({ length: works }, (_, block) => new BitmapBlockWork(this, block))
    this.flushes = []
    this.sleepers = []
    this.lineOfIos = []
    this.synchronousBios = []
    this.isSynchronous = false
    this.wroteToJournal = false
    this.journalUptodate = false
    this.justFormatted = false
    this.isSuspending = false
    this.flushIntervalMs = line.flushIntervalMs
  }

  get separateMeta(): boolean {
    return this.layout.separateMeta
  }

  get isRecalculating(): boolean {
    return (this.sb.flags & FLAG_RECALCULATING) !== 0
  }

  /** Something is wrong beyond this one I/O. @source dm_integrity_io_error */
  fail(errno: Errno): void {
    if (errno === 'EILSEQ') this.mismatches++
    this.failed ??= errno
  }

  /** The tag of a block does not fit it. */
  noteMismatch(sector: number): void {
    this.mismatches++
    if (this.wrongSectors.size < WRONG_SECTORS_MAX) this.wrongSectors.add(sector)
  }

  encodeSuperblock(): void {
    const { sb } = this
    sb.version = integrityVersion(sb.flags, this.line.mode === 'B', this.separateMeta)
    writeIntegritySuperblock(this.sim.memory.bytes, this.sbAddress, sb)
  }

  /** Takes over what is in the 4 KiB of the superblock. */
  decodeSuperblock(): void {
    const { salt } = this.sb
    const read = readIntegritySuperblock(this.sim.memory.bytes, this.sbAddress)
    salt.set(read.salt)
    Object.assign(this.sb, read, { salt })
  }

  // ---- the ring ----

  sectionAddress(section: number): number {
    return this.journal + section * this.layout.journal.sectionSectors * 512
  }

  wrapSection(section: number): number {
    return section >= this.layout.journal.sections ? section - this.layout.journal.sections : section
  }

  /** Everything is free, and the next write goes to this section. */
  resetRing(section: number): void {
    this.committedSection = section
    this.committedCount = 0
    this.uncommittedSection = section
    this.uncommittedCount = 0
    this.freeSection = section
    this.freeEntry = 0
    this.freeEntries = this.layout.journal.entries
    this.tree.clear()
  }

  /** A section that was begun is full from now on. @source pad_uncommitted */
  padUncommitted(): void {
    const { sections, sectionEntries } = this.layout.journal
    if (this.freeEntry > 0) {
      this.freeEntries -= sectionEntries - this.freeEntry
      this.freeEntry = 0
      this.freeSection = this.wrapSection(this.freeSection + 1)
      this.uncommittedCount++
    }
    const used = (this.uncommittedCount + this.committedCount) * sectionEntries
    assert(used + this.freeEntries === sections * sectionEntries, 'the sections of a journal do not add up')
  }

  // ---- commits ----

  /** A commit comes within the commit time. @source schedule_autocommit */
  scheduleAutocommit(): void {
    this.autocommit.after(Math.ceil(this.line.commitMs / TICK_MS) * TICK_MS * MILLISECOND)
  }

  /** Ends a bio when everything before it is durable. @source submit_flush_bio */
  submitFlush(bio: Bio): void {
    this.flushes.push(bio)
    this.commits.queue(this.commit)
  }

  /** @source do_endio */
  endBio(bio: Bio, status: Status): void {
    const said = status === 'OK' && this.failed !== null ? this.failed : status
    if (this.isSynchronous && (bio.op === WRITE || bio.op === FLUSH)) {
      bio.status = said
      this.synchronousBios.push(bio)
      this.bitmapFlush.after(0)
    } else bio.end(said)
  }

  // ---- waiting ----

  /** An I/O that cannot go on at once lines up. @returns whether it is the first, and may try again */
  lineUp(io: IntegrityIo): boolean {
    this.lineOfIos.push(io)
    return this.lineOfIos.length === 1
  }

  /** It goes its way, and the next one tries. */
  leaveLine(io: IntegrityIo): void {
    if (this.lineOfIos[0] !== io) return
    this.lineOfIos.shift()
    this.lineOfIos[0]?.arrived()
  }

  /** There is room in the journal again. */
  wakeSleepers(): void {
    for (const io of this.sleepers.splice(0)) io.arrived()
  }

  // ---- the end ----

  /**
   * In mode B: cleans the bitmap at once.
   * @param staysClean every write is followed by a clean bitmap from now on
   * @source dm_integrity_enter_synchronous_mode
   */
  cleanBitmap(staysClean: boolean): void {
    if (staysClean) {
      this.flushIntervalMs = 2 * TICK_MS
      this.isSynchronous = true
    }
    this.bitmapFlush.cancel()
    this.bitmapFlush.after(0)
  }

  destroy(): void {
    this.autocommit.disarm()
    this.bitmapFlush.disarm()
    const { memory } = this.sim
    this.bitmaps.free()
    if (this.journal !== 0) memory.free(this.journal)
    memory.free(this.sbAddress)
    this.bufio.destroy(null)
  }
}
