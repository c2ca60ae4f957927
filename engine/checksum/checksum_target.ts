/**
 * `checksum DATA META ALGORITHM MODE [OPTION VALUE]…`: a device whose every sector of 512 bytes has a checksum on another device, kept through
 * dm-bufio. Blockscope's own: what was proposed on dm-devel in 2012 and became dm-integrity, in all the ways that were told then how data and
 * checksums can be kept together (`checksum_modes.ts`). A read that matches no sum fails with EILSEQ.
 *
 * Writes of one instant go together, and those that come while a batch is under way are the next one.
 *
 *     status    MISMATCHES SECTORS MODE ALGORITHM FOUND
 *     messages  scrub: every sector is held against its sums; sums SECTOR: which it has; costs: what was written
 *               for what was asked for; promise: what the mode promises
 *
 * FOUND is what the last activation found and did: formatted, clean, crashed (nothing was done), settled:SECTORS:BAD,
 * replayed:RECORDS:SECTORS, rebuilt:SECTORS whose sums were others.
 */
import { fail, ok, type Result } from '../base/errno.ts'
import { FLUSH, READ } from '../block/bio.ts'
import { deviceId, type BlockDevice } from '../block/device.ts'
import { unregister } from '../block/reboot_notifiers.ts'
import { bufioOf } from '../bufio/bufio_memory.ts'
import type { CloneBio } from '../dm/clone_bio.ts'
import type { DmTable } from '../dm/table.ts'
import {
  PENDING,
  Target,
  TargetType,
  type Answer,
  type AnswerWaiter,
  type Area,
  type HookResult,
  type HookWaiter,
} from '../dm/target.ts'
import { checksumLayout } from '../format/checksum_layout.ts'
import type { EventTarget } from '../sim/queue.ts'
import { ActivateChecksums, ReadSuperblock } from './checksum_activate.ts'
import { ChecksumBatch, type BatchOwner, type PendingWrite } from './checksum_batch.ts'
import { ChecksumDevice, type ChecksumLine } from './checksum_device.ts'
import { ChecksumReboot } from './checksum_reboot.ts'
import { CheckedRead, ChecksumFlush } from './checksum_io.ts'
import { checksumMessage } from './checksum_message.ts'
import { SuspendChecksums } from './checksum_suspend.ts'
import { CHECKSUM_IO_SECTORS, parseChecksumLine } from './checksum_table.ts'
import { LockedRange, type RangeWaiter } from './range_locks.ts'

/** A request that waits for its range. */
class WaitingIo implements RangeWaiter {
  readonly target: ChecksumTarget
  readonly clone: CloneBio
  readonly range: LockedRange

  constructor(target: ChecksumTarget, clone: CloneBio, range: LockedRange) {
    this.target = target
    this.clone = clone
    this.range = range
  }

  rangeGranted(): void {
    this.target.takeUp(this.clone, this.range)
  }
}

export class ChecksumTarget extends Target implements BatchOwner, EventTarget {
  readonly checksums: ChecksumDevice
  readonly line: ChecksumLine
  /** Writes for the next batch. */
  private waiting: PendingWrite[]
  private batch: ChecksumBatch | null
  private batchAsked: boolean
  private readonly reboot: ChecksumReboot

  constructor(table: DmTable, begin: number, checksums: ChecksumDevice) {
    super(CHECKSUM, table, begin, checksums.sectors)
    this.checksums = checksums
    this.line = checksums.line
    this.waiting = []
    this.batch = null
    this.batchAsked = false
    const { dm, mapName } = table.device
    this.reboot = new ChecksumReboot(`checksum ${mapName}`, checksums, dm.devices, dm.rules)
    this.flushBios = 1
    this.maxIoSectors = CHECKSUM_IO_SECTORS
  }

  // ---- I/O ----

  override map(clone: CloneBio): void {
    const { checksums } = this
    if (clone.op === FLUSH) {
      new ChecksumFlush(checksums, clone).resume()
      return
    }
    const range = new LockedRange()
    range.sector = this.offset(clone.sector)
    range.sectors = clone.sectors
    if (checksums.locks.take(range)) this.takeUp(clone, range)
    else checksums.locks.wait(range, new WaitingIo(this, clone, range))
  }

