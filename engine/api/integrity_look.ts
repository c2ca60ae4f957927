/** An integrity device as a view shows it: what is in the journal, which bits are set, and which blocks would be an error to whoever reads them. */
import { Disk } from '../block/disk.ts'
import type { BlockDevice } from '../block/device.ts'
import { DIRTY, DIRTY_LIST, READING, WRITING } from '../bufio/buffer.ts'
import { IntegrityTarget } from '../checksum/integrity_target.ts'
import type { IntegrityDevice } from '../checksum/integrity_device.ts'
import { blockTag, DISCARD_FILLER } from '../checksum/sector_tags.ts'
import { commitSeqOf, entryIsUnused, entryOffset } from '../format/integrity_journal.ts'
import { dataSector, tagBuffer, tagOffset, tagsStart } from '../format/integrity_layout.ts'
import { INTEGRITY_SB_SECTORS } from '../format/integrity_superblock.ts'
import type { Machine } from '../lab/machine.ts'
import {
  BIT_DIRTY,
  BIT_RECALCULATE,
  BLOCK_IN_JOURNAL,
  BLOCK_UNCHECKED,
  BLOCK_WRONG,
  type IntegrityLook,
  type IntegrityStretch,
  type JournalSection,
} from './integrity_flags.ts'

/** More bytes are not summed up for a look. */
const BYTES_MAX = 8 << 20
/** More areas are not told apart. */
const AREAS_MAX = 24

/** @returns null where there is no such device, or it is no integrity device */
export function integrityLook(machine: Machine, mapped: string): IntegrityLook | null {
  const [target] = machine.kernel.dm.find(mapped)?.active?.targets ?? []
  if (!(target instanceof IntegrityTarget) || target.device === null) return null
  const { device } = target
  const { bitmaps, layout, line } = device
  const unknown = whyUnknown(device, target.sectors)
  return {
    mode: line.mode,
    hash: line.hash ?? '',
    blockSectors: layout.blockSectors,
    sectors: target.sectors,
    mismatches: device.mismatches,
    failed: device.failed ?? '',
    blocks: unknown === '' ? blocksOf(device, target.sectors) : new Uint8Array(0),
    unknown,
    stretches: stretchesOf(device),
    sections: line.mode === 'J' ? sectionsOf(device) : [],
    sectionEntries: layout.journal.sectionEntries,
    freeEntries: device.freeEntries,
    bits: line.mode === 'B' ? bitsOf(device) : new Uint8Array(0),
    bitSectors: bitmaps.bitSectors,
    recalculated: device.isRecalculating ? Math.min(device.sb.recalc_sector, layout.providedSectors) : -1,
    dirtyTagBuffers: [...device.bufio.listOf(DIRTY_LIST).oldestFirst()].filter(
      ({ state }) => (state & (DIRTY | WRITING)) !== 0,
    ).length,
  }
}

function whyUnknown({ data, line, meta }: IntegrityDevice, sectors: number): string {
  if (line.hash === null) return 'the device keeps tags for others, and compares nothing'
  if (!(data instanceof Disk) || !(meta instanceof Disk)) {
    return 'which blocks fit their tags is only looked up where the device lies on disks themselves'
  }
  if (sectors * 512 > BYTES_MAX) return `which blocks fit their tags is only looked up on up to ${BYTES_MAX >> 20} MiB`
  return ''
}

/** What reads would get of a device; sectors that cannot be read are zeros. */
function newestBytes(device: BlockDevice, sector: number, sectors: number): Uint8Array {
  const bytes = new Uint8Array(sectors * 512)
  if (!(device instanceof Disk) || device.contents(sector, sectors, bytes, 0)) return bytes
  for (let i = 0; i < sectors; i++) device.contents(sector + i, 1, bytes, i * 512)
  return bytes
}

function blocksOf(device: IntegrityDevice, sectors: number): Uint8Array {
  const { bitmaps, layout, line, sb, tagMaker, tree } = device
  const { blockSectors, bufferSectors, tagBytes } = layout
  const flags = new Uint8Array(Math.floor(sectors / blockSectors))
  if (tagMaker === null || line.mode === 'R') return flags
  const tags = new TagReader(device)
  const areaSectors = layout.separateMeta ? sectors : 2 ** layout.log2Interleave
  for (let from = 0; from < sectors; from += areaSectors) {
    const end = Math.min(from + areaSectors, sectors)
    const bytes = newestBytes(device.data, dataSector(layout, from), end - from)
    for (let sector = from; sector + blockSectors <= end; sector += blockSectors) {
      const block = sector / blockSectors
      if (line.mode === 'J' && tree.newest(sector) >= 0) {
        flags[block] = BLOCK_IN_JOURNAL
        continue
      }
      const isLater = device.isRecalculating && sector + blockSectors > sb.recalc_sector
      if (isLater || (line.mode === 'B' && !bitmaps.allClear('recalculate', sector, blockSectors))) {
        flags[block] = BLOCK_UNCHECKED
        continue
      }
      const right = blockTag(tagMaker, sector, bytes, (sector - from) * 512)
      const at = tagOffset(layout, sector)
      let fits = true
      let isFiller = line.discards
      for (let i = 0; i < tagBytes; i++) {
        const over = Math.floor((at + i) / (bufferSectors * 512))
        const byte = tags.byte(tagBuffer(layout, sector) + over, (at + i) % (bufferSectors * 512))
        if (byte !== right[i]) fits = false
        if (byte !== DISCARD_FILLER) isFiller = false
      }
      if (!fits && !isFiller) flags[block] = BLOCK_WRONG
    }
  }
  return flags
}

