/** Machines on a store: the one that is found there, or a new one; and what of it is stored again. */
import type { Arena } from '../../engine/base/arena.ts'
import { SHARED } from '../../engine/base/copy.ts'
import { FIRST_MACHINE } from '../../engine/lab/first_machine.ts'
import { Machine, type Host, type Restoring } from '../../engine/lab/machine.ts'
import type { Fault } from '../../engine/block/fault.ts'
import { recordedFault } from '../../engine/lab/recording.ts'
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
  readonly beginRestore?: (machine: Machine) => Restoring
  readonly #store: MachineStore

  constructor(store: MachineStore, visit: number) {
    this.#store = store
    if (store.beginRestore !== undefined) {
      this.beginRestore = (machine) => store.beginRestore!(storedForm(machine, visit))
    }
  }

  createBacking(name: string, sizeBytes: number) {
    return this.#store.createBacking(name, sizeBytes)
  }
}

/** A machine in which nothing has happened yet. */
export function newMachine(store: MachineStore, arena: Arena, seed: number, script = FIRST_MACHINE): Booted {
  const machine = new Machine({ seed, arena, host: new StoreHost(store, 1) })
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
    host: new StoreHost(store, stored.visit + 1),
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
  for (const fault of stored.faults) {
    const amount = fault.amount < 0 ? Infinity : fault.amount
    machine.addFaultAgain({ ...fault, id: fault.id ?? 0, healed: fault.healed ?? [], amount })
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
    faults: machine.faults().flatMap((fault) => storedFault(fault, machine.sim.now)),
  }
}

/** An end by the clock of this recording: what remains of it is left to the next one. */
function storedFault(fault: Fault, now: number): StoredFault[] {
  const { kind, amount } = fault
  if (kind !== 'hang') return [recordedFault(fault)]
  const remains = amount === Infinity ? -1 : amount - now
  return remains === 0 || (remains < 0 && amount !== Infinity) ? [] : [{ ...recordedFault(fault), amount: remains }]
}
