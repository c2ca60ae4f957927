/** `run`: so much virtual time passes. */
import { CommandRun, type CommandSpec, type Invocation, type World } from '../shell/command.ts'
import { DONE } from '../sim/procedure.ts'
import { parseTime } from './units.ts'

class RunRun extends CommandRun {
  constructor(world: World, invocation: Invocation) {
    super(world, invocation, 'run')
  }

  override steps() {
    return RUN_STEPS
  }
}

const RUN_STEPS = {
  run: (run: RunRun): string => {
    if (run.argv.length !== 2) return run.refuse('usage: run TIME')
    const time = parseTime(run.argv[1])
    if (!time.ok) return run.refuse(time.message)
    run.sleep(time.value)
    return DONE
  },
}

export const RUN: CommandSpec = {
  name: 'run',
  family: 'lab',
  usage: 'TIME',
  summary: 'Lets so much virtual time pass.',
  begin: (world, invocation) => new RunRun(world, invocation),
}
