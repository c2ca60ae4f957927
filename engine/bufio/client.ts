/**
 * A buffer cache on one device. In Linux: dm_bufio_client.
 *
 * Who wants a block reads it, or takes it fresh if he is going to fill all of it; he holds the buffer until he releases it. What
 * he changes he marks dirty; that is all. It is written when somebody asks for everything to be written, when more than three
 * quarters of the cache are dirty, or when its memory is wanted: so it may be on the disk long before anybody asked, or not at all.
 *
 * A write that has ended is in the disk's cache; only {@link writeDirtyBuffers} and {@link issueFlush} make it durable. An
 * error of a write that nobody waited for is kept, the first one only, and told to the next who has everything written.
 *
 * Memory: a new buffer is allocated as long as the kernel has some to give (`bufio_memory.ts`). Else one of the reserved ones is
 * taken, else the oldest that nobody holds, a clean one before a dirty one, which is written first; else the request waits.
 *
 * @source drivers/md/dm-bufio.c, 6.1
 * @differs Linux has a lock for each client, which is held while it waits for a write of a buffer it wants to reuse or move; here others go on
 */
import { assert } from '../base/assert.ts'
import { Bio, READ, WRITE, type Status } from '../block/bio.ts'
import type { BlockDevice } from '../block/device.ts'
import type { Procedure } from '../sim/procedure.ts'
import type { EventTarget } from '../sim/queue.ts'
import {
  Buffer,
  CLEAN_LIST,
  DIRTY,
  DIRTY_LIST,
  READING,
  WRITING,
  type BufferWaiter,
  type IdleWaiter,
  type DataMode,
} from './buffer.ts'
import type { BufioMemory } from './bufio_memory.ts'
import { CachedBuffers, WRITEBACK_RATIO } from './cached_buffers.ts'
import { DestroyClient } from './destroy_client.ts'
import { EmptyIo, type DoneWaiter } from './empty_io.ts'
import { ReleaseMove } from './release_move.ts'
import { WriteOut } from './write_out.ts'

/** Writes are widened to multiples of this many bytes. */
const WRITE_ALIGN = 4096

const PUMP = 0
const TELL = 1

/** Whoever wants to see a buffer just before it is written: to put a checksum into it, say. */
export interface WriteHook {
  beforeWrite(buffer: Buffer): void
}

export interface BufioOptions {
  /** Where block 0 is, in sectors. */
  readonly start?: number
  readonly hook?: WriteHook | null
  /** Index into `sim.causes` of what the client does by itself. */
  readonly cause?: number
  /** Old buffers are looked at, and dirty ones written, as the seed of it all has it. */
  readonly isSeedPeriod?: boolean
}

/** A read, or a buffer to be filled, that waits for memory. */
interface WaitingRequest {
  readonly block: number
  readonly isFresh: boolean
  readonly waiter: BufferWaiter
  readonly parent: Bio | null
}

/** What a waiter is told at the end of this instant. */
interface Told {
  readonly waiter: BufferWaiter
  readonly buffer: Buffer | null
  readonly status: Status
}

export class BufioClient extends CachedBuffers implements EventTarget {
  readonly device: BlockDevice
  readonly number: number
  readonly start: number
  readonly cause: number
  private readonly hook: WriteHook | null
  asyncWriteError: Status
  /** What waits for memory, and moves that wait for a release. */
  private readonly waiting: WaitingRequest[]
  private readonly sleepers: Procedure[]
  private pumpAsked: boolean
  private readonly told: Told[]
  /** How many calls are on their way down: who is told something meanwhile is told later. */
  private entered: number
  isGone: boolean
  /** Sectors written so far, and flushes of the device. */
  sectorsWritten: number
  flushes: number

