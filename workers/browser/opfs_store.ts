/**
 * A machine in the browser's private file system: one folder with a file per disk and `machine.json`, which says what they are.
 *
 * Opening a file takes a moment and an `await`; a command that creates a disk has neither. So a few spare files are open at
 * all times, and a new disk takes one of them: which disk has which file stands in `machine.json`. Files that no disk has
 * are removed on the next visit. `machine.json` is held open too, and thereby keeps other tabs away.
 *
 * Nothing here fails in the middle of the machine's work. No room for a new disk: it is in memory, and a notice says so. A
 * write that the browser refuses: from then on nothing more is written, to any file, see {@link WriteGate}.
 */
import type * as Restores from './restore_log.ts'
import { assert } from '../../engine/base/assert.ts'
import type { Restoring } from '../../engine/lab/machine.ts'
import { HOLD_PATIENCE, locked, MachineHold, stuck } from './machine_hold.ts'
import type { MachineStore, StoredDamage, StoredMachine, StoreError } from './machine_store.ts'
import { OpfsBacking, WriteGate } from './opfs_backing.ts'
import { describe, parseTable, readTable, writeTable } from './stored_table.ts'

const TABLE_FILE = 'machine.json'
const LOG_FILE = 'restore.log'
const SPARES = 4
const LOCK_RETRY = 50
const COPY_BYTES = 1 << 20

export interface OpenOptions {
  /** From the tab that has it. */
  readonly isTakenOver?: boolean
  /** Another tab has taken it over: the files are to be let go of at once. */
  readonly onTaken?: () => void
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
  readonly damage: StoredDamage[] = []
  stored: StoredMachine | null = null
  readonly #folder: FileSystemDirectoryHandle
  readonly #table: FileSystemSyncAccessHandle
  readonly #log: FileSystemSyncAccessHandle
  readonly #hold: MachineHold | null
  readonly #gate = new WriteGate()
  readonly #images = new Map<string, { readonly file: string; readonly backing: OpfsBacking }>()
  /** Given up: older disks of a name, whose bytes a kept copy of the machine may still look at. */
  readonly #retired: OpfsBacking[] = []
  readonly #spares: OpenFile[] = []
  #restores: Pick<typeof Restores, 'LoggedRestore' | 'RestoreLog'> | null = null
  /** Disks that there was no room for, and the notice that says so. */
  readonly #roomless = new Set<string>()
  #roomlessNotice = ''
  /** Why there are no spares, when there are none. */
  #unprepared = 'no file was ready for it'
  #nextFile = 0

  private constructor(
    folder: FileSystemDirectoryHandle,
    table: FileSystemSyncAccessHandle,
    log: FileSystemSyncAccessHandle,
    hold: MachineHold | null,
  ) {
    this.#folder = folder
    this.#table = table
    this.#log = log
    this.#hold = hold
  }

  get refusal(): string | null {
    return this.#gate.reason
  }

  /**
   * Opens the machine of this name, or an empty place for it.
   * @errors StoreError where another tab has it, or `machine.json` cannot be understood; SecurityError where the browser
   * keeps no files for this page
   */
  static async open(name: string, { isTakenOver = false, onTaken }: OpenOptions = {}): Promise<OpfsStore> {
    const hold = await MachineHold.take(name, isTakenOver, onTaken ?? (() => undefined))
    try {
      const folder = await (await machinesFolder()).getDirectoryHandle(name, { create: true })
      const refusal = isTakenOver ? stuck : locked
      const table = await openPatiently(await folder.getFileHandle(TABLE_FILE, { create: true }), refusal)
      const log = await openPatiently(await folder.getFileHandle(LOG_FILE, { create: true }), refusal)
      const store = new OpfsStore(folder, table, log, hold)
      try {
        await store.#load()
      } catch (error) {
        store.close()
        throw error
      }
      return store
    } catch (error) {
      hold?.release()
      throw error
    }
  }

  /**
   * Removes a machine that is not open, whatever is in its folder.
   * @errors StoreError where another tab has it open
   */
  static async remove(name: string): Promise<void> {
    try {
      await (await machinesFolder()).removeEntry(name, { recursive: true })
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
      const machine = parseTable(await file.text())?.machine
      return [machine?.recording, machine?.formerly].filter((id) => id !== undefined)
    } catch {
      return []
    }
  }

  image(name: string): OpfsBacking | null {
    return this.#images.get(name)?.backing ?? null
  }

