/**
 * The machine: disks (whose bytes survive), a boot script, a clock, a seed, and a kernel (everything else). A power cut drops
 * the kernel and every pending event without running anything; switching on makes a new kernel on the same disks.
 *
 * Lines are typed at an instant, counted in delivered events; the recording of seed, initial disks and timed lines makes
 * the same machine again, to the byte. At any instant between two events the machine can be copied.
 */
import type { Arena } from '../base/arena.ts'
import { PlainArena } from '../base/arena.ts'
import { copyGraph, SHARED } from '../base/copy.ts'
import { fail, ok, type Result } from '../base/errno.ts'
import { Memory, type FrozenMemory } from '../base/memory.ts'
import type { Backing } from '../block/backing.ts'
import { Disk } from '../block/disk.ts'
import { DISK_MODELS, type DiskModelName } from '../block/disk_model.ts'
import { DiskFaults, type Fault, type FaultKind } from '../block/fault.ts'
import { Media } from '../block/media.ts'
import { losePower } from '../block/power_loss.ts'
import { CUT, PowerSwitch, type Keep, type KernelEnd } from '../block/power_switch.ts'
import type { EventTarget } from '../sim/queue.ts'
import { Sim } from '../sim/sim.ts'
import { TRACE } from '../sim/trace.ts'
import type { World } from '../shell/command.ts'
import { Kernel } from '../shell/kernel.ts'
import type { DiskSlotView } from '../shell/lab_host.ts'
import { Shell, type CommandResult } from '../shell/shell.ts'
import { COMMANDS } from './commands.ts'
import type { Lab } from './lab.ts'
import { EMPTY_HEAD, recordedFault, type RecordedFault, type RecordedHead, type Recording } from './recording.ts'
import { Workloads } from './workload.ts'

/** The world a live machine keeps its disks in; copies of it keep theirs in memory. */
export interface Host {
  readonly [SHARED]: true
  /** A place for the bytes of a new disk, zeroed; null for memory. */
  createBacking(name: string, sizeBytes: number): Backing | null
  /**
   * Several disks are to get the bytes of another moment, and none may be left with a part of them: for a world outside that can
   * see to that.
   * @param machine the one whose bytes they get; it does not run
   */
  beginRestore?(machine: Machine): Restoring
}

/** A restoration under way: what is to be written is noted, the note is made to last, and only then is it carried out. */
export interface Restoring {
  note(disk: string, at: number, bytes: Uint8Array): void
  commit(): void
  /** All is in its place. */
  done(): void
}

export const MEMORY_HOST: Host = { [SHARED]: true, createBacking: () => null }

export interface MachineOptions {
  readonly seed: number
  /** A `seed` line does not change it. */
  readonly pinSeed?: boolean
  readonly arena: Arena
  readonly host?: Host
  /** Seconds since 1970 at virtual time 0; recorded. */
  readonly epochSeconds?: number
}

/** 2026-01-01, where nothing else is recorded. */
export const DEFAULT_EPOCH_SECONDS = 1_767_225_600

interface DiskSlot {
  readonly name: string
  readonly index: number
  readonly model: DiskModelName
  media: Media
  faults: DiskFaults
  pulled: boolean
}

const TIMED_CUT = 0

export interface Limits {
  /** Last instant to deliver, in nanoseconds of virtual time. */
  readonly untilTime?: number
  /** Completed disk I/Os at which to stop. */
  readonly untilStep?: number
  readonly maxEvents?: number
}

/** A machine that is not running: what time travel keeps. */
export interface KeptMachine {
  readonly machine: Machine
  readonly memory: FrozenMemory
  /** How many objects the copy is made of. */
  readonly objects: number
}

/** What a woken machine has in place of something that its kept copy names. */
export type Replacements = Iterable<readonly [object, object]>

export class Machine implements World, Lab, EventTarget {
  readonly sim: Sim
  readonly pinSeed: boolean
  readonly epochSeconds: number
  readonly host: Host
  readonly power: PowerSwitch
  readonly rules: Map<string, string>
  readonly recording: Recording
  readonly shell: Shell
  bootScript: string
  kernel: Kernel
  workloads: Workloads
  private readonly slots: DiskSlot[]
  private nextFault: number
  /** Counts cuts armed by time, so that an old timer does not fire into a new arming. */
  private armedGeneration: number

