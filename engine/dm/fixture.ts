/** Memory disks and a device-mapper above them, for tests: what a kernel would be without the rest of it. */
import { PlainArena } from '../base/arena.ts'
import { assert } from '../base/assert.ts'
import { copyGraph } from '../base/copy.ts'
import type { Failure } from '../base/errno.ts'
import { Memory } from '../base/memory.ts'
import { Bio, FLUSH, READ, WRITE, type BioOwner, type Op, type Status } from '../block/bio.ts'
import type { BlockDevice } from '../block/device.ts'
import { Devices } from '../block/devices.ts'
import { Disk } from '../block/disk.ts'
import { DISK_MODELS, type DiskModelName } from '../block/disk_model.ts'
import { Media } from '../block/media.ts'
import { PowerSwitch } from '../block/power_switch.ts'
import { DONE } from '../sim/procedure.ts'
import { Sim } from '../sim/sim.ts'
import { TRACE, decodeTraceRow } from '../sim/trace.ts'
import { DeviceMapper } from './device_mapper.ts'
import { LoadOperation } from './load.ts'
import type { MappedDevice } from './mapped_device.ts'
import { MessageOperation } from './message.ts'
import type { DmOperation } from './operation.ts'
import { RemoveOperation } from './remove.ts'
import { ResumeOperation } from './resume.ts'
import { SuspendOperation } from './suspend.ts'
import type { TableLine } from './table.ts'

const ARENA_BYTES = 16 << 20

/** Remembers how bios ended, in the order in which they did. */
export class BioLog implements BioOwner {
  readonly ended: { readonly tag: number; readonly status: Status; readonly at: number }[]
  readonly sim: Sim

  constructor(sim: Sim) {
    this.sim = sim
    this.ended = []
  }

  bioDone(bio: Bio): void {
    this.ended.push({ tag: bio.tag, status: bio.status, at: this.sim.now })
  }
}

/** A disk I/O as the trace has it. */
export interface DiskIo {
  readonly disk: number
  readonly op: number
  readonly sector: number
  readonly sectors: number
}

export class DmFixture {
  readonly sim: Sim
  readonly devices: Devices
  readonly dm: DeviceMapper
  readonly disks: Disk[]
  readonly log: BioLog
  private readonly power: PowerSwitch

  constructor(seed = 1) {
    this.sim = new Sim(seed, new Memory(new PlainArena(ARENA_BYTES)))
    this.devices = new Devices()
    this.dm = new DeviceMapper(this.sim, this.devices)
    this.disks = []
    this.log = new BioLog(this.sim)
    this.power = new PowerSwitch()
  }

  disk(name: string, sectors: number, model: DiskModelName = 'ideal'): Disk {
    const media = new Media(sectors * 512)
    const disk = new Disk(this.sim, name, this.disks.length, DISK_MODELS[model], media, this.power)
    this.disks.push(disk)
    this.devices.add(disk)
    return disk
  }

  // ---- operations, each to its end ----

  /** @param table lines of START LENGTH TYPE ARGUMENTS. */
  make(name: string, table: string, readOnly = false): MappedDevice {
    const device = this.dm.create(name)
    assert(device.ok, `no device ${name}`)
    const failure = this.load(device.value, table, readOnly) ?? this.resume(device.value)
    assert(failure === null, `no table for ${name}: ${failure?.message}`)
    return device.value
  }

  load(device: MappedDevice, table: string, readOnly = false): Failure | null {
    return this.carryOut(new LoadOperation(device, tableLines(table), readOnly))
  }

  resume(device: MappedDevice): Failure | null {
    return this.carryOut(new ResumeOperation(device))
  }

  suspend(device: MappedDevice): Failure | null {
    return this.carryOut(new SuspendOperation(device))
  }

  remove(device: MappedDevice, deferred = false): Failure | null {
    return this.carryOut(new RemoveOperation(device, deferred))
  }

  /** @returns what the target answered, or the refusal. */
  message(device: MappedDevice, text: string, sector = 0): string | null | Failure {
    const message = new MessageOperation(device, sector, text)
    return this.carryOut(message) ?? message.answer
  }

  carryOut(operation: DmOperation): Failure | null {
    operation.resume()
    while (operation.step !== DONE || operation.pending > 0) {
      assert(this.sim.run(Infinity, 1) > 0, `${operation.constructor.name} waits for ever at ${operation.step}`)
    }
    return operation.failure
  }

  // ---- I/O ----

  /** Submits a bio and leaves it under way; `tag` is how the log knows it. */
  submit(device: BlockDevice, op: Op, sector: number, sectors: number, data = 0, flags = 0, tag = 0): void {
    device.submit(new Bio(this.sim, this.log, op, flags, sector, sectors, data, 0, 0, tag))
  }

  /** Carries out a bio to its end. */
  io(device: BlockDevice, op: Op, sector: number, sectors: number, data = 0, flags = 0): Status {
    const { ended } = this.log
    const before = ended.length
    this.submit(device, op, sector, sectors, data, flags)
    while (ended.length === before) assert(this.sim.run(Infinity, 1) > 0, 'a bio never ends')
    return ended[ended.length - 1].status
  }

  /** Writes sectors that are all of one byte. */
  write(device: BlockDevice, sector: number, sectors: number, byte: number, flags = 0): Status {
    const { memory } = this.sim
    const data = memory.allocate(sectors * 512)
    memory.bytes.fill(byte, data, data + sectors * 512)
    const status = this.io(device, WRITE, sector, sectors, data, flags)
    memory.free(data)
    return status
  }

  /** @returns the first byte of each sector, or how the read failed. */
  read(device: BlockDevice, sector: number, sectors: number): number[] | Status {
    const { memory } = this.sim
    const data = memory.allocate(sectors * 512)
    const status = this.io(device, READ, sector, sectors, data)
    const bytes = Array.from({ length: sectors }, (_, i) => memory.bytes[data + i * 512])
    memory.free(data)
    return status === 'OK' ? bytes : status
  }

  flush(device: BlockDevice): Status {
    return this.io(device, FLUSH, 0, 0)
  }

  /** Lets everything happen that will. */
  drain(): void {
    this.sim.run(Infinity, Infinity)
  }

  /** Lets virtual time pass. */
  pass(nanoseconds: number): void {
    const until = this.sim.now + nanoseconds
    this.sim.run(until, Infinity)
    this.sim.now = until
  }

  /** The disk I/Os since a row of the trace, and the row after them. */
  diskIos(since: number): DiskIo[] {
    const { rows } = this.sim.trace.since(since)
    const ios: DiskIo[] = []
    for (let i = 0; i < rows.length / 8; i++) {
      const row = decodeTraceRow(rows, i)
      if (rows[i * 8 + 1] !== TRACE.disk_io) continue
      ios.push({
        disk: Number(row.disk),
        op: Number(row.opFlags) & 7,
        sector: Number(row.sector),
        sectors: Number(row.sectors),
      })
    }
    return ios
  }

  /** A copy of this very instant that goes on by itself. */
  copy(): DmFixture {
    const arena = new PlainArena(ARENA_BYTES)
    arena.bytes.set(this.sim.memory.bytes)
    return copyGraph<DmFixture>(this, new Map([[this.sim.memory.arena as object, arena]]))
  }
}

function tableLines(text: string): TableLine[] {
  return text
    .trim()
    .split('\n')
    .map((line) => {
      const [begin, sectors, type, ...args] = line.trim().split(' ')
      return { begin: Number(begin), sectors: Number(sectors), type, args: args.join(' ') }
    })
}
