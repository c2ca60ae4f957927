import { fail, type Failure } from '../base/errno.ts'
import { DONE } from '../sim/procedure.ts'
import type { MappedDevice } from './mapped_device.ts'
import { DmOperation } from './operation.ts'
import { DmTable, type TableLine } from './table.ts'

/**
 * Makes a table and puts it into the inactive slot of a device. Where it fails, the table that was in the slot stays.
 * @source table_load, drivers/md/dm-ioctl.c, 6.1
 */
export class LoadOperation extends DmOperation {
  readonly table: DmTable
  readonly lines: readonly TableLine[]
  nextLine: number

  constructor(device: MappedDevice, lines: readonly TableLine[], readOnly: boolean) {
    super(device, 'nextTarget')
    this.table = new DmTable(device, readOnly)
    this.lines = lines
    this.nextLine = 0
  }

  override steps() {
    return LOAD_STEPS
  }
}

/** Whether a table may take the place of the one that serves. Anything may become an error. */
function cannotFollow({ active, mapName }: MappedDevice, { targets }: DmTable): Failure | null {
  const old = active?.targets.find(({ type }) => type.isImmutable)?.type
  if (old === undefined || targets.every(({ type }) => type === old || type.name === 'error')) return null
  return fail('EINVAL', `${mapName} is a ${old.name} device, and stays one`)
}

const LOAD_STEPS = {
  nextTarget: (load: LoadOperation): string => {
    if (load.failure !== null) return 'giveUp'
    if (load.nextLine >= load.lines.length) return 'validate'
    const target = load.table.add(load.lines[load.nextLine++], load.device.dm.registry)
    if (!target.ok) load.failure = target
    else load.through([target.value])
    return 'openTarget'
  },

  openTarget: (load: LoadOperation): string => load.hooks('open', 'openTarget', 'nextTarget'),

  /** The areas of a first table are checked now, those of later ones when they are swapped in: as the kernel does it. */
  validate: (load: LoadOperation): string => {
    const { device, table } = load
    if (table.targets.length === 0) load.failure = fail('EINVAL', 'a table wants at least one line')
    else if (!device.registered) load.failure = table.validateAreas()
    load.failure ??= cannotFollow(device, table)
    if (load.failure !== null) return 'giveUp'
    device.registered = true
    const old = device.inactive
    device.inactive = table
    old?.destroy()
    device.dm.showNode(device)
    return DONE
  },

  giveUp: (load: LoadOperation): string => {
    load.table.destroy()
    return DONE
  },
}
