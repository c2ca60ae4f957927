/**
 * The shell: lines wait in a queue, one runs at a time, and it asks the machine to return when it has ended, so that whoever
 * drives the machine sees every result at the instant at which it was there. What interjects (a cut, a fault, a pulled disk) does
 * not wait, nor do such commands at the beginning of a text: they run beside the line under way.
 */
import type { Procedure, ProcedureParent } from '../sim/procedure.ts'
import type { CommandRegistry, CommandRun, Family, World } from './command.ts'
import { LineRun } from './line_run.ts'
import { parse, type ParsedLine } from './parse.ts'

/** Typed by somebody, or run from the boot script. */
export type CommandSource = 'typed' | 'boot'

/** What a line did. */
export interface CommandResult {
  /** The line as written. */
  readonly command: string
  /** The command's name; '' when the line could not be read. */
  readonly argv0: string
  readonly family: Family
  readonly stdout: string
  readonly stderr: string
  readonly status: number
  /** When it began and when it ended, in nanoseconds of virtual time. */
  readonly begun: number
  readonly at: number
  readonly source: CommandSource
  /** Index into `sim.causes`. */
  readonly cause: number
}

export class Shell implements ProcedureParent {
  readonly world: World
  readonly registry: CommandRegistry
  readonly results: CommandResult[]
  /** The line under way. */
  line: LineRun | null
  /** Completed disk I/Os at which the machine must return, because a command waits for that; Infinity when none does. */
  stepTarget: number
  /** Lines that interjected and are still under way. */
  private asides: LineRun[]
  private readonly queue: { readonly line: ParsedLine; readonly source: CommandSource }[]
  private source: CommandSource
  private ended: boolean
  private stepWaiter: Procedure | null

  constructor(world: World, registry: CommandRegistry) {
    this.world = world
    this.registry = registry
    this.results = []
    this.line = null
    this.stepTarget = Infinity
    this.asides = []
    this.queue = []
    this.source = 'typed'
    this.ended = false
    this.stepWaiter = null
  }

  /** A command is under way, or waits for its turn. */
  get busy(): boolean {
    return this.line !== null || this.queue.length > 0 || this.asides.length > 0
  }

  /** The running command, with its step and locals. */
  get current(): CommandRun | null {
    return this.line?.run ?? null
  }

  /**
   * Puts the commands of a text (of one line, or of many) at the end of the queue; {@link goOn} begins them. Those at its
   * beginning that interject begin here, if something is under way: of `power cut; power on` the cut does not wait.
   */
  type(text: string, source: CommandSource = 'typed'): void {
    const lines = parse(text)
    const waiting = lines.findIndex((line) => !this.interjects(line))
    const first = this.line === null ? 0 : waiting < 0 ? lines.length : waiting
    for (const line of lines.slice(0, first)) this.interject(line)
    for (const line of lines.slice(first)) this.queue.push({ line, source })
  }

  /** Puts the commands of a text before those that wait: whoever is under way has them follow. */
  typeNext(text: string): void {
    this.queue.unshift(...parse(text).map((line) => ({ line, source: this.source })))
  }

  private interjects(line: ParsedLine): boolean {
    if (line.kind !== 'command') return false
    return this.registry.specs.get(line.argv[0])?.interjects?.(line.argv) ?? false
  }

  private interject(parsed: ParsedLine): void {
    const line = new LineRun(this.world, this.registry, parsed)
    line.parent = this
    this.asides.push(line)
    line.resume()
  }

  /** Whether {@link goOn} has something to do without another event. */
  get ready(): boolean {
    return this.line === null ? this.queue.length > 0 : this.ended
  }

  /**
   * To be called between batches of events, until nothing is {@link ready}: records what has ended, begins what is next. A
   * Linux command begins with an event of its own; a lab command begins at this very instant, whatever else is due at it.
   */
  goOn(): void {
    const { sim } = this.world.lab
    if (this.stepTarget !== Infinity && (sim.steps >= this.stepTarget || sim.queue.length === 0)) this.stepReached()
    if (this.line !== null && this.ended) this.recordLine(this.line)
    if (this.line !== null) return
    const next = this.queue.shift()
    if (next === undefined) return
    const line = new LineRun(this.world, this.registry, next.line)
    line.parent = this
    this.line = line
    this.source = next.source
    this.ended = false
    if (line.family === 'lab') line.resume()
    else line.start()
  }

  /** A line is over. */
  procedureDone(procedure: Procedure): void {
    this.world.lab.sim.requestStop()
    const aside = this.asides.find((line) => line === procedure)
    if (aside === undefined) {
      this.ended = true
      return
    }
    this.asides = this.asides.filter((line) => line !== aside)
    this.record(aside, 'typed')
  }

  /** Lets `waiter` go on when so many disk I/Os have completed in all, or when nothing more will happen. */
  awaitStep(step: number, waiter: Procedure): void {
    waiter.expect()
    this.stepTarget = step
    this.stepWaiter = waiter
  }

  /** Wakes the command that waits for a step. */
  stepReached(): void {
    const waiter = this.stepWaiter
    this.stepTarget = Infinity
    this.stepWaiter = null
    waiter?.arrived()
  }

  /** What is under way fails, unless it had ended (it may have been the line that cut); lines that wait still run. */
  powerFailed(): void {
    const { line, asides } = this
    this.stepTarget = Infinity
    this.stepWaiter = null
    this.asides = []
    for (const aside of asides) {
      aside.powerFailed()
      this.record(aside, 'typed')
    }
    if (line === null) return
    if (!this.ended) line.powerFailed()
    this.recordLine(line)
  }

  private recordLine(line: LineRun): void {
    this.record(line, this.source)
    this.line = null
    this.ended = false
  }

  private record(line: LineRun, source: CommandSource): void {
    this.results.push({
      command: line.line.text,
      argv0: line.name,
      family: line.family,
      stdout: line.stdout,
      stderr: line.stderr,
      status: line.status,
      begun: line.begun,
      at: this.world.lab.sim.now,
      source,
      cause: line.cause,
    })
  }
}
