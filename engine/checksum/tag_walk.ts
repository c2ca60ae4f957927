/**
 * Goes over tags in their buffers, and reads, writes or compares them. A tag of filler bytes is as good as the right one where discards
 * are allowed.
 * @source dm_integrity_rw_tag, drivers/md/dm-integrity.c, 6.1
 */
import type { Status } from '../block/bio.ts'
import type { Buffer, BufferWaiter } from '../bufio/buffer.ts'

import { tagBuffer, tagOffset } from '../format/integrity_layout.ts'
import { DONE, Procedure } from '../sim/procedure.ts'
import type { IntegrityDevice } from './integrity_device.ts'
import { DISCARD_FILLER } from './sector_tags.ts'

export class TagWalk extends Procedure implements BufferWaiter {
  readonly device: IntegrityDevice
  readonly op: 'read' | 'write' | 'compare'
  /** What is compared or written, or was read. */
  readonly tags: Uint8Array
  /** How far it has come, in bytes. */
  done: number
  block: number
  offset: number
  buffer: Buffer | null
  error: Status
  /** A tag is not what it should be; the walk ends there. */
  mismatch: boolean
  private mayBeTag: boolean
  private mayBeFiller: boolean
  private inTag: number

  constructor(device: IntegrityDevice, op: 'read' | 'write' | 'compare', sector: number, tags: Uint8Array) {
    super(device.sim, 'next')
    this.device = device
    this.op = op
    this.tags = tags
    this.done = 0
    this.block = tagBuffer(device.layout, sector)
    this.offset = tagOffset(device.layout, sector)
    this.buffer = null
    this.error = 'OK'
    this.mismatch = false
    this.mayBeTag = true
    this.mayBeFiller = device.line.discards
    this.inTag = 0
  }

  override steps() {
    return STEPS
  }

  bufferReady(buffer: Buffer | null, status: Status): void {
    this.buffer = buffer
    this.error = status
    this.arrived()
  }

  next(): string {
    if (this.done >= this.tags.length || this.mismatch) return DONE
    if (this.device.failed !== null) {
      this.error = this.device.failed
      return DONE
    }
    this.pending++
    const held = this.device.bufio.read(this.block, this)
    if (held !== null) {
      this.pending--
      this.buffer = held
    }
    return 'use'
  }

  use(): string {
    const { buffer, device, tags, done, offset } = this
    if (buffer === null) {
      if (this.error === 'OK') this.error = 'EIO'
      return DONE
    }
    const bufferBytes = device.layout.bufferSectors * 512
    const count = Math.min(bufferBytes - offset, tags.length - done)
    const { bytes } = this.sim.memory
    const at = buffer.address + offset
    if (this.op === 'read') tags.set(bytes.subarray(at, at + count), done)
    else if (this.op === 'compare') this.compare(bytes, at, count)
    else if (differs(bytes, at, tags, done, count)) {
      bytes.set(tags.subarray(done, done + count), at)
      device.bufio.markPartialDirty(buffer, offset, offset + count)
    }
    device.bufio.release(buffer)
    this.buffer = null
    this.done += count
    this.offset += count
    if (this.offset === bufferBytes) {
      this.block++
      this.offset = 0
    }
    return 'next'
  }

  private compare(bytes: Uint8Array, at: number, count: number): void {
    const { tagBytes } = this.device.layout
    for (let i = 0; i < count; i++) {
      const byte = bytes[at + i]
      if (byte !== this.tags[this.done + i]) this.mayBeTag = false
      if (byte !== DISCARD_FILLER) this.mayBeFiller = false
      if (++this.inTag < tagBytes) continue
      if (!this.mayBeTag && !this.mayBeFiller) {
        this.mismatch = true
        return
      }
      this.inTag = 0
      this.mayBeTag = true
      this.mayBeFiller = this.device.line.discards
    }
  }
}

const STEPS = {
  next: (walk: TagWalk) => walk.next(),
  use: (walk: TagWalk) => walk.use(),
}

function differs(bytes: Uint8Array, at: number, tags: Uint8Array, from: number, count: number): boolean {
  for (let i = 0; i < count; i++) if (bytes[at + i] !== tags[from + i]) return true
  return false
}
