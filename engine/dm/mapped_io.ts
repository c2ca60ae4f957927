import { assert } from '../base/assert.ts'
import {
  DISCARD,
  FLUSH,
  FUA,
  PREFLUSH,
  WRITE_ZEROES,
  type Bio,
  type BioOwner,
  type Op,
  type Status,
} from '../block/bio.ts'
import { CloneBio } from './clone_bio.ts'
import type { MappedDevice } from './mapped_device.ts'
import type { DmTable } from './table.ts'
import type { Target } from './target.ts'

/** Longest I/O, in sectors, of a target that has a maximum at all: the queue's own, BLK_DEF_MAX_SECTORS. */
const QUEUE_MAX_SECTORS = 2560

/**
 * A bio under way through a mapped device: splits it among the targets, waits for its clones, and hands it back to the
 * device when all have ended.
 * @source struct dm_io, dm_split_and_process_bio, dm_io_dec_pending, drivers/md/dm.c, 6.1
 */
export class MappedIo implements BioOwner {
  readonly device: MappedDevice
  readonly bio: Bio
  status: Status
  private remaining: number

  constructor(device: MappedDevice, bio: Bio) {
    this.device = device
    this.bio = bio
    this.status = 'OK'
    this.remaining = 1
  }

  /** Sends the clones. A flush goes first and alone; the device takes up what it flushed for when it has ended. */
  send(table: DmTable): void {
    const { bio } = this
    if (bio.op === FLUSH || (bio.flags & PREFLUSH) !== 0) this.sendFlushes(table)
    else if (bio.op === DISCARD || bio.op === WRITE_ZEROES) this.sendRanges(table)
    else this.sendParts(table)
    this.arrived()
  }

  bioDone(clone: Bio): void {
    assert(clone instanceof CloneBio, 'a mapped bio has parts that are no clones')
    const status = clone.target.ended(clone, clone.status)
    if (status !== 'OK') this.status = status
    this.arrived()
  }

  private sendFlushes(table: DmTable): void {
    const flags = this.bio.flags & ~(PREFLUSH | FUA)
    for (const target of table.targets) {
      for (let i = 0; i < target.flushBios; i++) this.sendClone(target, i, FLUSH, flags, 0, 0, 0)
    }
  }

  /** What has an extent and no data is cut only where targets meet; each gets as many copies as it wants. */
  private sendRanges(table: DmTable): void {
    const { op, flags, sector, sectors } = this.bio
    for (let at = sector; at < sector + sectors;) {
      const target = this.target(table, at)
      const end = Math.min(sector + sectors, target.begin + target.sectors)
      const copies = op === DISCARD ? target.discardBios : target.writeZeroesBios
      if (copies === 0) {
        this.status = 'EOPNOTSUPP'
        return
      }
      for (let i = 0; i < copies; i++) this.sendClone(target, i, op, flags, at, end - at, 0)
      at = end
    }
  }

  private sendParts(table: DmTable): void {
    const { op, flags, sector, sectors, data } = this.bio
    for (let at = sector; at < sector + sectors;) {
      const target = this.target(table, at)
      const end = Math.min(sector + sectors, target.begin + target.sectors, at + ioLimit(target, at))
      this.sendClone(target, 0, op, flags, at, end - at, data + (at - sector) * 512)
      at = end
    }
  }

  private target(table: DmTable, sector: number): Target {
    const target = table.find(sector)
    assert(target !== undefined, `${this.device.name} has no target for sector ${sector}`)
    return target
  }

  private sendClone(
    target: Target,
    index: number,
    op: Op,
    flags: number,
    sector: number,
    sectors: number,
    data: number,
  ): void {
    this.remaining++
    target.map(new CloneBio(this.device.sim, this, this.bio, target, op, flags, sector, sectors, data), index)
  }

  private arrived(): void {
    if (--this.remaining === 0) this.device.ioDone(this)
  }
}

/** How many sectors from `sector` on the target takes at once. @source max_io_len, drivers/md/dm.c, 6.1 */
function ioLimit(target: Target, sector: number): number {
  const most = target.maxIoSectors
  if (most === 0) return Infinity
  return Math.min(QUEUE_MAX_SECTORS, most - ((sector - target.begin) % most))
}
