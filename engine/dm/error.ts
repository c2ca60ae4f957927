import { ok, type Result } from '../base/errno.ts'
import type { CloneBio } from './clone_bio.ts'
import type { DmTable } from './table.ts'
import { Target, TargetType } from './target.ts'

/** Fails every I/O. An empty flush does not reach it, and succeeds. */
export class ErrorTarget extends Target {
  constructor(table: DmTable, begin: number, sectors: number) {
    super(ERROR, table, begin, sectors)
    this.discardBios = 1
  }

  override map(clone: CloneBio): void {
    clone.end('EIO')
  }

  override parameters(): string {
    return ''
  }
}

/**
 * Takes any arguments and forgets them.
 * @source io_err_ctr, drivers/md/dm-target.c, 6.1
 */
class ErrorType extends TargetType {
  override readonly name = 'error'
  override readonly version = [1, 5, 0] as const

  override create(table: DmTable, begin: number, sectors: number): Result<Target> {
    return ok(new ErrorTarget(table, begin, sectors))
  }
}

export const ERROR = new ErrorType()
