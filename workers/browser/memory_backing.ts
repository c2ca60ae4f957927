import { SHARED } from '../../engine/base/copy.ts'
import type { Backing } from '../../engine/block/backing.ts'

const PIECE_BYTES = 65536

/** Bytes in memory, where the browser keeps no files: gone with the tab. Only what was written takes room. */
export class MemoryBacking implements Backing {
  readonly [SHARED] = true
  readonly sizeBytes: number
  readonly #pieces = new Map<number, Uint8Array>()

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes
  }

  read(at: number, into: Uint8Array): void {
    this.#overPieces(at, into.length, (number, offset, done, count) => {
      const piece = this.#pieces.get(number)
      if (piece === undefined) into.fill(0, done, done + count)
      else into.set(piece.subarray(offset, offset + count), done)
    })
  }

  write(at: number, from: Uint8Array): void {
    this.#overPieces(at, from.length, (number, offset, done, count) => {
      let piece = this.#pieces.get(number)
      if (piece === undefined) this.#pieces.set(number, (piece = new Uint8Array(PIECE_BYTES)))
      piece.set(from.subarray(done, done + count), offset)
    })
  }

  flush(): void {
    // There is nothing safer than this to put the bytes into.
  }

  #overPieces(
    at: number,
    length: number,
    visit: (number: number, offset: number, done: number, count: number) => void,
  ): void {
    if (at < 0 || at + length > this.sizeBytes)
      throw new RangeError(`bytes ${at} to ${at + length} of ${this.sizeBytes}`)
    for (let done = 0; done < length;) {
      const number = Math.floor((at + done) / PIECE_BYTES)
      const offset = at + done - number * PIECE_BYTES
      const count = Math.min(length - done, PIECE_BYTES - offset)
      visit(number, offset, done, count)
      done += count
    }
  }
}
