/**
 * The medium of a disk: what survives. Bytes live in pages in memory, or in a {@link Backing}.
 *
 * Copies of a machine share pages until one of them writes. A medium on a backing writes through to it; its copies live in
 * memory on top of it, and before it overwrites a page it hands them the old one: so every copy keeps the bytes of its
 * own instant, whatever happens to the original afterwards. {@link Media.restore} brings such an instant back.
 *
 * Pages stand in chunks, and both are copied only when somebody writes: a chunk or a page is written in place by the
 * medium whose `owner` mark it carries. A copy takes a new mark for both sides, and is made at once whatever the size of the disk.
 */
import { assert } from '../base/assert.ts'
import { COPY } from '../base/copy.ts'
import type { Backing } from './backing.ts'

export const MEDIA_PAGE_BYTES = 4096

const CHUNK_PAGES = 256
/** The most that is moved at once between a backing and memory. */
const RUN_PAGES = 64

interface Chunk {
  readonly owner: object
  readonly pages: (Uint8Array | undefined)[]
  /** 1 where the page is the owner's alone. */
  readonly owned: Uint8Array
}

export class Media {
  readonly sizeBytes: number
  private readonly backing: Backing | null
  /** Missing chunks, and pages that are missing in a chunk, are read from below, and are zeros where there is nothing below. */
  private chunks: (Chunk | undefined)[]
  /** Whether `chunks` itself is nobody else's. */
  private ownsChunks: boolean
  private owner: object
  /** The medium this is a copy of, where that one is on a backing. */
  private below: Media | null
  /** Copies of this medium that still read through it, oldest instant first. */
  private above: Media[]
  /** On a backing: how many copies were made of it. In a copy: the number of the copy, from 1. */
  private generation: number
  /** On a backing, per chunk and page: the last copy that has been handed what was overwritten there. */
  private readonly handed: Map<number, Float64Array>

