/**
 * Background I/O: programs that keep reading and writing a device, each from its own stream of chance.
 *
 * A workload keeps `depth` I/Os under way, without a pause for thought, or starts them at a rate. It opens its device like
 * any program, and keeps it until its last I/O has come back. Errors are counted and tried past: a device that fails is
 * what workloads are for.
 */
import { fail, ok, type Failure, type Result } from '../base/errno.ts'
import { FLUSH, READ, SYNC, WRITE, Bio, type BioOwner } from '../block/bio.ts'
import type { BlockDevice } from '../block/device.ts'
import type { Chance } from '../sim/chance.ts'
import type { Procedure } from '../sim/procedure.ts'
import type { EventTarget } from '../sim/queue.ts'
import { MICROSECOND, MILLISECOND, SECOND, type Sim } from '../sim/sim.ts'

export const WORKLOAD_PATTERNS = ['seq', 'random'] as const
export type WorkloadPattern = (typeof WORKLOAD_PATTERNS)[number]

export interface WorkloadOptions {
  readonly pattern: WorkloadPattern
  /** Of 100 I/Os, how many read. */
  readonly readPercent: number
  readonly sizeSectors: number
  readonly depth: number
  /** Each write is followed by a flush, and counts as done with it: O_SYNC. */
  readonly sync: boolean
  /** I/Os started per second of virtual time; 0 for as many as the depth allows. */
  readonly ratePerSecond: number
  /** First sector of the region, and its length; Infinity for all there is. */
  readonly fromSector: number
  readonly regionSectors: number
}

export const WORKLOAD_DEFAULTS: WorkloadOptions = {
  pattern: 'random',
  readPercent: 0,
  sizeSectors: 8,
  depth: 1,
  sync: false,
  ratePerSecond: 0,
  fromSector: 0,
  regionSectors: Infinity,
}

/** Latencies are counted by powers of two: class n holds those from 2^n ns to below 2^(n+1) ns. */
export const LATENCY_CLASSES = 48

/** The most memory a workload may hold in buffers. */
const BUFFER_BYTES_MAX = 64 << 20

/** After an error, and after an I/O that took no time at all, a slot waits: or virtual time would stand still. */
const ERROR_PAUSE = MILLISECOND
const INSTANT_PAUSE = MICROSECOND

const FILL = 0
const TICK = 1
const RETRY = 2

export class Workload implements EventTarget, BioOwner {
  readonly sim: Sim
  readonly name: string
  readonly device: BlockDevice
  readonly options: WorkloadOptions
  /** Places for an I/O in the region. */
  readonly places: number
  ios: number
  reads: number
  writes: number
  bytes: number
  errors: number
  readonly latencies: Float64Array
  inflight: number
  paused: boolean
  stopping: boolean
  private readonly cause: number
  private readonly chance: Chance
  /** Per slot: its buffer, and when its I/O began. */
  private readonly buffers: number[]
  private readonly begun: number[]
  private readonly idleSlots: number[]
  private nextPlace: number
  private fillArmed: boolean
  private tickArmed: boolean
  /** Who waits for the last I/O of a stopped workload. */
  private waiter: Procedure | null

  constructor(sim: Sim, name: string, device: BlockDevice, options: WorkloadOptions, places: number) {
    this.sim = sim
    this.name = name
    this.device = device
    this.options = options
    this.places = places
    this.ios = 0
    this.reads = 0
    this.writes = 0
    this.bytes = 0
    this.errors = 0
    this.latencies = new Float64Array(LATENCY_CLASSES)
    this.inflight = 0
    this.paused = false
    this.stopping = false
    this.cause = sim.cause(`workload ${name}`)
    this.chance = sim.chance(`workload ${name}`)
    this.buffers = []
    this.begun = []
    this.idleSlots = []
    this.nextPlace = 0
    this.fillArmed = false
    this.tickArmed = false
    this.waiter = null
    const bytes = options.sizeSectors * 512
    for (let slot = options.depth - 1; slot >= 0; slot--) {
      const buffer = sim.memory.allocate(bytes)
      this.chance.fill(sim.memory.bytes, buffer, buffer + bytes)
      this.buffers[slot] = buffer
      this.begun[slot] = 0
      this.idleSlots.push(slot)
    }
  }

