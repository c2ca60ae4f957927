/** Bytes that a file did not take: pages in memory over the bytes below them. */
const PAGE_BYTES = 4096

/** Reads what is below; fills `into` from the bytes at `at`. */
type ReadBelow = (at: number, into: Uint8Array<ArrayBuffer>) => void

export class PageOverlay {
  readonly #pages = new Map<number, Uint8Array<ArrayBuffer>>()
  readonly #below: ReadBelow
  readonly #sizeBytes: number

  constructor(sizeBytes: number, below: ReadBelow) {
    this.#sizeBytes = sizeBytes
    this.#below = below
  }

  get bytes(): number {
    return this.#pages.size * PAGE_BYTES
  }

  /** The pages, and where each begins. */
  *pieces(): Iterable<readonly [number, Uint8Array<ArrayBuffer>]> {
    for (const [number, page] of this.#pages) yield [number * PAGE_BYTES, page]
  }

  /** Puts what is here over what was read below. */
  cover(at: number, into: Uint8Array): void {
    this.#overPages(at, into.length, (number, offset, done, count) => {
      const page = this.#pages.get(number)
      if (page !== undefined) into.set(page.subarray(offset, offset + count), done)
    })
  }

  write(at: number, from: Uint8Array): void {
    this.#overPages(at, from.length, (number, offset, done, count) => {
      let page = this.#pages.get(number)
      if (page === undefined) {
        const first = number * PAGE_BYTES
        page = new Uint8Array(Math.min(PAGE_BYTES, this.#sizeBytes - first))
        if (count < page.length) this.#below(first, page)
        this.#pages.set(number, page)
      }
      page.set(from.subarray(done, done + count), offset)
    })
  }

  #overPages(
    at: number,
    length: number,
    visit: (number: number, offset: number, done: number, count: number) => void,
  ): void {
    for (let done = 0; done < length;) {
      const number = Math.floor((at + done) / PAGE_BYTES)
      const offset = at + done - number * PAGE_BYTES
      const count = Math.min(length - done, PAGE_BYTES - offset)
      visit(number, offset, done, count)
      done += count
    }
  }
}
