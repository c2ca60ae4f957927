/** One parsed line being carried out: its files are opened, its command runs, what it printed goes where it should. */
import { STRERROR, type Failure } from '../base/errno.ts'
import { DONE, Procedure } from '../sim/procedure.ts'
import { TRACE } from '../sim/trace.ts'
import type { CommandRegistry, CommandRun, CommandSpec, Family, World } from './command.ts'
import { TextFile, TmpFile } from './memory_files.ts'
import { openFile } from './namespace.ts'
import type { OpenFile } from './open_file.ts'
import type { ParsedLine, Redirect } from './parse.ts'
import { nearestName } from './suggestion.ts'
import { bytesOfText, textOfBytes } from './text_bytes.ts'
import { TextWrite } from './text_write.ts'

/** Exit status of a shell that cannot read a line, and of one that does not know a command. */
const SYNTAX_ERROR = 2
const NOT_FOUND = 127

/** A file that an output goes to, and from which byte on. */
interface Output {
  readonly file: OpenFile
  readonly from: number
}

export class LineRun extends Procedure {
  readonly world: World
  readonly registry: CommandRegistry
  readonly line: ParsedLine
  /** Index into `sim.causes`. */
  readonly cause: number
  readonly begun: number
  /** The command, once it has begun. */
  run: CommandRun | null
  stdout: string
  stderr: string
  status: number
  private stdin: string | null
  private stdinPath: string | undefined
  /** Where standard output (1) and standard error (2) go; null for the console. */
  private readonly outputs: (Output | null)[]
  private writing: TextWrite | null

  constructor(world: World, registry: CommandRegistry, line: ParsedLine) {
    super(world.lab.sim, 'open')
    this.world = world
    this.registry = registry
    this.line = line
    this.cause = this.sim.cause(line.text)
    this.begun = this.sim.now
    this.run = null
    this.stdout = ''
    this.stderr = ''
    this.status = 0
    this.stdin = line.kind === 'command' ? line.stdin : null
    this.stdinPath = undefined
    this.outputs = [null, null, null]
    this.writing = null
  }

  override steps() {
    return LINE_STEPS
  }

  get name(): string {
    return this.line.kind === 'command' ? this.line.argv[0] : ''
  }

  get family(): Family {
    return this.spec()?.family ?? 'linux'
  }

  private spec(): CommandSpec | undefined {
    return this.registry.specs.get(this.name)
  }

  /** Opens what the line redirects. */
  open(): string {
    const { line, registry } = this
    this.sim.emit(TRACE.command_begin, this.cause)
    if (line.kind === 'error') {
      return this.refuse(`shell: line ${line.line}, column ${line.column}: ${line.message}`, SYNTAX_ERROR)
    }
    const spec = this.spec()
    if (spec === undefined) {
      const near = nearestName(this.name, [...registry.specs.keys()])
      const hint = near === null ? 'help lists the commands' : `did you mean ${near}?`
      return this.refuse(`${this.name}: command not found; ${hint}`, NOT_FOUND)
    }
    if (!this.world.lab.powerOn && (spec.family === 'linux' || line.redirects.length > 0)) {
      return this.refuse(`${this.name}: the power is off; power on switches it on`, 1)
    }
    for (const redirect of line.redirects) {
      const failure = this.redirect(redirect)
      if (failure !== null) return this.refuse(failure, 1)
    }
    return 'begin'
  }

  /** @returns what went wrong, or null. */
  private redirect({ stream, path, append }: Redirect): string | null {
    const options = stream === 0 ? {} : { write: true, create: true, truncate: !append }
    const opened = openFile(this.world.kernel, path, options, this.cause)
    if (!opened.ok) return `shell: ${path}: ${openFailure(opened, path)}`
    const file = opened.value
    if (stream === 0) {
      this.stdinPath = path
      this.stdin = file instanceof TmpFile || file instanceof TextFile ? textOfBytes(file.contents()) : null
      this.call(file.close())
      return null
    }
    const old = this.outputs[stream]
    const growing = append && file instanceof TmpFile
    this.outputs[stream] = { file, from: growing ? file.size() : 0 }
    if (old !== null) this.call(old.file.close())
    return null
  }

  begin(): string {
    const spec = this.spec()
    if (spec === undefined || this.line.kind === 'error') return 'close'
    const { argv } = this.line
    const { stdin, stdinPath, cause } = this
    this.run = spec.begin(this.world, { argv, stdin, stdinPath, cause })
    this.call(this.run)
    return 'collect'
  }

  collect(): string {
    if (this.run !== null) {
      this.status = this.run.status
      this.stdout = wellFormed(this.run.stdout)
      this.stderr = wellFormed(this.run.stderr)
    }
    const output = this.outputs[1]
    if (output === null || this.stdout === '') return 'writeErrors'
    this.writing = new TextWrite(output.file, this.stdout, output.from)
    this.stdout = ''
    this.call(this.writing)
    return 'written'
  }

  written(): string {
    if (this.writing !== null && this.writing.error !== null) {
      this.stderr += `${this.name}: write error: ${this.writing.reason()}\n`
      this.status = 1
    }
    return 'writeErrors'
  }

  writeErrors(): string {
    const output = this.outputs[2]
    if (output !== null && this.stderr !== '') {
      this.call(new TextWrite(output.file, this.stderr, output.from))
      this.stderr = ''
    }
    return 'close'
  }

  close(): string {
    for (const output of this.outputs) if (output !== null) this.call(output.file.close())
    return 'end'
  }

  end(): string {
    this.sim.emit(TRACE.command_end, this.cause, this.status)
    return DONE
  }

  /** The power went while this was under way: what it had printed is what there is. */
  powerFailed(): void {
    if (this.run !== null && this.stdout === '' && this.outputs[1] === null) this.stdout = wellFormed(this.run.stdout)
    if (this.run !== null && this.outputs[2] === null) this.stderr = wellFormed(this.run.stderr)
    this.stderr += `${this.name}: the power failed\n`
    this.status = 1
    this.sim.emit(TRACE.command_end, this.cause, this.status)
  }

  private refuse(message: string, status: number): string {
    this.stderr += message + '\n'
    this.status = status
    return 'close'
  }
}

const LINE_STEPS = {
  open: (line: LineRun) => line.open(),
  begin: (line: LineRun) => line.begin(),
  collect: (line: LineRun) => line.collect(),
  written: (line: LineRun) => line.written(),
  writeErrors: (line: LineRun) => line.writeErrors(),
  close: (line: LineRun) => line.close(),
  end: (line: LineRun) => line.end(),
}

/** Why a file could not be opened, with what would be right where the path cannot be. */
export function openFailure(failure: Failure, path: string): string {
  const reason = STRERROR[failure.errno]
  if (!path.startsWith('/')) return `${reason}; files here are below /dev, /proc, /sys and /tmp`
  if (failure.errno === 'EROFS') return `${reason}; files can be made below /tmp`
  return reason
}

/** Bytes that were printed in pieces and make a character only together become that character. */
function wellFormed(text: string): string {
  return /[\udc80-\udcff]/.test(text) ? textOfBytes(bytesOfText(text)) : text
}
