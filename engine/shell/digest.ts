import { md5 } from '@noble/hashes/legacy.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { COPY } from '../base/copy.ts'

/** What this needs of a hash under way. */
interface RunningHash {
  update(bytes: Uint8Array): unknown
  digest(): Uint8Array
  clone(): RunningHash
}

export type DigestName = 'sha256' | 'md5'

/** A checksum under way: state that can be copied in the middle. */
export class Digest {
  private readonly hash: RunningHash

  constructor(hash: RunningHash) {
    this.hash = hash
  }

  static begin(name: DigestName): Digest {
    return new Digest(name === 'sha256' ? sha256.create() : md5.create())
  }

  update(bytes: Uint8Array): void {
    this.hash.update(bytes)
  }

  /** Ends it. @returns the sum as hexadecimal digits. */
  hex(): string {
    return Array.from(this.hash.digest(), (byte) => byte.toString(16).padStart(2, '0')).join('')
  }

  [COPY](): object {
    return new Digest(this.hash.clone())
  }
}
