/**
 * The hash area of a verity device, made from the data or held against it: level by level from the data up, as `veritysetup` does it.
 * @source VERITY_create_or_verify_hash, create_or_verify, lib/verity/verity_hash.c, cryptsetup 2.6.1
 */
import { sameDigest, type HashTree } from '../checksum/hash_tree.ts'
import { DONE, Procedure } from '../sim/procedure.ts'
import type { FileIo, OpenFile } from './open_file.ts'

/** So much is read at once, or one block where that is longer. */
const PIECE_BYTES = 1 << 18

/** How it went: well, not at all, or what was found is wrong. */
export type HashAreaOutcome = 'good' | 'io error' | 'wrong'

export class HashArea extends Procedure {
  outcome: HashAreaOutcome
  /** Where it was wrong, in words. */
  message: string
  /** The sum of the topmost block, once all is done. */
  root: Uint8Array
  private readonly tree: HashTree
  private readonly data: OpenFile
  private readonly hashes: OpenFile
  private readonly verifies: boolean
  private io: FileIo | null
  private buffer: number
  /** The level whose sums are computed; the number of levels stands for the root. */
  private level: number
  /** Blocks of this level that are summed, and how many there are. */
  private done: number
  private count: number
  /** Sums of the hash block under way. */
  private sums: Uint8Array[]

  constructor(tree: HashTree, data: OpenFile, hashes: OpenFile, verifies: boolean) {
    super(data.sim, 'level')
    this.outcome = 'good'
    this.message = ''
    this.root = new Uint8Array(0)
    this.tree = tree
    this.data = data
    this.hashes = hashes
    this.verifies = verifies
    this.io = null
    const { dataBlockBytes, hashBlockBytes } = tree.parameters
    this.buffer = data.sim.memory.allocate(Math.max(PIECE_BYTES, dataBlockBytes, hashBlockBytes))
    this.level = -1
    this.done = 0
    this.count = 0
    this.sums = []
  }

  override steps() {
    return HASH_AREA_STEPS
  }

  /** Begins with the next level. */
  nextLevel(): string {
    const { tree } = this
    this.level++
    if (this.level > tree.levels) return this.over()
    this.done = 0
    this.sums = []
    if (this.level === tree.levels) this.count = 1
    else this.count = this.level === 0 ? tree.parameters.dataBlocks : tree.levelBlocks[this.level - 1]
    return 'read'
  }

  /** What is summed on this level: where it lies, how long it is. */
  private get source(): { file: OpenFile; from: number; blockBytes: number } {
    const { tree, level, data, hashes } = this
    const { dataBlockBytes, hashBlockBytes } = tree.parameters
    if (level === 0) return { file: data, from: 0, blockBytes: dataBlockBytes }
    return { file: hashes, from: tree.levelStart[level - 1] * hashBlockBytes, blockBytes: hashBlockBytes }
  }

  read(): string {
    const { file, from, blockBytes } = this.source
    this.io = file.read(from + this.done * blockBytes, this.pieceBlocks() * blockBytes, this.buffer)
    this.call(this.io)
    return 'sum'
  }

  /** Blocks that are read at once: they end with the hash block that has their sums. */
  private pieceBlocks(): number {
    const { blockBytes } = this.source
    const perHashBlock = 2 ** this.tree.bitsPerBlock
    const left = Math.min(this.count - this.done, perHashBlock - (this.done % perHashBlock))
    return Math.max(1, Math.min(left, Math.floor(PIECE_BYTES / blockBytes)))
  }

  sum(): string {
    const { tree, buffer } = this
    const { blockBytes } = this.source
    const blocks = this.pieceBlocks()
    if (this.io?.error !== null || this.io.count < blocks * blockBytes) return this.giveUp('io error')
    const { bytes } = this.sim.memory
    for (let i = 0; i < blocks; i++) {
      const at = buffer + i * blockBytes
      this.sums.push(tree.digest(bytes.subarray(at, at + blockBytes)))
    }
    this.done += blocks
    if (this.level === tree.levels) {
      this.root = this.sums[0]
      return 'level'
    }
    return this.done % 2 ** tree.bitsPerBlock === 0 || this.done === this.count ? 'hash block' : 'read'
  }

  /** The hash block of the sums: read and compared, or written. */
  hashBlock(): string {
    const { tree, buffer, hashes } = this
    const { hashBlockBytes } = tree.parameters
    const index = Math.ceil(this.done / 2 ** tree.bitsPerBlock) - 1
    const at = (tree.levelStart[this.level] + index) * hashBlockBytes
    if (this.verifies) this.io = hashes.read(at, hashBlockBytes, buffer)
    else {
      this.sim.memory.zero(buffer, hashBlockBytes)
      this.sums.forEach((sum, i) => this.sim.memory.bytes.set(sum, buffer + i * tree.slotBytes))
      this.io = hashes.write(at, hashBlockBytes, buffer)
    }
    this.call(this.io)
    return 'hash block done'
  }

  hashBlockDone(): string {
    const { hashBlockBytes } = this.tree.parameters
    if (this.io?.error !== null || this.io.count < hashBlockBytes) return this.giveUp('io error')
    if (this.verifies) {
      const wrong = this.compare()
      if (wrong !== null) {
        this.message = wrong
        return this.giveUp('wrong')
      }
    }
    this.sums = []
    return this.done === this.count ? 'level' : 'read'
  }

  /** @returns what is wrong with the hash block in the buffer, or null */
  private compare(): string | null {
    const { tree, buffer, sums } = this
    const { hashBlockBytes } = tree.parameters
    const block = this.sim.memory.bytes.subarray(buffer, buffer + hashBlockBytes)
    const { from, blockBytes } = this.source
    const first = this.done - sums.length
    for (let i = 0; i < sums.length; i++) {
      const at = i * tree.slotBytes
      if (!sameDigest(block.subarray(at, at + tree.digestBytes), sums[i])) {
        return `Verification failed at position ${from + (first + i) * blockBytes}.`
      }
      if (!isZero(block.subarray(at + tree.digestBytes, at + tree.slotBytes)))
        return this.notZeroed(at + tree.digestBytes)
    }
    const used = sums.length * tree.slotBytes
    return isZero(block.subarray(used)) ? null : this.notZeroed(used)
  }

  /** @param offset within the hash block */
  private notZeroed(offset: number): string {
    const { tree } = this
    const index = Math.ceil(this.done / 2 ** tree.bitsPerBlock) - 1
    const at = (tree.levelStart[this.level] + index) * tree.parameters.hashBlockBytes
    return `Spare area is not zeroed at position ${at + offset}.`
  }

  private giveUp(outcome: HashAreaOutcome): string {
    this.outcome = outcome
    return this.over()
  }

  private over(): string {
    this.sim.memory.free(this.buffer)
    return DONE
  }
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0)
}

const HASH_AREA_STEPS = {
  level: (area: HashArea) => area.nextLevel(),
  read: (area: HashArea) => area.read(),
  sum: (area: HashArea) => area.sum(),
  'hash block': (area: HashArea) => area.hashBlock(),
  'hash block done': (area: HashArea) => area.hashBlockDone(),
}
