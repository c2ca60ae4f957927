/** Machines on a store: the one that is found there, or a new one; and what of it is stored again. */
import type { Arena } from '../../engine/base/arena.ts'
import { SHARED } from '../../engine/base/copy.ts'
import { FIRST_MACHINE } from '../../engine/lab/first_machine.ts'
import { Machine, type Host } from '../../engine/lab/machine.ts'
import type { Fault } from '../../engine/block/fault.ts'
import { SECOND } from '../../engine/sim/sim.ts'
import type { MachineStore, StoredFault, StoredMachine } from './machine_store.ts'
import { MemoryBacking } from './memory_backing.ts'

/** Between two visits at least so much passes by the machine's own clock, in seconds: no time stamp goes back. */
const PAUSE_BETWEEN_VISITS = 60

export interface Booted {
  readonly machine: Machine
  readonly visit: number
  /** To be typed first. */
  readonly script: string
}

/** Puts the disks that a machine creates into a store. */
export class StoreHost implements Host {
  readonly [SHARED] = true
  readonly #store: MachineStore

  constructor(store: MachineStore) {
    this.#store = store
  }

  createBacking(name: string, sizeBytes: number) {
    return this.#store.createBacking(name, sizeBytes)
  }
}

/** A machine in which nothing has happened yet. */
export function newMachine(store: MachineStore, arena: Arena, seed: number, script = FIRST_MACHINE): Booted {
  const machine = new Machine({ seed, arena, host: new StoreHost(store) })
  return { machine, visit: 1, script }
}

/**
 * The machine of the visit before, after what was a power cut: its disks are as they were found, and the boot script is to run.
 * It is a new recording, with a seed of its own.
 */
export function foundMachine(store: MachineStore, stored: StoredMachine, arena: Arena): Booted {
  const machine = new Machine({
    seed: (stored.seed + 1) >>> 0,
    arena,
    host: new StoreHost(store),
    epochSeconds: stored.clockSeconds + PAUSE_BETWEEN_VISITS,
  })
  for (const { name, sizeBytes, model } of stored.disks) {
    machine.attachDisk(
      name,
      store.image(name) ?? store.createBacking(name, sizeBytes) ?? new MemoryBacking(sizeBytes),
      model,
    )
  }
  machine.bootScript = stored.bootScript
  for (const [name, value] of stored.rules) machine.rules.set(name, value)
  for (const { kind, disk, sector, sectors, amount } of stored.faults) {
    machine.addFault(kind, disk, sector, sectors, amount < 0 ? Infinity : amount)
  }
  // What is lost of a disk's bytes is what a real one would answer with an error, until it is written again.
  for (const { disk, sector, sectors } of store.damage) machine.addFault('latent', disk, sector, sectors, 0)
  for (const { name, pulled } of stored.disks) if (pulled) machine.pullDisk(name)
  return { machine, visit: stored.visit + 1, script: stored.bootScript }
}

/** What the next visit is to find. */
export function storedForm(machine: Machine, visit: number): StoredMachine {
  return {
    visit,
    seed: machine.seed,
    clockSeconds: machine.epochSeconds + Math.ceil(machine.sim.now / SECOND),
    bootScript: machine.bootScript,
    rules: [...machine.rules],
    disks: machine.disks().map(({ name, sizeBytes, model, pulled }) => ({ name, sizeBytes, model, pulled })),
    faults: machine.faults().flatMap(storedFaults),
  }
}

/** An end by the clock of a recording that is over means nothing in the next: a hang with an end is over. */
function storedFaults({ kind, disk, sector, sectors, healed, amount }: Fault): StoredFault[] {
  switch (kind) {
    case 'hang':
      return amount === Infinity ? [{ kind, disk, sector, sectors, amount: -1 }] : []
    case 'slow':
      return [{ kind, disk, sector, sectors, amount }]
    case 'rot':
    case 'latent':
      return unhealed(sector, sectors, healed).map((run) => ({ kind, disk, ...run, amount }))
  }
}

/** The stretches of a wound that have not healed. */
function unhealed(sector: number, sectors: number, healed: ReadonlySet<number>): { sector: number; sectors: number }[] {
  const found: { sector: number; sectors: number }[] = []
  for (let at = sector; at < sector + sectors; at++) {
    if (healed.has(at)) continue
    const last = found.at(-1)
    if (last !== undefined && last.sector + last.sectors === at) last.sectors++
    else found.push({ sector: at, sectors: 1 })
  }
  return found
}
