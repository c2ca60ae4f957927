/** The machine around its arrays, as plain values for the page. */
import type { ArrayScene } from './scene.ts'

export interface DiskScene {
  readonly name: string
  readonly index: number
  readonly model: string
  readonly sectors: number
  readonly isPulled: boolean
  readonly isAbsent: boolean
  readonly claimedBy: string
  readonly cacheBytes: number
  readonly inflight: number
  readonly faults: number
  readonly reads: number
  readonly writes: number
  /** I/Os per second of virtual time. */
  readonly rate: number
  /** In a few words: what it is doing. */
  readonly doing: string
}

export interface WorkloadScene {
  readonly name: string
  readonly device: string
  readonly kind: string
  readonly sizeSectors: number
  readonly isSync: boolean
  readonly depth: number
  readonly errors: number
  readonly rate: number
}

export interface MappedScene {
  readonly name: string
  readonly state: string
  readonly sectors: number
  readonly table: readonly string[]
  readonly status: readonly string[]
  readonly below: readonly string[]
}

/** What goes through a device or out of a workload, per second of virtual time. */
export interface FlowScene {
  /** As the stack names it: `md0`, `mapper/r5`, `sda`, `workload writes`. */
  readonly id: string
  readonly reads: number
  readonly writes: number
  readonly bytes: number
}

export interface FaultScene {
  readonly id: number
  readonly kind: string
  readonly disk: string
  readonly sector: number
  readonly sectors: number
  readonly healed: number
}

export interface MachineScene {
  readonly isPowerOn: boolean
  readonly cutAfterWrites: number
  readonly disks: readonly DiskScene[]
  readonly mapped: readonly MappedScene[]
  readonly arrays: readonly ArrayScene[]
  readonly workloads: readonly WorkloadScene[]
  readonly flows: readonly FlowScene[]
  readonly faults: readonly FaultScene[]
  readonly mdstat: string
  /** The command that is under way, or empty. */
  readonly command: string
  readonly commandStep: string
  readonly bootScript: string
  /** Of the last cut, in sectors. */
  readonly survivors: number
  readonly lost: number
}

export const EMPTY_SCENE: MachineScene = {
  isPowerOn: true,
  cutAfterWrites: 0,
  disks: [],
  mapped: [],
  arrays: [],
  workloads: [],
  flows: [],
  faults: [],
  mdstat: '',
  command: '',
  commandStep: '',
  bootScript: '',
  survivors: 0,
  lost: 0,
}
