/**
 * Which console lines belong to which command of the recording. A command keeps its number for as long as its branch is the live
 * one: in the past, lines of commands that come later stay where they are, and are shown as such.
 */
import type { CommandFrame, ConsoleEntry, SaidEntry } from '../../engine/api/frame.ts'
import type { Family } from './command_family.ts'
import { familyOf } from './command_family.ts'
import { withText, type ConsoleKind, type ConsoleLine } from './console_log.ts'

/** What the ledger takes of a frame. */
export interface ConsoleNews {
  readonly firstEntry: number
  readonly entries: readonly ConsoleEntry[]
  /** What lines that moved in time said. */
  readonly said: readonly SaidEntry[]
  readonly command: Pick<CommandFrame, 'line' | 'at'> | null
  /** Name of the branch; another one has other commands from some number on. */
  readonly branch: string
}

export interface ConsoleShown {
  readonly lines: readonly ConsoleLine[]
  /** Commands that had ended at the moment that is shown. */
  readonly ended: number
  /** Number of the command that is under way then, or -1. */
  readonly underWay: number
}

interface Known {
  readonly command: string
  readonly begun: number
}

export class ConsoleLedger {
  #known: Known[] = []
  #branch = ''
  /** The command that was printed because it is under way, and has no number yet. */
  #printed: Known | undefined
  /** Commands that were printed by {@link apply}, for whoever waits for theirs. */
  settled: string[] = []

  /** @returns what the console shows after a frame */
  apply(before: readonly ConsoleLine[], { firstEntry, entries, said, command, branch }: ConsoleNews): ConsoleShown {
    const ended = firstEntry + entries.length
    let lines = before
    this.settled = []
    if (branch !== this.#branch) {
      this.#branch = branch
      lines = this.#forget(lines, ended)
    }
    let told = 0
    entries.forEach((entry, i) => {
      while (told < said.length && said[told].ended <= firstEntry + i) lines = this.#say(lines, said[told++])
      lines = this.#print(lines, firstEntry + i, entry)
    })
    while (told < said.length) lines = this.#say(lines, said[told++])
    const underWay = command ? this.#numberOf(command, ended) : -1
    if (!command || underWay >= 0 || !isSame(this.#printed, command)) lines = this.#withoutPrinted(lines)
    if (command && underWay < 0 && !this.#printed) {
      this.#printed = { command: command.line, begun: command.at }
      this.settled.push(command.line)
      lines = numbered(withText(lines, 'command', command.line, familyOf(command.line)), lines, undefined, true)
    }
    return { lines, ended, underWay }
  }

  #print(lines: readonly ConsoleLine[], number: number, entry: ConsoleEntry): readonly ConsoleLine[] {
    const known = this.#known.at(number)
    if (number < this.#known.length && known?.command === entry.command && known.begun === entry.begun) return lines
    let next = this.#forget(lines, number)
    const add = (kind: ConsoleKind, text: string, family?: Family): void => {
      next = numbered(withText(next, kind, text, family), next, number, false)
    }
    this.#known[number] = { command: entry.command, begun: entry.begun }
    this.settled.push(entry.command)
    if (this.#printed?.command === entry.command && this.#printed.begun === entry.begun) {
      this.#printed = undefined
      next = next.map((line) => (line.isUnderWay ? { ...line, isUnderWay: false, entry: number } : line))
    } else add('command', entry.command, entry.family)
    add('output', entry.stdout)
    // Real tools say on stderr, too, that all went well.
    add(entry.status === 0 ? 'output' : 'error', entry.stderr)
    return next
  }

  /** What moved in time belongs to no command of the recording, and stays where it is. */
  #say(lines: readonly ConsoleLine[], { command, stdout, stderr }: SaidEntry): readonly ConsoleLine[] {
    this.settled.push(command)
    const shown = withText(withText(lines, 'command', command, 'lab'), 'output', stdout)
    return withText(shown, 'error', stderr)
  }

  /** Commands from a number on are of another branch. */
  #forget(lines: readonly ConsoleLine[], number: number): readonly ConsoleLine[] {
    if (number >= this.#known.length) return lines
    this.#known.length = number
    return lines.filter(({ entry }) => entry === undefined || entry < number)
  }

  #withoutPrinted(lines: readonly ConsoleLine[]): readonly ConsoleLine[] {
    if (!this.#printed) return lines
    this.#printed = undefined
    return lines.filter(({ isUnderWay }) => isUnderWay !== true)
  }

  /** The number under which a command that is under way is known to end later, or -1. */
  #numberOf(command: Pick<CommandFrame, 'line' | 'at'>, from: number): number {
    for (let i = from; i < this.#known.length; i++) if (isSame(this.#known[i], command)) return i
    return -1
  }
}

function isSame(known: Known | undefined, { line, at }: Pick<CommandFrame, 'line' | 'at'>): boolean {
  return known?.command === line && known.begun === at
}

/** Gives the lines that were added the number of their command. */
function numbered(
  lines: readonly ConsoleLine[],
  before: readonly ConsoleLine[],
  entry: number | undefined,
  isUnderWay: boolean,
): readonly ConsoleLine[] {
  const last = before.at(-1)?.key ?? 0
  const mark = entry === undefined ? { isUnderWay } : { entry }
  return lines.map((line) => (line.key > last ? { ...line, ...mark } : line))
}

/** Whether a line belongs to what comes after the moment that is shown. */
export function isLater({ entry, kind }: ConsoleLine, ended: number, underWay: number): boolean {
  return entry !== undefined && entry >= ended && !(kind === 'command' && entry === underWay)
}