  /**
   * @param blockBytes a multiple of 512
   * @param reserved how many buffers the client is sure to have
   */
  constructor(
    memory: BufioMemory,
    name: string,
    device: BlockDevice,
    blockBytes: number,
    reserved: number,
    options: BufioOptions = {},
  ) {
    super(memory, name, blockBytes, options.isSeedPeriod ?? false)
    this.device = device
    this.start = options.start ?? 0
    this.hook = options.hook ?? null
    this.cause = options.cause ?? this.sim.cause(`${name} dm-bufio`)
    this.asyncWriteError = 'OK'
    this.waiting = []
    this.sleepers = []
    this.pumpAsked = false
    this.told = []
    this.entered = 0
    this.isGone = false
    this.sectorsWritten = 0
    this.flushes = 0
    this.reserve(reserved)
    this.number = memory.enter(this)
  }

  // ---- holding ----

  /**
   * Holds a block's buffer.
   * @param parent the request that needs it, for the question why
   * @returns the buffer if it is there; else null, and the waiter is told at a later event
   */
  read(block: number, waiter: BufferWaiter, parent: Bio | null = null): Buffer | null {
    const found = this.buffers.get(block)
    if (found === undefined || found.state === READING || found.readError !== 'OK') {
      return this.ask({ block, isFresh: false, waiter, parent })
    }
    this.hold(found)
    return found
  }

  /** The same without reading it: whoever asks is going to fill it. What is in a new buffer is undefined. @source dm_bufio_new */
  fresh(block: number, waiter: BufferWaiter, parent: Bio | null = null): Buffer | null {
    return this.ask({ block, isFresh: true, waiter, parent })
  }

  /** Holds a block's buffer if it is there, and its contents, too. */
  get(block: number): Buffer | null {
    const found = this.buffers.get(block)
    if (found === undefined || found.state === READING || found.readError !== 'OK') return null
    this.hold(found)
    return found
  }

  /** Begins to read what is not there yet, as far as there is memory; nobody holds it, and nobody waits. */
  prefetch(block: number, count: number, parent: Bio | null = null): void {
    this.entered++
    for (let each = block; each < block + count; each++) {
      if (this.buffers.has(each)) continue
      const address = this.memory.allocate(this.blockBytes)
      if (address === 0) break
      this.checkWatermark()
      const buffer = this.make(address, this.dataMode)
      this.link(buffer, each)
      this.startRead(buffer, parent)
    }
    this.entered--
  }

  release(buffer: Buffer): void {
    assert(buffer.holders > 0, `block ${buffer.block} is released, and nobody holds it`)
    if (--buffer.holders > 0) return
    const isSpoilt = buffer.readError !== 'OK' || buffer.writeError !== 'OK'
    if (isSpoilt && buffer.state === 0) this.evict(buffer)
    this.wake()
  }

  protected override make(address: number, mode: DataMode): Buffer {
    return new Buffer(this, address, mode)
  }

  private hold(buffer: Buffer): void {
    buffer.holders++
    this.relink(buffer, (buffer.state & (DIRTY | WRITING)) === 0 ? CLEAN_LIST : DIRTY_LIST)
  }

  private ask(request: WaitingRequest): Buffer | null {
    this.entered++
    const buffer = this.serve(request)
    this.entered--
    if (buffer !== undefined) return buffer
    this.waiting.push(request)
    return null
  }

  /** @returns the buffer, held; null when the waiter is told later, undefined when there is no memory */
  private serve({ block, isFresh, waiter, parent }: WaitingRequest): Buffer | null | undefined {
    const found = this.buffers.get(block)
    if (found !== undefined) {
      if (found.readError !== 'OK') {
        const { readError } = found
        this.hold(found)
        this.release(found)
        this.tell(waiter, null, readError)
        return null
      }
      this.hold(found)
      if (found.state !== READING) return found
      found.readers.push(waiter)
      return null
    }
    const buffer = this.allocate()
    if (buffer === null) return undefined
    this.checkWatermark()
    this.link(buffer, block)
    buffer.holders = 1
    if (isFresh) return buffer
    buffer.readers.push(waiter)
    this.startRead(buffer, parent)
    return null
  }

  private tell(waiter: BufferWaiter, buffer: Buffer | null, status: Status): void {
    if (this.entered === 0) {
      waiter.bufferReady(buffer, status)
      return
    }
    this.told.push({ waiter, buffer, status })
    this.sim.after(0, this, TELL)
  }

