/**
 * A mapped device: the table that serves it, the one that waits, and the bios under way.
 *
 * It is `active` (bios go to the targets of the active table), `suspending` (the targets were told; new bios are held once
 * `blocked` is set, those in flight finish), `suspended` (nothing is in flight) or `removed`. {@link MappedDevice.setState}
 * alone moves it. Loading fills the inactive slot; resuming swaps it in.
 *
 * What must always hold: while suspended nothing is in flight; a bio ends exactly once; every device below is open exactly
 * once for this one, however many tables and targets use it.
 */
import { assert } from '../base/assert.ts'
import { fail, ok, type Result } from '../base/errno.ts'
import { FUA, PREFLUSH, READ, type Bio } from '../block/bio.ts'
import { BlockDevice, deviceNumber } from '../block/device.ts'
import type { EventTarget } from '../sim/queue.ts'
import { TRACE } from '../sim/trace.ts'
import type { DeviceMapper } from './device_mapper.ts'
import { MappedIo } from './mapped_io.ts'
import type { DmTable } from './table.ts'

export const DM_MAJOR = 253
/** How mapped devices claim what lies below them: they share among themselves, and with nobody else. */
export const DM_CLAIM = 'device-mapper'

export const DM_STATES = ['active', 'suspending', 'suspended', 'removed'] as const
export type DmState = (typeof DM_STATES)[number]

const DM_MOVES: Readonly<Record<DmState, readonly DmState[]>> = {
  active: ['suspending', 'removed'],
  suspending: ['suspended'],
  suspended: ['active', 'removed'],
  removed: [],
}

const RELEASE_HELD = 0
const DEFERRED_REMOVE = 1

/** Whoever waits until nothing is in flight. */
export interface DrainWaiter {
  drained(): void
}

export class MappedDevice extends BlockDevice implements EventTarget {
  /** `mapper/NAME`; renaming changes it. */
  declare name: string
  readonly dm: DeviceMapper
  uuid: string
  active: DmTable | null
  inactive: DmTable | null
  state: DmState
  /** New bios are held. */
  blocked: boolean
  eventNumber: number
  /** Goes away when the last opener closes it. */
  deferredRemove: boolean
  /** A table was loaded at least once: there is a block device. */
  registered: boolean
  /** The device has a name below /dev. */
  hasNode: boolean
  /** Bios that the targets have not finished. */
  inflight: number
  /** Bios that wait for the device to be resumed, oldest first. */
  readonly held: Bio[]
  private drainWaiter: DrainWaiter | null
  /** Devices below that are open, and how many tables use each. */
  private readonly below: Map<BlockDevice, number>

  constructor(dm: DeviceMapper, name: string, minor: number, uuid: string) {
    super(dm.sim, `mapper/${name}`, DM_MAJOR, minor, 0)
    this.dm = dm
    this.uuid = uuid
    this.active = null
    this.inactive = null
    this.state = 'active'
    this.blocked = false
    this.eventNumber = 0
    this.deferredRemove = false
    this.registered = false
    this.hasNode = false
    this.inflight = 0
    this.held = []
    this.drainWaiter = null
    this.below = new Map()
  }

  /** The name that it was created with, or renamed to. */
  get mapName(): string {
    return this.name.slice('mapper/'.length)
  }

  get suspended(): boolean {
    return this.state === 'suspended'
  }

  setState(to: DmState): void {
    const from = this.state
    assert(DM_MOVES[from].includes(to), `${this.name} goes from ${from} to ${to}`)
    assert(to !== 'suspended' || this.inflight === 0, `${this.name} is suspended with bios in flight`)
    this.state = to
    this.sim.emit(TRACE.dm_state, deviceNumber(this), DM_STATES.indexOf(from), DM_STATES.indexOf(to))
  }

  override get kernelName(): string {
    return `dm-${this.minor}`
  }

  override get isRotational(): boolean {
    return this.devicesBelow().some((device) => device.isRotational)
  }

  override supportsDiscard(): boolean {
    return this.active?.supportsDiscard() ?? false
  }

  /** Something happened that those who wait for events want to know. */
  raiseEvent(): void {
    this.eventNumber++
  }

  /** From now on `table` serves: the device is as long, and as writable, as it says. */
  setTable(table: DmTable): void {
    this.active = table
    this.sectors = table.sectors
    this.readOnly = table.readOnly
  }

  /** Drops the table that waits, if there is one. */
  clear(): void {
    const { inactive } = this
    this.inactive = null
    inactive?.destroy()
  }

  /** How far is read ahead, in sectors: twice the best size of an I/O, and at least 128 KiB. */
  readAheadSectors(): number {
    return Math.max(256, 2 * this.optSectors())
  }

  /** The size of I/O that suits all targets and the mapped devices below them; 0 where they do not mind. */
  private optSectors(): number {
    let opt = 0
    for (const target of this.active?.targets ?? []) {
      opt = commonMultiple(opt, target.ioHints().optSectors)
      for (const { device } of target.areas())
        if (device instanceof MappedDevice) opt = commonMultiple(opt, device.optSectors())
    }
    return opt
  }

