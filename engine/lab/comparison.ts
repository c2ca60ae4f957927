/**
 * Where two machines that were told the same begin to do something else.
 *
 * What they did is cut into stretches: one begins with every command, on either machine. Within a stretch the reads and writes of
 * the disks of the one are held against those of the other, in the order in which they completed, and so are changes of state; the first pair that is not
 * the same is the difference of that stretch. So a difference is not buried under what follows from an earlier one, and each line that
 * is typed into both is judged by itself. The instants are not compared: what takes longer is no difference until something else is
 * done. Of commands that have ended on both, what they printed is held against each other.
 */
import type { CommandResult } from '../shell/shell.ts'
import { TRACE, TRACE_COLUMNS } from '../sim/trace.ts'
import type { Change } from './change.ts'
import { answerOf, answerText, ioKey, ioText, stateOf } from './deed_text.ts'
import type { MemberPlaces } from './member_places.ts'
import type { Machine } from './machine.ts'
import { splitScript } from './script.ts'

export const LEFT = 0
export const RIGHT = 1
export type Side = typeof LEFT | typeof RIGHT

/** `io`: a read or write of another kind or at another place; `state`: an array, a member, a sync or the power; `answer`: what a command said. */
export type DifferenceKind = 'io' | 'state' | 'answer'

/** What one of the two did. */
export interface Deed {
  /** Completed disk I/Os then, this one included. */
  readonly step: number
  readonly time: number
  /** Number of its trace row. */
  readonly row: number
  readonly text: string
}

export interface Difference {
  readonly kind: DifferenceKind
  /** The command since which it is the first of its kind; '' before the first. */
  readonly since: string
  /** It was done by the changed command, or right after it. */
  readonly isChange: boolean
  /** Disk I/Os that the left one had completed then. */
  readonly step: number
  /** Null where the machine did nothing more before the next command. */
  readonly left: Deed | null
  readonly right: Deed | null
}

/** A deed that waits for the other machine's. */
interface Noted extends Deed {
  /** Two deeds are the same where this is. */
  readonly key: string
  /** Disk I/Os that the left one had completed. */
  readonly leftStep: number
}

/** The deeds of one kind in a stretch that have not been held against each other yet. */
interface Strand {
  readonly waiting: readonly [Noted[], Noted[]]
  isDecided: boolean
}

interface Stretch {
  /** What it began with, on either side; null where that side has not begun it. */
  readonly commands: [string | null, string | null]
  /** Trace row of that command. */
  readonly rows: [number, number]
  readonly strands: { readonly io: Strand; readonly state: Strand }
}

/** Where more than this waits for its match, the stretch is not judged. */
const WAITING_MAX = 50_000

export class Comparison {
  readonly differences: Difference[]
  /** Goes up with every difference, and when some are forgotten. */
  version: number
  private readonly from: string
  private readonly to: readonly string[]
  private readonly stretches: Stretch[]
  /** Trace rows that were taken in, disk I/Os among them, and the stretch that each side is in. */
  private readonly rows: [number, number]
  private readonly steps: [number, number]
  private readonly current: [number, number]
  /** The stretch of the changed command, or -1; and commands of the right one that still belong to it. */
  private changedAt: number
  private extra: number
  /** Commands that have ended: of each side the rows and steps. */
  private readonly ends: readonly [EndOfCommand[], EndOfCommand[]]
  private answered: number
  private answeredOfRight: number

  constructor(change: Change) {
    this.differences = []
    this.version = 0
    this.from = headOf(change.from)
    this.to = splitScript(change.to).map(headOf)
    this.stretches = [newStretch('', '')]
    this.rows = [0, 0]
    this.steps = [0, 0]
    this.current = [0, 0]
    this.changedAt = -1
    this.extra = 0
    this.ends = [[], []]
    this.answered = 0
    this.answeredOfRight = 0
  }

  /** The first difference, by the clock, that is not the changed command's own. */
  get first(): Difference | null {
    return this.differences.reduce<Difference | null>((first, one) => {
      return !one.isChange && (first === null || timeOf(one) < timeOf(first)) ? one : first
    }, null)
  }

  /** Takes in what a machine has written since; its ring must not have gone round. */
  follow(side: Side, machine: Machine, places: MemberPlaces): void {
    const { trace, causes } = machine.sim
    if (trace.written === this.rows[side]) return
    const { first, rows } = trace.since(this.rows[side])
    for (let at = 0; at < rows.length; at += TRACE_COLUMNS) {
      const row = first + at / TRACE_COLUMNS
      const time = rows[at]
      const kind = rows[at + 1]
      if (kind === TRACE.disk_io) {
        const step = (this.steps[side] = rows[at + 2])
        const strand = this.stretches[this.current[side]].strands.io
        // Most I/Os are of a stretch that has been judged: nobody wants to read them. A flush goes with the write that needs it.
        if (strand.isDecided || rows[at + 7] === 0) continue
        const text = ioText(rows, at, machine, places)
        this.add(side, 'io', { step, leftStep: this.steps[LEFT], time, row, text, key: ioKey(rows, at) })
      } else if (kind === TRACE.command_begin) this.begin(side, causes[rows[at + 2]], row)
      else {
        if (kind === TRACE.command_end) this.ends[side].push({ row, step: this.steps[side] })
        const state = stateOf(rows, at)
        const steps = { step: this.steps[side], leftStep: this.steps[LEFT] }
        if (state !== null) this.add(side, 'state', { ...steps, time, row, ...state })
      }
    }
    this.rows[side] = trace.written
  }

