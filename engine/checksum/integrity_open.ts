/**
 * What loading an integrity line does with the devices: reads the superblock, or makes one where there are only zeros; finds the layout;
 * and writes a new device's journal and superblock.
 * @source dm_integrity_ctr, drivers/md/dm-integrity.c, 6.1
 */
import { fail, type Failure } from '../base/errno.ts'
import { FUA, META, READ, SYNC } from '../block/bio.ts'
import type { BlockDevice } from '../block/device.ts'
import type { BufioMemory } from '../bufio/bufio_memory.ts'
import { BufioClient } from '../bufio/client.ts'
import {
  integrityLayout,
  LOG2_INTERLEAVE_MAX,
  LOG2_INTERLEAVE_MIN,
  newJournalSections,
  providedSectors,
  tagsStart,
  type IntegrityLayout,
  type IntegrityPlace,
} from '../format/integrity_layout.ts'
import {
  FLAG_FIXED_HMAC,
  FLAG_FIXED_PADDING,
  FLAG_JOURNAL_MAC,
  FLAG_RECALCULATING,
  INTEGRITY_MAGIC,
  INTEGRITY_SB_BYTES,
  INTEGRITY_SB_SECTORS,
  INTEGRITY_VERSION_MAX,
  integrityVersion,
  isIntegritySuperblock,
  readIntegritySuperblock,
  type IntegritySuperblock,
} from '../format/integrity_superblock.ts'
import { DONE } from '../sim/procedure.ts'
import type { Sim } from '../sim/sim.ts'
import { BITMAP_BLOCK_BYTES } from './integrity_bitmap.ts'
import { IntegrityDevice } from './integrity_device.ts'
import type { IntegrityLine } from './integrity_table.ts'
import { IntegrityWork } from './integrity_work.ts'
import { IoProcedure } from './work_queue.ts'

const JOURNAL_SECTORS_MAX = 131_072
const LOG2_SECTORS_PER_BIT = 15
const UINT_MAX = 4_294_967_295

/** What a line is about. */
export interface IntegrityCall {
  readonly name: string
  readonly line: IntegrityLine
  /** Length of the target. */
  readonly sectors: number
  readonly data: BlockDevice
  /** Null where superblock, journal and tags are on the data device. */
  readonly meta: BlockDevice | null
  readonly bufio: BufioMemory
}

export class OpenIntegrity extends IoProcedure {
  readonly subject: IntegrityCall
  failure: Failure | null
  device: IntegrityDevice | null
  private readonly buffer: number
  private isNew: boolean

  constructor(sim: Sim, call: IntegrityCall) {
    super(sim, 'read superblock', sim.cause(`${call.name} integrity`))
    this.subject = call
    this.failure = null
    this.device = null
    this.buffer = sim.memory.allocate(INTEGRITY_SB_BYTES)
    this.isNew = false
  }

  override steps() {
    return STEPS
  }

  private get meta(): BlockDevice {
    return this.subject.meta ?? this.subject.data
  }

  readSuperblock(): string {
    this.io(this.meta, READ, SYNC | META, this.subject.line.start, INTEGRITY_SB_SECTORS, this.buffer)
    return 'look'
  }

  look(): string {
    const error = this.takeError()
    if (error !== 'OK') return this.refuse(fail(error, 'the superblock cannot be read'))
    const found = this.superblock()
    if ('ok' in found) return this.refuse(found)
    const { line } = this.subject
    const failure = superblockFault(found, line, this.place.separateMeta) ?? this.make(found)
    if (failure !== null) return this.refuse(failure)
    return this.isNew ? 'write journal' : DONE
  }

  private get place(): IntegrityPlace {
    const { data, line, meta } = this.subject
    const separateMeta = meta !== null
    return { start: line.start, separateMeta, dataSectors: data.sectors, metaSectors: this.meta.sectors }
  }

  private superblock(): IntegritySuperblock | Failure {
    const { bytes } = this.sim.memory
    const { line } = this.subject
    if (isIntegritySuperblock(bytes, this.buffer)) return readIntegritySuperblock(bytes, this.buffer)
    if (line.mode !== 'R' && !this.sim.memory.isZero(this.buffer, INTEGRITY_SB_BYTES)) {
      return fail('EINVAL', 'there is no superblock, and no zeros where one could be made')
    }
    this.isNew = line.mode !== 'R'
    this.sim.memory.zero(this.buffer, INTEGRITY_SB_BYTES)
    return this.newSuperblock()
  }

