/** Commands that read files from beginning to end: cat, sha256sum, hexdump. */
import { ok, type Result } from '../base/errno.ts'
import { DONE } from '../sim/procedure.ts'
import { MICROSECOND } from '../sim/sim.ts'
import { CommandRun, type Invocation, type World } from './command.ts'
import { openFailure } from './line_run.ts'
import { TextFile } from './memory_files.ts'
import { openFile } from './namespace.ts'
import type { FileIo, OpenFile } from './open_file.ts'
import { bytesOfText } from './text_bytes.ts'

/** The time it takes to read a piece of a file that has no end: what reads it forever must not do so at one instant. */
export const ENDLESS_READ_TIME = 10 * MICROSECOND

/** What a command may print, in bytes; a console is no place for the contents of a disk. */
export const OUTPUT_LIMIT = 16 << 20
export const TOO_MUCH_OUTPUT = 'more than 16 MiB of output; dd if=… of=… copies without keeping it all'

/** Opens a file to read; `-` is standard input. */
export function openInput(world: World, invocation: Invocation, path: string): Result<OpenFile> {
  const { stdin, stdinPath, cause } = invocation
  if (path !== '-') return openFile(world.kernel, path, {}, cause)
  if (stdin === null && stdinPath !== undefined) return openFile(world.kernel, stdinPath, {}, cause)
  return ok(new TextFile(world.lab.sim, '-', bytesOfText(stdin ?? ''), null))
}

export abstract class ReadingCommand extends CommandRun {
  private readonly invocation: Invocation
  /** What is read at once, in bytes. */
  private readonly pieceBytes: number
  protected paths: readonly string[]
  private index: number
  private file: OpenFile | null
  private io: FileIo | null
  private buffer: number
  /** Where in the present file the next piece begins. */
  protected at: number
  /** Bytes still to be read of all files together. */
  protected remaining: number

  constructor(world: World, invocation: Invocation, pieceBytes: number) {
    super(world, invocation, 'first')
    this.invocation = invocation
    this.pieceBytes = pieceBytes
    this.paths = []
    this.index = 0
    this.file = null
    this.io = null
    this.buffer = 0
    this.at = 0
    this.remaining = Infinity
  }

  override steps() {
    return READING_STEPS
  }

  /** Reads the arguments and sets {@link paths}. @returns false when they were refused. */
  protected abstract prepare(): boolean
  /** A file was opened. @returns where to begin, or null when it was refused. */
  protected opened(_file: OpenFile): number | null {
    return 0
  }
  /** Takes what was read. @returns false when no more is wanted. */
  protected abstract take(address: number, length: number): boolean
  /** A file could not be read to its end. */
  protected readFailed(path: string, reason: string): void {
    this.refuse(`${path}: ${reason}`)
  }
  /** A file was read to its end. */
  protected abstract fileEnd(path: string): void
  /** All files were read. */
  protected finished(): void {}

  first(): string {
    if (!this.prepare()) return DONE
    if (this.paths.length === 0) this.paths = ['-']
    this.buffer = this.sim.memory.allocate(this.pieceBytes)
    return 'open'
  }

  open(): string {
    if (this.index >= this.paths.length || this.remaining <= 0) return 'end'
    const path = this.paths[this.index]
    const file = openInput(this.world, this.invocation, path)
    if (!file.ok) {
      this.index++
      this.refuse(`${path}: ${openFailure(file, path)}`)
      return 'open'
    }
    this.file = file.value
    const at = this.opened(file.value)
    if (at === null) return 'close'
    this.at = at
    return 'read'
  }

  read(): string {
    const { file } = this
    if (file === null) return 'open'
    this.io = file.read(this.at, Math.min(this.pieceBytes, this.remaining), this.buffer)
    this.call(this.io)
    if (file.size() === Infinity) this.sleep(ENDLESS_READ_TIME)
    return 'got'
  }

  got(): string {
    const { io } = this
    const path = this.paths[this.index]
    if (io === null) return 'close'
    if (io.error !== null) {
      this.readFailed(path, io.reason())
      return 'close'
    }
    if (io.count === 0) {
      this.fileEnd(path)
      return 'close'
    }
    this.at += io.count
    this.remaining -= io.count
    if (!this.take(this.buffer, io.count)) {
      this.index = this.paths.length
      return 'close'
    }
    if (this.remaining > 0) return 'read'
    this.fileEnd(path)
    return 'close'
  }

  close(): string {
    if (this.file !== null) this.call(this.file.close())
    this.file = null
    this.index++
    return 'open'
  }

  end(): string {
    this.sim.memory.free(this.buffer)
    this.finished()
    return DONE
  }
}

const READING_STEPS = {
  first: (command: ReadingCommand) => command.first(),
  open: (command: ReadingCommand) => command.open(),
  read: (command: ReadingCommand) => command.read(),
  got: (command: ReadingCommand) => command.got(),
  close: (command: ReadingCommand) => command.close(),
  end: (command: ReadingCommand) => command.end(),
}
