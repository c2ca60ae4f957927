import { fail, ok, type Result } from '../base/errno.ts'
import { DISCARD, WRITE_ZEROES, type Status } from '../block/bio.ts'
import { deviceId, type BlockDevice } from '../block/device.ts'
import type { EventTarget } from '../sim/queue.ts'
import { readExactNumber, readSector, UINT_MAX } from './arguments.ts'
import type { CloneBio } from './clone_bio.ts'
import type { DmTable } from './table.ts'
import { Target, TargetType, type Area } from './target.ts'

/** So many errors of one stripe, and no further event is raised for it. */
const ERROR_THRESHOLD = 15

/** One device of a striped target. */
interface Stripe {
  readonly device: BlockDevice
  readonly start: number
  errors: number
}

/** Chunks in turn on several devices, without redundancy. */
export class StripedTarget extends Target implements EventTarget {
  readonly stripes: readonly Stripe[]
  readonly chunkSectors: number
  /** Sectors of the target on each device. */
  readonly widthSectors: number
  /** An event is about to be raised: errors of the same instant share one. */
  private raisesEvent: boolean

  constructor(table: DmTable, begin: number, sectors: number, chunkSectors: number, stripes: readonly Stripe[]) {
    super(STRIPED, table, begin, sectors)
    this.stripes = stripes
    this.chunkSectors = chunkSectors
    this.widthSectors = sectors / stripes.length
    this.flushBios = stripes.length
    this.discardBios = stripes.length
    this.writeZeroesBios = stripes.length
    this.maxIoSectors = chunkSectors
    this.raisesEvent = false
  }

  override map(clone: CloneBio, index: number): void {
    if (clone.op === DISCARD || clone.op === WRITE_ZEROES) {
      this.mapRange(clone, index)
      return
    }
    if (clone.sectors === 0) {
      this.send(clone, index, clone.sector)
      return
    }
    const offset = this.offset(clone.sector)
    const chunk = Math.floor(offset / this.chunkSectors)
    const stripe = chunk % this.stripes.length
    const row = (chunk - stripe) / this.stripes.length
    this.send(clone, stripe, this.stripes[stripe].start + row * this.chunkSectors + (offset % this.chunkSectors))
  }

  /** The share of one stripe in a range: what lies on it is one stretch. @source stripe_map_range, dm-stripe.c, 6.1 */
  private mapRange(clone: CloneBio, index: number): void {
    const from = this.firstOn(index, this.offset(clone.sector))
    const to = this.firstOn(index, this.offset(clone.sector) + clone.sectors)
    if (from === to) {
      clone.end('OK')
      return
    }
    clone.sectors = to - from
    this.send(clone, index, this.stripes[index].start + from)
  }

  /** How many of the target's sectors before `offset` lie on a stripe. */
  private firstOn(index: number, offset: number): number {
    const { chunkSectors } = this
    const row = Math.floor(offset / (chunkSectors * this.stripes.length))
    const within = offset - row * chunkSectors * this.stripes.length - index * chunkSectors
    return row * chunkSectors + Math.min(chunkSectors, Math.max(0, within))
  }

  private send(clone: CloneBio, stripe: number, sector: number): void {
    clone.sector = sector
    clone.note = stripe
    this.stripes[stripe].device.submit(clone)
  }

  /** @source stripe_end_io, drivers/md/dm-stripe.c, 6.1: every stripe on the device that failed is counted */
  override ended(clone: CloneBio, status: Status): Status {
    if (status === 'OK' || status === 'EOPNOTSUPP') return status
    const { device } = this.stripes[clone.note]
    for (const stripe of this.stripes) {
      if (stripe.device !== device || ++stripe.errors >= ERROR_THRESHOLD || this.raisesEvent) continue
      this.raisesEvent = true
      this.sim.after(0, this, 0)
    }
    return status
  }

  event(): void {
    this.raisesEvent = false
    this.table.device.raiseEvent()
  }

  override status(): string {
    const devices = this.stripes.map((stripe) => deviceId(stripe.device)).join(' ')
    const health = this.stripes.map((stripe) => (stripe.errors > 0 ? 'D' : 'A')).join('')
    return `${this.stripes.length} ${devices} 1 ${health}`
  }

  override parameters(): string {
    const stripes = this.stripes.map((stripe) => ` ${deviceId(stripe.device)} ${stripe.start}`).join('')
    return `${this.stripes.length} ${this.chunkSectors}${stripes}`
  }

  override areas(): readonly Area[] {
    return this.stripes.map(({ device, start }) => ({ device, start, sectors: this.widthSectors }))
  }

  override ioHints(): { minSectors: number; optSectors: number } {
    return { minSectors: this.chunkSectors, optSectors: this.chunkSectors * this.stripes.length }
  }
}

/** @source stripe_ctr, drivers/md/dm-stripe.c, 6.1 */
class StripedType extends TargetType {
  override readonly name = 'striped'
  override readonly version = [1, 6, 0] as const

  override create(table: DmTable, begin: number, sectors: number, args: readonly string[]): Result<Target> {
    if (args.length < 2) return fail('EINVAL', `wants STRIPES CHUNK [DEVICE START]..., not ${args.length} arguments`)
    const count = readExactNumber(args[0], 'the number of stripes', 1, UINT_MAX)
    if (!count.ok) return count
    const chunk = readExactNumber(args[1], 'the chunk size', 1, UINT_MAX)
    if (!chunk.ok) return chunk
    const stripes = count.value
    if (sectors % stripes !== 0) return fail('EINVAL', `${sectors} sectors cannot be divided among ${stripes} stripes`)
    if ((sectors / stripes) % chunk.value !== 0) {
      return fail('EINVAL', `each stripe has ${sectors / stripes} sectors, which are no whole chunks of ${chunk.value}`)
    }
    if (args.length !== 2 + 2 * stripes) {
      return fail('EINVAL', `wants DEVICE START for each of ${stripes} stripes, not ${args.length - 2} arguments`)
    }
    const list: Stripe[] = []
    for (let i = 2; i < args.length; i += 2) {
      const start = readSector(args[i + 1])
      if (start === null) return fail('EINVAL', `a start must be a sector number, not ${args[i + 1]}`)
      const device = table.open(args[i])
      if (!device.ok) return device
      list.push({ device: device.value, start, errors: 0 })
    }
    return ok(new StripedTarget(table, begin, sectors, chunk.value, list))
  }
}

export const STRIPED = new StripedType()
