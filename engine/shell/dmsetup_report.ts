/** `dmsetup info -c`: columns. @source the fields of dmsetup.c and libdm-report.c, 1.02.185 */
import { fail, ok, type Result } from '../base/errno.ts'
import { deviceId, type BlockDevice } from '../block/device.ts'
import type { DeviceMapper } from '../dm/device_mapper.ts'
import type { MappedDevice } from '../dm/mapped_device.ts'
import { unmangleName } from './dmsetup_names.ts'
import { shownName, targetCount } from './dmsetup_show.ts'
import { DmTree } from './dmsetup_tree.ts'
import { kernelName } from './namespace.ts'

/** What a row is made from. */
interface Row {
  readonly device: MappedDevice
  readonly tree: DmTree
  readonly inactive: boolean
}

interface Field {
  readonly heading: string
  readonly width: number
  /** Numbers stand at the right of their column. */
  readonly isNumber: boolean
  readonly value: (row: Row) => string | number
}

const FIELDS: Readonly<Record<string, Field>> = {
  name: text('Name', 16, ({ device }) => shownName(device)),
  mangled_name: text('MangledName', 16, ({ device }) => device.mapName),
  unmangled_name: text('UnmangledName', 16, ({ device }) => shownName(device)),
  uuid: text('UUID', 32, ({ device }) => unmangleName(device.uuid)),
  mangled_uuid: text('MangledUUID', 32, ({ device }) => device.uuid),
  unmangled_uuid: text('UnmangledUUID', 32, ({ device }) => unmangleName(device.uuid)),
  read_ahead: number('RAhead', 6, ({ device }) =>
    device.hasNode && device.registered ? device.readAheadSectors() : 0,
  ),

  blkdevname: text('BlkDevName', 16, ({ device }) => kernelName(device)),
  attr: text('Stat', 4, ({ device }) => attributes(device)),
  tables_loaded: text('Tables', 6, ({ device }) => tablesLoaded(device)),
  suspended: text('Suspended', 9, ({ device }) => (device.suspended ? 'Suspended' : 'Active')),
  readonly: text('Read-only', 9, ({ device }) => (device.readOnly ? 'Read-only' : 'Writeable')),
  devno: text('DevNo', 5, ({ device }) => deviceId(device)),
  major: number('Maj', 3, ({ device }) => device.major),
  minor: number('Min', 3, ({ device }) => device.minor),
  open: number('Open', 4, ({ device }) => device.openers),
  segments: number('Targ', 4, ({ device, inactive }) => targetCount(device, inactive)),
  events: number('Event', 6, ({ device }) => device.eventNumber),

  device_count: number('#Devs', 5, ({ device }) => below(device).length),
  devs_used: text('DevNamesUsed', 16, ({ device, tree }) =>
    (tree.find(device)?.below ?? []).flatMap((node) => mappedName(node.device)).join(','),
  ),
  devnos_used: text('DevNosUsed', 16, ({ device }) => below(device).map(deviceId).join(',')),
  blkdevs_used: text('BlkDevNamesUsed', 16, ({ device }) => below(device).map(kernelName).join(',')),
  device_ref_count: number('#Refs', 5, ({ device, tree }) => above(device, tree).length),
  names_using_dev: text('RefNames', 8, ({ device, tree }) => above(device, tree).flatMap(mappedName).join(',')),
  devnos_using_dev: text('RefDevNos', 9, ({ device, tree }) => above(device, tree).map(deviceId).join(',')),

  subsystem: text('Subsys', 6, ({ device }) => subsystem(device)),
  vg_name: text('VG', 4, ({ device }) => volume(device)[0]),
  lv_name: text('LV', 4, ({ device }) => volume(device)[1]),
  lv_layer: text('LVLayer', 7, ({ device }) => volume(device)[2]),
}

/** Names that stand for several fields. */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  name_all: Object.keys(FIELDS).slice(0, 7),
  info_all: Object.keys(FIELDS).slice(7, 18),
  deps_all: Object.keys(FIELDS).slice(18, 25),
  splitname_all: Object.keys(FIELDS).slice(25),
}

const DEFAULT_FIELDS = 'name,major,minor,attr,open,segments,events,uuid'

export interface ReportOptions {
  /** As after -o; null for the usual ones. */
  readonly fields: string | null
  /** As after -O. */
  readonly sort: string
  readonly noHeadings: boolean
  readonly separator: string | null
  readonly namePrefixes: boolean
  readonly unquoted: boolean
  readonly inactive: boolean
}

