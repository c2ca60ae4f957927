/**
 * What every device did and how long it took, and what the requests to an array cost on its members: gathered from the rows of
 * the trace as they come.
 */
import type { ArrayFrame, Frame } from '../../engine/api/frame.ts'
import type { ChunkMap } from '../../engine/api/array_map.ts'
import { DISCARD, FLUSH, META, READ, TRACE, TRACE_COLUMNS } from '../../engine/api/vocabulary.ts'
import type { BioRecord } from './bio_book.ts'
import { LatencyHistogram } from './latency_histogram.ts'
import { LatencySeries } from './latency_series.ts'

export const MINORS = 1048576
export const MD_MAJOR = 9
export const SD_MAJOR = 8
const SD_MINORS = 16

export class DeviceLatency {
  readonly reads = new LatencyHistogram()
  readonly writes = new LatencyHistogram()
  readonly flushes = new LatencyHistogram()
  readonly series = new LatencySeries()
  errors = 0
}

/** What the members of an array did, and for whom. */
export interface MemberTally {
  /** Requests to the array itself. */
  reads: number
  writes: number
  /** Disk I/Os of the members: reads that array reads needed, … */
  readsForReads: number
  /** … reads that array writes needed, … */
  readsForWrites: number
  dataWrites: number
  parityWrites: number
  /** Of further copies. */
  copyWrites: number
  /** … superblocks and bitmap, flushes, … */
  metadata: number
  flushes: number
  /** … and what resync, rebuild or check did. */
  sync: number
}

const emptyTally = (): MemberTally => ({
  reads: 0,
  writes: 0,
  readsForReads: 0,
  readsForWrites: 0,
  dataWrites: 0,
  parityWrites: 0,
  copyWrites: 0,
  metadata: 0,
  flushes: 0,
  sync: 0,
})

interface Member {
  readonly array: ArrayFrame
  readonly slot: number
  readonly dataOffset: number
  readonly map: ChunkMap | undefined
}

export class LatencyBook {
  /** By major * 2^20 + minor. */
  readonly devices = new Map<number, DeviceLatency>()
  /** By minor of the array. */
  readonly tallies = new Map<number, MemberTally>()
  /** Since when is counted, in virtual time. */
  since = -1
  #last = 0

  /** Counts from here on. */
  clear(): void {
    this.devices.clear()
    this.tallies.clear()
    this.since = -1
  }

  /**
   * Takes in rows.
   * @param find a bio by its id; told of these rows before
   * @param mapOf an array's map, by name
   */
  read(
    rows: Float64Array,
    frame: Frame,
    find: (bio: number) => BioRecord | undefined,
    mapOf: (array: string) => ChunkMap | undefined,
  ): void {
    if (frame.time < this.#last) this.clear()
    this.#last = frame.time
    if (this.since < 0) this.since = rows.length > 0 ? rows[0] : frame.time
    const members = this.#members(frame, mapOf)
    for (let at = 0; at < rows.length; at += TRACE_COLUMNS) {
      const kind = rows[at + 1]
      if (kind === TRACE.bio_end) this.#end(rows[at], rows[at + 3] === 1, find(rows[at + 2]))
      else if (kind === TRACE.disk_io) {
        const member = members.get(rows[at + 3])
        if (member) this.#count(member, rows[at + 5], rows[at + 6], rows[at + 7], find(rows[at + 4]), find)
      }
    }
    for (const device of this.devices.values()) device.series.reach(frame.time)
  }

  device(number: number): DeviceLatency {
    let device = this.devices.get(number)
    if (!device) this.devices.set(number, (device = new DeviceLatency()))
    return device
  }

  tally(minor: number): MemberTally {
    let tally = this.tallies.get(minor)
    if (!tally) this.tallies.set(minor, (tally = emptyTally()))
    return tally
  }

  #members(frame: Frame, mapOf: (array: string) => ChunkMap | undefined): ReadonlyMap<number, Member> {
    const members = new Map<number, Member>()
    for (const array of frame.arrays) {
      const map = mapOf(array.name)
      for (const { name, slot, dataOffset } of array.members) {
        const disk = frame.disks.find((candidate) => candidate.name === name)
        if (disk && slot >= 0) members.set(disk.index, { array, slot, dataOffset, map })
      }
    }
    return members
  }

  #end(time: number, isFailed: boolean, bio: BioRecord | undefined): void {
    if (!bio) return
    const device = this.device(bio.device)
    if (isFailed) {
      device.errors++
      return
    }
    const took = time - bio.submittedAt
    const op = bio.opFlags & 7
    if (op === FLUSH) device.flushes.add(took)
    else if (op !== DISCARD) {
      const isRead = op === READ
      if (isRead) device.reads.add(took)
      else device.writes.add(took)
      device.series.add(time, isRead, bio.sectors)
    }
    if (Math.floor(bio.device / MINORS) !== MD_MAJOR) return
    const tally = this.tally(bio.device % MINORS)
    if (op === READ) tally.reads++
    else if (op !== FLUSH) tally.writes++
  }

  #count(
    { array, slot, dataOffset, map }: Member,
    opFlags: number,
    sector: number,
    sectors: number,
    bio: BioRecord | undefined,
    find: (bio: number) => BioRecord | undefined,
  ): void {
    const tally = this.tally(array.minor)
    const op = opFlags & 7
    if (op === FLUSH || sectors === 0) tally.flushes++
    else if ((opFlags & META) !== 0 || sector < dataOffset) tally.metadata++
    else if (!bio || bio.parent === 0) tally.sync++
    else if (op === READ) {
      const parent = find(bio.parent)
      if (parent && (parent.opFlags & 7) !== READ) tally.readsForWrites++
      else tally.readsForReads++
    } else {
      const row = Math.floor((sector - dataOffset) / array.chunkSectors)
      if (map?.isParity(row, slot) === true) tally.parityWrites++
      else if (map?.isRedundant(row, slot) === true) tally.copyWrites++
      else tally.dataWrites++
    }
  }
}

/** The number of a disk, as the trace has it. */
export const diskNumber = (index: number): number => SD_MAJOR * MINORS + index * SD_MINORS

export const arrayNumber = (minor: number): number => MD_MAJOR * MINORS + minor
