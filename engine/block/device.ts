/**
 * Block devices: what a bio can be submitted to. Disks, mapped devices and arrays all are one; holders keep a device from
 * being taken away under them.
 */
import { assert } from '../base/assert.ts'
import { fail, ok, type Errno, type Result } from '../base/errno.ts'
import { TRACE, TRACE_CAUSE } from '../sim/trace.ts'
import type { Sim } from '../sim/sim.ts'
import { FLUSH, type Bio } from './bio.ts'

export abstract class BlockDevice {
  readonly sim: Sim
  /** As below /dev: `sda`, `mapper/r5`, `md0`. */
  readonly name: string
  readonly major: number
  readonly minor: number
  sectors: number
  readOnly: boolean
  /** Who has it exclusively: every opener that claims must be of this holder ('' for none). */
  claimedBy: string
  claims: number
  /** Open handles, exclusive or not. */
  openers: number
  /** Devices above that were built on this one, by name. */
  readonly holders: string[]
  /** I/O done, in the units of /sys/block/NAME/stat. */
  readonly stat: { reads: number; readSectors: number; writes: number; writeSectors: number }

  constructor(sim: Sim, name: string, major: number, minor: number, sectors: number) {
    this.sim = sim
    this.name = name
    this.major = major
    this.minor = minor
    this.sectors = sectors
    this.readOnly = false
    this.claimedBy = ''
    this.claims = 0
    this.openers = 0
    this.holders = []
    this.stat = { reads: 0, readSectors: 0, writes: 0, writeSectors: 0 }
  }

  /** As below /sys/block, and as other parts of the kernel speak of it. */
  get kernelName(): string {
    return this.name
  }

  /** Whether its heads have to move: reads are balanced differently then. */
  get isRotational(): boolean {
    return false
  }

  /** Whether discards reach something that understands them. */
  abstract supportsDiscard(): boolean

  /** Takes a bio that was checked against the device's size; it ends now or later, exactly once. */
  protected abstract take(bio: Bio): void

  /** Hands a bio to this device. One that reaches beyond its end fails with EIO, as the kernel says. */
  submit(bio: Bio): void {
    const sim = this.sim
    const opFlags = (bio.op | bio.flags) + bio.cause * TRACE_CAUSE
    sim.emit(TRACE.bio_submit, bio.id, bio.parentId, deviceNumber(this), opFlags, bio.sector, bio.sectors)
    if (bio.op !== FLUSH && (bio.sector < 0 || bio.sector + bio.sectors > this.sectors)) {
      bio.end('EIO')
      return
    }
    if (this.readOnly && bio.op !== FLUSH && bio.op !== 0) {
      bio.end('EPERM')
      return
    }
    this.take(bio)
  }

  /**
   * Claims the device for one holder (a mapped device, an array, a command that opens it exclusively).
   * @errors EBUSY when another has it.
   */
  claim(by: string): Result<null> {
    if (this.claims > 0 && this.claimedBy !== by) {
      return fail('EBUSY', `/dev/${this.name} is in use by ${this.claimedBy}`)
    }
    this.claimedBy = by
    this.claims++
    this.openers++
    return ok(null)
  }

  release(by: string): void {
    assert(this.claims > 0 && this.claimedBy === by, `${by} releases /dev/${this.name}, held by ${this.claimedBy}`)
    this.openers--
    if (--this.claims === 0) this.claimedBy = ''
  }

  /** An ordinary open: counted, and refused only where the device itself is gone. */
  open(): Errno | null {
    this.openers++
    return null
  }

  close(): void {
    assert(this.openers > 0, `/dev/${this.name} closed more often than opened`)
    this.openers--
  }
}

/** major:minor as one number, for the trace. */
export function deviceNumber(device: BlockDevice): number {
  return device.major * 1048576 + device.minor
}

/** major:minor as the kernel prints it. */
export function deviceId(device: BlockDevice): string {
  return `${device.major}:${device.minor}`
}
