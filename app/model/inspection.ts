/** What the inspector says of the thing that was picked: fields, what a power cut now would do, and why a disk is busy with it. */
import { INFLIGHT_COLUMNS, type ArrayFrame, type JournalFrame, type ProcedureFrame } from '../../engine/api/frame.ts'
import { OP_NAMES } from '../../engine/api/vocabulary.ts'
import { clock, duration, plural, sectorBytes } from '../draw/format.ts'
import type { ArrayPicture } from './array_picture.ts'
import { OLD, STALE } from './chunk_field.ts'
import { flowWords } from './flow_words.ts'
import { hoverKey } from './hover_id.ts'
import { originOf } from './inspect_origin.ts'
import type { Selection } from './page_store.ts'
import type { Picture } from './picture.ts'
import { describeStripe } from './stripe_notes.ts'
import { hasParity, type BitmapMark } from './scene.ts'

export type Tone = 'plain' | 'data' | 'parity' | 'amber' | 'danger'

/** A part of a value that can be picked, or looked at. */
export interface Link {
  readonly text: string
  readonly select?: Selection
  /** Key of what it names. */
  readonly hover?: string
  readonly tone?: Tone
}

export interface Field {
  readonly label: string
  readonly value: string
  readonly tone?: Tone
  /** What is used of a ring, from and to as parts of it; drawn below the value. */
  readonly ring?: { readonly from: number; readonly to: number }
  /** The same value, part by part. */
  readonly links?: readonly Link[]
}

export interface Cause {
  readonly key: string
  readonly text: string
  readonly detail: string
  readonly tone: Tone
  /** The one at the end of the chain that is under way. */
  readonly isUnderWay: boolean
  /** Key of what it is. */
  readonly hover?: string
}

/** Something that is to happen yet. */
export interface Pending {
  readonly key: string
  readonly text: string
  readonly detail: string
  readonly tone: Tone
  readonly hover?: string
}

export interface Inspection {
  readonly title: string
  readonly verdict: string
  readonly verdictTone: Tone
  readonly fields: readonly Field[]
  /** What is true of it and not what one would expect. */
  readonly surprises?: readonly string[]
  /** What the engine says of the stripe's plan. */
  readonly why: string
  readonly causes: readonly Cause[]
  /** What it waits for, or what waits for it. */
  readonly pending: readonly Pending[]
  /** What is at work on it, step by step. */
  readonly procedures: readonly ProcedureFrame[]
  /** Who set its state, and when. */
  readonly origin: readonly Cause[]
}

const MINORS = 1048576
/** Of the busy stripes of an array, those that are named one by one. */
const STRIPES_LISTED = 8

