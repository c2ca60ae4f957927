import type { Arena } from '../../engine/base/arena.ts'
import { TraceHash } from '../../engine/lab/hash.ts'
import { Machine } from '../../engine/lab/machine.ts'
import { fingerprint, type Fingerprint } from '../../engine/lab/replay.ts'
import { finish, runScript } from '../../engine/lab/script.ts'
import '../../engine/lab/whole_language.ts'
import { StoreHost } from './boot.ts'
import type { MachineStore } from './machine_store.ts'

/** What is the same wherever a script runs. */
export interface ScenarioResult extends Fingerprint {
  /** Everything the commands said. */
  readonly said: readonly string[]
}

/**
 * Runs a script to its end and lets the machine come to rest.
 * @param store has files ready for all disks of the script
 */
export function runScenario(script: string, store: MachineStore, arena: Arena): ScenarioResult {
  const machine = new Machine({ seed: 11, arena, host: new StoreHost(store, 1) })
  const trace = new TraceHash()
  const watch = ({ sim }: Machine): void => trace.follow(sim.trace)
  const { results } = runScript(machine, script, { keepGoing: true, watch })
  const said = results.map(({ status, stdout, stderr }) => `${status} ${stdout}${stderr}`)
  finish(machine, watch)
  return { ...fingerprint(machine, trace), said }
}
