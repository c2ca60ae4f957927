/**
 * A batch of writes on its way to data and metadata. What is done, and in which order, is a row of {@link BATCH_PLANS}: the whole
 * difference between the modes stands there.
 */
import { assert } from '../base/assert.ts'
import { Bio, FUA, META, SYNC, WRITE, type Status } from '../block/bio.ts'
import type { CloneBio } from '../dm/clone_bio.ts'
import type { ChecksumEntry } from '../format/checksum_layout.ts'
import { headerSectors, recordSectors, writeRecordHeader } from '../format/checksum_journal.ts'
import { DONE } from '../sim/procedure.ts'
import { Checkpoint } from './checkpoint.ts'
import type { ChecksumDevice } from './checksum_device.ts'
import { BATCH_PLANS, type BatchStep } from './checksum_modes.ts'
import { ChecksumWork } from './checksum_work.ts'
import { ForgetOlds } from './forget_olds.ts'
import type { LockedRange } from './range_locks.ts'
import type { EntryVisitor } from './sums_visit.ts'

/** A write that has its range, and how it went. */
export interface PendingWrite {
  readonly clone: CloneBio
  readonly range: LockedRange
  status: Status
}

/** Whoever takes the next batch when one has ended. */
export interface BatchOwner {
  batchOver(): void
}

/** The same plan, with the sums durable at its end. */
function withSums(plan: readonly BatchStep[]): readonly BatchStep[] {
  return plan.includes('sync') ? plan : [...plan.slice(0, -1), 'sync', 'end']
}

export class ChecksumBatch extends ChecksumWork implements EntryVisitor {
  readonly number: number
  readonly owner: BatchOwner
  readonly writes: readonly PendingWrite[]
  readonly plan: readonly BatchStep[]
  /** The sum of every sector that is written. */
  readonly sums: Map<number, Uint8Array>
  private at: number
  private isLooking: boolean
  hasOld: boolean
  /** The record on its way to the journal. */
  private record: number
  private failed: Status

  constructor(device: ChecksumDevice, owner: BatchOwner, writes: readonly PendingWrite[]) {
    const { mode, order } = device.line
    const usual = BATCH_PLANS[mode === 'dual' ? order : mode]
    const plan = device.isSynchronous ? withSums(usual) : usual
    super(device, plan[0])
    this.number = ++device.batches
    this.owner = owner
    this.writes = writes
    this.plan = plan
    this.sums = new Map()
    this.at = 0
    this.isLooking = false
    this.hasOld = false
    this.record = 0
    this.failed = 'OK'
    for (const { clone, range } of writes) {
      for (let i = 0; i < clone.sectors; i++) {
        this.sums.set(range.sector + i, device.sumOf(range.sector + i, clone.data + i * 512))
      }
    }
  }

  override steps() {
    return STEPS
  }

  /** The step after this one; the end, once something has failed for all. */
  next(): string {
    return this.plan[++this.at]
  }

  /** Whether something went wrong that concerns all: the writes fail, and nothing more is done. */
  hasFailed(): boolean {
    const error = this.takeError()
    if (this.failed === 'OK') this.failed = error
    return this.failed !== 'OK'
  }

  private get sectors(): number[] {
    return [...this.sums.keys()].sort((a, b) => a - b)
  }

  // ---- sums ----

  /** Whether a sector has two sums still: the old one may go when the data device was flushed. */
  lookForOld(): void {
    this.isLooking = true
    this.visit(this.sectors, this)
  }

  setSums(): void {
    this.isLooking = false
    this.visit(this.sectors, this)
  }

  visitEntry(sector: number, entry: ChecksumEntry): boolean {
    if (this.isLooking) {
      this.hasOld ||= entry.hasOld
      return false
    }
    const sum = this.sums.get(sector)
    assert(sum !== undefined, `sector ${sector} is not in the batch`)
    this.device.unforgotten.delete(sector)
    if (this.device.line.mode !== 'dual') entry.setOnly(sum)
    else if (entry.hasOld) entry.newSum.set(sum)
    else entry.setNew(sum)
    return true
  }

  // ---- the journal ----

  get recordLength(): number {
    return recordSectors(this.sums.size, this.device.layout.sumBytes)
  }

  get hasRoom(): boolean {
    const { journalHead, line } = this.device
    return journalHead + this.recordLength <= line.journalSectors
  }

