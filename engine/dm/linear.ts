import { fail, ok, type Result } from '../base/errno.ts'
import type { BlockDevice } from '../block/device.ts'
import { deviceId } from '../block/device.ts'
import { readSector } from './arguments.ts'
import type { CloneBio } from './clone_bio.ts'
import type { DmTable } from './table.ts'
import { Target, TargetType, type Area } from './target.ts'

/** A stretch of another device, as it is. */
export class LinearTarget extends Target {
  readonly below: BlockDevice
  readonly start: number

  constructor(table: DmTable, begin: number, sectors: number, below: BlockDevice, start: number) {
    super(LINEAR, table, begin, sectors)
    this.below = below
    this.start = start
    this.flushBios = 1
    this.discardBios = 1
    this.writeZeroesBios = 1
  }

  override map(clone: CloneBio): void {
    if (clone.sectors > 0) clone.sector = this.start + this.offset(clone.sector)
    this.below.submit(clone)
  }

  override parameters(): string {
    return `${deviceId(this.below)} ${this.start}`
  }

  override areas(): readonly Area[] {
    return [{ device: this.below, start: this.start, sectors: this.sectors }]
  }
}

/** @source linear_ctr, drivers/md/dm-linear.c, 6.1 */
class LinearType extends TargetType {
  override readonly name = 'linear'
  override readonly version = [1, 4, 0] as const

  override create(table: DmTable, begin: number, sectors: number, args: readonly string[]): Result<Target> {
    if (args.length !== 2) return fail('EINVAL', `wants DEVICE START, not ${args.length} arguments`)
    const start = readSector(args[1])
    if (start === null) return fail('EINVAL', `the start must be a sector number, not ${args[1]}`)
    const below = table.open(args[0])
    if (!below.ok) return below
    return ok(new LinearTarget(table, begin, sectors, below.value, start))
  }
}

export const LINEAR = new LinearType()
