import { assert } from '../base/assert.ts'
import type { Buffer } from './buffer.ts'

/** Buffers of one client, most recently used first. A buffer is on one list at a time. */
export class BufferList {
  newest: Buffer | null
  oldest: Buffer | null
  count: number

  constructor() {
    this.newest = null
    this.oldest = null
    this.count = 0
  }

  addNewest(buffer: Buffer): void {
    const head = this.newest
    buffer.newer = null
    buffer.older = head
    if (head === null) this.oldest = buffer
    else head.newer = buffer
    this.newest = buffer
    this.count++
  }

  remove(buffer: Buffer): void {
    assert(this.count > 0, 'a buffer is taken from an empty list')
    const { newer, older } = buffer
    if (newer === null) this.newest = older
    else newer.older = older
    if (older === null) this.oldest = newer
    else older.newer = newer
    buffer.newer = null
    buffer.older = null
    this.count--
  }

  /** As they are now, oldest first: changes do not touch what was returned. */
  oldestFirst(): Buffer[] {
    const found: Buffer[] = []
    for (let each = this.oldest; each !== null; each = each.newer) found.push(each)
    return found
  }

  newestFirst(): Buffer[] {
    return this.oldestFirst().reverse()
  }
}
