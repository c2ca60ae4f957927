import { SHARED } from '../../engine/base/copy.ts'
import type { Backing } from '../../engine/block/backing.ts'

/**
 * A disk's bytes in a file of the browser's private file system, through a synchronous access handle.
 *
 * What was written survives the tab at once; only the host's own crash asks for more, and that is awaited lazily: `flush`
 * notes it, and {@link flushNow}, called about once a second, does it.
 */
export class OpfsBacking implements Backing {
  readonly [SHARED] = true
  readonly sizeBytes: number
  readonly #handle: FileSystemSyncAccessHandle
  #isDirty = false

  /**
   * Makes the file as long as the disk; what was never written is zeros and takes no room.
   * @errors QuotaExceededError where the browser gives no room
   */
  constructor(handle: FileSystemSyncAccessHandle, sizeBytes: number) {
    this.#handle = handle
    this.sizeBytes = sizeBytes
    if (handle.getSize() !== sizeBytes) handle.truncate(sizeBytes)
  }

  read(at: number, into: Uint8Array<ArrayBuffer>): void {
    this.#check(at, into.length)
    const count = this.#handle.read(into, { at })
    if (count < into.length) into.fill(0, count)
  }

  /** @errors QuotaExceededError where the browser gives no more room */
  write(at: number, from: Uint8Array<ArrayBuffer>): void {
    this.#check(at, from.length)
    const count = this.#handle.write(from, { at })
    if (count !== from.length) throw new Error(`the browser wrote ${count} of ${from.length} bytes`)
    this.#isDirty = true
  }

  flush(): void {
    this.#isDirty = true
  }

  /** Hands to the host's disk what was written since. */
  flushNow(): void {
    if (!this.#isDirty) return
    this.#isDirty = false
    this.#handle.flush()
  }

  close(): void {
    this.flushNow()
    this.#handle.close()
  }

  #check(at: number, length: number): void {
    if (at < 0 || at + length > this.sizeBytes)
      throw new RangeError(`bytes ${at} to ${at + length} of ${this.sizeBytes}`)
  }
}
