import type { Backing } from '../../engine/block/backing.ts'
import type { DiskModelName } from '../../engine/block/disk_model.ts'
import type { FaultKind } from '../../engine/block/fault.ts'
import type { Restoring } from '../../engine/lab/machine.ts'

/** A disk as it is found on the next visit. */
export interface StoredDisk {
  readonly name: string
  readonly sizeBytes: number
  readonly model: DiskModelName
  readonly pulled: boolean
}

/** A wound that the next visit finds again. */
export interface StoredFault {
  /** As in the machine, so that rot stays the same; earlier versions of the page did not store it. */
  readonly id?: number
  readonly kind: FaultKind
  readonly disk: string
  readonly sector: number
  readonly sectors: number
  /**
   * As in the machine, but of a hang: for how many nanoseconds of virtual time it still lasts; -1 stands for one without
   * end, which JSON has no number for. While the tab is closed no time passes.
   */
  readonly amount: number
  /** Sectors that were rewritten since, and are well again. */
  readonly healed?: readonly number[]
}

/** What outlives the tab beside the disks' bytes: the head of a recording, and what a cut does not erase. */
export interface StoredMachine {
  /** Counts the recordings of this machine: each visit begins a new one. */
  readonly visit: number
  /** Names the present recording. */
  readonly recording?: string
  /** Names the one before, as long as no address has named the present one. */
  readonly formerly?: string
  /** The seed of the present recording. */
  readonly seed: number
  /** Seconds since 1970 by the machine's own clock, when this was stored. */
  readonly clockSeconds: number
  readonly bootScript: string
  readonly rules: readonly (readonly [string, string])[]
  /** In the order of their numbers. */
  readonly disks: readonly StoredDisk[]
  readonly faults: readonly StoredFault[]
}

/** Bytes of a stored disk that are lost: its file is shorter than the disk. */
export interface StoredDamage {
  readonly disk: string
  readonly sector: number
  readonly sectors: number
}

/** Where a machine's disks live between visits. */
export interface MachineStore {
  readonly kind: 'opfs' | 'memory'
  /** What was stored last, by this visit or the one before; null for a new machine. */
  readonly stored: StoredMachine | null
  /** What a person should know: disks that are missing or could not be kept. */
  readonly notices: string[]
  /** What is lost of the stored disks: no machine can read it until it is written again. */
  readonly damage: readonly StoredDamage[]
  /**
   * Why the world outside takes no more bytes, in the browser's words; null as long as it does. What is written since is in
   * memory, and the next visit will find what there was at that instant.
   */
  readonly refusal: string | null
  /** The bytes of a stored disk, or null where they are lost. */
  image(name: string): Backing | null
  /**
   * A place for a new disk, all zeros; an older one of the same name is given up.
   * @returns null where there is no room: the disk is then in memory, and a notice says so
   */
  createBacking(name: string, sizeBytes: number): Backing | null
  /**
   * The same, with the bytes of an image. Where it fails, all is as before.
   * @errors throws with the reason where there is no room
   */
  createImage(name: string, bytes: Uint8Array<ArrayBuffer>): void
  /** Gives the world outside what it did not take before. @returns why it still does not, or null */
  writeBack(): string | null
  /**
   * The disks are to get the bytes of another moment, and the machine its description: all of it, or, if the tab dies
   * meanwhile, nothing. Left out where nothing outlives the tab anyway.
   */
  beginRestore?(machine: StoredMachine): Restoring
  /** To be awaited before {@link beginRestore} may be called; what it takes is not loaded earlier. */
  readyToRestore?(): Promise<void>
  /** Gets ready for so many new disks, which are created at once when a line asks for them. */
  prepare(disks: number): Promise<void>
  save(machine: StoredMachine): void
  /** Hands everything to the host's own disk. */
  flush(): void
  /** Forgets the machine and all its disks. */
  wipe(): Promise<void>
  close(): void
}

/** The machine that is stored cannot be opened; the message tells a person why and what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly reason: 'locked' | 'damaged'

  constructor(reason: 'locked' | 'damaged', message: string) {
    super(message)
    this.reason = reason
  }
}