/** @errors EINVAL for a field that there is not. */
export function reportText(dm: DeviceMapper, devices: readonly MappedDevice[], options: ReportOptions): Result<string> {
  const added = options.fields?.startsWith('+') === true ? `${DEFAULT_FIELDS},${options.fields.slice(1)}` : null
  const ids = fieldIds(added ?? options.fields ?? DEFAULT_FIELDS)
  if (!ids.ok) return ids
  const tree = new DmTree(dm)
  const rows = devices.map((device) => ({ device, tree, inactive: options.inactive }))
  const failure = sortRows(rows, options.sort)
  if (failure !== null) return failure
  const columns = ids.value.map((id) => FIELDS[id])
  const cells = rows.map((row) => columns.map((field) => String(field.value(row))))
  const separator = options.separator ?? (options.noHeadings ? ':' : ' ')
  const isAligned = !options.noHeadings && options.separator === null && !options.namePrefixes
  const widths = columns.map((field, i) =>
    isAligned ? Math.max(field.width, field.heading.length, ...cells.map((row) => row[i].length)) : 0,
  )
  let report = ''
  if (!options.noHeadings) {
    report += columns.map((field, i) => field.heading.padEnd(widths[i])).join(separator) + '\n'
  }
  for (const row of cells) {
    const shown = row.map((cell, i) => {
      if (options.namePrefixes) return prefixed(ids.value[i], cell, options.unquoted)
      return columns[i].isNumber ? cell.padStart(widths[i]) : cell.padEnd(widths[i])
    })
    report += shown.join(separator) + '\n'
  }
  return ok(report)
}

function fieldIds(names: string): Result<string[]> {
  const ids: string[] = []
  for (const name of names.split(',')) {
    if (Object.hasOwn(GROUPS, name)) ids.push(...GROUPS[name])
    else if (Object.hasOwn(FIELDS, name)) ids.push(name)
    else return fail('EINVAL', `there is no field ${name}; there are ${Object.keys(FIELDS).join(', ')}`)
  }
  return ok(ids)
}

/** Sorts by the keys after -O; a key after `-` goes downwards. */
function sortRows(rows: Row[], keys: string): ReturnType<typeof fail> | null {
  if (keys === '') return null
  const signs = keys.split(',').map((key) => (key.startsWith('-') ? -1 : 1))
  const ids = fieldIds(keys.replace(/(^|,)[+-]/g, '$1'))
  if (!ids.ok) return ids
  rows.sort((a, b) => {
    for (const [i, id] of ids.value.entries()) {
      const [left, right] = [FIELDS[id].value(a), FIELDS[id].value(b)]
      if (left !== right) return left < right ? -signs[i] : signs[i]
    }
    return 0
  })
  return null
}

function prefixed(id: string, cell: string, unquoted: boolean): string {
  return `DM_${id.toUpperCase()}=${unquoted ? cell : `'${cell}'`}`
}

function text(heading: string, width: number, value: Field['value']): Field {
  return { heading, width, isNumber: false, value }
}

function number(heading: string, width: number, value: Field['value']): Field {
  return { heading, width, isNumber: true, value }
}

function attributes(device: MappedDevice): string {
  const live = device.active === null ? '-' : 'L'
  const inactive = device.inactive === null ? '-' : 'I'
  return `${live}${inactive}${device.suspended ? 's' : '-'}${device.readOnly ? 'r' : 'w'}`
}

function tablesLoaded(device: MappedDevice): string {
  if (device.active !== null) return device.inactive === null ? 'Live' : 'Both'
  return device.inactive === null ? 'None' : 'Inactive'
}

function below(device: MappedDevice): BlockDevice[] {
  return [...(device.active?.devices.keys() ?? [])].reverse()
}

function above(device: MappedDevice, tree: DmTree): BlockDevice[] {
  return (tree.find(device)?.above ?? []).map((node) => node.device)
}

/** The name of a mapped device; nothing for any other. */
function mappedName(device: BlockDevice): string[] {
  return device.name.startsWith('mapper/') ? [unmangleName(device.name.slice('mapper/'.length))] : []
}

/** What stands before the first dash of the uuid. */
function subsystem(device: MappedDevice): string {
  const dash = device.uuid.indexOf('-')
  return dash < 0 ? '' : device.uuid.slice(0, dash)
}

/** The parts of a name that LVM gave: volume group, volume, layer; a doubled dash is one of the name's own. */
function volume(device: MappedDevice): readonly string[] {
  if (subsystem(device) !== 'LVM') return ['', '', '']
  const parts = shownName(device)
    .replaceAll('--', '\0')
    .split('-')
    .map((part) => part.replaceAll('\0', '-'))
  return [parts[0], parts[1] ?? '', parts[2] ?? '']
}
