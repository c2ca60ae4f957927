/**
 * Crash exploration: a script is run once, and at every disk write the power is cut in a copy. What the copy's disks hold
 * then is a crash state; whoever explores switches it on, lets it recover, and judges.
 */
import type { Arena } from '../base/arena.ts'
import { unflushedWrites } from '../block/power_loss.ts'
import type { Keep, KeptSectors } from '../block/power_switch.ts'
import type { Chance } from '../sim/chance.ts'
import { Machine, type KeptMachine } from './machine.ts'

/** A machine whose power was just cut. */
export interface CrashState {
  /** The cut fell at this disk write, counted from the beginning of the exploration. */
  readonly write: number
  readonly keep: Keep
  readonly machine: Machine
  /** The machine as it was when the disk had completed the write before, not running; for whoever wants to look. */
  readonly before: KeptMachine
}

export interface ExploreOptions {
  /** What survives: each is a state of its own. May differ from write to write. */
  readonly keeps: readonly Keep[] | ((write: number) => readonly Keep[])
  /** Where the copies run, one after the other. */
  readonly arena: Arena
  /** The first write to cut at, and how many to go on by; every write unless told otherwise. */
  readonly first?: number
  readonly stride?: number
  /** Called in the copy, before it runs to its end: what must be looked at while there is still a kernel. */
  readonly beforeCut?: (machine: Machine) => void
  readonly visit: (state: CrashState) => void
}

/**
 * Runs a machine until the lines typed into it have returned, and cuts the power of copies at its disk writes.
 * @returns how many disk writes there were.
 */
export function cutAtEveryWrite(machine: Machine, options: ExploreOptions): number {
  const { first = 1, stride = 1 } = options
  const before = machine.power.writes
  let next = first
  while (machine.busy) {
    const write = machine.power.writes - before + 1
    if (write === next) {
      const kept = machine.keep()
      let fell = false
      for (const keep of typeof options.keeps === 'function' ? options.keeps(write) : options.keeps) {
        const copy = Machine.wake(kept, options.arena)
        options.beforeCut?.(copy)
        if (!cutAtNextWrite(copy, keep)) break
        fell = true
        options.visit({ write, keep, machine: copy, before: kept })
      }
      release(kept)
      if (fell) next += stride
      else next = Infinity
    }
    if (runToNextWrite(machine) === 0) break
  }
  while (machine.busy && machine.run() > 0);
  return machine.power.writes - before
}

/** Runs until another disk write was acknowledged, or the typed lines have returned. @returns events delivered. */
function runToNextWrite(machine: Machine): number {
  const { writes } = machine.power
  let delivered = 0
  while (machine.busy && machine.power.writes === writes) {
    const count = machine.run({ untilStep: machine.sim.steps + 1 })
    if (count === 0) break
    delivered += count
  }
  return delivered
}

/** Lets the power fail at the next disk write. @returns false when there is none before the typed lines return. */
function cutAtNextWrite(machine: Machine, keep: Keep): boolean {
  machine.armCut(keep, 1, 0)
  while (machine.powerOn && machine.busy) if (machine.run() === 0) break
  return !machine.powerOn
}

/** Cuts the power of a copy of this instant. */
export function cutCopy(kept: KeptMachine, keep: Keep, arena: Arena): Machine {
  const copy = Machine.wake(kept, arena)
  copy.cutPower(keep)
  copy.run({ maxEvents: 0 })
  return copy
}

/** What a cut would put at stake now, on all disks. */
export function atStake(machine: Machine): KeptSectors[] {
  return machine.disks().flatMap(({ name }) => {
    const disk = machine.disk(name)
    return disk === undefined ? [] : unflushedWrites(disk)
  })
}

/** Every subset of what is at stake; of more than ten writes a sample, drawn from `chance`. */
export function subsets(writes: readonly KeptSectors[], chance: Chance, sample = 1024): KeptSectors[][] {
  if (writes.length > 10) {
    return Array.from({ length: sample }, () => writes.filter(() => chance.below(2) === 1))
  }
  return Array.from({ length: 1 << writes.length }, (_, bits) => writes.filter((_write, i) => (bits & (1 << i)) !== 0))
}

/** A kept copy that nobody needs any more: disks on backings stop keeping old pages for it. */
export function release(kept: KeptMachine): void {
  for (const { name } of kept.machine.disks()) kept.machine.media(name)?.release()
}
