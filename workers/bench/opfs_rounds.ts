/**
 * Resync and rebuild of arrays on files of the private file system, in a worker of a real browser, by turns with bare loops
 * that read the same bytes in pieces of 1 MiB, compute the same parity, and write the same member.
 */
import type { Arena } from '../../engine/base/arena.ts'
import { syndromesOf } from '../../engine/base/syndromes.ts'
import type { Backing } from '../../engine/block/backing.ts'
import { Machine } from '../../engine/lab/machine.ts'
import { typeLine } from '../../engine/lab/script.ts'
import '../../engine/lab/whole_language.ts'
import { StoreHost } from '../browser/boot.ts'
import { OpfsStore } from '../browser/opfs_store.ts'
import { Pump } from '../browser/pump.ts'
import { createArena } from '../wasm/wasm_arena.ts'
import '../wasm/wasm_syndromes.ts'
import type { OpfsFigures } from './opfs_figures.ts'
import { measureByTurns } from './measure.ts'

const DISK_BYTES = 128 << 20
/** Where the data begins on members of this size. */
const DATA_FROM = 1 << 20
const PIECE = 1 << 20
const ROUNDS = 5

/** What is measured: an array, and the names of its disks. */
interface Shape {
  readonly level: 5 | 6
  readonly disks: readonly string[]
}

const RAID5: Shape = { level: 5, disks: ['sda', 'sdb', 'sdc', 'sdd'] }
const RAID6: Shape = { level: 6, disks: ['sda', 'sdb', 'sdc', 'sdd', 'sde'] }

class Bench {
  readonly #store: OpfsStore
  readonly #machine: Machine
  readonly #pump: Pump
  readonly #arena: Arena
  readonly #buffers: number
  readonly #shape: Shape
  #target: Backing | null = null

  private constructor(store: OpfsStore, shape: Shape) {
    this.#store = store
    this.#shape = shape
    this.#arena = createArena(256 << 20)
    this.#machine = new Machine({ seed: 1, arena: this.#arena, host: new StoreHost(store, 1) })
    // The bare loops work in the machine's own memory: the same code on the same bytes.
    this.#buffers = this.#machine.sim.memory.allocate(shape.disks.length * PIECE)
    this.#pump = new Pump(this.#machine, () => performance.now(), Infinity)
    this.#pump.play()
  }

  static async open(shape: Shape): Promise<Bench> {
    const store = await OpfsStore.open('bench')
    await store.wipe()
    await store.prepare(10)
    const bench = new Bench(store, shape)
    bench.#fill()
    // Makes the parity; what is measured later finds nothing to write.
    bench.resync()
    return bench
  }

  async close(): Promise<void> {
    await this.#store.wipe()
    this.#store.close()
  }

