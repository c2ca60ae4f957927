/** cmp: where two files differ first, or everywhere. */
import { DONE } from '../sim/procedure.ts'
import { CommandRun, type CommandSpec, type Invocation, type World } from './command.ts'
import { getopt } from './getopt.ts'
import { openFailure } from './line_run.ts'
import type { FileIo, OpenFile } from './open_file.ts'
import { ENDLESS_READ_TIME, openInput } from './reading_command.ts'
import { BYTE_COUNT_HINT, parseByteCount } from './size_text.ts'

const PIECE_BYTES = 64 << 10

/** Exit status when something else than a difference is the matter. */
const TROUBLE = 2

const NEWLINE = 10

/** How far one of the two files has been read. */
interface Side {
  readonly path: string
  readonly file: OpenFile
  readonly skip: number
  readonly buffer: number
  io: FileIo | null
  /** Bytes in the buffer; fewer than wanted only at the end. */
  filled: number
  ended: boolean
  /** Why the rest cannot be read; what was read before is compared all the same. */
  error: string
}

class CmpRun extends CommandRun {
  private readonly invocation: Invocation
  private readonly sides: Side[]
  private silent: boolean
  private everywhere: boolean
  private limit: number
  /** Bytes compared so far, and the newlines among them. */
  private compared: number
  private newlines: number
  private lastWasNewline: boolean

  constructor(world: World, invocation: Invocation) {
    super(world, invocation, 'prepare')
    this.invocation = invocation
    this.sides = []
    this.silent = false
    this.everywhere = false
    this.limit = Infinity
    this.compared = 0
    this.newlines = 0
    this.lastWasNewline = true
  }

  override steps() {
    return CMP_STEPS
  }

  prepare(): string {
    const long = { bytes: 'n', 'ignore-initial': 'i', quiet: 's', silent: 's', verbose: 'l' }
    const options = getopt(this.argv, 'sln:i:', long)
    if (!options.ok) return this.refuse(options.message, TROUBLE)
    const { given, words } = options.value
    const skips: (number | null)[] = [0, 0]
    for (const { name, value } of given) {
      if (name === 's') this.silent = true
      else if (name === 'l') this.everywhere = true
      else if (name === 'n') {
        const limit = parseByteCount(value)
        if (limit === null) return this.refuse(`invalid --bytes value '${value}'; ${BYTE_COUNT_HINT}`, TROUBLE)
        this.limit = Math.min(this.limit, limit)
      } else {
        const [first, second = first, ...rest] = value.split(':')
        skips[0] = rest.length === 0 ? parseByteCount(first) : null
        skips[1] = parseByteCount(second)
      }
    }
    if (words.length === 0) return this.refuse('missing operand; two files are wanted', TROUBLE)
    if (words.length > 4) return this.refuse(`extra operand '${words[4]}'; two files are wanted`, TROUBLE)
    if (words.length > 2) skips[0] = parseByteCount(words[2])
    if (words.length > 3) skips[1] = parseByteCount(words[3])
    if (skips[0] === null || skips[1] === null) {
      return this.refuse(`invalid number of bytes to skip; ${BYTE_COUNT_HINT}`, TROUBLE)
    }
    if (this.silent && this.everywhere) return this.refuse('options -l and -s are incompatible', TROUBLE)
    const paths = [words[0], words[1] ?? '-']
    for (const [i, path] of paths.entries()) {
      const file = openInput(this.world, this.invocation, path)
      if (!file.ok) {
        if (this.silent) this.status = TROUBLE
        else this.refuse(`${path}: ${openFailure(file, path)}`, TROUBLE)
        return 'close'
      }
      const skip = skips[i] ?? 0
      const buffer = this.sim.memory.allocate(PIECE_BYTES)
      this.sides.push({ path, file: file.value, skip, buffer, io: null, filled: 0, ended: false, error: '' })
    }
    return 'read'
  }

  /** Fills both buffers, as far as their files go. */
  read(): string {
    const wanted = Math.min(PIECE_BYTES, this.limit - this.compared)
    if (wanted === 0) return 'close'
    for (const side of this.sides) side.filled = 0
    return 'fill'
  }

