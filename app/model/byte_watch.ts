/** What the byte view looks at: where to begin, what there is to compare with, and what differs. */
import type { StructureKind, StructurePlace } from '../../engine/api/bytes.ts'
import type { Selection } from './page_store.ts'
import type { Picture } from './picture.ts'

/** Where to begin: a sector, or the structure of a kind. */
export interface BytePlace {
  readonly disk: string
  readonly sector: number
  readonly structure?: StructureKind
  /** Of a bitmap: the chunk whose bit is wanted. */
  readonly chunk?: number
}

/** Where the bytes of what was picked are. */
export function placeOf(picture: Picture, selection: Selection): BytePlace | undefined {
  switch (selection.kind) {
    case 'chunk':
      return chunkPlace(picture, selection.array, selection.stripe, selection.slot, selection.sector)
    case 'disk':
      return { disk: selection.disk, sector: 0, structure: 'superblock' }
    case 'member':
    case 'bit': {
      const members = picture.frame?.arrays.find(({ name }) => name === selection.array)?.members ?? []
      const member = members.find(
        ({ slot, name }) => name !== '' && (selection.kind === 'bit' || slot === selection.slot),
      )
      if (!member) return undefined
      if (selection.kind === 'member') return { disk: member.name, sector: 0, structure: 'superblock' }
      return { disk: member.name, sector: 0, structure: 'bitmap', chunk: selection.chunk }
    }
    case 'fault': {
      const fault = picture.frame?.faults.find(({ id }) => id === selection.fault)
      return fault && fault.sectors > 0 ? { disk: fault.disk, sector: fault.sector } : undefined
    }
    default:
      return undefined
  }
}

/** The first page of the chunk that is only in the cache, else that of the last I/O, else its beginning. */
function chunkPlace(
  { frame, arrays, bios }: Picture,
  array: string,
  stripe: number,
  slot: number,
  sector: number | undefined,
): BytePlace | undefined {
  const found = frame?.arrays.find(({ name }) => name === array)
  const member = found?.members.find((candidate) => candidate.slot === slot)
  const field = arrays.get(array)?.field
  if (!found || !field || !member || member.name === '') return undefined
  if (sector !== undefined) return { disk: member.name, sector }
  const chunk = stripe * field.slots + slot
  const first = member.dataOffset + stripe * found.chunkSectors
  const mask = field.volatileMask[chunk]
  if (mask !== 0) {
    const part = 31 - Math.clz32(mask & -mask)
    return { disk: member.name, sector: first + Math.floor((part * found.chunkSectors) / field.maskBits) }
  }
  const last = bios.find(field.lastBio[chunk])?.sector ?? first
  return { disk: member.name, sector: last >= first && last < first + found.chunkSectors ? last : first }
}

/** The sector of a place, once it is known what lies on its disk. */
export function sectorOf(place: BytePlace, structures: readonly StructurePlace[]): number {
  const structure = place.structure && structures.find(({ kind }) => kind === place.structure)
  if (!structure) return place.sector
  const byte = place.chunk === undefined ? 0 : 256 + Math.floor(place.chunk / 8)
  return structure.sector + Math.min(structure.sectors - 1, Math.floor(byte / 512))
}

/** The same sector of another member: the same place in the data, or of the metadata. */
export interface Mate {
  readonly disk: string
  readonly sector: number
}

export function matesOf({ frame }: Picture, disk: string, sector: number): readonly Mate[] {
  for (const { members } of frame?.arrays ?? []) {
    const own = members.find(({ name }) => name === disk)
    if (!own) continue
    return members
      .filter(({ name }) => name !== '' && name !== disk)
      .map(({ name, dataOffset }) => ({
        disk: name,
        sector: sector < own.dataOffset ? sector : sector - own.dataOffset + dataOffset,
      }))
  }
  return []
}

/** What a sector is, in words. */
export function sectorWords(
  { frame, arrays }: Picture,
  disk: string,
  sector: number,
  structure: StructurePlace | undefined,
): string {
  if (structure) {
    const names = { superblock: 'md superblock', bitmap: 'write-intent bitmap', 'bad blocks': 'bad-block log' } as const
    const name = names[structure.kind]
    return structure.sectors > 1 ? `${name}, sector ${sector - structure.sector + 1} of ${structure.sectors}` : name
  }
  for (const array of frame?.arrays ?? []) {
    const member = array.members.find(({ name, slot }) => name === disk && slot >= 0)
    const field = arrays.get(array.name)?.field
    if (!member || !field) continue
    const from = sector - member.dataOffset
    const stripe = Math.floor(from / array.chunkSectors)
    if (from < 0) return 'before the data'
    if (stripe >= field.rows) return 'behind the data'
    const chunk = field.map.nameAt(stripe, member.slot)
    const logical = field.map.arraySector(member.slot, from)
    const page = Math.floor((from - stripe * array.chunkSectors) / 8)
    return `${chunk} of stripe ${stripe} · page ${page}${logical < 0 ? '' : ` · ${array.name} sector ${logical}`}`
  }
  return 'in no array'
}

interface Seen {
  readonly steps: number
  readonly bytes: Uint8Array
}

const SECTORS_KEPT = 64

/** Remembers what a sector held when it was looked at before: at the step before, if one steps. */
export class ByteHistory {
  readonly #seen = new Map<string, { now: Seen; before: Seen | undefined }>()

  note(disk: string, sector: number, steps: number, bytes: Uint8Array): void {
    const key = `${disk} ${sector}`
    const known = this.#seen.get(key)
    const now = { steps, bytes }
    this.#seen.delete(key)
    // Going back in time begins anew.
    if (!known || steps < known.now.steps) this.#seen.set(key, { now, before: undefined })
    else this.#seen.set(key, { now, before: steps === known.now.steps ? known.before : known.now })
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size <= SECTORS_KEPT) break
      this.#seen.delete(oldest)
    }
  }

  before(disk: string, sector: number): Seen | undefined {
    return this.#seen.get(`${disk} ${sector}`)?.before
  }
}

/** Offsets of the bytes that differ. */
export function differences(a: Uint8Array, b: Uint8Array | undefined): readonly number[] {
  const found: number[] = []
  if (b) for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) found.push(i)
  return found
}

export const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0')

/** Which bytes differ, in words; long lists are cut. */
export function differenceWords(offsets: readonly number[]): string {
  if (offsets.length === 0) return 'no byte differs'
  const ranges: [number, number][] = []
  for (const offset of offsets) {
    const last = ranges.at(-1)
    if (last && last[1] === offset - 1) last[1] = offset
    else ranges.push([offset, offset])
  }
  const said = ranges.slice(0, 4).map(([from, to]) => (from === to ? hex(from, 3) : `${hex(from, 3)}–${hex(to, 3)}`))
  const more = ranges.length > 4 ? ' …' : ''
  return `${offsets.length} ${offsets.length === 1 ? 'byte differs' : 'bytes differ'}: ${said.join(', ')}${more}`
}

/** A byte as a character, or a dot. */
export function printable(byte: number): string {
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·'
}
