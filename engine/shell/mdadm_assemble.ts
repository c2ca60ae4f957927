/**
 * `mdadm --assemble`: reads the superblocks of what it is given (or of everything there is), decides, and has the kernel run it.
 * @source Assemble, Assemble.c; scan_assemble, mdadm.c, mdadm 4.2
 */
import { STRERROR } from '../base/errno.ts'
import type { BlockDevice } from '../block/device.ts'
import { encodeSuperblock, minorOf, type MdMinor, type MdSuperblock } from '../format/md_superblock.ts'
import { planAssembly, type AssembleCandidate, type AssemblePlan } from '../md/mdadm_assemble.ts'
import { formatUuid } from '../md/mdadm_names.ts'
import { RunArray } from '../md/run_array.ts'
import { DONE } from '../sim/procedure.ts'
import { CommandRun, type Invocation, type World } from './command.ts'
import { arrayMinor, badArrayName, ENDING_TIME, HOMEHOST, isBusy } from './mdadm_array.ts'
import { ReadMetadata, WriteMetadata } from './mdadm_metadata_io.ts'
import type { MdadmRequest } from './mdadm_options.ts'
import { findDevice } from './namespace.ts'

interface Candidate extends AssembleCandidate {
  readonly device: BlockDevice
}

/** Devices that say they are of one array. */
interface Group {
  readonly path: string
  readonly candidates: Candidate[]
}

/** Arrays without a number of their own get them from here downwards. */
const FIRST_FREE_MINOR = 127

export class MdadmAssemble extends CommandRun {
  private readonly request: MdadmRequest
  /** Nothing was named: what is there is looked through. */
  private searching: boolean
  private paths: readonly string[]
  private next: number
  private reading: ReadMetadata | null
  private readonly groups: Group[]
  private plan: AssemblePlan | null
  private writing: WriteMetadata | null
  private nextRewrite: number
  private running: RunArray | null
  private started: number

  constructor(world: World, invocation: Invocation, request: MdadmRequest) {
    super(world, invocation, 'begin')
    this.request = request
    this.stderr = request.warning
    this.searching = false
    this.paths = []
    this.next = 0
    this.reading = null
    this.groups = []
    this.plan = null
    this.writing = null
    this.nextRewrite = 0
    this.running = null
    this.started = 0
  }

  override steps() {
    return ASSEMBLE_STEPS
  }

  private get path(): string {
    return this.request.devices[0]?.name ?? ''
  }

  begin(): string {
    const { devices, given, uuid, name } = this.request
    if (devices.length > 0) {
      const minor = arrayMinor(this.path)
      if (!minor.ok) return this.refuse(badArrayName(this.world.kernel, this.path, minor.message))
    }
    this.paths = devices.slice(1).map((device) => device.name)
    this.searching = this.paths.length === 0
    if (this.searching && devices.length > 0 && uuid === undefined && name === undefined) {
      return this.refuse(`${this.path} not identified in config file; name its members, or give --uuid`)
    }
    if (given.has('scan') && devices.length > 1)
      return this.refuse('--scan finds devices by itself; none can be named', 2)
    if (this.searching) this.paths = this.world.kernel.devices.all().map((device) => `/dev/${device.name}`)
    return 'look at a device'
  }

  lookAtDevice(): string {
    const path = this.paths[this.next]
    if (path === undefined) return 'next array'
    const device = findDevice(this.world.kernel, path)
    if (device === undefined && !this.searching) {
      this.stderr += `mdadm: cannot open device ${path}: No such file or directory\n`
      return this.refuse(`${path} has no superblock - assembly aborted`)
    }
    if (this.searching && device !== undefined && isBusy(device)) {
      this.next++
      return 'look at a device'
    }
    this.reading = new ReadMetadata(this.world.kernel, path, 'none', this.cause, this.version)
    this.call(this.reading)
    return 'sort it'
  }

  /** The version of the superblocks: what the first member has is not looked for elsewhere on the others. @source select_devices, Assemble.c */
  private get version(): MdMinor | null {
    const first = this.searching ? undefined : this.groups[0]?.candidates[0]
    return this.request.minor ?? (first === undefined ? null : minorOf(first.superblock))
  }

  /** Puts a device where it belongs, or says why it belongs nowhere. */
  sortIt(): string {
    const { reading, request } = this
    if (reading === null) return DONE
    this.next++
    const { superblock, device, path, fault } = reading
    if (superblock === null || device === undefined) {
      if (this.searching) return 'look at a device'
      const reason = reading.error === null ? 'no recogniseable superblock on' : 'no RAID superblock on'
      this.stderr += `mdadm: ${reason} ${path}\n`
      return this.refuse(`${path} has no superblock - assembly aborted`)
    }
    if (!wanted(superblock, request)) {
      if (!this.searching) this.stderr += `mdadm: ${path} has wrong ${request.uuid === undefined ? 'name' : 'uuid'}.\n`
      return 'look at a device'
    }
    if (isBusy(device)) {
      this.stderr += `mdadm: ${path} is busy - skipping\n`
      return 'look at a device'
    }
    if (fault !== '') {
      this.stderr += `mdadm: ${path} has a superblock that the kernel refuses: ${fault}\n`
      return 'look at a device'
    }
    const candidate = { path, superblock, device }
    const group = this.groups.find((one) => sameSet(one.candidates[0].superblock, superblock))
    if (group !== undefined) group.candidates.push(candidate)
    else if (this.groups.length === 0 || this.request.given.has('scan')) {
      this.groups.push({ path: this.path === '' ? this.freePath(superblock) : this.path, candidates: [candidate] })
    } else if (!this.searching) {
      return this.refuse(`superblock on ${path} doesn't match others - assembly aborted`)
    }
    return 'look at a device'
  }

