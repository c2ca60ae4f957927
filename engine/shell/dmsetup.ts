/** `dmsetup`: mapped devices from the command line. What it prints is what Debian's 1.02.185 prints. */
import { fail, ok, STRERROR, type Failure, type Result } from '../base/errno.ts'
import { LoadOperation } from '../dm/load.ts'
import { MappedDevice } from '../dm/mapped_device.ts'
import { MessageOperation } from '../dm/message.ts'
import type { DmOperation } from '../dm/operation.ts'
import { RemoveOperation } from '../dm/remove.ts'
import { ResumeOperation } from '../dm/resume.ts'
import type { TableLine } from '../dm/table.ts'
import { DONE } from '../sim/procedure.ts'
import { CommandRun, type CommandSpec, type Invocation, type World } from './command.ts'
import { newName, newUuid, mangleName } from './dmsetup_names.ts'
import { parseDmsetupOptions, type DmsetupOptions } from './dmsetup_options.ts'
import { reportText } from './dmsetup_report.ts'
import { infoText, listLine, targetLines, targetTypesText, versionLine, type DeviceNaming } from './dmsetup_show.ts'
import { parseTable } from './dmsetup_table.ts'
import { treeText } from './dmsetup_tree.ts'
import { DMSETUP_VERBS, type DeviceVerb } from './dmsetup_verbs.ts'
import { findDevice, openFile } from './namespace.ts'
import { TextFile, TmpFile } from './memory_files.ts'
import { nearestName } from './suggestion.ts'
import { textOfBytes } from './text_bytes.ts'

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

  constructor(world: World, invocation: Invocation) {
    super(world, invocation, 'begin')
    this.options = NO_OPTIONS
    this.devices = []
    this.nextDevice = 0
    this.device = null
    this.work = null
    this.namesDevices = false
  }

  override steps() {
    return DMSETUP_STEPS
  }

  get dm() {
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
    if (this.has('version')) return this.version()
    if (this.has('help')) return this.help(0)
    const { verb, words } = this.options
    if (verb === '') return this.help(1)
    const known = DMSETUP_VERBS.find(({ name }) => name === verb)
    if (known === undefined) {
      const near = nearestName(verb, DMSETUP_VERBS.map(({ name }) => name))
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
      if (!NAMINGS.some((name) => name === naming)) return fail('EINVAL', `-o wants ${NAMINGS.join(', ')}, not ${naming}`)
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
    return fail('ENXIO', uuid === undefined ? 'no mapped device has this number' : `no mapped device has the uuid ${uuid}`)
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

  // ---- tables ----

  /**
   * The table that the command line brings: after --table, in a file, or on standard input.
   * @param file the file's name, or undefined.
   */
  readTable(file: string | undefined): Result<TableLine[]> {
    const table = this.options.values.get('table')
    if (table !== undefined) return parseTable(table, 'after --table')
    if (file === undefined) return parseTable(this.stdin ?? '', 'on standard input')
    const opened = openFile(this.world.kernel, file, {}, this.cause)
    if (!opened.ok) return fail(opened.errno, `${file} cannot be read`)
    const { value } = opened
    const text = value instanceof TmpFile || value instanceof TextFile ? textOfBytes(value.contents()) : null
    value.close()
    if (text === null) return fail('EINVAL', `${file} is no file with a table`)
    return parseTable(text, `in ${file}`)
  }

  // ---- create ----

  create(): string {
    const { words, values } = this.options
    if (words.length === 0) return this.wants('create NAME [FILE] [--table TABLE | --notable] [-r] [-u UUID]')
    const name = newName(words[0])
    if (!name.ok) return this.fails(name)
    const uuid = newUuid(values.get('uuid') ?? '')
    if (!uuid.ok) return this.fails(uuid)
    const lines = this.has('notable') ? ok([]) : this.readTable(words[1])
    if (!lines.ok) return this.fails(lines)
    const minor = values.get('minor')
    const device = this.dm.create(name.value, uuid.value, minor === undefined ? undefined : Number(minor))
    if (!device.ok) return this.fails(device, 'create')
    if (lines.value.length === 0) return DONE
    this.device = device.value
    this.work = new LoadOperation(device.value, lines.value, this.has('readonly'))
    this.call(this.work)
    return 'createLoaded'
  }

  createLoaded(): string {
    const { device, work } = this
    if (device === null || work === null) return DONE
    if (work.failure !== null) return this.undoCreate(device, work.failure)
    this.work = new ResumeOperation(device)
    this.call(this.work)
    return 'createResumed'
  }

  createResumed(): string {
    const { device, work } = this
    if (device === null || work === null) return DONE
    if (work.failure !== null) return this.undoCreate(device, work.failure)
    if (this.has('verbose')) this.stdout += infoText(device, false)
    return DONE
  }

  private undoCreate(device: MappedDevice, failure: Failure): string {
    this.call(new RemoveOperation(device, false))
    return this.fails(failure, `create ${device.mapName}`)
  }

  // ---- load ----

  load(): string {
    if (this.has('notable')) return this.refuse('--notable is for create only')
    const words = [...this.options.words]
    const device = this.selected() ?? (words.length === 0 ? undefined : this.find(words.shift() as string))
    if (device === undefined || words.length > 1) return this.wants('load NAME [FILE] [--table TABLE] [-r]')
    const lines = this.readTable(words[0])
    if (!lines.ok) return this.fails(lines)
    if (!device.ok) return this.fails(device)
    return this.carryOut(new LoadOperation(device.value, lines.value, this.has('readonly')))
  }

  private carryOut(work: DmOperation): string {
    this.device = work.device
    this.work = work
    this.call(work)
    return 'carriedOut'
  }

  carriedOut(): string {
    const { work } = this
    if (work === null) return DONE
    if (work.failure !== null) return this.fails(work.failure, `${this.options.verb} ${work.device.mapName}`)
    if (work instanceof MessageOperation) this.printAnswer(work.answer)
    else if (this.has('verbose')) this.stdout += infoText(work.device, this.inactive)
    return DONE
  }

  // ---- message ----

  message(): string {
    const words = [...this.options.words]
    const device = this.selected() ?? this.find(words.shift() as string)
    if (!device.ok) return this.fails(device)
    const sector = words.shift() ?? ''
    if (!/^\d+$/.test(sector)) return this.refuse(`message wants NAME SECTOR TEXT..., and ${sector} is no sector number`)
    return this.carryOut(new MessageOperation(device.value, Number(sector), words.join(' ')))
  }

  private printAnswer(answer: string | null): void {
    if (answer === null) return
    this.stdout += answer === '' || answer.endsWith('\n') ? answer : `${answer}\n`
  }

  // ---- rename ----

  rename(): string {
    const { words } = this.options
    const device = words.length === 2 ? this.find(words[0]) : this.selected()
    if (device === undefined) return this.wants('rename NAME NEWNAME, or rename NAME --setuuid UUID')
    if (!device.ok) return this.fails(device)
    const wanted = words[words.length - 1]
    const name = this.has('setuuid') ? newUuid(wanted) : newName(wanted)
    if (!name.ok) return this.fails(name)
    const { value } = device
    const done = this.has('setuuid') ? this.dm.setUuid(value, name.value) : this.dm.rename(value, name.value)
    return done.ok ? DONE : this.fails(done, `rename ${value.mapName}`)
  }

  // ---- remove_all ----

  /** Removes whatever nobody uses, until nothing more can be removed; with --force, wipes what remains and tries again. */
  removeAll(): string {
    const free = this.dm.all().find((device) => device.openers === 0)
    if (free !== undefined) {
      this.call(new RemoveOperation(free, false))
      return 'removeAll'
    }
    if (!this.has('force') || this.devices.length > 0) return this.removedAll()
    this.devices = this.dm.all()
    return this.devices.length === 0 ? DONE : 'wipeNext'
  }

  wipeNext(): string {
    const device = this.devices[this.nextDevice++]
    if (!(device instanceof MappedDevice)) return 'removeAll'
    const verb = DMSETUP_VERBS.find(({ name }) => name === 'wipe_table')
    const work = verb?.kind === 'devices' ? verb.start(this, device) : null
    if (work !== null) this.call(work)
    return 'wipeNext'
  }

  private removedAll(): string {
    const left = this.dm.all()
    if (left.length > 0 && this.has('force')) {
      this.stderr += `dmsetup: still in use: ${left.map((device) => device.mapName).join(', ')}\n`
    }
    return DONE
  }

  // ---- lists ----

  list(): string {
    const all = this.dm.all()
    if (all.length === 0) {
      this.print('No devices found')
      return DONE
    }
    const target = this.options.values.get('target')
    if (target !== undefined) {
      for (const device of all) {
        if (targetLines(device.active, 'status', target, '') === '') continue
        this.print(`${device.mapName}\t(${device.major}, ${device.minor})`)
      }
      return DONE
    }
    if (this.has('tree')) {
      const tree = treeText(this.dm, this.options.values.get('options') ?? '')
      if (!tree.ok) return this.fails(tree)
      this.stdout += tree.value
      return DONE
    }
    for (const device of all) this.stdout += listLine(device, this.naming())
    return DONE
  }

  targets(): string {
    this.stdout += targetTypesText(this.dm)
    return DONE
  }

  targetVersion(): string {
    for (const name of this.options.words) {
      const type = this.dm.registry.find(name)
      if (type === undefined) return this.refuse(`there is no target type ${name}; see dmsetup targets`)
      this.stdout += versionLine(type.name, type.version)
    }
    return DONE
  }

  version(): string {
    this.print('Library version:   1.02.185 (2022-05-18)')
    this.print('Driver version:    4.47.0')
    return DONE
  }

  help(status: number): string {
    this.stderr += 'Usage:\n' + DMSETUP_VERBS.map(({ usage }) => `  dmsetup ${usage}\n`).join('')
    this.status = status
    return DONE
  }
}

const DMSETUP_STEPS = {
  begin: (run: DmsetupRun) => run.begin(),
  nextDevice: (run: DmsetupRun) => run.nextOfDevices(),
  deviceDone: (run: DmsetupRun) => run.deviceDone(),
  createLoaded: (run: DmsetupRun) => run.createLoaded(),
  createResumed: (run: DmsetupRun) => run.createResumed(),
  carriedOut: (run: DmsetupRun) => run.carriedOut(),
  removeAll: (run: DmsetupRun) => run.removeAll(),
  wipeNext: (run: DmsetupRun) => run.wipeNext(),
}

export const DMSETUP: CommandSpec = {
  name: 'dmsetup',
  family: 'linux',
  usage: 'dmsetup COMMAND [ARGUMENT...]',
  summary: 'Makes, changes and shows mapped devices; dmsetup help lists its commands.',
  begin: (world, invocation) => new DmsetupRun(world, invocation),
}
