/**
 * What the disks would hold if the power were cut at this very instant: the media, under those unflushed sectors that are to
 * survive. Read only: nothing in the machine changes. What survives "by chance" is not known before the cut, and not asked here.
 */
import { multiply, powerOfTwo } from '../base/gf256.ts'
import { WRITE } from '../block/bio.ts'
import { Disk } from '../block/disk.ts'
import type { KeptSectors } from '../block/power_switch.ts'
import { SECTORS_PER_PAGE } from '../block/write_cache.ts'
import { BITMAP_PAGE_BYTES, bitByte, bitMask } from '../format/md_bitmap_super.ts'
import type { Machine } from '../lab/machine.ts'
import type { MdArray } from '../md/array.ts'
import { chunkMapOfArray, type ChunkMap } from '../md/chunk_map.ts'
import { Geometry } from '../md/geometry.ts'

export type PreviewKeep = 'none' | 'all' | readonly KeptSectors[]

/** One member's page of a stripe. Masks have a bit per sector, the first is bit 0. */
export interface CutMember {
  readonly slot: number
  readonly disk: string
  /** Sectors that are not on the medium yet, … */
  readonly atStake: number
  /** … and those of them that would survive. */
  readonly kept: number
  /** Sectors that are lost, and whose bytes on the medium really are others. */
  readonly behind: number
}

/** A page of a stripe of which something is at stake on a member. */
export interface CutStripe {
  readonly array: string
  readonly stripe: number
  /** From the start of the members' data. */
  readonly sector: number
  /** In their places; a place without a working disk is left out. */
  readonly members: readonly CutMember[]
  /** Sectors whose data and parity, or whose copies, would not fit; -1 where a member is missing and nobody can say. */
  readonly wrong: number
  /** Members whose medium would hold the stripe's bit of the bitmap; -1 where there is no bitmap. */
  readonly bitsSet: number
  readonly holders: number
}

export interface CutPreview {
  /** Those at stake, by array and sector; at most {@link STRIPES_MAX}. */
  readonly stripes: readonly CutStripe[]
  /** How many more there are. */
  readonly more: number
  /** Sectors at stake on all disks, and those that would survive. */
  readonly atStake: number
  readonly kept: number
}

export const STRIPES_MAX = 256

const PAGE = SECTORS_PER_PAGE
const ALL = 255

/** A write that is not on the medium, in one page: where its bytes are in the machine's memory. */
interface Layer {
  readonly mask: number
  /** Of sector 0 of the page. */
  readonly address: number
}

/** The unflushed writes of one disk by page, the older below. */
class Unflushed {
  readonly disk: Disk
  readonly layers = new Map<number, Layer[]>()

  constructor(disk: Disk) {
    this.disk = disk
    for (const { page, address, mask } of disk.cache.pages.values()) this.#add(page, { mask, address })
    for (const { bio } of disk.inflight.values()) {
      if (bio.op !== WRITE || bio.data === 0) continue
      const end = bio.sector + bio.sectors
      for (let sector = bio.sector; sector < end;) {
        const page = Math.floor(sector / PAGE)
        const first = sector - page * PAGE
        const count = Math.min(PAGE - first, end - sector)
        const address = bio.data + (page * PAGE - bio.sector) * 512
        this.#add(page, { mask: ((1 << count) - 1) << first, address })
        sector += count
      }
    }
  }

  #add(page: number, layer: Layer): void {
    const layers = this.layers.get(page)
    if (layers) layers.push(layer)
    else this.layers.set(page, [layer])
  }

  mask(page: number): number {
    return (this.layers.get(page) ?? []).reduce((all, { mask }) => all | mask, 0)
  }

  /** Which sectors of a page would survive. */
  kept(page: number, keep: PreviewKeep): number {
    const mask = this.mask(page)
    if (keep === 'none') return 0
    if (keep === 'all') return mask
    let ticked = 0
    for (const { disk, sector, sectors } of keep) {
      if (disk !== this.disk.name) continue
      for (let i = 0; i < PAGE; i++) {
        const at = page * PAGE + i
        if (at >= sector && at < sector + sectors) ticked |= 1 << i
      }
    }
    return mask & ticked
  }

  /** The bytes of a page: the medium's, under the newest of the sectors in `mask`. */
  read(page: number, mask: number): Uint8Array {
    const bytes = new Uint8Array(PAGE * 512)
    const length = Math.min(bytes.length, this.disk.sectors * 512 - page * PAGE * 512)
    this.disk.media.read(page * PAGE * 512, bytes, 0, length)
    const { memory } = this.disk.sim
    for (const layer of this.layers.get(page) ?? []) {
      for (let i = 0; i < PAGE; i++) {
        if ((layer.mask & mask & (1 << i)) === 0) continue
        const from = layer.address + i * 512
        bytes.set(memory.bytes.subarray(from, from + 512), i * 512)
      }
    }
    return bytes
  }
}

/** @param keep what survives */
export function previewCut(machine: Machine, keep: PreviewKeep): CutPreview {
  const unflushed = new Map<string, Unflushed>()
  let atStake = 0
  let kept = 0
  for (const { name, pulled } of machine.disks()) {
    const disk = machine.disk(name)
    if (disk === undefined || pulled) continue
    const writes = new Unflushed(disk)
    unflushed.set(name, writes)
    for (const page of writes.layers.keys()) {
      atStake += bits(writes.mask(page))
      kept += bits(writes.kept(page, keep))
    }
  }
  const stripes = machine.kernel.arrays.flatMap((array) => arrayStripes(array, unflushed, keep))
  return { stripes: stripes.slice(0, STRIPES_MAX), more: Math.max(0, stripes.length - STRIPES_MAX), atStake, kept }
}

