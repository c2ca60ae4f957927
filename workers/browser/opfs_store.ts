/**
 * A machine in the browser's private file system: one folder with a file per disk and `machine.json`, which says what they are.
 *
 * Opening a file takes a moment and an `await`; a command that creates a disk has neither. So a few spare files are open at
 * all times, and a new disk takes one of them: which disk has which file stands in `machine.json`. Files that no disk has
 * are removed on the next visit. `machine.json` is held open too, and thereby keeps other tabs away.
 */
import type * as Restores from './restore_log.ts'
import { assert } from '../../engine/base/assert.ts'
import type { Restoring } from '../../engine/lab/machine.ts'
import { OpfsBacking } from './opfs_backing.ts'
import { StoreError, type MachineStore, type StoredMachine } from './machine_store.ts'

const TABLE_FILE = 'machine.json'
const LOG_FILE = 'restore.log'
const SPARES = 4
/** How long the tab before this one may take to let go of the files after it was closed or reloaded, in milliseconds. */
const LOCK_PATIENCE = 3000
const LOCK_RETRY = 50
const VERSION = 1

/** `machine.json`. */
interface Table {
  readonly version: number
  /** Disk name to file name. */
  readonly files: Readonly<Record<string, string>>
  readonly machine: StoredMachine
}

interface OpenFile {
  readonly name: string
  readonly handle: FileSystemSyncAccessHandle
}

/** Whether this browser has what an {@link OpfsStore} needs. */
export function isOpfsKnown(): boolean {
  return (
    typeof navigator.storage?.getDirectory === 'function' &&
    typeof FileSystemFileHandle === 'function' &&
    'createSyncAccessHandle' in FileSystemFileHandle.prototype
  )
}

export class OpfsStore implements MachineStore {
  readonly kind = 'opfs'
  readonly notices: string[] = []
  stored: StoredMachine | null = null
  readonly #folder: FileSystemDirectoryHandle
  readonly #table: FileSystemSyncAccessHandle
  readonly #images = new Map<string, { readonly file: string; readonly backing: OpfsBacking }>()
  /** Given up: older disks of a name, whose bytes a kept copy of the machine may still look at. */
  readonly #retired: OpfsBacking[] = []
  readonly #spares: OpenFile[] = []
  readonly #log: FileSystemSyncAccessHandle
  #restores: Pick<typeof Restores, 'LoggedRestore' | 'RestoreLog'> | null = null
  #nextFile = 0

  private constructor(
    folder: FileSystemDirectoryHandle,
    table: FileSystemSyncAccessHandle,
    log: FileSystemSyncAccessHandle,
  ) {
    this.#folder = folder
    this.#table = table
    this.#log = log
  }

  /**
   * Opens the machine of this name, or an empty place for it.
   * @errors StoreError where another tab has it, or `machine.json` cannot be understood; SecurityError where the browser
   * keeps no files for this page
   */
  static async open(name: string): Promise<OpfsStore> {
    const root = await navigator.storage.getDirectory()
    const machines = await root.getDirectoryHandle('machines', { create: true })
    const folder = await machines.getDirectoryHandle(name, { create: true })
    const table = await openPatiently(await folder.getFileHandle(TABLE_FILE, { create: true }))
    const log = await openPatiently(await folder.getFileHandle(LOG_FILE, { create: true }))
    const store = new OpfsStore(folder, table, log)
    try {
      await store.#load()
    } catch (error) {
      store.close()
      throw error
    }
    return store
  }

  /**
   * Removes a machine that is not open, whatever is in its folder.
   * @errors StoreError where another tab has it open
   */
  static async remove(name: string): Promise<void> {
    const root = await navigator.storage.getDirectory()
    const machines = await root.getDirectoryHandle('machines', { create: true })
    try {
      await machines.removeEntry(name, { recursive: true })
    } catch (error) {
      if (isNamed(error, 'NotFoundError')) return
      if (isNamed(error, 'NoModificationAllowedError') || isNamed(error, 'InvalidModificationError')) throw locked()
      throw error
    }
  }

