/**
 * `mdadm --detail`, `--examine`, `--stop` and the like: one action on each device that is named.
 * @source misc_list, misc_scan, mdadm.c, mdadm 4.2
 */
import { STRERROR } from '../base/errno.ts'
import { versionOf, type MdSuperblock } from '../format/md_superblock.ts'
import type { NativeArray } from '../md/native_array.ts'
import { examineBadBlocksText, examineBitmapText, strangeBitmapText, examineText } from '../md/examine_text.ts'
import { formatUuid } from '../md/mdadm_names.ts'
import { DONE } from '../sim/procedure.ts'
import { MILLISECOND } from '../sim/sim.ts'
import { CommandRun, type Invocation, type World } from './command.ts'
import { HOMEHOST, isBusy, noArray, runningArray } from './mdadm_array.ts'
import { DetailReport } from './mdadm_detail.ts'
import { ReadMetadata, wipes, WriteMetadata, type BitmapPart } from './mdadm_metadata_io.ts'
import type { MdadmRequest, NamedDevice } from './mdadm_options.ts'
import { queriedArray, queriedMember } from './mdadm_query.ts'
import { StopNamedArray } from './mdadm_stop.ts'
import { findDevice, openFile } from './namespace.ts'
import { sysfsWrite } from '../md/sysfs.ts'

const WAIT_PAUSE = MILLISECOND
/** `--wait-clean` gives up when an array stays dirty for so long. */
const WAIT_CLEAN_LIMIT = 5000 * MILLISECOND

export class MdadmMisc extends CommandRun {
  private readonly request: MdadmRequest
  private readonly tasks: NamedDevice[]
  private detail: DetailReport | null
  private stopping: StopNamedArray | null
  private reading: ReadMetadata | null
  private writing: WriteMetadata | null
  private waited: number

  constructor(world: World, invocation: Invocation, request: MdadmRequest) {
    super(world, invocation, 'begin')
    this.request = request
    this.stderr = request.warning
    this.tasks = [...request.devices]
    this.detail = null
    this.stopping = null
    this.reading = null
    this.writing = null
    this.waited = 0
  }

  override steps() {
    return MISC_STEPS
  }

  private get brief(): boolean {
    return this.request.given.has('brief') || this.request.given.has('scan')
  }

  /** The name of the device whose turn it is. */
  private get path(): string {
    return this.tasks[0].name
  }

  /** The running array of that name. */
  private get array(): NativeArray | undefined {
    return runningArray(this.world.kernel, this.path)
  }

  /** Says what went wrong with one device; the others still have their turn. */
  private fail(message: string, status = 1): string {
    this.stderr += `mdadm: ${message}\n`
    this.status |= status
    return 'next device'
  }

  begin(): string {
    const { request, tasks } = this
    const { action } = request
    if (tasks.length > 0) return 'look at a device'
    if (!request.given.has('scan')) {
      return this.refuse(action === 'none' ? 'no action given; see mdadm --misc --help' : 'No devices given.', 2)
    }
    const { md, devices } = this.world.kernel
    if (action === 'detail' || action === 'stop' || action === 'wait' || action === 'wait-clean') {
      for (const array of [...md.arrays]) tasks.push({ name: `/dev/${array.name}`, action })
    } else if (action === 'examine') {
      for (const { name } of devices.all()) tasks.push({ name: `/dev/${name}`, action })
    } else return this.refuse('--scan only with --detail, --examine, --stop, --wait', 2)
    return tasks.length === 0 ? DONE : 'look at a device'
  }

  nextDevice(): string {
    this.tasks.shift()
    return this.tasks.length === 0 ? DONE : 'look at a device'
  }

  lookAtDevice(): string {
    const { action } = this.tasks[0]
    switch (action) {
      case 'none':
        if (this.array === undefined) return this.fail(noArray(this.world.kernel, this.path, 'error opening'))
        return 'next device'
      case 'add':
      case 'add-spare':
      case 're-add':
      case 'remove':
      case 'fail':
      case 'replace':
      case 'with':
        return this.fail(`no action given for ${this.path} in --misc mode`, 2)
      case 'detail':
        return this.beginDetail()
      case 'examine':
        return this.read('header', 'examine')
      case 'examine-bitmap':
        return this.read('bits', 'examine the bitmap')
      case 'examine-badblocks':
        return this.read('bad blocks', 'examine the bad blocks')
      case 'query':
        return this.read('none', 'answer')
      case 'zero-superblock':
        return this.beginZero()
      case 'stop':
        this.stopping = new StopNamedArray(this.world.kernel, this.path)
        this.call(this.stopping)
        return 'stopped'
      case 'run':
      case 'readonly':
      case 'readwrite':
      case 'wait':
      case 'wait-clean':
      case 'sync-action':
        return this.onArray(action)
    }
  }

