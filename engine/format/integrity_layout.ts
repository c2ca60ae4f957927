/**
 * Where everything of a dm-integrity device lies.
 *
 *     │ superblock │ journal │ tags │ data │ tags │ data │ …          one device: runs of tags between the data
 *       8 sectors    sections   run   2^interleave
 *
 *     │ superblock │ journal │ tags …      │ data …                    a metadata device, and the data on its own
 *
 * @source calculate_device_limits, get_provided_data_sectors, initialize_superblock, drivers/md/dm-integrity.c, 6.1
 */
import {
  FLAG_FIXED_PADDING,
  FLAG_JOURNAL_MAC,
  INTEGRITY_SB_SECTORS,
  type IntegritySuperblock,
} from './integrity_superblock.ts'

export const LOG2_INTERLEAVE_MIN = 3
export const LOG2_INTERLEAVE_MAX = 31
/** Sectors at the beginning of a section that hold its entries. */
export const SECTION_ENTRY_SECTORS = 8
/** Bytes of a sector of the journal besides its commit id. */
export const JOURNAL_SECTOR_BYTES = 504
/** Largest tag, in bytes. */
export const TAG_BYTES_MAX = 255

const PADDING_SECTORS = 8
const OLD_PADDING_SECTORS = 256
const UINT_MAX = 4_294_967_295

/** The fields of a superblock that the layout follows from. */
export type LayoutFields = Pick<
  IntegritySuperblock,
  'integrity_tag_size' | 'journal_sections' | 'flags' | 'log2_interleave_sectors' | 'log2_sectors_per_block'
>

/** The devices below. */
export interface IntegrityPlace {
  /** Sector of the superblock. */
  readonly start: number
  /** There is a metadata device. */
  readonly separateMeta: boolean
  readonly dataSectors: number
  /** Sectors of the device that holds the metadata. */
  readonly metaSectors: number
}

export interface JournalShape {
  readonly entryBytes: number
  readonly sectionEntries: number
  readonly sectionSectors: number
  readonly sections: number
  /** Of all sections. */
  readonly entries: number
}

export interface IntegrityLayout {
  readonly start: number
  readonly separateMeta: boolean
  readonly tagBytes: number
  readonly blockSectors: number
  readonly log2Interleave: number
  readonly journal: JournalShape
  /** Superblock and journal. */
  readonly initialSectors: number
  /** Sectors of a run of tags. */
  readonly runSectors: number
  readonly providedSectors: number
  /** Sectors of a buffer of tags. */
  readonly bufferSectors: number
}

/** @source calculate_journal_section_size */
export function journalShape(fields: LayoutFields): JournalShape {
  const blockSectors = 2 ** fields.log2_sectors_per_block
  const entryBytes = roundUp(8 + 8 * blockSectors + fields.integrity_tag_size, 8)
  const room = JOURNAL_SECTOR_BYTES - ((fields.flags & FLAG_JOURNAL_MAC) !== 0 ? 8 : 0)
  const sectionEntries = Math.floor(room / entryBytes) * SECTION_ENTRY_SECTORS
  const sections = fields.journal_sections
  return {
    entryBytes,
    sectionEntries,
    sectionSectors: sectionEntries * blockSectors + SECTION_ENTRY_SECTORS,
    sections,
    entries: sectionEntries * sections,
  }
}

/**
 * The layout for a given length of the device, or null where the devices below are too small for it.
 * @param bufferSectors of a buffer of tags, as far as is known
 */
