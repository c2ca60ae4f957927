/**
 * The reducer: from frames to what is on screen. Knows no framework and no clock of its own; what it makes is plain, and shares with
 * what it made before whatever did not change.
 */
import { END_WORDS, FLUSH, READ, TRACE, TRACE_COLUMNS } from '../../engine/api/vocabulary.ts'
import { INFLIGHT_COLUMNS, type ConsoleEntry, type DiskFrame, type Frame } from '../../engine/api/frame.ts'
import { pictureOf, type ArrayPicture, type DiskIo } from './array_picture.ts'
import { BioBook } from './bio_book.ts'
import { DeedBook } from './deed_book.ts'
import { hoverKey } from './hover_id.ts'
import { keepSame } from './keep_same.ts'
import { EMPTY_SCENE, type DiskScene, type FlowScene, type MachineScene, type WorkloadScene } from './machine_scene.ts'
import type { LatencyBook } from './latency_book.ts'
import { RateMeter } from './rate_meter.ts'
import { TraceBook } from './trace_book.ts'
import { markOf, TimelineBook, MARK_READ, MARK_WRITE } from './timeline_book.ts'

const SYNC_WORDS = ['resync', 'rebuild', 'check', 'repair']
const MEMBER_WORDS = ['in sync', 'being rebuilt', 'failed', 'a spare']
const MD_MAJOR = 9
const MINORS = 1048576
/** How often a rate is told anew, in milliseconds of real time. */
const RATE_PERIOD = 400

let makeLatencies: (() => LatencyBook) | undefined

/** From now on pictures gather how long requests take. What does that is not loaded before something moves. */
export function gatherLatencies(make: () => LatencyBook): void {
  makeLatencies = make
}

export class Picture {
  generation = -1
  scene: MachineScene = EMPTY_SCENE
  arrays = new Map<string, ArrayPicture>()
  bios = new BioBook()
  timeline = new TimelineBook()
  deeds = new DeedBook()
  /** Undefined until {@link gatherLatencies}. */
  latency: LatencyBook | undefined
  trace = new TraceBook()
  causes: string[] = []
  frame: Frame | undefined
  /** The command that ended last. */
  lastEntry: ConsoleEntry | undefined
  #meters = new Map<string, { readonly meter: RateMeter; rate: number; at: number }>()
  #nextRow = 0

  /**
   * What is known of the time before a moment of the same recording, for a picture of that moment; rows that come with it tell
   * the rest.
   * @param from the first instant of which rows are there
   */
  before(time: number, from: number): Picture {
    const { timeline } = this
    const picture = new Picture()
    picture.generation = this.generation
    picture.timeline.take(timeline, time, from)
    return picture
  }

  /** @param real milliseconds of real time */
  apply(frame: Frame, real: number): void {
    if (frame.generation !== this.generation) this.#begin(frame.generation)
    this.frame = frame
    this.lastEntry = frame.entries.at(-1) ?? this.lastEntry
    const { timeline } = this
    timeline.played.add(frame.transport.skips)
    this.causes.length = Math.min(this.causes.length, frame.firstCause)
    this.causes.push(...frame.causes)
    const rows = this.#newRows(frame)
    this.bios.read(rows)
    this.deeds.read(rows, frame)
    this.trace.add(rows, frame.entries, frame.firstEntry)
    this.latency ??= makeLatencies?.()
    this.latency?.read(
      rows,
      frame,
      (id) => this.bios.find(id),
      (name) => this.arrays.get(name)?.field.map,
    )
    const ios = diskIos(rows)
    const disks = new Map(frame.disks.map((disk) => [disk.name, disk]))
    this.#updateArrays(frame, disks, ios, real)
    this.#mark(frame, rows, ios)
    timeline.now = timeline.played.of(frame.time)
    this.scene = keepSame(this.scene, {
      ...this.scene,
      isPowerOn: frame.powerOn,
      cutAfterWrites: frame.cutAfterWrites,
      disks: keepSame(
        this.scene.disks,
        frame.disks.map((disk) => this.#disk(frame, disk, real)),
      ),
      mapped: frame.mapped.length === 0 ? keepSame(this.scene.mapped, []) : frame.mapped,
      arrays: keepSame(
        this.scene.arrays,
        frame.arrays.map(({ name }) => this.arrays.get(name)!.scene),
      ),
      workloads: keepSame(
        this.scene.workloads,
        frame.workloads.map((workload) => this.#workload(frame, workload, real)),
      ),
      flows: keepSame(this.scene.flows, this.#flows(frame, real)),
      faults: keepSame(
        this.scene.faults,
        frame.faults.map(({ id, kind, disk, sector, sectors, healed }) => ({
          id,
          kind,
          disk,
          sector,
          sectors,
          healed,
        })),
      ),
      mdstat: frame.mdstat,
      command: frame.command?.line ?? '',
      commandStep: frame.command?.step ?? '',
      bootScript: frame.bootScript,
    })
  }

  #begin(generation: number): void {
    this.generation = generation
    this.scene = EMPTY_SCENE
    this.arrays = new Map()
    this.bios = new BioBook()
    this.timeline = new TimelineBook()
    this.deeds = new DeedBook()
    this.latency = undefined
    this.trace = new TraceBook()
    this.causes = []
    this.lastEntry = undefined
    this.#meters = new Map()
    this.#nextRow = 0
  }

  /** The rows of the trace that were not seen before. */
  #newRows(frame: Frame): Float64Array {
    const known = Math.max(0, this.#nextRow - frame.firstTraceRow)
    this.#nextRow = frame.firstTraceRow + frame.traceRows.length / TRACE_COLUMNS
    return known === 0 ? frame.traceRows : frame.traceRows.subarray(known * TRACE_COLUMNS)
  }

  #updateArrays(frame: Frame, disks: ReadonlyMap<string, DiskFrame>, ios: readonly DiskIo[], real: number): void {
    const arrays = new Map<string, ArrayPicture>()
    for (const array of frame.arrays) {
      const known = this.arrays.get(array.name)
      const picture = known?.fits(array) ? known : pictureOf(array)
      // Its level is drawn as soon as the code for it is there.
      if (picture === null) continue
      picture.update(array, disks, ios, frame.time, real)
      arrays.set(array.name, picture)
    }
    this.arrays = arrays
  }

  #rate(what: string, real: number, time: number, count: number): number {
    let known = this.#meters.get(what)
    if (!known) this.#meters.set(what, (known = { meter: new RateMeter(), rate: 0, at: -Infinity }))
    known.meter.add(real, time, count)
    if (real - known.at >= RATE_PERIOD) {
      // Two figures are all that can be read while it changes.
      known.rate = Number(known.meter.perSecond.toPrecision(2))
      known.at = real
    }
    return known.rate
  }