  constructor(options: MachineOptions) {
    this.pinSeed = options.pinSeed ?? false
    this.epochSeconds = options.epochSeconds ?? DEFAULT_EPOCH_SECONDS
    this.host = options.host ?? MEMORY_HOST
    this.sim = new Sim(options.seed, new Memory(options.arena))
    this.power = new PowerSwitch()
    this.rules = new Map()
    this.recording = { seed: options.seed, epochSeconds: this.epochSeconds, disks: [], head: EMPTY_HEAD, lines: [] }
    this.bootScript = ''
    this.slots = []
    this.nextFault = 1
    this.armedGeneration = 0
    this.kernel = this.newKernel()
    this.workloads = new Workloads(this.sim)
    this.shell = new Shell(this, COMMANDS)
  }

  get lab(): Lab {
    return this
  }

  get seed(): number {
    return this.sim.seed
  }

  get powerOn(): boolean {
    return this.power.on
  }

  // ---- lines ----

  /** Types a line (or a whole script) at this instant: recorded, and begun; {@link run} carries it out. */
  type(text: string): void {
    if (this.recording.lines.length === 0) this.recording.head = this.head()
    this.recording.lines.push({ at: this.sim.delivered, time: this.sim.now, text })
    this.shell.type(text)
    this.goOn()
  }

  reseed(seed: number): Result<null> {
    if (this.results.length > 0 || this.recording.lines.length > 1) {
      return fail('EINVAL', 'only the first line may be seed: chance has been drawn from')
    }
    if (this.pinSeed || seed === this.seed) return ok(null)
    this.sim.reseed(seed)
    this.recording.seed = seed
    return ok(null)
  }

  /** Whether a typed command is under way. */
  get busy(): boolean {
    return this.shell.busy
  }

  /** Results of commands, oldest first. */
  get results(): readonly CommandResult[] {
    return this.shell.results
  }

  /**
   * Delivers events within the limits; returns early when a typed command ended or the power failed.
   * @returns how many events were delivered; 0 when nothing is left to happen within the limits.
   */
  run(limits: Limits = {}): number {
    const untilStep = Math.min(limits.untilStep ?? Infinity, this.shell.stepTarget)
    const count = this.sim.run(limits.untilTime ?? Infinity, limits.maxEvents ?? 100_000, untilStep)
    this.goOn()
    return count
  }

  /** Does what is due between two events: a cut that was asked for, the end of a line, the beginning of the next. */
  private goOn(): void {
    this.settlePower()
    do {
      this.shell.goOn()
      this.settlePower()
    } while (this.shell.ready)
  }

  /** Moves the clock to an instant at which nothing happens; no event may be due before it. */
  idleUntil(time: number): void {
    if (time > this.sim.now && this.sim.queue.nextTime() > time) this.sim.now = time
  }

  // ---- disks ----

  /** Attaches a disk whose bytes exist already (an image), as an ideal disk unless told otherwise. */
  attachDisk(name: string, bytes: Backing | Media, model: DiskModelName = 'ideal'): Disk {
    this.recording.disks.push({ name, sizeBytes: bytes.sizeBytes, model })
    return this.addSlot(name, bytes instanceof Media ? bytes : new Media(bytes.sizeBytes, bytes), model)
  }

  createDisk(name: string, sizeBytes: number, model: DiskModelName): Result<Disk> {
    if (this.kernel.devices.find(name) !== undefined || this.slots.some((slot) => slot.name === name)) {
      return fail('EEXIST', `there is a disk ${name} already`)
    }
    return ok(this.addSlot(name, new Media(sizeBytes, this.host.createBacking(name, sizeBytes)), model))
  }

  disks(): readonly DiskSlotView[] {
    return this.slots.map((slot) => ({
      name: slot.name,
      sizeBytes: slot.media.sizeBytes,
      model: slot.model,
      pulled: slot.pulled,
    }))
  }

  /** The bytes of a disk as they would be found after a cut that keeps nothing. */
  media(name: string): Media | undefined {
    return this.slots.find((slot) => slot.name === name)?.media
  }

  disk(name: string): Disk | undefined {
    const device = this.kernel.devices.find(name)
    return device instanceof Disk ? device : undefined
  }

