/** `power`: the mains. */
import { fail, ok, type Result } from '../base/errno.ts'
import type { Keep, KeptSectors } from '../block/power_switch.ts'
import { InstantCommand, type CommandSpec, type Invocation, type World } from '../shell/command.ts'
import { ScriptRun } from '../shell/script_run.ts'
import { parseArguments } from './options.ts'
import { parseCount, parseSectors, parseTime } from './units.ts'

const CUT_USAGE = 'cut [--after-writes N | --after TIME] [--keep none|all|random|DISK:SECTOR+COUNT,…]'
const POWER_USAGE = `${CUT_USAGE} | on`

class PowerCut extends InstantCommand {
  override execute(): void {
    const parsed = parseArguments(this.argv, { 'after-writes': true, after: true, keep: true })
    if (!parsed.ok) return void this.refuse(parsed.message)
    const { words, options } = parsed.value
    if (words.length !== 1 || words[0] !== 'cut') return void this.refuse(`usage: power ${POWER_USAGE}`)
    const { lab } = this.world
    const keep = parseKeep(
      options.get('keep') ?? 'random',
      lab.disks().map((disk) => disk.name),
    )
    if (!keep.ok) return void this.refuse(keep.message)
    const writes = options.get('after-writes')
    const after = options.get('after')
    if (writes !== undefined && after !== undefined) return void this.refuse('--after-writes or --after, not both')
    const count = parseCount(writes ?? '1', 1)
    if (!count.ok) return void this.refuse(`--after-writes: ${count.message}`)
    const time = parseTime(after ?? '1s')
    if (!time.ok || time.value === 0)
      return void this.refuse(`--after: ${time.ok ? 'a time above 0 is wanted' : time.message}`)
    // Armed with the power off, a cut falls while the machine boots.
    if (writes !== undefined) lab.armCut(keep.value, count.value, 0)
    else if (after !== undefined) lab.armCut(keep.value, 0, time.value)
    else if (!lab.powerOn) this.refuse('the power is off already')
    else lab.cutPower(keep.value)
  }
}

/** @param disks names of those there are. */
function parseKeep(text: string, disks: readonly string[]): Result<Keep> {
  if (text === 'none' || text === 'all' || text === 'random') return ok(text)
  const kept: KeptSectors[] = []
  for (const part of text.split(',')) {
    const colon = part.indexOf(':')
    const disk = part.slice(0, Math.max(colon, 0))
    const range = parseSectors(part.slice(colon + 1))
    if (colon < 1 || !range.ok)
      return fail('EINVAL', `--keep: none, all, random or sectors such as sda:100+8, not '${part}'`)
    if (!disks.includes(disk)) return fail('ENODEV', `--keep: no disk ${disk}; there are ${disks.join(', ') || 'none'}`)
    kept.push({ disk, ...range.value })
  }
  return ok(kept)
}

/** Switches on and runs the boot script, also past a line that fails; its output is this command's. */
class PowerOn extends ScriptRun {
  constructor(world: World, invocation: Invocation) {
    super(world, invocation, world.lab.bootScript)
    this.step = 'switchOn'
  }

  override steps() {
    return POWER_ON_STEPS
  }
}

const POWER_ON_STEPS = {
  switchOn: (run: PowerOn): string => {
    if (run.argv.length > 2) return run.refuse('usage: power on')
    const switched = run.world.lab.switchOn()
    return switched.ok ? 'line' : run.refuse(switched.message)
  },

  line: (run: ScriptRun): string => run.advance(),
}

export const POWER: CommandSpec = {
  name: 'power',
  family: 'lab',
  usage: POWER_USAGE,
  summary: 'Cuts the power now, at a later disk write or time; switches it on and runs the boot script.',
  interjects: (argv) => argv[1] === 'cut',
  begin: (world, invocation) =>
    invocation.argv[1] === 'on' ? new PowerOn(world, invocation) : new PowerCut(world, invocation),
}