  /** Of every device that counts what it does, and of every workload. */
  #flows(frame: Frame, real: number): FlowScene[] {
    const rate = (what: string, count: number): number => this.#rate(what, real, frame.time, count)
    const devices = [...frame.devices, ...frame.disks].map(({ name, reads, writes, readSectors, writeSectors }) => ({
      id: name,
      reads: rate(`reads ${name}`, reads),
      writes: rate(`writes ${name}`, writes),
      bytes: 512 * rate(`sectors ${name}`, readSectors + writeSectors),
    }))
    const workloads = frame.workloads.map(({ name, ios, readPercent, sizeSectors }) => {
      const all = rate(`workload ${name}`, ios)
      const reads = (all * readPercent) / 100
      return { id: `workload ${name}`, reads, writes: all - reads, bytes: all * sizeSectors * 512 }
    })
    return [...devices, ...workloads]
  }

  #disk(frame: Frame, disk: DiskFrame, real: number): DiskScene {
    return {
      name: disk.name,
      index: disk.index,
      model: disk.model,
      sectors: disk.sectors,
      isPulled: disk.pulled,
      isAbsent: disk.isAbsent,
      claimedBy: disk.claimedBy,
      cacheBytes: disk.cacheBytes,
      inflight: disk.inflight.length / INFLIGHT_COLUMNS,
      faults: frame.faults.filter((fault) => fault.disk === disk.name).length,
      reads: disk.reads,
      writes: disk.writes,
      rate: this.#rate(`disk ${disk.name}`, real, frame.time, disk.reads + disk.writes),
      doing: this.#doing(disk),
    }
  }

  #doing(disk: DiskFrame): string {
    if (disk.pulled) return 'pulled'
    if (disk.isAbsent) return 'no power'
    const { inflight } = disk
    if (inflight.length === 0) return disk.cacheBytes > 0 ? 'dirty cache' : 'idle'
    const op = inflight[2] & 7
    if (op === READ) return 'reading'
    return op === FLUSH || inflight[4] === 0 ? 'flushing' : 'writing'
  }

  #workload(frame: Frame, workload: Frame['workloads'][number], real: number): WorkloadScene {
    const { name, device, pattern, readPercent, sizeSectors, isSync, depth, errors, ios } = workload
    const kinds = readPercent === 0 ? 'writes' : readPercent === 100 ? 'reads' : `I/O, ${readPercent} % reads`
    return {
      name,
      device,
      kind: `${pattern === 'seq' ? 'sequential' : pattern} ${kinds}`,
      sizeSectors,
      isSync,
      depth,
      errors,
      rate: this.#rate(`workload ${name}`, real, frame.time, ios),
    }
  }

  /** Marks and events of the timeline. */
  #mark(frame: Frame, rows: Float64Array, ios: readonly DiskIo[]): void {
    const { timeline } = this
    for (const io of ios) {
      const disk = frame.disks[io.disk] as DiskFrame | undefined
      if (!disk) continue
      const [isInData, isParity] = this.#place(frame, disk, io)
      const mark = markOf(io.op, io.sectors, isInData, isParity)
      timeline.track(disk.name).add(timeline.played.of(io.time), mark, io.bio)
    }
    for (let at = 0; at < rows.length; at += TRACE_COLUMNS) this.#markRow(frame, rows.subarray(at, at + TRACE_COLUMNS))
  }

  /** Whether an I/O is in an array's data, and whether parity lies there. A disk of no array is all data. */
  #place(frame: Frame, disk: DiskFrame, io: DiskIo): [isInData: boolean, isParity: boolean] {
    for (const array of frame.arrays) {
      const member = array.members.find(({ name, slot }) => name === disk.name && slot >= 0)
      const map = this.arrays.get(array.name)?.field.map
      if (!member || !map) continue
      const row = Math.floor((io.sector - member.dataOffset) / array.chunkSectors)
      return [row >= 0, row >= 0 && map.isParity(row, member.slot)]
    }
    return [true, false]
  }

  #markRow(frame: Frame, row: Float64Array): void {
    const { timeline } = this
    const [time, kind, a, b, c, d, e] = row
    const diskName = (index: number): string => (frame.disks[index] as DiskFrame | undefined)?.name ?? `disk ${index}`
    switch (kind) {
      case TRACE.bio_submit: {
        const array = Math.floor(c / MINORS) === MD_MAJOR && frame.arrays.find(({ minor }) => minor === c % MINORS)
        if (array && (d & 7) !== FLUSH) {
          const mark = (d & 7) === READ ? MARK_READ : MARK_WRITE
          timeline.track(array.name).add(timeline.played.of(time), mark, a)
        }
        return
      }
      case TRACE.power:
        if (a === 1) timeline.addEvent(time, 'power on', 'plain')
        else {
          timeline.endBand(time)
          timeline.addEvent(time, END_WORDS[a], a === 0 ? 'danger' : 'plain')
          this.scene = { ...this.scene, survivors: b, lost: c }
        }
        return
      case TRACE.sync_begin:
        timeline.beginBand(time, SYNC_WORDS[b])
        timeline.addEvent(time, `${SYNC_WORDS[b]} begins`, 'amber', aboutArray(frame, a))
        return
      case TRACE.sync_end:
        timeline.endBand(time)
        timeline.addEvent(
          time,
          `${SYNC_WORDS[b]} ${d === 1 ? 'interrupted' : 'is done'}`,
          d === 1 ? 'danger' : 'plain',
          aboutArray(frame, a),
        )
        return
      case TRACE.member_state: {
        const array = frame.arrays.find(({ minor }) => minor === a)
        const words = MEMBER_WORDS[d] as string | undefined
        if (array && words && b >= 0)
          timeline.addEvent(time, `${array.name} slot ${b} is ${words}`, d === 2 ? 'danger' : 'plain', [
            hoverKey({ kind: 'member', array: array.name, slot: b }),
            ...aboutArray(frame, a),
          ])
        return
      }
      case TRACE.disk_state:
        timeline.addEvent(time, `${diskName(a)} ${c === 1 ? 'pulled' : 'inserted'}`, c === 1 ? 'danger' : 'plain', [
          hoverKey({ kind: 'disk', disk: diskName(a) }),
        ])
        return
      case TRACE.fault:
        timeline.addEvent(
          time,
          `fault ${a} on ${diskName(b)}${e === 1 ? ' lifted' : ''}`,
          e === 1 ? 'plain' : 'danger',
          [hoverKey({ kind: 'fault', fault: a }), hoverKey({ kind: 'disk', disk: diskName(b) })],
        )
        return
      case TRACE.mismatch: {
        const array = frame.arrays.find(({ minor }) => minor === a)
        const stripe = array ? Math.floor(b / array.chunkSectors) : -1
        const about = array ? [hoverKey({ kind: 'stripe', array: array.name, stripe }), ...aboutArray(frame, a)] : []
        timeline.addEvent(time, `mismatch at sector ${b}`, 'danger', about)
      }
    }
  }
}

/** The key of the array with a minor number, as what an event is about. */
function aboutArray(frame: Frame, minor: number): readonly string[] {
  const array = frame.arrays.find((one) => one.minor === minor)
  return array ? [hoverKey({ kind: 'array', array: array.name })] : []
}

function diskIos(rows: Float64Array): readonly DiskIo[] {
  const ios: DiskIo[] = []
  for (let at = 0; at < rows.length; at += TRACE_COLUMNS) {
    if (rows[at + 1] !== TRACE.disk_io) continue
    const [time, , , disk, bio, opFlags, sector, sectors] = rows.subarray(at, at + TRACE_COLUMNS)
    ios.push({ time, disk, bio, op: opFlags & 7, sector, sectors })
  }
  return ios
}
