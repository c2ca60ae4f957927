/** The page's end of the line to the machine: lines and orders go out, frames come in. */
import type { Frame } from '../../engine/api/frame.ts'
import { familyOf } from './command_family.ts'
import { consoleStore } from './console_store.ts'
import type { EnginePort } from './engine_port.ts'
import { machineStore } from './machine_store.ts'
import { Picture } from './picture.ts'

let port: EnginePort | undefined
let current = new Picture()
/** The command that was printed because it is under way: its text and when it began. */
let printed = { line: '', at: -1 }
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

export function connect(to: EnginePort): void {
  port = to
  current = new Picture()
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
  current.apply(frame, real)
  printEntries(frame)
  // A power cut forgets the lines that were waiting for their turn.
  const { pending, setPending } = consoleStore.getState()
  if (pending.length > 0 && !frame.command && real - typedAt > FORGOTTEN) setPending([])
  const { transport } = frame
  const before = machineStore.getState()
  const lastSkip = transport.skips.at(-1)
  if (lastSkip) skipShownUntil = real + SKIP_SHOWN
  const isDue = transport.state !== 'playing' || transport.speed <= FOLLOWED || real - publishedAt >= PERIOD
  machineStore.setState({
    condition: transport.failure ? 'failed' : 'running',
    trouble: transport.failure?.message ?? '',
    failure: transport.failure,
    time: frame.time,
    steps: frame.steps,
    seed: frame.seed,
    isPowerOn: frame.powerOn,
    isPlaying: transport.state === 'playing' || transport.state === 'hidden',
    isHurrying: transport.isHurrying,
    speed: transport.speed / 1e9,
    skipped: lastSkip ? lastSkip.to - lastSkip.from : real < skipShownUntil ? before.skipped : 0,
  })
  if (isDue) publish(real)
  else belated ??= setTimeout(() => publish(performance.now()), PERIOD)
}

/** Puts the scene on the page. */
function publish(real: number): void {
  clearTimeout(belated)
  belated = undefined
  publishedAt = real
  machineStore.setState({ scene: current.scene })
}

function printEntries(frame: Frame): void {
  const { print, settle } = consoleStore.getState()
  for (const entry of frame.entries) {
    if (entry.command !== printed.line || printed.at < 0) print('command', entry.command, entry.family)
    printed = { line: '', at: -1 }
    settle(entry.command)
    print('output', entry.stdout)
    // Real tools say on stderr, too, that all went well.
    print(entry.status === 0 ? 'output' : 'error', entry.stderr)
  }
  const { command } = frame
  if (command && (command.line !== printed.line || command.at !== printed.at)) {
    print('command', command.line, familyOf(command.line))
    settle(command.line)
    printed = { line: command.line, at: command.at }
  }
}
