/**
 * A verity target: a device that is only read, and whose every block is held against a hash tree when it is. The tree's root hash is in
 * the table, so that nobody who changes the disks goes unnoticed.
 * @source drivers/md/dm-verity-target.c, 6.1
 * @differs error correction and signatures are refused
 */
import { fail, ok, type Result } from '../base/errno.ts'
import { READ } from '../block/bio.ts'
import type { CloneBio } from '../dm/clone_bio.ts'
import type { DmTable } from '../dm/table.ts'
import { TargetType, type Target } from '../dm/target.ts'
import { TreeTarget } from './tree_target.ts'
import { VerifiedRead, type CheckedBlocks } from './verified_read.ts'
import { parseVerityTable, type VerityTable } from './verity_table.ts'

export class VerityTarget extends TreeTarget implements CheckedBlocks {
  /** Data blocks that were right once, where that is enough. */
  private readonly checked: Set<number> | null

  constructor(table: DmTable, begin: number, sectors: number, line: VerityTable) {
    super(VERITY, table, begin, sectors, line)
    this.checked = line.checksAtMostOnce ? new Set() : null
  }

  override map(clone: CloneBio): void {
    const isAligned = this.offset(clone.sector) % this.blockSectors === 0 && clone.sectors % this.blockSectors === 0
    if (!isAligned || clone.op !== READ) clone.end('EIO')
    else new VerifiedRead(this, clone).resume()
  }

  isChecked(block: number): boolean {
    return this.checked?.has(block) ?? false
  }

  noteChecked(block: number): void {
    this.checked?.add(block)
  }

  override status(): string {
    return this.isCorrupted ? 'C' : 'V'
  }
}

class VerityType extends TargetType {
  override readonly name = 'verity'
  override readonly version = [1, 9, 0] as const
  override readonly isImmutable = true

  override create(table: DmTable, begin: number, sectors: number, args: readonly string[]): Result<Target> {
    if (!table.readOnly) return fail('EINVAL', 'the device must be read-only: say -r, or --readonly')
    const line = parseVerityTable(table, sectors, args, false)
    return line.ok ? ok(new VerityTarget(table, begin, sectors, line.value)) : line
  }
}

export const VERITY = new VerityType()