  /** Data and sums go to the journal, and are durable when that has ended. */
  writeRecord(): void {
    const { device, sim, sums } = this
    const { memory } = sim
    const { sumBytes } = device.layout
    this.record = memory.allocate(this.recordLength * 512)
    let to = this.record + headerSectors(sums.size, sumBytes) * 512
    const listed: { sector: number; sum: Uint8Array }[] = []
    for (const { clone, range } of this.writes) {
      memory.copy(to, clone.data, clone.sectors * 512)
      to += clone.sectors * 512
      for (let i = 0; i < clone.sectors; i++) {
        const sector = range.sector + i
        listed.push({ sector, sum: sums.get(sector) as Uint8Array })
      }
    }
    writeRecordHeader(memory.bytes, this.record, device.journalSeq, listed)
    const sector = device.journalStart + device.journalHead
    device.costs.journal += this.recordLength
    this.io(device.journal, WRITE, FUA | SYNC | META, sector, this.recordLength, this.record)
  }

  recordWritten(): void {
    const { device } = this
    if (this.record === 0) return
    device.journalHead += this.recordLength
    device.journalSeq++
    this.freeRecord()
  }

  private freeRecord(): void {
    if (this.record !== 0) this.sim.memory.free(this.record)
    this.record = 0
  }

  // ---- data ----

  writeData(): void {
    const { device, sim } = this
    // With a journal the data is durable already.
    const keep = device.line.mode === 'journal' ? ~FUA : ~0
    this.writes.forEach(({ clone, range }, i) => {
      const { sectors, data, cause, id, flags } = clone
      device.costs.asked += sectors
      this.expect()
      device.data.submit(new Bio(sim, this, WRITE, flags & keep, range.sector, sectors, data, cause, id, i + 1))
    })
  }

  /** An error of the data of one write is that write's alone. */
  override bioDone(bio: Bio): void {
    if (bio.tag === 0) {
      super.bioDone(bio)
      return
    }
    this.writes[bio.tag - 1].status = bio.status
    this.arrived()
  }

  get wantsDurable(): boolean {
    return this.writes.some(({ clone }) => (clone.flags & FUA) !== 0)
  }

  end(): void {
    const { device } = this
    this.freeRecord()
    for (const { range, status } of this.writes) {
      if (device.line.mode !== 'dual' || status !== 'OK' || this.failed !== 'OK') continue
      for (let i = 0; i < range.sectors; i++) device.unforgotten.set(range.sector + i, this.number)
    }
    for (const { clone, range, status } of this.writes) {
      device.locks.release(range)
      clone.end(this.failed === 'OK' ? status : this.failed)
    }
    this.owner.batchOver()
  }
}

const STEPS = {
  /** Has any of the sectors two sums still? Then the data device is flushed first: a third one has no room. */
  settle: (batch: ChecksumBatch): string => {
    batch.lookForOld()
    return batch.next()
  },

  'flush settled': (batch: ChecksumBatch): string => {
    if (batch.hasFailed()) return 'end'
    if (batch.hasOld) batch.call(new ForgetOlds(batch.device))
    return batch.next()
  },

  room: (batch: ChecksumBatch): string => {
    if (!batch.hasRoom) batch.call(new Checkpoint(batch.device))
    return batch.next()
  },

  record: (batch: ChecksumBatch): string => {
    if (batch.hasFailed()) return 'end'
    batch.writeRecord()
    return batch.next()
  },

  sums: (batch: ChecksumBatch): string => {
    if (batch.hasFailed()) return 'end'
    batch.recordWritten()
    batch.setSums()
    return batch.next()
  },

  sync: (batch: ChecksumBatch): string => {
    if (batch.hasFailed()) return 'end'
    batch.syncSums()
    return batch.next()
  },

  /** The sums are begun to be written, and nobody waits for them. */
  loose: (batch: ChecksumBatch): string => {
    if (batch.hasFailed()) return 'end'
    batch.device.client.writeDirtyBuffersAsync()
    return batch.next()
  },

  data: (batch: ChecksumBatch): string => {
    if (batch.hasFailed()) return 'end'
    batch.writeData()
    return batch.next()
  },

  flush: (batch: ChecksumBatch): string => {
    if (batch.hasFailed()) return 'end'
    batch.flushData()
    return batch.next()
  },

  /** Who wants his write to be durable wants its sum to be so, too. */
  durable: (batch: ChecksumBatch): string => {
    if (batch.hasFailed()) return 'end'
    if (batch.wantsDurable) batch.syncSums()
    return batch.next()
  },

  end: (batch: ChecksumBatch): string => {
    batch.hasFailed()
    batch.end()
    return DONE
  },
}