export function integrityLayout(
  fields: LayoutFields,
  place: IntegrityPlace,
  providedSectors: number,
  bufferSectors: number,
): IntegrityLayout | null {
  const journal = journalShape(fields)
  const initialSectors = INTEGRITY_SB_SECTORS + journal.sectionSectors * journal.sections
  if (initialSectors + PADDING_SECTORS >= place.metaSectors || initialSectors > UINT_MAX) return null
  const blockSectors = 2 ** fields.log2_sectors_per_block
  const tagBytes = fields.integrity_tag_size
  const log2Interleave = fields.log2_interleave_sectors
  const padding = (fields.flags & FLAG_FIXED_PADDING) !== 0 ? PADDING_SECTORS : OLD_PADDING_SECTORS
  const runBytes = (tagBytes * 2 ** log2Interleave) / blockSectors
  const layout: IntegrityLayout = {
    start: place.start,
    separateMeta: place.separateMeta,
    tagBytes,
    blockSectors,
    log2Interleave,
    journal,
    initialSectors,
    runSectors: place.separateMeta ? 1 : roundUp(runBytes, padding * 512) / 512,
    providedSectors,
    bufferSectors,
  }
  if (place.separateMeta) {
    const tagSectors = roundUp((providedSectors / blockSectors) * tagBytes, bufferSectors * 512) / 512
    return initialSectors + tagSectors > place.metaSectors ? null : layout
  }
  return dataSector(layout, providedSectors - 1) >= place.metaSectors ? null : layout
}

/** The greatest length for which there is room; 0 for none. A device with a metadata device is as long as the data device. */
export function providedSectors(fields: LayoutFields, place: IntegrityPlace, bufferSectors: number): number {
  if (place.separateMeta) return place.dataSectors - (place.dataSectors % 2 ** fields.log2_sectors_per_block)
  let provided = 0
  const highest = place.metaSectors === 0 ? 0 : Math.floor(Math.log2(place.metaSectors))
  for (let bit = highest; bit >= 3; bit--) {
    const tried = provided + 2 ** bit
    if (integrityLayout(fields, place, tried, bufferSectors) !== null) provided = tried
  }
  return provided
}

/** In which area a sector lies. */
export function areaOf(layout: IntegrityLayout, sector: number): number {
  return layout.separateMeta ? 0 : Math.floor(sector / 2 ** layout.log2Interleave)
}

/** Where in its area. */
export function areaOffset(layout: IntegrityLayout, sector: number): number {
  return layout.separateMeta ? sector : sector % 2 ** layout.log2Interleave
}

/** The sector of the data device that holds a sector. */
export function dataSector(layout: IntegrityLayout, sector: number): number {
  if (layout.separateMeta) return sector
  const area = areaOf(layout, sector)
  const before = area * 2 ** layout.log2Interleave + (area + 1) * layout.runSectors
  return layout.start + layout.initialSectors + before + areaOffset(layout, sector)
}

/** The first sector from which buffers of tags are counted. */
export function tagsStart(layout: IntegrityLayout): number {
  return layout.start + layout.initialSectors
}

/** The buffer that holds the tag of the block at a sector. @source get_metadata_sector_and_offset */
export function tagBuffer(layout: IntegrityLayout, sector: number): number {
  const area = areaOf(layout, sector)
  const before = area * (2 ** layout.log2Interleave + layout.runSectors)
  return Math.floor(before / layout.bufferSectors) + Math.floor(tagByte(layout, sector) / (layout.bufferSectors * 512))
}

/** Where in its buffer the tag begins, in bytes. */
export function tagOffset(layout: IntegrityLayout, sector: number): number {
  return tagByte(layout, sector) % (layout.bufferSectors * 512)
}

function tagByte(layout: IntegrityLayout, sector: number): number {
  return (areaOffset(layout, sector) / layout.blockSectors) * layout.tagBytes
}

/**
 * How many sections a new journal has.
 * @param journalSectors asked for
 * @returns 0 where there is no room for one, with a metadata device
 */
export function newJournalSections(
  fields: LayoutFields,
  place: IntegrityPlace,
  journalSectors: number,
  bufferSectors: number,
): number {
  const wanted = Math.max(1, Math.floor(journalSectors / journalShape(fields).sectionSectors))
  if (!place.separateMeta) return wanted
  const provided = providedSectors(fields, place, bufferSectors)
  let sections = 0
  for (let bit = Math.floor(Math.log2(wanted)); bit >= 0; bit--) {
    const tried = sections + 2 ** bit
    if (tried > wanted) continue
    if (integrityLayout({ ...fields, journal_sections: tried }, place, provided, bufferSectors) !== null)
      sections = tried
  }
  return sections
}

function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to
}
