/** Runs one script file, and writes what its commands say. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { PlainArena, type Arena } from '../../engine/base/arena.ts'
import { AssertionError } from '../../engine/base/assert.ts'
import { Machine, MEMORY_HOST } from '../../engine/lab/machine.ts'
import { finish, runScript, scriptSeed, type ScriptOutcome } from '../../engine/lab/script.ts'
import { Pair } from '../../engine/lab/pair.ts'
import { Session } from '../../engine/lab/session.ts'
import { needsPast } from '../../engine/lab/needs_past.ts'
import { runSessionScript } from '../../engine/lab/session_script.ts'
import '../../engine/lab/whole_language.ts'
import type { CommandResult } from '../../engine/shell/shell.ts'
import { decodeTraceRow, TRACE_COLUMNS } from '../../engine/sim/trace.ts'
import { WasmArena } from '../wasm/wasm_arena.ts'
import '../wasm/wasm_digests.ts'
import '../wasm/wasm_syndromes.ts'
import type { RunArguments } from './arguments.ts'
import { ImageFolder } from './images.ts'

/** Address space for the machine's memory; what is never touched costs nothing. */
const ARENA_BYTES = 1 << 30

/** @returns the exit status. */
export function runFile(options: RunArguments): number {
  let text: string
  let folder: ImageFolder | null
  let trace: TraceFile | null
  try {
    text = readFileSync(options.file === '-' ? 0 : options.file, 'utf8')
    folder = options.disks === null ? null : new ImageFolder(options.disks)
    trace = options.trace === null ? null : new TraceFile(options.trace)
  } catch (error) {
    process.stderr.write(`lab: ${messageOf(error)}\n`)
    return 2
  }
  try {
    return run(text, folder, trace, options)
  } catch (error) {
    if (!(error instanceof AssertionError)) throw error
    process.stderr.write(`lab: a mistake of the simulator, please report it: ${error.stack ?? error.message}\n`)
    return 3
  } finally {
    folder?.close()
    trace?.close()
  }
}

function run(text: string, folder: ImageFolder | null, trace: TraceFile | null, options: RunArguments): number {
  const machine = new Machine({
    seed: options.seed ?? scriptSeed(text) ?? 0,
    pinSeed: options.seed !== null,
    arena: makeArena(),
    host: folder ?? MEMORY_HOST,
  })
  if (folder !== null) {
    try {
      folder.attach((name, backing) => machine.attachDisk(name, backing))
    } catch (error) {
      process.stderr.write(`lab: ${messageOf(error)}\n`)
      return 2
    }
    machine.bootScript = folder.readBootScript()
  }
  const bootScript = machine.bootScript
  const { keepGoing } = options
  const report = options.json ? reportJson : reportPlain
  // Keeping the past costs time: only where it may be wanted.
  const session = needsPast(text) ? new Session(machine, { arena: makeArena }) : null
  const pair = session === null ? null : new Pair(session, { arena: makeArena })
  const shown = (): Machine => session?.machine ?? machine
  const watch = trace === null ? undefined : (): void => trace.follow(shown())
  let outcome: ScriptOutcome
  try {
    outcome =
      pair === null
        ? runScript(machine, text, { keepGoing, watch, report })
        : runSessionScript(pair, text, { keepGoing, watch, report })
  } catch (error) {
    if (error instanceof AssertionError) reportMistake(shown())
    throw error
  }
  pair?.end()
  session?.live()
  const live = shown()
  const restless = finish(live, watch)
  if (restless !== null && outcome.stuck === null) {
    process.stderr.write(`lab: the machine does not come to rest: ${restless}\n`)
  }
  trace?.follow(live)
  if (live.bootScript !== bootScript) folder?.writeBootScript(live.bootScript)
  return outcome.ok ? 0 : 1
}

function reportJson({ command, stdout, stderr, status, at }: CommandResult): void {
  process.stdout.write(JSON.stringify({ command, stdout, stderr, status, at }) + '\n')
}

function reportPlain({ command, stdout, stderr, status }: CommandResult): void {
  process.stdout.write(`# ${command}\n${stdout}`)
  process.stderr.write(stderr)
  if (status !== 0 && stderr === '') process.stderr.write(`exit status ${status}\n`)
}

/** What is needed to see the mistake again. */
function reportMistake({ sim, seed }: Machine): void {
  process.stderr.write(`lab: seed ${seed}, at ${sim.now} ns, after ${sim.delivered} events; the last were:\n`)
  const { rows } = sim.trace.since(sim.trace.written - 12)
  for (let i = 0; i < rows.length / TRACE_COLUMNS; i++) {
    process.stderr.write(`  ${JSON.stringify(decodeTraceRow(rows, i))}\n`)
  }
}

function makeArena(): Arena {
  try {
    return new WasmArena(ARENA_BYTES)
  } catch {
    return new PlainArena(ARENA_BYTES)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The trace as a file: one JSON object per row. */
class TraceFile {
  readonly #file: number
  #rows = 0

  constructor(path: string) {
    this.#file = openSync(path, 'w')
  }

  follow(machine: Machine): void {
    const { trace } = machine.sim
    if (trace.written === this.#rows) return
    if (trace.written < this.#rows) {
      this.#rows = trace.written
      writeSync(this.#file, JSON.stringify({ event: 'back', rows: trace.written }) + '\n')
      return
    }
    const { first, rows } = trace.since(this.#rows)
    let text = first === this.#rows ? '' : JSON.stringify({ event: 'lost', rows: first - this.#rows }) + '\n'
    const count = rows.length / TRACE_COLUMNS
    for (let i = 0; i < count; i++) text += JSON.stringify(decodeTraceRow(rows, i)) + '\n'
    this.#rows = first + count
    writeSync(this.#file, text)
  }

  close(): void {
    closeSync(this.#file)
  }
}
