import { assert } from '../base/assert.ts'
import { DONE, Procedure } from '../sim/procedure.ts'
import { CLEAN_LIST, DIRTY_LIST, type IdleWaiter } from './buffer.ts'
import type { BufioClient } from './client.ts'
import type { DoneWaiter } from './empty_io.ts'

/**
 * The end of a client: what is dirty is written, but not flushed; then everything is given back.
 * @source dm_bufio_client_destroy, drivers/md/dm-bufio.c, 6.1
 */
export class DestroyClient extends Procedure implements IdleWaiter {
  readonly client: BufioClient
  readonly waiter: DoneWaiter | null

  constructor(client: BufioClient, waiter: DoneWaiter | null) {
    super(client.sim, 'write')
    this.client = client
    this.waiter = waiter
  }

  override steps() {
    return STEPS
  }

  bufferIdle(): void {
    this.arrived()
  }
}

const STEPS = {
  write: (end: DestroyClient): string => {
    const { client } = end
    for (const list of [DIRTY_LIST, CLEAN_LIST] as const) {
      for (const buffer of client.listOf(list).oldestFirst()) {
        if (buffer.state === 0) continue
        end.expect()
        client.clean(buffer, end)
      }
    }
    return 'drop'
  },

  drop: (end: DestroyClient): string => {
    const { client } = end
    for (const list of [DIRTY_LIST, CLEAN_LIST] as const) {
      for (const buffer of client.listOf(list).oldestFirst()) {
        assert(buffer.holders === 0, `block ${buffer.block} of ${client.name} is held by ${buffer.holders}`)
        client.evict(buffer)
      }
    }
    for (const { address } of client.reserved.splice(0)) client.memory.free(address, client.blockBytes)
    client.memory.leave(client)
    client.isGone = true
    end.waiter?.done('OK')
    return DONE
  },
}
