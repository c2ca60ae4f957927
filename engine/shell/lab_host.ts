import type { Result } from '../base/errno.ts'
import type { Disk } from '../block/disk.ts'
import type { DiskModelName } from '../block/disk_model.ts'
import type { Fault, FaultKind } from '../block/fault.ts'
import type { Keep, KernelEnd } from '../block/power_switch.ts'
import type { Sim } from '../sim/sim.ts'

/** One place for a disk: the bytes in it survive power cuts, whatever runs above. */
export interface DiskSlotView {
  readonly name: string
  readonly sizeBytes: number
  readonly model: DiskModelName
  readonly pulled: boolean
}

/** What the lab commands do; the machine does it. */
export interface LabHost {
  readonly sim: Sim
  readonly powerOn: boolean
  /** Seconds since 1970 at virtual time 0. */
  readonly epochSeconds: number
  readonly seed: number
  readonly rules: Map<string, string>
  bootScript: string
  createDisk(name: string, sizeBytes: number, model: DiskModelName): Result<Disk>
  disks(): readonly DiskSlotView[]
  pullDisk(name: string): Result<null>
  insertDisk(name: string, blank: boolean): Result<Disk>
  addFault(kind: FaultKind, disk: string, sector: number, sectors: number, amount: number): Result<Fault>
  faults(): readonly Fault[]
  liftFault(id: number): Result<null>
  /** Cuts now, or arms the cut. */
  cutPower(keep: Keep): void
  armCut(keep: Keep, afterWrites: number, afterTime: number): void
  /** The kernel stops of itself, between this event and the next. */
  stopKernel(end: KernelEnd): void
  /** The kernel boots at once; the boot script is the caller's to run. */
  switchOn(): Result<null>
  /** The first thing that keeps the machine from being at rest, or null. */
  unsettled(): string | null
  pauseWorkloads(paused: boolean): void
}
