/**
 * The bitmap when an array starts: its header is read from a member that is in sync, and judged; then its bits, which say together
 * with the resync offset what must be resynced.
 * @source md_bitmap_create, md_bitmap_load, drivers/md/md-bitmap.c, 6.1
 */
import { fail, type Failure } from '../base/errno.ts'
import { Bio, META, READ, SYNC, type BioOwner } from '../block/bio.ts'
import { BITMAP_PAGE_BYTES, loadBitmapSuper } from '../format/md_bitmap_super.ts'
import { Procedure } from '../sim/procedure.ts'
import type { MdArray } from './array.ts'
import { Bitmap } from './bitmap.ts'

abstract class BitmapProcedure extends Procedure implements BioOwner {
  readonly array: MdArray
  failure: Failure | null
  protected readonly cause: number
  private buffer: number
  private readFailed: boolean

  constructor(array: MdArray, firstStep: string, cause: number) {
    super(array.sim, firstStep)
    this.array = array
    this.failure = null
    this.cause = cause
    this.buffer = 0
    this.readFailed = false
  }

  abort(failure: Failure): string {
    this.failure = failure
    return ''
  }

  /** Reads the first pages of the bitmap. @returns false where no member could be asked */
  read(pages: number): boolean {
    const { array } = this
    const member = array.members.find(
      (one) => one.slot >= 0 && one.inSync && !one.faulty && one.metadataDevice !== null,
    )
    if (member === undefined) return false
    this.buffer = this.sim.memory.allocateZeroed(pages * BITMAP_PAGE_BYTES)
    this.expect()
    const sector = array.bitmapSector(member)
    const bio = new Bio(this.sim, this, READ, SYNC | META, sector, pages * 8, this.buffer, this.cause)
    member.metadataDevice?.submit(bio)
    return true
  }

  /** What {@link read} read; null if it failed. */
  take(pages: number): Uint8Array | null {
    const bytes = this.sim.memory.bytes.slice(this.buffer, this.buffer + pages * BITMAP_PAGE_BYTES)
    this.sim.memory.free(this.buffer)
    this.buffer = 0
    return this.readFailed ? null : bytes
  }

  bioDone(bio: Bio): void {
    if (bio.status !== 'OK') this.readFailed = true
    this.arrived()
  }
}

/** Reads and judges the header; the array then has a bitmap, still without bits. */
export class CreateBitmap extends BitmapProcedure {
  /** What the header must say of the array it belongs to. */
  readonly uuid: Uint8Array

  constructor(array: MdArray, uuid: Uint8Array, cause: number) {
    super(array, 'read the header', cause)
    this.uuid = uuid
  }

  override steps() {
    return CREATE_STEPS
  }
}

const CREATE_STEPS = {
  'read the header': (create: CreateBitmap): string =>
    create.read(1) ? 'judge the header' : create.abort(fail('EINVAL', 'no member in sync to read the bitmap from')),

  'judge the header': (create: CreateBitmap): string => {
    const { array, uuid } = create
    const page = create.take(1)
    if (page === null) return create.abort(fail('EIO', 'the bitmap could not be read'))
    const loaded = loadBitmapSuper(page, { uuid, events: array.events })
    if (!loaded.ok) return create.abort(loaded)
    array.bitmap = new Bitmap(array, loaded.value.header, loaded.value.stale)
    return ''
  },
}

/** Reads the bits, and writes what loading has changed. */
export class LoadBitmap extends BitmapProcedure {
  readonly bitmap: Bitmap

  constructor(array: MdArray, bitmap: Bitmap, cause: number) {
    super(array, 'read the bits', cause)
    this.bitmap = bitmap
  }

  override steps() {
    return LOAD_STEPS
  }
}

const LOAD_STEPS = {
  'read the bits': (load: LoadBitmap): string =>
    load.read(load.bitmap.pages)
      ? 'take the bits'
      : load.abort(fail('EINVAL', 'no member in sync to read the bitmap from')),

  'take the bits': (load: LoadBitmap): string => {
    const { array, bitmap } = load
    const bytes = load.take(bitmap.pages)
    if (bytes === null) return load.abort(fail('EIO', 'the bitmap could not be read'))
    const believed = array.degraded === 0 || bitmap.eventsCleared === array.events
    const pages = bitmap.stale ? bitmap.pages : 1
    bitmap.load(bytes, believed ? array.resyncOffset : 0)
    bitmap.daemonLastRun = load.sim.now
    bitmap.updateHeader()
    load.pending += bitmap.writers * pages
    for (let page = 0; page < pages; page++) bitmap.writePage(page, new StartWrite(load))
    return 'the bits are there'
  },

  'the bits are there': (): string => '',
}

/** A bitmap page written while the array starts. */
class StartWrite implements BioOwner {
  readonly load: LoadBitmap

  constructor(load: LoadBitmap) {
    this.load = load
  }

  bioDone(bio: Bio): void {
    this.load.array.metadataDone(bio)
    this.load.arrived()
  }
}
