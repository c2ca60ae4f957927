import type { Backing } from '../../engine/block/backing.ts'
import type { MachineStore, StoredMachine } from './machine_store.ts'
import { MemoryBacking } from './memory_backing.ts'

/** Disks in memory: for browsers without a private file system, and for machines that nobody wants to keep. */
export class MemoryStore implements MachineStore {
  readonly kind = 'memory'
  readonly notices: string[] = []
  readonly damage = []
  readonly refusal: string | null = null
  stored: StoredMachine | null = null
  readonly #images = new Map<string, MemoryBacking>()

  image(name: string): Backing | null {
    return this.#images.get(name) ?? null
  }

  createBacking(name: string, sizeBytes: number): Backing {
    const backing = new MemoryBacking(sizeBytes)
    this.#images.set(name, backing)
    return backing
  }

  createImage(name: string, bytes: Uint8Array): void {
    this.createBacking(name, bytes.length).write(0, bytes)
  }

  writeBack(): string | null {
    return null
  }

  prepare(): Promise<void> {
    return Promise.resolve()
  }

  save(machine: StoredMachine): void {
    this.stored = machine
  }

  flush(): void {
    // Memory is all there is.
  }

  wipe(): Promise<void> {
    this.#images.clear()
    this.stored = null
    return Promise.resolve()
  }

  close(): void {
    this.#images.clear()
  }
}
