/** `settle`, `step`, `seek`: how far virtual time goes. */
import { CommandRun, type CommandSpec, type Invocation, type World } from '../shell/command.ts'
import { DONE } from '../sim/procedure.ts'
import { MILLISECOND, SECOND } from '../sim/sim.ts'
import { parseArguments } from './options.ts'
import { formatTime, parseCount } from './units.ts'

/** So long without a completed disk I/O, and what was waited for is not going to come. */
const PATIENCE = 600 * SECOND

const NO_PAST = 'the past is not kept here; run the script again, with the same seed it goes the same way'

/** Waits for rest, looking every millisecond; workloads pause meanwhile. */
class SettleRun extends CommandRun {
  lastStep: number
  lastMoved: number

  constructor(world: World, invocation: Invocation) {
    super(world, invocation, 'pause')
    this.lastStep = 0
    this.lastMoved = 0
  }

  override steps() {
    return SETTLE_STEPS
  }
}

const SETTLE_STEPS = {
  pause: (settle: SettleRun): string => {
    if (settle.argv.length > 1) return settle.refuse('usage: settle')
    if (!settle.world.lab.powerOn) return DONE
    settle.world.lab.pauseWorkloads(true)
    settle.lastStep = settle.sim.steps
    settle.lastMoved = settle.sim.now
    // What is due at this very instant comes first.
    settle.sleep(0)
    return 'look'
  },

  look: (settle: SettleRun): string => {
    const { sim } = settle
    const busy = settle.world.lab.unsettled()
    if (busy === null) return 'resume'
    if (sim.steps !== settle.lastStep) {
      settle.lastStep = sim.steps
      settle.lastMoved = sim.now
    } else if (sim.now - settle.lastMoved > PATIENCE) {
      settle.refuse(`${busy} is under way, and for ${formatTime(PATIENCE)} no disk has done anything about it`)
      return 'resume'
    }
    settle.sleep(MILLISECOND)
    return 'look'
  },

  resume: (settle: SettleRun): string => {
    settle.world.lab.pauseWorkloads(false)
    return DONE
  },
}

/** `step [N]` and `seek STEP`: over when the disks have completed so many I/Os, counted from now or from the beginning. */
class StepRun extends CommandRun {
  target: number

  constructor(world: World, invocation: Invocation) {
    super(world, invocation, 'begin')
    this.target = 0
  }

  override steps() {
    return STEP_STEPS
  }

  /** The step to be reached, or null when the arguments were refused. */
  wanted(): number | null {
    const parsed = parseArguments(this.argv, this.argv[0] === 'step' ? { back: false } : {})
    if (!parsed.ok) return this.wrong(parsed.message)
    const { words, options } = parsed.value
    if (this.argv[0] === 'seek') {
      const step = parseCount(words[0] ?? '', 0)
      if (words.length !== 1 || !step.ok) return this.wrong('usage: seek STEP, a whole number')
      if (step.value < this.sim.steps) return this.wrong(`this is step ${this.sim.steps}; ${NO_PAST}`)
      return step.value
    }
    const count = parseCount(words[0] ?? '1', 1)
    if (words.length > 1 || !count.ok) return this.wrong('usage: step [N] [--back], N a whole number from 1 on')
    if (options.has('back')) return this.wrong(NO_PAST)
    return this.sim.steps + count.value
  }

  private wrong(message: string): null {
    this.refuse(message)
    return null
  }
}

const STEP_STEPS = {
  begin: (run: StepRun): string => {
    const target = run.wanted()
    if (target === null) return DONE
    if (!run.world.lab.powerOn) return run.refuse('the power is off: nothing moves')
    run.target = target
    if (run.sim.steps < target) run.world.shell.awaitStep(target, run)
    return 'reached'
  },

  reached: (run: StepRun): string => {
    if (run.sim.steps < run.target) return run.refuse(`nothing more will happen; this is step ${run.sim.steps}`)
    return DONE
  },
}

export const TIME_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'settle',
    family: 'lab',
    usage: '',
    summary:
      'Waits until no I/O is in flight, nothing syncs and every array is marked clean; workloads pause meanwhile.',
    begin: (world, invocation) => new SettleRun(world, invocation),
  },
  {
    name: 'step',
    family: 'lab',
    usage: '[N] [--back]',
    summary: 'Goes on until the disks have completed one more I/O, or N.',
    begin: (world, invocation) => new StepRun(world, invocation),
  },
  {
    name: 'seek',
    family: 'lab',
    usage: 'STEP',
    summary: 'Goes on until the disks have completed so many I/Os in all.',
    begin: (world, invocation) => new StepRun(world, invocation),
  },
]
