import { DONE } from '../sim/procedure.ts'
import { FileIo, type OpenFile } from './open_file.ts'
import { bytesOfText } from './text_bytes.ts'

const PIECE_BYTES = 1 << 20

/** Writes a whole text to an open file, piece by piece. */
export class TextWrite extends FileIo {
  readonly file: OpenFile
  readonly at: number
  private readonly bytes: Uint8Array
  private readonly address: number
  private io: FileIo | null

  /** @param at where in the file it goes, in bytes. */
  constructor(file: OpenFile, text: string, at: number) {
    super(file.sim, 'write')
    this.file = file
    this.at = at
    this.bytes = bytesOfText(text)
    this.address = this.sim.memory.allocate(Math.min(PIECE_BYTES, this.bytes.length))
    this.io = null
  }

  override steps() {
    return TEXT_WRITE_STEPS
  }

  write(): string {
    const { bytes, address, io } = this
    if (io !== null) {
      this.count += io.count
      this.error = io.error ?? (io.count === 0 ? 'ENOSPC' : null)
      this.hint = io.hint
    }
    const length = Math.min(PIECE_BYTES, bytes.length - this.count)
    if (this.error !== null || length === 0) {
      this.sim.memory.free(address)
      return DONE
    }
    this.sim.memory.bytes.set(bytes.subarray(this.count, this.count + length), address)
    this.io = this.file.write(this.at + this.count, length, address)
    this.call(this.io)
    return 'write'
  }
}

const TEXT_WRITE_STEPS = {
  write: (io: TextWrite) => io.write(),
}
