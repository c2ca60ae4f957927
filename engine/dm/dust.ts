import { fail, ok, type Result } from '../base/errno.ts'
import { READ } from '../block/bio.ts'
import { deviceId, type BlockDevice } from '../block/device.ts'
import { readExactNumber, readSector, UINT_MAX } from './arguments.ts'
import type { CloneBio } from './clone_bio.ts'
import { dustMessage } from './dust_message.ts'
import type { DmTable } from './table.ts'
import { Target, TargetType, type Answer, type Area } from './target.ts'

/** Largest block, in sectors. */
const BLOCK_SECTORS_MAX = 2_097_152

/** A device with bad blocks: reading one fails, writing one heals it. */
export class DustTarget extends Target {
  readonly below: BlockDevice
  readonly start: number
  readonly blockSectors: number
  /** Bad blocks of the device below, and how many writes of each fail before one heals it. */
  readonly badBlocks: Map<number, number>
  /** Bad blocks do their work; otherwise everything passes. */
  enabled: boolean
  quiet: boolean

  constructor(table: DmTable, begin: number, sectors: number, below: BlockDevice, start: number, blockSectors: number) {
    super(DUST, table, begin, sectors)
    this.below = below
    this.start = start
    this.blockSectors = blockSectors
    this.badBlocks = new Map()
    this.enabled = false
    this.quiet = false
    this.maxIoSectors = blockSectors
    this.flushBios = 1
    this.discardBios = 1
  }

  /** Blocks are those of the device below. A flush counts as a write of the first sector, and so heals its block. */
  override map(clone: CloneBio): void {
    const sector = this.start + this.offset(clone.sector)
    if (clone.sectors > 0) clone.sector = sector
    if (this.enabled && this.fails(clone, Math.floor(sector / this.blockSectors))) clone.end('EIO')
    else this.below.submit(clone)
  }

  private fails(clone: CloneBio, block: number): boolean {
    const failuresLeft = this.badBlocks.get(block)
    if (failuresLeft === undefined) return false
    if (clone.op === READ) return true
    if (failuresLeft > 0) {
      this.badBlocks.set(block, failuresLeft - 1)
      return true
    }
    this.badBlocks.delete(block)
    return false
  }

  override message(words: readonly string[]): Result<Answer> {
    return dustMessage(this, words)
  }

  override status(): string {
    const mode = this.enabled ? 'fail_read_on_bad_block' : 'bypass'
    return `${deviceId(this.below)} ${mode} ${this.quiet ? 'quiet' : 'verbose'}`
  }

  override parameters(): string {
    return `${deviceId(this.below)} ${this.start} ${this.blockSectors * 512}`
  }

  override areas(): readonly Area[] {
    return [{ device: this.below, start: this.start, sectors: this.sectors }]
  }
}

/** @source dust_ctr, drivers/md/dm-dust.c, 6.1 */
class DustType extends TargetType {
  override readonly name = 'dust'
  override readonly version = [1, 0, 0] as const

  override create(table: DmTable, begin: number, sectors: number, args: readonly string[]): Result<Target> {
    if (args.length !== 3) return fail('EINVAL', `wants DEVICE START BLOCKSIZE, not ${args.length} arguments`)
    const size = readExactNumber(args[2], 'the block size', 512, UINT_MAX)
    if (!size.ok) return size
    const blockSectors = size.value / 512
    if (!Number.isInteger(Math.log2(blockSectors))) {
      return fail('EINVAL', `the block size must be a power of 2, not ${size.value}`)
    }
    const most = Math.min(sectors, BLOCK_SECTORS_MAX)
    if (blockSectors > most) return fail('EINVAL', `the block size must be ${most * 512} at most, not ${size.value}`)
    const start = readSector(args[1])
    if (start === null) return fail('EINVAL', `the start must be a sector number, not ${args[1]}`)
    const below = table.open(args[0])
    if (!below.ok) return below
    return ok(new DustTarget(table, begin, sectors, below.value, start, blockSectors))
  }
}

export const DUST = new DustType()
