/** dd: copies by records, and says how many. */
import { STRERROR, type Errno } from '../base/errno.ts'
import { DONE } from '../sim/procedure.ts'
import { MICROSECOND } from '../sim/sim.ts'
import { BlockFile } from './block_file.ts'
import { CommandRun, type CommandSpec, type Invocation, type World } from './command.ts'
import { parseDdArguments, type DdArguments } from './dd_arguments.ts'
import { ddReport } from './dd_report.ts'
import { openFailure } from './line_run.ts'
import { TmpFile } from './memory_files.ts'
import { openFile } from './namespace.ts'
import type { FileIo, OpenFile } from './open_file.ts'
import { openInput, OUTPUT_LIMIT, TOO_MUCH_OUTPUT } from './reading_command.ts'
import { textOfBytes } from './text_bytes.ts'

/** What a record takes between two files that cost no time: 10 GB/s, and a little for the calls. */
const BYTES_PER_NANOSECOND = 10

class DdRun extends CommandRun {
  private readonly invocation: Invocation
  private readonly begun: number
  private settings: DdArguments | null
  private input: OpenFile | null
  private output: OpenFile | null
  private inputBuffer: number
  private outputBuffer: number
  private readAt: number
  private writeAt: number
  /** Bytes of the record being read that are in the buffer. */
  private filled: number
  /** Bytes of that record that were read before an error. */
  private partRead: number
  /** Where in the input buffer the bytes begin that are still to be written, and how many they are. */
  private from: number
  private left: number
  /** Bytes gathered in the output buffer. */
  private gathered: number
  /** The write under way: its address, length, and how much of it is done. */
  private writing: { address: number; length: number; done: number; last: boolean } | null
  private io: FileIo | null
  private syncAtEnd: 'none' | 'data' | 'all'
  private readonly counts: {
    readFull: number
    readPartial: number
    writtenFull: number
    writtenPartial: number
    writtenBytes: number
  }

  constructor(world: World, invocation: Invocation) {
    super(world, invocation, 'prepare')
    this.invocation = invocation
    this.begun = this.sim.now
    this.settings = null
    this.input = null
    this.output = null
    this.inputBuffer = 0
    this.outputBuffer = 0
    this.readAt = 0
    this.writeAt = 0
    this.filled = 0
    this.partRead = 0
    this.from = 0
    this.left = 0
    this.gathered = 0
    this.writing = null
    this.io = null
    this.syncAtEnd = 'none'
    this.counts = { readFull: 0, readPartial: 0, writtenFull: 0, writtenPartial: 0, writtenBytes: 0 }
  }

  override steps() {
    return DD_STEPS
  }

  private get arguments(): DdArguments {
    return this.settings as DdArguments
  }

  /** Reads the operands, opens both files, goes to where they say. */
  prepare(): string {
    const parsed = parseDdArguments(this.argv.slice(1))
    if (!parsed.ok) return this.refuse(parsed.message)
    this.settings = parsed.value
    const { inputBlock, outputBlock, gather, conversions } = parsed.value
    const { memory } = this.sim
    const room = memory.bytes.length - memory.usedPages * 4096
    if ((inputBlock + (gather ? outputBlock : 0)) * 2 > room) {
      return this.refuse(
        `memory exhausted: the machine has ${Math.floor(room / 2)} bytes for blocks; choose a smaller bs=`,
      )
    }
    if (!this.openFiles()) return 'close'
    this.inputBuffer = memory.allocate(inputBlock)
    if (gather) this.outputBuffer = memory.allocate(outputBlock)
    this.syncAtEnd = conversions.has('fsync') ? 'all' : conversions.has('fdatasync') ? 'data' : 'none'
    return this.goToOffsets() ? 'read' : 'sync'
  }

  private openFiles(): boolean {
    const { input, output, inputFlags, outputFlags, conversions, seek } = this.arguments
    const opened =
      input === null
        ? openInput(this.world, this.invocation, '-')
        : openFile(this.world.kernel, input, { direct: inputFlags.has('direct') }, this.cause)
    if (!opened.ok) return this.openRefused(input ?? '-', openFailure(opened, input ?? '/'))
    this.input = opened.value
    if (output === null) return true
    const options = {
      write: true,
      create: !conversions.has('nocreat'),
      exclusive: conversions.has('excl'),
      truncate: !conversions.has('notrunc') && seek === 0,
      direct: outputFlags.has('direct'),
      durable: outputFlags.has('dsync') || outputFlags.has('sync'),
    }
    const target = openFile(this.world.kernel, output, options, this.cause)
    if (!target.ok) return this.openRefused(output, openFailure(target, output))
    this.output = target.value
    if (target.value instanceof TmpFile && !conversions.has('notrunc') && seek > 0 && !target.value.setLength(seek)) {
      return this.openRefused(output, STRERROR.ENOSPC)
    }
    return true
  }

