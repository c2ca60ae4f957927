/** What the inspector says of the smaller things: members, bits of the bitmap, faults, events, the running command. */
import { COUNTER_COUNT, COUNTER_NEEDED, COUNTER_RESYNC, type ConsoleEntry } from '../../engine/api/frame.ts'
import { clock, duration, plural, sectorBytes } from '../draw/format.ts'
import { hoverKey, parseHoverKey, type HoverId } from './hover_id.ts'
import { originOf } from './inspect_origin.ts'
import { flightsOf, type Field, type Inspection, type Link, type Tone } from './inspection.ts'
import type { Selection } from './page_store.ts'
import type { Picture } from './picture.ts'

const NOTHING = {
  verdict: '',
  verdictTone: 'plain',
  why: '',
  causes: [],
  pending: [],
  procedures: [],
  origin: [],
} as const

/** A member: its place in the array, its superblock and bitmap. */
export function inspectMember(picture: Picture, name: string, slot: number): Inspection | undefined {
  const frame = picture.frame?.arrays.find((array) => array.name === name)
  const member = frame?.members.find((one) => one.slot === slot)
  if (!frame || !member) return undefined
  const disk = picture.frame?.disks.find((one) => one.name === member.name)
  const isWell = member.state === 'active'
  let metaPages = 0
  for (const sector of disk?.cacheSectors ?? []) if (sector < member.dataOffset) metaPages++
  const built = member.state === 'rebuilding' ? member.recoveryOffset / frame.sync.total : 1
  return {
    ...NOTHING,
    title: `${member.name || 'no disk'}, slot ${slot} of ${name}`,
    verdict: isWell ? '' : member.state,
    verdictTone: member.state === 'rebuilding' ? 'amber' : 'danger',
    fields: [
      { label: 'state', value: isWell ? 'active, in sync' : member.state },
      ...(member.name === '' ? [] : [diskField(member.name)]),
      ...(member.state === 'rebuilding'
        ? [{ label: 'rebuilt', value: `${sectorBytes(member.recoveryOffset)}, ${(built * 100).toFixed(1)} %` }]
        : []),
      { label: 'data from', value: `sector ${member.dataOffset}` },
      {
        label: 'metadata',
        value: metaPages === 0 ? 'all of it on the medium' : `${plural(metaPages, 'page')} only in the cache`,
        tone: metaPages === 0 ? 'plain' : 'amber',
      },
    ],
    pending: flightsOf(picture, { members: [member] }, (_, sector) => sector < member.dataOffset),
    procedures: frame.procedures.filter(({ name: what }) => what !== 'check' && what !== 'repair'),
    origin: [...originOf(picture, `member ${frame.minor} ${slot}`), ...originOf(picture, `superblock ${frame.minor}`)],
  }
}

function diskField(disk: string): Field {
  return {
    label: 'disk',
    value: disk,
    links: [{ text: disk, select: { kind: 'disk', disk }, hover: hoverKey({ kind: 'disk', disk }) }],
  }
}

/** One bit of the bitmap: the counter in memory, the bit in the page, the bit on each medium. */
export function inspectBit(picture: Picture, name: string, chunk: number): Inspection | undefined {
  const frame = picture.frame?.arrays.find((array) => array.name === name)
  const bitmap = frame?.bitmap
  if (!frame || !bitmap || chunk >= bitmap.counters.length) return undefined
  const value = bitmap.counters[chunk]
  const count = value & COUNTER_COUNT
  const from = chunk * bitmap.chunkSectors
  const first = Math.floor(from / frame.chunkSectors)
  const last = Math.min(frame.rows, Math.ceil((from + bitmap.chunkSectors) / frame.chunkSectors)) - 1
  const holders = frame.members.filter(({ slot, name: disk }) => slot >= 0 && disk !== '')
  const set = holders.filter(({ slot }) => (bitmap.mediaBits[chunk] & (1 << slot)) !== 0)
  const isInPage = bitmap.pageBits[chunk] === 1
  const isNeeded = (value & COUNTER_NEEDED) !== 0
  const stripes = Array.from({ length: Math.min(16, last - first + 1) }, (_, i) => first + i)
  const waiting = frame.stripes.filter(
    ({ sector, state }) => state === 'bitmap' && sector >= from && sector < from + bitmap.chunkSectors,
  )
  return {
    ...NOTHING,
    title: `Bitmap chunk ${chunk} of ${name}`,
    verdict: isNeeded ? 'resync needed' : (value & COUNTER_RESYNC) !== 0 ? 'being resynced' : '',
    verdictTone: 'amber',
    fields: [
      { label: 'counter', value: counterWords(count), tone: count > 2 ? 'amber' : 'plain' },
      { label: 'in memory', value: isInPage ? 'set' : 'clear' },
      {
        label: 'on disk',
        value: set.length === 0 ? 'clear everywhere' : `set on ${set.map(({ name: disk }) => disk).join(', ')}`,
        links: holders.map(({ name: disk, slot }) => ({
          text: `${disk} ${set.some((one) => one.slot === slot) ? '1' : '0'}`,
          select: { kind: 'member', array: name, slot } as const,
          hover: hoverKey({ kind: 'member', array: name, slot }),
        })),
      },
      {
        label: 'stands for',
        value: last > first ? `stripes ${first} to ${last}` : `stripe ${first}`,
        links: stripes.map((stripe) => ({
          text: `stripe ${stripe}`,
          select: { kind: 'stripe', array: name, stripe } as const,
          hover: hoverKey({ kind: 'stripe', array: name, stripe }),
        })),
      },
      {
        label: 'if cut now',
        ...afterCut(count > 2 || isNeeded, set.length, holders.length),
      },
    ],
    why: bitWords(count, isInPage, set.length, holders.length),
    pending: waiting.map(({ sector }) => ({
      key: `entry ${sector}`,
      text: `stripe ${Math.floor(sector / frame.chunkSectors)} waits for this bit`,
      detail: 'it has to be on every member before data is written',
      tone: 'amber' as const,
      hover: hoverKey({ kind: 'entry', array: name, sector }),
    })),
    procedures: frame.procedures.filter(({ name: what }) => what === 'bitmap flush' || what === frame.sync.action),
    origin: originOf(picture, `bit ${frame.minor} ${chunk}`),
  }
}

