/**
 * `mdadm /dev/mdN --fail … --remove … --add …`: one thing after the other, until one fails.
 * @source Manage_subdevs, Manage.c, mdadm 4.2
 */
import { STRERROR } from '../base/errno.ts'
import type { BlockDevice } from '../block/device.ts'
import type { NativeArray } from '../md/native_array.ts'
import { failMember, reAddFailed, removeMember } from '../md/hot_plug.ts'
import type { Member } from '../md/member.ts'
import { DONE } from '../sim/procedure.ts'
import { MILLISECOND } from '../sim/sim.ts'
import { CommandRun, type Invocation, type World } from './command.ts'
import { AddDevice } from './mdadm_add.ts'
import { ENDING_TIME, isBusy, noArray, runningArray } from './mdadm_array.ts'
import type { MdadmRequest, NamedDevice } from './mdadm_options.ts'
import { StopNamedArray } from './mdadm_stop.ts'
import { findDevice } from './namespace.ts'
import { sysfsRead, sysfsWrite } from '../md/sysfs.ts'

/** A member that cannot be taken out yet is asked for so many times again. */
const REMOVE_RETRIES = 5
const REMOVE_PAUSE = 10 * MILLISECOND

/** One thing to do; a member that stands for a word like `failed` is known by itself. */
interface Task extends NamedDevice {
  readonly member?: Member
  /** The slot of the member that it is to replace. */
  slot?: number
}

export class MdadmManage extends CommandRun {
  private readonly request: MdadmRequest
  private readonly tasks: Task[]
  private array: NativeArray | undefined
  private retries: number
  /** No sync action may begin while members are added. */
  private frozen: boolean
  private lookedWhetherToFreeze: boolean
  private adding: AddDevice | null
  private stopping: StopNamedArray | null
  private done: number

  constructor(world: World, invocation: Invocation, request: MdadmRequest) {
    super(world, invocation, 'begin')
    this.request = request
    this.stderr = request.warning
    this.tasks = request.devices.slice(1).map((device) => ({ ...device }))
    this.array = undefined
    this.retries = 0
    this.frozen = false
    this.lookedWhetherToFreeze = false
    this.adding = null
    this.stopping = null
    this.done = 0
  }

  override steps() {
    return MANAGE_STEPS
  }

  private get path(): string {
    return this.request.devices[0].name
  }

  private say(message: string): void {
    this.stderr += `mdadm: ${message}\n`
  }

  /** Ends with an error, once the array is thawed. */
  private abort(message: string, status = 1): string {
    if (message !== '') this.say(message)
    this.status = status
    this.tasks.length = 0
    return 'thaw'
  }

  begin(): string {
    const { kernel } = this.world
    this.array = runningArray(kernel, this.path)
    if (this.array === undefined) return this.refuse(noArray(kernel, this.path, 'error opening'))
    if (this.request.given.has('readonly')) {
      return this.refuse(`failed to set readonly for ${this.path}: arrays here are always writable`)
    }
    return 'next'
  }

  next(): string {
    const { array } = this
    const task = this.tasks[0]
    if (array === undefined || task === undefined) return 'thaw'
    const { name, action } = task
    if (task.member === undefined && ['failed', 'faulty', 'detached'].includes(name)) return this.expand(array, task)
    if (name === 'missing') return this.abort("'missing' only meaningful with --re-add, and not known here")
    const kernelName = !name.includes('/') && !/^\d+:\d+$/.test(name)
    if (kernelName && task.member === undefined && action !== 'remove' && action !== 'fail') {
      return this.abort(`${name} only meaningful with -r or -f, not --${action}`)
    }
    const device = this.deviceOf(array, task)
    if (device === undefined) {
      return this.abort(
        kernelName
          ? `${name} does not appear to be a component of ${this.path}`
          : `stat failed for ${name}: No such file or directory`,
      )
    }
    if (action === 'fail') return this.fail(array, device, name)
    if (action === 'remove') {
      this.retries = 0
      return 'remove'
    }
    if (action === 'with' && task.slot === undefined)
      return this.abort(`No matching --replace device for --with ${name}`)
    return 'freeze'
  }

