/**
 * Targets: what a line of a table becomes. A kind of target is a {@link TargetType}, one object in the registry; a
 * {@link Target} is one line at work.
 */
import { SHARED } from '../base/copy.ts'
import { fail, type Failure, type Result } from '../base/errno.ts'
import type { Status } from '../block/bio.ts'
import type { BlockDevice } from '../block/device.ts'
import type { Sim } from '../sim/sim.ts'
import type { CloneBio } from './clone_bio.ts'
import type { DmTable } from './table.ts'

/** A hook that is not over when it returns says so with this, and calls {@link HookWaiter.hookDone} later. */
export const PENDING = 'pending'

/** How a hook went: well (null), not at all, or it is under way. */
export type HookResult = null | Failure | typeof PENDING

/** Whoever waits for a hook of a target. */
export interface HookWaiter {
  hookDone(failure: Failure | null): void
}

/** What a message answers: text for standard output, or null for silence. */
export type Answer = string | null

/** Whoever waits for the answer to a message. */
export interface AnswerWaiter {
  answered(answer: Result<Answer>): void
}

/** A stretch of a device below that a target uses. */
export interface Area {
  readonly device: BlockDevice
  /** First sector there. */
  readonly start: number
  readonly sectors: number
}

/** Sizes of I/O that suit a target, in sectors. */
export interface IoHints {
  /** The smallest and the best; 0 where it does not mind. */
  readonly minSectors: number
  readonly optSectors: number
  /** Nothing is taken that is not a multiple of this; 1 when left out. */
  readonly logicalSectors?: number
}

export abstract class Target {
  readonly type: TargetType
  readonly table: DmTable
  /** First sector on the mapped device. */
  readonly begin: number
  readonly sectors: number
  /** How many copies of an empty flush the target wants; one for each device it would have to reach. */
  flushBios: number
  /** How many copies of a discard, or of a write of zeros, the target wants; 0 where it takes none. */
  discardBios: number
  writeZeroesBios: number
  /** The target understands discards, whatever the devices below do. */
  discardsSupported: boolean
  /** Bios are split at multiples of this many sectors from `begin`; 0 for never. */
  maxIoSectors: number

  constructor(type: TargetType, table: DmTable, begin: number, sectors: number) {
    this.type = type
    this.table = table
    this.begin = begin
    this.sectors = sectors
    this.flushBios = 0
    this.discardBios = 0
    this.writeZeroesBios = 0
    this.discardsSupported = false
    this.maxIoSectors = 0
  }

  get sim(): Sim {
    return this.table.device.sim
  }

  /**
   * Takes a clone: submits it, remapped, to a device below, or ends it, now or later, exactly once.
   * @param index which copy this is, of a bio of which the target wants several.
   */
  abstract map(clone: CloneBio, index: number): void

  /** A clone has ended; the target may change what is made of that. */
  ended(_clone: CloneBio, status: Status): Status {
    return status
  }

  /** What `dmsetup status` shows after the type. */
  status(): string {
    return ''
  }

  /** What `dmsetup table` shows after the type. */
  abstract parameters(): string

  /** Every stretch of every device below. */
  areas(): readonly Area[] {
    return []
  }

  ioHints(): IoHints {
    return { minSectors: 0, optSectors: 0 }
  }

  /** The second half of the construction: whatever must be read from the devices below. */
  open(_waiter: HookWaiter): HookResult {
    return null
  }

  /** The device is about to be suspended; bios still come. */
  presuspend(_waiter: HookWaiter): HookResult {
    return null
  }

  /** No bio is in flight, and none comes until the device is resumed. */
  postsuspend(_waiter: HookWaiter): HookResult {
    return null
  }

  /** The device is about to be resumed; a failure leaves it suspended. */
  preresume(_waiter: HookWaiter): HookResult {
    return null
  }

  /** Bios come from now on. */
  resume(): void {}

  /** A device of its own that the target stands for: the array of a raid set. */
  inner(): BlockDevice | null {
    return null
  }

  /** What keeps the target from rest besides I/O in flight, or null. */
  unsettled(): string | null {
    return null
  }

  /** The table is going away. Its devices below are released by the table itself. */
  destroy(): void {}

  /** Whatever has to be brought up to date before {@link status} is asked. */
  prepareStatus(_waiter: HookWaiter): HookResult {
    return null
  }

  /** Carries out a message; answers at once, or later and then returns PENDING. */
  message(_words: readonly string[], _waiter: AnswerWaiter): Result<Answer> | typeof PENDING {
    return fail('EINVAL', `a ${this.type.name} target takes no messages`)
  }

  /** Where a sector of the mapped device lies, counted from the target's first. */
  protected offset(sector: number): number {
    return sector - this.begin
  }
}

/** A kind of target, by name. An object of this class is code: it has no state. */
export abstract class TargetType {
  readonly [SHARED] = true
  abstract readonly name: string
  /** As `dmsetup targets` shows it. */
  abstract readonly version: readonly [number, number, number]
  /** Targets of this kind are alone in their table with others of it, and a device that has one can have no other. In Linux: DM_TARGET_IMMUTABLE. */
  readonly isImmutable: boolean = false
  /** A table that has one has nothing else. In Linux: DM_TARGET_SINGLETON. */
  readonly standsAlone: boolean = false

  /**
   * Makes a target from the arguments of its table line.
   * @errors EINVAL for arguments that are wrong; what {@link DmTable.open} says of devices.
   */
  abstract create(table: DmTable, begin: number, sectors: number, args: readonly string[]): Result<Target>
}

/** The kinds of targets a kernel knows, oldest first. It may learn more, as a kernel loads modules. */
export class TargetRegistry {
  readonly [SHARED] = true
  private readonly known: TargetType[]

  constructor(types: readonly TargetType[]) {
    this.known = [...types]
  }

  get types(): readonly TargetType[] {
    return this.known
  }

  /** Adds kinds that are not known yet. */
  learn(types: readonly TargetType[]): void {
    for (const type of types) if (this.find(type.name) === undefined) this.known.push(type)
  }

  find(name: string): TargetType | undefined {
    return this.known.find((type) => type.name === name)
  }
}

/** What every kernel of every machine knows. */
export const DM_REGISTRY = new TargetRegistry([])