  /**
   * The recordings that a stored machine's disks hold, by their names, without opening it: whoever asks may go elsewhere.
   * @returns none where there is no machine, or its description cannot be read
   */
  static async recordings(name: string): Promise<readonly string[]> {
    try {
      const root = await navigator.storage.getDirectory()
      const machines = await root.getDirectoryHandle('machines')
      const folder = await machines.getDirectoryHandle(name)
      const file = await (await folder.getFileHandle(TABLE_FILE)).getFile()
      const { machine } = JSON.parse(await file.text()) as Table
      return [machine.recording, machine.formerly].filter((id) => typeof id === 'string')
    } catch {
      return []
    }
  }

  image(name: string): OpfsBacking | null {
    return this.#images.get(name)?.backing ?? null
  }

  createBacking(name: string, sizeBytes: number): OpfsBacking | null {
    const old = this.#images.get(name)
    if (old !== undefined) this.#retired.push(old.backing)
    this.#images.delete(name)
    const spare = this.#spares.pop()
    if (spare === undefined) {
      this.notices.push(`Disk ${name} is in memory only: no file was ready for it.`)
      return null
    }
    try {
      const backing = new OpfsBacking(spare.handle, sizeBytes)
      this.#images.set(name, { file: spare.name, backing })
      return backing
    } catch (error) {
      spare.handle.truncate(0)
      this.#spares.push(spare)
      this.notices.push(`Disk ${name} is in memory only: the browser gives this page no more room (${said(error)}).`)
      return null
    }
  }

  async prepare(disks: number): Promise<void> {
    while (this.#spares.length < Math.max(disks, SPARES)) {
      const name = `disk-${this.#nextFile++}.img`
      const file = await this.#folder.getFileHandle(name, { create: true })
      const handle = await file.createSyncAccessHandle()
      handle.truncate(0)
      this.#spares.push({ name, handle })
    }
  }

  save(machine: StoredMachine): void {
    this.stored = machine
    this.#writeTable(this.#describe(machine))
  }

  async readyToRestore(): Promise<void> {
    this.#restores ??= await import('./restore_log.ts')
  }

