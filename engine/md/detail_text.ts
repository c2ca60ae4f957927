import { ctimeText } from './ctime_text.ts'
import { enough } from './mdadm_enough.ts'
import { localName } from './examine_text.ts'
import { formatUuid, humanSize, layoutName, levelName, raid10LayoutText } from './mdadm_names.ts'

/** A member as the kernel reports it. */
export interface DetailMember {
  readonly name: string
  readonly major: number
  readonly minor: number
  /** Device number of its superblock. */
  readonly number: number
  /** The slot it stands in, also while it is rebuilt or just failed; undefined for spares and for what has left its slot. */
  readonly slot: number | undefined
  readonly state: 'in sync' | 'spare' | 'faulty' | 'journal' | 'faulty journal'
  readonly writeMostly?: boolean
}

/** What the superblock of the first active member says. */
export interface DetailIdentity {
  readonly setName: string
  readonly uuid: Uint8Array
  readonly events: number
}

/** What goes on: `running` with whole per cent done, or not yet. */
export interface DetailSync {
  readonly action: 'recovery' | 'resync' | 'check'
  readonly state: 'running' | 'delayed' | 'pending'
  readonly percent: number
}

/** An array that runs. */
export interface ArrayDetail {
  readonly path: string
  readonly homehost: string
  /** Of its metadata; 1.2 if not said. */
  readonly version?: string
  readonly level: number
  readonly layout: number
  readonly chunkKib: number
  readonly raidDevices: number
  readonly arrayKib: number
  readonly memberKib: number
  readonly ctimeSeconds: number
  readonly utimeSeconds: number
  /** What /sys says of it; the tool asks for this only where there is no redundancy. */
  readonly stateName?: string
  /** No write is under way: what the superblocks would say now. */
  readonly clean: boolean
  readonly bitmap: boolean
  readonly journaled?: boolean
  readonly sync: DetailSync | undefined
  /** Undefined when no member is left that could be asked. */
  readonly identity: DetailIdentity | undefined
  readonly members: readonly DetailMember[]
}

/**
 * The report of `mdadm --detail`.
 * @source Detail, Detail.c, mdadm 4.2
 */
export function detailText(array: ArrayDetail): string {
  const { level, sync, members } = array
  const count = (state: DetailMember['state']): number => members.filter((member) => member.state === state).length
  const working = count('in sync') + count('spare') + count('journal')
  const sections = [
    [
      line('Version', array.version ?? '1.2'),
      line('Creation Time', ctimeText(array.ctimeSeconds)),
      line('Raid Level', levelName(level)),
      line('Array Size', `${array.arrayKib}${humanSize(array.arrayKib * 1024)}`),
      level > 0 ? line('Used Dev Size', `${array.memberKib}${humanSize(array.memberKib * 1024)}`) : '',
      line('Raid Devices', array.raidDevices),
      line('Total Devices', members.length),
      line('Persistence', 'Superblock is persistent'),
    ],
    array.bitmap ? [line('Intent Bitmap', 'Internal')] : [],
    [
      line('Update Time', ctimeText(array.utimeSeconds)),
      line('State', stateText(array)),
      line('Active Devices', count('in sync')),
      working > 0 ? line('Working Devices', working) : '',
      line('Failed Devices', count('faulty') + count('faulty journal')),
      line('Spare Devices', count('spare')),
    ],
    layoutLines(array),
    [line('Consistency Policy', policyOf(array))],
    sync?.state === 'running' ? [line(`${STATUS_NAMES[sync.action]} Status`, `${sync.percent}% complete`)] : [],
    array.identity === undefined ? [] : identityLines(array.identity, array.homehost),
    tableLines(array),
  ]
  const written = sections.filter((lines) => lines.length > 0).map((lines) => lines.join(''))
  return `${array.path}:\n${written.join('\n')}`
}

function policyOf({ bitmap, journaled, level }: ArrayDetail): string {
  if (journaled === true) return 'journal'
  if (bitmap) return 'bitmap'
  return level > 0 ? 'resync' : 'none'
}

/** An array whose members have been added but that does not run. */
export interface InactiveDetail {
  readonly path: string
  readonly homehost: string
  readonly level: number
  readonly identity: DetailIdentity
  readonly members: readonly Pick<DetailMember, 'name' | 'major' | 'minor'>[]
}

