/** A buffer cache on a memory disk, for tests, and somebody who waits for what it says. */
import { assert } from '../base/assert.ts'
import type { Status } from '../block/bio.ts'
import type { Disk } from '../block/disk.ts'
import type { DiskModelName } from '../block/disk_model.ts'
import { DmFixture } from '../dm/fixture.ts'
import type { Buffer, BufferWaiter } from './buffer.ts'
import { CLEAN_LIST, DIRTY_LIST } from './buffer.ts'
import { bufioOf, type BufioMemory } from './bufio_memory.ts'
import { BufioClient, type BufioOptions } from './client.ts'
import type { DoneWaiter } from './empty_io.ts'

/** Notes what he was told, and when. */
export class Listener implements BufferWaiter, DoneWaiter {
  readonly buffers: (Buffer | null)[]
  readonly statuses: Status[]

  constructor() {
    this.buffers = []
    this.statuses = []
  }

  bufferReady(buffer: Buffer | null, status: Status): void {
    this.buffers.push(buffer)
    this.statuses.push(status)
  }

  done(status: Status): void {
    this.statuses.push(status)
  }
}

export class BufioFixture {
  readonly dm: DmFixture
  readonly memory: BufioMemory
  readonly disk: Disk

  constructor(sectors = 2048, model: DiskModelName = 'ideal') {
    this.dm = new DmFixture()
    this.memory = bufioOf(this.dm.dm)
    this.disk = this.dm.disk('sda', sectors, model)
  }

  client(blockBytes = 4096, reserved = 0, options: BufioOptions = {}): BufioClient {
    return new BufioClient(this.memory, 'test', this.disk, blockBytes, reserved, options)
  }

  /** Holds a block's buffer, whether it was there or not. */
  read(client: BufioClient, block: number): Buffer {
    const listener = new Listener()
    const found = client.read(block, listener)
    if (found !== null) return found
    while (listener.statuses.length === 0) assert(this.dm.sim.run(Infinity, 1) > 0, 'a read never ends')
    const [buffer] = listener.buffers
    assert(buffer !== null, `block ${block}: ${listener.statuses[0]}`)
    return buffer
  }

  /** Fills a block with a byte, marks it dirty, and releases it. */
  stamp(client: BufioClient, block: number, byte: number): void {
    const buffer = client.fresh(block, new Listener())
    assert(buffer !== null, `no memory for block ${block}`)
    this.dm.sim.memory.bytes.fill(byte, buffer.address, buffer.address + client.blockBytes)
    client.markDirty(buffer)
    client.release(buffer)
  }

  /** Has everything written and flushed. */
  writeOut(client: BufioClient): Status {
    const listener = new Listener()
    client.writeDirtyBuffers(listener)
    while (listener.statuses.length === 0) assert(this.dm.sim.run(Infinity, 1) > 0, 'a write never ends')
    return listener.statuses[0]
  }

  byteOf(buffer: Buffer, at = 0): number {
    return this.dm.sim.memory.bytes[buffer.address + at]
  }

  /** Blocks of the two lists, most recently used first. */
  lists(client: BufioClient): [number[], number[]] {
    const blocks = (list: 0 | 1): number[] =>
      client
        .listOf(list)
        .newestFirst()
        .map(({ block }) => block)
    return [blocks(CLEAN_LIST), blocks(DIRTY_LIST)]
  }

  /** Disk I/Os since a row of the trace, as `r8+8`. */
  ios(since: number): string[] {
    return this.dm.diskIos(since).map(({ op, sector, sectors }) => {
      const name = 'rwfdz'[op]
      return op === 2 ? name : `${name}${sector}+${sectors}`
    })
  }

  get row(): number {
    return this.dm.sim.trace.written
  }
}
