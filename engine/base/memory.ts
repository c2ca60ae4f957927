/**
 * The page allocator of one machine: hands out runs of 4 KiB pages of its arena.
 *
 * A run is known by its byte address. Freed runs wait in bins by length, ready for the next of the same length; when the
 * top of the arena is reached the bins are merged and sorted anew. Nothing in here depends on anything but the sequence
 * of calls, and the contents of a fresh run are undefined: whoever allocates writes before he reads.
 */
import type { Arena } from './arena.ts'
import { assert } from './assert.ts'
import { COPY, SHARED } from './copy.ts'

export const PAGE_BYTES = 4096
const PAGE_WORDS = PAGE_BYTES / 4
const PIECE_WORDS = 16 * PAGE_WORDS

/**
 * The pages in use of a machine that is not running: what a kept copy holds. A page that has not changed since the copy before
 * is the very same object there, so that a row of copies costs what changed between them.
 */
export interface FrozenMemory {
  readonly [SHARED]: true
  /** Numbers of the pages, ascending. */
  readonly numbers: Uint32Array
  readonly pages: readonly Int32Array[]
}

/** What a frozen memory costs beside another one, in bytes; all of it where there is none. */
export function frozenBytes(frozen: FrozenMemory, beside: FrozenMemory | null): number {
  let bytes = frozen.pages.length * 8 + (frozen.numbers === beside?.numbers ? 0 : frozen.numbers.byteLength)
  let other = 0
  for (let i = 0; i < frozen.pages.length; i++) {
    const number = frozen.numbers[i]
    while (beside !== null && other < beside.numbers.length && beside.numbers[other] < number) other++
    if (beside === null || beside.numbers[other] !== number || beside.pages[other] !== frozen.pages[i]) {
      bytes += PAGE_BYTES
    }
  }
  return bytes
}

export class Memory {
  readonly arena: Arena
  readonly bytes: Uint8Array
  /** Per page: the length of the run that starts there, 0 elsewhere. */
  private runPages: Uint32Array
  /** Free runs: length in pages to addresses, last freed first out. */
  private bins: Map<number, number[]>
  private topPage: number
  usedPages: number
  /** What was frozen or thawed last: the pages that have not changed since are taken from there. */
  private last: FrozenMemory | null

  constructor(arena: Arena) {
    this.arena = arena
    this.bytes = arena.bytes
    this.runPages = new Uint32Array(1024)
    this.bins = new Map()
    // Page 0 stays free, so that address 0 can mean "no buffer".
    this.topPage = 1
    this.usedPages = 0
    this.last = null
  }

  /** @param bytes wanted; rounded up to whole pages. @returns the byte address of the run. */
  allocate(bytes: number): number {
    const pages = Math.max(1, Math.ceil(bytes / PAGE_BYTES))
    const bin = this.bins.get(pages)
    let page = bin === undefined || bin.length === 0 ? -1 : (bin.pop() as number) / PAGE_BYTES
    if (page < 0) page = this.grow(pages)
    this.runPages[page] = pages
    this.usedPages += pages
    return page * PAGE_BYTES
  }

  allocateZeroed(bytes: number): number {
    const address = this.allocate(bytes)
    this.bytes.fill(0, address, address + bytes)
    return address
  }

  free(address: number): void {
    const page = address / PAGE_BYTES
    const pages = this.runPages[page]
    assert(pages > 0, `free of ${address}, which is no buffer`)
    this.runPages[page] = 0
    this.usedPages -= pages
    this.putInBin(page, pages)
  }

  /** memcpy within the arena. */
  copy(to: number, from: number, bytes: number): void {
    this.bytes.copyWithin(to, from, from + bytes)
  }

  zero(address: number, bytes: number): void {
    this.bytes.fill(0, address, address + bytes)
  }

  equal(a: number, b: number, bytes: number): boolean {
    if (((a | b | bytes) & 15) === 0) return this.arena.parityIsZero([a, b], bytes)
    const all = this.bytes
    for (let i = 0; i < bytes; i++) if (all[a + i] !== all[b + i]) return false
    return true
  }

  /** Whether nothing but zeros is there. */
  isZero(address: number, bytes: number): boolean {
    if (((address | bytes) & 15) === 0) return this.arena.parityIsZero([address], bytes)
    const all = this.bytes
    for (let i = address; i < address + bytes; i++) if (all[i] !== 0) return false
    return true
  }

