import { md5, sha1 } from '@noble/hashes/legacy.js'
import { sha224, sha256, sha384, sha512 } from '@noble/hashes/sha2.js'
import { crc32c } from './crc32c.ts'
import type { DigestName, Digests } from './digests.ts'

const ALL_ONES = 0xffffffff
const HASHES = { md5, sha1, sha224, sha256, sha384, sha512 }

/** Checksums in plain JavaScript: the fallback, and the twin that the WebAssembly ones are compared with. */
class PlainDigests implements Digests {
  of(name: DigestName, pieces: readonly Uint8Array[]): Uint8Array {
    if (name === 'crc32c') return crc32cOf(pieces)
    const hash = HASHES[name].create()
    for (const piece of pieces) hash.update(piece)
    return hash.digest()
  }
}

function crc32cOf(pieces: readonly Uint8Array[]): Uint8Array {
  let value = ALL_ONES
  for (const piece of pieces) value = crc32c(value, piece)
  value = ~value
  return Uint8Array.of(value, value >>> 8, value >>> 16, value >>> 24)
}

export const plainDigests: Digests = new PlainDigests()
