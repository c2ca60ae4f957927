/** How quick time travel is. The engine has no clock: whoever measures brings one. */
import type { Arena } from '../base/arena.ts'
import { Chance } from '../sim/chance.ts'
import { FIRST_MACHINE } from './first_machine.ts'
import { Machine } from './machine.ts'
import { Session } from './session.ts'

export interface BenchSurroundings {
  /** Milliseconds since any beginning. */
  readonly clock: () => number
  /** A memory for a machine; two are asked for. */
  readonly arena: () => Arena
}

export interface BenchOptions {
  /** Length of the recording, in completed disk I/Os. */
  readonly steps: number
  readonly seeks: number
  readonly stepsBack: number
  readonly budgetBytes?: number
  /** Lines that make the machine; the first screen's when left out. */
  readonly script?: string
}

/** All times in milliseconds. */
export interface BenchFigures {
  readonly steps: number
  /** To run the whole recording, on a bare machine and in a session that keeps copies. */
  readonly bareRun: number
  readonly sessionRun: number
  /** Seeks to random steps, longest last. */
  readonly seeks: readonly number[]
  /** Single steps back from the newest moment. */
  readonly stepsBack: readonly number[]
  /** `keep` and `wake` of the machine as it is at the end. */
  readonly keep: readonly number[]
  readonly wake: readonly number[]
  readonly copies: number
  readonly bytes: number
  /** I/Os between the left end and the newest moment. */
  readonly reach: number
}

/** Makes a recording of the first screen's machine, and travels in it. */
export function benchTimeTravel({ clock, arena }: BenchSurroundings, options: BenchOptions): BenchFigures {
  const script = options.script ?? FIRST_MACHINE
  const bare = new Machine({ seed: 1, arena: arena() })
  bare.type(script)
  let begin = clock()
  while (bare.sim.steps < options.steps) bare.run({ untilStep: options.steps })
  const bareRun = clock() - begin

  const arenas = [bare.sim.memory.arena, arena()]
  const machine = new Machine({ seed: 1, arena: arenas[0] })
  const { budgetBytes } = options
  const session = new Session(machine, {
    arena: () => arenas[1],
    ...(budgetBytes === undefined ? {} : { budgetBytes }),
  })
  session.type(script)
  begin = clock()
  while (session.sim.steps < options.steps) session.run({ untilStep: options.steps })
  const sessionRun = clock() - begin

  const timed = (journey: () => void): number => {
    const start = clock()
    journey()
    session.arrive()
    return clock() - start
  }
  const stepsBack = Array.from({ length: options.stepsBack }, () => timed(() => session.stepBack()))
  const left = session.leftEnd.steps
  const chance = new Chance(1, 'bench')
  const seeks = Array.from({ length: options.seeks }, () => {
    const step = left + chance.below(options.steps - left)
    return timed(() => session.seek(step))
  }).sort((a, b) => a - b)
  session.live()
  const keep: number[] = []
  const wake: number[] = []
  for (let i = 0; i < 30; i++) {
    machine.run({ maxEvents: 500 })
    let start = clock()
    const kept = machine.keep()
    keep.push(clock() - start)
    start = clock()
    Machine.wake(kept, arenas[1])
    wake.push(clock() - start)
  }
  const { copies, bytes } = session
  const reach = options.steps - left
  return { steps: options.steps, bareRun, sessionRun, seeks, stepsBack, keep, wake, copies, bytes, reach }
}