  /** A request has its range. */
  takeUp(clone: CloneBio, range: LockedRange): void {
    if (clone.op === READ) {
      new CheckedRead(this.checksums, clone, range).resume()
      return
    }
    this.waiting.push({ clone, range, status: 'OK' })
    this.askForBatch()
  }

  batchOver(): void {
    this.batch = null
    this.askForBatch()
  }

  private askForBatch(): void {
    if (this.batchAsked || this.batch !== null || this.waiting.length === 0) return
    this.batchAsked = true
    this.sim.after(0, this, 0)
  }

  /** Takes what waits, as much as fits into a batch. */
  event(): void {
    this.batchAsked = false
    let sectors = 0
    let count = 0
    for (const { range } of this.waiting) {
      if (count > 0 && sectors + range.sectors > this.line.batchSectors) break
      sectors += range.sectors
      count++
    }
    const batch = new ChecksumBatch(this.checksums, this, this.waiting.splice(0, count))
    this.batch = batch
    batch.resume()
  }

  // ---- its life ----

  override open(waiter: HookWaiter): HookResult {
    new ReadSuperblock(this.checksums, waiter).start()
    return PENDING
  }

  override preresume(waiter: HookWaiter): HookResult {
    if (this.checksums.isActive) return null
    this.table.device.dm.devices.notifiers.push(this.reboot)
    new ActivateChecksums(this.checksums, waiter).start()
    return PENDING
  }

  override postsuspend(waiter: HookWaiter): HookResult {
    unregister(this.table.device.dm.devices, this.reboot)
    if (!this.checksums.isActive) return null
    new SuspendChecksums(this.checksums, waiter).start()
    return PENDING
  }

  override destroy(): void {
    this.checksums.client.destroy(null)
  }

  override unsettled(): string | null {
    return this.checksums.client.unsettled()
  }

  override message(words: readonly string[], waiter: AnswerWaiter): Result<Answer> | typeof PENDING {
    return checksumMessage(this.checksums, words, waiter)
  }

  override status(): string {
    const { mismatches, sectors, found } = this.checksums
    return `${mismatches} ${sectors} ${this.line.mode} ${this.line.algorithm} ${found}`
  }

  override parameters(): string {
    const { data, meta, journal } = this.checksums
    const { algorithm, mode, order, journalSectors } = this.line
    const words = [deviceId(data), deviceId(meta), algorithm, mode]
    if (mode === 'dual') words.push('order', order)
    if (mode === 'journal') words.push('journal_sectors', String(journalSectors))
    if (journal !== meta) words.push('journal', deviceId(journal))
    return words.join(' ')
  }

  override areas(): readonly Area[] {
    const { data, meta, journal, sectors, layout, journalStart } = this.checksums
    const areas: Area[] = [
      { device: data, start: 0, sectors },
      { device: meta, start: 0, sectors: layout.end },
    ]
    const { journalSectors } = this.line
    if (journalSectors > 0) areas.push({ device: journal, start: journalStart, sectors: journalSectors })
    return areas
  }
}

class ChecksumType extends TargetType {
  override readonly name = 'checksum'
  override readonly version = [1, 0, 0] as const

  override create(table: DmTable, begin: number, sectors: number, args: readonly string[]): Result<Target> {
    const [dataPath, metaPath, ...words] = args
    if (words.length < 2) {
      return fail('EINVAL', `wants DATA META ALGORITHM MODE [OPTION VALUE]..., not ${args.length} arguments`)
    }
    const parsed = parseChecksumLine(words)
    if (!parsed.ok) return parsed
    const { line, journalPath } = parsed.value
    const opened: BlockDevice[] = []
    for (const path of [dataPath, metaPath, ...(journalPath === null ? [] : [journalPath])]) {
      const device = table.open(path)
      if (!device.ok) return device
      if (opened.includes(device.value)) return fail('EINVAL', `${path} is named twice; data and sums need two devices`)
      opened.push(device.value)
    }
    const [data, meta, journal = meta] = opened
    const layout = checksumLayout(line.algorithm, sectors)
    const { device } = table
    const { mapName, dm } = device
    const checksums = new ChecksumDevice(bufioOf(dm), mapName, { data, meta, journal }, sectors, line, layout)
    return ok(new ChecksumTarget(table, begin, checksums))
  }
}

export const CHECKSUM = new ChecksumType()