/** One row of an array, and one of its chunks if `slot` is not -1. */
export function inspectRow(picture: Picture, name: string, stripe: number, slot: number): Inspection | undefined {
  const array = picture.arrays.get(name)
  const frame = picture.frame?.arrays.find((candidate) => candidate.name === name)
  if (!array || !frame || stripe >= array.field.rows) return undefined
  const { field, scene } = array
  const { map } = field
  const from = stripe * map.chunkSectors
  const inRow = frame.stripes.filter(({ sector }) => sector >= from && sector < from + map.chunkSectors)
  const works = inRow.map((work) => describeStripe(work, map, array.partial))
  const chunks = Array.from({ length: field.slots }, (_, i) => i)
  const named = (i: number): string => `${scene.members[i].disk} ${map.nameAt(stripe, i)}`
  const cached = chunks.filter((i) => field.volatilePages[stripe * field.slots + i] > 0)
  const stale = chunks.filter((i) => field.state[stripe * field.slots + i] === STALE)
  const bits = rowBits(array, frame, stripe)
  const cut = afterCut(array, stripe, cached, stale, bits, frame.afterCrash)
  const fields: Field[] = [
    { label: 'state', value: works.length > 0 ? works.map(({ title }) => title).join('; ') : 'at rest' },
    {
      label: 'members',
      value: chunks.map(named).join(' · '),
      links: chunks.map((i) => ({
        text: named(i),
        select: { kind: 'chunk', array: name, stripe, slot: i },
        hover: hoverKey({ kind: 'chunk', array: name, stripe, slot: i }),
        tone: map.isParity(stripe, i) ? 'parity' : 'data',
      })),
    },
    {
      label: 'sectors',
      ...(slot >= 0 &&
        map.numberAt(stripe, slot) >= 0 && {
          links: [
            {
              text: `${map.arraySector(slot, from)}+${map.chunkSectors} of ${name}`,
              hover: hoverKey({ kind: 'block', array: name, sector: map.arraySector(slot, from) }),
            },
          ],
        }),
      value:
        slot >= 0 && map.numberAt(stripe, slot) >= 0
          ? `${map.arraySector(slot, from)}+${map.chunkSectors} of ${name}`
          : `${from}+${map.chunkSectors} of each member’s data`,
    },
    {
      label: 'in cache of',
      value:
        cached
          .map((i) => `${scene.members[i].disk} (${plural(field.volatilePages[stripe * field.slots + i], 'page')})`)
          .join(' · ') || 'no disk',
      tone: cached.length > 0 ? 'amber' : 'plain',
    },
    ...(bits
      ? [
          {
            label: 'bitmap',
            value: bits.text,
            links: [
              {
                text: bits.text,
                select: { kind: 'bit', array: name, chunk: bits.row.chunk } as const,
                hover: hoverKey({ kind: 'bit', array: name, chunk: bits.row.chunk }),
              },
            ],
          },
        ]
      : []),
    { label: 'if cut now', value: cut.text, tone: cut.tone },
  ]
  const title = slot >= 0 ? `Stripe ${stripe}, ${map.nameAt(stripe, slot)}` : `Stripe ${stripe}`
  const isParityStale = stale.some((i) => map.isParity(stripe, i))
  const isInDoubt = bits?.row.isNeeded ?? false
  return {
    title,
    verdict: isParityStale
      ? 'parity is stale'
      : stale.length > 0
        ? 'data is behind its parity'
        : isInDoubt
          ? 'not synced'
          : '',
    verdictTone: isParityStale ? 'parity' : stale.length > 0 ? 'data' : 'amber',
    fields,
    why: works[0]?.why ?? '',
    causes: causesOf(picture, array, stripe, slot, works[0]?.title ?? '', works[0]?.why ?? ''),
    pending: [
      ...works.map(({ key, title: text, acts, sector }) => ({
        key: `entry ${key}`,
        text,
        detail: acts.map(({ text: act, isDone }) => `${isDone ? '✓' : '…'} ${act}`).join(' · '),
        tone: 'plain' as const,
        hover: hoverKey({ kind: 'entry', array: name, sector }),
      })),
      ...flightsOf(picture, frame, (disk, sector) => {
        const member = frame.members.find((one) => one.name === disk && one.slot >= 0)
        if (!member || (slot >= 0 && member.slot !== slot)) return false
        return Math.floor((sector - member.dataOffset) / map.chunkSectors) === stripe
      }),
    ],
    procedures: frame.procedures.filter(
      (procedure) =>
        (procedure.name === frame.sync.action && Math.floor(frame.sync.position / map.chunkSectors) === stripe) ||
        (procedure.name === 'bitmap flush' && inRow.some(({ state }) => state === 'bitmap')),
    ),
    origin: [],
  }
}

