/** Wounds of disks: an overlay over pristine bytes. Each has an id; lifting one shows the bytes beneath it again. */
import { Chance } from '../sim/chance.ts'

export type FaultKind = 'rot' | 'latent' | 'slow' | 'hang'

export interface Fault {
  readonly id: number
  readonly kind: FaultKind
  readonly disk: string
  /** rot, latent: the first sector and how many. */
  readonly sector: number
  readonly sectors: number
  /** Sectors that were rewritten since, and are well again. */
  readonly healed: Set<number>
  /** slow: latency is multiplied by this. hang: until this instant, in nanoseconds, or Infinity. */
  readonly amount: number
}

/** The wounds of one disk, and what they do to its I/O. */
export class DiskFaults {
  readonly list: Fault[]

  constructor() {
    this.list = []
  }

  get any(): boolean {
    return this.list.length > 0
  }

  /** @returns the first sector of the range that cannot be read, or -1. */
  unreadable(sector: number, sectors: number, cached: (sector: number) => boolean): number {
    for (const fault of this.list) {
      if (fault.kind !== 'latent') continue
      const end = Math.min(sector + sectors, fault.sector + fault.sectors)
      for (let at = Math.max(sector, fault.sector); at < end; at++) {
        if (!fault.healed.has(at) && !cached(at)) return at
      }
    }
    return -1
  }

  /** Spoils the rotten sectors of what was read: a few bits of each, the same ones every time. */
  rot(sector: number, sectors: number, bytes: Uint8Array, address: number): void {
    for (const fault of this.list) {
      if (fault.kind !== 'rot') continue
      const end = Math.min(sector + sectors, fault.sector + fault.sectors)
      for (let at = Math.max(sector, fault.sector); at < end; at++) {
        if (fault.healed.has(at)) continue
        const chance = new Chance(fault.id, `rot ${at}`)
        for (let i = 0; i < 4; i++) bytes[address + (at - sector) * 512 + chance.below(512)] ^= 1 << chance.below(8)
      }
    }
  }

  /** Sectors reached the medium: they are well again. */
  heal(sector: number, sectors: number): void {
    for (const fault of this.list) {
      if (fault.kind !== 'rot' && fault.kind !== 'latent') continue
      const end = Math.min(sector + sectors, fault.sector + fault.sectors)
      for (let at = Math.max(sector, fault.sector); at < end; at++) fault.healed.add(at)
    }
  }

  /** By how much latency is multiplied. */
  slowness(): number {
    return this.list.reduce((factor, fault) => (fault.kind === 'slow' ? factor * fault.amount : factor), 1)
  }

  /** Until when nothing completes, in nanoseconds; 0 when the disk answers. */
  hangsUntil(): number {
    return this.list.reduce((until, fault) => (fault.kind === 'hang' ? Math.max(until, fault.amount) : until), 0)
  }
}
