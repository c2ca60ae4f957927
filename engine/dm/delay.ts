import { fail, ok, type Result } from '../base/errno.ts'
import { FLUSH, PREFLUSH, READ } from '../block/bio.ts'
import { deviceId, type BlockDevice } from '../block/device.ts'
import { MILLISECOND } from '../sim/sim.ts'
import type { EventTarget } from '../sim/queue.ts'
import { readNumber, readSector, UINT_MAX } from './arguments.ts'
import type { CloneBio } from './clone_bio.ts'
import type { DmTable } from './table.ts'
import { Target, TargetType, type Area, type HookResult } from './target.ts'

/** What happens to one class of I/O: where it goes, and how long it waits before that. */
interface DelayClass {
  readonly device: BlockDevice
  readonly start: number
  readonly milliseconds: number
  /** How many wait at present. */
  waiting: number
}

/** Lets reads, writes and flushes wait before they are passed on. */
export class DelayTarget extends Target implements EventTarget {
  readonly read: DelayClass
  readonly write: DelayClass
  readonly flush: DelayClass
  /** How many classes the table line named. */
  private readonly named: number
  /** What waits, by number, oldest first. */
  private readonly delayed: Map<number, CloneBio>
  private nextNumber: number
  /** False from the suspension on: what waited is let go, and nothing waits until the device is resumed. */
  private mayDelay: boolean

  constructor(table: DmTable, begin: number, sectors: number, classes: readonly DelayClass[], named: number) {
    super(DELAY, table, begin, sectors)
    ;[this.read, this.write, this.flush] = classes
    this.named = named
    this.delayed = new Map()
    this.nextNumber = 0
    this.mayDelay = true
    this.flushBios = 1
    this.discardBios = 1
  }

  override map(clone: CloneBio): void {
    const kind = this.classOf(clone)
    if (clone.sectors > 0) clone.sector = kind.start + this.offset(clone.sector)
    if (kind.milliseconds === 0 || !this.mayDelay) {
      kind.device.submit(clone)
      return
    }
    kind.waiting++
    const number = this.nextNumber++
    this.delayed.set(number, clone)
    this.sim.after(kind.milliseconds * MILLISECOND, this, 0, number)
  }

  event(_what: number, number: number): void {
    const clone = this.delayed.get(number)
    if (clone !== undefined) this.letGo(number, clone)
  }

  override presuspend(): HookResult {
    this.mayDelay = false
    for (const [number, clone] of [...this.delayed]) this.letGo(number, clone)
    return null
  }

  override resume(): void {
    this.mayDelay = true
  }

  override status(): string {
    return `${this.read.waiting} ${this.write.waiting} ${this.flush.waiting}`
  }

  override parameters(): string {
    return [this.read, this.write, this.flush]
      .slice(0, this.named)
      .map(({ device, start, milliseconds }) => `${deviceId(device)} ${start} ${milliseconds}`)
      .join(' ')
  }

  override areas(): readonly Area[] {
    const { sectors } = this
    return [this.read, this.write, this.flush].map(({ device, start }) => ({ device, start, sectors }))
  }

  private classOf(clone: CloneBio): DelayClass {
    if (clone.op === READ) return this.read
    return clone.op === FLUSH || (clone.flags & PREFLUSH) !== 0 ? this.flush : this.write
  }

  private letGo(number: number, clone: CloneBio): void {
    this.delayed.delete(number)
    const kind = this.classOf(clone)
    kind.waiting--
    kind.device.submit(clone)
  }
}

/**
 * DEVICE START MILLISECONDS, for all I/O; a second three for writes and flushes; a third for flushes.
 * @source delay_ctr, drivers/md/dm-delay.c, 6.1
 */
class DelayType extends TargetType {
  override readonly name = 'delay'
  override readonly version = [1, 3, 0] as const

  override create(table: DmTable, begin: number, sectors: number, args: readonly string[]): Result<Target> {
    if (args.length !== 3 && args.length !== 6 && args.length !== 9) {
      return fail('EINVAL', `wants 3, 6 or 9 arguments (DEVICE START MILLISECONDS each), not ${args.length}`)
    }
    const named = args.length / 3
    const classes: DelayClass[] = []
    for (let i = 0; i < 3; i++) {
      const [path, startWord, delayWord] = args.slice(3 * Math.min(i, named - 1))
      const start = readSector(startWord)
      if (start === null) return fail('EINVAL', `a start must be a sector number, not ${startWord}`)
      const delay = readNumber(delayWord, 'a delay', 0, UINT_MAX)
      if (!delay.ok) return delay
      const device = table.open(path)
      if (!device.ok) return device
      classes.push({ device: device.value, start, milliseconds: delay.value, waiting: 0 })
    }
    return ok(new DelayTarget(table, begin, sectors, classes, named))
  }
}

export const DELAY = new DelayType()
