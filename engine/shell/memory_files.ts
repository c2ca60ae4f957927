/** Files that are no devices with blocks: /dev/null and its like, files in /tmp, and texts that the kernel makes up. */
import type { Result } from '../base/errno.ts'
import { DONE, type Procedure } from '../sim/procedure.ts'
import type { Sim } from '../sim/sim.ts'
import { EndedIo, FileIo, OpenFile } from './open_file.ts'
import { textOfBytes } from './text_bytes.ts'

export type CharacterDevice = 'null' | 'zero' | 'full' | 'urandom'

/** /dev/null, /dev/zero, /dev/full, /dev/urandom (whose bytes come from the machine's seed). */
export class CharacterFile extends OpenFile {
  readonly kind: CharacterDevice

  constructor(sim: Sim, path: string, kind: CharacterDevice) {
    super(sim, path, false, false)
    this.kind = kind
  }

  override size(): number {
    return this.kind === 'null' ? 0 : Infinity
  }

  override read(_at: number, length: number, address: number): FileIo {
    const { memory } = this.sim
    switch (this.kind) {
      case 'null':
        return new EndedIo(this.sim, 0, null)
      case 'zero':
      case 'full':
        memory.zero(address, length)
        break
      case 'urandom':
        this.sim.chance('urandom').fill(memory.bytes, address, address + length)
        break
    }
    return new EndedIo(this.sim, length, null)
  }

  override write(_at: number, length: number): FileIo {
    return this.kind === 'full' ? new EndedIo(this.sim, 0, 'ENOSPC') : new EndedIo(this.sim, length, null)
  }
}

/** All files in /tmp together may hold this much. */
export const TMP_BYTES = 256 << 20

/** A file in /tmp. What is written shows at its close. */
export class TmpFile extends OpenFile {
  readonly files: Map<string, Uint8Array>
  readonly name: string
  /** The bytes, with room behind them once something was written. */
  private bytes: Uint8Array
  private length: number
  private changed: boolean

  constructor(sim: Sim, path: string, files: Map<string, Uint8Array>, name: string) {
    super(sim, path, true, false)
    this.files = files
    this.name = name
    this.bytes = files.get(name) ?? new Uint8Array(0)
    this.length = this.bytes.length
    this.changed = false
  }

  override size(): number {
    return this.length
  }

  contents(): Uint8Array {
    return this.bytes.slice(0, this.length)
  }

  override read(at: number, wanted: number, address: number): FileIo {
    const length = Math.max(0, Math.min(wanted, this.length - at))
    this.sim.memory.bytes.set(this.bytes.subarray(at, at + length), address)
    return new EndedIo(this.sim, length, null)
  }

  override write(at: number, length: number, address: number): FileIo {
    if (!this.setLength(Math.max(this.length, at + length))) return new EndedIo(this.sim, 0, 'ENOSPC')
    this.bytes.set(this.sim.memory.bytes.subarray(address, address + length), at)
    return new EndedIo(this.sim, length, null)
  }

  /** Cuts the file, or lengthens it with zeros. @returns false when /tmp is full. */
  setLength(length: number): boolean {
    let used = length
    for (const [name, bytes] of this.files) if (name !== this.name) used += bytes.length
    if (used > TMP_BYTES) return false
    if (!this.changed || length > this.bytes.length) {
      const larger = new Uint8Array(Math.max(length, this.changed ? 2 * this.bytes.length : 0))
      larger.set(this.bytes.subarray(0, Math.min(this.length, length)))
      this.bytes = larger
    } else if (length < this.length) this.bytes.fill(0, length, this.length)
    this.changed = true
    this.length = length
    return true
  }

  override sync(): FileIo {
    return new EndedIo(this.sim, 0, null)
  }

  override close(): FileIo {
    if (this.changed) this.files.set(this.name, this.bytes.slice(0, this.length))
    return new EndedIo(this.sim, 0, null)
  }
}

/** A file of /proc or /sys that something can be written to. */
export interface Store {
  /** @returns the procedure to wait for, or null; refuses what does not fit. */
  store(value: string): Result<Procedure | null>
}

/** Bytes that were there when the file was opened; what is written goes to its {@link Store}. */
export class TextFile extends OpenFile {
  readonly bytes: Uint8Array
  readonly target: Store | null

  constructor(sim: Sim, path: string, bytes: Uint8Array, target: Store | null) {
    super(sim, path, true, false)
    this.bytes = bytes
    this.target = target
  }

  override size(): number {
    return this.bytes.length
  }

  contents(): Uint8Array {
    return this.bytes
  }

  override read(at: number, wanted: number, address: number): FileIo {
    const length = Math.max(0, Math.min(wanted, this.bytes.length - at))
    this.sim.memory.bytes.set(this.bytes.subarray(at, at + length), address)
    return new EndedIo(this.sim, length, null)
  }

  override write(_at: number, length: number, address: number): FileIo {
    if (this.target === null) return new EndedIo(this.sim, 0, 'EIO')
    const { bytes } = this.sim.memory
    return new StoreIo(this.sim, this.target, textOfBytes(bytes, address, address + length), length)
  }
}

class StoreIo extends FileIo {
  readonly target: Store
  readonly value: string
  readonly length: number

  constructor(sim: Sim, target: Store, value: string, length: number) {
    super(sim, 'store')
    this.target = target
    this.value = value
    this.length = length
  }

  override steps() {
    return STORE_STEPS
  }

  store(): string {
    const result = this.target.store(this.value)
    if (!result.ok) {
      this.error = result.errno
      this.hint = result.message
      return DONE
    }
    this.count = this.length
    if (result.value !== null) this.call(result.value)
    return DONE
  }
}

const STORE_STEPS = {
  store: (io: StoreIo) => io.store(),
}
