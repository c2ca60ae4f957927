import { READ, WRITE } from '../block/bio.ts'
import {
  CHECKSUM_RECORD_SECTORS_MAX,
  expectedRecord,
  readRecord,
  recordSectors,
  type RecordedSector,
} from '../format/checksum_journal.ts'
import type { ChecksumEntry } from '../format/checksum_layout.ts'
import { DONE } from '../sim/procedure.ts'
import type { ChecksumDevice } from './checksum_device.ts'
import { ChecksumWork } from './checksum_work.ts'
import type { EntryVisitor } from './sums_visit.ts'

/** After a crash, in mode journal: every whole record is put in its places again, data and sums, in the order of writing. */
export class ReplayRecords extends ChecksumWork implements EntryVisitor {
  private readonly address: number
  private sectors: readonly RecordedSector[]
  records: number
  /** Sectors that were put in their places. */
  replayed: number
  private length: number

  constructor(device: ChecksumDevice) {
    super(device, 'header')
    const { sumBytes } = device.layout
    this.address = device.sim.memory.allocate(recordSectors(CHECKSUM_RECORD_SECTORS_MAX, sumBytes) * 512)
    this.sectors = []
    this.records = 0
    this.replayed = 0
    this.length = 0
  }

  override steps() {
    return STEPS
  }

  /** Reads the first sector of what may be the next record. */
  header(): string {
    const { device } = this
    if (this.ioError !== 'OK' || device.journalHead >= device.line.journalSectors) return 'end'
    this.io(device.journal, READ, 0, device.journalStart + device.journalHead, 1, this.address)
    return 'record'
  }

  record(): string {
    const { device } = this
    if (this.ioError !== 'OK') return 'end'
    const count = expectedRecord(this.sim.memory.bytes, this.address, device.journalSeq)
    this.length = recordSectors(count, device.layout.sumBytes)
    if (count === 0 || device.journalHead + this.length > device.line.journalSectors) return 'end'
    this.io(device.journal, READ, 0, device.journalStart + device.journalHead, this.length, this.address)
    return 'data'
  }

  data(): string {
    const { device } = this
    if (this.ioError !== 'OK') return 'end'
    const sectors = readRecord(this.sim.memory.bytes, this.address, device.layout.sumBytes)
    if (sectors === null) return 'end'
    this.sectors = sectors
    for (const { sector, at } of sectors) this.io(device.data, WRITE, 0, sector, 1, at)
    return 'sums'
  }

  setSums(): string {
    if (this.ioError !== 'OK') return 'end'
    this.visit(
      this.sectors.map(({ sector }) => sector).sort((a, b) => a - b),
      this,
    )
    return 'next'
  }

  visitEntry(sector: number, entry: ChecksumEntry): boolean {
    const recorded = this.sectors.find((each) => each.sector === sector)
    if (recorded === undefined) return false
    entry.setOnly(recorded.sum)
    return true
  }

  next(): string {
    const { device } = this
    device.journalHead += this.length
    device.journalSeq++
    this.records++
    this.replayed += this.sectors.length
    return 'header'
  }

  free(): string {
    this.sim.memory.free(this.address)
    return DONE
  }
}

const STEPS = {
  header: (replay: ReplayRecords): string => replay.header(),
  record: (replay: ReplayRecords): string => replay.record(),
  data: (replay: ReplayRecords): string => replay.data(),
  sums: (replay: ReplayRecords): string => replay.setSums(),
  next: (replay: ReplayRecords): string => replay.next(),
  end: (replay: ReplayRecords): string => replay.free(),
}