  /** Holds what the commands said that have ended on both. */
  followAnswers(left: Machine, right: Machine): void {
    for (;;) {
      const mine = left.results[this.answered] as CommandResult | undefined
      const others = right.results[this.answeredOfRight] as CommandResult | undefined
      if (mine === undefined || others === undefined) return
      const isChange = headOf(mine.command) === this.from && headOf(others.command) === this.to[0]
      if (answerOf(mine) !== answerOf(others)) {
        const a = this.endOf(LEFT, this.answered, mine)
        const b = this.endOf(RIGHT, this.answeredOfRight, others)
        this.tell({ kind: 'answer', since: mine.command, isChange, step: a.step, left: a, right: b })
      }
      this.answered++
      this.answeredOfRight += isChange ? this.to.length : 1
    }
  }

  /**
   * Both have left their way for another one; what began on the old one and had not ended is not judged.
   * @param rows of each side's trace up to there
   * @param steps that each had completed
   */
  fork(rows: readonly [number, number], steps: readonly [number, number]): void {
    for (const side of [LEFT, RIGHT] as const) {
      this.rows[side] = rows[side]
      this.steps[side] = steps[side]
      this.current[side] = Math.max(
        0,
        this.stretches.findLastIndex((one) => one.commands[side] !== null && one.rows[side] < rows[side]),
      )
      const ends = this.ends[side].findIndex(({ row }) => row >= rows[side])
      if (ends >= 0) this.ends[side].length = ends
    }
    this.stretches.length = Math.max(...this.current) + 1
    for (const stretch of this.stretches.slice(Math.min(...this.current))) {
      for (const side of [LEFT, RIGHT] as const) if (stretch.rows[side] >= rows[side]) stretch.commands[side] = null
      for (const strand of [stretch.strands.io, stretch.strands.state]) decide(strand)
    }
    if (this.changedAt >= this.stretches.length) this.changedAt = -1
    const extra = this.answeredOfRight - this.answered
    this.answered = Math.min(this.answered, this.ends[LEFT].length)
    this.answeredOfRight = Math.min(this.answered + (this.changedAt < 0 ? 0 : extra), this.ends[RIGHT].length)
    const kept = this.differences.filter(({ left, right }) => {
      return (left === null || left.row < rows[LEFT]) && (right === null || right.row < rows[RIGHT])
    })
    this.differences.splice(0, Infinity, ...kept)
    this.version++
  }

  private begin(side: Side, command: string, row: number): void {
    if (side === RIGHT && this.extra > 0 && this.current[RIGHT] === this.changedAt) {
      this.extra--
      return
    }
    const number = ++this.current[side]
    if (number === this.stretches.length) this.stretches.push(newStretch(null, null))
    const stretch = this.stretches[number]
    stretch.commands[side] = command
    stretch.rows[side] = row
    const [left, right] = stretch.commands
    if (this.changedAt < 0 && this.isChange(left, right)) {
      this.changedAt = number
      this.extra = this.to.length - 1
    }
    this.judge(number - 1, 'io')
    this.judge(number - 1, 'state')
  }

  private isChange(left: string | null, right: string | null): boolean {
    return (
      (left === null || headOf(left) === this.from) &&
      right !== null &&
      headOf(right) === this.to[0] &&
      this.from !== this.to[0]
    )
  }

  private add(side: Side, kind: 'io' | 'state', deed: Noted): void {
    const number = this.current[side]
    const strand = this.stretches[number].strands[kind]
    if (strand.isDecided) return
    strand.waiting[side].push(deed)
    if (strand.waiting[side].length > WAITING_MAX) decide(strand)
    else this.judge(number, kind)
  }

  /** Holds against each other what waits in a stretch. */
  private judge(number: number, kind: 'io' | 'state'): void {
    const stretch = this.stretches[number]
    const strand = stretch.strands[kind]
    const [left, right] = strand.waiting
    if (strand.isDecided) return
    let same = 0
    while (same < left.length && same < right.length && left[same].key === right[same].key) same++
    left.splice(0, same)
    right.splice(0, same)
    const isOver = [LEFT, RIGHT].map((side) => this.current[side] > number)
    const isApart = left.length > 0 && right.length > 0
    if (!isApart && !(left.length > 0 && isOver[RIGHT]) && !(right.length > 0 && isOver[LEFT])) {
      if (isOver[LEFT] && isOver[RIGHT]) decide(strand)
      return
    }
    const [a = null, b = null] = [left[0] as Noted | undefined, right[0] as Noted | undefined]
    decide(strand)
    const since = stretch.commands[LEFT] ?? stretch.commands[RIGHT] ?? ''
    const step = a?.step ?? b?.leftStep ?? 0
    this.tell({ kind, since, isChange: number === this.changedAt, step, left: a, right: b })
  }

  private endOf(side: Side, number: number, result: CommandResult): Deed {
    const end = this.ends[side][number] as EndOfCommand | undefined
    return { step: end?.step ?? this.steps[side], row: end?.row ?? 0, time: result.at, text: answerText(result) }
  }

  private tell(difference: Difference): void {
    this.differences.push(difference)
    this.version++
  }
}

interface EndOfCommand {
  readonly row: number
  readonly step: number
}

function newStretch(left: string | null, right: string | null): Stretch {
  return { commands: [left, right], rows: [0, 0], strands: { io: newStrand(), state: newStrand() } }
}

function newStrand(): Strand {
  return { waiting: [[], []], isDecided: false }
}

function decide(strand: Strand): void {
  strand.isDecided = true
  for (const waiting of strand.waiting) waiting.length = 0
}

/** By the clock of whichever did it first. */
function timeOf({ left, right }: Difference): number {
  return Math.min(left?.time ?? Infinity, right?.time ?? Infinity)
}

/** A command without the body of its here-document. */
function headOf(command: string): string {
  return command.split('\n', 1)[0]
}
