/**
 * The trace as Chrome's trace event JSON, which Perfetto opens: a process for each device, its requests as slices in as many
 * lanes as are needed for those that overlap, flow arrows from a request to those that were made for it, a process for the
 * commands, and one for what happened besides. Virtual time, in microseconds.
 */
import { FUA, META, OP_NAMES, PREFLUSH, SYNC, TRACE, TRACE_COLUMNS } from './vocabulary.ts'
import { powerText } from '../block/power_switch.ts'
import { tracedArrayName } from '../md/trace_name.ts'

export interface TraceNames {
  /** By index, as in the trace. */
  readonly disks: readonly string[]
  /** Arrays, by minor. */
  readonly arrays: ReadonlyMap<number, string>
  /** Mapped devices, by minor. */
  readonly mapped: ReadonlyMap<number, string>
}

/** A command that ended. */
export interface TracedCommand {
  readonly command: string
  readonly begun: number
  readonly at: number
  readonly status: number
}

export interface TraceSource {
  /** Rows of the trace, {@link TRACE_COLUMNS} numbers each, in order. */
  readonly rows: Float64Array
  readonly commands: readonly TracedCommand[]
  readonly names: TraceNames
  readonly seed: number
}

/** One event, as Chrome's format has it. */
export interface ChromeEvent {
  readonly name: string
  readonly ph: 'X' | 'i' | 'M' | 's' | 'f'
  readonly pid: number
  readonly tid: number
  /** Microseconds. */
  readonly ts?: number
  readonly dur?: number
  readonly cat?: string
  readonly id?: number
  readonly bp?: 'e'
  readonly s?: 'g' | 'p'
  readonly args?: Readonly<Record<string, string | number>>
}

export interface ChromeTrace {
  readonly traceEvents: readonly ChromeEvent[]
  readonly displayTimeUnit: 'ns'
  readonly otherData: Readonly<Record<string, string | number>>
}

const MINORS = 1048576
const MD_MAJOR = 9
const SD_MAJOR = 8
const SD_MINORS = 16

const FLAG_NAMES = [
  [PREFLUSH, 'preflush'],
  [FUA, 'fua'],
  [SYNC, 'sync'],
  [META, 'meta'],
] as const

const EVENTS_PID = 1
const COMMANDS_PID = 2
const FIRST_DEVICE_PID = 10

/** A request that was submitted. */
interface Slice {
  readonly bio: number
  readonly parent: number
  readonly device: number
  readonly opFlags: number
  readonly sector: number
  readonly sectors: number
  readonly from: number
  /** -1 while it is under way. */
  to: number
  isFailed: boolean
  pid: number
  lane: number
}

export function chromeTrace(source: TraceSource): ChromeTrace {
  const { rows, commands, names, seed } = source
  const slices = slicesOf(rows)
  const last = rows.length === 0 ? 0 : rows[rows.length - TRACE_COLUMNS]
  const events: ChromeEvent[] = [
    ...processName(EVENTS_PID, 'machine', 0),
    ...commandEvents(commands),
    ...deviceEvents(slices, names, last),
    ...instantEvents(rows, names),
  ]
  return {
    traceEvents: events,
    displayTimeUnit: 'ns',
    otherData: { source: 'Blockscope', clock: 'virtual time', seed },
  }
}

/** The whole as text. */
export function chromeTraceText(source: TraceSource): string {
  return JSON.stringify(chromeTrace(source))
}

/** @returns the requests in the order in which they began; those whose end is not in the rows have none. */
function slicesOf(rows: Float64Array): readonly Slice[] {
  const slices: Slice[] = []
  const open = new Map<number, Slice>()
  for (let at = 0; at < rows.length; at += TRACE_COLUMNS) {
    const [time, kind, bio, b, device, opFlags, sector, sectors] = rows.subarray(at, at + TRACE_COLUMNS)
    if (kind === TRACE.bio_submit) {
      const slice = { bio, parent: b, device, opFlags, sector, sectors, from: time, to: -1 }
      const whole: Slice = { ...slice, isFailed: false, pid: 0, lane: 0 }
      slices.push(whole)
      open.set(bio, whole)
    } else if (kind === TRACE.bio_end) {
      const slice = open.get(bio)
      if (!slice) continue
      slice.to = time
      slice.isFailed = b === 1
      open.delete(bio)
    } else if (kind === TRACE.power && bio !== 1) {
      // What was under way at a cut never ends: its slice does, at the cut.
      for (const slice of open.values()) {
        slice.to = time
        slice.isFailed = true
      }
      open.clear()
    }
  }
  return slices
}

function deviceEvents(slices: readonly Slice[], names: TraceNames, last: number): readonly ChromeEvent[] {
  const events: ChromeEvent[] = []
  const byDevice = new Map<number, Slice[]>()
  for (const slice of slices) {
    const own = byDevice.get(slice.device)
    if (own) own.push(slice)
    else byDevice.set(slice.device, [slice])
  }
  const devices = [...byDevice.keys()].sort((a, b) => rank(a) - rank(b))
  const known = new Map<number, Slice>()
  devices.forEach((device, order) => {
    const pid = FIRST_DEVICE_PID + order
    events.push(...processName(pid, deviceName(device, names), order + 2))
    // When each lane is free again.
    const lanes: number[] = []
    for (const slice of byDevice.get(device) ?? []) {
      const to = slice.to < 0 ? Math.max(last, slice.from) : slice.to
      let lane = lanes.findIndex((free) => free <= slice.from)
      if (lane < 0) lane = lanes.push(0) - 1
      lanes[lane] = Math.max(to, slice.from + 1)
      slice.pid = pid
      slice.lane = lane
      known.set(slice.bio, slice)
      events.push(sliceEvent(slice, to))
    }
    lanes.forEach((_, lane) => events.push(threadName(pid, lane, `requests ${lane + 1}`)))
  })
  for (const child of slices) {
    const parent = known.get(child.parent)
    if (!parent) continue
    const flow = { name: 'made for', cat: 'flow', id: child.bio, ts: child.from / 1000 }
    events.push({ ...flow, ph: 's', pid: parent.pid, tid: parent.lane })
    events.push({ ...flow, ph: 'f', bp: 'e', pid: child.pid, tid: child.lane })
  }
  return events
}

