/** The worker that owns the machine: the place where an {@link EngineHost} runs in a browser. */
import { expose, transfer } from 'comlink'
import type { Arena } from '../../engine/base/arena.ts'
import { createArena } from '../wasm/wasm_arena.ts'
import type { EngineApi } from './engine_api.ts'
import { EngineHost } from './engine_host.ts'
import type { Surroundings } from './surroundings.ts'
import { StoreError, type MachineStore } from './machine_store.ts'
import { MemoryStore } from './memory_store.ts'
import { isOpfsKnown, OpfsStore, type OpenOptions } from './opfs_store.ts'

const MEMORY_STORE = 'memory'
/** What a machine may hold in RAM; only what is touched costs anything. Where the browser gives less, half of it must do. */
const ARENA_BYTES = 256 << 20
const ARENA_BYTES_MIN = 16 << 20

/** What `setTimeout` may be asked to wait, in milliseconds. */
const SLEEP_MAX = 60_000

/** Calls the host as often as it wants to be called, between the messages of the page. */
class Loop {
  readonly #host: () => EngineHost
  readonly #soon = new MessageChannel()
  #isAsked = false
  #timer = 0

  constructor(host: () => EngineHost) {
    this.#host = host
    this.#soon.port1.onmessage = () => {
      this.#isAsked = false
      this.#turn()
    }
  }

  wake(): void {
    clearTimeout(this.#timer)
    if (this.#isAsked) return
    this.#isAsked = true
    this.#soon.port2.postMessage(null)
  }

  #turn(): void {
    const wait = this.#host().turn()
    clearTimeout(this.#timer)
    if (wait < 1) this.wake()
    else if (wait !== Infinity) this.#timer = setTimeout(() => this.wake(), Math.min(wait, SLEEP_MAX))
  }
}

async function openStore(name: string, options: OpenOptions): Promise<MachineStore> {
  if (name === MEMORY_STORE) return new MemoryStore()
  if (!isOpfsKnown()) {
    return memoryBecause(
      isSecureContext
        ? 'this browser has no private file system for pages'
        : 'a browser keeps files only for pages that come by https, or from this very machine as localhost',
    )
  }
  try {
    return await OpfsStore.open(name, options)
  } catch (error) {
    if (error instanceof StoreError) throw error
    return memoryBecause(error instanceof Error ? error.message : String(error))
  }
}

function memoryBecause(reason: string): MemoryStore {
  const store = new MemoryStore()
  store.notices.push(`The disks are in memory and will be gone with this tab: ${reason}.`)
  return store
}

/** Sixteen letters that an address takes as they are. */
function freshName(): string {
  const numbers = crypto.getRandomValues(new Uint8Array(12))
  return btoa(String.fromCharCode(...numbers))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
}

/** Memories of the same size as the first, for the past and for a machine beside the machine. */
function spareArena(index: number): Arena {
  return (spares[index] ??= createArena(largest().bytes.length))
}

function largest(): Arena {
  return (arena ??= largestArena())
}

function largestArena(): Arena {
  for (let bytes = ARENA_BYTES; ; bytes /= 2) {
    try {
      return createArena(bytes)
    } catch (error) {
      if (!(error instanceof RangeError) || bytes <= ARENA_BYTES_MIN) throw error
    }
  }
}

/** Loads the commands, targets and arithmetic that a first visit begins without. What fails (the network was away) is tried again. */
function wholeLanguage(): Promise<unknown> {
  return (language ??= import('./late_machine.ts').catch((error: unknown) => {
    language = null
    throw error
  }))
}

let language: Promise<unknown> | null = null
let arena: Arena | null = null
const spares: Arena[] = []

const loop = new Loop(() => host)
const around: Surroundings = {
  realTime: () => performance.now(),
  openStore,
  removeStore: (name) => (name === MEMORY_STORE || !isOpfsKnown() ? Promise.resolve() : OpfsStore.remove(name)),
  recordings: (name) => (name === MEMORY_STORE || !isOpfsKnown() ? Promise.resolve([]) : OpfsStore.recordings(name)),
  freshName,
  arena: largest,
  spareArena,
  wholeLanguage,
  wake: () => loop.wake(),
}
const host: EngineHost = new EngineHost(around)

const api: EngineApi = {
  start: (options) => host.start(options),
  reset: (options) => host.reset(options),
  prepare: () => host.prepare(),
  holdLock: (name) =>
    new Promise((resolve, reject) => {
      const forEver = (): Promise<never> => {
        resolve()
        return new Promise(() => undefined)
      }
      // In a frame of another origin the browser may give none.
      navigator.locks.request(name, forEver).catch(reject)
    }),
  incident: () => host.incident(),
  writeBack: () => host.writeBack(),
  connect: (port) => host.connect(port),
  type: (text) => host.type(text),
  play: () => host.play(),
  pause: () => host.pause(),
  setSpeed: (speed) => host.setSpeed(speed),
  stepForward: (count) => host.stepForward(count),
  seek: (step) => host.seek(step),
  stepBack: (count) => host.stepBack(count),
  undo: () => host.undo(),
  live: () => host.live(),
  nextNotable: () => host.nextNotable(),
  previousNotable: () => host.previousNotable(),
  switchBranch: (name) => host.switchBranch(name),
  renameBranch: (name, to) => host.renameBranch(name, to),
  cancelJourney: () => host.cancelJourney(),
  onTrack: (track, isForward) => host.onTrack(track, isForward),
  recorded: (fromBucket) => host.recorded(fromBucket),
  recordedRows: (fromStep, toStep) => host.recordedRows(fromStep, toStep),
  readBefore: (disk, sector, sectors) => host.readBefore(disk, sector, sectors),
  setHidden: (isHidden) => host.setHidden(isHidden),
  readDisk: (disk, sector, sectors) => host.readDisk(disk, sector, sectors),
  viewDisk: (disk, sector, sectors) => host.viewDisk(disk, sector, sectors),
  viewTwinDisk: (disk, sector, sectors) => host.viewTwinDisk(disk, sector, sectors),
  exportDisk: async (disk) => {
    const bytes = await host.exportDisk(disk)
    return bytes === null ? null : transfer(bytes, [bytes.buffer])
  },
  importDisk: (disk, bytes, model) => host.importDisk(disk, bytes, model),
  lookAt: (what, name) => host.lookAt(what, name),
  previewCut: (keep) => host.previewCut(keep),
  recordedCommands: () => host.recordedCommands(),
  exportRecording: () => host.exportRecording(),
  moment: () => host.moment(),
  exportBeginning: async (disk) => {
    const bytes = await host.exportBeginning(disk)
    return bytes === null ? null : transfer(bytes, [bytes.buffer])
  },
  cancelOpening: () => host.cancelOpening(),
}

expose(api)
