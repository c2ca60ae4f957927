/**
 * `dmsetup`: mapped devices from the command line. What it prints is what Debian's 1.02.185 prints; what each of its
 * commands does is in `dmsetup_verbs.ts` and the files named there.
 */
import { fail, ok, STRERROR, type Failure, type Result } from '../base/errno.ts'
import type { DeviceMapper } from '../dm/device_mapper.ts'
import { MappedDevice } from '../dm/mapped_device.ts'
import type { DmOperation } from '../dm/operation.ts'
import { DONE } from '../sim/procedure.ts'
import { MICROSECOND } from '../sim/sim.ts'
import { CommandRun, type CommandSpec, type Invocation, type World } from './command.ts'
import { createLoaded, createResumed, loaded } from './dmsetup_create.ts'
import { answered } from './dmsetup_message.ts'
import { mangleName } from './dmsetup_names.ts'
import { parseDmsetupOptions, type DmsetupOptions } from './dmsetup_options.ts'
import { removeAll, wipeAll } from './dmsetup_remove_all.ts'
import { reportText } from './dmsetup_report.ts'
import type { DeviceNaming } from './dmsetup_show.ts'
import { DMSETUP_VERBS, type DeviceVerb } from './dmsetup_verbs.ts'
import { version } from './dmsetup_lists.ts'
import { findDevice } from './namespace.ts'
import { nearestName } from './suggestion.ts'

const NAMINGS: readonly DeviceNaming[] = ['devno', 'devname', 'blkdevname']

const NO_OPTIONS: DmsetupOptions = { verb: '', words: [], given: new Set(), values: new Map() }

export class DmsetupRun extends CommandRun {
  options: DmsetupOptions
  /** The devices as they were named, or found; the next of them. */
  private devices: readonly (string | MappedDevice)[]
  private nextDevice: number
  device: MappedDevice | null
  /** What is being done to it. */
  work: DmOperation | null
  /** Whether lines begin with the name of their device. */
  namesDevices: boolean
  /** What could not be removed was wiped; of `remove_all --force`. */
  wiped: boolean

  constructor(world: World, invocation: Invocation) {
    super(world, invocation, 'begin')
    this.options = NO_OPTIONS
    this.devices = []
    this.nextDevice = 0
    this.device = null
    this.work = null
    this.namesDevices = false
    this.wiped = false
  }

  override steps() {
    return DMSETUP_STEPS
  }

  get dm(): DeviceMapper {
    return this.world.kernel.dm
  }

  /** The verb of a command that goes through devices. */
  private get verb(): DeviceVerb | null {
    const verb = DMSETUP_VERBS.find(({ name }) => name === this.options.verb)
    return verb?.kind === 'devices' ? verb : null
  }

  has(option: string): boolean {
    return this.options.given.has(option)
  }

  get inactive(): boolean {
    return this.has('inactive')
  }

  begin(): string {
    const options = parseDmsetupOptions(this.argv)
    if (!options.ok) return this.refuse(options.message)
    this.options = options.value
    if (this.has('version')) return version(this)
    if (this.has('help')) return this.help(0)
    const { verb, words } = this.options
    if (verb === '') return this.help(1)
    const known = DMSETUP_VERBS.find(({ name }) => name === verb)
    if (known === undefined) {
      const near = nearestName(
        verb,
        DMSETUP_VERBS.map(({ name }) => name),
      )
      return this.refuse(`there is no command ${verb}; ${near === null ? 'see dmsetup help' : `did you mean ${near}?`}`)
    }
    if (words.length < known.minWords || words.length > known.maxWords) return this.wants(known.usage)
    const failure = this.checkOptions()
    if (failure !== null) return this.fails(failure)
    return known.kind === 'devices' ? this.beginDevices(known) : known.begin(this)
  }

  private checkOptions(): Failure | null {
    if (this.has('notable') && this.has('table')) return fail('EINVAL', '--notable and --table exclude each other')
    if (this.has('major') !== this.has('minor')) return fail('EINVAL', '-j MAJOR and -m MINOR go together')
    for (const name of ['major', 'minor']) {
      const value = this.options.values.get(name)
      if (value !== undefined && !/^\d+$/.test(value)) return fail('EINVAL', `--${name} wants a number, not ${value}`)
    }
    if (this.has('options') && !this.has('tree') && !this.has('columns')) {
      const naming = this.options.values.get('options') ?? ''
      if (!NAMINGS.some((name) => name === naming))
        return fail('EINVAL', `-o wants ${NAMINGS.join(', ')}, not ${naming}`)
    }
    return null
  }

  /** How `deps` and `ls` are to name devices. */
  naming(): DeviceNaming {
    const wanted = this.options.values.get('options')
    return NAMINGS.find((name) => name === wanted) ?? 'devno'
  }

  // ---- refusals ----

  fails(failure: Failure, what = ''): typeof DONE {
    const about = what === '' ? '' : `${what}: `
    return this.refuse(`${about}${failure.message} (${STRERROR[failure.errno]})`)
  }

  wants(usage: string): typeof DONE {
    return this.refuse(`usage: dmsetup ${usage}`)
  }

  // ---- devices ----

