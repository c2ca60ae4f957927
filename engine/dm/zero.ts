import { fail, ok, type Result } from '../base/errno.ts'
import { READ, WRITE } from '../block/bio.ts'
import type { CloneBio } from './clone_bio.ts'
import type { DmTable } from './table.ts'
import { Target, TargetType } from './target.ts'

/** Reads zeros; what is written is forgotten. */
export class ZeroTarget extends Target {
  constructor(table: DmTable, begin: number, sectors: number) {
    super(ZERO, table, begin, sectors)
    this.discardBios = 1
  }

  override map(clone: CloneBio): void {
    if (clone.op === READ) this.sim.memory.zero(clone.data, clone.sectors * 512)
    clone.end(clone.op === READ || clone.op === WRITE ? 'OK' : 'EIO')
  }

  override parameters(): string {
    return ''
  }
}

/** @source zero_ctr, drivers/md/dm-zero.c, 6.1 */
class ZeroType extends TargetType {
  override readonly name = 'zero'
  override readonly version = [1, 1, 0] as const

  override create(table: DmTable, begin: number, sectors: number, args: readonly string[]): Result<Target> {
    if (args.length !== 0) return fail('EINVAL', `wants no arguments, not ${args.length}`)
    return ok(new ZeroTarget(table, begin, sectors))
  }
}

export const ZERO = new ZeroType()
