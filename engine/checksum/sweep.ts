import { READ } from '../block/bio.ts'
import type { ChecksumEntry } from '../format/checksum_layout.ts'
import { HAS_NEW } from '../format/checksum_layout.ts'
import { DONE } from '../sim/procedure.ts'
import type { ChecksumDevice } from './checksum_device.ts'
import { ChecksumWork } from './checksum_work.ts'
import { LockedRange, type RangeWaiter } from './range_locks.ts'
import type { EntryVisitor } from './sums_visit.ts'

/** Sectors that are read at one go. */
const PIECE_SECTORS = 64

/** Reads the whole data device, piece by piece: to hold every sector against its sums, or to compute all of them anew. */
export class Sweep extends ChecksumWork implements EntryVisitor, RangeWaiter {
  readonly isRebuild: boolean
  private readonly range: LockedRange
  private at: number
  private piece: number
  private address: number
  /** Sectors that match none of their sums; after a rebuild, those whose sums were others. */
  readonly different: number[]
  readonly unreadable: number[]

  constructor(device: ChecksumDevice, isRebuild: boolean) {
    super(device, 'lock')
    this.isRebuild = isRebuild
    this.range = new LockedRange()
    this.at = 0
    this.piece = PIECE_SECTORS
    this.address = 0
    this.different = []
    this.unreadable = []
  }

  override steps() {
    return STEPS
  }

  rangeGranted(): void {
    this.arrived()
  }

  lock(): string {
    const { device, range } = this
    if (this.at >= device.sectors || this.ioError !== 'OK') return 'end'
    if (this.at % PIECE_SECTORS === 0) this.piece = PIECE_SECTORS
    range.sector = this.at
    range.sectors = Math.min(this.piece, device.sectors - this.at)
    if (!device.locks.take(range)) {
      this.expect()
      device.locks.wait(range, this)
    }
    return 'read'
  }

  read(): string {
    const { device, range } = this
    if (this.address === 0) this.address = this.sim.memory.allocate(PIECE_SECTORS * 512)
    this.io(device.data, READ, 0, range.sector, range.sectors, this.address)
    return 'visit'
  }

  visitPiece(): string {
    const { range } = this
    if (this.takeError() === 'OK') {
      this.visit(
        Array.from({ length: range.sectors }, (_, i) => range.sector + i),
        this,
      )
      this.at += range.sectors
    } else if (range.sectors === 1) {
      this.unreadable.push(range.sector)
      this.at++
    } else this.piece = 1
    return 'unlock'
  }

  unlock(): string {
    this.device.locks.release(this.range)
    return 'lock'
  }

  visitEntry(sector: number, entry: ChecksumEntry): boolean {
    const sum = this.device.sumOf(sector, this.address + (sector - this.range.sector) * 512)
    const matches = entry.matchesNew(sum) || entry.matchesOld(sum)
    if (!matches && (!this.isRebuild || (entry.flags & HAS_NEW) !== 0)) this.different.push(sector)
    if (this.isRebuild) entry.setOnly(sum)
    return this.isRebuild
  }

  free(): string {
    if (this.address !== 0) this.sim.memory.free(this.address)
    this.address = 0
    return DONE
  }
}

const STEPS = {
  lock: (sweep: Sweep): string => sweep.lock(),
  read: (sweep: Sweep): string => sweep.read(),
  visit: (sweep: Sweep): string => sweep.visitPiece(),
  unlock: (sweep: Sweep): string => sweep.unlock(),
  end: (sweep: Sweep): string => sweep.free(),
}
