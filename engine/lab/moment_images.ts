/** What the disks of a recording held when it began, by hash: worked out piece by piece, while the machine goes on. */
import { sha256 } from '@noble/hashes/sha2.js'
import type { Media } from '../block/media.ts'
import { toHex } from './hash.ts'
import type { KeptMachine } from './machine.ts'

const PIECE_BYTES = 1 << 20

interface Image {
  readonly name: string
  readonly media: Media
}

export class MomentImages {
  /** By name; blank disks are left out. Complete once {@link work} says so. */
  readonly hashes: Record<string, string> = {}
  readonly #left: Image[]
  #hash = sha256.create()
  #at = 0
  #isBlank = true

  /** @param beginning the machine before its first line */
  constructor({ machine }: KeptMachine) {
    this.#left = machine.recording.disks.flatMap(({ name }) => {
      const media = machine.media(name)
      return media === undefined ? [] : [{ name, media: media.snapshot() }]
    })
  }

  /** @returns whether all is done */
  work(maxBytes: number): boolean {
    for (let left = maxBytes; left > 0 && this.#left.length > 0; left -= PIECE_BYTES) this.#piece(this.#left[0])
    return this.#left.length === 0
  }

  #piece({ name, media }: Image): void {
    const piece = new Uint8Array(Math.min(PIECE_BYTES, media.sizeBytes - this.#at))
    media.read(this.#at, piece, 0, piece.length)
    this.#isBlank &&= piece.every((byte) => byte === 0)
    this.#hash.update(piece)
    this.#at += piece.length
    if (this.#at < media.sizeBytes) return
    if (!this.#isBlank) this.hashes[name] = toHex(this.#hash.digest())
    media.release()
    this.#left.shift()
    this.#hash = sha256.create()
    this.#at = 0
    this.#isBlank = true
  }
}