  /** Starts, or goes on after a pause. */
  arm(): void {
    if (this.options.ratePerSecond === 0) this.armFill()
    else this.armTick()
  }

  /** Ends with the I/Os under way; `waiter` is told when the last has come back. */
  stop(waiter: Procedure | null): void {
    this.stopping = true
    if (this.inflight === 0) {
      this.close()
      return
    }
    this.waiter = waiter
    waiter?.expect()
  }

  event(what: number, slot: number): void {
    if (what === RETRY) {
      this.idleSlots.push(slot)
      if (this.options.ratePerSecond > 0) return
    } else if (what === FILL) this.fillArmed = false
    else this.tickArmed = false
    if (this.paused || this.stopping) return
    if (what === TICK) {
      this.armTick()
      if (this.idleSlots.length > 0) this.begin(this.idleSlots.pop() as number)
      return
    }
    while (this.idleSlots.length > 0) this.begin(this.idleSlots.pop() as number)
  }

  bioDone(bio: Bio): void {
    const slot = bio.tag
    const { sim } = this
    if (bio.op === WRITE && bio.status === 'OK' && this.options.sync) {
      this.device.submit(new Bio(sim, this, FLUSH, SYNC, 0, 0, 0, this.cause, 0, slot))
      return
    }
    this.inflight--
    const took = sim.now - this.begun[slot]
    this.count(bio, took)
    if (this.stopping) {
      if (this.inflight === 0) this.close()
    } else if (bio.status !== 'OK') sim.after(ERROR_PAUSE, this, RETRY, slot)
    else if (took === 0) sim.after(INSTANT_PAUSE, this, RETRY, slot)
    else {
      this.idleSlots.push(slot)
      if (this.options.ratePerSecond === 0 && !this.paused) this.armFill()
    }
  }

  private count(bio: Bio, took: number): void {
    this.ios++
    if (bio.op === READ) this.reads++
    else this.writes++
    if (bio.status === 'OK') this.bytes += this.options.sizeSectors * 512
    else this.errors++
    this.latencies[Math.min(LATENCY_CLASSES - 1, took < 1 ? 0 : Math.floor(Math.log2(took)))]++
  }

  private begin(slot: number): void {
    const { sim, chance, options } = this
    const { sizeSectors } = options
    let place: number
    if (options.pattern === 'seq') {
      place = this.nextPlace
      this.nextPlace = (place + 1) % this.places
    } else place = chance.below(this.places)
    const sector = options.fromSector + place * sizeSectors
    const reads = options.readPercent === 100 || (options.readPercent > 0 && chance.below(100) < options.readPercent)
    if (!reads) this.stamp(slot, sector)
    this.begun[slot] = sim.now
    this.inflight++
    const op = reads ? READ : WRITE
    const flags = reads || options.sync ? SYNC : 0
    this.device.submit(new Bio(sim, this, op, flags, sector, sizeSectors, this.buffers[slot], this.cause, 0, slot))
  }

  /** Makes every sector of the payload one of its kind: where it goes, and a number from chance; the rest stays as it was. */
  private stamp(slot: number, sector: number): void {
    const bytes = this.sim.memory.bytes
    let at = this.buffers[slot]
    for (let i = 0; i < this.options.sizeSectors; i++, at += 512) {
      putWord(bytes, at, sector + i)
      putWord(bytes, at + 4, this.chance.uint32())
    }
  }

  private armFill(): void {
    if (this.fillArmed) return
    this.fillArmed = true
    this.sim.after(0, this, FILL)
  }

