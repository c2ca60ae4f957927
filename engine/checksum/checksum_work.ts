import { FLUSH, FUA, META, SYNC, WRITE, type Status } from '../block/bio.ts'
import type { DoneWaiter } from '../bufio/empty_io.ts'
import { writeChecksumSuperblock, type ChecksumSuperblock } from '../format/checksum_superblock.ts'
import type { ChecksumDevice } from './checksum_device.ts'
import type { Procedure } from '../sim/procedure.ts'
import { SumsVisit, type EntryVisitor } from './sums_visit.ts'
import { IoProcedure } from './work_queue.ts'

/** What the procedures of a checksum target have in common: visits to sums, syncs of the metadata, flushes of the data, superblocks. */
export abstract class ChecksumWork extends IoProcedure implements DoneWaiter {
  readonly device: ChecksumDevice
  /** A sector of memory for the superblock, while it is written. */
  protected sector: number

  constructor(device: ChecksumDevice, firstStep: string) {
    super(device.sim, firstStep, device.cause)
    this.device = device
    this.sector = 0
  }

  done(status: Status): void {
    if (status !== 'OK' && this.ioError === 'OK') this.ioError = status
    this.arrived()
  }

  /** The next step comes when all entries were visited; {@link takeError} knows how that went. */
  visit(sectors: readonly number[], visitor: EntryVisitor): void {
    this.call(new SumsVisit(this.device, sectors, visitor, null))
  }

  /** What went wrong in a procedure within this one, went wrong here. */
  override procedureDone(procedure?: Procedure): void {
    const error = errorOf(procedure)
    if (this.ioError === 'OK') this.ioError = error
    this.arrived()
  }

  /** Everything dirty of the sums is written, and the metadata device flushed. */
  syncSums(): void {
    this.expect()
    this.device.client.writeDirtyBuffers(this)
  }

  flushData(): void {
    this.device.costs.dataFlushes++
    this.io(this.device.data, FLUSH, SYNC, 0, 0, 0)
  }

  writeSuperblock(superblock: ChecksumSuperblock): void {
    const { device, sim } = this
    device.superblock = superblock
    device.costs.superblocks++
    this.sector = sim.memory.allocateZeroed(512)
    writeChecksumSuperblock(sim.memory.bytes, this.sector, superblock)
    this.io(device.meta, WRITE, FUA | SYNC | META, 0, 1, this.sector)
  }

  /** The superblock is written: its memory is given back. */
  freeSector(): void {
    if (this.sector !== 0) this.sim.memory.free(this.sector)
    this.sector = 0
  }
}

function errorOf(procedure: Procedure | undefined): Status {
  if (procedure instanceof SumsVisit) return procedure.status
  return procedure instanceof IoProcedure ? procedure.ioError : 'OK'
}
