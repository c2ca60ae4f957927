import { fail, ok, type Result } from '../base/errno.ts'
import { FLUSH, FUA, META, PREFLUSH, READ, SYNC, WRITE, WRITE_ZEROES, type Bio, type Status } from '../block/bio.ts'
import { deviceId, type BlockDevice } from '../block/device.ts'
import { SECOND } from '../sim/sim.ts'
import { readNumber, readSector, UINT_MAX } from './arguments.ts'
import type { CloneBio } from './clone_bio.ts'
import type { DmTable } from './table.ts'
import { Target, TargetType, type Area } from './target.ts'

/** Which byte of which bios is spoilt while the device is down. */
interface Corruption {
  /** Counted from 1. */
  readonly byte: number
  readonly direction: 'r' | 'w'
  readonly value: number
  /** Bits, as the kernel numbers them, that a bio must have. */
  readonly flags: number
}

/** What a flakey target does while it is down, instead of failing everything. */
interface Features {
  writes: '' | 'drop_writes' | 'error_writes'
  corruption: Corruption | null
}

const SUBMITTED_WHILE_DOWN = 1

/** Works for some seconds, fails for some, and so on, from the moment at which its table was loaded. */
export class FlakeyTarget extends Target {
  readonly below: BlockDevice
  readonly start: number
  readonly upSeconds: number
  readonly downSeconds: number
  readonly features: Readonly<Features>
  private readonly startTime: number

  constructor(
    table: DmTable,
    begin: number,
    sectors: number,
    below: BlockDevice,
    start: number,
    upSeconds: number,
    downSeconds: number,
    features: Features,
  ) {
    super(FLAKEY, table, begin, sectors)
    this.below = below
    this.start = start
    this.upSeconds = upSeconds
    this.downSeconds = downSeconds
    this.features = features
    this.startTime = table.device.sim.now
    this.flushBios = 1
    this.discardBios = 1
  }

  /** Whether everything works at present. */
  get isUp(): boolean {
    const elapsed = Math.floor((this.sim.now - this.startTime) / SECOND)
    return elapsed % (this.upSeconds + this.downSeconds) < this.upSeconds
  }

  override map(clone: CloneBio): void {
    if (!this.isUp) {
      const end = this.whileDown(clone)
      if (end !== null) {
        clone.end(end)
        return
      }
    }
    if (clone.sectors > 0) clone.sector = this.start + this.offset(clone.sector)
    this.below.submit(clone)
  }

  /** How a bio ends that comes while the device is down; null to let it pass. */
  private whileDown(clone: CloneBio): Status | null {
    const { writes, corruption } = this.features
    if (clone.op === READ) {
      clone.note = SUBMITTED_WHILE_DOWN
      return writes === '' && corruption === null ? 'EIO' : null
    }
    if (writes !== '') return writes === 'drop_writes' ? 'OK' : 'EIO'
    if (corruption === null) return 'EIO'
    if (corruption.direction === 'w') this.corrupt(clone, corruption)
    return null
  }

  override ended(clone: CloneBio, status: Status): Status {
    const { corruption } = this.features
    if (status === 'OK' && clone.note === SUBMITTED_WHILE_DOWN && corruption?.direction === 'r') {
      this.corrupt(clone, corruption)
    }
    return status
  }

  private corrupt(clone: CloneBio, { byte, value, flags }: Corruption): void {
    if (clone.data === 0 || byte > clone.sectors * 512) return
    const { bytes } = this.sim.memory
    if ((kernelFlags(clone) & flags) >>> 0 === flags) bytes[clone.data + byte - 1] = value
  }

  override parameters(): string {
    const { writes, corruption } = this.features
    const words = [deviceId(this.below), this.start, this.upSeconds, this.downSeconds]
    const count = (writes === '' ? 0 : 1) + (corruption === null ? 0 : 5)
    let text = `${words.join(' ')} ${count} `
    if (writes !== '') text += `${writes} `
    if (corruption !== null) {
      text += `corrupt_bio_byte ${corruption.byte} ${corruption.direction} ${corruption.value} ${corruption.flags} `
    }
    return text
  }

  override areas(): readonly Area[] {
    return [{ device: this.below, start: this.start, sectors: this.sectors }]
  }
}

