/**
 * A hashtree target: what verity is not, a device with a hash tree that can be written. There is no such target in Linux; the tree on the
 * disk is dm-verity's, so that `veritysetup` and the kernel take it as soon as it is written back.
 *
 * A write computes the sum of each block it brings, and all sums above it, up to the root (`tree_write.ts`). That happens in the
 * cache: hash blocks reach the disk when dm-bufio gets around to it, or at a flush, and the root is in memory alone, where `dmsetup table`
 * and `status` show it.
 *
 * Nothing protects it from a crash. Data and the hash blocks above it are written at different times, so that after a power cut blocks may
 * fail that were written since the last flush, whether it was the new data or the new sum that did not make it; where a hash block was
 * lost and the one above it was not, all below it fail. And whoever does not know the last root has none: `-` in its place takes the
 * topmost block for right, as it is. The message `failing` says which blocks do not fit.
 */
import { fail, ok, type Result } from '../base/errno.ts'
import { FLUSH, READ, WRITE, type Status } from '../block/bio.ts'
import type { DoneWaiter } from '../bufio/empty_io.ts'
import type { CloneBio } from '../dm/clone_bio.ts'
import type { DmTable } from '../dm/table.ts'
import {
  PENDING,
  TargetType,
  type Answer,
  type AnswerWaiter,
  type HookResult,
  type HookWaiter,
  type Target,
} from '../dm/target.ts'
import { FailingBlocks } from './failing_blocks.ts'
import { digestHex } from './hash_tree.ts'
import { TreeTarget } from './tree_target.ts'
import { TreeFlush, TreeWrite } from './tree_write.ts'
import { VerifiedRead, type CheckedBlocks } from './verified_read.ts'
import { NO_ROOT, parseVerityTable, type VerityTable } from './verity_table.ts'

export class HashtreeTarget extends TreeTarget implements CheckedBlocks, DoneWaiter {
  /** Data blocks that were written since the table was loaded, and the request that did so last. */
  blocksWritten: number
  lastWrite: { readonly first: number; readonly count: number } | null
  /** Requests under way, and those that wait because they touch the same blocks. */
  private readonly under: CloneBio[]
  private readonly waiting: CloneBio[]
  private suspending: HookWaiter | null

  constructor(table: DmTable, begin: number, sectors: number, line: VerityTable) {
    super(HASHTREE, table, begin, sectors, line)
    this.blocksWritten = 0
    this.lastWrite = null
    this.under = []
    this.waiting = []
    this.suspending = null
    this.flushBios = 1
  }

  override map(clone: CloneBio): void {
    if (clone.op === FLUSH) {
      new TreeFlush(this, clone).resume()
      return
    }
    const isAligned = this.offset(clone.sector) % this.blockSectors === 0 && clone.sectors % this.blockSectors === 0
    if (!isAligned || (clone.op !== READ && clone.op !== WRITE)) clone.end('EIO')
    else if (this.mustWait(clone)) this.waiting.push(clone)
    else this.startRequest(clone)
  }

  /** Whether a request touches blocks of one that came before it, and one of the two writes. */
  private mustWait(clone: CloneBio): boolean {
    const meets = (other: CloneBio): boolean =>
      (clone.op === WRITE || other.op === WRITE) &&
      clone.sector < other.sector + other.sectors &&
      other.sector < clone.sector + clone.sectors
    return this.under.some(meets) || this.waiting.some(meets)
  }

  private startRequest(clone: CloneBio): void {
    this.under.push(clone)
    if (clone.op === READ) new VerifiedRead(this, clone).resume()
    else new TreeWrite(this, clone).resume()
  }

  /** A request has ended: those that waited for it begin. */
  override ended(clone: CloneBio, status: Status): Status {
    const at = this.under.indexOf(clone)
    if (at >= 0) this.under.splice(at, 1)
    for (const next of this.waiting.splice(0)) {
      if (this.mustWait(next)) this.waiting.push(next)
      else this.startRequest(next)
    }
    return status
  }

  isChecked(): boolean {
    return false
  }

  noteChecked(): void {}

  /** V or C, the root hash, how many hash blocks the disk has not yet, and how many data blocks were written. */
  override status(): string {
    const root = this.root === null ? NO_ROOT : digestHex(this.root)
    return `${this.isCorrupted ? 'C' : 'V'} ${root} ${this.dirtyHashBlocks} ${this.blocksWritten}`
  }

  override message(words: readonly string[], waiter: AnswerWaiter): Result<Answer> | typeof PENDING {
    if (words.length !== 1 || words[0].toLowerCase() !== 'failing') {
      return fail('EINVAL', `a hashtree target understands failing, not ${words.join(' ')}`)
    }
    new FailingBlocks(this, waiter).start()
    return PENDING
  }

  /** Whoever suspends a device wants what was written to be on the disk; so does whoever removes it. */
  override postsuspend(waiter: HookWaiter): HookResult {
    this.suspending = waiter
    this.client.writeDirtyBuffers(this)
    return PENDING
  }

  done(status: Status): void {
    const waiter = this.suspending
    this.suspending = null
    waiter?.hookDone(status === 'OK' ? null : fail(status, 'the hash tree could not be written'))
  }
}

class HashtreeType extends TargetType {
  override readonly name = 'hashtree'
  override readonly version = [1, 0, 0] as const

  override create(table: DmTable, begin: number, sectors: number, args: readonly string[]): Result<Target> {
    const line = parseVerityTable(table, sectors, args, true)
    if (!line.ok) return line
    const { checksAtMostOnce, ignoresZeroBlocks, root, tree } = line.value
    if (checksAtMostOnce || ignoresZeroBlocks) {
      return fail('EINVAL', 'check_at_most_once and ignore_zero_blocks are for what is never written')
    }
    if (root === null && tree.levels === 0) return fail('EINVAL', 'a single block has no tree: its root must be given')
    return ok(new HashtreeTarget(table, begin, sectors, line.value))
  }
}

export const HASHTREE = new HashtreeType()
