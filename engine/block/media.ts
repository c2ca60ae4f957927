/**
 * The medium of a disk: what survives. Bytes live in shared pages in memory, or in a {@link Backing}.
 *
 * Copies of a machine share pages until one of them writes. A medium on a backing writes through to it; its copies live in
 * memory on top of it, and before it overwrites a page it hands them the old one: so every copy keeps the bytes of its
 * own instant, whatever happens to the original afterwards.
 */
import { COPY } from '../base/copy.ts'
import type { Backing } from './backing.ts'

export const MEDIA_PAGE_BYTES = 65536

export class Media {
  readonly sizeBytes: number
  private readonly backing: Backing | null
  /** Pages by number; missing ones are read from below, and are zeros where there is nothing below. */
  private readonly pages: (Uint8Array | undefined)[]
  /** 1 where the page is ours alone and may be written in place. */
  private owned: Uint8Array
  /** The medium this is a copy of, where that one is on a backing. */
  private below: Media | null
  /** Copies of this medium that still read through it. */
  private above: Media[]

  constructor(sizeBytes: number, backing: Backing | null = null) {
    this.sizeBytes = sizeBytes
    this.backing = backing
    this.pages = []
    this.owned = new Uint8Array(Math.ceil(sizeBytes / MEDIA_PAGE_BYTES))
    this.below = null
    this.above = []
  }

  /** Reads `length` bytes at byte `at` into `into` from index `address` on. */
  read(at: number, into: Uint8Array, address: number, length: number): void {
    if (this.backing !== null) {
      this.backing.read(at, into.subarray(address, address + length))
      return
    }
    while (length > 0) {
      const number = Math.floor(at / MEDIA_PAGE_BYTES)
      const offset = at - number * MEDIA_PAGE_BYTES
      const piece = Math.min(length, MEDIA_PAGE_BYTES - offset)
      const page = this.pages[number]
      if (page !== undefined) into.set(page.subarray(offset, offset + piece), address)
      else if (this.below !== null) this.below.read(at, into, address, piece)
      else into.fill(0, address, address + piece)
      at += piece
      address += piece
      length -= piece
    }
  }

  /** Writes `length` bytes of `from`, from index `address` on, at byte `at`. */
  write(at: number, from: Uint8Array, address: number, length: number): void {
    if (this.backing !== null) {
      if (this.above.length > 0) this.keepOldPages(at, length)
      this.backing.write(at, from.subarray(address, address + length))
      return
    }
    while (length > 0) {
      const number = Math.floor(at / MEDIA_PAGE_BYTES)
      const offset = at - number * MEDIA_PAGE_BYTES
      const piece = Math.min(length, MEDIA_PAGE_BYTES - offset)
      this.writablePage(number).set(from.subarray(address, address + piece), offset)
      at += piece
      address += piece
      length -= piece
    }
  }

  flush(): void {
    this.backing?.flush()
  }

  /** Whether one long write is better than many short ones (a call into the host costs more than a copy). */
  prefersLongWrites(): boolean {
    return this.backing !== null
  }

  /** This copy is not needed any more: its original stops keeping old pages for it. */
  release(): void {
    if (this.below !== null) this.below.above = this.below.above.filter((medium) => medium !== this)
    this.below = null
  }

  [COPY](): object {
    const copy = new Media(this.sizeBytes)
    if (this.backing !== null) {
      copy.below = this
    } else {
      this.owned.fill(0)
      for (const key of Object.keys(this.pages)) copy.pages[Number(key)] = this.pages[Number(key)]
      copy.below = this.below
    }
    copy.below?.above.push(copy)
    return copy
  }

  private writablePage(number: number): Uint8Array {
    let page = this.pages[number]
    if (page !== undefined && this.owned[number] === 1) return page
    const old = page
    page = new Uint8Array(MEDIA_PAGE_BYTES)
    if (old !== undefined) page.set(old)
    else if (this.below !== null) this.below.readPage(number, page)
    this.pages[number] = page
    this.owned[number] = 1
    return page
  }

  private readPage(number: number, into: Uint8Array): void {
    const at = number * MEDIA_PAGE_BYTES
    this.read(at, into, 0, Math.min(MEDIA_PAGE_BYTES, this.sizeBytes - at))
  }

  private keepOldPages(at: number, length: number): void {
    const last = Math.floor((at + length - 1) / MEDIA_PAGE_BYTES)
    for (let number = Math.floor(at / MEDIA_PAGE_BYTES); number <= last; number++) {
      let old: Uint8Array | undefined
      for (const medium of this.above) {
        if (medium.pages[number] !== undefined) continue
        if (old === undefined) this.readPage(number, (old = new Uint8Array(MEDIA_PAGE_BYTES)))
        medium.pages[number] = old
      }
    }
  }
}