  private openRefused(path: string, reason: string): boolean {
    this.refuse(`failed to open '${path}': ${reason}`)
    return false
  }

  /** @returns false when an offset is beyond what there is. */
  private goToOffsets(): boolean {
    const { skip, seek, inputBlock, status, output } = this.arguments
    const file = this.input as OpenFile
    if (skip > 0 && file.fixedSize && skip > file.size()) return this.offsetRefused(file.path, 'skip')
    if (skip > file.size() && file.seekable) {
      if (skip - file.size() >= inputBlock && status !== 'none') {
        this.stderr += `dd: '${file.path}': cannot skip to specified offset\n`
      }
      this.readAt = file.size()
    } else this.readAt = skip
    if (seek === 0) return true
    const target = this.output
    if (target === null) return this.offsetRefused('standard output', 'seek')
    if (target.fixedSize && seek > target.size()) return this.offsetRefused(output ?? '', 'seek')
    this.writeAt = seek
    return true
  }

  private offsetRefused(path: string, what: 'skip' | 'seek'): boolean {
    this.refuse(`'${path}': cannot ${what}: ${STRERROR.EINVAL}; the offset is beyond its end`)
    return false
  }

  /** Reads the next record, or the rest of one. */
  read(): string {
    const { inputBlock, records, bytes, conversions } = this.arguments
    const { readFull, readPartial } = this.counts
    const file = this.input as OpenFile
    if (this.filled === 0) {
      if (readFull + readPartial >= records + (bytes > 0 ? 1 : 0)) return 'rest'
      if (conversions.has('sync') && conversions.has('noerror')) this.sim.memory.zero(this.inputBuffer, inputBlock)
    }
    const wanted = (readFull + readPartial >= records ? bytes : inputBlock) - this.filled
    this.io = file.read(this.readAt, wanted, this.inputBuffer + this.filled)
    this.call(this.io)
    if (!(file instanceof BlockFile) && !(this.output instanceof BlockFile)) {
      this.sleep(MICROSECOND + Math.round(inputBlock / BYTES_PER_NANOSECOND))
    }
    return 'got'
  }

  /** What to do about what was read. */
  got(): string {
    const { inputBlock, conversions, inputFlags, records, bytes } = this.arguments
    const { counts, inputBuffer } = this
    const io = this.io as FileIo
    if (io.error !== null) return this.readFailed(io)
    this.readAt += io.count
    this.filled += io.count
    const wanted = counts.readFull + counts.readPartial >= records ? bytes : inputBlock
    if (inputFlags.has('fullblock') && io.count > 0 && this.filled < wanted) return 'read'
    let length = this.filled
    this.filled = 0
    if (length === 0) return 'rest'
    if (length < inputBlock) {
      counts.readPartial++
      this.partRead = length
      if (conversions.has('sync')) {
        if (!conversions.has('noerror')) this.sim.memory.zero(inputBuffer + length, inputBlock - length)
        length = inputBlock
      }
    } else {
      counts.readFull++
      this.partRead = 0
    }
    this.from = 0
    this.left = length
    return 'distribute'
  }

  /** conv=noerror goes on behind the record; with conv=sync a record of zeros stands for it. */
  private readFailed(io: FileIo): string {
    const { inputBlock, conversions, status } = this.arguments
    const { counts } = this
    const file = this.input as OpenFile
    if (!conversions.has('noerror') || status !== 'none') {
      this.stderr += `dd: error reading '${file.path}': ${io.reason()}\n`
    }
    this.filled = 0
    if (!conversions.has('noerror')) {
      this.status = 1
      return 'rest'
    }
    this.report()
    this.readAt += inputBlock - this.partRead
    if (!conversions.has('sync') || this.partRead > 0) return 'read'
    counts.readPartial++
    this.from = 0
    this.left = inputBlock
    return 'distribute'
  }

