/**
 * What the tests do with the private file system, inside a worker of a real Chromium: every message names a probe, every answer
 * is what came of it.
 */
import type { Restoring } from '../../engine/lab/machine.ts'
import { backingContract } from './backing_contract.ts'
import { StoreError, type StoredMachine } from './machine_store.ts'
import { OpfsBacking } from './opfs_backing.ts'
import { isOpfsKnown, OpfsStore } from './opfs_store.ts'

const HANDLES = 24

const MACHINE: StoredMachine = {
  visit: 1,
  seed: 5,
  clockSeconds: 100,
  bootScript: 'true',
  rules: [],
  disks: [
    { name: 'sda', sizeBytes: 65536, model: 'ssd', pulled: false },
    { name: 'sdb', sizeBytes: 4096, model: 'ideal', pulled: true },
  ],
  faults: [],
}

let held: OpfsStore | null = null

const PROBES: Readonly<Record<string, () => Promise<unknown>>> = {
  /** The contract of all backings; the lines of what failed. */
  async contract() {
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle('contract', { create: true })
    const handles: FileSystemSyncAccessHandle[] = []
    for (let i = 0; i < HANDLES; i++) {
      const file = await folder.getFileHandle(`${i}`, { create: true })
      handles.push(await file.createSyncAccessHandle())
    }
    const used = new Map<OpfsBacking, FileSystemSyncAccessHandle>()
    const onHandle = (handle: FileSystemSyncAccessHandle, sizeBytes: number): OpfsBacking => {
      const backing = new OpfsBacking(handle, sizeBytes)
      used.set(backing, handle)
      return backing
    }
    return backingContract({
      create: (sizeBytes) => onHandle(handles.pop() as FileSystemSyncAccessHandle, sizeBytes),
      reopen(backing) {
        const opfs = backing as OpfsBacking
        opfs.flushNow()
        return onHandle(used.get(opfs) as FileSystemSyncAccessHandle, opfs.sizeBytes)
      },
    })
  },

  known: () => Promise.resolve(isOpfsKnown()),

  /** A new machine with two disks, and a byte on each; the store stays open. */
  async create() {
    held = await OpfsStore.open('probe')
    const found = held.stored
    for (const [i, disk] of MACHINE.disks.entries()) {
      held.createBacking(disk.name, disk.sizeBytes)?.write(512, Uint8Array.of(11 + i))
    }
    held.save(MACHINE)
    return found
  },

  /** Disks in a row, more than there are spares, and another in the place of one. */
  async more() {
    const store = held as OpfsStore
    await store.prepare(10)
    const made = Array.from({ length: 10 }, (_, i) => store.createBacking(`x${i}`, 512) !== null)
    const beyond = store.createBacking('x10', 512)
    await store.prepare(1)
    const blank = store.createBacking('sda', 65536)
    blank?.write(0, Uint8Array.of(77))
    return {
      made: made.every(Boolean),
      beyond: beyond === null,
      notices: store.notices,
      old: byteOf(store, 'sda', 512),
    }
  },

  save: () => {
    held?.save({ ...MACHINE, visit: 2 })
    return Promise.resolve()
  },

  /** Another moment is to become the live one; the tab dies before that is committed, … */
  async noted() {
    await restore(held as OpfsStore)
  },

  /** … or after it, when one disk of two has got its bytes, … */
  async committed() {
    const store = held as OpfsStore
    const restoring = await restore(store)
    restoring.commit()
    store.image('sda')?.write(512, Uint8Array.of(99))
  },

  /** … or not at all. */
  async restored() {
    const store = held as OpfsStore
    const restoring = await restore(store)
    restoring.commit()
    store.image('sda')?.write(512, Uint8Array.of(99))
    store.image('sdb')?.write(512, Uint8Array.of(98))
    restoring.done()
  },

  /** What the next visit finds. */
  async open() {
    try {
      held = await OpfsStore.open('probe')
      const { stored, notices } = held
      return {
        stored,
        notices,
        sda: byteOf(held, 'sda', 512),
        sda0: byteOf(held, 'sda', 0),
        sdb: byteOf(held, 'sdb', 512),
      }
    } catch (error) {
      return error instanceof StoreError ? { reason: error.reason, message: error.message } : String(error)
    }
  },

  close: () => {
    held?.close()
    return Promise.resolve()
  },

  async wipe() {
    const store = held as OpfsStore
    await store.wipe()
    return { stored: store.stored, sda: store.image('sda'), made: store.createBacking('sda', 512) !== null }
  },

  /** The files that are there. */
  async files() {
    const root = await navigator.storage.getDirectory()
    const folder = await (await root.getDirectoryHandle('machines')).getDirectoryHandle('probe')
    const names: string[] = []
    for await (const name of folder.keys()) names.push(name)
    return names.sort()
  },

  /** Spoils the description of the machine. */
  async spoil() {
    const root = await navigator.storage.getDirectory()
    const folder = await (await root.getDirectoryHandle('machines')).getDirectoryHandle('probe')
    const table = await (await folder.getFileHandle('machine.json')).createSyncAccessHandle()
    table.truncate(40)
    table.close()
  },
}

async function restore(store: OpfsStore): Promise<Restoring> {
  await store.readyToRestore()
  const restoring = store.beginRestore({ ...MACHINE, visit: 9 })
  restoring.note('sda', 512, Uint8Array.of(99))
  restoring.note('sdb', 512, Uint8Array.of(98))
  return restoring
}

function byteOf(store: OpfsStore, disk: string, at: number): number | null {
  const into = new Uint8Array(1)
  const image = store.image(disk)
  if (image === null) return null
  image.read(at, into)
  return into[0]
}

onmessage = async (event: MessageEvent<string>) => {
  try {
    postMessage({ value: await PROBES[event.data]() })
  } catch (error) {
    postMessage({ error: String(error) })
  }
}