interface Place {
  readonly slot: number
  readonly writes: Unflushed
  readonly dataPage: number
}

function arrayStripes(
  array: MdArray,
  unflushed: ReadonlyMap<string, Unflushed>,
  keep: PreviewKeep,
): readonly CutStripe[] {
  const places: Place[] = []
  array.slots.forEach((member, slot) => {
    const writes = member === null || member.faulty ? undefined : unflushed.get(member.name)
    if (member === null || writes === undefined || !(member.device instanceof Disk)) return
    if (member.dataOffset % PAGE === 0) places.push({ slot, writes, dataPage: member.dataOffset / PAGE })
  })
  const pages = new Set<number>()
  for (const { writes, dataPage } of places) {
    for (const page of writes.layers.keys()) {
      const own = page - dataPage
      if (own >= 0 && own * PAGE < array.memberSectors) pages.add(own)
    }
  }
  const isWhole = places.length === array.raidDisks && array.degraded === 0
  const map = chunkMapOfArray(array)
  const bitmaps = readBitmaps(array, places, unflushed, keep)
  return [...pages]
    .sort((a, b) => a - b)
    .map((page) => {
      const row = Math.floor((page * PAGE) / map.chunkSectors)
      const members = places.map(({ slot, writes, dataPage }) => {
        const at = dataPage + page
        const mask = writes.mask(at)
        const kept = writes.kept(at, keep)
        const bytes = writes.read(at, kept)
        const behind = mask === kept ? 0 : differing(bytes, writes.read(at, mask))
        return { slot, disk: writes.disk.name, atStake: mask, kept, behind }
      })
      const chunk = array.bitmap === null ? 0 : Math.floor(syncSector(map, page) / array.bitmap.chunkSectors)
      return {
        array: array.name,
        stripe: row,
        sector: page * PAGE,
        members,
        wrong: isWhole ? misfit(map, page, (slot, own) => heldBytes(places[slot], own, keep)) : -1,
        bitsSet: bitmaps === null ? -1 : bitmaps.filter((map) => (map[bitByte(chunk)] & bitMask(chunk)) !== 0).length,
        holders: places.length,
      }
    })
}

function heldBytes({ writes, dataPage }: Place, page: number, keep: PreviewKeep): Uint8Array {
  return writes.read(dataPage + page, writes.kept(dataPage + page, keep))
}

/** Where a page of the members stands in the bitmap. */
function syncSector(map: ChunkMap, page: number): number {
  const sector = page * PAGE
  if (map.geometry.level !== 10) return sector
  for (let slot = 0; slot < map.slots; slot++) {
    const own = map.arraySector(slot, sector)
    if (own >= 0) return own
  }
  return 0
}

/** Which sectors of a page of all members do not fit together. @param read a page of a slot; all are there */
function misfit(map: ChunkMap, page: number, read: (slot: number, page: number) => Uint8Array): number {
  const { chunkSectors, geometry } = map
  const row = Math.floor((page * PAGE) / chunkSectors)
  const pages = Array.from({ length: map.slots }, (_, slot) => read(slot, page))
  let wrong = 0
  if (!(geometry instanceof Geometry)) {
    for (let slot = 0; slot < map.slots; slot++) {
      for (const other of map.together(row, slot)) {
        const twin = page + ((other.row - row) * chunkSectors) / PAGE
        wrong |= differing(pages[slot], twin === page ? pages[other.slot] : read(other.slot, twin))
      }
    }
    return wrong
  }
  const q = geometry.qSlot(row)
  const sum = new Uint8Array(PAGE * 512)
  const weighted = new Uint8Array(PAGE * 512)
  pages.forEach((bytes, slot) => {
    const isData = !map.isParity(row, slot)
    const factor = isData && q >= 0 ? powerOfTwo(geometry.exponent(row, slot)) : 0
    for (let i = 0; i < bytes.length; i++) {
      if (slot !== q) sum[i] ^= bytes[i]
      if (factor > 0) weighted[i] ^= multiply(factor, bytes[i])
    }
  })
  wrong = differing(sum, new Uint8Array(sum.length))
  return q < 0 ? wrong : wrong | differing(weighted, pages[q])
}

/** The bitmap as every member's medium would have it; null where there is none. */
function readBitmaps(
  array: MdArray,
  places: readonly Place[],
  unflushed: ReadonlyMap<string, Unflushed>,
  keep: PreviewKeep,
): readonly Uint8Array[] | null {
  const { bitmap } = array
  if (bitmap === null) return null
  return places.map(({ slot }) => {
    const member = array.slots[slot]
    const bytes = new Uint8Array(bitmap.pages * BITMAP_PAGE_BYTES)
    const writes = member === null ? undefined : unflushed.get(member.name)
    if (member === null || writes === undefined) return bytes
    const from = array.bitmapSector(member)
    for (let sector = from; sector < from + bytes.length / 512; sector++) {
      const page = Math.floor(sector / PAGE)
      const own = writes.read(page, writes.kept(page, keep))
      const first = sector - page * PAGE
      bytes.set(own.subarray(first * 512, (first + 1) * 512), (sector - from) * 512)
    }
    return bytes
  })
}

/** Which sectors of two pages differ. */
function differing(a: Uint8Array, b: Uint8Array): number {
  let mask = 0
  for (let i = 0; i < a.length; i++) {
    if (a[i] === b[i]) continue
    mask |= 1 << Math.floor(i / 512)
    i |= 511
  }
  return mask & ALL
}

function bits(mask: number): number {
  let count = 0
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++
  return count
}
