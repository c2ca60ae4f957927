/**
 * The way from the root down to the sum of one data block. If the lowest hash block was found right before, nothing else is looked at;
 * else every level is, from the top: each must sum up to what the level above says.
 * @source verity_hash_for_block, verity_verify_level, drivers/md/dm-verity-target.c, 6.1
 */
import type { Bio, Status } from '../block/bio.ts'
import type { Buffer, BufferWaiter } from '../bufio/buffer.ts'
import { DONE, Procedure } from '../sim/procedure.ts'
import { sameDigest } from './hash_tree.ts'
import { VERIFIED, type TreeTarget } from './tree_target.ts'

export class Branch extends Procedure implements BufferWaiter {
  readonly target: TreeTarget
  readonly block: number
  /** OK, or why there is no sum. */
  status: Status
  /** What the data block must sum up to. */
  want: Uint8Array
  /** Buffers of the way, if they are to be kept held: lowest first. Whoever asked for that releases them. */
  readonly held: Buffer[]
  private readonly keeps: boolean
  private readonly request: Bio | null
  private level: number
  private buffer: Buffer | null

  /** @param keeps buffers stay held, of all levels */
  constructor(target: TreeTarget, block: number, request: Bio | null, keeps = false) {
    super(target.sim, keeps || target.tree.levels === 0 ? 'from the top' : 'lowest')
    this.target = target
    this.block = block
    this.status = 'OK'
    this.want = new Uint8Array(0)
    this.held = []
    this.keeps = keeps
    this.request = request
    this.level = 0
    this.buffer = null
  }

  override steps() {
    return BRANCH_STEPS
  }

  /** Holds the hash block of a level, now or later. */
  private take(level: number): void {
    this.level = level
    const { target, block } = this
    this.buffer = target.client.read(target.tree.hashBlock(block, level), this, this.request)
    if (this.buffer === null) this.expect()
  }

  bufferReady(buffer: Buffer | null, status: Status): void {
    this.buffer = buffer
    this.status = status
    this.arrived()
  }

  lowest(): string {
    this.take(0)
    return 'is it known'
  }

  isItKnown(): string {
    const { buffer } = this
    if (buffer === null) return DONE
    if (buffer.aux !== VERIFIED) {
      this.target.client.release(buffer)
      return 'from the top'
    }
    this.want = this.slot(buffer)
    this.target.client.release(buffer)
    return DONE
  }

  fromTheTop(): string {
    const { target } = this
    this.want = target.root ?? new Uint8Array(0)
    this.level = target.tree.levels
    return 'next level'
  }

  nextLevel(): string {
    if (this.level === 0) return DONE
    this.take(this.level - 1)
    return 'check level'
  }

  checkLevel(): string {
    const { buffer, target } = this
    if (buffer === null) return DONE
    if (this.keeps) this.held.unshift(buffer)
    if (buffer.aux !== VERIFIED) {
      const { hashBlockBytes } = target.tree.parameters
      const bytes = this.sim.memory.bytes.subarray(buffer.address, buffer.address + hashBlockBytes)
      const sum = target.tree.digest(bytes)
      if (this.level === target.tree.levels - 1 && target.root === null) {
        // Nobody said what the top must be: it is believed from now on.
        target.root = sum
        buffer.aux = VERIFIED
      } else if (sameDigest(sum, this.want)) buffer.aux = VERIFIED
      else if (target.found({ kind: 'metadata', block: buffer.block })) {
        this.status = 'EIO'
        if (!this.keeps) target.client.release(buffer)
        return DONE
      }
    }
    this.want = this.slot(buffer)
    if (!this.keeps) target.client.release(buffer)
    return 'next level'
  }

  private slot(buffer: Buffer): Uint8Array {
    const { tree } = this.target
    const at = buffer.address + tree.slotOffset(this.block, this.level)
    return this.sim.memory.bytes.slice(at, at + tree.digestBytes)
  }

  /** Gives up what was kept. */
  letGo(): void {
    for (const buffer of this.held.splice(0)) this.target.client.release(buffer)
  }
}

const BRANCH_STEPS = {
  lowest: (branch: Branch) => branch.lowest(),
  'is it known': (branch: Branch) => branch.isItKnown(),
  'from the top': (branch: Branch) => branch.fromTheTop(),
  'next level': (branch: Branch) => branch.nextLevel(),
  'check level': (branch: Branch) => branch.checkLevel(),
}