  createBacking(name: string, sizeBytes: number): OpfsBacking | null {
    this.#retire(name)
    // The files stay as they are: that the new disk is in memory, as all that is written now, was said.
    if (this.refusal !== null) return null
    try {
      return this.#create(name, sizeBytes)
    } catch (error) {
      this.#noRoomFor(name, error)
      return null
    }
  }

  createImage(name: string, bytes: Uint8Array<ArrayBuffer>): void {
    if (this.refusal !== null) throw noRoom(this.refusal)
    const spare = this.#spares.pop()
    if (spare === undefined) throw noRoom(this.#unprepared)
    const { handle, name: file } = spare
    try {
      // Behind a gate of its own: what the image does not get, the machine's disks may still have.
      const gate = new WriteGate()
      const backing = new OpfsBacking(handle, bytes.length, gate)
      for (let at = 0; at < bytes.length && gate.reason === null; at += COPY_BYTES) {
        backing.write(at, bytes.subarray(at, at + COPY_BYTES))
      }
      backing.flushNow()
      if (gate.reason !== null) throw new Error(gate.reason)
    } catch (error) {
      handle.truncate(0)
      this.#spares.push(spare)
      throw noRoom(said(error))
    }
    this.#retire(name)
    this.#images.set(name, { file, backing: new OpfsBacking(handle, bytes.length, this.#gate) })
  }

  writeBack(): string | null {
    const { stored } = this
    if (this.refusal === null || stored === null) return null
    const images = [...this.#images.values()]
    assert(this.#restores !== null, 'the way a restoration is logged was not loaded before it')
    const log = new this.#restores.RestoreLog(this.#log)
    try {
      // All of it, or nothing: were the tab to die in the middle, the next visit carries on.
      log.begin()
      for (const { file, backing } of images) for (const [at, page] of backing.overlay()) log.add(file, at, page)
      log.commit(this.#describe(stored))
      for (const { backing } of images) backing.writeBack()
    } catch (error) {
      return said(error)
    }
    for (const { backing } of images) backing.forgetOverlay()
    this.#gate.reason = null
    this.save(stored)
    this.flush()
    log.clear()
    return null
  }

  async readyToRestore(): Promise<void> {
    this.#restores ??= await import('./restore_log.ts')
  }

  beginRestore(machine: StoredMachine): Restoring {
    // Nothing of it reaches the files now: they stay at one instant.
    if (this.refusal !== null) return { note: () => undefined, commit: () => undefined, done: () => undefined }
    assert(this.#restores !== null, 'the way a restoration is logged was not loaded before it')
    const { LoggedRestore, RestoreLog } = this.#restores
    return new LoggedRestore(new RestoreLog(this.#log), {
      fileOf: (disk) => this.#images.get(disk)?.file ?? null,
      describe: () => this.#describe(machine),
      done: () => {
        this.save(machine)
        this.flush()
        // Where the browser refused in the middle, the next visit carries on.
        return this.refusal === null
      },
      unsafe: (reason) =>
        this.notices.push(`Had this tab died just now, the disks might have been a mixture: ${reason}.`),
    })
  }

  async prepare(disks: number): Promise<void> {
    try {
      while (this.#spares.length < Math.max(disks, SPARES)) {
        const name = `disk-${this.#nextFile++}.img`
        const file = await this.#folder.getFileHandle(name, { create: true })
        const handle = await file.createSyncAccessHandle()
        handle.truncate(0)
        this.#spares.push({ name, handle })
      }
    } catch (error) {
      // Whoever wants a file that is not there is told why.
      this.#unprepared = said(error)
    }
  }

  save(machine: StoredMachine): void {
    this.stored = machine
    // What the next visit finds is of one instant: the files', and what is said of them.
    if (this.refusal !== null) return
    writeTable(this.#table, this.#describe(machine))
  }

  #describe(machine: StoredMachine): string {
    return describe(Object.fromEntries([...this.#images].map(([name, { file }]) => [name, file])), machine)
  }

  flush(): void {
    for (const { backing } of this.#images.values()) backing.flushNow()
    try {
      this.#table.flush()
    } catch (error) {
      this.#gate.shut(error)
    }
  }

  async wipe(): Promise<void> {
    this.#log.truncate(0)
    this.#log.flush()
    // An empty table first: a visit that begins in the middle of this finds a new machine.
    this.#table.truncate(0)
    this.#table.flush()
    this.#closeDisks()
    this.#gate.reason = null
    this.stored = null
    this.notices.length = this.damage.length = 0
    this.#roomless.clear()
    for (const name of await this.#fileNames()) await this.#folder.removeEntry(name)
    this.#nextFile = 0
    await this.prepare(SPARES)
  }

  close(): void {
    this.#closeDisks()
    this.#log.close()
    this.#table.close()
    this.#hold?.release()
  }

  /** Ends what the visit before had begun: other bytes were coming onto the disks. */
  async #finishRestore(): Promise<void> {
    if (this.#log.getSize() === 0) return
    const { RestoreLog } = await import('./restore_log.ts')
    const log = new RestoreLog(this.#log)
    const pending = log.pending()
    const files = new Map<string, FileSystemSyncAccessHandle>()
    for (const { file, at, bytes } of pending?.writes ?? []) {
      let handle = files.get(file)
      if (handle === undefined) {
        handle = await openPatiently(await this.#folder.getFileHandle(file, { create: true }), locked)
        files.set(file, handle)
      }
      handle.write(bytes, { at })
    }
    for (const handle of files.values()) {
      handle.flush()
      handle.close()
    }
    if (pending !== null) {
      writeTable(this.#table, pending.description)
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
        const handle = await openPatiently(await this.#folder.getFileHandle(file), locked)
        this.#look(disk.name, disk.sizeBytes, handle.getSize())
        this.#images.set(disk.name, { file, backing: new OpfsBacking(handle, disk.sizeBytes, this.#gate) })
      }
    }
    const used = new Set([...this.#images.values()].map(({ file }) => file))
    for (const name of names) if (!used.has(name)) await this.#folder.removeEntry(name)
    await this.prepare(SPARES)
  }

  /** A file that was cut short: what is lost cannot be read. */
  #look(name: string, sizeBytes: number, foundBytes: number): void {
    if (foundBytes >= sizeBytes) return
    const sector = Math.floor(foundBytes / 512)
    const sectors = sizeBytes / 512 - sector
    this.damage.push({ disk: name, sector, sectors })
    this.notices.push(
      `The file of disk ${name} was cut short: it has ${foundBytes} of ${sizeBytes} bytes. ` +
        `Sectors ${sector} to ${sector + sectors - 1} cannot be read until they are written again.`,
    )
  }

  /** @errors as the browser's, where there is no room: nothing has changed then */
  #create(name: string, sizeBytes: number): OpfsBacking {
    const spare = this.#spares.pop()
    if (spare === undefined) throw new Error(this.#unprepared)
    try {
      const backing = new OpfsBacking(spare.handle, sizeBytes, this.#gate)
      this.#images.set(name, { file: spare.name, backing })
      return backing
    } catch (error) {
      spare.handle.truncate(0)
      this.#spares.push(spare)
      throw error
    }
  }

  #retire(name: string): void {
    const old = this.#images.get(name)
    if (old !== undefined) this.#retired.push(old.backing)
    this.#images.delete(name)
  }

  /** One notice for all of them. */
  #noRoomFor(name: string, error: unknown): void {
    const reason = error instanceof DOMException ? `the browser gives no more room (${error.message})` : said(error)
    this.#roomless.add(name)
    const names = [...this.#roomless]
    const which = names.length === 1 ? `Disk ${names[0]} is` : `Disks ${names.join(', ')} are`
    const before = this.notices.indexOf(this.#roomlessNotice)
    this.#roomlessNotice = `${which} in memory only, and will be blank on the next visit: ${reason}.`
    this.notices.splice(before < 0 ? this.notices.length : before, 1, this.#roomlessNotice)
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

function noRoom(reason: string): Error {
  return new Error(`The browser has no room for the image (${reason}). The machine is as it was.`)
}

function machinesFolder(): Promise<FileSystemDirectoryHandle> {
  return navigator.storage.getDirectory().then((root) => root.getDirectoryHandle('machines', { create: true }))
}

/** @errors `refusal`, where another tab goes on holding the file */
async function openPatiently(
  file: FileSystemFileHandle,
  refusal: () => StoreError,
): Promise<FileSystemSyncAccessHandle> {
  for (let waited = 0; ; waited += LOCK_RETRY) {
    try {
      return await file.createSyncAccessHandle()
    } catch (error) {
      if (!isNamed(error, 'NoModificationAllowedError')) throw error
      if (waited >= HOLD_PATIENCE) throw refusal()
      await new Promise((resolve) => setTimeout(resolve, LOCK_RETRY))
    }
  }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof DOMException && error.name === name
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