/** Tags as the device would find them: in the buffer cache, or else on the disk. */
class TagReader {
  private readonly device: IntegrityDevice
  private readonly known: Map<number, Uint8Array>

  constructor(device: IntegrityDevice) {
    this.device = device
    this.known = new Map()
    const { memory } = device.sim
    for (const list of [0, 1] as const) {
      for (const { block, address, state } of device.bufio.listOf(list).oldestFirst()) {
        if (state === READING) continue
        this.known.set(block, memory.bytes.slice(address, address + device.bufio.blockBytes))
      }
    }
  }

  byte(buffer: number, at: number): number {
    let bytes = this.known.get(buffer)
    if (bytes === undefined) {
      const { bufferSectors } = this.device.layout
      bytes = newestBytes(this.device.meta, tagsStart(this.device.layout) + buffer * bufferSectors, bufferSectors)
      this.known.set(buffer, bytes)
    }
    return bytes[at]
  }
}

function stretchesOf({ layout }: IntegrityDevice): IntegrityStretch[] {
  const { initialSectors, log2Interleave, providedSectors, runSectors, separateMeta } = layout
  const stretches: IntegrityStretch[] = [
    { kind: 'superblock', sectors: INTEGRITY_SB_SECTORS },
    { kind: 'journal', sectors: initialSectors - INTEGRITY_SB_SECTORS },
  ]
  if (separateMeta) {
    const tagBytes = (providedSectors / layout.blockSectors) * layout.tagBytes
    stretches.push({ kind: 'tags', sectors: Math.ceil(tagBytes / 512) }, { kind: 'data', sectors: providedSectors })
    return stretches
  }
  const areaSectors = 2 ** log2Interleave
  const areas = Math.ceil(providedSectors / areaSectors)
  if (areas > AREAS_MAX) {
    stretches.push({ kind: 'tags', sectors: areas * runSectors }, { kind: 'data', sectors: providedSectors })
    return stretches
  }
  for (let area = 0; area < areas; area++) {
    stretches.push({ kind: 'tags', sectors: runSectors })
    stretches.push({ kind: 'data', sectors: Math.min(areaSectors, providedSectors - area * areaSectors) })
  }
  return stretches
}

function sectionsOf(device: IntegrityDevice): JournalSection[] {
  const {
    committedCount,
    committedSection,
    freeEntry,
    freeSection,
    layout,
    sim,
    uncommittedCount,
    uncommittedSection,
  } = device
  const { sectionEntries, sections } = layout.journal
  const isIn = (section: number, first: number, count: number): boolean =>
    (section - first + sections) % sections < count
  return Array.from({ length: sections }, (_, section) => {
    const at = device.sectionAddress(section)
    let used = 0
    for (let entry = 0; entry < sectionEntries; entry++) {
      if (!entryIsUnused(sim.memory.bytes, at + entryOffset(layout, entry))) used++
    }
    const begun = section === freeSection && freeEntry > 0
    const state = isIn(section, committedSection, committedCount)
      ? 'committed'
      : begun || isIn(section, uncommittedSection, uncommittedCount)
        ? 'uncommitted'
        : 'free'
    return { state, used: state === 'free' ? 0 : used, lap: commitSeqOf(sim.memory.bytes, at, section, 0) }
  })
}

function bitsOf({ bitmaps, layout }: IntegrityDevice): Uint8Array {
  const bits = new Uint8Array(Math.ceil(layout.providedSectors / bitmaps.bitSectors))
  for (let bit = 0; bit < bits.length; bit++) {
    const sector = bit * bitmaps.bitSectors
    if (!bitmaps.allClear('disk', sector, layout.blockSectors)) bits[bit] |= BIT_DIRTY
    if (!bitmaps.allClear('recalculate', sector, layout.blockSectors)) bits[bit] |= BIT_RECALCULATE
  }
  return bits
}