/** Requests that disks have accepted and not completed, of those that are wanted. */
export function flightsOf(
  picture: Picture,
  of: { readonly members: readonly { readonly name: string }[] },
  isWanted: (disk: string, sector: number) => boolean,
): Pending[] {
  const found: Pending[] = []
  for (const disk of picture.frame?.disks ?? []) {
    if (!of.members.some(({ name }) => name === disk.name)) continue
    const { inflight } = disk
    for (let at = 0; at < inflight.length; at += INFLIGHT_COLUMNS) {
      const [bio, , opFlags, sector, sectors] = inflight.subarray(at, at + INFLIGHT_COLUMNS)
      if (!isWanted(disk.name, sector)) continue
      const since = picture.bios.find(bio)?.submittedAt
      const what = sectors === 0 ? 'flush' : `${OP_NAMES[(opFlags & 7) as 0] ?? 'I/O'} ${sector}+${sectors}`
      found.push({
        key: `bio ${bio}`,
        text: `${what} on ${disk.name}`,
        detail: `bio ${bio}${since === undefined ? '' : ` · for ${duration((picture.frame?.time ?? since) - since)}`}`,
        tone: (opFlags & 7) === 0 ? 'plain' : 'data',
        hover: hoverKey({ kind: 'bio', bio }),
      })
    }
  }
  return found
}

interface RowBits {
  readonly text: string
  readonly row: BitmapMark
  readonly isOnDisk: boolean
}

function rowBits(array: ArrayPicture, frame: ArrayFrame, stripe: number): RowBits | undefined {
  const row = array.bits(frame, stripe)
  if (!row) return undefined
  const disk = row.media === 0 ? '0' : row.media >= row.holders ? '1' : `1 on ${row.media} of ${row.holders}`
  const going = row.isInPage !== row.media > 0 ? (row.isInPage ? ', being set' : ', to be cleared') : ''
  const needed = row.isNeeded ? ' · resync needed' : ''
  return { text: `${row.chunk} · memory ${row.counter} · disk ${disk}${going}${needed}`, row, isOnDisk: row.media > 0 }
}

/** What a power cut at this moment would leave of a row. */
function afterCut(
  array: ArrayPicture,
  stripe: number,
  cached: readonly number[],
  stale: readonly number[],
  bits: RowBits | undefined,
  afterCrash: ArrayFrame['afterCrash'],
): { text: string; tone: Tone } {
  const { scene, field } = array
  const isDegraded = scene.health.includes('_')
  if (cached.length === 0 && stale.length === 0) return { text: 'nothing of it is lost', tone: 'plain' }
  const { map } = field
  const others = Array.from({ length: field.slots }, (_, slot) => slot)
    .filter((slot) => map.numberAt(stripe, slot) >= 0 && field.state[stripe * field.slots + slot] === OLD)
    .map((slot) => map.nameAt(stripe, slot))
  const atRisk = others.length > 0 ? others.join(', ') : 'its data'
  if (scene.level === 0) return { text: 'what is only in the cache may be lost', tone: 'amber' }
  const mayDisagree = disagreement(hasParity(scene.level), cached.length > 0, stale.length > 0)
  if (isDegraded) return { text: `${mayDisagree}; degraded: ${atRisk} at risk`, tone: 'danger' }
  if (afterCrash === 'nothing') {
    return { text: `${mayDisagree}, and nothing is resynced: only a check finds it`, tone: 'danger' }
  }
  const until = `; ${atRisk} at risk if a disk fails first`
  if (bits?.isOnDisk)
    return { text: `${mayDisagree}; the bitmap has the row, a resync mends it${until}`, tone: 'amber' }
  if (bits) return { text: `${mayDisagree}, and no bit is set on the disks`, tone: 'danger' }
  return { text: `${mayDisagree}; a full resync mends it${until}`, tone: 'amber' }
}

/** What may come out of step in a row of which a part is lost. */
function disagreement(hasParity: boolean, isCached: boolean, isStale: boolean): string {
  if (!hasParity) return isStale && !isCached ? 'the copies differ' : 'the copies may survive apart'
  if (!isStale) return 'data and parity may survive apart'
  return isCached ? 'parity is wrong if the cache survives' : 'parity is wrong'
}

