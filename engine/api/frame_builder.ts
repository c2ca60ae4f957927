import { DISK_MODELS } from '../block/disk_model.ts'
import type { BlockDevice } from '../block/device.ts'
import { Disk } from '../block/disk.ts'
import type { MappedDevice } from '../dm/mapped_device.ts'
import type { Machine } from '../lab/machine.ts'
import type { Workload } from '../lab/workload.ts'
import type { DiskSlotView } from '../shell/lab_host.ts'
import type { CommandResult } from '../shell/shell.ts'
import { targetLines } from '../shell/target_lines.ts'
import { arrayFrame } from './array_frame.ts'
import { BlankChunks } from './blank_chunks.ts'
import { procedureFrame } from './procedure_frame.ts'
import {
  FRAME_VERSION,
  INFLIGHT_COLUMNS,
  type CommandFrame,
  type DeviceFrame,
  type DiskFrame,
  type Frame,
  type MappedFrame,
  type TimelineFrame,
  type TransportFrame,
  type WorkloadFrame,
} from './frame.ts'

/**
 * Makes the frames of one machine for one reader. It keeps count of what the reader has got already (trace rows, console
 * entries, causes), and changes nothing in the machine.
 */
export class FrameBuilder {
  readonly machine: Machine
  readonly generation: number
  #number = 0
  #traceRows = 0
  #entries = 0
  /** Null for a frame that is over before anybody could look that closely. */
  #blank: BlankChunks | null = new BlankChunks()
  #causes = 0

  /** @param before the builder of the same reader, where another moment of the same recording was shown until now */
  constructor(machine: Machine, generation: number, before: FrameBuilder | null = null) {
    this.machine = machine
    this.generation = generation
    if (before === null) return
    this.#number = before.#number
    this.#entries = sameEntries(before.machine.results.slice(0, before.#entries), machine.results)
  }

  /** A frame without rows, entries and causes: what is shown is on its way to another moment. */
  buildOnTheWay(time: number, transport: TransportFrame, timeline: TimelineFrame): Frame {
    const builder = new FrameBuilder(this.machine, this.generation)
    builder.#number = this.#number++
    builder.#traceRows = this.machine.sim.trace.written
    builder.#entries = this.machine.results.length
    builder.#causes = this.machine.sim.causes.length
    builder.#blank = null
    return builder.build(time, transport, timeline)
  }

