/** Reads and writes that go past the page cache, flushes. */
import { Bio, FLUSH, FUA, SYNC, WRITE, type BioOwner, type Op } from '../block/bio.ts'
import type { BlockDevice } from '../block/device.ts'
import { DONE } from '../sim/procedure.ts'
import { FileIo } from './open_file.ts'
import { WriteBack } from './buffered_io.ts'
import type { PageCache } from './page_cache.ts'

/** A bio carries at most 256 pages. */
const BIO_SECTORS = 2048

/**
 * One direct read or write: bios of up to 1 MiB, all at once; it fails as a whole.
 * @source __blkdev_direct_IO, block/fops.c, 6.1
 */
export class DirectIo extends FileIo implements BioOwner {
  readonly cache: PageCache
  readonly op: Op
  readonly at: number
  readonly length: number
  readonly address: number
  readonly durable: boolean
  readonly cause: number

  constructor(cache: PageCache, op: Op, at: number, length: number, address: number, durable: boolean, cause: number) {
    super(cache.sim, 'clean')
    this.cache = cache
    this.op = op
    this.at = at
    this.length = length
    this.address = address
    this.durable = durable
    this.cause = cause
  }

  override steps() {
    return DIRECT_STEPS
  }

  /** What the cache has is written before, so that neither side sees old bytes. */
  clean(): string {
    if (this.cache.dirtySectors > 0) this.call(new WriteBack(this.cache, SYNC, this.cause))
    return 'transfer'
  }

  transfer(): string {
    const { cache } = this
    if (this.op === WRITE) cache.drop()
    const from = this.at / 512
    const end = from + this.length / 512
    const flags = this.durable ? SYNC | FUA : SYNC
    this.pending++
    for (let sector = from; sector < end; sector += BIO_SECTORS) {
      const sectors = Math.min(BIO_SECTORS, end - sector)
      this.pending++
      const address = this.address + (sector - from) * 512
      cache.device.submit(new Bio(this.sim, this, this.op, flags, sector, sectors, address, this.cause))
    }
    this.pending--
    return this.durable ? 'flush' : 'end'
  }

  bioDone(bio: Bio): void {
    if (bio.status !== 'OK') this.error ??= bio.status
    this.arrived()
  }

  flush(): string {
    if (this.error === null) this.call(new Flush(this.cache.device, this.cause))
    return 'end'
  }

  end(): string {
    if (this.error === null) this.count = this.length
    return DONE
  }
}

const DIRECT_STEPS = {
  clean: (io: DirectIo) => io.clean(),
  transfer: (io: DirectIo) => io.transfer(),
  flush: (io: DirectIo) => io.flush(),
  end: (io: DirectIo) => io.end(),
}

/** A flush of the device, by itself. A device that cannot is as good as flushed. */
export class Flush extends FileIo implements BioOwner {
  readonly device: BlockDevice
  readonly cause: number

  constructor(device: BlockDevice, cause: number) {
    super(device.sim, 'flush')
    this.device = device
    this.cause = cause
  }

  override steps() {
    return FLUSH_STEPS
  }

  flush(): string {
    this.pending++
    this.device.submit(new Bio(this.sim, this, FLUSH, SYNC, 0, 0, 0, this.cause))
    return DONE
  }

  bioDone(bio: Bio): void {
    if (bio.status !== 'OK' && bio.status !== 'EOPNOTSUPP') this.error = bio.status
    this.arrived()
  }
}

const FLUSH_STEPS = {
  flush: (flush: Flush) => flush.flush(),
}
