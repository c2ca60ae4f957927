/** A block device, opened: buffered, or direct. */
import type { Errno, Result } from '../base/errno.ts'
import { fail, ok } from '../base/errno.ts'
import { READ, SYNC, WRITE } from '../block/bio.ts'
import type { BlockDevice } from '../block/device.ts'
import { DONE } from '../sim/procedure.ts'
import { BufferedRead, BufferedWrite, WriteBack } from './buffered_io.ts'
import { DirectIo, Flush } from './direct_io.ts'
import { EndedIo, FileIo, OpenFile } from './open_file.ts'
import { EXTENT_BYTES, type PageCache, type PageCaches } from './page_cache.ts'

export interface BlockFileOptions {
  readonly direct: boolean
  /** Each write is made durable before it returns (O_DSYNC). */
  readonly durable: boolean
}

export class BlockFile extends OpenFile {
  readonly device: BlockDevice
  readonly caches: PageCaches
  readonly cache: PageCache
  readonly cause: number
  readonly durable: boolean
  direct: boolean
  /** Errors of write-back that this file was told of. */
  errorsSeen: number
  /** Where the last read ended, how far was read ahead, and by how much: reads in sequence look ever further. */
  private readTo: number
  private aheadTo: number
  private window: number

  private constructor(path: string, device: BlockDevice, caches: PageCaches, options: BlockFileOptions, cause: number) {
    super(device.sim, path, true, true)
    this.device = device
    this.caches = caches
    this.cache = caches.open(device)
    this.cause = cause
    this.durable = options.durable
    this.direct = options.direct
    this.errorsSeen = this.cache.errorSeen ? this.cache.errors : this.cache.errors - 1
    this.readTo = 0
    this.aheadTo = 0
    this.window = 0
  }

  /** @errors what the device says to an open. */
  static open(
    path: string,
    device: BlockDevice,
    caches: PageCaches,
    options: BlockFileOptions,
    cause: number,
  ): Result<BlockFile> {
    const errno = device.open()
    if (errno !== null) return fail(errno, path)
    return ok(new BlockFile(path, device, caches, options, cause))
  }

  override size(): number {
    return this.device.sectors * 512
  }

  override read(at: number, wanted: number, address: number): FileIo {
    const length = Math.max(0, Math.min(wanted, this.size() - at))
    if (length === 0) return new EndedIo(this.sim, 0, null)
    if (this.direct) return this.transfer(READ, at, length, address)
    const end = at + length
    if (at !== this.readTo) {
      this.window = 0
      this.aheadTo = end
    } else if (end > this.aheadTo) {
      this.window = Math.min(EXTENT_BYTES, Math.max(16384, length, 2 * this.window))
      this.aheadTo = at + Math.max(length, this.window)
    }
    this.readTo = end
    return new BufferedRead(this.cache, at, length, address, this.aheadTo, this.cause)
  }

  override write(at: number, wanted: number, address: number): FileIo {
    if (this.device.readOnly) return new EndedIo(this.sim, 0, 'EPERM')
    if (wanted === 0) return new EndedIo(this.sim, 0, null)
    if (at >= this.size()) return new EndedIo(this.sim, 0, 'ENOSPC')
    const length = Math.min(wanted, this.size() - at)
    if (this.direct) return this.transfer(WRITE, at, length, address)
    const write = new BufferedWrite(this.cache, at, length, address, this.cause)
    return this.durable ? new WriteThenSync(this, write) : write
  }

  override sync(): FileIo {
    return new BlockSync(this)
  }

  override close(): FileIo {
    return new BlockClose(this)
  }

  /** The error that an fsync reports, once to each file. */
  takeError(): Errno | null {
    if (this.errorsSeen === this.cache.errors) return null
    this.errorsSeen = this.cache.errors
    this.cache.errorSeen = true
    return 'EIO'
  }

  private transfer(op: typeof READ | typeof WRITE, at: number, length: number, address: number): FileIo {
    if (at % 512 !== 0 || length % 512 !== 0) return new EndedIo(this.sim, 0, 'EINVAL')
    return new DirectIo(this.cache, op, at, length, address, op === WRITE && this.durable, this.cause)
  }
}

/**
 * fsync: pages first, then the device's own cache; no flush after an error.
 * @source blkdev_fsync, block/fops.c, 6.1
 */
class BlockSync extends FileIo {
  readonly file: BlockFile
  readonly flush: Flush

  constructor(file: BlockFile) {
    super(file.sim, 'pages')
    this.file = file
    this.flush = new Flush(file.device, file.cause)
  }

  override steps() {
    return SYNC_STEPS
  }

  pages(): string {
    this.call(new WriteBack(this.file.cache, SYNC, this.file.cause))
    return 'device'
  }

  device(): string {
    this.error = this.file.takeError()
    if (this.error !== null) return DONE
    this.call(this.flush)
    return 'end'
  }

  end(): string {
    this.error = this.flush.error
    return DONE
  }
}

const SYNC_STEPS = {
  pages: (sync: BlockSync) => sync.pages(),
  device: (sync: BlockSync) => sync.device(),
  end: (sync: BlockSync) => sync.end(),
}

/** A buffered write on a file that was opened for durable writes. */
class WriteThenSync extends FileIo {
  readonly write: BufferedWrite
  readonly sync: BlockSync

  constructor(file: BlockFile, write: BufferedWrite) {
    super(file.sim, 'begin')
    this.write = write
    this.sync = new BlockSync(file)
  }

  override steps() {
    return WRITE_THEN_SYNC_STEPS
  }

  begin(): string {
    this.call(this.write)
    return 'durable'
  }

  durable(): string {
    this.count = this.write.count
    this.error = this.write.error
    if (this.error !== null) return DONE
    this.call(this.sync)
    return 'end'
  }

  end(): string {
    this.error = this.sync.error
    if (this.error !== null) this.count = 0
    return DONE
  }
}

const WRITE_THEN_SYNC_STEPS = {
  begin: (io: WriteThenSync) => io.begin(),
  durable: (io: WriteThenSync) => io.durable(),
  end: (io: WriteThenSync) => io.end(),
}

/** The last file's close writes back what is dirty, without a flush; errors are nobody's any more. */
class BlockClose extends FileIo {
  readonly file: BlockFile

  constructor(file: BlockFile) {
    super(file.sim, 'pages')
    this.file = file
  }

  override steps() {
    return CLOSE_STEPS
  }

  pages(): string {
    const { cache, cause } = this.file
    if (cache.files === 1 && cache.dirtySectors > 0) this.call(new WriteBack(cache, 0, cause))
    return 'release'
  }

  release(): string {
    this.file.caches.close(this.file.cache)
    this.file.device.close()
    return DONE
  }
}

const CLOSE_STEPS = {
  pages: (close: BlockClose) => close.pages(),
  release: (close: BlockClose) => close.release(),
}
