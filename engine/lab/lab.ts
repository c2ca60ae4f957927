/** What the lab's own commands see of the machine, beyond what the shell's floor knows of it. */
import type { Result } from '../base/errno.ts'
import type { World } from '../shell/command.ts'
import type { LabHost } from '../shell/lab_host.ts'
import type { Workloads } from './workload.ts'

export interface Lab extends LabHost {
  readonly workloads: Workloads
  /** Gives a machine in which nothing has happened yet another seed. */
  reseed(seed: number): Result<null>
}

/** The lab around a world: the registry that holds the lab's commands is only ever given to machines, and those are labs. */
export function labOf(world: World): Lab {
  return world.lab as Lab
}
