import type { Status } from '../block/bio.ts'
import { DONE, Procedure } from '../sim/procedure.ts'
import { CLEAN_LIST, DIRTY, DIRTY_LIST, WRITING, type IdleWaiter } from './buffer.ts'
import type { BufioClient } from './client.ts'
import { EmptyIo, type DoneWaiter } from './empty_io.ts'

/**
 * Everything dirty is written, all at once; then the device is flushed, even if a write failed.
 * @source dm_bufio_write_dirty_buffers, drivers/md/dm-bufio.c, 6.1
 */
export class WriteOut extends Procedure implements IdleWaiter, DoneWaiter {
  readonly client: BufioClient
  readonly waiter: DoneWaiter | null
  status: Status

  constructor(client: BufioClient, waiter: DoneWaiter | null) {
    super(client.sim, 'write')
    this.client = client
    this.waiter = waiter
    this.status = 'OK'
  }

  override steps() {
    return STEPS
  }

  bufferIdle(): void {
    this.arrived()
  }

  done(status: Status): void {
    if (this.status === 'OK') this.status = status
    this.arrived()
  }
}

const STEPS = {
  write: (out: WriteOut): string => {
    const { client } = out
    for (const buffer of client.listOf(DIRTY_LIST).oldestFirst()) {
      if ((buffer.state & (DIRTY | WRITING)) === 0) continue
      out.expect()
      client.clean(buffer, out)
    }
    return 'relink'
  },

  relink: (out: WriteOut): string => {
    const { client } = out
    for (const buffer of client.listOf(DIRTY_LIST).oldestFirst()) {
      if ((buffer.state & (DIRTY | WRITING)) === 0) client.relink(buffer, CLEAN_LIST)
    }
    return 'flush'
  },

  flush: (out: WriteOut): string => {
    out.status = out.client.takeError()
    out.expect()
    new EmptyIo(out.client, out).flush()
    return 'tell'
  },

  tell: (out: WriteOut): string => {
    out.waiter?.done(out.status)
    return DONE
  },
}