  // ---- bios ----

  protected override take(bio: Bio): void {
    if (this.blocked) this.held.push(bio)
    else this.process(bio)
  }

  /** Hands a bio to the targets; where none of them minds flushes, there is nothing to flush. */
  private process(bio: Bio): void {
    const table = this.active
    const flushes = bio.sectors === 0 || (bio.flags & (PREFLUSH | FUA)) !== 0
    if (flushes && table?.supportsFlush() !== true) bio.flags &= ~(PREFLUSH | FUA)
    if (table === null || (bio.sectors === 0 && !table.supportsFlush())) {
      this.endBio(bio, bio.sectors === 0 ? 'OK' : 'EIO')
      return
    }
    this.inflight++
    new MappedIo(this, bio).send(table)
  }

  /**
   * All clones of a bio have ended.
   * @source __dm_io_complete, drivers/md/dm.c, 6.1: the outcome of a flush that comes before data is not looked at
   */
  ioDone(io: MappedIo): void {
    const { bio } = io
    this.inflight--
    if ((bio.flags & PREFLUSH) !== 0 && bio.sectors > 0) {
      bio.flags &= ~PREFLUSH
      this.take(bio)
    } else {
      this.endBio(bio, io.status)
    }
    this.noteDrained()
  }

  private endBio(bio: Bio, status: Bio['status']): void {
    const { stat } = this
    if (bio.op === READ) {
      stat.reads++
      stat.readSectors += bio.sectors
    } else {
      stat.writes++
      stat.writeSectors += bio.sectors
    }
    this.sim.emit(TRACE.bio_end, bio.id, status === 'OK' ? 0 : 1, deviceNumber(this))
    bio.end(status)
  }

  /** Holds new bios, and tells `waiter` when those in flight have ended. @returns false when none is in flight: nobody is told. */
  drain(waiter: DrainWaiter): boolean {
    this.blocked = true
    if (this.inflight === 0) return false
    assert(this.drainWaiter === null, `two wait for ${this.name} to be quiet`)
    this.drainWaiter = waiter
    return true
  }

  private noteDrained(): void {
    const waiter = this.drainWaiter
    if (waiter === null || this.inflight > 0) return
    this.drainWaiter = null
    waiter.drained()
  }

  /** Bios go to the targets again; those held go first. */
  unblock(): void {
    this.blocked = false
    if (this.held.length > 0) this.sim.after(0, this, RELEASE_HELD)
  }

  /** Fails what is still held: the device is gone. */
  failHeld(): void {
    for (const bio of this.held.splice(0)) this.endBio(bio, 'EIO')
  }

  event(what: number): void {
    if (what === DEFERRED_REMOVE) {
      this.dm.removeDeferred(this)
      return
    }
    for (const bio of this.held.splice(0)) this.take(bio)
  }

  // ---- above and below ----

  /** @errors EBUSY, or why the device cannot be opened. */
  openBelow(device: BlockDevice): Result<null> {
    const users = this.below.get(device)
    if (users === undefined) {
      const errno = device.open()
      if (errno !== null) return fail(errno, `/dev/${device.name} cannot be opened`)
      const claimed = device.claim(DM_CLAIM)
      device.close()
      if (!claimed.ok) return claimed
      device.holders.push(this.name)
    }
    this.below.set(device, (users ?? 0) + 1)
    return ok(null)
  }

  closeBelow(device: BlockDevice): void {
    const users = this.below.get(device)
    assert(users !== undefined, `${this.name} closes ${device.name}, which it has not opened`)
    if (users > 1) {
      this.below.set(device, users - 1)
      return
    }
    this.below.delete(device)
    device.holders.splice(device.holders.indexOf(this.name), 1)
    device.release(DM_CLAIM)
  }

  /** The devices its tables stand on. */
  devicesBelow(): BlockDevice[] {
    return [...this.below.keys()]
  }

  /** Gives it another name, also with those below that know it as their holder. */
  renameTo(mapName: string): void {
    const name = `mapper/${mapName}`
    for (const device of this.below.keys()) device.holders[device.holders.indexOf(this.name)] = name
    this.name = name
  }

  override open(): ReturnType<BlockDevice['open']> {
    return this.state === 'removed' || !this.registered ? 'ENXIO' : super.open()
  }

  override close(): void {
    super.close()
    this.lastClose()
  }

  override release(by: string): void {
    super.release(by)
    this.lastClose()
  }

  private lastClose(): void {
    if (this.openers === 0 && this.deferredRemove) this.sim.after(0, this, DEFERRED_REMOVE)
  }
}

/** The smallest number that both divide; the other where one is 0. @source lcm_not_zero, lib/math/lcm.c, 6.1 */
function commonMultiple(a: number, b: number): number {
  if (a === 0 || b === 0) return a + b
  let [x, y] = [a, b]
  while (y !== 0) [x, y] = [y, x % y]
  return (a / x) * b
}
