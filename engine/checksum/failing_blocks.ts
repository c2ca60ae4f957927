/**
 * Which data blocks would fail, if they were read: the tree is gone through from the top, and where a hash block does not fit, nothing
 * below it does. It looks at what the cache and the devices have, and changes nothing but the cache.
 */
import { ok } from '../base/errno.ts'
import { Bio, READ, type BioOwner, type Status } from '../block/bio.ts'
import type { Buffer, BufferWaiter } from '../bufio/buffer.ts'
import type { AnswerWaiter } from '../dm/target.ts'
import { DONE, Procedure } from '../sim/procedure.ts'
import { sameDigest } from './hash_tree.ts'
import type { TreeTarget } from './tree_target.ts'

/** Data blocks are read so many at a time. */
const PIECE_BLOCKS = 64

export class FailingBlocks extends Procedure implements BufferWaiter, BioOwner {
  readonly target: TreeTarget
  /** Runs of data blocks that fail: the first, and the one behind the last. */
  readonly failing: { from: number; to: number }[]
  private readonly waiter: AnswerWaiter
  private level: number
  /** Of the level, or of the data: the one that is looked at. */
  private index: number
  /** What each block of this level must sum up to; null where something above it does not fit. */
  private wanted: (Uint8Array | null)[]
  private below: (Uint8Array | null)[]
  private buffer: Buffer | null
  private data: number
  private status: Status

  constructor(target: TreeTarget, waiter: AnswerWaiter) {
    super(target.sim, 'level')
    this.target = target
    this.failing = []
    this.waiter = waiter
    this.level = target.tree.levels
    this.index = 0
    this.wanted = []
    this.below = [target.root]
    this.buffer = null
    this.data = 0
    this.status = 'OK'
  }

  override steps() {
    return FAILING_STEPS
  }

  nextLevel(): string {
    this.level--
    this.index = 0
    this.wanted = this.below
    this.below = []
    return this.level >= 0 ? 'hash block' : 'read data'
  }

  hashBlock(): string {
    const { target, index, level } = this
    if (index === target.tree.levelBlocks[level]) return 'level'
    this.buffer = target.client.read(target.tree.levelStart[level] + index, this)
    if (this.buffer === null) this.expect()
    return 'compare hash block'
  }

  bufferReady(buffer: Buffer | null): void {
    this.buffer = buffer
    this.arrived()
  }

  compareHashBlock(): string {
    const { target, buffer, index, level } = this
    const { tree } = target
    const wanted = this.wanted[index]
    const belowLevel = level === 0 ? tree.parameters.dataBlocks : tree.levelBlocks[level - 1]
    const count = Math.min(2 ** tree.bitsPerBlock, belowLevel - this.below.length)
    const bytes =
      buffer === null
        ? null
        : this.sim.memory.bytes.slice(buffer.address, buffer.address + tree.parameters.hashBlockBytes)
    if (buffer !== null) target.client.release(buffer)
    // A root that nobody gave is whatever there is.
    const isTrusted = level === tree.levels - 1 && target.root === null
    const fits = bytes !== null && (isTrusted || (wanted !== null && sameDigest(tree.digest(bytes), wanted)))
    for (let i = 0; i < count; i++) {
      const at = i * tree.slotBytes
      this.below.push(fits ? bytes.subarray(at, at + tree.digestBytes) : null)
    }
    this.index++
    return 'hash block'
  }

  readData(): string {
    const { target, index } = this
    if (index === this.wanted.length) return 'answer'
    const { dataBlockBytes } = target.tree.parameters
    if (this.data === 0) this.data = this.sim.memory.allocate(PIECE_BLOCKS * dataBlockBytes)
    const blocks = Math.min(PIECE_BLOCKS, this.wanted.length - index)
    this.expect()
    const sectors = blocks * target.blockSectors
    const { cause } = target.client
    target.data.submit(new Bio(this.sim, this, READ, 0, index * target.blockSectors, sectors, this.data, cause))
    return 'compare data'
  }

  bioDone(bio: Bio): void {
    this.status = bio.status
    this.arrived()
  }

  /** @returns the next step; a piece with a sector that cannot be read is read block by block */
  compareData(): string {
    const { target, index } = this
    const blocks = Math.min(PIECE_BLOCKS, this.wanted.length - index)
    if (this.status !== 'OK') return 'read block'
    for (let i = 0; i < blocks; i++) this.compareBlock(this.data + i * target.tree.parameters.dataBlockBytes)
    return 'read data'
  }

  /** Of a piece that could not be read as a whole: one block. */
  readBlock(): string {
    const { target, index } = this
    if (index === this.wanted.length) return 'answer'
    this.expect()
    const { blockSectors, client } = target
    target.data.submit(new Bio(this.sim, this, READ, 0, index * blockSectors, blockSectors, this.data, client.cause))
    return 'compare block'
  }

  compareOne(): string {
    if (this.status === 'OK') this.compareBlock(this.data)
    else this.noteFailing()
    return this.index % PIECE_BLOCKS === 0 ? 'read data' : 'read block'
  }

  private compareBlock(address: number): void {
    const { tree } = this.target
    const { dataBlockBytes } = tree.parameters
    const wanted = this.wanted[this.index]
    const bytes = this.sim.memory.bytes.subarray(address, address + dataBlockBytes)
    if (wanted !== null && sameDigest(tree.digest(bytes), wanted)) this.index++
    else this.noteFailing()
  }

  private noteFailing(): void {
    const last = this.failing[this.failing.length - 1]
    if (last !== undefined && last.to === this.index) last.to++
    else this.failing.push({ from: this.index, to: this.index + 1 })
    this.index++
  }

  answer(): string {
    if (this.data !== 0) this.sim.memory.free(this.data)
    this.waiter.answered(ok(failingText(this.failing, this.target.tree.parameters.dataBlocks)))
    return DONE
  }
}

/** `failing 0 of 256`, or `failing 3 of 256: 4-5 9`. */
export function failingText(
  failing: readonly { readonly from: number; readonly to: number }[],
  blocks: number,
): string {
  const count = failing.reduce((sum, { from, to }) => sum + to - from, 0)
  const runs = failing.map(({ from, to }) => (to === from + 1 ? ` ${from}` : ` ${from}-${to - 1}`))
  return `failing ${count} of ${blocks}${count === 0 ? '' : `:${runs.join('')}`}`
}

const FAILING_STEPS = {
  level: (scan: FailingBlocks) => scan.nextLevel(),
  'hash block': (scan: FailingBlocks) => scan.hashBlock(),
  'compare hash block': (scan: FailingBlocks) => scan.compareHashBlock(),
  'read data': (scan: FailingBlocks) => scan.readData(),
  'compare data': (scan: FailingBlocks) => scan.compareData(),
  'read block': (scan: FailingBlocks) => scan.readBlock(),
  'compare block': (scan: FailingBlocks) => scan.compareOne(),
  answer: (scan: FailingBlocks) => scan.answer(),
}