  pullDisk(name: string): Result<null> {
    const slot = this.slots.find((candidate) => candidate.name === name)
    if (slot === undefined) return fail('ENODEV', `no disk ${name}; there are ${this.slotNames()}`)
    if (slot.pulled) return fail('EINVAL', `disk ${name} is already out`)
    slot.pulled = true
    this.disk(name)?.pull()
    this.sim.emit(TRACE.disk_state, slot.index, 0, 1)
    return ok(null)
  }

  insertDisk(name: string, blank: boolean): Result<Disk> {
    const slot = this.slots.find((candidate) => candidate.name === name)
    if (slot === undefined) return fail('ENODEV', `no disk ${name}; there are ${this.slotNames()}`)
    if (!slot.pulled) return fail('EBUSY', `disk ${name} is in its place; pull it first`)
    if (blank) {
      slot.media = new Media(slot.media.sizeBytes, this.host.createBacking(name, slot.media.sizeBytes))
      slot.faults = new DiskFaults()
    }
    slot.pulled = false
    this.sim.emit(TRACE.disk_state, slot.index, 1, 0)
    return ok(this.plugIn(slot))
  }

  // ---- faults ----

  addFault(kind: FaultKind, disk: string, sector: number, sectors: number, amount: number): Result<Fault> {
    return this.addFaultAgain({ id: 0, kind, disk, sector, sectors, amount, healed: [] })
  }

  /** Adds a wound that was there before, as it was. */
  addFaultAgain({ id: wanted, kind, disk, sector, sectors, amount, healed }: RecordedFault): Result<Fault> {
    const slot = this.slots.find((candidate) => candidate.name === disk)
    if (slot === undefined) return fail('ENODEV', `no disk ${disk}; there are ${this.slotNames()}`)
    const size = Math.floor(slot.media.sizeBytes / 512)
    if (sector < 0 || sectors < 1 || sector + sectors > size) {
      return fail('EINVAL', `${disk} has sectors 0 to ${size - 1}`)
    }
    const isTaken = wanted === 0 || this.faults().some((fault) => fault.id === wanted)
    const id = isTaken ? this.nextFault : wanted
    this.nextFault = Math.max(this.nextFault, id + 1)
    const fault: Fault = { id, kind, disk, sector, sectors, healed: new Set(healed), amount }
    slot.faults.list.push(fault)
    this.sim.emit(TRACE.fault, fault.id, slot.index, sector, sectors, 0)
    return ok(fault)
  }

  faults(): readonly Fault[] {
    return this.slots.flatMap((slot) => slot.faults.list)
  }

  liftFault(id: number): Result<null> {
    for (const slot of this.slots) {
      const at = slot.faults.list.findIndex((fault) => fault.id === id)
      if (at < 0) continue
      const [fault] = slot.faults.list.splice(at, 1)
      this.sim.emit(TRACE.fault, id, slot.index, fault.sector, fault.sectors, 1)
      this.disk(slot.name)?.releaseHeld()
      return ok(null)
    }
    return fail('ENOENT', `no fault ${id}; see fault list`)
  }

  // ---- power ----

  cutPower(keep: Keep): void {
    this.power.keep = keep
    this.power.cutNow = true
    this.sim.requestStop()
  }

  /** The kernel stops of itself. */
  stopKernel(end: KernelEnd): void {
    this.power.stop(end)
    this.sim.requestStop()
  }

  armCut(keep: Keep, afterWrites: number, afterTime: number): void {
    this.power.keep = keep
    this.power.writesLeft = afterWrites
    this.armedGeneration++
    if (afterTime > 0) this.sim.after(afterTime, this, TIMED_CUT, this.armedGeneration)
  }

  event(what: number, generation: number): void {
    if (what === TIMED_CUT && generation === this.armedGeneration) this.cutPower(this.power.keep)
  }

  switchOn(): Result<null> {
    if (this.power.on) return fail('EINVAL', 'the power is on')
    this.power.on = true
    this.kernel = this.newKernel()
    this.workloads = new Workloads(this.sim)
    for (const slot of this.slots) if (!slot.pulled) this.plugIn(slot)
    this.sim.emit(TRACE.power, 1)
    return ok(null)
  }

