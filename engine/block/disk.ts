/**
 * A disk: a medium, a volatile write cache in front of it, latency, wounds.
 *
 * A write is acknowledged once it is in the cache; a flush moves the cache to the medium; a long write goes to the medium at
 * once, as does whatever the cache evicts. FUA and PREFLUSH are done as the kernel's flush machinery does them: a request
 * is a sequence of disk I/Os (flush, data, flush), each of which completes by itself and is one step of the machine.
 *
 * What must always hold: a completed flush has made durable every write that was acknowledged before it was submitted; the
 * medium changes only in `event` (never while an owner runs); what a power cut may leave is decided in `power_loss.ts`.
 */
import { assert } from '../base/assert.ts'
import { OrderedTable } from '../base/ordered_table.ts'
import { TRACE } from '../sim/trace.ts'
import type { EventTarget } from '../sim/queue.ts'
import type { Sim } from '../sim/sim.ts'
import { DISCARD, FLUSH, FUA, PREFLUSH, READ, WRITE, type Bio } from './bio.ts'
import { BlockDevice } from './device.ts'
import type { DiskModel } from './disk_model.ts'
import { DiskFaults } from './fault.ts'
import type { Media } from './media.ts'
import type { PowerSwitch } from './power_switch.ts'
import { WriteCache, type CachePage } from './write_cache.ts'

export const SD_MAJOR = 8
/** Minor numbers between two disks. */
export const SD_MINORS = 16

/** What a request does next. */
const PRE_FLUSH = 0
const DATA = 1
const POST_FLUSH = 2

const DESTAGE = 0

/** A bio on its way through the disk. */
export class DiskRequest implements EventTarget {
  readonly disk: Disk
  readonly bio: Bio
  phase: number

  constructor(disk: Disk, bio: Bio) {
    this.disk = disk
    this.bio = bio
    this.phase = (bio.flags & PREFLUSH) !== 0 && bio.op !== FLUSH ? PRE_FLUSH : DATA
  }

  event(): void {
    this.disk.serviced(this)
  }
}

export class Disk extends BlockDevice implements EventTarget {
  readonly model: DiskModel
  readonly media: Media
  readonly cache: WriteCache
  readonly faults: DiskFaults
  /** By the number of their bio, in the order in which they came. */
  readonly inflight: OrderedTable<DiskRequest>
  readonly power: PowerSwitch
  /** Place among the disks; the trace's name for it. */
  readonly index: number
  pulled: boolean
  /** When each channel is free again. */
  private readonly busyUntil: number[]
  private headSector: number
  private destageArmed: boolean
  /** Requests that a hanging disk does not complete. */
  private readonly held: DiskRequest[]

  constructor(
    sim: Sim,
    name: string,
    index: number,
    model: DiskModel,
    media: Media,
    power: PowerSwitch,
    faults = new DiskFaults(),
  ) {
    super(sim, name, SD_MAJOR, index * SD_MINORS, Math.floor(media.sizeBytes / 512))
    this.model = model
    this.media = media
    this.cache = new WriteCache()
    this.faults = faults
    this.inflight = new OrderedTable()
    this.power = power
    this.index = index
    this.pulled = false
    this.busyUntil = model.channels === Infinity ? [] : new Array<number>(model.channels).fill(0)
    this.headSector = 0
    this.destageArmed = false
    this.held = []
  }

  override get isRotational(): boolean {
    return this.model.fullSeek > 0
  }

  override supportsDiscard(): boolean {
    return this.model.discard
  }

  protected override take(bio: Bio): void {
    const request = new DiskRequest(this, bio)
    this.inflight.add(bio.id, request)
    this.sim.after(this.latency(request), request, 0)
  }

  /** A phase of a request has taken its time: do it, and go on to the next phase or end the bio. */
  serviced(request: DiskRequest): void {
    const { bio } = request
    if (!this.inflight.has(bio.id)) return
    if (this.pulled) {
      this.finish(request, false)
      return
    }
    if (this.faults.any) {
      const until = this.faults.hangsUntil()
      if (until > this.sim.now) {
        if (until === Infinity) this.held.push(request)
        else this.sim.after(until - this.sim.now, request, 0)
        return
      }
    }
    const sim = this.sim
    sim.steps++
    const flushing = request.phase !== DATA || bio.op === FLUSH
    sim.emit(
      TRACE.disk_io,
      sim.steps,
      this.index,
      bio.id,
      flushing ? FLUSH : bio.op | bio.flags,
      bio.sector,
      flushing ? 0 : bio.sectors,
    )
    if (flushing) {
      this.writeBack(this.cache.pages.values())
      this.media.flush()
    } else if (!this.transfer(bio)) {
      this.finish(request, false)
      return
    } else if (bio.op === WRITE && this.power.writeAcknowledged()) {
      sim.requestStop()
      return
    }
    if (request.phase === PRE_FLUSH && bio.sectors > 0) request.phase = DATA
    else if (request.phase === DATA && bio.op === WRITE && (bio.flags & FUA) !== 0 && !this.model.fua)
      request.phase = POST_FLUSH
    else {
      this.finish(request, true)
      return
    }
    sim.after(this.latency(request), request, 0)
  }

  /** The cache's own eviction: what has waited long enough goes to the medium. */
  event(what: number): void {
    assert(what === DESTAGE, 'a disk knows one event of its own')
    this.destageArmed = false
    if (this.pulled) return
    const due = this.sim.now - this.model.destageAfter
    const old: CachePage[] = []
    let next = Infinity
    for (const entry of this.cache.pages.values()) {
      if (entry.since <= due) old.push(entry)
      else next = Math.min(next, entry.since)
    }
    this.writeBack(old)
    if (next !== Infinity) this.armDestage(next + this.model.destageAfter - this.sim.now)
  }

