/** `workload`: background I/O, started and stopped by name. */
import { fail, ok, type Result } from '../base/errno.ts'
import { CommandRun, InstantCommand, type CommandSpec, type Invocation, type World } from '../shell/command.ts'
import { DONE } from '../sim/procedure.ts'
import { labOf } from './lab.ts'
import { parseArguments, parseChoice } from './options.ts'
import { formatSize, formatTime, parseCount, parseSectorSize, parseSize } from './units.ts'
import { WORKLOAD_DEFAULTS, WORKLOAD_PATTERNS, type Workload, type WorkloadOptions } from './workload.ts'

const START_USAGE =
  'start NAME DEVICE [--pattern seq|random] [--read PERCENT] [--size S] [--depth N] [--rate N] [--sync] [--region FROM+LENGTH]'
const USAGE = `${START_USAGE} | stop NAME | list`

const OPTIONS = { pattern: true, read: true, size: true, depth: true, rate: true, sync: false, region: true }

const SIZE_BYTES_MAX = 4 << 20
const DEPTH_MAX = 1024
const RATE_MAX = 10_000_000

class WorkloadCommand extends InstantCommand {
  override execute(): void {
    switch (this.argv[1]) {
      case 'start':
        return this.startWorkload()
      case 'list':
        if (this.argv.length !== 2) return void this.refuse('usage: workload list')
        for (const workload of labOf(this.world).workloads.list()) this.print(describe(workload))
        return
      default:
        this.refuse(`usage: workload ${USAGE}`)
    }
  }

  private startWorkload(): void {
    const { kernel } = this.world
    const lab = labOf(this.world)
    const parsed = parseArguments(this.argv, OPTIONS)
    if (!parsed.ok) return void this.refuse(parsed.message)
    const { words, options } = parsed.value
    if (words.length !== 3) return void this.refuse(`usage: workload ${START_USAGE}`)
    if (!lab.powerOn) return void this.refuse('the power is off')
    const device = kernel.devices.find(words[2])
    if (device === undefined) return void this.refuse(`no device ${words[2]}`)
    const chosen = workloadOptions(options)
    if (!chosen.ok) return void this.refuse(chosen.message)
    const started = lab.workloads.start(words[1], device, chosen.value)
    if (!started.ok) this.refuse(started.message)
  }
}

/** Over when the last I/O of the workload has come back and the device is closed. */
class WorkloadStop extends CommandRun {
  constructor(world: World, invocation: Invocation) {
    super(world, invocation, 'stop')
  }

  override steps() {
    return STOP_STEPS
  }
}

const STOP_STEPS = {
  stop: (command: WorkloadStop): string => {
    const name = command.argv[2]
    if (name === undefined || command.argv.length > 3) return command.refuse('usage: workload stop NAME')
    const stopped = labOf(command.world).workloads.stop(name, command)
    return stopped.ok ? DONE : command.refuse(stopped.message)
  },
}

function workloadOptions(given: ReadonlyMap<string, string>): Result<WorkloadOptions> {
  const defaults = WORKLOAD_DEFAULTS
  const pattern = parseChoice(given.get('pattern') ?? defaults.pattern, 'pattern', WORKLOAD_PATTERNS)
  if (!pattern.ok) return pattern
  const read = parseCount(given.get('read') ?? '0', 0, 100)
  if (!read.ok) return fail('EINVAL', `--read: ${read.message}`)
  const size = parseSectorSize(given.get('size') ?? '4K')
  if (!size.ok) return fail('EINVAL', `--size: ${size.message}`)
  if (size.value > SIZE_BYTES_MAX) return fail('EINVAL', `--size: at most ${formatSize(SIZE_BYTES_MAX)}`)
  const depth = parseCount(given.get('depth') ?? '1', 1, DEPTH_MAX)
  if (!depth.ok) return fail('EINVAL', `--depth: ${depth.message}`)
  const rate = parseCount(given.get('rate') ?? '0', 0, RATE_MAX)
  if (!rate.ok) return fail('EINVAL', `--rate: ${rate.message}`)
  const region = parseRegion(given.get('region'))
  if (!region.ok) return region
  return ok({
    pattern: pattern.value,
    readPercent: read.value,
    sizeSectors: size.value / 512,
    depth: depth.value,
    sync: given.has('sync'),
    ratePerSecond: rate.value,
    ...region.value,
  })
}

function parseRegion(text: string | undefined): Result<Pick<WorkloadOptions, 'fromSector' | 'regionSectors'>> {
  if (text === undefined) return ok({ fromSector: 0, regionSectors: Infinity })
  const plus = text.indexOf('+')
  const from = parseSize(plus < 0 ? text : text.slice(0, plus))
  const length = plus < 0 ? ok(Infinity) : parseSectorSize(text.slice(plus + 1))
  if (!from.ok || !length.ok || from.value % 512 !== 0) {
    return fail('EINVAL', `--region: '${text}' is none: 1M+4M is, in whole sectors`)
  }
  return ok({ fromSector: from.value / 512, regionSectors: length.value / 512 })
}

function describe(workload: Workload): string {
  const { name, device, options, ios, bytes, errors } = workload
  const region = `${formatSize(options.fromSector * 512)}+${formatSize(options.regionSectors * 512)}`
  const pace = options.ratePerSecond > 0 ? ` rate ${options.ratePerSecond}` : ''
  const kind = `${options.pattern} read ${options.readPercent}% size ${formatSize(options.sizeSectors * 512)} depth ${options.depth}`
  const done = `${ios} I/Os, ${bytes} bytes, ${errors} errors, median ${formatTime(medianLatency(workload))}`
  return `${name} /dev/${device.name} ${kind}${pace}${options.sync ? ' sync' : ''} region ${region}: ${done}`
}

/** @returns nanoseconds; the lower bound of the class that half of all I/Os do not exceed. */
function medianLatency(workload: Workload): number {
  let seen = 0
  for (let n = 0; n < workload.latencies.length; n++) {
    seen += workload.latencies[n]
    if (seen * 2 >= workload.ios && seen > 0) return 2 ** n
  }
  return 0
}

export const WORKLOAD_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'workload',
    family: 'lab',
    usage: USAGE,
    summary: 'Keeps reading and writing a device in the background, the same way for the same seed.',
    interjects: () => true,
    begin: (world, invocation) =>
      invocation.argv[1] === 'stop' ? new WorkloadStop(world, invocation) : new WorkloadCommand(world, invocation),
  },
]
