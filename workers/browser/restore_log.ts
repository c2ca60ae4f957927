/**
 * The log of a restoration. When another moment becomes the live one, many sectors of several disks change, and so does the
 * description of the machine. A tab may die in the middle of that: so all of it is written here first, then a mark that it is
 * complete, and only then into its places.
 *
 *     empty ──begin, add──► gathered ──commit──► committed ──(into place)──► done: empty
 *
 * A visit that finds a log without the mark forgets it: nothing had changed. One that finds it committed puts everything into
 * place again, from the beginning, however far the visit before had come.
 *
 * The file: 24 bytes of head (mark, length of what follows, its check), then records of 16 bytes (length of the name, length of
 * the bytes, where), name and bytes. A record without a name is the new description.
 */
import type { Restoring } from '../../engine/lab/machine.ts'

/** What is used of a file. */
export type LogFile = Pick<FileSystemSyncAccessHandle, 'read' | 'write' | 'truncate' | 'getSize' | 'flush'>

/** Bytes that belong into a file. */
export interface LoggedWrite {
  readonly file: string
  readonly at: number
  readonly bytes: Uint8Array<ArrayBuffer>
}

const MARK = 0x62_73_72_31
const HEAD_BYTES = 24
const RECORD_BYTES = 16

export class RestoreLog {
  readonly #file: LogFile
  #end = HEAD_BYTES

  constructor(file: LogFile) {
    this.#file = file
  }

  begin(): void {
    this.clear()
    this.#end = HEAD_BYTES
  }

  /** @errors QuotaExceededError where the browser gives no room */
  add(file: string, at: number, bytes: Uint8Array): void {
    const name = new TextEncoder().encode(file)
    const record = new Uint8Array(RECORD_BYTES + name.length + bytes.length)
    const view = new DataView(record.buffer)
    view.setUint32(0, name.length)
    view.setUint32(4, bytes.length)
    view.setFloat64(8, at)
    record.set(name, RECORD_BYTES)
    record.set(bytes, RECORD_BYTES + name.length)
    this.#write(record, this.#end)
    this.#end += record.length
  }

  /** Adds the new description, and says that all is there. @errors as {@link add} */
  commit(description: string): void {
    this.add('', 0, new TextEncoder().encode(description))
    this.#file.flush()
    const head = new Uint8Array(HEAD_BYTES)
    const view = new DataView(head.buffer)
    view.setUint32(0, MARK)
    view.setFloat64(4, this.#end)
    view.setUint32(12, checkOf(this.#end))
    this.#write(head, 0)
    this.#file.flush()
  }

  /** All is in its place, or nothing is to be. */
  clear(): void {
    if (this.#file.getSize() === 0) return
    this.#file.truncate(0)
    this.#file.flush()
  }

  /** What a visit before had committed and not finished; null where there is no such thing. */
  pending(): { readonly writes: readonly LoggedWrite[]; readonly description: string } | null {
    const head = this.#read(0, HEAD_BYTES)
    const end = head?.getFloat64(4) ?? 0
    if (head === null || head.getUint32(0) !== MARK || head.getUint32(12) !== checkOf(end)) return null
    if (!(end <= this.#file.getSize())) return null
    const writes: LoggedWrite[] = []
    for (let at = HEAD_BYTES; at < end;) {
      const record = this.#read(at, RECORD_BYTES)
      const names = record === null ? null : this.#read(at + RECORD_BYTES, record.getUint32(0))
      if (record === null || names === null) return null
      const body = this.#read(at + RECORD_BYTES + names.byteLength, record.getUint32(4))
      if (body === null) return null
      const file = new TextDecoder().decode(names)
      const bytes = new Uint8Array(body.buffer)
      if (file === '') return { writes, description: new TextDecoder().decode(bytes) }
      writes.push({ file, at: record.getFloat64(8), bytes })
      at += RECORD_BYTES + names.byteLength + bytes.length
    }
    return null
  }

  #read(at: number, length: number): DataView<ArrayBuffer> | null {
    const bytes = new Uint8Array(length)
    return this.#file.read(bytes, { at }) === length ? new DataView(bytes.buffer) : null
  }

  #write(bytes: Uint8Array<ArrayBuffer>, at: number): void {
    const count = this.#file.write(bytes, { at })
    if (count !== bytes.length) throw new Error(`the browser wrote ${count} of ${bytes.length} bytes`)
  }
}

function checkOf(end: number): number {
  return (Math.imul((end % 0x1_0000_0000) | 0, 0x9e3779b1) ^ MARK) >>> 0
}

/** What a restoration needs of the store whose disks it is about. */
export interface RestoreStore {
  /** The file of a disk, or null where it has none. */
  fileOf(disk: string): string | null
  /** The description of the machine as it will be. */
  describe(): string
  /**
   * Everything is in the disks' files: the description is to be written, and all of it made to last.
   * @returns false where that failed: the log is to stay, for the next visit
   */
  done(): boolean
  /** There was no room for the log: it goes on without. */
  unsafe(reason: string): void
}

/** A restoration that is noted in a log before it is carried out. */
export class LoggedRestore implements Restoring {
  readonly #log: RestoreLog
  readonly #store: RestoreStore
  #isLogged = true

  constructor(log: RestoreLog, store: RestoreStore) {
    this.#log = log
    this.#store = store
    this.#attempt(() => log.begin())
  }

  note(disk: string, at: number, bytes: Uint8Array): void {
    const file = this.#store.fileOf(disk)
    if (file !== null) this.#attempt(() => this.#log.add(file, at, bytes))
  }

  commit(): void {
    this.#attempt(() => this.#log.commit(this.#store.describe()))
  }

  done(): void {
    const isLasting = this.#store.done()
    if (this.#isLogged && isLasting) this.#log.clear()
  }

  #attempt(act: () => void): void {
    if (!this.#isLogged) return
    try {
      act()
    } catch (error) {
      this.#isLogged = false
      this.#log.clear()
      this.#store.unsafe(error instanceof Error ? error.message : String(error))
    }
  }
}
