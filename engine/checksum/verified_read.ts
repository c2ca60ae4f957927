/**
 * A read of a device with a hash tree: the data is read, and then summed up block by block, and held against the tree.
 * @source verity_map, verity_end_io, verity_verify_io, drivers/md/dm-verity-target.c, 6.1
 */
import { Bio, READ, type BioOwner } from '../block/bio.ts'
import type { CloneBio } from '../dm/clone_bio.ts'
import { DONE, Procedure } from '../sim/procedure.ts'
import { Branch } from './branch.ts'
import { sameDigest } from './hash_tree.ts'
import type { TreeTarget } from './tree_target.ts'

/** Whoever keeps which data blocks need no check. */
export interface CheckedBlocks {
  isChecked(block: number): boolean
  noteChecked(block: number): void
}

export class VerifiedRead extends Procedure implements BioOwner {
  readonly target: TreeTarget & CheckedBlocks
  readonly clone: CloneBio
  /** The first data block, and how many there are. */
  readonly first: number
  readonly count: number
  /** The one that is looked at. */
  index: number
  private branch: Branch | null

  constructor(target: TreeTarget & CheckedBlocks, clone: CloneBio) {
    super(target.sim, 'read data')
    this.target = target
    this.clone = clone
    this.first = (clone.sector - target.begin) / target.blockSectors
    this.count = clone.sectors / target.blockSectors
    this.index = 0
    this.branch = null
  }

  override steps() {
    return VERIFIED_READ_STEPS
  }

  readData(): string {
    const { clone, target } = this
    this.prefetch()
    this.expect()
    const sector = clone.sector - target.begin
    target.data.submit(
      new Bio(this.sim, this, READ, clone.flags, sector, clone.sectors, clone.data, clone.cause, clone.id),
    )
    return 'next block'
  }

  /** What was checked already at either end needs no hash blocks. @source verity_submit_prefetch */
  private prefetch(): void {
    const { target } = this
    let [from, to] = [this.first, this.first + this.count]
    while (from < to && target.isChecked(from)) from++
    while (from < to && target.isChecked(to - 1)) to--
    if (from < to) target.prefetch(from, to - from)
  }

  bioDone(bio: Bio): void {
    this.clone.status = bio.status
    this.arrived()
  }

  nextBlock(): string {
    if (this.clone.status !== 'OK') return 'end'
    while (this.index < this.count && this.target.isChecked(this.first + this.index)) this.index++
    if (this.index === this.count) return 'end'
    this.branch = new Branch(this.target, this.first + this.index, this.clone)
    this.call(this.branch)
    return 'compare'
  }

  compare(): string {
    const { branch, target, clone } = this
    if (branch === null) return 'end'
    if (branch.status !== 'OK') return this.failWith(branch.status)
    const { dataBlockBytes } = target.tree.parameters
    const at = clone.data + this.index * dataBlockBytes
    const { memory } = this.sim
    if (target.zeroDigest !== null && sameDigest(target.zeroDigest, branch.want)) memory.zero(at, dataBlockBytes)
    else {
      const isRight = sameDigest(target.tree.digest(memory.bytes.subarray(at, at + dataBlockBytes)), branch.want)
      if (isRight) target.noteChecked(branch.block)
      else if (target.found({ kind: 'data', block: branch.block })) return this.failWith('EIO')
    }
    this.index++
    return 'next block'
  }

  private failWith(status: Bio['status']): string {
    this.clone.status = status
    return 'end'
  }

  end(): string {
    if (!this.target.hasStopped) this.clone.end(this.clone.status)
    return DONE
  }
}

const VERIFIED_READ_STEPS = {
  'read data': (read: VerifiedRead) => read.readData(),
  'next block': (read: VerifiedRead) => read.nextBlock(),
  compare: (read: VerifiedRead) => read.compare(),
  end: (read: VerifiedRead) => read.end(),
}
