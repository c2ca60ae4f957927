/** An array as the page sees it: read from the array itself and, for the bits on the medium, from the disks' bytes. */
import { Disk } from '../block/disk.ts'
import { BITMAP_PAGE_BYTES, bitByte, bitMask } from '../format/md_bitmap_super.ts'
import type { MdArray } from '../md/array.ts'
import type { Bitmap } from '../md/bitmap.ts'
import { drawnChunk, rowsOf, usedOfSlots } from '../md/drawn_shape.ts'
import { layoutText } from '../md/mdadm_names.ts'
import type { Member } from '../md/member.ts'
import { NativeMember } from '../md/native_array.ts'
import { workingReplacement } from '../md/place.ts'
import { LOCKED, OVERWRITE, READ_ERROR, UPTODATE, WANT_WRITE, type Stripe, type StripePart } from '../md/stripe.ts'
import type { SyncPass } from '../md/sync.ts'
import { SECOND } from '../sim/sim.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import { procedureFrame } from './procedure_frame.ts'
import {
  STRIPE_COMPUTE,
  STRIPE_LOCKED,
  STRIPE_OVERWRITE,
  STRIPE_TO_READ,
  STRIPE_TO_WRITE,
  STRIPE_UPTODATE,
  STRIPE_WANT_READ,
  STRIPE_WANT_WRITE,
  type ArrayFrame,
  type BitmapFrame,
  type JournalFrame,
  type MemberFrame,
  type MemberState,
  type ProcedureFrame,
  type StripeFrame,
  type StripePlan,
  type SyncFrame,
} from './frame.ts'

/** @param blank by row and slot: 1 for a chunk of zeros; null where nobody looked */
export function arrayFrame(array: MdArray, blank: Uint8Array | null = null): ArrayFrame {
  const { geometry } = array
  const slotSectors = usedOfSlots(geometry, array.memberSectors)
  return {
    name: array.name,
    minor: array.minor,
    level: geometry.level,
    layout: array.layout,
    layoutName: layoutText(geometry.level, array.layout),
    raidDisks: array.raidDisks,
    chunkSectors: drawnChunk(geometry),
    slotSectors,
    rows: rowsOf(geometry, Math.max(...slotSectors)),
    blank,
    sectors: array.sectors,
    state: array.stateName,
    isClean: array.inSync,
    events: array.events,
    degraded: array.degraded,
    mismatches: array.mismatches,
    claimedBy: array.claimedBy,
    members: memberFrames(array),
    bitmap: array.bitmap === null ? null : bitmapFrame(array, array.bitmap),
    journal: journalFrame(array),
    // One that is only cached, with its data in a journal, is at rest.
    stripes: (array.personality.stripes?.active() ?? [])
      .filter(({ state }) => state !== 'idle')
      .map((stripe) => stripeFrame(array, stripe)),
    sync: syncFrame(array),
    writesPending: array.writesPending,
    resyncOffset: array.resyncOffset === MAX_SECTOR ? Infinity : array.resyncOffset,
    procedures: procedureFrames(array),
    afterCrash: array.afterCrash(),
    surprises: array.surprises(),
  }
}

function procedureFrames(array: MdArray): ProcedureFrame[] {
  const { updating, sync } = array
  return [
    ...(updating === null ? [] : [procedureFrame('superblock update', updating)]),
    ...bitmapFlush(array),
    ...(sync === null ? [] : [procedureFrame(sync.action, sync)]),
  ]
}

/** The flush of the bitmap that stripes wait for; read off them, because the stripes keep no more of it than that they wait. */
function bitmapFlush(array: MdArray): ProcedureFrame[] {
  if (array.personality.stripes?.active().some(({ state }) => state === 'bitmap') !== true) return []
  let pending = 0
  for (const { device } of array.members) {
    if (!(device instanceof Disk)) continue
    for (const { bio } of device.inflight.values()) if (bio.cause === array.causes.bitmap) pending++
  }
  const steps = ['write dirty pages', 'let the stripes go on']
  return [{ name: 'bitmap flush', step: steps[1], steps, pending }]
}

function memberFrames(array: MdArray): MemberFrame[] {
  const placed = array.slots.map((member, slot) =>
    member === null
      ? { slot, name: '', state: 'missing' as const, recoveryOffset: 0, dataOffset: 0, metadata: '' }
      : { ...memberFrame(member, slot), ...replacementOf(array, slot) },
  )
  const loose = array.members.filter((member) => !array.slots.includes(member))
  return [...placed, ...loose.map((member) => memberFrame(member, -1))]
}

function memberFrame(member: Member, slot: number): MemberFrame {
  return {
    slot,
    name: member.name,
    state: memberState(member, slot),
    recoveryOffset: member.inSync ? Infinity : member.recoveryOffset,
    dataOffset: member.dataOffset,
    ...(member instanceof NativeMember ? { superSector: member.superblock.super_offset } : {}),
    metadata: member.metadataDevice?.name ?? '',
  }
}

function replacementOf(array: MdArray, slot: number): Pick<MemberFrame, 'replacement'> {
  const replacement = workingReplacement(array, slot)
  return replacement === null ? {} : { replacement: replacement.name }
}

function memberState(member: Member, slot: number): MemberState {
  if (member.faulty) return 'faulty'
  if (member.isJournal) return 'journal'
  // Who is being made a replacement has no column of its own, but is no spare any more.
  if (slot < 0) return member.slot >= 0 && !member.inSync ? 'rebuilding' : 'spare'
  return member.inSync ? 'active' : 'rebuilding'
}

function journalFrame({ personality }: MdArray): JournalFrame | null {
  const view = personality.journalView ?? null
  if (view === null) return null
  const { member, sectors, tail, head, cached } = view
  return {
    name: member.name,
    dataOffset: member.dataOffset,
    sectors,
    tail,
    head,
    mode: view.writeBack ? 'write-back' : 'write-through',
    cached,
    isFailed: member.faulty,
  }
}

