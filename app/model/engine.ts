/** The page's end of the line to the machine: lines and orders go out, frames come in. */
import type { Frame } from '../../engine/api/frame.ts'
import { familyOf } from './command_family.ts'
import { ConsoleLedger } from './console_ledger.ts'
import { consoleStore } from './console_store.ts'
import type { EnginePort } from './engine_port.ts'
import { isPlaying, machineStore, stateOf } from './machine_store.ts'
import { pageStore } from './page_store.ts'
import { Picture } from './picture.ts'
import { branchName, receiveTime, timeStore } from './time_store.ts'
import { receiveTwin } from './twin_store.ts'

const NOTHING_SHOWN = { view: -1, branch: '', isLive: true }

let port: EnginePort | undefined
/** Counts the machines that the page was connected to: each has commands of its own. */
let connections = 0
let current = new Picture()
let ledger = new ConsoleLedger()
/** The picture of the newest moment, while the past is shown. */
let newest: { readonly picture: Picture; readonly branch: string } | undefined
/** Why a journey ended nowhere, as it was told last. */
let failure: string | null = null
/** Of the frame before: which machine it showed, and whether the newest moment. */
let shown = NOTHING_SHOWN
let skipShownUntil = 0
let typedAt = 0
let publishedAt = -Infinity
let belated: ReturnType<typeof setTimeout> | undefined

/** How long the mark of a skip stays, in milliseconds. */
const SKIP_SHOWN = 900
/** Up to this speed every frame is shown; faster, no eye can follow, and one in so many milliseconds will do. */
const FOLLOWED = 2e7
const PERIOD = 60
/** So long after the last line was typed, with no command under way, none is waiting any more; in milliseconds. */
const FORGOTTEN = 1500

/** What the frames so far amount to; what the animation loop draws from. */
export function picture(): Picture {
  return current
}

export function enginePort(): EnginePort | undefined {
  return port
}

/** Speaks with this machine from now on; of another one before it, nothing stays on the page. */
export function connect(to: EnginePort): void {
  const isFirst = port === undefined
  port = to
  connections++
  current = new Picture()
  if (isFirst) return
  ledger = new ConsoleLedger()
  newest = undefined
  failure = null
  shown = NOTHING_SHOWN
  consoleStore.setState({ lines: [], ended: 0, underWay: -1, pending: [] })
  machineStore.setState(machineStore.getInitialState())
  timeStore.setState(timeStore.getInitialState())
  receiveTwin({ twin: null }, 0)
  pageStore.setState({ selection: undefined, shown: undefined })
}

/** Types a line: what a person typed, or what a button stands for. */
export async function typeLine(line: string): Promise<void> {
  const console = consoleStore.getState()
  if (!port || machineStore.getState().condition !== 'running') {
    console.print('command', line, familyOf(line))
    console.print('error', 'there is no machine to run this on')
    return
  }
  console.setPending([...console.pending, line])
  typedAt = performance.now()
  try {
    await port.type(line)
  } catch (error) {
    console.settle(line)
    console.print('command', line, familyOf(line))
    console.print('error', error instanceof Error ? error.message : String(error))
  }
}

/**
 * Takes in a frame.
 * @param real milliseconds of real time
 */
export function receive(frame: Frame, real: number): void {
  receiveTime(frame)
  receiveTwin(frame, real)
  tellFailure(frame.timeline?.failure ?? null)
  const { transport, timeline } = frame
  // On the way, what was shown stays on the page.
  if (timeline?.isTravelling === true) {
    machineStore.setState({ isPlaying: isPlaying(transport) })
    return
  }
  current = pictureFor(frame)
  current.apply(frame, real)
  printEntries(frame)
  // A power cut forgets the lines that were waiting for their turn.
  const { pending, setPending } = consoleStore.getState()
  if (pending.length > 0 && !frame.command && real - typedAt > FORGOTTEN) setPending([])
  const before = machineStore.getState()
  const lastSkip = transport.skips.at(-1)
  if (lastSkip) skipShownUntil = real + SKIP_SHOWN
  const isDue = transport.state !== 'playing' || transport.speed <= FOLLOWED || real - publishedAt >= PERIOD
  machineStore.setState({
    condition: transport.failure ? 'failed' : 'running',
    trouble: transport.failure?.message ?? '',
    failure: transport.failure,
    ...stateOf(frame),
    skipped: lastSkip ? lastSkip.to - lastSkip.from : real < skipShownUntil ? before.skipped : 0,
  })
  if (isDue) publish(real)
  else belated ??= setTimeout(() => publish(performance.now()), PERIOD)
}

/** A journey that ended nowhere is told once. */
function tellFailure(reason: string | null): void {
  if (reason !== null && reason !== failure) {
    consoleStore.getState().print('error', `That moment cannot be shown: ${reason}.`)
  }
  failure = reason
}

/** Another moment is another machine: what was gathered from the rows before does not belong to it. */
function pictureFor(frame: Frame): Picture {
  const { timeline, generation } = frame
  const branch = branchName(frame)
  const before = shown
  shown = { view: timeline?.view ?? 0, branch, isLive: timeline?.isLive ?? true }
  if (generation !== current.generation) newest = undefined
  if (shown.view === before.view || generation !== current.generation) return current
  if (before.isLive) newest = { picture: current, branch: before.branch }
  if (shown.isLive && newest?.branch === branch) return newest.picture
  const known = newest?.picture ?? current
  const first = frame.traceRows.length > 0 ? frame.traceRows[0] : 0
  return branch === before.branch ? known.before(frame.time, first) : current.before(frame.time, first)
}

/** Puts the scene on the page. */
function publish(real: number): void {
  clearTimeout(belated)
  belated = undefined
  publishedAt = real
  machineStore.setState({ scene: current.scene })
}

function printEntries(frame: Frame): void {
  const { lines, settle } = consoleStore.getState()
  const branch = `${connections} ${frame.generation} ${branchName(frame)}`
  consoleStore.setState(ledger.apply(lines, { ...frame, said: frame.timeline?.said ?? [], branch }))
  for (const command of ledger.settled) settle(command)
}