  /** Hands the record to the output, or gathers it into output blocks. */
  distribute(): string {
    const { gather, outputBlock, inputBlock } = this.arguments
    if (this.left === 0) return 'read'
    if (!gather) {
      this.writing = { address: this.inputBuffer, length: this.left, done: 0, last: this.left < inputBlock }
      this.left = 0
      return 'write'
    }
    const length = Math.min(this.left, outputBlock - this.gathered)
    this.sim.memory.copy(this.outputBuffer + this.gathered, this.inputBuffer + this.from, length)
    this.from += length
    this.left -= length
    this.gathered += length
    if (this.gathered < outputBlock) return 'read'
    this.gathered = 0
    this.writing = { address: this.outputBuffer, length: outputBlock, done: 0, last: false }
    return 'write'
  }

  /** What was gathered and is no whole block. */
  rest(): string {
    if (this.gathered === 0) return 'sync'
    this.writing = { address: this.outputBuffer, length: this.gathered, done: 0, last: true }
    this.gathered = 0
    return 'write'
  }

  write(): string {
    const writing = this.writing as { address: number; length: number; done: number }
    const { output } = this
    if (output === null) {
      if (this.stdout.length + writing.length > OUTPUT_LIMIT) {
        this.refuse(TOO_MUCH_OUTPUT)
        return 'sync'
      }
      this.stdout += textOfBytes(this.sim.memory.bytes, writing.address, writing.address + writing.length)
      writing.done = writing.length
      return 'wrote'
    }
    // A last block that is short cannot be direct: it goes through the cache, and is made durable at once.
    if (writing.length < this.arguments.outputBlock && output instanceof BlockFile && output.direct) {
      output.direct = false
      this.syncAtEnd = 'all'
    }
    this.io = output.write(this.writeAt, writing.length - writing.done, writing.address + writing.done)
    this.call(this.io)
    return 'wrote'
  }

  wrote(): string {
    const { counts, io, output } = this
    const writing = this.writing as { length: number; done: number; last: boolean }
    let error: Errno | null = null
    if (output !== null && io !== null) {
      writing.done += io.count
      this.writeAt += io.count
      error = io.error ?? (io.count === 0 ? 'ENOSPC' : null)
    }
    if (error === null && writing.done < writing.length) return 'write'
    this.writing = null
    counts.writtenBytes += writing.done
    if (error !== null) {
      const { gather } = this.arguments
      if (gather && writing.done > 0) counts.writtenPartial++
      this.refuse(`error writing '${output?.path ?? ''}': ${io?.reason() || STRERROR[error]}`)
      return 'sync'
    }
    if (writing.last) counts.writtenPartial++
    else counts.writtenFull++
    if (writing.last && this.arguments.gather) return 'sync'
    return this.left > 0 ? 'distribute' : 'read'
  }

  sync(): string {
    this.io = null
    if (this.output === null || this.syncAtEnd === 'none') return 'close'
    this.io = this.output.sync()
    this.call(this.io)
    return 'synced'
  }

  synced(): string {
    const { io } = this
    if (io !== null && io.error !== null) {
      const what = this.syncAtEnd === 'data' ? 'fdatasync' : 'fsync'
      this.refuse(`${what} failed for '${this.output?.path ?? ''}': ${io.reason()}`)
    }
    return 'close'
  }

  close(): string {
    if (this.input !== null) this.call(this.input.close())
    if (this.output !== null) this.call(this.output.close())
    return 'end'
  }

  end(): string {
    const { memory } = this.sim
    if (this.inputBuffer === 0) return DONE
    memory.free(this.inputBuffer)
    if (this.outputBuffer !== 0) memory.free(this.outputBuffer)
    this.report()
    return DONE
  }

  private report(): void {
    const { status } = this.arguments
    if (status !== 'none') this.stderr += ddReport(this.counts, this.sim.now - this.begun, status !== 'noxfer')
  }
}

const DD_STEPS = {
  prepare: (dd: DdRun) => dd.prepare(),
  read: (dd: DdRun) => dd.read(),
  got: (dd: DdRun) => dd.got(),
  distribute: (dd: DdRun) => dd.distribute(),
  rest: (dd: DdRun) => dd.rest(),
  write: (dd: DdRun) => dd.write(),
  wrote: (dd: DdRun) => dd.wrote(),
  sync: (dd: DdRun) => dd.sync(),
  synced: (dd: DdRun) => dd.synced(),
  close: (dd: DdRun) => dd.close(),
  end: (dd: DdRun) => dd.end(),
}

export const DD: CommandSpec = {
  name: 'dd',
  family: 'linux',
  usage:
    '[if=FILE] [of=FILE] [bs=N] [count=N] [skip=N] [seek=N] [iflag=direct] [oflag=direct] [conv=fsync,notrunc] [status=none]',
  summary: 'Copies a file record by record.',
  begin: (world, invocation) => new DdRun(world, invocation),
}