  /** The pages in use, packed away; the graph copy that belongs to it is made with an inert arena. */
  freeze(): FrozenMemory {
    const { last, bytes } = this
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
    const numbers = new Uint32Array(this.usedPages)
    const pages = new Array<Int32Array>(this.usedPages)
    const fresh = new FreshPages()
    let count = 0
    let before = 0
    for (let start = 1; start < this.topPage; start++) {
      const end = start + this.runPages[start]
      for (let number = start; number < end; number++) {
        let old: Int32Array | null = null
        if (last !== null) {
          while (before < last.numbers.length && last.numbers[before] < number) before++
          if (last.numbers[before] === number) old = last.pages[before]
        }
        const at = number * PAGE_WORDS
        numbers[count] = number
        pages[count++] = old !== null && holds(words, at, old) ? old : fresh.copy(words, at)
      }
    }
    const frozen = { [SHARED]: true as const, numbers: sameNumbers(numbers, last), pages }
    this.last = frozen
    return frozen
  }

  /** Fills this machine's arena from what {@link freeze} packed. */
  thaw(frozen: FrozenMemory): void {
    const { bytes } = this
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2)
    frozen.pages.forEach((page, i) => words.set(page, frozen.numbers[i] * PAGE_WORDS))
    this.last = frozen
  }

  /** The bookkeeping alone, on the arena that the map of copies names for this one's. */
  [COPY](copies: Map<object, object>): object {
    const copy = new Memory((copies.get(this.arena) as Arena | undefined) ?? this.arena)
    copy.runPages = this.runPages.slice()
    copy.bins = new Map([...this.bins].map(([pages, addresses]) => [pages, addresses.slice()]))
    copy.topPage = this.topPage
    copy.usedPages = this.usedPages
    copy.last = this.last
    return copy
  }

  private grow(pages: number): number {
    if ((this.topPage + pages) * PAGE_BYTES > this.bytes.length) {
      const merged = this.mergeBins(pages)
      assert(merged >= 0, `out of memory: ${pages} pages wanted, ${this.usedPages} in use`)
      return merged
    }
    const page = this.topPage
    this.topPage += pages
    if (this.topPage > this.runPages.length) {
      const larger = new Uint32Array(Math.max(this.topPage, this.runPages.length * 2))
      larger.set(this.runPages)
      this.runPages = larger
    }
    return page
  }

  private putInBin(page: number, pages: number): void {
    const bin = this.bins.get(pages)
    if (bin === undefined) this.bins.set(pages, [page * PAGE_BYTES])
    else bin.push(page * PAGE_BYTES)
  }

  /** Merges neighbouring free runs, and takes one of `wanted` pages out of the first that is long enough; -1 if none. */
  private mergeBins(wanted: number): number {
    this.bins.clear()
    let found = -1
    let page = 1
    while (page < this.topPage) {
      if (this.runPages[page] > 0) {
        page += this.runPages[page]
        continue
      }
      let end = page + 1
      while (end < this.topPage && this.runPages[end] === 0) end++
      let start = page
      if (found < 0 && end - page >= wanted) {
        found = page
        start += wanted
      }
      if (end > start) this.putInBin(start, end - start)
      page = end
    }
    return found
  }
}

/** Copies of pages that changed together, and are forgotten together: a few in one piece, which is quicker than each by itself. */
class FreshPages {
  private piece: Int32Array
  private used: number

  constructor() {
    this.piece = new Int32Array(0)
    this.used = 0
  }

  copy(words: Int32Array, at: number): Int32Array {
    if (this.used === this.piece.length) {
      this.piece = new Int32Array(Math.min(PIECE_WORDS, Math.max(PAGE_WORDS, this.piece.length * 2)))
      this.used = 0
    }
    const page = this.piece.subarray(this.used, this.used + PAGE_WORDS)
    this.used += PAGE_WORDS
    page.set(words.subarray(at, at + PAGE_WORDS))
    return page
  }
}

/** Whether the page at index `at` of the arena is still what it was. */
function holds(words: Int32Array, at: number, page: Int32Array): boolean {
  for (let i = 0; i < PAGE_WORDS; i += 4) {
    const from = at + i
    const differs =
      (words[from] ^ page[i]) |
      (words[from + 1] ^ page[i + 1]) |
      (words[from + 2] ^ page[i + 2]) |
      (words[from + 3] ^ page[i + 3])
    if (differs !== 0) return false
  }
  return true
}

/** The numbers of the copy before where they are the same, so that they are there once. */
function sameNumbers(numbers: Uint32Array, last: FrozenMemory | null): Uint32Array {
  if (last === null || last.numbers.length !== numbers.length) return numbers
  return numbers.every((number, i) => number === last.numbers[i]) ? last.numbers : numbers
}
