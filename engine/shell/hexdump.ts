/** hexdump -C. */
import { STRERROR } from '../base/errno.ts'
import type { CommandSpec, Invocation, World } from './command.ts'
import { getopt } from './getopt.ts'
import type { OpenFile } from './open_file.ts'
import { OUTPUT_LIMIT, ReadingCommand } from './reading_command.ts'
import { BYTE_COUNT_HINT, parseByteCount } from './size_text.ts'

const PIECE_BYTES = 64 << 10
const LINE_BYTES = 16

class HexdumpRun extends ReadingCommand {
  private skip: number
  /** Offset of the first byte of the line being gathered. */
  private offset: number
  private readonly lineBytes: Uint8Array
  private gathered: number
  /** The line before, to leave out those that are like it. */
  private readonly before: Uint8Array
  private anyBefore: boolean
  private squeezing: boolean
  private all: boolean

  constructor(world: World, invocation: Invocation) {
    super(world, invocation, PIECE_BYTES)
    this.skip = 0
    this.offset = 0
    this.lineBytes = new Uint8Array(LINE_BYTES)
    this.gathered = 0
    this.before = new Uint8Array(LINE_BYTES)
    this.anyBefore = false
    this.squeezing = false
    this.all = false
  }

  protected override prepare(): boolean {
    const long = { canonical: 'C', length: 'n', skip: 's', 'no-squeezing': 'v' }
    const options = getopt(this.argv, 'Cvn:s:', long)
    if (!options.ok) return this.wrong(options.message)
    let canonical = false
    for (const { name, value } of options.value.given) {
      const bytes = parseByteCount(value)
      if (name === 'C') canonical = true
      else if (name === 'v') this.all = true
      else if (bytes === null) {
        return this.wrong(`failed to parse ${name === 'n' ? 'length' : 'offset'}: '${value}'; ${BYTE_COUNT_HINT}`)
      } else if (name === 'n') this.remaining = bytes
      else this.skip = bytes
    }
    if (!canonical) return this.wrong('here there is only the canonical form: hexdump -C')
    this.paths = options.value.words
    return true
  }

  private wrong(message: string): boolean {
    this.refuse(message)
    return false
  }

  /** The real one says so, and ends as if all were well. */
  protected override readFailed(path: string, reason: string): void {
    this.stderr += `hexdump: ${path}: ${reason}\n`
  }

  protected override opened(file: OpenFile): number | null {
    const skipped = Math.min(this.skip, file.size())
    if (file.fixedSize && this.skip > file.size()) {
      this.refuse(`${file.path}: ${STRERROR.EINVAL}; it ends at byte ${file.size()}`)
      return null
    }
    this.skip -= skipped
    if (this.gathered === 0) this.offset += skipped
    return skipped
  }

  protected override take(address: number, length: number): boolean {
    const { bytes } = this.sim.memory
    for (let at = 0; at < length;) {
      const part = Math.min(LINE_BYTES - this.gathered, length - at)
      this.lineBytes.set(bytes.subarray(address + at, address + at + part), this.gathered)
      this.gathered += part
      at += part
      if (this.gathered === LINE_BYTES) this.line()
    }
    if (this.stdout.length <= OUTPUT_LIMIT) return true
    this.refuse('too much output; -n says how many bytes, -s where to begin')
    return false
  }

  /** A whole line: printed, or left out because it is like the one before. */
  private line(): void {
    this.gathered = 0
    const offset = this.offset
    this.offset += LINE_BYTES
    if (!this.all && this.anyBefore && this.sameAsBefore()) {
      if (!this.squeezing) this.stdout += '*\n'
      this.squeezing = true
      return
    }
    this.printLine(offset, LINE_BYTES)
    this.before.set(this.lineBytes)
    this.anyBefore = true
    this.squeezing = false
  }

  private sameAsBefore(): boolean {
    for (let i = 0; i < LINE_BYTES; i++) if (this.lineBytes[i] !== this.before[i]) return false
    return true
  }

  private printLine(offset: number, length: number): void {
    let hex = ''
    let text = ''
    for (let i = 0; i < length; i++) {
      const byte = this.lineBytes[i]
      hex += `${i === 8 ? '  ' : ' '}${byte.toString(16).padStart(2, '0')}`
      text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.'
    }
    this.stdout += `${hexOffset(offset)} ${hex.padEnd(LINE_BYTES * 3 + 1)}  |${text}|\n`
  }

  protected override fileEnd(): void {}

  protected override finished(): void {
    if (this.gathered > 0) this.printLine(this.offset, this.gathered)
    const end = this.offset + this.gathered
    if (end > 0) this.print(hexOffset(end))
  }
}

function hexOffset(offset: number): string {
  return offset.toString(16).padStart(8, '0')
}

export const HEXDUMP: CommandSpec = {
  name: 'hexdump',
  family: 'linux',
  usage: '-C [-v] [-n LENGTH] [-s OFFSET] [FILE]...',
  summary: 'Shows the bytes of files in hexadecimal and as text.',
  begin: (world, invocation) => new HexdumpRun(world, invocation),
}
