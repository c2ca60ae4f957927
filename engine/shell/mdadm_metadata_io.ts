/** What mdadm reads from a member and writes to it: superblock and bitmap, as direct I/O through the device. */
import { assert } from '../base/assert.ts'
import type { Errno } from '../base/errno.ts'
import type { BlockDevice } from '../block/device.ts'
import {
  BITMAP_PAGE_BYTES,
  bitmapBytes,
  bitmapChunks,
  readBitmapSuper,
  type BitmapSuper,
} from '../format/md_bitmap_super.ts'
import {
  FEATURE_BAD_BLOCKS,
  FEATURE_BITMAP_OFFSET,
  MD_SB_BYTES,
  loadSuperblock,
  readSuperblock,
  superblockChecksum,
  superOffsetSectors,
  type MdMinor,
  type MdSuperblock,
} from '../format/md_superblock.ts'
import type { MetadataWrite } from '../md/mdadm_metadata.ts'
import { DONE, Procedure } from '../sim/procedure.ts'
import type { Kernel } from './kernel.ts'
import { findDevice, openFile } from './namespace.ts'
import type { FileIo, OpenFile } from './open_file.ts'

/** More of a bitmap is not read at once: what Linux has room for in a superblock of version 1 is far less. */
const BITMAP_BYTES_MAX = 1 << 20

/** A log that claims more sectors is not read. */
const BAD_BLOCK_LOG_MAX = 100

/** Smaller devices are not looked at. */
const DEVICE_SECTORS_MIN = 24

/** The places where a superblock may lie. */
const MINORS: readonly MdMinor[] = [0, 1, 2]

/** What is wanted along with the superblock: how much of the bitmap, or the bad-block log. */
export type BitmapPart = 'none' | 'header' | 'bits' | 'bad blocks'

/**
 * Reads a device's superblock, and of its bitmap what is asked for. Without a version it is looked for in all places, and of several
 * the one that was created last is taken.
 * @source load_super1, super1.c, mdadm 4.2
 */
export class ReadMetadata extends Procedure {
  readonly path: string
  readonly device: BlockDevice | undefined
  readonly part: BitmapPart
  /** Why there is no superblock. */
  error: Errno | null
  superblock: MdSuperblock | null
  /** Where superblocks lie, of all versions that were looked for. */
  readonly found: number[]
  /** Whether the kernel would take the superblock; else the reason it gives. */
  fault: string
  /** The checksum that the superblock should carry. */
  checksum: number
  bitmap: BitmapSuper | null
  /** The bitmap from its first byte on. */
  bitmapBytes: Uint8Array
  /** The bad-block log, if it is in use. */
  badBlocks: Uint8Array
  private readonly kernel: Kernel
  private readonly cause: number
  private file: OpenFile | null
  private io: FileIo | null
  private buffer: number
  /** The places that are still to be looked at. */
  private readonly minors: MdMinor[]
  private minor: MdMinor

  /** @param minor the version that is wanted; null for any. */
  constructor(kernel: Kernel, path: string, part: BitmapPart, cause: number, minor: MdMinor | null = null) {
    super(kernel.sim, 'open')
    this.path = path
    this.device = findDevice(kernel, path)
    this.part = part
    this.error = null
    this.superblock = null
    this.found = []
    this.fault = ''
    this.checksum = 0
    this.bitmap = null
    this.bitmapBytes = new Uint8Array(0)
    this.badBlocks = new Uint8Array(0)
    this.kernel = kernel
    this.cause = cause
    this.file = null
    this.io = null
    this.buffer = 0
    this.minors = minor === null ? [...MINORS] : [minor]
    this.minor = 2
  }

  override steps() {
    return READ_STEPS
  }

  open(): string {
    const opened = openFile(this.kernel, this.path, { direct: true }, this.cause)
    if (!opened.ok) {
      this.error = opened.errno
      return DONE
    }
    this.file = opened.value
    return (this.device?.sectors ?? 0) < DEVICE_SECTORS_MIN ? 'close' : 'next place'
  }

  nextPlace(): string {
    const minor = this.minors.shift()
    if (minor === undefined && this.superblock === null && this.part === 'bits') {
      this.read(0, 512)
      return 'first sector'
    }
    if (minor === undefined) return this.superblock === null ? 'close' : 'bitmap'
    this.minor = minor
    this.read(superOffsetSectors(minor, this.device?.sectors ?? 0), MD_SB_BYTES)
    return 'superblock'
  }

  /** A device without a superblock may be taken for a bitmap of its own. */
  firstSectorRead(): string {
    const sector = this.taken(512)
    if (sector !== null) this.bitmapBytes = sector
    return 'close'
  }

  superblockRead(): string {
    const block = this.taken(MD_SB_BYTES)
    if (block === null) return 'close'
    const read = readSuperblock(block)
    if (!read.ok) return 'next place'
    const superblock = read.value
    const deviceSectors = this.device?.sectors ?? 0
    if (superblock.super_offset !== superOffsetSectors(this.minor, deviceSectors)) return 'next place'
    this.found.push(superblock.super_offset)
    if (this.superblock !== null && superblock.ctime <= this.superblock.ctime) return 'next place'
    this.superblock = superblock
    this.checksum = superblockChecksum(block, superblock.max_dev)
    const loaded = loadSuperblock(block, { minor: this.minor, deviceSectors })
    this.fault = loaded.ok ? '' : loaded.message
    return 'next place'
  }