/** The operation and flags of a bio in the kernel's numbers: a table line may ask for them. @source enum req_flag_bits, 6.1 */
function kernelFlags({ op, flags }: Bio): number {
  let bits: number = op
  if (op === FLUSH) bits = WRITE | (1 << 18)
  else if (op === WRITE_ZEROES) bits = 9
  if ((flags & SYNC) !== 0) bits |= 1 << 11
  if ((flags & META) !== 0) bits |= 1 << 12
  if ((flags & FUA) !== 0) bits |= 1 << 17
  if ((flags & PREFLUSH) !== 0) bits |= 1 << 18
  return bits
}

/** @source flakey_ctr, drivers/md/dm-flakey.c, 6.1 */
class FlakeyType extends TargetType {
  override readonly name = 'flakey'
  override readonly version = [1, 5, 0] as const

  override create(table: DmTable, begin: number, sectors: number, args: readonly string[]): Result<Target> {
    if (args.length < 4)
      return fail('EINVAL', `wants DEVICE START UP DOWN [COUNT FEATURE...], not ${args.length} arguments`)
    const start = readSector(args[1])
    if (start === null) return fail('EINVAL', `the start must be a sector number, not ${args[1]}`)
    const up = readNumber(args[2], 'the up interval', 0, UINT_MAX)
    if (!up.ok) return up
    const down = readNumber(args[3], 'the down interval', 0, UINT_MAX)
    if (!down.ok) return down
    const total = up.value + down.value
    if (total === 0) return fail('EINVAL', 'one of the intervals must be longer than 0 seconds')
    if (total > UINT_MAX) return fail('EINVAL', `the intervals must not be longer than ${UINT_MAX} seconds together`)
    const features = readFeatures(args.slice(4))
    if (!features.ok) return features
    const below = table.open(args[0])
    if (!below.ok) return below
    return ok(new FlakeyTarget(table, begin, sectors, below.value, start, up.value, down.value, features.value))
  }
}

export const FLAKEY = new FlakeyType()

/** @source parse_features, drivers/md/dm-flakey.c, 6.1 */
function readFeatures(words: readonly string[]): Result<Features> {
  const features: Features = { writes: '', corruption: null }
  if (words.length === 0) return ok(features)
  const count = readNumber(words[0], 'the number of feature arguments', 0, 6)
  if (!count.ok) return count
  if (count.value > words.length - 1) {
    return fail('EINVAL', `${count.value} feature arguments were announced, and there are ${words.length - 1}`)
  }
  for (let i = 1; i <= count.value; i++) {
    const word = words[i].toLowerCase()
    if (word === 'drop_writes' || word === 'error_writes') {
      if (features.writes !== '') return fail('EINVAL', `${word} cannot come after ${features.writes}`)
      features.writes = word
    } else if (word === 'corrupt_bio_byte') {
      const corruption = readCorruption(words.slice(i + 1, count.value + 1))
      if (!corruption.ok) return corruption
      features.corruption = corruption.value
      i += 4
    } else {
      return fail('EINVAL', `a feature is drop_writes, error_writes or corrupt_bio_byte, not ${words[i]}`)
    }
  }
  if (features.writes !== '' && features.corruption?.direction === 'w') {
    return fail('EINVAL', `${features.writes} and a corrupt_bio_byte for writes exclude each other`)
  }
  return ok(features)
}

function readCorruption(words: readonly string[]): Result<Corruption> {
  if (words.length < 4) return fail('EINVAL', 'corrupt_bio_byte wants BYTE r|w VALUE FLAGS')
  const byte = readNumber(words[0], 'the byte to corrupt', 1, UINT_MAX)
  if (!byte.ok) return byte
  const direction = words[1].toLowerCase()
  if (direction !== 'r' && direction !== 'w') return fail('EINVAL', `the direction must be r or w, not ${words[1]}`)
  const value = readNumber(words[2], 'the corrupt value', 0, 255)
  if (!value.ok) return value
  const flags = readNumber(words[3], 'the mask of bio flags', 0, UINT_MAX)
  if (!flags.ok) return flags
  return ok({ byte: byte.value, direction, value: value.value, flags: flags.value })
}