  // ---- changing ----

  markDirty(buffer: Buffer): void {
    this.markPartialDirty(buffer, 0, this.blockBytes)
  }

  /** Bytes `from` to `to` of the block are to be written; with what is dirty already, all between them, too. */
  markPartialDirty(buffer: Buffer, from: number, to: number): void {
    assert(from < to && to <= this.blockBytes, `bytes ${from} to ${to} of a block of ${this.blockBytes}`)
    if ((buffer.state & DIRTY) !== 0) {
      if (from < buffer.dirtyFrom) buffer.dirtyFrom = from
      if (to > buffer.dirtyTo) buffer.dirtyTo = to
      return
    }
    buffer.setState(buffer.state | DIRTY)
    buffer.dirtyFrom = from
    buffer.dirtyTo = to
    this.relink(buffer, DIRTY_LIST)
    this.memory.armScan()
  }

  // ---- writing ----

  /** Begins to write whatever is dirty, oldest first. */
  writeDirtyBuffersAsync(): void {
    for (const buffer of this.lists[DIRTY_LIST].oldestFirst()) {
      if ((buffer.state & (DIRTY | WRITING)) === 0) this.relink(buffer, CLEAN_LIST)
      else this.startWrite(buffer)
    }
  }

  /** Writes whatever is dirty, and flushes the device. @param waiter is told the first error since somebody asked last */
  writeDirtyBuffers(waiter: DoneWaiter): void {
    new WriteOut(this, waiter).start()
  }

  issueFlush(waiter: DoneWaiter): void {
    new EmptyIo(this, waiter).flush()
  }

  issueDiscard(block: number, count: number, waiter: DoneWaiter): void {
    new EmptyIo(this, waiter).discard(this.sector(block), (count * this.blockBytes) / 512)
  }

  /** When more than three quarters are dirty, they are written; one that is being written ends that. @source __check_watermark */
  private checkWatermark(): void {
    const [clean, dirty] = this.lists
    if (dirty.count <= clean.count * WRITEBACK_RATIO) return
    for (const buffer of dirty.oldestFirst()) {
      if ((buffer.state & (DIRTY | WRITING)) === 0) this.relink(buffer, CLEAN_LIST)
      else if ((buffer.state & WRITING) !== 0) return
      else this.startWrite(buffer)
    }
  }

  /** Writes a buffer if it is dirty; if a write of it is under way, after that. @source __write_dirty_buffer */
  override startWrite(buffer: Buffer): void {
    if ((buffer.state & DIRTY) === 0) return
    buffer.writeOwed = (buffer.state & WRITING) !== 0
    if (buffer.writeOwed) return
    buffer.writeFrom = buffer.dirtyFrom
    buffer.writeTo = buffer.dirtyTo
    buffer.setState(WRITING)
    this.submitWrite(buffer)
  }

  /** Writes a copy of a buffer that is not being written to another block. */
  writeCopy(buffer: Buffer, block: number): void {
    const home = buffer.block
    buffer.writeFrom = 0
    buffer.writeTo = this.blockBytes
    buffer.setState(WRITING)
    buffer.block = block
    this.submitWrite(buffer, home)
  }

  sector(block: number): number {
    return this.start + (block * this.blockBytes) / 512
  }

  /** @param home the block it has when the write is on its way */
  private submitWrite(buffer: Buffer, home = buffer.block): void {
    this.hook?.beforeWrite(buffer)
    const from = Math.floor(buffer.writeFrom / WRITE_ALIGN) * WRITE_ALIGN
    const to = Math.min(Math.ceil(buffer.writeTo / WRITE_ALIGN) * WRITE_ALIGN, this.blockBytes)
    const sector = this.sector(buffer.block) + from / 512
    buffer.block = home
    const { cause, sim } = this
    this.sectorsWritten += (to - from) / 512
    this.device.submit(new Bio(sim, buffer, WRITE, 0, sector, (to - from) / 512, buffer.address + from, cause))
  }