  /**
   * @param time what the clock shows, in nanoseconds; between the last event and the next
   * @param timeline where the machine is on its recording, if one is kept
   */
  build(time: number, transport: TransportFrame, timeline: TimelineFrame | null = null): Frame {
    const { machine } = this
    const { sim, kernel, power } = machine
    const { first, rows } = sim.trace.since(this.#traceRows)
    const firstEntry = this.#entries
    const firstCause = this.#causes
    const entries = machine.results.slice(firstEntry).map((result) => ({ ...result }))
    const causes = sim.causes.slice(firstCause)
    const before = this.#traceRows
    this.#traceRows = sim.trace.written
    this.#entries += entries.length
    this.#causes += causes.length
    return {
      version: FRAME_VERSION,
      generation: this.generation,
      number: ++this.#number,
      time,
      steps: sim.steps,
      delivered: sim.delivered,
      seed: machine.seed,
      powerOn: power.on,
      cutAfterWrites: power.writesLeft,
      command: commandFrame(machine),
      transport,
      timeline,
      twin: null,
      bootScript: machine.bootScript,
      disks: machine.disks().map((slot, index) => diskFrame(slot, index, machine.disk(slot.name))),
      devices: kernel.devices.all().flatMap((device) => (device instanceof Disk ? [] : [deviceFrame(device)])),
      mapped: kernel.dm.all().map(mappedFrame),
      arrays: kernel.arrays.map((array) => arrayFrame(array, this.#blank?.of(array, rows, first === before))),
      workloads: machine.workloads.list().map(workloadFrame),
      faults: machine.faults().map(({ id, kind, disk, sector, sectors, healed, amount }) => {
        return { id, kind, disk, sector, sectors, healed: healed.size, amount }
      }),
      mdstat: power.on ? kernel.md.mdstat() : '',
      firstTraceRow: first,
      traceRows: rows,
      firstEntry,
      entries,
      firstCause,
      causes,
    }
  }
}

/** How many console entries two machines have in common. */
function sameEntries(a: readonly CommandResult[], b: readonly CommandResult[]): number {
  const end = Math.min(a.length, b.length)
  for (let i = 0; i < end; i++) {
    if (a[i] !== b[i] && (a[i].command !== b[i].command || a[i].at !== b[i].at || a[i].begun !== b[i].begun)) return i
  }
  return end
}

/** What a frame's typed arrays lie in: to be transferred with it, not copied. */
export function frameBuffers(frame: Frame): ArrayBuffer[] {
  const other = frame.twin?.frame ?? null
  return other === null ? buffersOf(frame) : [...buffersOf(frame), ...buffersOf(other)]
}

function buffersOf(frame: Frame): ArrayBuffer[] {
  const arrays: ArrayBufferView[] = [frame.traceRows]
  for (const disk of frame.disks) arrays.push(disk.cacheSectors, disk.cacheMasks, disk.cacheSince, disk.inflight)
  for (const { bitmap, blank, stripes } of frame.arrays) {
    if (blank !== null) arrays.push(blank)
    if (bitmap !== null) arrays.push(bitmap.counters, bitmap.pageBits, bitmap.mediaBits)
    for (const stripe of stripes) arrays.push(stripe.members)
  }
  return arrays.flatMap(({ buffer }) => (buffer instanceof ArrayBuffer ? [buffer] : []))
}

function commandFrame({ shell }: Machine): CommandFrame | null {
  const { line } = shell
  if (line === null) return null
  const procedure = shell.current ?? line
  const { step, steps, pending } = procedureFrame(line.name, procedure)
  return { line: line.line.text, step, pending, cause: line.cause, at: line.begun, steps }
}

/** @param disk as the running kernel has it; undefined where it has none */
function diskFrame(slot: DiskSlotView, index: number, disk: Disk | undefined): DiskFrame {
  const model = DISK_MODELS[slot.model]
  const pages = disk === undefined ? [] : disk.cache.pages.values()
  return {
    name: slot.name,
    index,
    sectors: Math.floor(slot.sizeBytes / 512),
    model: slot.model,
    pulled: slot.pulled,
    isAbsent: disk === undefined || slot.pulled,
    claimedBy: disk?.claimedBy ?? '',
    cacheBytes: disk?.cache.bytes ?? 0,
    cacheBytesMax: model.cacheBytes,
    cacheSectors: Float64Array.from(pages, ({ page }) => page * 8),
    cacheMasks: Uint8Array.from(pages, ({ mask }) => mask),
    cacheSince: Float64Array.from(pages, ({ since }) => since),
    inflight: inflightRows(disk),
    reads: disk?.stat.reads ?? 0,
    readSectors: disk?.stat.readSectors ?? 0,
    writes: disk?.stat.writes ?? 0,
    writeSectors: disk?.stat.writeSectors ?? 0,
  }
}

function inflightRows(disk: Disk | undefined): Float64Array {
  if (disk === undefined) return new Float64Array(0)
  const rows = new Float64Array(disk.inflight.size * INFLIGHT_COLUMNS)
  let at = 0
  for (const { bio } of disk.inflight.values()) {
    rows.set([bio.id, bio.parentId, bio.op | bio.flags, bio.sector, bio.sectors, bio.cause], at)
    at += INFLIGHT_COLUMNS
  }
  return rows
}

function deviceFrame({ name, stat }: BlockDevice): DeviceFrame {
  return { name, ...stat }
}

function mappedFrame(device: MappedDevice): MappedFrame {
  return {
    name: device.mapName,
    minor: device.minor,
    sectors: device.sectors,
    state: device.state === 'active' ? 'active' : 'suspended',
    openers: device.openers,
    table: linesOf(targetLines(device.active, 'table', '', '')),
    status: linesOf(targetLines(device.active, 'status', '', '')),
    below: device.devicesBelow().map(({ name }) => name),
  }
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}

function workloadFrame({ name, device, options, ios, errors, inflight }: Workload): WorkloadFrame {
  return {
    name,
    device: device.name,
    pattern: options.pattern,
    readPercent: options.readPercent,
    sizeSectors: options.sizeSectors,
    depth: options.depth,
    isSync: options.sync,
    ratePerSecond: options.ratePerSecond,
    fromSector: options.fromSector,
    regionSectors: options.regionSectors,
    ios,
    errors,
    inflight,
  }
}
