/** The commands of dmsetup. */
import type { MappedDevice } from '../dm/mapped_device.ts'
import type { DmOperation } from '../dm/operation.ts'
import { RefreshStatusOperation } from '../dm/refresh_status.ts'
import { RemoveOperation } from '../dm/remove.ts'
import { ResumeOperation } from '../dm/resume.ts'
import { SuspendOperation } from '../dm/suspend.ts'
import { DONE } from '../sim/procedure.ts'
import type { DmsetupRun } from './dmsetup.ts'
import { create, CREATE_USAGE, load, LOAD_USAGE } from './dmsetup_create.ts'
import { list, targets, targetVersion, version } from './dmsetup_lists.ts'
import { message, rename } from './dmsetup_message.ts'
import { removeAll } from './dmsetup_remove_all.ts'
import { chosenTable, depsLine, infoText, shownName } from './dmsetup_show.ts'
import { ForcedRemoveOperation, WipeOperation } from './dmsetup_wipe.ts'
import { targetLines } from './target_lines.ts'

interface VerbBase {
  readonly name: string
  readonly usage: string
  /** How many words may follow the verb. */
  readonly minWords: number
  readonly maxWords: number
}

/** A verb that does the same to each of the devices that are named. */
export interface DeviceVerb extends VerbBase {
  readonly kind: 'devices'
  /** Without names it goes through all devices. */
  readonly allDevices: boolean
  /** It can print columns. */
  readonly report: boolean
  /** Begins with a device; null when there is nothing to wait for. */
  readonly start: (run: DmsetupRun, device: MappedDevice) => DmOperation | null
  /** What follows when that went well. */
  readonly done: (run: DmsetupRun, device: MappedDevice) => void
}

/** A verb with ways of its own: its first step. */
interface PlainVerb extends VerbBase {
  readonly kind: 'plain'
  readonly begin: (run: DmsetupRun) => string
}

export type DmsetupVerb = DeviceVerb | PlainVerb

export const DMSETUP_VERBS: readonly DmsetupVerb[] = [
  plain('help', 'help', 0, 0, (run) => run.help(0)),
  plain('create', CREATE_USAGE, 0, 2, create),
  change('remove', 'remove [-f] [--deferred] [--retry] NAME...', (run, device) =>
    run.has('force')
      ? new ForcedRemoveOperation(device, run.has('readonly'), run.has('deferred'))
      : new RemoveOperation(device, run.has('deferred')),
  ),
  plain('remove_all', 'remove_all [-f]', 0, 0, removeAll),
  change('suspend', 'suspend [--noflush] [--nolockfs] NAME...', (_run, device) => new SuspendOperation(device)),
  change('resume', 'resume [--noflush] [--nolockfs] NAME...', (_run, device) => new ResumeOperation(device)),
  plain('load', LOAD_USAGE, 0, 2, load),
  change('clear', 'clear NAME...', (_run, device) => {
    device.clear()
    return null
  }),
  plain('reload', 'reload NAME [FILE] [--table TABLE] [-r]', 0, 2, load),
  change('wipe_table', 'wipe_table [-f] NAME...', (run, device) => new WipeOperation(device, run.has('readonly'))),
  plain('rename', 'rename NAME [--setuuid] NEWNAME_OR_UUID', 1, 2, rename),
  plain('message', 'message NAME SECTOR TEXT...', 2, Infinity, message),
  plain('ls', 'ls [--target TYPE] [--tree] [-o OPTIONS]', 0, 0, list),
  show('info', 'info [-c] [-o FIELDS] [-O FIELDS] [--noheadings] [--separator TEXT] [NAME...]', true, (run, device) => {
    run.stdout += infoText(device, run.inactive)
  }),
  show('deps', 'deps [-o devno|devname|blkdevname] [NAME...]', false, (run, device) => {
    if (run.has('verbose')) run.stdout += infoText(device, run.inactive)
    run.stdout += prefix(run, device) + depsLine(device, run.inactive, run.naming())
    if (run.namesDevices && run.has('verbose')) run.stdout += '\n'
  }),
  {
    ...show('status', 'status [--target TYPE] [NAME...]', false, (run, device) => showTargets(run, device, 'status')),
    start: (_run, device) => new RefreshStatusOperation(device),
  },
  show('table', 'table [--target TYPE] [--inactive] [NAME...]', false, (run, device) =>
    showTargets(run, device, 'table'),
  ),
  plain('mknodes', 'mknodes [NAME...]', 0, Infinity, () => DONE),
  plain('target-version', 'target-version TYPE...', 1, Infinity, targetVersion),
  plain('targets', 'targets', 0, 0, targets),
  plain('version', 'version', 0, 0, version),
]

function plain(name: string, usage: string, minWords: number, maxWords: number, begin: PlainVerb['begin']): PlainVerb {
  return { kind: 'plain', name, usage, minWords, maxWords, begin }
}

function change(name: string, usage: string, start: DeviceVerb['start']): DeviceVerb {
  return {
    kind: 'devices',
    name,
    usage,
    minWords: 0,
    maxWords: Infinity,
    allDevices: false,
    report: false,
    start,
    done: (run, device) => {
      const shows = name === 'suspend' || name === 'resume' || name === 'clear'
      if (shows && run.has('verbose')) run.stdout += infoText(device, run.inactive)
    },
  }
}

function show(name: string, usage: string, report: boolean, done: DeviceVerb['done']): DeviceVerb {
  const words = { minWords: 0, maxWords: Infinity }
  return { kind: 'devices', name, usage, ...words, allDevices: true, report, start: () => null, done }
}

function prefix(run: DmsetupRun, device: MappedDevice): string {
  return run.namesDevices && !run.has('verbose') ? `${shownName(device)}: ` : ''
}

function showTargets(run: DmsetupRun, device: MappedDevice, kind: 'status' | 'table'): void {
  const type = run.options.values.get('target') ?? ''
  const lines = targetLines(chosenTable(device, run.inactive), kind, type, prefix(run, device))
  if (lines !== '' && run.has('verbose')) run.stdout += infoText(device, run.inactive)
  run.stdout += lines
  if (lines !== '' && run.namesDevices && run.has('verbose')) run.stdout += '\n'
}