function counterWords(count: number): string {
  if (count === 0) return '0: clean'
  if (count === 1) return '1: idle; the next pass of the daemon clears it'
  if (count === 2) return '2: idle; the daemon lowers it'
  return `${count}: ${plural(count - 2, 'write')} in flight`
}

function afterCut(isDirty: boolean, set: number, holders: number): { value: string; tone: Tone } {
  if (set > 0) return { value: 'its stripes are resynced', tone: 'plain' }
  if (!isDirty || holders === 0) return { value: 'nothing has to be resynced here', tone: 'plain' }
  return { value: 'no medium has the bit: its stripes are not resynced', tone: 'danger' }
}

function bitWords(count: number, isInPage: boolean, set: number, holders: number): string {
  if (isInPage && set < holders) return 'Set in memory; the page has still to reach every medium.'
  if (!isInPage && set > 0) return 'Cleared in memory; the page goes to the disks with the next pass of the daemon.'
  if (isInPage && count <= 2)
    return 'No write is in flight. The bit stays for two more passes of the daemon, five seconds apart.'
  return ''
}

export function inspectFault(picture: Picture, id: number): Inspection | undefined {
  const fault = picture.frame?.faults.find((one) => one.id === id)
  if (!fault) return undefined
  const isPlace = fault.kind === 'rot' || fault.kind === 'latent'
  return {
    ...NOTHING,
    title: `Fault ${id}: ${fault.kind}`,
    verdict: isPlace && fault.healed >= fault.sectors ? 'rewritten' : '',
    fields: [
      diskField(fault.disk),
      ...(isPlace
        ? [
            { label: 'sectors', value: `${fault.sector}+${fault.sectors}` },
            { label: 'rewritten', value: `${fault.healed} of ${fault.sectors}` },
          ]
        : []),
      ...(fault.kind === 'slow' ? [{ label: 'factor', value: String(fault.amount) }] : []),
      ...(fault.kind === 'hang'
        ? [{ label: 'until', value: Number.isFinite(fault.amount) ? clock(fault.amount) : 'it is lifted' }]
        : []),
    ],
    origin: originOf(picture, `fault ${id}`),
  }
}

/** A notable event. */
export function inspectEvent(picture: Picture, key: number): Inspection | undefined {
  const event = picture.timeline.events.find((one) => one.key === key)
  if (!event) return undefined
  const now = picture.frame?.time ?? event.time
  const links = event.about.flatMap((about) => linkOf(about))
  const deeds = event.about.flatMap((about) => {
    const id = parseHoverKey(about)
    return id?.kind === 'fault' ? originOf(picture, `fault ${id.fault}`) : []
  })
  return {
    ...NOTHING,
    title: event.text,
    fields: [
      { label: 'when', value: clock(event.time) },
      { label: 'ago', value: duration(now - event.time) },
      ...(links.length > 0 ? [{ label: 'concerns', value: links.map(({ text }) => text).join(' · '), links }] : []),
    ],
    origin: deeds,
  }
}

/** What a key names, to be picked. */
function linkOf(key: string): Link[] {
  const id = parseHoverKey(key)
  const found = id && selectable(id)
  return found ? [{ text: found.text, select: found.select, hover: key }] : []
}

function selectable(id: HoverId): { text: string; select: Selection } | undefined {
  switch (id.kind) {
    case 'array':
      return { text: `/dev/${id.array}`, select: id }
    case 'disk':
      return { text: id.disk, select: id }
    case 'member':
      return { text: `slot ${id.slot} of ${id.array}`, select: id }
    case 'stripe':
      return { text: `stripe ${id.stripe}`, select: id }
    case 'fault':
      return { text: `fault ${id.fault}`, select: id }
    default:
      return undefined
  }
}

/** The command that is under way, else the one that ended last. */
export function inspectCommand(picture: Picture, last: ConsoleEntry | undefined): Inspection | undefined {
  const command = picture.frame?.command
  if (command) {
    return {
      ...NOTHING,
      title: command.line,
      verdict: 'under way',
      verdictTone: 'amber',
      fields: [
        {
          label: 'since',
          value: `${clock(command.at)}, for ${duration((picture.frame?.time ?? command.at) - command.at)}`,
        },
        { label: 'waits for', value: command.pending === 0 ? 'its turn' : plural(command.pending, 'thing') },
      ],
      procedures: [{ name: 'the command', step: command.step, steps: command.steps, pending: command.pending }],
      pending: flightsFor(picture, command.cause),
    }
  }
  if (!last) return undefined
  return {
    ...NOTHING,
    title: last.command,
    verdict: last.status === 0 ? 'ended' : `failed, status ${last.status}`,
    verdictTone: last.status === 0 ? 'plain' : 'danger',
    fields: [
      { label: 'from', value: clock(last.begun) },
      { label: 'took', value: duration(last.at - last.begun) },
      { label: 'typed', value: last.source === 'boot' ? 'by the boot script' : 'by a person' },
    ],
  }
}

function flightsFor(picture: Picture, cause: number) {
  const members = picture.frame?.disks ?? []
  return flightsOf(picture, { members }, () => true).filter(({ key }) => {
    return picture.bios.causeOf(Number(key.split(' ')[1])) === cause
  })
}
