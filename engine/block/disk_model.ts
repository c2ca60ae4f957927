/**
 * How a disk behaves in time. Latencies are of the virtual clock, in nanoseconds; none of them depends on the host.
 * `ideal` is what the judge's loop disks are: fast, with a write-back cache, flush, no FUA of its own, no discard.
 */
import { MICROSECOND, MILLISECOND } from '../sim/sim.ts'

export type DiskModelName = 'ideal' | 'ssd' | 'hdd'

export interface DiskModel {
  readonly name: DiskModelName
  readonly readLatency: number
  readonly writeLatency: number
  readonly flushLatency: number
  readonly sectorLatency: number
  /** Requests served at the same time; the others wait. */
  readonly channels: number
  /** From one end to the other, and the mean turn to the wanted sector; 0 without a head. */
  readonly fullSeek: number
  readonly rotation: number
  /** Volatile cache; a write longer than `streamBytes` goes past it. */
  readonly cacheBytes: number
  readonly streamBytes: number
  /** After so long in the cache a write is put on the medium without being asked; 0 for never. */
  readonly destageAfter: number
  readonly discard: boolean
  /** Does FUA itself; otherwise it is a write and a flush. */
  readonly fua: boolean
}

export const DISK_MODELS: Readonly<Record<DiskModelName, DiskModel>> = {
  ideal: {
    name: 'ideal',
    readLatency: 1 * MICROSECOND,
    writeLatency: 1 * MICROSECOND,
    flushLatency: 2 * MICROSECOND,
    sectorLatency: 50,
    channels: Infinity,
    fullSeek: 0,
    rotation: 0,
    cacheBytes: 4 << 20,
    streamBytes: 128 << 10,
    destageAfter: 0,
    discard: false,
    fua: false,
  },
  ssd: {
    name: 'ssd',
    readLatency: 80 * MICROSECOND,
    writeLatency: 25 * MICROSECOND,
    flushLatency: 400 * MICROSECOND,
    sectorLatency: 1 * MICROSECOND,
    channels: 8,
    fullSeek: 0,
    rotation: 0,
    cacheBytes: 1 << 20,
    streamBytes: 128 << 10,
    destageAfter: 400 * MILLISECOND,
    discard: true,
    fua: true,
  },
  hdd: {
    name: 'hdd',
    readLatency: 100 * MICROSECOND,
    writeLatency: 100 * MICROSECOND,
    flushLatency: 8 * MILLISECOND,
    sectorLatency: 3 * MICROSECOND,
    channels: 1,
    fullSeek: 16 * MILLISECOND,
    rotation: 8_333_333,
    cacheBytes: 1 << 20,
    streamBytes: 128 << 10,
    destageAfter: 1000 * MILLISECOND,
    discard: false,
    fua: true,
  },
}

/** The names, for refusals that say what would be right. */
export function isDiskModelName(name: string): name is DiskModelName {
  return Object.hasOwn(DISK_MODELS, name)
}