/** The chain from a typed line down to the I/O that a disk is busy with, or was last. */
function causesOf(
  picture: Picture,
  array: ArrayPicture,
  stripe: number,
  slot: number,
  plan: string,
  why: string,
): readonly Cause[] {
  const flight = array.flights.find((one) => one.row === stripe && (slot < 0 || one.slot === slot))
  const slots = slot >= 0 ? [slot] : Array.from({ length: array.field.slots }, (_, i) => i)
  const last = Math.max(...slots.map((i) => array.field.lastBio[stripe * array.field.slots + i]))
  const id = flight?.bio ?? last
  const chain = picture.bios.chain(id)
  if (chain.length === 0) return []
  const cause = picture.bios.causeOf(id)
  const causes: Cause[] = []
  if (cause > 0 && picture.causes[cause]) {
    causes.push({ key: 'cause', text: picture.causes[cause], detail: '', tone: 'plain', isUnderWay: false })
  }
  chain.forEach((bio, i) => {
    const isLast = i === chain.length - 1
    const device = deviceName(picture, bio.device)
    const isDisk = device.startsWith('sd') || picture.scene.disks.some(({ name }) => name === device)
    if (isLast && isDisk && plan !== '' && flight) {
      causes.push({ key: 'plan', text: plan, detail: why, tone: 'plain', isUnderWay: false })
    }
    // Only disks tell when a bio ended.
    const took =
      bio.endedAt >= 0
        ? ` · ended after ${duration(bio.endedAt - bio.submittedAt)}`
        : isLast && flight
          ? ' · in flight'
          : ''
    const isParity = isLast && flight?.isParity === true
    causes.push({
      key: String(bio.id),
      text: `${OP_NAMES[(bio.opFlags & 7) as 0] ?? 'I/O'} ${bio.sector}+${bio.sectors}`,
      detail: `bio ${bio.id} · ${device} · ${clock(bio.submittedAt)}${took}`,
      tone: !isLast ? 'plain' : isParity ? 'parity' : 'data',
      isUnderWay: isLast && flight !== undefined,
      hover: hoverKey({ kind: 'bio', bio: bio.id }),
    })
  })
  return causes
}

/** Name of a device by its number in the trace. */
export function deviceName(picture: Picture, device: number): string {
  const major = Math.floor(device / MINORS)
  const minor = device % MINORS
  const { frame } = picture
  if (major === 8) return frame?.disks.find(({ index }) => index === minor / 16)?.name ?? `8:${minor}`
  if (major === 9) return frame?.arrays.find((array) => array.minor === minor)?.name ?? `md${minor}`
  return frame?.mapped.find((mapped) => mapped.minor === minor)?.name ?? `${major}:${minor}`
}

