/** Scripts on a session: as on a machine, with lines among them that go back in time. */
import { SECOND } from '../sim/sim.ts'
import { parse } from '../shell/parse.ts'
import type { CommandResult } from '../shell/shell.ts'
import { isExpectation } from './expectation.ts'
import { splitScript, type ScriptOutcome } from './script.ts'
import type { Machine } from './machine.ts'
import type { Session } from './session.ts'

const BATCH_EVENTS = 4096

/** So much virtual time without a completed disk I/O, and a command that waits for one will not return. */
const PATIENCE = 3600 * SECOND
const PATIENT = /^\s*(sleep|run)\b/

/** What a script is run on: a session, or a pair of machines. */
export interface Runnable extends Pick<
  Session,
  'type' | 'run' | 'busy' | 'sim' | 'said' | 'machine' | 'isTravelling' | 'failure'
> {
  readonly machine: Machine
}

export interface SessionScriptOptions {
  /** Goes on after a command that failed. */
  readonly keepGoing?: boolean
  /** Called between batches of events. */
  readonly watch?: (session: Runnable) => void
  /** Called with every result, as it comes. */
  readonly report?: (result: CommandResult) => void
}

/** Runs a whole script, command by command, and stops at the first that fails, unless told to go on or an `expect` judges it. */
export function runSessionScript(session: Runnable, text: string, options: SessionScriptOptions = {}): ScriptOutcome {
  const results: CommandResult[] = []
  let isRight = true
  const typed = splitScript(text).filter((line) => parse(line).length > 0)
  for (const [at, line] of typed.entries()) {
    const isJudged = isExpectation(typed[at + 1])
    const said = session.said.length
    const ended = session.machine.results.length
    const stuck = carryOut(session, line, options.watch)
    // A line that goes back brings forth nothing but what the session says of it.
    const fresh = session.said.length > said ? session.said.slice(said) : session.machine.results.slice(ended)
    for (const result of fresh) {
      results.push(result)
      options.report?.(result)
      if (result.status !== 0 && !isJudged) isRight = false
    }
    if (stuck !== null) return { results, stuck: `${line}: never returns: ${stuck}`, ok: false }
    if (!isRight && options.keepGoing !== true) break
  }
  return { results, stuck: null, ok: isRight }
}

/** Types a text and runs until every command of it has returned. @returns why one never will, or null. */
function carryOut(session: Runnable, text: string, watch?: (session: Runnable) => void): string | null {
  session.type(text)
  watch?.(session)
  let steps = session.sim.steps
  let since = session.sim.now
  while (session.busy) {
    const count = session.run({ maxEvents: BATCH_EVENTS })
    watch?.(session)
    const { sim } = session
    if (count === 0 && session.busy) return 'nothing is left to happen'
    if (sim.steps !== steps || session.isTravelling || PATIENT.test(text)) {
      steps = sim.steps
      since = sim.now
    } else if (sim.now - since > PATIENCE) return 'no disk has done anything for an hour'
  }
  return session.failure
}
