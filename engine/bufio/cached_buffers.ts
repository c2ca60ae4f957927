import { assert } from '../base/assert.ts'
import { SECOND, type Sim } from '../sim/sim.ts'
import { CLEAN_LIST, READING, WRITING, type Buffer, type DataMode, type ListMode } from './buffer.ts'
import { BufferList } from './buffer_list.ts'
import { SCAN_SECONDS, SEED_SCAN_SECONDS, type BufioMemory } from './bufio_memory.ts'

/** So many times as many dirty buffers as clean ones, and they are written. */
export const WRITEBACK_RATIO = 3

/** The buffers of a client: which blocks they have, the two lists they are on, and where their memory comes from. */
export abstract class CachedBuffers {
  readonly sim: Sim
  readonly memory: BufioMemory
  /** Whose cache it is, for people. */
  readonly name: string
  readonly blockBytes: number
  readonly isSeedPeriod: boolean
  protected readonly buffers: Map<number, Buffer>
  protected readonly lists: readonly [BufferList, BufferList]
  /** Buffers that are not in use, and how many of those reserved are. */
  readonly reserved: Buffer[]
  private reservedInUse: number

  constructor(memory: BufioMemory, name: string, blockBytes: number, isSeedPeriod: boolean) {
    assert(blockBytes > 0 && blockBytes % 512 === 0, `a block of ${blockBytes} bytes`)
    this.sim = memory.sim
    this.memory = memory
    this.name = name
    this.blockBytes = blockBytes
    this.isSeedPeriod = isSeedPeriod
    this.buffers = new Map()
    this.lists = [new BufferList(), new BufferList()]
    this.reserved = []
    this.reservedInUse = 0
  }

  protected abstract make(address: number, mode: DataMode): Buffer

  abstract startWrite(buffer: Buffer): void

  /** Somebody may find memory now, or a buffer that nobody holds. */
  protected abstract wake(): void

  // ---- memory ----

  protected reserve(count: number): void {
    const mode = this.isSlab ? 'kmem_cache' : 'vmalloc'
    for (let i = 0; i < count; i++) this.reserved.push(this.make(this.memory.reserve(this.blockBytes), mode))
  }

  /** @source __alloc_buffer_wait_no_callback, __get_unclaimed_buffer */
  protected allocate(): Buffer | null {
    const address = this.memory.allocate(this.blockBytes)
    if (address !== 0) return this.make(address, this.dataMode)
    const reserved = this.reserved.pop()
    if (reserved !== undefined) {
      this.reservedInUse++
      return reserved
    }
    for (const list of this.lists) {
      let buffer = list.oldest
      while (buffer !== null && buffer.holders > 0) buffer = buffer.newer
      if (buffer === null) continue
      if (buffer.state !== 0) {
        this.startWrite(buffer)
        return null
      }
      this.unlink(buffer)
      return buffer
    }
    return null
  }

  private get isSlab(): boolean {
    return this.blockBytes < 4096 || !Number.isInteger(Math.log2(this.blockBytes))
  }

  protected get dataMode(): 'kmem_cache' | 'get_free_pages' {
    return this.isSlab ? 'kmem_cache' : 'get_free_pages'
  }

  /** Takes a free buffer out of the cache, and gives its memory back. */
  evict(buffer: Buffer): void {
    this.unlink(buffer)
    if (this.reservedInUse > 0) {
      this.reservedInUse--
      this.reserved.push(buffer)
    } else this.memory.free(buffer.address, this.blockBytes)
    this.wake()
  }

  /** Drops a block's buffer, if nobody holds it and nothing is to be written. */
  forget(block: number): void {
    const found = this.buffers.get(block)
    if (found?.isFree === true) this.evict(found)
  }

  /** The same for many blocks. */
  forgetBuffers(block: number, count: number): void {
    if (count < this.buffers.size) for (let each = block; each < block + count; each++) this.forget(each)
    else for (const each of [...this.buffers.keys()]) if (each >= block && each < block + count) this.forget(each)
  }

  // ---- lists ----

  link(buffer: Buffer, block: number, list: ListMode = CLEAN_LIST): void {
    if (list === CLEAN_LIST) buffer.reset()
    buffer.block = block
    buffer.listMode = list
    buffer.lastAccessed = this.sim.now
    buffer.accessed = true
    this.buffers.set(block, buffer)
    this.lists[list].addNewest(buffer)
    this.memory.linked(buffer)
    this.memory.armScan()
  }

  unlink(buffer: Buffer): void {
    this.buffers.delete(buffer.block)
    this.lists[buffer.listMode].remove(buffer)
    this.memory.unlinked(buffer)
  }

  /** Puts a buffer at the head of a list. @source __relink_lru */
  relink(buffer: Buffer, list: ListMode): void {
    buffer.accessed = true
    buffer.lastAccessed = this.sim.now
    const { listMode } = buffer
    if (listMode === list && buffer.newer === null) return
    this.lists[listMode].remove(buffer)
    buffer.listMode = list
    this.lists[list].addNewest(buffer)
  }

  isCached(buffer: Buffer): boolean {
    return this.buffers.get(buffer.block) === buffer
  }

  /** The buffer of a block, without holding it: for whoever looks. */
  peek(block: number): Buffer | undefined {
    return this.buffers.get(block)
  }

  listOf(list: ListMode): BufferList {
    return this.lists[list]
  }

  /** Why the cache is not at rest, or null. */
  unsettled(): string | null {
    for (const list of this.lists) {
      for (let each = list.oldest; each !== null; each = each.newer) {
        if ((each.state & (READING | WRITING)) !== 0) return `I/O of the buffer cache of ${this.name}`
      }
    }
    return null
  }

  // ---- the look at old buffers ----

  protected get retained(): number {
    return Math.floor(this.memory.values.retain_bytes / this.blockBytes)
  }

  private get period(): number {
    return (this.isSeedPeriod ? SEED_SCAN_SECONDS : SCAN_SECONDS) * SECOND
  }

  /** Whether a look could change anything, now or when time has passed. */
  get wantsScan(): boolean {
    const [clean, dirty] = this.lists
    if (dirty.count > clean.count * WRITEBACK_RATIO || (this.isSeedPeriod && dirty.count > 0)) return true
    return clean.count > 0 && clean.count + dirty.count > this.retained
  }

  nextScan(now: number): number {
    return (Math.floor(now / this.period) + 1) * this.period
  }

  isScanDue(now: number): boolean {
    return now % this.period === 0
  }
}
