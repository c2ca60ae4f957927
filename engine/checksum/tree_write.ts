/** How a hash tree is changed: a write with the way up to the root, and a flush. */
import { Bio, FLUSH, FUA, WRITE, type BioOwner, type Status } from '../block/bio.ts'
import type { Buffer } from '../bufio/buffer.ts'
import type { DoneWaiter } from '../bufio/empty_io.ts'
import type { CloneBio } from '../dm/clone_bio.ts'
import { DONE, Procedure } from '../sim/procedure.ts'
import { Branch } from './branch.ts'
import type { HashtreeTarget } from './hashtree_target.ts'
import { VERIFIED } from './tree_target.ts'

/**
 * A write of whole blocks. First the ways from the root to their sums are read and checked, lest a sum that is wrong already be
 * taken over; then the data is written; when it is there, all sums change at one instant, in the cache.
 */
export class TreeWrite extends Procedure implements BioOwner, DoneWaiter {
  readonly target: HashtreeTarget
  readonly clone: CloneBio
  readonly first: number
  readonly count: number
  /** The next data block whose way is wanted. */
  private next: number
  private branch: Branch | null
  /** Hash blocks that are held, some of them more than once. */
  private readonly held: Buffer[]

  constructor(target: HashtreeTarget, clone: CloneBio) {
    super(target.sim, 'branch')
    this.target = target
    this.clone = clone
    this.first = (clone.sector - target.begin) / target.blockSectors
    this.count = clone.sectors / target.blockSectors
    this.next = this.first
    this.branch = null
    this.held = []
  }

  override steps() {
    return TREE_WRITE_STEPS
  }

  /** One way for each of the lowest hash blocks. */
  nextBranch(): string {
    const { target, next } = this
    if (next >= this.first + this.count || target.tree.levels === 0) return 'write data'
    this.branch = new Branch(target, next, this.clone, true)
    this.call(this.branch)
    return 'branch held'
  }

  branchHeld(): string {
    const { branch, target } = this
    if (branch === null) return 'end'
    this.held.push(...branch.held)
    if (branch.status !== 'OK') {
      this.clone.status = branch.status
      return 'end'
    }
    this.next = target.tree.dataBelow(target.tree.hashBlock(this.next, 0)).to
    return 'branch'
  }

  writeData(): string {
    const { clone, target } = this
    this.expect()
    const sector = clone.sector - target.begin
    target.data.submit(
      new Bio(this.sim, this, WRITE, clone.flags, sector, clone.sectors, clone.data, clone.cause, clone.id),
    )
    return 'change sums'
  }

  bioDone(bio: Bio): void {
    this.clone.status = bio.status
    this.arrived()
  }

  /** If the data could not be written, it may be there in part: the sums stay, and tell. */
  changeSums(): string {
    const { target, clone } = this
    if (clone.status !== 'OK') return 'end'
    const { tree } = target
    const { dataBlockBytes, hashBlockBytes } = tree.parameters
    const { bytes } = this.sim.memory
    const changed = new Map<number, Buffer>()
    for (const buffer of this.held) changed.set(buffer.block, buffer)
    let sums = new Map<number, Uint8Array>()
    for (let i = 0; i < this.count; i++) {
      const at = clone.data + i * dataBlockBytes
      sums.set(this.first + i, tree.digest(bytes.subarray(at, at + dataBlockBytes)))
    }
    for (let level = 0; level < tree.levels; level++) {
      // By any data block below: of each hash block of this level, the first that was written.
      const above = new Map<number, Uint8Array>()
      for (const [block, sum] of sums) this.put(changed, block, level, sum)
      for (const block of sums.keys()) {
        const buffer = changed.get(tree.hashBlock(block, level))
        if (buffer === undefined || hasBlockOf(tree, above, block, level)) continue
        above.set(block, tree.digest(bytes.subarray(buffer.address, buffer.address + hashBlockBytes)))
      }
      sums = above
    }
    for (const sum of sums.values()) target.root = sum
    target.blocksWritten += this.count
    target.lastWrite = { first: this.first, count: this.count }
    return (clone.flags & FUA) !== 0 ? 'make durable' : 'end'
  }

  private put(buffers: ReadonlyMap<number, Buffer>, block: number, level: number, sum: Uint8Array): void {
    const { tree, client } = this.target
    const buffer = buffers.get(tree.hashBlock(block, level))
    if (buffer === undefined) return
    const at = tree.slotOffset(block, level)
    this.sim.memory.bytes.set(sum, buffer.address + at)
    client.markPartialDirty(buffer, at, at + tree.digestBytes)
    buffer.aux = VERIFIED
  }

  makeDurable(): string {
    this.letGo()
    this.expect()
    this.target.client.writeDirtyBuffers(this)
    return 'end'
  }

  done(status: Status): void {
    this.clone.status = status
    this.arrived()
  }

  end(): string {
    this.letGo()
    if (!this.target.hasStopped) this.clone.end(this.clone.status)
    return DONE
  }

  private letGo(): void {
    for (const buffer of this.held.splice(0)) this.target.client.release(buffer)
  }
}

/** Whether the hash block above a data block has its sum already. */
function hasBlockOf(
  tree: HashtreeTarget['tree'],
  above: ReadonlyMap<number, Uint8Array>,
  block: number,
  level: number,
): boolean {
  const wanted = tree.hashBlock(block, level)
  for (const other of above.keys()) if (tree.hashBlock(other, level) === wanted) return true
  return false
}

const TREE_WRITE_STEPS = {
  branch: (write: TreeWrite) => write.nextBranch(),
  'branch held': (write: TreeWrite) => write.branchHeld(),
  'write data': (write: TreeWrite) => write.writeData(),
  'change sums': (write: TreeWrite) => write.changeSums(),
  'make durable': (write: TreeWrite) => write.makeDurable(),
  end: (write: TreeWrite) => write.end(),
}

/** A flush: the data first, then all hash blocks that are not on the disk yet, and they, too, to stay. */
export class TreeFlush extends Procedure implements BioOwner, DoneWaiter {
  readonly target: HashtreeTarget
  readonly clone: CloneBio

  constructor(target: HashtreeTarget, clone: CloneBio) {
    super(target.sim, 'data')
    this.target = target
    this.clone = clone
  }

  override steps() {
    return TREE_FLUSH_STEPS
  }

  flushData(): string {
    const { clone, target } = this
    this.expect()
    target.data.submit(new Bio(this.sim, this, FLUSH, clone.flags, 0, 0, 0, clone.cause, clone.id))
    return 'tree'
  }

  bioDone(bio: Bio): void {
    this.done(bio.status)
  }

  writeTree(): string {
    this.expect()
    this.target.client.writeDirtyBuffers(this)
    return 'end'
  }

  done(status: Status): void {
    if (this.clone.status === 'OK') this.clone.status = status
    this.arrived()
  }

  end(): string {
    this.clone.end(this.clone.status)
    return DONE
  }
}

const TREE_FLUSH_STEPS = {
  data: (flush: TreeFlush) => flush.flushData(),
  tree: (flush: TreeFlush) => flush.writeTree(),
  end: (flush: TreeFlush) => flush.end(),
}