  /** The name of an array that was found: the number in its own name, if that is free. */
  private freePath(superblock: MdSuperblock): string {
    const { kernel } = this.world
    const taken = (path: string): boolean =>
      kernel.md.find(path) !== undefined || this.groups.some((group) => group.path === path)
    const number = /^(?:.*:)?(\d{1,3})$/.exec(superblock.set_name)?.[1]
    if (number !== undefined && !taken(`/dev/md${Number(number)}`)) return `/dev/md${Number(number)}`
    let minor = FIRST_FREE_MINOR
    while (taken(`/dev/md${minor}`)) minor--
    return `/dev/md${minor}`
  }

  nextArray(): string {
    const group = this.groups[0]
    if (group === undefined) return this.nothingMore()
    const { kernel } = this.world
    const { set_uuid } = group.candidates[0].superblock
    const active = kernel.md.arrays.find((array) => formatUuid(array.superblock.set_uuid) === formatUuid(set_uuid))
    if (active !== undefined) {
      return this.failed(`Found some drive for an array that is already active: /dev/${active.name}\nmdadm: giving up.`)
    }
    if (kernel.md.find(group.path) !== undefined) return this.failed(`${group.path} already active, cannot restart it!`)
    const { given } = this.request
    const options = {
      path: group.path,
      force: given.has('force'),
      run: given.has('run'),
      scan: this.searching,
    }
    this.plan = planAssembly(group.candidates, options)
    if (this.plan === null) return this.failed(`No suitable drives found for ${group.path}`)
    this.stderr += this.plan.stderr
    this.nextRewrite = 0
    return 'rewrite'
  }

  private nothingMore(): string {
    if (this.started > 0 || this.status !== 0) return DONE
    if (this.request.given.has('scan')) return this.refuse('No arrays found in config file or automatically')
    if (this.searching) return this.refuse(`no devices found for ${this.path}`)
    this.status = 2
    return DONE
  }

  private failed(message: string): string {
    this.refuse(message)
    this.groups.shift()
    return 'next array'
  }

  rewrite(): string {
    const rewrite = this.plan?.rewrites[this.nextRewrite]
    if (rewrite === undefined) return 'run'
    const { path, superblock } = this.groups[0].candidates[rewrite.candidate]
    const write = { sector: superblock.super_offset, bytes: encodeSuperblock(rewrite.superblock) }
    this.writing = new WriteMetadata(this.world.kernel, path, [write], this.cause)
    this.call(this.writing)
    return 'rewritten'
  }

  rewritten(): string {
    const rewrite = this.plan?.rewrites[this.nextRewrite++]
    if (this.writing === null || rewrite === undefined || this.writing.error === null) return 'rewrite'
    return this.failed(`Could not re-write superblock on ${this.groups[0].candidates[rewrite.candidate].path}`)
  }

  run(): string {
    const { plan } = this
    if (plan === null) return DONE
    const { path, candidates } = this.groups[0]
    if (!plan.run) return this.failed(plan.summary)
    const minor = arrayMinor(path)
    const offered = plan.order.map((index) => {
      const rewrite = plan.rewrites.find((one) => one.candidate === index)
      const { device, superblock } = candidates[index]
      return { device, superblock: rewrite?.superblock ?? superblock }
    })
    this.running = new RunArray(this.world.kernel.md, minor.ok ? minor.value : 0, offered, this.cause)
    this.call(this.running)
    return 'tell'
  }

  tell(): string {
    const { plan, running } = this
    if (plan === null || running === null) return DONE
    if (running.failure !== null) {
      const hint = plan.hint === '' ? '' : `\nmdadm: ${plan.hint}`
      return this.failed(`failed to RUN_ARRAY ${this.groups[0].path}: ${STRERROR[running.failure.errno]}${hint}`)
    }
    if (plan.readOnly && running.array !== null) running.array.readOnly = true
    this.stderr += `mdadm: ${plan.summary}\n`
    this.sleep(ENDING_TIME)
    this.started++
    this.groups.shift()
    return 'next array'
  }
}

const ASSEMBLE_STEPS = {
  begin: (assemble: MdadmAssemble) => assemble.begin(),
  'look at a device': (assemble: MdadmAssemble) => assemble.lookAtDevice(),
  'sort it': (assemble: MdadmAssemble) => assemble.sortIt(),
  'next array': (assemble: MdadmAssemble) => assemble.nextArray(),
  rewrite: (assemble: MdadmAssemble) => assemble.rewrite(),
  rewritten: (assemble: MdadmAssemble) => assemble.rewritten(),
  run: (assemble: MdadmAssemble) => assemble.run(),
  tell: (assemble: MdadmAssemble) => assemble.tell(),
}

/** Whether this is the array that was asked for, if one was. */
function wanted(superblock: MdSuperblock, { uuid, name }: MdadmRequest): boolean {
  if (uuid !== undefined && formatUuid(uuid) !== formatUuid(superblock.set_uuid)) return false
  const own = superblock.set_name
  return name === undefined || own === name || own === `${HOMEHOST}:${name}`
}

/** @source compare_super1, super1.c, mdadm 4.2 */
function sameSet(a: MdSuperblock, b: MdSuperblock): boolean {
  return (
    formatUuid(a.set_uuid) === formatUuid(b.set_uuid) &&
    a.ctime === b.ctime &&
    a.level === b.level &&
    a.layout === b.layout &&
    a.size === b.size &&
    a.chunksize === b.chunksize &&
    a.raid_disks === b.raid_disks
  )
}