function bitmapFrame(array: MdArray, bitmap: Bitmap): BitmapFrame {
  const pageBits = new Uint8Array(bitmap.chunks)
  const mediaBits = new Uint32Array(bitmap.chunks)
  const { memory } = array.sim
  for (let chunk = 0; chunk < bitmap.chunks; chunk++) {
    // Most bits are clear: eight of them are passed over at once.
    if (chunk % 8 === 0 && memory.bytes[bitmap.address + bitByte(chunk)] === 0) chunk += 7
    else if (bitmap.bit(chunk)) pageBits[chunk] = 1
  }
  let isMediaKnown = true
  const bytes = new Uint8Array(bitmap.pages * BITMAP_PAGE_BYTES)
  array.slots.forEach((member, slot) => {
    if (member?.metadataDevice === null) return
    if (member === null || !(member.metadataDevice instanceof Disk)) {
      isMediaKnown = false
      return
    }
    const at = array.bitmapSector(member) * 512
    member.metadataDevice.media.read(at, bytes, 0, bytes.length)
    for (let chunk = 0; chunk < bitmap.chunks; chunk++) {
      if (chunk % 8 === 0 && bytes[bitByte(chunk)] === 0) chunk += 7
      else if ((bytes[bitByte(chunk)] & bitMask(chunk)) !== 0) mediaBits[chunk] |= 1 << slot
    }
  })
  return {
    chunkSectors: bitmap.chunkSectors,
    counters: bitmap.counters.slice(),
    pageBits,
    mediaBits,
    isMediaKnown,
  }
}

function stripeFrame(array: MdArray, stripe: Stripe): StripeFrame {
  const members = new Uint8Array(stripe.pages.length)
  const bios = new Set<number>()
  const note = (part: StripePart): unknown => bios.add(part.request.bio.id)
  stripe.pages.forEach((page, slot) => {
    let flags = 0
    if ((page.flags & LOCKED) !== 0) {
      flags |= STRIPE_LOCKED
      if (stripe.state === 'reading') flags |= STRIPE_WANT_READ
      if (stripe.state === 'writing') flags |= STRIPE_WANT_WRITE
    }
    if ((page.flags & WANT_WRITE) !== 0) flags |= STRIPE_WANT_WRITE
    if ((page.flags & UPTODATE) !== 0) flags |= STRIPE_UPTODATE
    if ((page.flags & OVERWRITE) !== 0) flags |= STRIPE_OVERWRITE
    if (page.toWrite.length > 0) flags |= STRIPE_TO_WRITE
    if (page.toRead.length > 0) flags |= STRIPE_TO_READ
    if ((page.flags & READ_ERROR) !== 0) flags |= STRIPE_COMPUTE
    members[slot] = flags
    page.toRead.forEach(note)
    page.toWrite.forEach(note)
    page.written.forEach(note)
  })
  return {
    sector: stripe.sector,
    state: stripe.state,
    plan: planName(array, stripe),
    members,
    why: whyText(array, stripe),
    bios: [...bios],
  }
}

function planName(array: MdArray, stripe: Stripe): StripePlan {
  switch (stripe.plan) {
    case 'compute':
      return 'reconstruct'
    case 'fail':
      return 'degraded'
    case 'rmw':
    case 'rcw':
      return array.degraded > 0 ? 'degraded' : stripe.plan
    default:
      return stripe.plan
  }
}

const reads = (count: number): string => `${count} ${count === 1 ? 'read' : 'reads'}`

/** Why the stripe does what it does, in one sentence. */
function whyText(array: MdArray, stripe: Stripe): string {
  const { rmwReads, rcwReads } = stripe
  const dear = 2 * array.raidDisks
  const against = (count: number): string => (count >= dear ? 'a page that is missing' : reads(count))
  if (stripe.state === 'bitmap') return 'the bitmap has to be on every member before data is written'
  if (stripe.state === 'logging') return 'the journal has to have it before a member is written'
  if (stripe.state === 'plugged') return 'gathering what else arrives for this stripe'
  switch (stripe.plan) {
    case 'rmw':
      return `read-modify-write: ${reads(rmwReads)} against ${against(rcwReads)} for a reconstruct-write`
    case 'rcw':
      return rmwReads === rcwReads
        ? `reconstruct-write: ${reads(rcwReads)} against ${reads(rmwReads)}, and a tie goes to it`
        : `reconstruct-write: ${reads(rcwReads)} against ${against(rmwReads)} for a read-modify-write`
    case 'full':
      return 'all data of the stripe is new: parity is computed without reading'
    case 'read':
      return 'reading what was asked for'
    case 'compute':
      return 'a page is missing: it is computed from all the others'
    case 'fail':
      return 'more members are missing than parity can replace'
    case 'none':
      return ''
  }
}

function syncFrame(array: MdArray): SyncFrame {
  const { sync } = array
  if (sync === null) return { action: 'idle', position: 0, total: array.memberSectors, speed: 0, eta: Infinity }
  return { action: sync.action, position: Math.min(sync.position, sync.end), total: sync.end, ...pace(array, sync) }
}

/** Speed since the pass began, in KiB per second of virtual time, and how long the rest takes at that speed. */
function pace(array: MdArray, sync: SyncPass): { speed: number; eta: number } {
  const seconds = (array.sim.now - sync.startedAt) / SECOND
  if (seconds <= 0 || sync.ioSectors === 0) return { speed: 0, eta: Infinity }
  const speed = sync.ioSectors / 2 / seconds
  return { speed, eta: ((sync.end - sync.position) / 2 / speed) * SECOND }
}