  // ---- reports ----

  private beginDetail(): string {
    if (this.array === undefined) {
      return this.fail(noArray(this.world.kernel, this.path, 'cannot open'), this.request.given.has('test') ? 4 : 1)
    }
    this.detail = new DetailReport(this.world.kernel, this.path, this.brief, this.cause)
    this.call(this.detail)
    return 'show the detail'
  }

  showDetail(): string {
    this.stdout += this.detail?.text ?? ''
    const { array } = this
    if (this.request.given.has('test') && array !== undefined && array.degraded > 0) {
      this.status |= array.degraded > 1 ? 2 : 1
    }
    return 'next device'
  }

  private read(part: BitmapPart, step: string): string {
    this.reading = new ReadMetadata(this.world.kernel, this.path, part, this.cause, this.request.minor)
    this.call(this.reading)
    return step
  }

  examine(): string {
    const { reading } = this
    if (reading === null) return DONE
    const { superblock, error, device, checksum, bitmap, path } = reading
    if (superblock === null) {
      if (this.brief) return 'next device'
      if (error !== null) return this.fail(`cannot open ${path}: ${STRERROR[error]}`)
      return this.fail(`No md superblock detected on ${path}.`, this.request.minor === null ? 1 : 0)
    }
    if (this.brief) {
      const line = briefLine(superblock)
      if (!this.stdout.includes(line)) this.stdout += line
      return 'next device'
    }
    this.stdout += examineText(superblock, {
      name: path,
      sectors: device?.sectors ?? 0,
      checksum,
      bitmap: bitmap ?? undefined,
      homehost: HOMEHOST,
    })
    return 'next device'
  }

  examineBitmap(): string {
    const { reading } = this
    if (reading === null) return DONE
    const { path, error, superblock, bitmap } = reading
    if (error === 'ENOENT') return this.fail(`failed to open bitmap file ${path}: ${STRERROR[error]}`)
    if (superblock === null && reading.bitmapBytes.length > 0) {
      this.stdout += strangeBitmapText(path, reading.bitmapBytes)
      return this.fail(`invalid bitmap magic: ${path} is neither a member of an array nor a bitmap`)
    }
    if (superblock === null) return this.fail(`No bitmap possible with this metadata on ${path}: it has none`)
    if (bitmap === null) return this.fail(`${path} doesn't have bitmap`)
    this.stdout += examineBitmapText(path, bitmap, reading.bitmapBytes)
    return 'next device'
  }

  examineBadBlocks(): string {
    const { reading } = this
    if (reading === null) return DONE
    const { path, error, superblock } = reading
    if (superblock === null && error !== null) return this.fail(`cannot open ${path}: ${STRERROR[error]}`)
    if (superblock === null) return this.fail(`No md superblock detected on ${path}`)
    this.stdout += examineBadBlocksText(path, superblock, reading.badBlocks)
    return 'next device'
  }

  answer(): string {
    const { reading } = this
    if (reading === null) return DONE
    const { kernel } = this.world
    if (reading.error !== null) return this.fail(`cannot open ${this.path}: ${STRERROR[reading.error]}`)
    this.stdout += queriedArray(this.path, this.array)
    if (reading.superblock !== null) this.stdout += queriedMember(kernel, this.path, reading.superblock)
    return 'next device'
  }

  // ---- actions ----

  private beginZero(): string {
    const { kernel } = this.world
    const device = findDevice(kernel, this.path)
    const writable = openFile(kernel, this.path, { write: true }, this.cause)
    if (writable.ok) this.call(writable.value.close())
    if (device === undefined || !writable.ok || isBusy(device)) {
      return this.fail(`Couldn't open ${this.path} for write - not zeroing`, 2)
    }
    return this.read('none', 'zero the superblock')
  }

  zero(): string {
    const found = this.reading?.found ?? []
    if (found.length === 0) {
      return this.fail(`Unrecognised md component device - ${this.path}`, this.request.minor === null ? 0 : 2)
    }
    this.writing = new WriteMetadata(this.world.kernel, this.path, wipes(found), this.cause)
    this.call(this.writing)
    return 'zeroed'
  }

