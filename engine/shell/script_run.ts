/** A script within a command: `power on` runs the boot script this way. */
import { DONE } from '../sim/procedure.ts'
import { CommandRun, type Invocation, type World } from './command.ts'
import { LineRun } from './line_run.ts'
import { parse, type ParsedLine } from './parse.ts'

export class ScriptRun extends CommandRun {
  private readonly lines: readonly ParsedLine[]
  private next: number
  /** The line under way, for the page. */
  line: LineRun | null

  /**
   * Runs every line of a text, whether the one before failed or not; their outputs are this command's, its status is that
   * of the first line that failed.
   */
  constructor(world: World, invocation: Invocation, text: string) {
    super(world, invocation, 'line')
    this.lines = parse(text)
    this.next = 0
    this.line = null
  }

  override steps() {
    return SCRIPT_STEPS
  }

  /** Takes what the last line printed, and begins the next. */
  advance(): string {
    const { line, world } = this
    if (line !== null) {
      this.stdout += line.stdout
      this.stderr += line.stderr
      if (this.status === 0) this.status = line.status
    }
    this.line = null
    if (this.next === this.lines.length) return DONE
    this.line = new LineRun(world, world.shell.registry, this.lines[this.next++])
    this.call(this.line)
    return 'line'
  }
}

const SCRIPT_STEPS = {
  line: (script: ScriptRun) => script.advance(),
}
