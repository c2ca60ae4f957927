/** Reads and flushes of a checksum target. */
import { Bio, READ } from '../block/bio.ts'
import type { CloneBio } from '../dm/clone_bio.ts'
import type { ChecksumEntry } from '../format/checksum_layout.ts'
import { DONE } from '../sim/procedure.ts'
import type { ChecksumDevice } from './checksum_device.ts'
import { ChecksumWork } from './checksum_work.ts'
import { ForgetOlds } from './forget_olds.ts'
import type { LockedRange } from './range_locks.ts'
import { SumsVisit, type EntryVisitor } from './sums_visit.ts'

/** A read that has its range: the data first, then every sector is held against its sums. */
export class CheckedRead extends ChecksumWork implements EntryVisitor {
  readonly clone: CloneBio
  readonly range: LockedRange
  mismatches: number

  constructor(device: ChecksumDevice, clone: CloneBio, range: LockedRange) {
    super(device, 'data')
    this.clone = clone
    this.range = range
    this.mismatches = 0
  }

  override steps() {
    return READ_STEPS
  }

  readData(): void {
    const { clone, device, range } = this
    const { flags, sectors, data, cause, id } = clone
    this.expect()
    device.data.submit(new Bio(this.sim, this, READ, flags, range.sector, sectors, data, cause, id))
  }

  lookAtSums(): void {
    const { device, range, clone } = this
    const sectors = Array.from({ length: range.sectors }, (_, i) => range.sector + i)
    this.call(new SumsVisit(device, sectors, this, clone))
  }

  visitEntry(sector: number, entry: ChecksumEntry): boolean {
    const { clone, device, range } = this
    const sum = device.sumOf(sector, clone.data + (sector - range.sector) * 512)
    if (!entry.matchesNew(sum) && !entry.matchesOld(sum)) this.mismatches++
    return false
  }

  end(): void {
    const { clone, device, range, mismatches } = this
    device.mismatches += mismatches
    device.locks.release(range)
    clone.end(mismatches > 0 ? 'EILSEQ' : this.ioError)
  }
}

const READ_STEPS = {
  data: (read: CheckedRead): string => {
    read.readData()
    return 'sums'
  },

  sums: (read: CheckedRead): string => {
    if (read.ioError === 'OK') read.lookAtSums()
    return 'end'
  },

  end: (read: CheckedRead): string => {
    read.end()
    return DONE
  },
}

/** A flush: whatever was acknowledged before it is durable when it ends, its sums included. */
export class ChecksumFlush extends ChecksumWork {
  readonly clone: CloneBio

  constructor(device: ChecksumDevice, clone: CloneBio) {
    super(device, 'flush')
    this.clone = clone
  }

  override steps() {
    return FLUSH_STEPS
  }
}

const FLUSH_STEPS = {
  flush: (flush: ChecksumFlush): string => {
    const { device } = flush
    const { mode, order } = device.line
    // What a journal has is durable.
    if (mode === 'journal') return 'end'
    if (mode !== 'dual' || order === 'no_barrier') flush.syncSums()
    if (mode === 'dual') flush.call(new ForgetOlds(device))
    else flush.flushData()
    return 'end'
  },

  end: (flush: ChecksumFlush): string => {
    flush.clone.end(flush.ioError)
    return DONE
  },
}