  /** @source Manage_replace, Manage.c, mdadm 4.2 */
  private replace(array: NativeArray, device: BlockDevice, name: string): string {
    const member = array.members.find((one) => one.device === device)
    if (member === undefined) return this.abort(`${name} not found in ${this.path} so cannot --replace it`)
    if (member.slot < 0) return this.abort(`${name} is not active and so cannot be replaced.`)
    sysfsWrite(this.world.kernel.md, array.name, `dev-${device.kernelName}/state`, 'want_replacement')
    this.say(`Marked ${name} (device ${member.slot} in ${this.path}) for replacement`)
    const by = this.tasks.find((task) => task.action === 'with' && task.slot === undefined)
    if (by !== undefined) by.slot = member.slot
    return this.taskDone()
  }

  /** @source Manage_with, Manage.c, mdadm 4.2 */
  private replaceWith(array: NativeArray, device: BlockDevice, { name, slot }: Task): string {
    const member = array.members.find((one) => one.device === device)
    if (member === undefined)
      return this.abort(`${name} not found in ${this.path} so cannot make it preferred replacement`)
    if (member.faulty) return this.abort(`${name} is faulty and cannot be a replacement`)
    if (member.slot >= 0) return this.abort(`${name} is active and cannot be a replacement`)
    const set = sysfsWrite(this.world.kernel.md, array.name, `dev-${device.kernelName}/slot`, String(slot))
    if (!set.ok) return this.abort(`Failed to set ${name} as preferred replacement.`)
    this.say(`Marked ${name} in ${this.path} as replacement for device ${slot}`)
    this.tasks.shift()
    return 'next'
  }

  /** Puts the members that a word stands for in its place. */
  private expand(array: NativeArray, { name, action }: Task): string {
    const word = name === 'faulty' ? 'failed' : name
    if (word === 'failed' && action !== 'remove' && action !== 're-add') {
      return this.abort(`${name} only meaningful with -r or --re-add, not --${action}`)
    }
    if (word === 'detached' && action !== 'remove' && action !== 'fail') {
      return this.abort(`${name} only meaningful with -r of -f, not --${action}`)
    }
    const { kernel } = this.world
    const members = array.members
      .filter((member) => {
        if (word === 'failed') return member.faulty
        const gone = kernel.devices.find(`/dev/${member.name}`) !== member.device || isPulled(member.device)
        return gone && !(action === 'fail' && member.faulty)
      })
      .sort((a, b) => a.descNr - b.descNr)
    this.tasks.splice(0, 1, ...members.map((member) => ({ name: `/dev/${member.name}`, action, member })))
    return 'next'
  }

  private deviceOf(array: NativeArray, { name, member }: Task): BlockDevice | undefined {
    if (member !== undefined) return member.device
    const { kernel } = this.world
    if (name.includes('/')) return findDevice(kernel, name)
    if (name.includes(':')) return kernel.devices.find(name)
    return array.members.find((candidate) => candidate.device.kernelName === name)?.device
  }

  private fail(array: NativeArray, device: BlockDevice, name: string): string {
    const failed = failMember(array, device)
    if (!failed.ok) {
      const status = failed.errno === 'EBUSY' ? 2 : 1
      return this.abort(`set device faulty failed for ${name}:  ${STRERROR[failed.errno]}`, status)
    }
    this.say(`set ${name} faulty in ${this.path}`)
    return this.taskDone()
  }

  private taskDone(): string {
    this.done++
    this.tasks.shift()
    return 'next'
  }

  remove(): string {
    const { array } = this
    const task = this.tasks[0]
    const device = array === undefined ? undefined : this.deviceOf(array, task)
    if (array === undefined || device === undefined) return 'thaw'
    const removed = removeMember(array, device)
    if (removed.ok) {
      this.say(`hot removed ${task.name} from ${this.path}`)
      return this.taskDone()
    }
    if (removed.errno !== 'EBUSY' || this.retries++ >= REMOVE_RETRIES) {
      return this.abort(`hot remove failed for ${task.name}: ${STRERROR[removed.errno]}`)
    }
    this.sleep(REMOVE_PAUSE)
    return 'remove'
  }

