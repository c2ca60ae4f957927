/**
 * A buffer: one block of a device in memory, and what is to become of it.
 *
 *                    mark dirty                 write begins
 *     clean ───────────────────────► DIRTY ───────────────────► WRITING ──┐
 *      ▲ ▲  read ends                  ▲                          │  │     │ ends, well or not
 *      │ └──────────── READING         └──── marked dirty again ──┘  │     │
 *      └─────────────────────────────────────────────────────────────┴─────┘
 *
 * READING stands alone. DIRTY and WRITING may stand together: the write carries what was there when it began (or was changed
 * since: it is taken from the same memory), and another one will follow; never are two writes of a buffer under way at once.
 *
 * A buffer is in the cache as long as its client finds it by its block. It is on one of two lists, most recently used first: the
 * clean list has none that is dirty or being written. The dirty list may have some that have been written meanwhile: they are
 * taken over to the other when somebody passes by (see `client.ts`). Who is held by nobody may go at any time.
 *
 * @source struct dm_buffer, drivers/md/dm-bufio.c, 6.1
 */
import { assert } from '../base/assert.ts'
import type { Bio, BioOwner, Status } from '../block/bio.ts'
import { TRACE } from '../sim/trace.ts'
import type { BufioClient } from './client.ts'

/** Bits of a buffer's state. */
export const READING = 1
export const WRITING = 2
export const DIRTY = 4

export const CLEAN_LIST = 0
export const DIRTY_LIST = 1
export type ListMode = 0 | 1

/** Where its bytes came from, in the words of the module's parameters. */
export type DataMode = 'kmem_cache' | 'get_free_pages' | 'vmalloc'

/** Which bits may follow each combination; by the combination's number. */
const MOVES: Readonly<Record<number, readonly number[]>> = {
  [0]: [READING, DIRTY, WRITING],
  [READING]: [0],
  [DIRTY]: [WRITING],
  [WRITING]: [0, DIRTY | WRITING],
  [DIRTY | WRITING]: [DIRTY, WRITING],
}

/** Whoever waits for a buffer: he holds it then, or is told why not. */
export interface BufferWaiter {
  bufferReady(buffer: Buffer | null, status: Status): void
}

/** Whoever waits until a buffer is not being written, and no write of it is owed. */
export interface IdleWaiter {
  bufferIdle(buffer: Buffer): void
}

export class Buffer implements BioOwner {
  readonly client: BufioClient
  /** Where its bytes are in the machine's memory. */
  readonly address: number
  readonly dataMode: DataMode
  block: number
  state: number
  /** How many hold it. */
  holders: number
  listMode: ListMode
  /** What must be written, in bytes of the block, while DIRTY. */
  dirtyFrom: number
  dirtyTo: number
  /** What the write under way carries, before it is widened. */
  writeFrom: number
  writeTo: number
  readError: Status
  writeError: Status
  /** When it was last put at the head of a list, in nanoseconds. */
  lastAccessed: number
  /** Used since the search for room last passed by. */
  accessed: boolean
  /** It is dirty, and is to be written again as soon as the write under way has ended. */
  writeOwed: boolean
  /** The client's own: what it knows of the contents. Both begin anew with every block that is put into the buffer. */
  aux: number
  note: object | null

  // ---- its neighbours on its list ----
  newer: Buffer | null
  older: Buffer | null

  /** Who waits for its contents. */
  readonly readers: BufferWaiter[]
  readonly idlers: IdleWaiter[]

  constructor(client: BufioClient, address: number, dataMode: DataMode) {
    this.client = client
    this.address = address
    this.dataMode = dataMode
    this.block = -1
    this.state = 0
    this.holders = 0
    this.listMode = CLEAN_LIST
    this.dirtyFrom = 0
    this.dirtyTo = 0
    this.writeFrom = 0
    this.writeTo = 0
    this.readError = 'OK'
    this.writeError = 'OK'
    this.lastAccessed = 0
    this.accessed = false
    this.writeOwed = false
    this.aux = 0
    this.note = null
    this.newer = null
    this.older = null
    this.readers = []
    this.idlers = []
  }

  /** Nobody holds it, nothing happens with it, nothing is to be written. */
  get isFree(): boolean {
    return this.holders === 0 && this.state === 0
  }

  setState(to: number): void {
    const from = this.state
    if (from === to) return
    assert(MOVES[from].includes(to), `a buffer cannot go from state ${from} to ${to}`)
    this.state = to
    const { client } = this
    client.sim.emit(TRACE.buffer_state, client.number, this.block, from, to)
  }

  /** Begins a new life with another block. */
  reset(): void {
    assert(this.isFree, 'only a free buffer can have another block')
    this.readError = 'OK'
    this.writeError = 'OK'
    this.writeOwed = false
    this.aux = 0
    this.note = null
  }

  bioDone(bio: Bio): void {
    this.client.ioDone(this, bio)
  }
}
