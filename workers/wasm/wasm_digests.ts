/** Checksums in WebAssembly. Whoever imports this has them when the import is done; a host without WebAssembly keeps the plain ones. */
import {
  createCRC32,
  createMD5,
  createSHA1,
  createSHA224,
  createSHA256,
  createSHA384,
  createSHA512,
  type IHasher,
} from 'hash-wasm'
import { DIGESTS, type DigestName, type Digests } from '../../engine/base/digests.ts'

/** The polynomial of CRC-32C, its bits reversed. */
const CASTAGNOLI = 0x82f63b78

export class WasmDigests implements Digests {
  readonly #hashers: Readonly<Record<DigestName, IHasher>>

  private constructor(hashers: Readonly<Record<DigestName, IHasher>>) {
    this.#hashers = hashers
  }

  /** @errors rejects where the host compiles no WebAssembly */
  static async start(): Promise<WasmDigests> {
    const [crc32c, md5, sha1, sha224, sha256, sha384, sha512] = await Promise.all([
      createCRC32(CASTAGNOLI),
      createMD5(),
      createSHA1(),
      createSHA224(),
      createSHA256(),
      createSHA384(),
      createSHA512(),
    ])
    return new WasmDigests({ crc32c, md5, sha1, sha224, sha256, sha384, sha512 })
  }

  of(name: DigestName, pieces: readonly Uint8Array[]): Uint8Array {
    const hasher = this.#hashers[name].init()
    for (const piece of pieces) hasher.update(piece)
    const digest = hasher.digest('binary')
    // The package gives the number as it is written, highest byte first.
    return name === 'crc32c' ? digest.reverse() : digest
  }
}

await WasmDigests.start().then(
  (digests) => DIGESTS.learn(digests),
  () => undefined,
)
