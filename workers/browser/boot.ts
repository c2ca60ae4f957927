/** Machines on a store: the one that is found there, or a new one; and what of it is stored again. */
import type { Arena } from '../../engine/base/arena.ts'
import { SHARED } from '../../engine/base/copy.ts'
import { FIRST_MACHINE } from '../../engine/lab/first_machine.ts'
import { Machine, type Host, type Restoring } from '../../engine/lab/machine.ts'
import type { Fault } from '../../engine/block/fault.ts'
import { recordedFault } from '../../engine/lab/recording.ts'
import { SECOND } from '../../engine/sim/sim.ts'
import type { MachineStore, StoredDisk, StoredFault, StoredMachine } from './machine_store.ts'
import { MemoryBacking } from './memory_backing.ts'

/** Between two visits at least so much passes by the machine's own clock, in seconds: no time stamp goes back. */
const PAUSE_BETWEEN_VISITS = 60
const COPY_BYTES = 1 << 20

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

/**
 * Puts an image into a store, as a new disk of its machine or in place of one.
 * @errors says why where there is no room
 */
export function putImage(store: MachineStore, stored: StoredMachine, disk: StoredDisk, bytes: Uint8Array): void {
  const { name } = disk
  const backing = store.createBacking(name, bytes.length)
  if (backing === null) throw new Error(store.notices.at(-1) ?? 'there is no room for the image')
  for (let at = 0; at < bytes.length; at += COPY_BYTES) backing.write(at, bytes.subarray(at, at + COPY_BYTES))
  const isThere = stored.disks.some((old) => old.name === name)
  store.save({
    ...stored,
    disks: isThere ? stored.disks.map((old) => (old.name === name ? disk : old)) : [...stored.disks, disk],
    faults: stored.faults.filter((fault) => fault.disk !== name),
  })
}

/** @errors says why a name or its bytes make no disk */
export function checkImage(disk: string, bytes: Uint8Array): void {
  if (!/^[a-z][a-z0-9_]*$/.test(disk)) throw new Error(`${disk} is no name for a disk: small letters and digits are`)
  if (bytes.length === 0 || bytes.length % 512 !== 0) {
    throw new Error(`an image is a whole number of sectors of 512 bytes; this one has ${bytes.length} bytes`)
  }
}