function sliceEvent(slice: Slice, to: number): ChromeEvent {
  const { bio, parent, opFlags, sector, sectors, from, pid, lane } = slice
  const flags = FLAG_NAMES.filter(([bit]) => (opFlags & bit) !== 0).map(([, name]) => name)
  const op = OP_NAMES[opFlags & 7] ?? `op ${opFlags & 7}`
  return {
    name: sectors > 0 ? `${op} ${sector}+${sectors}` : op,
    cat: op,
    ph: 'X',
    pid,
    tid: lane,
    ts: from / 1000,
    dur: (to - from) / 1000,
    args: {
      bio,
      ...(parent > 0 ? { parent } : {}),
      ...(flags.length > 0 ? { flags: flags.join(' ') } : {}),
      ...(slice.isFailed ? { failed: 'yes' } : {}),
      ...(slice.to < 0 ? { unfinished: 'yes' } : {}),
    },
  }
}

function commandEvents(commands: readonly TracedCommand[]): readonly ChromeEvent[] {
  return [
    ...processName(COMMANDS_PID, 'console', 1),
    threadName(COMMANDS_PID, 0, 'commands'),
    ...commands.map(({ command, begun, at, status }): ChromeEvent => {
      const place = { pid: COMMANDS_PID, tid: 0, ts: begun / 1000, dur: (at - begun) / 1000 }
      return { name: command, cat: 'command', ph: 'X', ...place, args: { status } }
    }),
  ]
}

/** What happens at an instant: power, faults, states. */
function instantEvents(rows: Float64Array, names: TraceNames): readonly ChromeEvent[] {
  const events: ChromeEvent[] = []
  for (let at = 0; at < rows.length; at += TRACE_COLUMNS) {
    const words = instantWords(rows.subarray(at, at + TRACE_COLUMNS), names)
    if (words === '') continue
    const scope = rows[at + 1] === TRACE.power ? 'g' : 'p'
    events.push({ name: words, cat: 'event', ph: 'i', s: scope, pid: EVENTS_PID, tid: 0, ts: rows[at] / 1000 })
  }
  return events
}

const SYNCS = ['resync', 'recovery', 'check', 'repair']
const MEMBER_STATES = ['in sync', 'being rebuilt', 'faulty', 'spare']

function instantWords(row: Float64Array, { disks, arrays }: TraceNames): string {
  const [, kind, a, b, c, d, e] = row
  const disk = (index: number): string => disks[index] ?? `disk ${index}`
  const array = arrays.get(a) ?? tracedArrayName(a)
  switch (kind) {
    case TRACE.power:
      return powerText(a, b, c)
    case TRACE.fault:
      return `fault ${a} on ${disk(b)}${e === 1 ? ' lifted' : `, ${c}+${d}`}`
    case TRACE.disk_state:
      return `${disk(a)} ${c === 1 ? 'pulled' : 'inserted'}`
    case TRACE.array_state:
      return `${array} ${c === 1 ? 'clean' : 'dirty'}`
    case TRACE.member_state:
      return `${array} slot ${b} ${MEMBER_STATES[d] ?? ''}`
    case TRACE.sync_begin:
      return `${array} ${SYNCS[b] ?? 'sync'} begins at ${c}`
    case TRACE.sync_end:
      return `${array} ${SYNCS[b] ?? 'sync'} ${d === 1 ? 'is interrupted' : 'ends'} at ${c}`
    case TRACE.superblock_write:
      return `${array} superblocks: events ${b}, ${c === 1 ? 'clean' : 'dirty'}`
    case TRACE.mismatch:
      return `${array} mismatch at ${b}+${c}`
    default:
      return ''
  }
}

/** Arrays and mapped devices first, disks last. */
function rank(device: number): number {
  const major = Math.floor(device / MINORS)
  return (major === MD_MAJOR ? 0 : major === SD_MAJOR ? 2 : 1) * MINORS * MINORS + device
}

/** As below /dev. @param device major * 2^20 + minor */
export function deviceName(device: number, names: TraceNames): string {
  const major = Math.floor(device / MINORS)
  const minor = device % MINORS
  if (major === MD_MAJOR) return names.arrays.get(minor) ?? `md${minor}`
  if (major === SD_MAJOR) return names.disks[minor / SD_MINORS] ?? `disk ${minor / SD_MINORS}`
  const mapped = names.mapped.get(minor)
  return mapped === undefined ? `${major}:${minor}` : `mapper/${mapped}`
}

function processName(pid: number, name: string, order: number): readonly ChromeEvent[] {
  return [
    { name: 'process_name', ph: 'M', pid, tid: 0, args: { name } },
    { name: 'process_sort_index', ph: 'M', pid, tid: 0, args: { sort_index: order } },
  ]
}

function threadName(pid: number, tid: number, name: string): ChromeEvent {
  return { name: 'thread_name', ph: 'M', pid, tid, args: { name } }
}
