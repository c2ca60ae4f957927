/** The bytes that are seen on the map, and no others: asked of the machine as the window moves and as time goes on. */
import type { Peeked } from './engine_port.ts'

/** So often at most the same bytes are asked for again while the machine moves, in milliseconds of real time. */
const PERIOD = 120

export type Peek = (disk: string, sector: number, sectors: number) => Promise<Peeked | undefined>

export interface ByteWish {
  readonly disk: string
  readonly sector: number
  readonly sectors: number
}

/** Sectors of a disk as they were when they were read. */
export interface SeenBytes {
  readonly sector: number
  readonly sectors: number
  readonly newest: Uint8Array
  readonly media: Uint8Array
  readonly isCached: Uint8Array
}

interface Known {
  bytes: SeenBytes | undefined
  moment: unknown
  askedAt: number
  isAsked: boolean
}

export class ByteWindow {
  readonly #known = new Map<string, Known>()
  readonly #peek: Peek
  readonly #arrived: () => void

  /** @param arrived is called when there are other bytes than before */
  constructor(peek: Peek, arrived: () => void) {
    this.#peek = peek
    this.#arrived = arrived
  }

  /**
   * What is to be seen now.
   * @param moment what is the same for as long as the machine stands still
   * @param real milliseconds of real time
   */
  want(wishes: readonly ByteWish[], moment: unknown, real: number): void {
    for (const disk of this.#known.keys()) {
      if (!wishes.some((wish) => wish.disk === disk)) this.#known.delete(disk)
    }
    for (const wish of wishes) this.#wantOne(wish, moment, real)
  }

  #wantOne({ disk, sector, sectors }: ByteWish, moment: unknown, real: number): void {
    let known = this.#known.get(disk)
    if (!known) this.#known.set(disk, (known = { bytes: undefined, moment, askedAt: -Infinity, isAsked: false }))
    const own = known
    if (own.isAsked) return
    const { bytes } = own
    const isCovered = bytes && bytes.sector <= sector && bytes.sector + bytes.sectors >= sector + sectors
    if (isCovered && (own.moment === moment || real - own.askedAt < PERIOD)) return
    own.isAsked = true
    own.askedAt = real
    own.moment = moment
    const done = (peeked: Peeked | undefined): void => {
      own.isAsked = false
      if (!peeked || this.#known.get(disk) !== own) return
      const { media, newest, isCached } = peeked
      // A disk that ends within what was asked for has no more to give.
      own.bytes = { sector: peeked.sector, sectors: Math.max(sectors, isCached.length), media, newest, isCached }
      this.#arrived()
    }
    this.#peek(disk, sector, sectors).then(done, () => done(undefined))
  }

  /** What is known of a disk. */
  of(disk: string): SeenBytes | undefined {
    return this.#known.get(disk)?.bytes
  }
}

/** A byte as a read would get it, and whether the medium has another one; undefined where it is not known. */
export function byteAt(
  bytes: SeenBytes | undefined,
  diskByte: number,
): { readonly value: number; readonly isNewer: boolean; readonly isCached: boolean } | undefined {
  if (!bytes) return undefined
  const at = diskByte - bytes.sector * 512
  if (at < 0 || at >= bytes.newest.length) return undefined
  const value = bytes.newest[at]
  return { value, isNewer: bytes.media[at] !== value, isCached: bytes.isCached[Math.floor(at / 512)] === 1 }
}