  /**
   * Finds a device by its name, by /dev/mapper/NAME or /dev/dm-N.
   * @errors ENXIO
   */
  find(name: string): Result<MappedDevice> {
    const device = name.includes('/') ? findDevice(this.world.kernel, name) : this.dm.find(mangleName(name))
    if (device instanceof MappedDevice) return ok(device)
    const all = this.dm.all().map(({ mapName }) => mapName)
    return fail('ENXIO', `there is no mapped device ${name}; there are ${all.length === 0 ? 'none' : all.join(', ')}`)
  }

  /** The device that -u or -j and -m name; undefined where they were not given. */
  selected(): Result<MappedDevice> | undefined {
    const { values } = this.options
    const uuid = values.get('uuid')
    const minor = values.get('minor')
    if (uuid === undefined && minor === undefined) return undefined
    const device =
      uuid !== undefined
        ? this.dm.findUuid(mangleName(uuid))
        : this.dm.all().find((each) => each.major === Number(values.get('major')) && each.minor === Number(minor))
    if (device !== undefined) return ok(device)
    return fail(
      'ENXIO',
      uuid === undefined ? 'no mapped device has this number' : `no mapped device has the uuid ${uuid}`,
    )
  }

  private beginDevices(verb: DeviceVerb): string {
    const { words } = this.options
    const selected = words.length === 0 ? this.selected() : undefined
    if (selected !== undefined) {
      if (!selected.ok) return this.fails(selected)
      this.devices = [selected.value]
    } else if (words.length > 0) this.devices = words
    else if (!verb.allDevices) return this.wants(verb.usage)
    else {
      this.devices = this.dm.all()
      if (this.devices.length === 0) {
        this.print('No devices found')
        return DONE
      }
    }
    this.namesDevices = words.length > 1 || (words.length === 0 && selected === undefined)
    return verb.report && this.has('columns') ? this.report() : 'nextDevice'
  }

  nextOfDevices(): string {
    const { verb } = this
    if (this.nextDevice >= this.devices.length || verb === null) return DONE
    const named = this.devices[this.nextDevice++]
    const device = typeof named === 'string' ? this.find(named) : ok(named)
    if (!device.ok) return this.fails(device)
    this.device = device.value
    this.work = verb.start(this, device.value)
    if (this.work !== null) this.call(this.work)
    return 'deviceDone'
  }

  deviceDone(): string {
    const { device, verb, work } = this
    if (device === null || verb === null) return DONE
    if (work !== null && work.failure !== null) return this.fails(work.failure, `${verb.name} ${device.mapName}`)
    verb.done(this, device)
    return 'nextDevice'
  }

  /** Does something to a device, and goes on with step `then`. */
  carryOut(work: DmOperation, then: string): string {
    this.device = work.device
    this.work = work
    this.call(work)
    return then
  }

  // ---- columns ----

  private report(): string {
    const found: MappedDevice[] = []
    let missing: Failure | null = null
    for (const named of this.devices) {
      const device = typeof named === 'string' ? this.find(named) : ok(named)
      if (!device.ok) {
        missing = device
        break
      }
      found.push(device.value)
    }
    const { values } = this.options
    const text = reportText(this.dm, found, {
      fields: values.get('options') ?? null,
      sort: values.get('sort') ?? '',
      noHeadings: this.has('noheadings'),
      separator: values.get('separator') ?? null,
      namePrefixes: this.has('nameprefixes'),
      unquoted: this.has('unquoted'),
      inactive: this.inactive,
    })
    if (!text.ok) return this.fails(text)
    if (found.length > 0) this.stdout += text.value
    return missing === null ? DONE : this.fails(missing)
  }

  // ---- help ----

  help(status: number): string {
    this.stderr += 'Usage:\n' + DMSETUP_VERBS.map(({ usage }) => `  dmsetup ${usage}\n`).join('')
    this.status = status
    return DONE
  }
}

const DMSETUP_STEPS = throughTheEnd({
  begin: (run: DmsetupRun) => run.begin(),
  nextDevice: (run: DmsetupRun) => run.nextOfDevices(),
  deviceDone: (run: DmsetupRun) => run.deviceDone(),
  createLoaded,
  createResumed,
  loaded,
  answered,
  removeAll,
  wipeAll,
  lastWrites: (run: DmsetupRun) => {
    if (run.dm.lastWrites > 0) run.sleep(MICROSECOND)
    return run.dm.lastWrites > 0 ? 'lastWrites' : DONE
  },
})

type DmsetupStep = (run: DmsetupRun) => string

/** The command is over when what it took down has written its last: whatever step comes last, one more waits for that. */
function throughTheEnd(steps: Record<string, DmsetupStep>): Record<string, DmsetupStep> {
  const waiting = Object.entries(steps).map(([name, step]): [string, DmsetupStep] => [
    name,
    (run) => {
      const next = step(run)
      return next === DONE && (run.pending > 0 || run.dm.lastWrites > 0) ? 'lastWrites' : next
    },
  ])
  return Object.fromEntries(waiting)
}

export const DMSETUP: CommandSpec = {
  name: 'dmsetup',
  family: 'linux',
  usage: 'dmsetup COMMAND [ARGUMENT...]',
  summary: 'Makes, changes and shows mapped devices; dmsetup help lists its commands.',
  begin: (world, invocation) => new DmsetupRun(world, invocation),
}
