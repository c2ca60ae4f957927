import { READ } from '../block/bio.ts'
import type { ChecksumEntry } from '../format/checksum_layout.ts'
import { DONE } from '../sim/procedure.ts'
import type { ChecksumDevice } from './checksum_device.ts'
import { ChecksumWork } from './checksum_work.ts'
import type { EntryVisitor } from './sums_visit.ts'

/**
 * After a crash, in mode dual: every sector with two sums is read, and keeps the one it matches. One that matches neither keeps both, and
 * fails when it is read.
 */
export class SettleOlds extends ChecksumWork implements EntryVisitor {
  private block: number
  private readonly doubtful: number[]
  private address: number
  /** Sectors that had two sums, and those of them that match neither. */
  settled: number
  readonly bad: number[]
  private isLooking: boolean

  constructor(device: ChecksumDevice) {
    super(device, 'look')
    this.block = 0
    this.doubtful = []
    this.address = 0
    this.settled = 0
    this.bad = []
    this.isLooking = true
  }

  override steps() {
    return STEPS
  }

  /** Looks which sectors of the next block of sums have two. */
  look(): string {
    const { device } = this
    const { entriesPerBlock, blocks } = device.layout
    if (this.block >= blocks || this.ioError !== 'OK') return 'end'
    const first = this.block++ * entriesPerBlock
    const count = Math.min(entriesPerBlock, device.sectors - first)
    this.isLooking = true
    this.visit(
      Array.from({ length: count }, (_, i) => first + i),
      this,
    )
    return 'read'
  }

  read(): string {
    if (this.doubtful.length === 0 || this.ioError !== 'OK') return 'look'
    if (this.address === 0) this.address = this.sim.memory.allocate(512)
    this.io(this.device.data, READ, 0, this.doubtful[0], 1, this.address)
    return 'decide'
  }

  decide(): string {
    const [sector] = this.doubtful
    if (this.takeError() === 'OK') {
      this.isLooking = false
      this.visit([sector], this)
    }
    return 'next'
  }

  next(): string {
    this.doubtful.shift()
    this.settled++
    return 'read'
  }

  visitEntry(sector: number, entry: ChecksumEntry): boolean {
    if (this.isLooking) {
      if (entry.hasOld) this.doubtful.push(sector)
      return false
    }
    const sum = this.device.sumOf(sector, this.address)
    if (!entry.matchesNew(sum) && !entry.matchesOld(sum)) {
      this.bad.push(sector)
      return false
    }
    entry.setOnly(sum)
    return true
  }

  free(): string {
    if (this.address !== 0) this.sim.memory.free(this.address)
    this.address = 0
    return DONE
  }
}

const STEPS = {
  look: (settle: SettleOlds): string => settle.look(),
  read: (settle: SettleOlds): string => settle.read(),
  decide: (settle: SettleOlds): string => settle.decide(),
  next: (settle: SettleOlds): string => settle.next(),
  end: (settle: SettleOlds): string => settle.free(),
}
