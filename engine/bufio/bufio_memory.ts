/**
 * What all buffer caches of a kernel share: how much memory they may use together, what they use, and the look at old buffers from
 * time to time. There is one per kernel ({@link bufioOf}); its numbers are the files below /sys/module/dm_bufio/parameters.
 *
 * When the limit is passed, room is made down to a sixteenth below it, wherever the oldest buffers are (`replacement.ts`). A
 * client whose buffers are old gives them up down to what it may retain (`evictOld` in `client.ts`).
 *
 * @source drivers/md/dm-bufio.c, 6.1
 */
import { assert } from '../base/assert.ts'
import { fail, ok, type Result } from '../base/errno.ts'
import type { DeviceMapper } from '../dm/device_mapper.ts'
import { SECOND, type Sim } from '../sim/sim.ts'
import type { EventTarget } from '../sim/queue.ts'
import type { Buffer, DataMode } from './buffer.ts'
import type { BufioClient } from './client.ts'
import { Replacement } from './replacement.ts'

/** The limit of a kernel with 504 680 448 bytes of memory: two percent. */
const DEFAULT_CACHE_BYTES = 10_092_544
/** What the caches get at most, whatever the limit says. Whoever wants more has to wait until something is given back. */
const ALLOCATION_BYTES_MAX = 16 << 20
/** Room is made down to the limit less this part of it. */
const LOW_WATERMARK_RATIO = 16

export const SCAN_SECONDS = 30
export const SEED_SCAN_SECONDS = 10

/** With this limit, no buffer is allocated but those that were reserved. */
const RESERVED_ONLY = 1

const SCAN = 0
const REPLACE = 1

export const BUFIO_PARAMETERS = [
  'max_cache_size_bytes',
  'max_age_seconds',
  'retain_bytes',
  'peak_allocated_bytes',
  'allocated_kmem_cache_bytes',
  'allocated_get_free_pages_bytes',
  'allocated_vmalloc_bytes',
  'current_allocated_bytes',
] as const
export type BufioParameter = (typeof BUFIO_PARAMETERS)[number]

const WRITABLE: readonly BufioParameter[] = [
  'max_cache_size_bytes',
  'max_age_seconds',
  'retain_bytes',
  'peak_allocated_bytes',
]

export function isWritable(name: BufioParameter): boolean {
  return WRITABLE.includes(name)
}

export class BufioMemory implements EventTarget {
  readonly sim: Sim
  /** Newest first. */
  readonly clients: BufioClient[]
  readonly values: Record<BufioParameter, number>
  /** All buffers, the one added first in front: where room is looked for when all clients together have too much. */
  readonly queue: Set<Buffer>
  /** The limit as it was when it was last looked at. */
  latch: number
  /** Memory that buffers have, cached or not. */
  private bytesAllocated: number
  private nextNumber: number
  private scanAt: number
  private replaceAsked: boolean
  private readonly replacement: Replacement

  constructor(sim: Sim) {
    this.sim = sim
    this.clients = []
    this.values = {
      max_cache_size_bytes: DEFAULT_CACHE_BYTES,
      max_age_seconds: 300,
      retain_bytes: 262_144,
      peak_allocated_bytes: 0,
      allocated_kmem_cache_bytes: 0,
      allocated_get_free_pages_bytes: 0,
      allocated_vmalloc_bytes: 0,
      current_allocated_bytes: 0,
    }
    this.queue = new Set()
    this.latch = DEFAULT_CACHE_BYTES
    this.bytesAllocated = 0
    this.nextNumber = 0
    this.scanAt = -1
    this.replaceAsked = false
    this.replacement = new Replacement(this)
  }

  // ---- clients ----

  /** @returns the client's number, which is never given again. */
  enter(client: BufioClient): number {
    this.clients.unshift(client)
    this.refreshLimit()
    return this.nextNumber++
  }

  leave(client: BufioClient): void {
    const at = this.clients.indexOf(client)
    assert(at >= 0, 'a client leaves that is not there')
    this.clients.splice(at, 1)
    this.refreshLimit()
  }

  // ---- parameters ----