  /** @source initialize_superblock */
  private newSuperblock(): IntegritySuperblock | Failure {
    const { place, sim } = this
    const { line } = this.subject
    const { separateMeta } = place
    const salted = line.fixHmac && line.hash !== null
    const sb: IntegritySuperblock = {
      magic: INTEGRITY_MAGIC,
      version: 0,
      log2_interleave_sectors: separateMeta ? 0 : log2Interleave(line.interleaveSectors),
      integrity_tag_size: line.tagBytes,
      journal_sections: 0,
      provided_data_sectors: 0,
      flags: (salted ? FLAG_FIXED_HMAC : 0) | (line.fixPadding && !separateMeta ? FLAG_FIXED_PADDING : 0),
      log2_sectors_per_block: Math.log2(line.blockSectors),
      log2_blocks_per_bitmap_bit: 0,
      recalc_sector: 0,
      salt: new Uint8Array(16),
    }
    if (salted) sim.chance('integrity salt').fill(sb.salt)
    const journalSectors = line.journalSectors || Math.min(JOURNAL_SECTORS_MAX, Math.floor(place.dataSectors / 128))
    let log2Buffer = line.log2BufferSectors
    do {
      sb.journal_sections = newJournalSections(sb, place, journalSectors, 2 ** log2Buffer)
    } while (sb.journal_sections === 0 && --log2Buffer >= 3)
    sb.provided_data_sectors = sb.journal_sections === 0 ? 0 : providedSectors(sb, place, 2 ** log2Buffer)
    if (sb.provided_data_sectors === 0) return fail('EINVAL', 'the device is too small for a superblock and a journal')
    sb.version = integrityVersion(sb.flags, line.mode === 'B', separateMeta)
    return sb
  }

  private make(sb: IntegritySuperblock): Failure | null {
    const { subject, place, sim } = this
    const { line } = subject
    const found = findLayout(sb, place, line)
    if (found === null) return fail('EINVAL', 'the device is too small for what its superblock says')
    const log2BlocksPerBit = log2PerBit(found, line)
    const bits = Math.ceil(found.providedSectors / line.blockSectors / 2 ** log2BlocksPerBit)
    const layout = withBuffers(found)
    if (subject.sectors > layout.providedSectors) {
      return fail('EINVAL', `the device provides ${layout.providedSectors} sectors, and ${subject.sectors} are wanted`)
    }
    if (this.isNew) sb.log2_blocks_per_bitmap_bit = log2BlocksPerBit
    if (line.recalculate && (sb.flags & FLAG_RECALCULATING) === 0) {
      sb.flags |= FLAG_RECALCULATING
      sb.recalc_sector = 0
    }
    if (line.hash === null && (sb.flags & FLAG_RECALCULATING) !== 0) {
      return fail('EINVAL', 'recalculating wants an internal_hash')
    }
    const journalBytes = layout.journal.sections * layout.journal.sectionSectors * 512
    if (line.mode !== 'R' && journalBytes > sim.memory.bytes.length / 4) {
      return fail('ENOMEM', 'the journal does not fit into memory')
    }
    const { meta } = this
    const options = { start: tagsStart(layout), cause: this.cause }
    const bufio = new BufioClient(subject.bufio, subject.name, meta, layout.bufferSectors * 512, 1, options)
    const bitmapBlocks = Math.ceil(bits / (BITMAP_BLOCK_BYTES * 8))
    const { buffer: sbAddress, cause } = this
    const parts = { sim, line, data: subject.data, meta, sb, sbAddress, layout, log2BlocksPerBit, bitmapBlocks, bufio }
    this.device = new IntegrityDevice({ ...parts, cause })
    return null
  }

  writeJournal(): string {
    if (this.device !== null) this.call(new WriteNew(this.device))
    return 'written'
  }

  written(): string {
    const { device } = this
    if (device === null || device.failed === null) return DONE
    this.failure = fail(device.failed, 'the new journal and superblock cannot be written')
    device.destroy()
    this.device = null
    return DONE
  }

  private refuse(failure: Failure): string {
    this.failure = failure
    this.sim.memory.free(this.buffer)
    return DONE
  }
}

