import { benchTimeTravel } from '../../engine/lab/history_bench.ts'
import { createArena } from '../wasm/wasm_arena.ts'
import type { Roof } from './roofs.ts'

const ARENA_BYTES = 256 << 20
const STEPS = 1_000_000

/** The processor's time, in milliseconds: what else the machine does meanwhile does not come into it. */
function processorTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Going to any moment of a long recording, and one step back from the present. */
export function measureTimeTravel(): Roof[] {
  const figures = benchTimeTravel(
    { clock: processorTime, arena: () => createArena(ARENA_BYTES) },
    { steps: STEPS, seeks: 20, stepsBack: 20 },
  )
  const { seeks, stepsBack, reach } = figures
  const within = `${(reach / 1000).toFixed(0)}k of 1M I/Os kept`
  return [
    { what: `longest seek to any moment, ${within}`, figure: Math.max(...seeks), unit: 'ms', roof: 2000 },
    { what: 'longest step back near the present', figure: Math.max(...stepsBack), unit: 'ms', roof: 100 },
  ]
}
