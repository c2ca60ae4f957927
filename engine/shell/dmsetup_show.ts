/** What dmsetup prints of a device, in its plain forms. */
import { deviceId } from '../block/device.ts'
import type { MappedDevice } from '../dm/mapped_device.ts'
import type { DmTable } from '../dm/table.ts'
import { unmangleName } from './dmsetup_names.ts'
import { kernelName } from './namespace.ts'

/** How `deps` and `ls` name devices. */
export type DeviceNaming = 'devno' | 'devname' | 'blkdevname'

/** The name as people know it. */
export function shownName(device: MappedDevice): string {
  return unmangleName(device.mapName)
}

/** The table that a command speaks of. */
export function chosenTable(device: MappedDevice, inactive: boolean): DmTable | null {
  return inactive ? device.inactive : device.active
}

/** The paragraph of `info`. @source _display_info_long, dmsetup.c, 1.02.185 */
export function infoText(device: MappedDevice, inactive: boolean): string {
  const tables = [device.active === null ? '' : 'LIVE', device.inactive === null ? '' : 'INACTIVE']
  const present = tables.filter((table) => table !== '').join(' & ')
  const lines = [
    `Name:              ${shownName(device)}`,
    `State:             ${device.suspended ? 'SUSPENDED' : 'ACTIVE'}${device.readOnly ? ' (READ-ONLY)' : ''}` +
      (device.deferredRemove ? ' (DEFERRED REMOVE)' : ''),
    ...(device.registered && device.hasNode ? [`Read Ahead:        ${device.readAheadSectors()}`] : []),
    `Tables present:    ${present === '' ? 'None' : present}`,
    `Open count:        ${device.openers}`,
    `Event number:      ${device.eventNumber}`,
    `Major, minor:      ${device.major}, ${device.minor}`,
    `Number of targets: ${targetCount(device, inactive)}`,
    ...(device.uuid === '' ? [] : [`UUID: ${unmangleName(device.uuid)}`]),
  ]
  return lines.join('\n') + '\n\n'
}

export function targetCount(device: MappedDevice, inactive: boolean): number {
  return chosenTable(device, inactive)?.targets.length ?? 0
}

/** The line of `deps`. The kernel lists what was opened last first. */
export function depsLine(device: MappedDevice, inactive: boolean, naming: DeviceNaming): string {
  const below = [...(chosenTable(device, inactive)?.devices.keys() ?? [])].reverse()
  const names = below.map((each) => {
    if (naming === 'devno') return ` (${each.major}, ${each.minor})`
    const isMapped = naming === 'devname' && each.name.startsWith('mapper/')
    return isMapped ? ` (${unmangleName(each.name.slice('mapper/'.length))})` : ` (${kernelName(each)})`
  })
  return `${below.length} dependencies\t:${names.join('')}\n`
}

/** The line of `ls`. */
export function listLine(device: MappedDevice, naming: DeviceNaming): string {
  let id = deviceId(device)
  if (naming !== 'devno' && device.hasNode && device.registered) {
    id = naming === 'devname' ? shownName(device) : kernelName(device)
  }
  return `${shownName(device)}\t(${id})\n`
}