  /** Completes what a hang held, after the hang was lifted. */
  releaseHeld(): void {
    for (const request of this.held.splice(0)) this.sim.after(0, request, 0)
  }

  /** Every request fails from now on, also those under way; what was only in the cache is gone. */
  pull(): void {
    this.pulled = true
    for (const entry of this.cache.pages.values()) this.cache.drop(this.sim.memory, entry.page * 8, 8)
    this.releaseHeld()
  }

  /**
   * What a read gets: the medium with its wounds, and over it what the cache holds.
   * @param into from index `address` on
   * @returns false where it cannot be read
   */
  contents(sector: number, sectors: number, into: Uint8Array, address: number): boolean {
    const { cache, faults, media } = this
    if (faults.any && faults.unreadable(sector, sectors, (at) => cache.has(at)) >= 0) return false
    media.read(sector * 512, into, address, sectors * 512)
    if (faults.any) faults.rot(sector, sectors, into, address)
    cache.overlay(this.sim.memory, sector, sectors, into, address)
    return true
  }

  private transfer(bio: Bio): boolean {
    const memory = this.sim.memory
    switch (bio.op) {
      case READ:
        this.stat.reads++
        this.stat.readSectors += bio.sectors
        return this.contents(bio.sector, bio.sectors, memory.bytes, bio.data)
      case WRITE:
        this.stat.writes++
        this.stat.writeSectors += bio.sectors
        if (bio.sectors === 0) return true
        if (bio.sectors * 512 >= this.model.streamBytes || ((bio.flags & FUA) !== 0 && this.model.fua)) {
          this.cache.drop(memory, bio.sector, bio.sectors)
          this.media.write(bio.sector * 512, memory.bytes, bio.data, bio.sectors * 512)
          this.reachedMedia(bio.sector, bio.sectors)
        } else {
          this.cache.put(memory, this.sim.now, bio.sector, bio.sectors, bio.data)
          if (this.cache.bytes > this.model.cacheBytes) this.evict()
          if (this.model.destageAfter > 0 && !this.destageArmed) this.armDestage(this.model.destageAfter)
        }
        return true
      case DISCARD:
        if (!this.model.discard) return false
        this.zero(bio)
        return true
      default:
        this.zero(bio)
        return true
    }
  }

  private zero(bio: Bio): void {
    const memory = this.sim.memory
    this.cache.drop(memory, bio.sector, bio.sectors)
    const zeros = memory.allocateZeroed(65536)
    for (let at = 0; at < bio.sectors; at += 128) {
      this.media.write((bio.sector + at) * 512, memory.bytes, zeros, Math.min(128, bio.sectors - at) * 512)
    }
    memory.free(zeros)
    this.reachedMedia(bio.sector, bio.sectors)
  }

  private finish(request: DiskRequest, ok: boolean): void {
    const { bio } = request
    this.inflight.delete(bio.id)
    const failed = bio.op === DISCARD && !this.model.discard ? 'EOPNOTSUPP' : 'EIO'
    this.sim.emit(TRACE.bio_end, bio.id, ok ? 0 : 1, this.index)
    bio.end(ok ? 'OK' : failed)
  }

  /** Makes room: the older half goes to the medium. */
  private evict(): void {
    this.writeBack(this.cache.pages.values(this.cache.pages.size >> 1))
  }

  private writeBack(pages: CachePage[]): void {
    if (pages.length === 0) return
    if (this.faults.any) {
      for (const { page, mask } of pages)
        for (let i = 0; i < 8; i++) if ((mask & (1 << i)) !== 0) this.faults.heal(page * 8 + i, 1)
    }
    for (const { page } of pages) this.sim.emit(TRACE.disk_media, this.index, page * 8, 8)
    this.cache.writeBack(this.sim.memory, this.media, pages)
  }

  private reachedMedia(sector: number, sectors: number): void {
    if (this.faults.any) this.faults.heal(sector, sectors)
    this.sim.emit(TRACE.disk_media, this.index, sector, sectors)
  }

  private armDestage(delay: number): void {
    this.destageArmed = true
    this.sim.after(delay, this, DESTAGE)
  }

  private latency(request: DiskRequest): number {
    const { model, sim } = this
    const { bio } = request
    let service: number
    if (request.phase !== DATA || bio.op === FLUSH) service = model.flushLatency
    else {
      service = (bio.op === READ ? model.readLatency : model.writeLatency) + bio.sectors * model.sectorLatency
      if (model.fullSeek > 0) service += this.seek(bio)
    }
    if (this.faults.any) service = Math.round(service * this.faults.slowness())
    if (this.busyUntil.length === 0) return service
    let channel = 0
    for (let i = 1; i < this.busyUntil.length; i++) if (this.busyUntil[i] < this.busyUntil[channel]) channel = i
    const begin = Math.max(sim.now, this.busyUntil[channel])
    this.busyUntil[channel] = begin + service
    return begin + service - sim.now
  }

  /** Head movement grows with the root of the distance; the turn is the mean of half a rotation, none when sequential. */
  private seek(bio: Bio): number {
    const distance = Math.abs(bio.sector - this.headSector)
    this.headSector = bio.sector + bio.sectors
    if (distance === 0) return 0
    return Math.round(this.model.fullSeek * Math.sqrt(distance / this.sectors) + this.model.rotation / 2)
  }
}
