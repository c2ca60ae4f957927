import { SHARED } from '../../engine/base/copy.ts'
import type { Backing } from '../../engine/block/backing.ts'
import { PageOverlay } from './page_overlay.ts'

/**
 * Whether the files of a machine are written to. Where the browser refuses a write, it is shut for all of them at once: the
 * files stay as they were at that instant, which is one that a power cut could have left, and what is written later is kept
 * in memory. Were it shut for one disk alone, the next visit would find disks of different instants.
 */
export class WriteGate {
  /** What the browser said when it refused; null as long as it takes everything. */
  reason: string | null = null

  shut(error: unknown): void {
    this.reason ??= error instanceof Error ? error.message : String(error)
  }
}

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
  readonly #gate: WriteGate
  #isDirty = false
  /** What the file did not take. */
  #overlay: PageOverlay | null = null

  /**
   * Makes the file as long as the disk; what was never written is zeros and takes no room.
   * @errors QuotaExceededError where the browser gives no room
   */
  constructor(handle: FileSystemSyncAccessHandle, sizeBytes: number, gate = new WriteGate()) {
    this.#handle = handle
    this.sizeBytes = sizeBytes
    this.#gate = gate
    if (handle.getSize() !== sizeBytes) handle.truncate(sizeBytes)
  }

  read(at: number, into: Uint8Array<ArrayBuffer>): void {
    this.#check(at, into.length)
    this.#readFile(at, into)
    this.#overlay?.cover(at, into)
  }

  write(at: number, from: Uint8Array<ArrayBuffer>): void {
    this.#check(at, from.length)
    if (this.#gate.reason === null) {
      try {
        this.#writeFile(at, from)
        return
      } catch (error) {
        this.#gate.shut(error)
      }
    }
    this.#overlay ??= new PageOverlay(this.sizeBytes, (below, into) => this.#readFile(below, into))
    this.#overlay.write(at, from)
  }

  flush(): void {
    this.#isDirty = true
  }

  /** Hands to the host's disk what was written since. */
  flushNow(): void {
    if (!this.#isDirty) return
    this.#isDirty = false
    try {
      this.#handle.flush()
    } catch (error) {
      this.#gate.shut(error)
    }
  }

  /** What the file did not take: pages, and where each begins. */
  overlay(): Iterable<readonly [number, Uint8Array<ArrayBuffer>]> {
    return this.#overlay?.pieces() ?? []
  }

  /**
   * Gives the file what it did not take before.
   * @errors as the browser's, when it refuses again: what was not taken is still in memory
   */
  writeBack(): void {
    for (const [at, page] of this.overlay()) this.#writeFile(at, page)
    this.#handle.flush()
  }

  /** The file has everything: nothing is in memory any more. */
  forgetOverlay(): void {
    this.#overlay = null
  }

  close(): void {
    this.flushNow()
    this.#handle.close()
  }

  #readFile(at: number, into: Uint8Array<ArrayBuffer>): void {
    const count = this.#handle.read(into, { at })
    if (count < into.length) into.fill(0, count)
  }

  #writeFile(at: number, from: Uint8Array<ArrayBuffer>): void {
    const count = this.#handle.write(from, { at })
    if (count !== from.length) throw new Error(`the browser wrote ${count} of ${from.length} bytes`)
    this.#isDirty = true
  }

  #check(at: number, length: number): void {
    if (at < 0 || at + length > this.sizeBytes)
      throw new RangeError(`bytes ${at} to ${at + length} of ${this.sizeBytes}`)
  }
}
