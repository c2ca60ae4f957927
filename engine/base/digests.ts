import { plainDigests } from './plain_digests.ts'

/** Checksums by the names the kernel's crypto knows them by. `crc32c` is the usual one, inverted, its lowest byte first. */
export type DigestName = 'crc32c' | 'md5' | 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512'

/** How many bytes each has. */
export const DIGEST_BYTES: Readonly<Record<DigestName, number>> = {
  crc32c: 4,
  md5: 16,
  sha1: 20,
  sha224: 28,
  sha256: 32,
  sha384: 48,
  sha512: 64,
}

export function isDigestName(name: string): name is DigestName {
  return Object.hasOwn(DIGEST_BYTES, name)
}

/** Computes checksums, at once. */
export interface Digests {
  /**
   * @param pieces what is summed, one after the other: a salt and a block, a place and a sector
   * @returns the sum, {@link DIGEST_BYTES} long, in an array of its own
   */
  of(name: DigestName, pieces: readonly Uint8Array[]): Uint8Array
}

/** What computes checksums here: the fastest that the host has brought up, and plain JavaScript until then. Both give the same. */
class DigestsRegistry {
  private best: Digests = plainDigests

  learn(digests: Digests): void {
    this.best = digests
  }

  get known(): Digests {
    return this.best
  }
}

export const DIGESTS = new DigestsRegistry()

/** @see Digests.of */
export function digestOf(name: DigestName, pieces: readonly Uint8Array[]): Uint8Array {
  return DIGESTS.known.of(name, pieces)
}