const STEPS = {
  'read superblock': (open: OpenIntegrity) => open.readSuperblock(),
  look: (open: OpenIntegrity) => open.look(),
  'write journal': (open: OpenIntegrity) => open.writeJournal(),
  written: (open: OpenIntegrity) => open.written(),
}

/** An empty journal, then the superblock. */
class WriteNew extends IntegrityWork {
  constructor(device: IntegrityDevice) {
    super(device)
    this.step = 'journal'
  }

  override steps() {
    return WRITE_NEW_STEPS
  }
}

const WRITE_NEW_STEPS = {
  journal: (work: WriteNew): string => {
    work.initSections(0, work.device.layout.journal.sections, 0)
    return 'superblock'
  },
  superblock: (work: WriteNew): string => {
    if (work.noteIoError() !== 'OK') return DONE
    work.writeSuper(FUA)
    return 'end'
  },
  end: (work: WriteNew): string => {
    if (work.noteIoError() === 'OK') work.device.justFormatted = true
    return DONE
  },
}

function log2Interleave(sectors: number): number {
  const wanted = sectors === 0 ? 15 : Math.floor(Math.log2(sectors))
  return Math.min(Math.max(wanted, LOG2_INTERLEAVE_MIN), LOG2_INTERLEAVE_MAX)
}

/** What of a superblock does not fit the line, or can't be. */
function superblockFault(sb: IntegritySuperblock, line: IntegrityLine, separateMeta: boolean): Failure | null {
  if (sb.version === 0 || sb.version > INTEGRITY_VERSION_MAX) {
    return fail('EINVAL', `the superblock has version ${sb.version}; 1 to ${INTEGRITY_VERSION_MAX} are known`)
  }
  if (sb.integrity_tag_size !== line.tagBytes) {
    return fail('EINVAL', `the superblock says tags of ${sb.integrity_tag_size} bytes, the line ${line.tagBytes}`)
  }
  if (2 ** sb.log2_sectors_per_block !== line.blockSectors) {
    return fail(
      'EINVAL',
      `the superblock says blocks of ${2 ** sb.log2_sectors_per_block} sectors, the line ${line.blockSectors}`,
    )
  }
  if (sb.journal_sections === 0) return fail('EINVAL', 'the superblock says that the journal has no section')
  const log2 = sb.log2_interleave_sectors
  if (separateMeta ? log2 !== 0 : log2 < LOG2_INTERLEAVE_MIN || log2 > LOG2_INTERLEAVE_MAX) {
    return fail('EINVAL', `the superblock says areas of 2^${log2} sectors`)
  }
  if ((sb.flags & FLAG_JOURNAL_MAC) !== 0) return fail('EINVAL', 'the journal has a MAC, and the line has none')
  return null
}

function findLayout(sb: IntegritySuperblock, place: IntegrityPlace, line: IntegrityLine): IntegrityLayout | null {
  let log2Buffer = line.log2BufferSectors
  const provided = providedSectors(sb, place, 2 ** log2Buffer)
  if (provided === 0) return null
  for (;;) {
    const layout = integrityLayout(sb, place, provided, 2 ** log2Buffer)
    if (layout !== null || !place.separateMeta || log2Buffer <= 3) return layout
    log2Buffer--
  }
}

/** Buffers are no longer than what divides a run of tags. */
function withBuffers(layout: IntegrityLayout): IntegrityLayout {
  if (layout.separateMeta) return layout
  let bufferSectors = layout.bufferSectors
  while (layout.runSectors % bufferSectors !== 0) bufferSectors /= 2
  return { ...layout, bufferSectors }
}

/** So many blocks to a bit that all bits have room in the journal. */
function log2PerBit(layout: IntegrityLayout, line: IntegrityLine): number {
  const log2Block = Math.log2(line.blockSectors)
  let log2 = Math.max(line.log2SectorsPerBit < 0 ? LOG2_SECTORS_PER_BIT : line.log2SectorsPerBit, log2Block)
  const { sections, sectionSectors } = layout.journal
  const room = Math.min(sections * sectionSectors * 4096, UINT_MAX)
  while (room < Math.ceil(layout.providedSectors / 2 ** log2)) log2++
  return log2 - log2Block
}
