import { assert } from '../base/assert.ts'
import { DONE, Procedure } from '../sim/procedure.ts'
import { DIRTY, DIRTY_LIST, type Buffer, type IdleWaiter } from './buffer.ts'
import type { BufioClient } from './client.ts'
import type { DoneWaiter } from './empty_io.ts'

/**
 * What is in a buffer belongs to another block. First whatever is cached for that block goes; then the buffer is written to its old
 * block if it is dirty; then, if nobody else holds it, it is the new block's, all of it dirty. Who else holds it goes on with the old
 * block: the new one gets a copy, at once.
 * @source dm_bufio_release_move, drivers/md/dm-bufio.c, 6.1
 * @differs of a copy Linux writes the part that was written last; here it is the whole block
 */
export class ReleaseMove extends Procedure implements IdleWaiter {
  readonly client: BufioClient
  readonly buffer: Buffer
  readonly block: number
  readonly waiter: DoneWaiter | null

  constructor(client: BufioClient, buffer: Buffer, block: number, waiter: DoneWaiter | null) {
    assert(buffer.holders > 0, 'a buffer is moved that nobody holds')
    assert(buffer.block !== block, 'a buffer is moved to where it is')
    super(client.sim, 'make way')
    this.client = client
    this.buffer = buffer
    this.block = block
    this.waiter = waiter
  }

  override steps() {
    return STEPS
  }

  bufferIdle(): void {
    this.arrived()
  }

  /** Waits until the buffer is written, if there is anything to wait for. @returns the step after that. */
  cleanFirst(buffer: Buffer, again: string): string {
    this.expect()
    this.client.clean(buffer, this)
    return again
  }
}

const STEPS = {
  'make way': (move: ReleaseMove): string => {
    const { client, block } = move
    const there = client.peek(block)
    if (there === undefined) return 'write old'
    if (there.holders > 0) {
      client.sleepUntilRelease(move)
      return 'make way'
    }
    if (there.state !== 0) return move.cleanFirst(there, 'make way')
    client.evict(there)
    return 'write old'
  },

  'write old': (move: ReleaseMove): string => {
    if (move.buffer.state !== 0) return move.cleanFirst(move.buffer, 'write old')
    return move.client.peek(move.block) === undefined ? 'move' : 'make way'
  },

  move: (move: ReleaseMove): string => {
    const { client, buffer, block } = move
    if (buffer.holders > 1) {
      move.expect()
      buffer.idlers.push(move)
      client.writeCopy(buffer, block)
      return 'release'
    }
    client.unlink(buffer)
    client.link(buffer, block, DIRTY_LIST)
    buffer.setState(DIRTY)
    buffer.dirtyFrom = 0
    buffer.dirtyTo = client.blockBytes
    return 'release'
  },

  release: (move: ReleaseMove): string => {
    const { writeError } = move.buffer
    move.client.release(move.buffer)
    move.waiter?.done(writeError)
    return DONE
  },
}
