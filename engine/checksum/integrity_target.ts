/**
 * An integrity target: a device whose every block has a tag, written together with it and looked at when it is read. A block whose tag is
 * wrong is an error to whoever reads, and never wrong bytes.
 * @source drivers/md/dm-integrity.c, 6.1
 * @differs checksums with a key, and journals with a key or a MAC, are refused
 */
import { assert } from '../base/assert.ts'
import { fail, ok, type Failure, type Result } from '../base/errno.ts'
import { FLUSH, READ } from '../block/bio.ts'
import type { BlockDevice } from '../block/device.ts'
import { unregister } from '../block/reboot_notifiers.ts'
import { bufioOf } from '../bufio/bufio_memory.ts'
import type { CloneBio } from '../dm/clone_bio.ts'
import type { DmTable } from '../dm/table.ts'
import { PENDING, Target, TargetType, type Area, type HookResult, type HookWaiter } from '../dm/target.ts'
import type { Procedure, ProcedureParent } from '../sim/procedure.ts'
import { BITMAP_BLOCK_BYTES } from './integrity_bitmap.ts'
import type { IntegrityDevice } from './integrity_device.ts'
import { IntegrityIo } from './integrity_io.ts'
import { IntegrityReboot } from './integrity_reboot.ts'
import { OpenIntegrity } from './integrity_open.ts'
import { ResumeIntegrity } from './integrity_resume.ts'
import { integrityStatusText, integrityTableText } from './integrity_status.ts'
import { SuspendIntegrity } from './integrity_suspend.ts'
import { parseIntegrityLine, type IntegrityLine, type MetaDevices } from './integrity_table.ts'

export class IntegrityTarget extends Target implements ProcedureParent {
  readonly line: IntegrityLine
  readonly data: BlockDevice
  readonly meta: BlockDevice | null
  /** Null until it is open. */
  device: IntegrityDevice | null
  private waiter: HookWaiter | null
  private reboot: IntegrityReboot | null

  constructor(
    table: DmTable,
    begin: number,
    sectors: number,
    line: IntegrityLine,
    data: BlockDevice,
    meta: BlockDevice | null,
  ) {
    super(INTEGRITY, table, begin, sectors)
    this.line = line
    this.data = data
    this.meta = meta
    this.device = null
    this.waiter = null
    this.reboot = null
    this.flushBios = 1
    this.discardBios = line.discards ? 1 : 0
  }

  /** The device, which is there once the table is loaded. */
  get at(): IntegrityDevice {
    assert(this.device !== null, 'an integrity device is used before it is open')
    return this.device
  }

  /** @source dm_integrity_map */
  override map(clone: CloneBio): void {
    const { at } = this
    if (clone.op === FLUSH) {
      at.submitFlush(clone)
      return
    }
    const sector = this.offset(clone.sector)
    const { blockSectors, providedSectors } = at.layout
    const fits = sector + clone.sectors <= providedSectors
    const isAligned = sector % blockSectors === 0 && clone.sectors % blockSectors === 0
    if (!fits || !isAligned || (at.line.mode === 'R' && clone.op !== READ)) clone.end('EIO')
    else new IntegrityIo(at, clone, sector).begin()
  }

  override status(): string {
    return integrityStatusText(this.at)
  }

  override parameters(): string {
    return integrityTableText(this.at)
  }

  override areas(): readonly Area[] {
    const { layout } = this.at
    const start = layout.separateMeta ? 0 : layout.start + layout.initialSectors + layout.runSectors
    return [{ device: this.data, start, sectors: this.sectors }]
  }

  override ioHints(): { minSectors: number; optSectors: number } {
    const { blockSectors } = this.line
    return { minSectors: blockSectors > 1 ? blockSectors : 0, optSectors: 0 }
  }

  override unsettled(): string | null {
    const { device } = this
    return device !== null && !device.isSuspending && !device.recalculations.idle ? 'tags are recalculated' : null
  }

  // ---- hooks ----

  override open(waiter: HookWaiter): HookResult {
    const { data, line, meta, sectors } = this
    const { dm, mapName } = this.table.device
    const call = { name: mapName, line, sectors, data, meta, bufio: bufioOf(dm) }
    return this.carryOut(new OpenIntegrity(this.sim, call), waiter)
  }

  override preresume(waiter: HookWaiter): HookResult {
    const { dm, mapName } = this.table.device
    this.reboot = new IntegrityReboot(`integrity ${mapName}`, this.at, dm.rules)
    dm.devices.notifiers.push(this.reboot)
    return this.carryOut(new ResumeIntegrity(this.at), waiter)
  }

  override postsuspend(waiter: HookWaiter): HookResult {
    unregister(this.table.device.dm.devices, this.reboot)
    return this.carryOut(new SuspendIntegrity(this.at), waiter)
  }

  override destroy(): void {
    this.device?.destroy()
    this.device = null
  }

  private carryOut(work: Procedure, waiter: HookWaiter): HookResult {
    this.waiter = waiter
    work.parent = this
    work.start()
    return PENDING
  }

  procedureDone(work: Procedure): void {
    let failure: Failure | null = null
    if (work instanceof OpenIntegrity) {
      this.device = work.device
      failure = work.failure === null ? null : fail(work.failure.errno, `${this.type.name}: ${work.failure.message}`)
      if (work.device !== null) this.maxIoSectors = longestIo(work.device)
    }
    const { waiter } = this
    this.waiter = null
    waiter?.hookDone(failure)
  }
}

/** An I/O stays in its area, and in mode B in a block of the bitmap. */
function longestIo(device: IntegrityDevice): number {
  const { bitmaps, layout, line } = device
  const area = layout.separateMeta ? 0 : 2 ** layout.log2Interleave
  if (line.mode !== 'B') return area
  const block = Math.min(bitmaps.bitSectors * BITMAP_BLOCK_BYTES * 8, 2 ** 31)
  return area === 0 ? block : Math.min(area, block)
}

/** Opens the metadata device of a line; the last one named counts. */
class MetaDevice implements MetaDevices {
  private readonly table: DmTable
  device: BlockDevice | null

  constructor(table: DmTable) {
    this.table = table
    this.device = null
  }

  openMeta(path: string): Failure | null {
    if (this.device !== null) this.table.close(this.device)
    this.device = null
    const opened = this.table.open(path)
    if (!opened.ok) return opened
    this.device = opened.value
    return null
  }
}

class IntegrityType extends TargetType {
  override readonly name = 'integrity'
  override readonly version = [1, 10, 0] as const
  override readonly standsAlone = true

  override create(table: DmTable, begin: number, sectors: number, args: readonly string[]): Result<Target> {
    if (args.length <= 4) return fail('EINVAL', 'wants DEVICE START TAGSIZE MODE COUNT [ARGUMENT]...')
    const data = table.open(args[0])
    if (!data.ok) return data
    const meta = new MetaDevice(table)
    const line = parseIntegrityLine(args.slice(1), meta)
    if (!line.ok) return line
    return ok(new IntegrityTarget(table, begin, sectors, line.value, data.value, meta.device))
  }
}

export const INTEGRITY = new IntegrityType()
