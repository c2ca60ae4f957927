/**
 * Looking at the past: lines that only show something are carried out on a copy of the moment that is shown, which is then
 * given up. So nothing happens there, and no branch begins.
 */
import { DONE } from '../sim/procedure.ts'
import { LineRun } from '../shell/line_run.ts'
import { parse, type ParsedLine } from '../shell/parse.ts'
import type { CommandResult } from '../shell/shell.ts'
import { COMMANDS } from './commands.ts'
import { Machine } from './machine.ts'
import type { Arenas } from './session_past.ts'

/** So many events, and a line that should have been over at once is left where it is. */
const EVENTS_MAX = 1000

const DMSETUP_LOOKS = /^(status|table|info|ls|deps|tree|targets|target-version|version|help)$/
const MDADM_LOOKS = /^(--detail|-D|--version|-V|--help|-h)$/

/** Per command, which of its calls only show something that is known without any I/O. */
const LOOKS: Readonly<Record<string, (words: readonly string[]) => boolean>> = {
  blockdev: (words) => words.length > 0 && words.every((word) => /^(--get|--report$|\/)/.test(word)),
  boot: ([what]) => what === 'show',
  cat: (words) => words.length > 0 && words.every((word) => /^\/(proc|sys|tmp)\//.test(word)),
  disk: ([what]) => what === 'list',
  dmsetup: ([verb]) => verb !== undefined && DMSETUP_LOOKS.test(verb),
  fault: ([what]) => what === 'list',
  help: () => true,
  ls: () => true,
  mdadm: ([mode]) => mode !== undefined && MDADM_LOOKS.test(mode),
  rules: ({ length }) => length < 2,
  workload: ([what]) => what === 'list',
}

/** Whether a text does nothing but show something. */
export function isLook(text: string): boolean {
  const lines = parse(text)
  return (
    lines.length > 0 &&
    lines.every((line) => {
      if (line.kind !== 'command' || line.redirects.length > 0 || line.stdin !== null) return false
      const [name, ...words] = line.argv
      return Object.hasOwn(LOOKS, name) && LOOKS[name](words)
    })
  )
}

/**
 * Carries out the lines of a text at this very instant, beside whatever is under way.
 * @param machine the one that is shown; nothing happens to it
 * @errors RangeError where there is no memory for a copy
 */
export function lookAt(machine: Machine, text: string, arenas: Arenas): CommandResult[] {
  const arena = arenas.take()
  const kept = machine.keep()
  const copy = Machine.wake(kept, arena)
  const results = parse(text).map((line) => carryOut(copy, line))
  copy.release()
  kept.machine.release()
  arenas.give(arena)
  return results
}

function carryOut(copy: Machine, line: ParsedLine): CommandResult {
  const { now } = copy.sim
  const run = new LineRun(copy, COMMANDS, line)
  run.resume()
  for (let left = EVENTS_MAX; run.step !== DONE && left > 0; left--) if (copy.sim.run(Infinity, 1) === 0) break
  const { name: argv0, family, stdout, stderr, status } = run
  const said = { command: line.text, argv0, family, stdout, stderr, status }
  return { ...said, begun: now, at: now, source: 'typed', cause: 0 }
}