  /** Before the first member is added: whatever runs is halted, and nothing begins until all are added. */
  freeze(): string {
    const { array } = this
    const task = this.tasks[0]
    const device = array === undefined ? undefined : this.deviceOf(array, task)
    if (array === undefined || device === undefined) return 'thaw'
    if (task.action === 're-add' && reAddFailed(array, device).ok) {
      this.say(`re-add ${task.name} to ${array.name} succeed`)
      return this.taskDone()
    }
    const replaces = task.action === 'replace' || task.action === 'with'
    if (!replaces && isBusy(device)) return this.abort(`Cannot open ${task.name}: ${STRERROR.EBUSY}`)
    const then = replaces ? 'replace' : 'add'
    if (this.lookedWhetherToFreeze || task.action === 'with') return then
    this.lookedWhetherToFreeze = true
    const { md } = this.world.kernel
    const action = sysfsRead(md, array.name, 'sync_action')
    if (!action.ok || !['idle\n', 'recover\n'].includes(action.value)) return then
    const waiting = sysfsWrite(md, array.name, 'sync_action', 'frozen')
    this.frozen = waiting.ok
    if (waiting.ok && waiting.value !== null) this.call(waiting.value)
    return then
  }

  replaceMember(): string {
    const { array } = this
    const task = this.tasks[0]
    const device = array === undefined ? undefined : this.deviceOf(array, task)
    if (array === undefined || device === undefined) return 'thaw'
    return task.action === 'with' ? this.replaceWith(array, device, task) : this.replace(array, device, task.name)
  }

  add(): string {
    const { array } = this
    const task = this.tasks[0]
    const device = array === undefined ? undefined : this.deviceOf(array, task)
    if (array === undefined || device === undefined) return 'thaw'
    const names = { path: task.name, arrayPath: this.path }
    this.adding = new AddDevice(this.world.kernel, array, device, names, task.action, this.cause)
    this.call(this.adding)
    return 'added'
  }

  added(): string {
    const { adding } = this
    this.stderr += adding?.stderr ?? ''
    return adding?.added === true ? this.taskDone() : this.abort('')
  }

  thaw(): string {
    if (this.frozen && this.array !== undefined) {
      const idle = sysfsWrite(this.world.kernel.md, this.array.name, 'sync_action', 'idle')
      if (idle.ok && idle.value !== null) this.call(idle.value)
    }
    this.sleep(ENDING_TIME)
    return 'stop'
  }

  stop(): string {
    const { given } = this.request
    if (this.status === 0 && given.has('test') && this.done === 0) this.status = 2
    if (this.status !== 0 || !given.has('stop')) return DONE
    this.stopping = new StopNamedArray(this.world.kernel, this.path)
    this.call(this.stopping)
    return 'stopped'
  }

  stopped(): string {
    this.stderr += this.stopping?.stderr ?? ''
    this.status = this.stopping?.status ?? 0
    return DONE
  }
}

const MANAGE_STEPS = {
  begin: (manage: MdadmManage) => manage.begin(),
  next: (manage: MdadmManage) => manage.next(),
  remove: (manage: MdadmManage) => manage.remove(),
  freeze: (manage: MdadmManage) => manage.freeze(),
  replace: (manage: MdadmManage) => manage.replaceMember(),
  add: (manage: MdadmManage) => manage.add(),
  added: (manage: MdadmManage) => manage.added(),
  thaw: (manage: MdadmManage) => manage.thaw(),
  stop: (manage: MdadmManage) => manage.stop(),
  stopped: (manage: MdadmManage) => manage.stopped(),
}

function isPulled(device: BlockDevice): boolean {
  return 'pulled' in device && device.pulled === true
}
