/** Scripts on a machine: one line after the other, each carried to its end. */
import { SECOND } from '../sim/sim.ts'
import { parse } from '../shell/parse.ts'
import type { CommandResult } from '../shell/shell.ts'
import { isExpectation } from './expectation.ts'
import type { Machine } from './machine.ts'
import { parseCount } from './units.ts'

/** Events between two looks at the trace: its ring has not gone round by then. Without anybody looking, more at once. */
const WATCHED_EVENTS = 256
const UNWATCHED_EVENTS = 65536

/** So much virtual time without a completed disk I/O, and a command that waits for one will not return. */
const PATIENCE = 3600 * SECOND

/** Commands that may wait as long as they like. */
const PATIENT = /^\s*(sleep|run)\b/

export interface ScriptOptions {
  /** Goes on after a command that failed. */
  readonly keepGoing?: boolean
  /** Called between batches of events, and after every line. */
  readonly watch?: (machine: Machine) => void
  /** Called with every result, as it comes. */
  readonly report?: (result: CommandResult) => void
}

export interface ScriptOutcome {
  readonly results: readonly CommandResult[]
  /** Why a command can never return; null when all did. */
  readonly stuck: string | null
  /** Whether all succeeded. */
  readonly ok: boolean
}

/**
 * What is typed at one go: a command with its here-document, by itself even where the script joins several with `;`, so that
 * a run can stop after one that fails.
 */
export function splitScript(text: string): string[] {
  const typed: string[] = []
  const lines = text.split('\n')
  for (let from = 0; from < lines.length;) {
    let to = from + 1
    let unit = lines[from]
    let parsed = parse(unit)
    while (to < lines.length && parsed.some((line) => line.kind === 'error' && line.incomplete)) {
      unit += '\n' + lines[to++]
      parsed = parse(unit)
    }
    from = to
    const plain = parsed.every((line) => line.kind === 'command' && line.stdin === null)
    if (plain) typed.push(...parsed.map((line) => line.text))
    else typed.push(unit)
  }
  return typed
}

/** The seed that a script's first line asks for, or null. */
export function scriptSeed(text: string): number | null {
  const first = parse(text)[0]
  if (first?.kind !== 'command' || first.argv[0] !== 'seed') return null
  const seed = parseCount(first.argv[1] ?? '', 0, 0xffffffff)
  return seed.ok ? seed.value : null
}

/** Types a text and runs until every command of it has returned. @returns why one never will, or null. */
export function typeLine(machine: Machine, text: string, watch?: (machine: Machine) => void): string | null {
  machine.type(text)
  watch?.(machine)
  const { sim } = machine
  const maxEvents = watch === undefined ? UNWATCHED_EVENTS : WATCHED_EVENTS
  let steps = sim.steps
  let since = sim.now
  while (machine.busy) {
    const delivered = machine.run({ maxEvents })
    watch?.(machine)
    if (delivered === 0 && machine.busy) return 'nothing is left to happen'
    if (sim.steps !== steps || PATIENT.test(text)) {
      steps = sim.steps
      since = sim.now
    } else if (sim.now - since > PATIENCE) return 'no disk has done anything for an hour'
  }
  return null
}

/** Runs a whole script, command by command, and stops at the first that fails, unless told to go on or an `expect` judges it. */
export function runScript(machine: Machine, text: string, options: ScriptOptions = {}): ScriptOutcome {
  const first = machine.results.length
  let reported = first
  let ok = true
  const typed = splitScript(text).filter((line) => parse(line).length > 0)
  for (const [at, line] of typed.entries()) {
    const stuck = typeLine(machine, line, options.watch)
    const isJudged = isExpectation(typed[at + 1])
    for (; reported < machine.results.length; reported++) {
      const result = machine.results[reported]
      options.report?.(result)
      if (result.status !== 0 && !isJudged) ok = false
    }
    if (stuck !== null) {
      const never = neverReturned(machine, stuck)
      options.report?.(never)
      return {
        results: [...machine.results.slice(first), never],
        stuck: `${never.command}: never returns: ${stuck}`,
        ok: false,
      }
    }
    if (!ok && options.keepGoing !== true) break
  }
  return { results: machine.results.slice(first), stuck: null, ok }
}

/** The result of the line that is under way, and will stay so. */
function neverReturned({ shell, sim }: Machine, why: string): CommandResult {
  const { line } = shell
  const command = line?.line.text ?? ''
  const argv0 = line?.name ?? ''
  return {
    command,
    argv0,
    family: line?.family ?? 'linux',
    stdout: '',
    stderr: `${argv0}: never returns: ${why}\n`,
    status: 1,
    begun: line?.begun ?? sim.now,
    at: sim.now,
    source: 'typed',
    cause: line?.cause ?? 0,
  }
}

/**
 * Lets a machine finish: workloads stop, what is in flight ends, arrays come to rest, caches are flushed. With the power off
 * there is nothing to do: the disks hold what survived.
 * @returns what would not come to rest, or null.
 */
export function finish(machine: Machine, watch?: (machine: Machine) => void): string | null {
  if (!machine.powerOn) return null
  for (const workload of machine.workloads.list()) machine.workloads.stop(workload.name)
  const stuck = rest(machine, watch)
  if (machine.powerOn) machine.flushDisks()
  return stuck
}

function rest(machine: Machine, watch?: (machine: Machine) => void): string | null {
  const { sim } = machine
  let steps = sim.steps
  let since = sim.now
  for (let busy = machine.unsettled(); busy !== null && machine.powerOn; busy = machine.unsettled()) {
    if (machine.run({ maxEvents: WATCHED_EVENTS }) === 0) return busy
    watch?.(machine)
    if (sim.steps !== steps) {
      steps = sim.steps
      since = sim.now
    } else if (sim.now - since > PATIENCE) return busy
  }
  return null
}