  /** Carries out a cut that was asked for: what survives reaches the media, the rest of the kernel is gone. */
  private settlePower(): void {
    if (!this.power.cutNow) return
    const { sim, power } = this
    let survivors = 0
    let lost = 0
    for (const slot of this.slots) {
      const disk = this.disk(slot.name)
      if (disk === undefined) continue
      const loss = losePower(disk, sim.memory, power.keep, sim.chance(`power cut ${slot.name}`))
      survivors += loss.survivors
      lost += loss.lost
    }
    power.cutNow = false
    power.on = false
    power.writesLeft = 0
    this.armedGeneration++
    sim.queue.clear()
    sim.memory = new Memory(sim.memory.arena)
    this.kernel = this.newKernel()
    this.workloads = new Workloads(sim)
    sim.emit(TRACE.power, power.end, survivors, lost)
    power.end = CUT
    this.shell.powerFailed()
  }

  /**
   * What would be found if the machine were switched off in an orderly way: every cache is on its medium.
   * Only for the end of a run; nothing may be in flight.
   */
  flushDisks(): void {
    for (const slot of this.slots) {
      const disk = this.disk(slot.name)
      if (disk !== undefined && !disk.pulled) disk.cache.writeBack(this.sim.memory, slot.media)
      slot.media.flush()
    }
  }

  // ---- rest ----

  unsettled(): string | null {
    for (const slot of this.slots) {
      const disk = this.disk(slot.name)
      if (disk !== undefined && disk.inflight.size > 0) return `I/O on ${slot.name}`
    }
    return this.workloads.unsettled() ?? this.kernel.dm.unsettled() ?? this.kernel.md.unsettled()
  }

  pauseWorkloads(paused: boolean): void {
    this.workloads.pause(paused)
  }

  // ---- copies ----

  /** A copy of this very instant, at rest; {@link wake} makes it run. */
  keep(): KeptMachine {
    const memory = this.sim.memory.freeze()
    const copies = new Map<object, object>([
      [this.sim.memory.arena, new PlainArena(0)],
      [this.host, MEMORY_HOST],
    ])
    this.shareLists(copies)
    const machine = copyGraph<Machine>(this, copies)
    return { machine, memory, objects: copies.size }
  }

  /**
   * A running machine from a kept one, on an arena of its own; the kept one stays as it is.
   * @param replacements the kept copy's disks and host, if the machine is to have others
   */
  static wake(kept: KeptMachine, arena: Arena, replacements: Replacements = []): Machine {
    const copies = new Map<object, object>([[kept.machine.sim.memory.arena, arena], ...replacements])
    kept.machine.shareLists(copies)
    const machine = copyGraph<Machine>(kept.machine, copies)
    machine.sim.memory.thaw(kept.memory)
    return machine
  }

  /** This machine is given up: disks on backings stop keeping old pages for it. */
  release(): void {
    for (const { media } of this.slots) media.release()
  }

  /** What only grows, and consists of what never changes, is not looked into when it is copied. */
  private shareLists(copies: Map<object, object>): void {
    for (const list of [this.shell.results, this.sim.causes, this.recording.lines, this.recording.disks]) {
      copies.set(list, list.slice())
    }
  }

  private newKernel(): Kernel {
    return new Kernel(this.sim, this.epochSeconds, this.rules)
  }

  private head(): RecordedHead {
    return {
      bootScript: this.bootScript,
      rules: [...this.rules],
      faults: this.faults().map(recordedFault),
      pulled: this.slots.filter((slot) => slot.pulled).map((slot) => slot.name),
    }
  }

  private addSlot(name: string, media: Media, model: DiskModelName): Disk {
    const slot: DiskSlot = { name, index: this.slots.length, model, media, faults: new DiskFaults(), pulled: false }
    this.slots.push(slot)
    return this.plugIn(slot)
  }

  private plugIn(slot: DiskSlot): Disk {
    const disk = new Disk(this.sim, slot.name, slot.index, DISK_MODELS[slot.model], slot.media, this.power, slot.faults)
    if (this.power.on) this.kernel.devices.add(disk)
    return disk
  }

  private slotNames(): string {
    return this.slots.length === 0 ? 'none' : this.slots.map((slot) => slot.name).join(', ')
  }
}