  constructor(sizeBytes: number, backing: Backing | null = null) {
    this.sizeBytes = sizeBytes
    this.backing = backing
    this.chunks = []
    this.ownsChunks = true
    this.owner = {}
    this.below = null
    this.above = []
    this.generation = 0
    this.handed = new Map()
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
      const page = this.page(number)
      if (page === undefined) {
        if (this.below !== null) this.below.read(at, into, address, piece)
        else into.fill(0, address, address + piece)
      } else if (piece === MEDIA_PAGE_BYTES) into.set(page, address)
      else into.set(page.subarray(offset, offset + piece), address)
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
      this.writablePage(number, piece < MEDIA_PAGE_BYTES).set(from.subarray(address, address + piece), offset)
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

  /** Whether the bytes are in the world outside, and outlive the machine. */
  get isOutside(): boolean {
    return this.backing !== null
  }

  /** These bytes as they are now, whatever happens to this medium; to be released when nobody needs them. */
  snapshot(): Media {
    return this[COPY]()
  }

  /** This copy is not needed any more: its original stops keeping old pages for it. */
  release(): void {
    if (this.below !== null) this.below.above = this.below.above.filter((medium) => medium !== this)
    this.below = null
  }

  /**
   * Writes the bytes of another medium into this one. Of a copy of this medium, only the pages that differ are looked at; copies
   * keep the bytes of their own instants, as with any write.
   * @param from of the same size
   * @returns how many bytes were written
   */
  restore(from: Media): number {
    return this.compare(from, (at, bytes, address, length) => this.write(at, bytes, address, length))
  }

  /**
   * Looks for what {@link restore} would write, page by page, neighbours in one go.
   * @param visit is called with where it belongs, and where it stands
   * @returns how many bytes that is
   */
  compare(from: Media, visit: (at: number, bytes: Uint8Array, address: number, length: number) => void): number {
    assert(from.sizeBytes === this.sizeBytes, 'bytes are restored onto a disk of another size')
    const pages = Math.ceil(this.sizeBytes / MEDIA_PAGE_BYTES)
    const here = new Uint8Array(RUN_PAGES * MEDIA_PAGE_BYTES)
    const there = new Uint8Array(RUN_PAGES * MEDIA_PAGE_BYTES)
    let written = 0
    for (let first = 0; first < pages;) {
      if (from.below === this && from.page(first) === undefined) {
        first += from.chunks[Math.floor(first / CHUNK_PAGES)] === undefined ? CHUNK_PAGES - (first % CHUNK_PAGES) : 1
        continue
      }
      let end = first + 1
      while (end < pages && end - first < RUN_PAGES && (from.below !== this || from.page(end) !== undefined)) end++
      const at = first * MEDIA_PAGE_BYTES
      const length = Math.min(end * MEDIA_PAGE_BYTES, this.sizeBytes) - at
      this.read(at, here, 0, length)
      from.read(at, there, 0, length)
      written += visitDifferences(at, here, there, length, visit)
      first = end
    }
    return written
  }

  /** What the pages of this medium cost beside those of another, in bytes. A medium on a backing costs nothing. */
  bytesBeside(other: Media | null): number {
    if (this.chunks === other?.chunks) return 0
    let bytes = this.chunks.length * 8
    this.chunks.forEach((chunk, number) => {
      const beside = other?.chunks[number]
      if (chunk === undefined || chunk === beside) return
      bytes += CHUNK_PAGES * 9
      for (let i = 0; i < CHUNK_PAGES; i++) {
        const page = chunk.pages[i]
        if (page !== undefined && page !== beside?.pages[i]) bytes += MEDIA_PAGE_BYTES
      }
    })
    return bytes
  }

  [COPY](): Media {
    const copy = new Media(this.sizeBytes)
    if (this.backing !== null) {
      copy.below = this
      copy.generation = ++this.generation
      this.above.push(copy)
      return copy
    }
    copy.chunks = this.chunks
    copy.ownsChunks = this.ownsChunks = false
    this.owner = {}
    copy.generation = this.generation
    copy.below = this.below
    // Copies of a copy stand where their instant belongs.
    copy.below?.above.splice(copy.below.above.indexOf(this) + 1, 0, copy)
    return copy
  }

  private page(number: number): Uint8Array | undefined {
    return this.chunks[Math.floor(number / CHUNK_PAGES)]?.pages[number % CHUNK_PAGES]
  }

  private writableChunk(number: number): Chunk {
    const old = this.chunks[number]
    if (old?.owner === this.owner) return old
    if (!this.ownsChunks) {
      this.chunks = this.chunks.slice()
      this.ownsChunks = true
    }
    const pages = old?.pages.slice() ?? new Array<Uint8Array | undefined>(CHUNK_PAGES).fill(undefined)
    const chunk = { owner: this.owner, pages, owned: new Uint8Array(CHUNK_PAGES) }
    this.chunks[number] = chunk
    return chunk
  }

  /** @param keepsOld whether something of the page's old bytes will still be read */
  private writablePage(number: number, keepsOld: boolean): Uint8Array {
    const chunk = this.writableChunk(Math.floor(number / CHUNK_PAGES))
    const i = number % CHUNK_PAGES
    const old = chunk.pages[i]
    if (old !== undefined && chunk.owned[i] === 1) return old
    const page = new Uint8Array(MEDIA_PAGE_BYTES)
    if (keepsOld) {
      if (old !== undefined) page.set(old)
      else if (this.below !== null) this.below.readPage(number, page)
    }
    chunk.pages[i] = page
    chunk.owned[i] = 1
    return page
  }

  private readPage(number: number, into: Uint8Array): void {
    const at = number * MEDIA_PAGE_BYTES
    this.read(at, into, 0, Math.min(MEDIA_PAGE_BYTES, this.sizeBytes - at))
  }

  /** Hands what is about to be overwritten to the copies that do not have it yet. */
  private keepOldPages(at: number, length: number): void {
    const last = Math.floor((at + length - 1) / MEDIA_PAGE_BYTES)
    for (let number = Math.floor(at / MEDIA_PAGE_BYTES); number <= last; number++) {
      const handed = this.handedIn(Math.floor(number / CHUNK_PAGES))
      const before = handed[number % CHUNK_PAGES]
      if (before === this.generation) continue
      let old: Uint8Array | undefined
      for (let i = this.above.length - 1; i >= 0 && this.above[i].generation > before; i--) {
        const medium = this.above[i]
        if (medium.page(number) !== undefined) continue
        if (old === undefined) this.readPage(number, (old = new Uint8Array(MEDIA_PAGE_BYTES)))
        const chunk = medium.writableChunk(Math.floor(number / CHUNK_PAGES))
        chunk.pages[number % CHUNK_PAGES] = old
      }
      handed[number % CHUNK_PAGES] = this.generation
    }
  }

  private handedIn(chunk: number): Float64Array {
    let handed = this.handed.get(chunk)
    if (handed === undefined) this.handed.set(chunk, (handed = new Float64Array(CHUNK_PAGES)))
    return handed
  }
}

/** @returns bytes in the pages that differ */
function visitDifferences(
  at: number,
  here: Uint8Array,
  there: Uint8Array,
  length: number,
  visit: (at: number, bytes: Uint8Array, address: number, length: number) => void,
): number {
  let count = 0
  for (let from = 0; from < length; from += MEDIA_PAGE_BYTES) {
    let to = from
    while (to < length && !samePage(here, there, to, Math.min(to + MEDIA_PAGE_BYTES, length))) to += MEDIA_PAGE_BYTES
    to = Math.min(to, length)
    if (to === from) continue
    visit(at + from, there, from, to - from)
    count += to - from
    from = to
  }
  return count
}

function samePage(a: Uint8Array, b: Uint8Array, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (a[i] !== b[i]) return false
  return true
}
