/** Open files as commands use them: positions and lengths in bytes, buffers in the machine's memory. */
import { DONE, Procedure } from '../sim/procedure.ts'
import { STRERROR, type Errno } from '../base/errno.ts'
import type { Sim } from '../sim/sim.ts'

/** One read, write, sync or close under way; its outcome when it is over. */
export abstract class FileIo extends Procedure {
  /** Bytes transferred; less than wanted at the end of a file, or before an error. */
  count = 0
  error: Errno | null = null
  /** What would be right, where the error's own text does not say it. */
  hint = ''

  /** The error as a person reads it. */
  reason(): string {
    if (this.error === null) return ''
    return STRERROR[this.error] + (this.hint === '' ? '' : ` (${this.hint})`)
  }
}

export abstract class OpenFile {
  readonly sim: Sim
  /** As it was named. */
  readonly path: string
  /** Whether there is a place to go to: not so for /dev/zero and the like. */
  readonly seekable: boolean
  /** Whether its length is fixed, as a device's is: then nothing can be skipped beyond its end. */
  readonly fixedSize: boolean

  constructor(sim: Sim, path: string, seekable: boolean, fixedSize: boolean) {
    this.sim = sim
    this.path = path
    this.seekable = seekable
    this.fixedSize = fixedSize
  }

  /** In bytes; Infinity where there is no end. */
  abstract size(): number
  abstract read(at: number, length: number, address: number): FileIo
  abstract write(at: number, length: number, address: number): FileIo

  /** Makes durable what was written, as fsync does. */
  sync(): FileIo {
    return new EndedIo(this.sim, 0, 'EINVAL')
  }

  /** To be called exactly once. */
  close(): FileIo {
    return new EndedIo(this.sim, 0, null)
  }
}

/** An I/O that was over as soon as it began. */
export class EndedIo extends FileIo {
  constructor(sim: Sim, count: number, error: Errno | null) {
    super(sim, DONE)
    this.count = count
    this.error = error
  }

  override steps() {
    return {}
  }
}