  readBitmap(): string {
    const { superblock } = this
    if (superblock === null || this.part === 'none') return 'close'
    if (this.part === 'bad blocks') {
      const { feature_map, super_offset, bblog_offset, bblog_size } = superblock
      const isThere = (feature_map & FEATURE_BAD_BLOCKS) !== 0 && bblog_offset !== 0 && bblog_size <= BAD_BLOCK_LOG_MAX
      if (!isThere) return 'close'
      this.read(super_offset + bblog_offset, bblog_size * 512)
      return 'bad blocks'
    }
    if ((superblock.feature_map & FEATURE_BITMAP_OFFSET) === 0) return 'close'
    this.read(superblock.super_offset + superblock.bitmap_offset, BITMAP_PAGE_BYTES)
    return 'bitmap header'
  }

  bitmapRead(): string {
    const page = this.taken(BITMAP_PAGE_BYTES)
    const header = page === null ? null : readBitmapSuper(page)
    if (page === null || header === null || !header.ok || this.superblock === null) return 'close'
    this.bitmap = header.value
    this.bitmapBytes = page
    const from = this.superblock.super_offset + this.superblock.bitmap_offset
    const said = Math.ceil(bitmapBytes(bitmapChunks(header.value.sync_size, header.value.chunksize)) / 512) * 512
    // A header may say anything; there is no more of it than the device has.
    const length = Math.min(said, ((this.device?.sectors ?? 0) - from) * 512, BITMAP_BYTES_MAX)
    if (this.part === 'header' || length <= BITMAP_PAGE_BYTES) return 'close'
    this.read(from, length)
    return 'bits'
  }

  badBlocksRead(): string {
    const log = this.taken(this.io?.count ?? 0)
    if (log !== null) this.badBlocks = log
    return 'close'
  }

  bitsRead(): string {
    const bits = this.taken(this.io?.count ?? 0)
    if (bits !== null) this.bitmapBytes = bits
    return 'close'
  }

  close(): string {
    if (this.file !== null) this.call(this.file.close())
    this.file = null
    return DONE
  }

  private read(sector: number, bytes: number): void {
    assert(this.file !== null && this.buffer === 0, 'one read at a time, of an open file')
    this.buffer = this.sim.memory.allocateZeroed(bytes)
    this.io = this.file.read(sector * 512, bytes, this.buffer)
    this.call(this.io)
  }

  /** What was read, if it was; the buffer is given back. */
  private taken(bytes: number): Uint8Array | null {
    const { io, buffer } = this
    const copy = this.sim.memory.bytes.slice(buffer, buffer + bytes)
    this.sim.memory.free(buffer)
    this.buffer = 0
    if (io === null || io.error !== null) {
      this.error = io?.error ?? 'EIO'
      return null
    }
    return copy
  }
}

const READ_STEPS = {
  open: (read: ReadMetadata) => read.open(),
  'next place': (read: ReadMetadata) => read.nextPlace(),
  'first sector': (read: ReadMetadata) => read.firstSectorRead(),
  superblock: (read: ReadMetadata) => read.superblockRead(),
  bitmap: (read: ReadMetadata) => read.readBitmap(),
  'bitmap header': (read: ReadMetadata) => read.bitmapRead(),
  bits: (read: ReadMetadata) => read.bitsRead(),
  'bad blocks': (read: ReadMetadata) => read.badBlocksRead(),
  close: (read: ReadMetadata) => read.close(),
}

/** Zeroes for every superblock that was found. @source Kill, Kill.c, mdadm 4.2 */
export function wipes(found: readonly number[]): MetadataWrite[] {
  return found.map((sector) => ({ sector, bytes: new Uint8Array(512) }))
}

/** Writes to a device what mdadm writes, one after the other, each made durable before the next. */
export class WriteMetadata extends Procedure {
  error: Errno | null
  private readonly kernel: Kernel
  private readonly path: string
  private readonly writes: readonly MetadataWrite[]
  private readonly cause: number
  private next: number
  private file: OpenFile | null
  private io: FileIo | null
  private buffer: number

  constructor(kernel: Kernel, path: string, writes: readonly MetadataWrite[], cause: number) {
    super(kernel.sim, 'open')
    this.error = null
    this.kernel = kernel
    this.path = path
    this.writes = writes
    this.cause = cause
    this.next = 0
    this.file = null
    this.io = null
    this.buffer = 0
  }

  override steps() {
    return WRITE_STEPS
  }

  open(): string {
    const opened = openFile(this.kernel, this.path, { direct: true, write: true }, this.cause)
    if (!opened.ok) {
      this.error = opened.errno
      return DONE
    }
    this.file = opened.value
    return 'write'
  }

  write(): string {
    if (this.file === null || this.next === this.writes.length) return 'close'
    const { sector, bytes } = this.writes[this.next++]
    this.buffer = this.sim.memory.allocate(bytes.length)
    this.sim.memory.bytes.set(bytes, this.buffer)
    this.io = this.file.write(sector * 512, bytes.length, this.buffer)
    this.call(this.io)
    return 'flush'
  }

  flush(): string {
    this.sim.memory.free(this.buffer)
    this.buffer = 0
    if (this.failed() || this.file === null) return 'close'
    this.io = this.file.sync()
    this.call(this.io)
    return 'written'
  }

  written(): string {
    return this.failed() ? 'close' : 'write'
  }

  close(): string {
    if (this.file !== null) this.call(this.file.close())
    this.file = null
    return DONE
  }

  private failed(): boolean {
    this.error = this.io?.error ?? null
    return this.error !== null
  }
}

const WRITE_STEPS = {
  open: (write: WriteMetadata) => write.open(),
  write: (write: WriteMetadata) => write.write(),
  flush: (write: WriteMetadata) => write.flush(),
  written: (write: WriteMetadata) => write.written(),
  close: (write: WriteMetadata) => write.close(),
}