/** A whole array. */
export function inspectArray(picture: Picture, name: string): Inspection | undefined {
  const array = picture.arrays.get(name)
  const frame = picture.frame?.arrays.find((candidate) => candidate.name === name)
  if (!array || !frame) return undefined
  const { scene, field } = array
  let cachedPages = 0
  for (const pages of field.volatilePages) cachedPages += pages
  const half = array.partial.size
  const isDegraded = scene.health.includes('_')
  const marked = frame.bitmap ? frame.bitmap.mediaBits.reduce((sum, bits) => sum + (bits !== 0 ? 1 : 0), 0) : 0
  const counted = frame.bitmap ? frame.bitmap.counters.reduce((sum, counter) => sum + (counter !== 0 ? 1 : 0), 0) : 0
  const after = {
    nothing: frame.isClean
      ? 'clean: no resync'
      : frame.journal
        ? 'no resync: what is under way is written again from the journal'
        : 'no resync: what is half written is found by a check only',
    marked: `a resync of ${marked} of ${frame.bitmap?.counters.length} bitmap chunks`,
    all: 'a resync of everything',
  }[frame.afterCrash]
  return {
    title: `/dev/${name}`,
    verdict: isDegraded ? `degraded, ${frame.degraded} missing` : '',
    verdictTone: 'danger',
    fields: [
      { label: 'size', value: sectorBytes(frame.sectors) },
      { label: 'state', value: `${frame.state}${frame.isClean ? '' : ', superblocks say dirty'}` },
      { label: 'events', value: String(frame.events) },
      { label: 'flow', value: flowWords(picture.scene, name) },
      {
        label: 'members',
        value: scene.members.map(({ disk, state }) => `${disk} ${state}`).join(' · '),
        links: scene.members.map(({ disk, state, slot }) => ({
          text: `${disk} ${state}`,
          select: { kind: 'member', array: name, slot } as const,
          hover: hoverKey({ kind: 'member', array: name, slot }),
          tone:
            state === 'active' ? ('plain' as const) : state === 'rebuilding' ? ('amber' as const) : ('danger' as const),
        })),
      },
      ...spares(frame),
      ...(hasParity(frame.level)
        ? [{ label: 'stripe cache', value: plural(frame.stripes.length, 'busy stripe') }]
        : []),
      ...(frame.bitmap
        ? [
            {
              label: 'bitmap',
              value: `${sectorBytes(frame.bitmap.chunkSectors)} a bit · memory counts ${counted} · disks hold ${marked}`,
            },
          ]
        : frame.journal
          ? journalFields(frame.journal)
          : [{ label: 'bitmap', value: 'none' }]),
      ...(frame.mismatches > 0
        ? [{ label: 'mismatch_cnt', value: `${frame.mismatches} sectors`, tone: 'danger' as const }]
        : []),
      {
        label: 'if cut now',
        value:
          isDegraded && !frame.isClean
            ? `dirty and degraded: md will refuse to start it without --force`
            : `${after}${cachedPages > 0 ? `; ${plural(cachedPages, 'page')} only in caches` : ''}${half > 0 ? `; ${plural(half, 'stripe')} half written` : ''}`,
        tone: isDegraded && !frame.isClean ? 'danger' : half > 0 || cachedPages > 0 ? 'amber' : 'plain',
      },
    ],
    surprises: frame.surprises,
    why: '',
    causes: [],
    pending: [
      ...(frame.writesPending > 0
        ? [
            {
              key: 'writes',
              text: `${plural(frame.writesPending, 'write')} not answered yet`,
              detail: frame.state === 'write-pending' ? 'they wait for the superblocks to say so' : '',
              tone: 'plain' as const,
            },
          ]
        : []),
      ...frame.stripes.slice(0, STRIPES_LISTED).map((stripe) => {
        const { title, row } = describeStripe(stripe, field.map, array.partial)
        return {
          key: `entry ${stripe.sector}`,
          text: `stripe ${row}: ${title}`,
          detail: stripe.why,
          tone: 'plain' as const,
          hover: hoverKey({ kind: 'entry', array: name, sector: stripe.sector }),
        }
      }),
    ],
    procedures: frame.procedures,
    origin: [
      ...originOf(picture, `array ${frame.minor}`),
      ...originOf(picture, `superblock ${frame.minor}`),
      ...originOf(picture, `sync ${frame.minor}`),
    ],
  }
}

/** What writes go through before they reach the members. */
function journalFields({ name, mode, sectors, tail, head, cached, isFailed }: JournalFrame): Field[] {
  const used = (head - tail + sectors) % sectors
  const words = [
    name,
    isFailed ? 'failed: nothing can be written' : mode,
    `${sectorBytes(used)} of ${sectorBytes(sectors)} in use`,
    ...(cached > 0 ? [`${plural(cached, 'stripe')} not on the members yet`] : []),
  ]
  const tone = isFailed ? ('danger' as const) : ('plain' as const)
  return [{ label: 'journal', value: words.join(' · '), tone, ring: { from: tail / sectors, to: head / sectors } }]
}

function spares(frame: ArrayFrame): Field[] {
  const others = frame.members.filter(({ slot, state }) => slot < 0 && state !== 'journal')
  if (others.length === 0) return []
  return [{ label: 'besides', value: others.map(({ name, state }) => `${name} ${state}`).join(' · ') }]
}