  zeroed(): string {
    if (this.writing !== null && this.writing.error !== null)
      return this.fail(`Could not zero superblock on ${this.path}`)
    return 'next device'
  }

  stopped(): string {
    const status = this.stopping?.status ?? 0
    if (status !== 0 || !this.brief) this.stderr += this.stopping?.stderr ?? ''
    this.status |= status
    return 'next device'
  }

  /** @source restart_array, drivers/md/md.c, 6.1 */
  private makeWritable(array: NativeArray): string {
    const lacksJournal = array.journaled && !array.members.some(({ isJournal, faulty }) => isJournal && !faulty)
    if (!array.readOnly || lacksJournal) {
      return this.fail(`failed to set writable for ${this.path}: ${STRERROR[lacksJournal ? 'EINVAL' : 'EBUSY']}`)
    }
    array.readOnly = false
    array.lookAgain()
    return 'next device'
  }

  private onArray(action: 'run' | 'readonly' | 'readwrite' | 'wait' | 'wait-clean' | 'sync-action'): string {
    const { array } = this
    if (array === undefined) return this.fail(noArray(this.world.kernel, this.path, 'error opening'))
    switch (action) {
      case 'run':
        return 'next device'
      case 'readonly':
        return this.fail(`failed to set readonly for ${this.path}: arrays here are always writable`)
      case 'readwrite':
        return this.makeWritable(array)
      case 'sync-action':
        return this.setSyncAction(array)
      case 'wait':
        if (!isSyncing(array)) {
          this.status |= 1
          return 'next device'
        }
        return 'wait'
      case 'wait-clean':
        this.waited = 0
        return 'wait until clean'
    }
  }

  private setSyncAction(array: NativeArray): string {
    const written = sysfsWrite(this.world.kernel.md, array.name, 'sync_action', this.request.syncAction)
    if (!written.ok) {
      return this.fail(
        `failed to set action for ${this.path} to ${this.request.syncAction}: ${STRERROR[written.errno]}`,
      )
    }
    if (written.value !== null) this.call(written.value)
    return 'next device'
  }

  wait(): string {
    const { array } = this
    if (array === undefined || !isSyncing(array)) return 'next device'
    this.sleep(WAIT_PAUSE)
    return 'wait'
  }

  waitUntilClean(): string {
    const { array } = this
    if (array === undefined || array.inSync || array.broken) return 'next device'
    if (this.waited >= WAIT_CLEAN_LIMIT) return this.fail(`timed out waiting for ${this.path} to become clean`)
    this.waited += WAIT_PAUSE
    this.sleep(WAIT_PAUSE)
    return 'wait until clean'
  }
}

const MISC_STEPS = {
  begin: (misc: MdadmMisc) => misc.begin(),
  'next device': (misc: MdadmMisc) => misc.nextDevice(),
  'look at a device': (misc: MdadmMisc) => misc.lookAtDevice(),
  'show the detail': (misc: MdadmMisc) => misc.showDetail(),
  examine: (misc: MdadmMisc) => misc.examine(),
  'examine the bitmap': (misc: MdadmMisc) => misc.examineBitmap(),
  'examine the bad blocks': (misc: MdadmMisc) => misc.examineBadBlocks(),
  answer: (misc: MdadmMisc) => misc.answer(),
  'zero the superblock': (misc: MdadmMisc) => misc.zero(),
  zeroed: (misc: MdadmMisc) => misc.zeroed(),
  stopped: (misc: MdadmMisc) => misc.stopped(),
  wait: (misc: MdadmMisc) => misc.wait(),
  'wait until clean': (misc: MdadmMisc) => misc.waitUntilClean(),
}

function isSyncing(array: NativeArray): boolean {
  return array.sync !== null || (array.recoveryNeeded && !array.frozen)
}

/** The line of a configuration file. @source brief_examine_super1, super1.c, mdadm 4.2 */
function briefLine(superblock: MdSuperblock): string {
  const { set_name, set_uuid } = superblock
  const short = set_name.slice(set_name.indexOf(':') + 1)
  const path = short === '' ? '' : `/dev/md/${short} `
  const name = set_name === '' ? '' : ` name=${set_name}`
  return `ARRAY ${path} metadata=${versionOf(superblock)} UUID=${formatUuid(set_uuid)}${name}\n`
}