  fill(): string {
    const wanted = Math.min(PIECE_BYTES, this.limit - this.compared)
    for (const side of this.sides) {
      const { io } = side
      side.io = null
      if (io !== null) {
        side.filled += io.count
        side.ended = io.count === 0
        if (io.error !== null) side.error = io.reason()
      }
      if (side.ended || side.filled === wanted) continue
      const at = side.skip + this.compared + side.filled
      side.io = side.file.read(at, wanted - side.filled, side.buffer + side.filled)
      this.call(side.io)
      if (side.file.size() === Infinity) this.sleep(ENDLESS_READ_TIME)
      return 'fill'
    }
    return 'compare'
  }

  compare(): string {
    const [a, b] = this.sides
    const { bytes } = this.sim.memory
    const length = Math.min(a.filled, b.filled)
    let at = firstDifference(bytes, a.buffer, b.buffer, length)
    if (at < length) {
      this.status = 1
      if (this.silent) return 'close'
      if (!this.everywhere) {
        // Without a locale, as in a rescue shell, cmp speaks of characters; it means bytes.
        this.newlines += countNewlines(bytes, a.buffer, at)
        this.print(`${a.path} ${b.path} differ: char ${this.compared + at + 1}, line ${this.newlines + 1}`)
        return 'close'
      }
      for (; at < length; at++) this.printDifference(at, bytes[a.buffer + at], bytes[b.buffer + at])
    }
    this.compared += length
    if (length > 0) {
      this.newlines += countNewlines(bytes, a.buffer, length)
      this.lastWasNewline = bytes[a.buffer + length - 1] === NEWLINE
    }
    for (const { path, error } of this.sides) {
      if (error === '') continue
      this.refuse(`${path}: ${error}`, TROUBLE)
      return 'close'
    }
    if (a.filled !== b.filled) return this.endsEarly(a.filled < b.filled ? a : b)
    return length === 0 ? 'close' : 'read'
  }

  private printDifference(at: number, a: number, b: number): void {
    if (a === b) return
    const longest = this.sides.reduce((least, { file, skip }) => {
      return file.fixedSize || !file.seekable ? least : Math.min(least, file.size() - skip)
    }, this.limit)
    const width = Number.isFinite(longest) ? String(longest).length : 19
    const number = String(this.compared + at + 1).padStart(width)
    this.print(`${number} ${a.toString(8).padStart(3)} ${b.toString(8).padStart(3)}`)
  }

  private endsEarly(side: Side): string {
    this.status = 1
    if (this.silent) return 'close'
    let where = `after byte ${this.compared}`
    if (this.compared === 0) where = 'which is empty'
    else if (!this.everywhere) {
      where += this.lastWasNewline ? `, line ${this.newlines}` : `, in line ${this.newlines + 1}`
    }
    this.stderr += `cmp: EOF on ${side.path} ${where}\n`
    return 'close'
  }

  close(): string {
    for (const { file, buffer } of this.sides) {
      this.sim.memory.free(buffer)
      this.call(file.close())
    }
    return DONE
  }
}

const CMP_STEPS = {
  prepare: (cmp: CmpRun) => cmp.prepare(),
  read: (cmp: CmpRun) => cmp.read(),
  fill: (cmp: CmpRun) => cmp.fill(),
  compare: (cmp: CmpRun) => cmp.compare(),
  close: (cmp: CmpRun) => cmp.close(),
}

/** @returns the index of the first byte that differs, or `length`. Both addresses are aligned to pages. */
function firstDifference(bytes: Uint8Array, a: number, b: number, length: number): number {
  const words = length >> 2
  const aWords = new Int32Array(bytes.buffer, bytes.byteOffset + a, words)
  const bWords = new Int32Array(bytes.buffer, bytes.byteOffset + b, words)
  let word = 0
  while (word < words && aWords[word] === bWords[word]) word++
  let at = word * 4
  while (at < length && bytes[a + at] === bytes[b + at]) at++
  return at
}

function countNewlines(bytes: Uint8Array, address: number, length: number): number {
  const part = bytes.subarray(address, address + length)
  let count = 0
  for (let at = part.indexOf(NEWLINE); at >= 0; at = part.indexOf(NEWLINE, at + 1)) count++
  return count
}

export const CMP: CommandSpec = {
  name: 'cmp',
  family: 'linux',
  usage: '[-s] [-l] [-n LIMIT] [-i SKIP[:SKIP2]] FILE1 [FILE2]',
  summary: 'Compares two files byte by byte.',
  begin: (world, invocation) => new CmpRun(world, invocation),
}