  /** Members full of numbers. */
  #fill(): void {
    const { disks } = this.#shape
    const backings = disks.map((name) => this.#newFile(name))
    const words = new Uint32Array(PIECE / 4)
    let state = 1
    for (let at = DATA_FROM; at < DISK_BYTES; at += PIECE) {
      for (const backing of backings) {
        for (let i = 0; i < words.length; i++) words[i] = state = (Math.imul(state, 1664525) + 1013904223) >>> 0
        backing.write(at, new Uint8Array(words.buffer))
      }
    }
    backings.forEach((backing, i) => this.#machine.attachDisk(disks[i], backing))
  }

  #newFile(name: string): Backing {
    const backing = this.#store.createBacking(name, DISK_BYTES)
    if (backing === null) throw new Error(this.#store.notices.at(-1))
    return backing
  }

  say(line: string): void {
    const stuck = typeLine(this.#machine, line)
    const result = this.#machine.results.at(-1)
    if (stuck !== null || result?.status !== 0) throw new Error(`${line}: ${stuck ?? result?.stderr}`)
  }

  /** As the page would have it at full speed, without the page: batches of the pump, until nothing syncs any more. */
  #sync(): void {
    for (let turns = 0; this.#machine.kernel.md.arrays[0].sync === null; turns++) {
      if (turns > 1000) throw new Error('the sync never began')
      this.#pump.turn()
    }
    while (this.#machine.kernel.md.arrays[0].sync !== null) this.#pump.turn()
    if (this.#pump.failure !== null) throw new Error(this.#pump.failure.message)
  }

  beforeResync(): void {
    if (this.#machine.kernel.md.arrays.length > 0) this.say('mdadm --stop /dev/md0')
  }

  /** A new array, whose parity is not trusted. */
  resync(): void {
    const { level, disks } = this.#shape
    const devices = disks.map((name) => `/dev/${name}`).join(' ')
    this.say(
      `mdadm --create /dev/md0 --metadata=1.2 --level=${level} --raid-devices=${disks.length} --chunk=64 --bitmap=internal --force --run ${devices}`,
    )
    this.#sync()
  }

  async beforeRebuild(): Promise<void> {
    await this.#store.prepare(2)
    this.say('mdadm --manage /dev/md0 --fail /dev/sdd')
    this.say('mdadm --manage /dev/md0 --remove /dev/sdd')
    this.say('disk pull sdd')
    this.say('disk insert sdd --blank')
  }

  /** A blank member in the place of the last one. */
  rebuild(): void {
    this.say('mdadm --manage /dev/md0 --add /dev/sdd')
    this.#sync()
  }

  bareResync(): void {
    const { bytes } = this.#arena
    const { level, disks } = this.#shape
    const backings = disks.map((name) => this.#image(name))
    const pieces = backings.map((_, i) => this.#buffers + i * PIECE)
    for (let at = DATA_FROM; at < DISK_BYTES; at += PIECE) {
      backings.forEach((backing, i) => backing.read(at, bytes.subarray(pieces[i], pieces[i] + PIECE)))
      // Where Q is differs from chunk to chunk: here it is always the last, which takes as long.
      if (level === 6) syndromesOf(this.#arena).wrongSyndromes(pieces[3], pieces[4], pieces.slice(0, 3), PIECE)
      else if (!this.#arena.parityIsZero(pieces, PIECE)) throw new Error(`parity is wrong at ${at}`)
    }
  }

  beforeBareRebuild(): void {
    this.#target = this.#newFile('bare')
  }

  bareRebuild(): void {
    const { bytes } = this.#arena
    const backings = this.#shape.disks.slice(0, 3).map((name) => this.#image(name))
    const pieces = backings.map((_, i) => this.#buffers + i * PIECE)
    const sum = this.#buffers + 3 * PIECE
    for (let at = DATA_FROM; at < DISK_BYTES; at += PIECE) {
      backings.forEach((backing, i) => backing.read(at, bytes.subarray(pieces[i], pieces[i] + PIECE)))
      this.#arena.parity(sum, pieces, PIECE)
      this.#target?.write(at, bytes.subarray(sum, sum + PIECE))
    }
  }

  #image(name: string): Backing {
    const backing = this.#store.image(name)
    if (backing === null) throw new Error(`no file for ${name}`)
    return backing
  }
}

async function measure(): Promise<OpfsFigures> {
  return { ...(await measureRaid5()), ...(await measureRaid6()) }
}

async function measureRaid6(): Promise<Pick<OpfsFigures, 'resync6' | 'bareResync6'>> {
  const bench = await Bench.open(RAID6)
  try {
    const [resync6, bareResync6] = await measureByTurns(ROUNDS, [
      { before: () => bench.beforeResync(), work: () => bench.resync() },
      { work: () => bench.bareResync() },
    ])
    return { resync6, bareResync6 }
  } finally {
    await bench.close()
  }
}

async function measureRaid5(): Promise<Omit<OpfsFigures, 'resync6' | 'bareResync6'>> {
  const bench = await Bench.open(RAID5)
  try {
    const [resync, bareResync, rebuild, bareRebuild] = await measureByTurns(ROUNDS, [
      { before: () => bench.beforeResync(), work: () => bench.resync() },
      { work: () => bench.bareResync() },
      { before: () => bench.beforeRebuild(), work: () => bench.rebuild() },
      { before: () => bench.beforeBareRebuild(), work: () => bench.bareRebuild() },
    ])
    return { resync, bareResync, rebuild, bareRebuild }
  } finally {
    await bench.close()
  }
}

onmessage = () => {
  measure().then(
    (value) => postMessage({ value }),
    (error: unknown) => postMessage({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  )
}
