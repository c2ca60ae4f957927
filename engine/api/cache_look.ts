/** The buffer caches of a mapped device as they are at one instant: for a view that is asked for. */
import { Disk } from '../block/disk.ts'
import { CLEAN_LIST, DIRTY, DIRTY_LIST, READING, WRITING, type Buffer, type ListMode } from '../bufio/buffer.ts'
import { bufioOf } from '../bufio/bufio_memory.ts'
import type { BufioClient } from '../bufio/client.ts'
import { CHECKSUM_PROMISES } from '../checksum/checksum_modes.ts'
import { ChecksumTarget } from '../checksum/checksum_target.ts'
import type { Machine } from '../lab/machine.ts'

/** Buffers of a list that are told of one by one. */
const LISTED_MAX = 256

/**
 * What a power cut now does to the newest bytes of a buffer: `lost`, they are nowhere but in memory; `on its way`, the write has not been
 * acknowledged; `volatile`, they are in the disk's cache alone; `safe`.
 */
export type BufferFate = 'lost' | 'on its way' | 'volatile' | 'safe'

export interface LookedBuffer {
  readonly block: number
  readonly sector: number
  readonly holders: number
  readonly isReading: boolean
  readonly isWriting: boolean
  readonly isDirty: boolean
  /** Bytes of the block that are to be written. */
  readonly dirtyFrom: number
  readonly dirtyTo: number
  /** Nanoseconds since it was used last. */
  readonly age: number
  readonly fate: BufferFate
}

export interface LookedList {
  readonly count: number
  /** Most recently used first; the first {@link LISTED_MAX}. */
  readonly buffers: readonly LookedBuffer[]
}

export interface CacheLook {
  readonly name: string
  /** Below /dev. */
  readonly device: string
  readonly blockBytes: number
  readonly clean: LookedList
  readonly dirty: LookedList
  /** Requests that wait for memory. */
  readonly waiting: number
  /** The error of a write that nobody has been told, or empty. */
  readonly error: string
  /** Bytes that a cut now loses for certain, and that may be lost with the disk's cache. */
  readonly lostBytes: number
  readonly volatileBytes: number
  /** Of all caches of the kernel. */
  readonly allocatedBytes: number
  readonly limitBytes: number
  readonly maxAgeSeconds: number
  /** What the device promises of its data, where the cache is that of checksums; or empty. */
  readonly promise: string
  /** What writing has cost there; or empty. */
  readonly costs: string
}

/** @returns the caches that a mapped device keeps; none where it keeps none */
export function lookAtCaches(machine: Machine, mapped: string): CacheLook[] {
  const { dm } = machine.kernel
  const device = dm.find(mapped)
  if (!machine.powerOn || device === undefined) return []
  const checksums = device.active?.targets.find((target) => target instanceof ChecksumTarget)
  const promise = checksums === undefined ? '' : CHECKSUM_PROMISES[checksums.line.mode]
  return bufioOf(dm)
    .clients.filter(({ name }) => name === mapped || name.endsWith(` ${mapped}`))
    .map((client) => lookAtCache(client, promise, checksums?.checksums.costText() ?? ''))
    .reverse()
}

function lookAtCache(client: BufioClient, promise: string, costs: string): CacheLook {
  const [clean, dirty] = [lookAtList(client, CLEAN_LIST), lookAtList(client, DIRTY_LIST)]
  let lostBytes = 0
  let volatileBytes = 0
  for (const list of [CLEAN_LIST, DIRTY_LIST] as const) {
    for (const buffer of client.listOf(list).oldestFirst()) {
      const fate = fateOf(client, buffer)
      if (fate === 'lost') lostBytes += buffer.dirtyTo - buffer.dirtyFrom
      else if (fate !== 'safe') volatileBytes += client.blockBytes
    }
  }
  const { values } = client.memory
  return {
    name: client.name,
    device: client.device.name,
    blockBytes: client.blockBytes,
    clean,
    dirty,
    waiting: client.waitingCount,
    error: client.asyncWriteError === 'OK' ? '' : client.asyncWriteError,
    lostBytes,
    volatileBytes,
    allocatedBytes: values.current_allocated_bytes,
    limitBytes: values.max_cache_size_bytes,
    maxAgeSeconds: values.max_age_seconds,
    promise,
    costs,
  }
}

function lookAtList(client: BufioClient, list: ListMode): LookedList {
  const buffers: LookedBuffer[] = []
  const { count, newest } = client.listOf(list)
  for (let each = newest; each !== null && buffers.length < LISTED_MAX; each = each.older) {
    buffers.push(lookAtBuffer(client, each))
  }
  return { count, buffers }
}

function lookAtBuffer(client: BufioClient, buffer: Buffer): LookedBuffer {
  const { block, holders, state, dirtyFrom, dirtyTo, lastAccessed } = buffer
  const isDirty = (state & DIRTY) !== 0
  return {
    block,
    sector: client.sector(block),
    holders,
    isReading: (state & READING) !== 0,
    isWriting: (state & WRITING) !== 0,
    isDirty,
    dirtyFrom: isDirty ? dirtyFrom : 0,
    dirtyTo: isDirty ? dirtyTo : 0,
    age: client.sim.now - lastAccessed,
    fate: fateOf(client, buffer),
  }
}

/** Of a cache on anything but a disk it is not known what lies in whose cache. */
function fateOf(client: BufioClient, buffer: Buffer): BufferFate {
  if ((buffer.state & DIRTY) !== 0) return 'lost'
  if ((buffer.state & WRITING) !== 0) return 'on its way'
  const { device } = client
  if (!(device instanceof Disk)) return 'safe'
  const first = client.sector(buffer.block)
  for (let i = 0; i < client.blockBytes / 512; i++) if (device.cache.has(first + i)) return 'volatile'
  return 'safe'
}
