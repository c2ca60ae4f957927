import { digestOf } from '../base/digests.ts'
import type { BlockDevice } from '../block/device.ts'
import type { BufioMemory } from '../bufio/bufio_memory.ts'
import { BufioClient } from '../bufio/client.ts'
import { CHECKSUM_BLOCK_BYTES, type ChecksumAlgorithm, type ChecksumLayout } from '../format/checksum_layout.ts'
import { CHECKSUM_SUMS_SECTOR, type ChecksumSuperblock } from '../format/checksum_superblock.ts'
import type { Sim } from '../sim/sim.ts'
import type { ChecksumMode, ChecksumOrder } from './checksum_modes.ts'
import { RangeLocks } from './range_locks.ts'

/** What a table line says. */
export interface ChecksumLine {
  readonly algorithm: ChecksumAlgorithm
  readonly mode: ChecksumMode
  readonly order: ChecksumOrder
  /** Writes of so many sectors at most go together. */
  readonly batchSectors: number
  /** 0 where there is no journal. */
  readonly journalSectors: number
}

/** The sums of a set of sectors are held in a cache, a few blocks at a time. */
const RESERVED_BUFFERS = 2

/** The two devices of a checksum target, or three, and what is known of them. */
export class ChecksumDevice {
  readonly sim: Sim
  readonly data: BlockDevice
  readonly meta: BlockDevice
  /** Where the journal is: the metadata device, or one of its own. */
  readonly journal: BlockDevice
  readonly sectors: number
  readonly line: ChecksumLine
  readonly layout: ChecksumLayout
  readonly client: BufioClient
  readonly locks: RangeLocks
  readonly cause: number
  superblock: ChecksumSuperblock | null
  /** Between resuming and suspending. */
  isActive: boolean
  /** The kernel is about to stop: every write is followed by one of its sums. */
  isSynchronous: boolean
  /** Sectors with two sums whose write has ended, and the batch that wrote them: the next flush makes them durable. */
  readonly unforgotten: Map<number, number>
  batches: number
  /** Where the next record of the journal goes, counted from its beginning, and its number. */
  journalHead: number
  journalSeq: number
  /** What was written since the table was loaded, in sectors: asked for, to the journal, superblocks; and flushes of the data. */
  readonly costs: { asked: number; journal: number; superblocks: number; dataFlushes: number }
  /** Sectors read that matched no sum. */
  mismatches: number
  /** What the last activation found and did. */
  found: string

  constructor(
    memory: BufioMemory,
    name: string,
    devices: { readonly data: BlockDevice; readonly meta: BlockDevice; readonly journal: BlockDevice },
    sectors: number,
    line: ChecksumLine,
    layout: ChecksumLayout,
  ) {
    const { sim } = memory
    this.sim = sim
    this.data = devices.data
    this.meta = devices.meta
    this.journal = devices.journal
    this.sectors = sectors
    this.line = line
    this.layout = layout
    this.cause = sim.cause(`${name} checksums`)
    this.client = new BufioClient(memory, name, devices.meta, CHECKSUM_BLOCK_BYTES, RESERVED_BUFFERS, {
      start: CHECKSUM_SUMS_SECTOR,
      cause: this.cause,
    })
    this.locks = new RangeLocks(sim)
    this.superblock = null
    this.isActive = false
    this.isSynchronous = false
    this.unforgotten = new Map()
    this.batches = 0
    this.journalHead = 0
    this.journalSeq = 0
    this.costs = { asked: 0, journal: 0, superblocks: 0, dataFlushes: 0 }
    this.mismatches = 0
    this.found = 'inactive'
  }

  /** The first sector of the journal on its device. */
  get journalStart(): number {
    return this.journal === this.meta ? this.layout.end : 0
  }

  /** What writing has cost so far, as text; in sectors, and flushes. */
  costText(): string {
    const { client, costs } = this
    const sums = client.sectorsWritten + costs.superblocks
    const total = costs.asked + sums + costs.journal
    const times = costs.asked === 0 ? '' : `, ${(total / costs.asked).toFixed(2)} times what was asked for`
    const flushes = `flushes: ${costs.dataFlushes} of data, ${client.flushes} of sums`
    return `sectors: ${costs.asked} of data, ${sums} of sums, ${costs.journal} of journal${times}; ${flushes}`
  }

  /** The sum of a sector and of its place: another sector's bytes do not match. */
  sumOf(sector: number, address: number): Uint8Array {
    const place = new Uint8Array(8)
    new DataView(place.buffer).setBigUint64(0, BigInt(sector), true)
    return digestOf(this.layout.algorithm, [place, this.sim.memory.bytes.subarray(address, address + 512)])
  }
}