  /**
   * Changes a parameter as its file does.
   * @errors EINVAL for what is no number.
   */
  set(name: BufioParameter, text: string): Result<null> {
    assert(isWritable(name), `${name} can only be read`)
    const word = text.trim()
    const value = /^(0x[0-9a-f]+|\d+)$/i.test(word) ? Number(word) : NaN
    const max = name === 'max_age_seconds' ? 2 ** 32 - 1 : Number.MAX_SAFE_INTEGER
    if (!(value <= max)) return fail('EINVAL', `${name} is a whole number up to ${max}`)
    this.values[name] = value
    this.armScan()
    return ok(null)
  }

  /** Zero means the kernel's own limit, and is shown so. @source __cache_size_refresh */
  private refreshLimit(): void {
    const { values } = this
    if (values.max_cache_size_bytes === 0) values.max_cache_size_bytes = DEFAULT_CACHE_BYTES
    this.latch = values.max_cache_size_bytes
  }

  // ---- memory ----

  /** @returns the address of so many bytes; 0 where there is none to be had. */
  allocate(bytes: number): number {
    if (this.latch === RESERVED_ONLY || this.bytesAllocated + bytes > ALLOCATION_BYTES_MAX) return 0
    return this.reserve(bytes)
  }

  /** The same for memory that must be had. */
  reserve(bytes: number): number {
    this.bytesAllocated += bytes
    return this.sim.memory.allocate(bytes)
  }

  free(address: number, bytes: number): void {
    this.bytesAllocated -= bytes
    this.sim.memory.free(address)
  }

  /** A buffer is cached from now on. @source adjust_total_allocated */
  linked(buffer: Buffer): void {
    const { values } = this
    this.count(buffer.dataMode, buffer.client.blockBytes)
    values.peak_allocated_bytes = Math.max(values.peak_allocated_bytes, values.current_allocated_bytes)
    this.queue.add(buffer)
    if (values.current_allocated_bytes > values.max_cache_size_bytes) this.askForRoom()
  }

  unlinked(buffer: Buffer): void {
    this.count(buffer.dataMode, -buffer.client.blockBytes)
    const wasThere = this.queue.delete(buffer)
    assert(wasThere, 'a buffer that is given up was in the queue')
  }

  private count(mode: DataMode, bytes: number): void {
    this.values[`allocated_${mode}_bytes`] += bytes
    this.values.current_allocated_bytes += bytes
  }

  /** Down to where room is made. */
  get threshold(): number {
    const limit = this.values.max_cache_size_bytes
    return limit - Math.floor(limit / LOW_WATERMARK_RATIO)
  }

  private askForRoom(): void {
    if (this.replaceAsked || this.replacement.isUnderWay) return
    this.replaceAsked = true
    this.sim.after(0, this, REPLACE)
  }

  // ---- the look at old buffers ----

  /**
   * Sees to it that the next look comes, if it could change anything. Looks come at whole multiples of the period.
   * @differs Linux looks whether there is anything to see or not.
   */
  armScan(): void {
    const { sim } = this
    let at = Infinity
    for (const client of this.clients) if (client.wantsScan) at = Math.min(at, client.nextScan(sim.now))
    if (at === Infinity || (this.scanAt > sim.now && this.scanAt <= at)) return
    this.scanAt = at
    sim.after(at - sim.now, this, SCAN, at)
  }

  event(what: number, argument: number): void {
    if (what === REPLACE) {
      this.replaceAsked = false
      this.replacement.begin()
    } else if (argument === this.scanAt) {
      this.scanAt = -1
      this.refreshLimit()
      const age = this.values.max_age_seconds * SECOND
      for (const client of [...this.clients]) if (client.isScanDue(this.sim.now)) client.scan(age)
      this.armScan()
    }
  }
}

const MODULE = 'dm_bufio'

/** What the buffer caches of a kernel share. */
export function bufioOf(dm: DeviceMapper): BufioMemory {
  const known = dm.modules.get(MODULE)
  if (known instanceof BufioMemory) return known
  const memory = new BufioMemory(dm.sim)
  dm.modules.set(MODULE, memory)
  return memory
}