/** The report of `mdadm --detail` on an array that does not run. */
export function inactiveDetailText(array: InactiveDetail): string {
  const sections = [
    [
      line('Version', '1.2'),
      line('Raid Level', levelName(array.level)),
      line('Total Devices', array.members.length),
      line('Persistence', 'Superblock is persistent'),
    ],
    [line('State', 'inactive'), line('Working Devices', array.members.length)],
    identityLines(array.identity, array.homehost),
    ['    Number   Major   Minor   RaidDevice\n'],
    array.members.map(({ name, major, minor }) => `${row('-', major, minor, '-')}   ${name}\n`),
  ]
  return `${array.path}:\n${sections.map((lines) => lines.join('')).join('\n')}`
}

const STATUS_NAMES = { recovery: 'Rebuild', resync: 'Resync', check: 'Check' } as const
const STATE_NAMES = { recovery: 'recovering', resync: 'resyncing', check: 'checking' } as const

function line(label: string, value: string | number): string {
  return `${label.padStart(18)} : ${value}\n`
}

function identityLines({ setName, uuid, events }: DetailIdentity, homehost: string): string[] {
  return [line('Name', setName + localName(setName, homehost)), line('UUID', formatUuid(uuid)), line('Events', events)]
}

/** `clean, degraded, recovering `, with the blank that mdadm ends it with. */
function stateText(array: ArrayDetail): string {
  const { sync, level, layout, raidDevices: raidDisks } = array
  const inSync = Array.from({ length: raidDisks }, (_, slot) =>
    array.members.some((member) => member.slot === slot && member.state === 'in sync'),
  )
  let text: string = array.clean ? (level > 0 ? 'clean' : (array.stateName ?? 'clean')) : 'active'
  if (inSync.includes(false)) text += enough({ level, layout, raidDisks }, true, inSync) ? ', degraded' : ', FAILED'
  if (sync) {
    text += `, ${STATE_NAMES[sync.action]}`
    if (sync.state !== 'running') text += ` (${sync.state.toUpperCase()})`
  }
  return `${text} `
}

function layoutLines({ level, layout, chunkKib }: ArrayDetail): string[] {
  const lines: string[] = []
  if (level === 0 || level === 5 || level === 6) lines.push(line('Layout', layoutName(level, layout)))
  if (level === 10) lines.push(line('Layout', raid10LayoutText(layout)))
  if (level !== 1) lines.push(line('Chunk Size', `${chunkKib}K`))
  return lines
}

/** The table: each slot with who stands in it, the replacement below, and after an empty line all that have no slot. */
function tableLines(array: ArrayDetail): string[] {
  const { raidDevices } = array
  const members = [...array.members].sort((a, b) => a.number - b.number)
  const lines = ['    Number   Major   Minor   RaidDevice State\n']
  for (let slot = 0; slot < raidDevices; slot++) {
    const standing = members.filter((member) => member.slot === slot)
    if (standing.length === 0) lines.push(`${row('-', 0, 0, slot)} removed\n`)
    for (const member of standing) lines.push(memberLine(array, member))
  }
  const others = members.filter((member) => member.slot === undefined)
  if (others.length > 0) lines.push('\n', ...others.map((member) => memberLine(array, member)))
  return lines
}

function memberLine(array: ArrayDetail, member: DetailMember): string {
  const { number, major, minor, slot } = member
  return `${row(number, major, minor, slot ?? '-')} ${memberState(array, member)}   ${member.name}\n`
}

function memberState({ level, layout, raidDevices }: ArrayDetail, member: DetailMember): string {
  const writeMostly = member.writeMostly === true ? ' writemostly' : ''
  if (member.state === 'journal') return 'journal'
  if (member.state === 'faulty journal') return 'faulty journal'
  if (member.state === 'faulty') return `faulty${writeMostly}`
  if (member.state === 'spare') {
    const what = writeMostly === '' ? 'spare' : `${writeMostly.trimStart()} spare`
    return member.slot === undefined ? what : `${what} rebuilding`
  }
  const near = layout & 0xff
  const sets = level === 10 && layout >> 8 === 1 && raidDevices % near === 0 && near <= 26
  const set = sets ? ` set-${String.fromCharCode(65 + ((member.slot ?? 0) % near))}` : ''
  return `active sync${set}${writeMostly}`
}

/** The numbers of a line; mdadm gives a dash another place than a number. */
function row(number: number | '-', major: number, minor: number, slot: number | '-'): string {
  const first = number === '-' ? '       -' : `   ${String(number).padStart(5)}`
  const last = slot === '-' ? '        -' : `    ${String(slot).padStart(5)}`
  return `${first}   ${String(major).padStart(5)}    ${String(minor).padStart(5)}${last}     `
}