  beginRestore(machine: StoredMachine): Restoring {
    assert(this.#restores !== null, 'the way a restoration is logged was not loaded before it')
    const { LoggedRestore, RestoreLog } = this.#restores
    return new LoggedRestore(new RestoreLog(this.#log), {
      fileOf: (disk) => this.#images.get(disk)?.file ?? null,
      describe: () => this.#describe(machine),
      done: () => {
        this.save(machine)
        this.flush()
      },
      unsafe: (reason) =>
        this.notices.push(`Had this tab died just now, the disks might have been a mixture: ${reason}.`),
    })
  }

  #describe(machine: StoredMachine): string {
    const files = Object.fromEntries([...this.#images].map(([name, { file }]) => [name, file]))
    const table: Table = { version: VERSION, files, machine }
    return JSON.stringify(table, null, 1)
  }

  /** Writes the table in one call, never shorter than it was: whenever the tab dies, the old one or the new one is there. */
  #writeTable(text: string): void {
    const bytes = new TextEncoder().encode(text)
    const padded = new Uint8Array(Math.max(bytes.length, this.#table.getSize())).fill(0x20)
    padded.set(bytes)
    this.#table.write(padded, { at: 0 })
  }

  flush(): void {
    for (const { backing } of this.#images.values()) backing.flushNow()
    this.#table.flush()
  }

  async wipe(): Promise<void> {
    this.#log.truncate(0)
    this.#log.flush()
    // An empty table first: a visit that begins in the middle of this finds a new machine.
    this.#table.truncate(0)
    this.#table.flush()
    this.#closeDisks()
    this.stored = null
    for (const name of await this.#fileNames()) await this.#folder.removeEntry(name)
    this.#nextFile = 0
    await this.prepare(SPARES)
  }

  close(): void {
    this.#closeDisks()
    this.#log.close()
    this.#table.close()
  }

  /** Ends what the visit before had begun: another moment was becoming the live one. */
  async #finishRestore(): Promise<void> {
    if (this.#log.getSize() === 0) return
    const { RestoreLog } = await import('./restore_log.ts')
    const log = new RestoreLog(this.#log)
    const pending = log.pending()
    const files = new Map<string, FileSystemSyncAccessHandle>()
    for (const { file, at, bytes } of pending?.writes ?? []) {
      let handle = files.get(file)
      if (handle === undefined) {
        handle = await openPatiently(await this.#folder.getFileHandle(file, { create: true }))
        files.set(file, handle)
      }
      handle.write(bytes, { at })
    }
    for (const handle of files.values()) {
      handle.flush()
      handle.close()
    }
    if (pending !== null) {
      this.#writeTable(pending.description)
      this.#table.flush()
    }
    log.clear()
  }

  async #load(): Promise<void> {
    await this.#finishRestore()
    const table = readTable(this.#table)
    const names = await this.#fileNames()
    for (const name of names) this.#nextFile = Math.max(this.#nextFile, 1 + Number(/\d+/.exec(name)?.[0] ?? 0))
    if (table !== null) {
      this.stored = table.machine
      for (const disk of table.machine.disks) {
        const file = table.files[disk.name]
        if (!names.includes(file)) {
          this.notices.push(`Disk ${disk.name} comes back blank: it had no file of its own.`)
          continue
        }
        const handle = await openPatiently(await this.#folder.getFileHandle(file))
        this.#images.set(disk.name, { file, backing: new OpfsBacking(handle, disk.sizeBytes) })
      }
    }
    const used = new Set([...this.#images.values()].map(({ file }) => file))
    for (const name of names) if (!used.has(name)) await this.#folder.removeEntry(name)
    await this.prepare(SPARES)
  }

  /** The files of disks, used or not. */
  async #fileNames(): Promise<string[]> {
    const names: string[] = []
    for await (const name of this.#folder.keys()) if (name !== TABLE_FILE && name !== LOG_FILE) names.push(name)
    return names
  }

  #closeDisks(): void {
    for (const { backing } of this.#images.values()) backing.close()
    for (const backing of this.#retired) backing.close()
    for (const { handle } of this.#spares) handle.close()
    this.#images.clear()
    this.#retired.length = 0
    this.#spares.length = 0
  }
}

function readTable(handle: FileSystemSyncAccessHandle): Table | null {
  const bytes = new Uint8Array(handle.getSize())
  handle.read(bytes, { at: 0 })
  const text = new TextDecoder().decode(bytes).trim()
  if (text === '') return null
  let table: Table
  try {
    table = JSON.parse(text) as Table
  } catch {
    throw new StoreError('damaged', 'The description of the stored machine cannot be read. Start anew to go on.')
  }
  if (table.version !== VERSION) {
    throw new StoreError(
      'damaged',
      `The stored machine is of version ${table.version}; this page knows ${VERSION}. Start anew to go on.`,
    )
  }
  return table
}

/** @errors StoreError where another tab goes on holding the file */
async function openPatiently(file: FileSystemFileHandle): Promise<FileSystemSyncAccessHandle> {
  for (let waited = 0; ; waited += LOCK_RETRY) {
    try {
      return await file.createSyncAccessHandle()
    } catch (error) {
      if (!isNamed(error, 'NoModificationAllowedError')) throw error
      if (waited >= LOCK_PATIENCE) throw locked()
      await new Promise((resolve) => setTimeout(resolve, LOCK_RETRY))
    }
  }
}

function locked(): StoreError {
  return new StoreError('locked', 'This machine runs in another tab or window. Close that one, then reload this page.')
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof DOMException && error.name === name
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