  /** The next I/O comes after half to one and a half of the mean interval. */
  private armTick(): void {
    if (this.tickArmed) return
    this.tickArmed = true
    const interval = Math.floor(SECOND / this.options.ratePerSecond)
    this.sim.after((interval >> 1) + this.chance.below(interval + 1), this, TICK)
  }

  private close(): void {
    for (const buffer of this.buffers) this.sim.memory.free(buffer)
    this.buffers.length = 0
    this.device.close()
    const waiter = this.waiter
    this.waiter = null
    waiter?.arrived()
  }
}

function putWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word
  bytes[at + 1] = word >>> 8
  bytes[at + 2] = word >>> 16
  bytes[at + 3] = word >>> 24
}

/** The workloads of a running kernel, by name. */
export class Workloads {
  readonly sim: Sim
  private readonly byName: Map<string, Workload>
  /** Stopped ones whose last I/O is still under way. */
  private ending: Workload[]
  private paused: boolean

  constructor(sim: Sim) {
    this.sim = sim
    this.byName = new Map()
    this.ending = []
    this.paused = false
  }

  /** @errors EEXIST, or EINVAL when the I/O does not fit the region or the region not the device; what open says. */
  start(name: string, device: BlockDevice, options: WorkloadOptions): Result<Workload> {
    if (this.byName.has(name)) return fail('EEXIST', `there is a workload ${name} already; stop it first`)
    const regionSectors = Math.min(options.regionSectors, device.sectors - options.fromSector)
    const wrong = misfit(device, options, regionSectors)
    if (wrong !== null) return wrong
    const errno = device.open()
    if (errno !== null) return fail(errno, `/dev/${device.name} cannot be opened`)
    const places = Math.floor(regionSectors / options.sizeSectors)
    const workload = new Workload(this.sim, name, device, { ...options, regionSectors }, places)
    workload.paused = this.paused
    this.byName.set(name, workload)
    if (!this.paused) workload.arm()
    return ok(workload)
  }

  /** @errors ENOENT. */
  stop(name: string, waiter: Procedure | null = null): Result<null> {
    const workload = this.byName.get(name)
    if (workload === undefined) return fail('ENOENT', `no workload ${name}; there are ${this.names()}`)
    this.byName.delete(name)
    this.ending = this.ending.filter((ended) => ended.inflight > 0)
    this.ending.push(workload)
    workload.stop(waiter)
    return ok(null)
  }

  list(): readonly Workload[] {
    return [...this.byName.values()]
  }

  /** Lets what is under way come back and starts nothing more, or goes on. */
  pause(paused: boolean): void {
    this.paused = paused
    for (const workload of this.byName.values()) {
      workload.paused = paused
      if (!paused) workload.arm()
    }
  }

  /** The first that still has I/O under way, in words, or null. */
  unsettled(): string | null {
    for (const workload of [...this.byName.values(), ...this.ending]) {
      if (workload.inflight > 0) return `I/O of workload ${workload.name}`
    }
    return null
  }

  private names(): string {
    return this.byName.size === 0 ? 'none' : [...this.byName.keys()].join(', ')
  }
}

function misfit(device: BlockDevice, options: WorkloadOptions, regionSectors: number): Failure | null {
  if (options.fromSector >= device.sectors) {
    return fail(
      'EINVAL',
      `the region begins at or beyond the end of /dev/${device.name}, which has ${device.sectors} sectors`,
    )
  }
  if (Number.isFinite(options.regionSectors) && options.regionSectors > regionSectors) {
    return fail('EINVAL', `the region ends beyond /dev/${device.name}, which has ${device.sectors} sectors`)
  }
  if (options.sizeSectors > regionSectors) return fail('EINVAL', 'one I/O is larger than the region')
  if (options.sizeSectors * 512 * options.depth > BUFFER_BYTES_MAX) {
    return fail('EINVAL', `size times depth is more than ${BUFFER_BYTES_MAX >> 20}M`)
  }
  return null
}