  private startRead(buffer: Buffer, parent: Bio | null): void {
    buffer.setState(READING)
    const { blockBytes, sim } = this
    const [cause, id] = parent === null ? [this.cause, 0] : [parent.cause, parent.id]
    const sector = this.sector(buffer.block)
    this.device.submit(new Bio(sim, buffer, READ, 0, sector, blockBytes / 512, buffer.address, cause, id))
  }

  /** An I/O of a buffer has ended. */
  ioDone(buffer: Buffer, { op, status }: Bio): void {
    if (op === READ) {
      buffer.setState(0)
      buffer.readError = status
      for (const waiter of buffer.readers.splice(0)) {
        if (status !== 'OK') this.release(buffer)
        this.tell(waiter, status === 'OK' ? buffer : null, status)
      }
    } else {
      buffer.writeError = status
      if (this.asyncWriteError === 'OK') this.asyncWriteError = status
      buffer.setState(buffer.state & ~WRITING)
      if (buffer.writeOwed) this.startWrite(buffer)
    }
    if (!buffer.writeOwed && (buffer.state & WRITING) === 0) {
      for (const waiter of buffer.idlers.splice(0)) waiter.bufferIdle(buffer)
    }
    this.wake()
  }

  /** Tells the waiter when nothing is under way with a buffer; there must be something. What is dirty is written. */
  clean(buffer: Buffer, waiter: IdleWaiter): void {
    assert(buffer.state !== 0, 'somebody waits for a buffer in which nothing happens')
    buffer.idlers.push(waiter)
    this.startWrite(buffer)
  }

  /** The first error of a write that nobody has been told; he is told now. */
  takeError(): Status {
    const status = this.asyncWriteError
    this.asyncWriteError = 'OK'
    return status
  }

  // ---- giving up ----

  /**
   * Releases a buffer, and what is in it belongs to another block from now on: the buffer itself, if nobody else holds it, and else a copy
   * that is written there.
   */
  releaseMove(buffer: Buffer, block: number, waiter: DoneWaiter | null = null): void {
    new ReleaseMove(this, buffer, block, waiter).start()
  }

  /** Writes what is dirty, drops everything. Nobody may hold a buffer. */
  destroy(waiter: DoneWaiter | null): void {
    new DestroyClient(this, waiter).resume()
  }

  /** A move waits until somebody has released a buffer. */
  sleepUntilRelease(procedure: Procedure): void {
    procedure.expect()
    this.sleepers.push(procedure)
  }

  // ---- waiting ----

  /** Whoever waits for memory, or for a release, tries again at the end of this instant. */
  protected override wake(): void {
    if (this.pumpAsked || (this.waiting.length === 0 && this.sleepers.length === 0)) return
    this.pumpAsked = true
    this.sim.after(0, this, PUMP)
  }

  event(what: number): void {
    if (what === TELL) {
      for (const { waiter, buffer, status } of this.told.splice(0)) waiter.bufferReady(buffer, status)
      return
    }
    this.pumpAsked = false
    for (const procedure of this.sleepers.splice(0)) procedure.arrived()
    for (const request of this.waiting.splice(0)) {
      const buffer = this.ask(request)
      if (buffer !== null) request.waiter.bufferReady(buffer, 'OK')
    }
  }

  get waitingCount(): number {
    return this.waiting.length
  }

  // ---- the look at old buffers ----

  /**
   * Gives up clean buffers that are older than this, but for those that may be retained.
   * @param age in nanoseconds
   * @source __evict_old_buffers
   */
  scan(age: number): void {
    if (this.isSeedPeriod && this.lists[DIRTY_LIST].count > 0) new WriteOut(this, null).start()
    else this.checkWatermark()
    const [clean, dirty] = this.lists
    for (const buffer of clean.oldestFirst()) {
      if (clean.count + dirty.count <= this.retained || this.sim.now - buffer.lastAccessed < age) return
      if (buffer.isFree) this.evict(buffer)
    }
  }
}
