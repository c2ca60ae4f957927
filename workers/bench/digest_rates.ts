/** How fast blocks are summed: by what the engine uses, in plain JavaScript, by other packages, and by native code. */
import { digest as asSha256 } from '@chainsafe/as-sha256'
import sodium from 'libsodium-wrappers-sumo'
import { createHash } from 'node:crypto'
import { DIGESTS, type DigestName } from '../../engine/base/digests.ts'
import { plainDigests } from '../../engine/base/plain_digests.ts'
import '../wasm/wasm_digests.ts'
import type { Row } from './bench.ts'
import { measureByTurns } from './measure.ts'

const ROUNDS = 15
const TURN_BYTES = 4 << 20
const SALT_BYTES = 32
const BLOCK_BYTES = 4096
const SECTOR_BYTES = 512

/** Sums a salt and a block. */
type Sum = (salt: Uint8Array, block: Uint8Array) => unknown

interface Rival {
  readonly name: string
  readonly sum: Sum
  readonly floor: number | null
}

const plain = (digest: DigestName, floor: number | null): Rival => ({
  name: 'plain JavaScript (@noble/hashes)',
  sum: (salt, block) => plainDigests.of(digest, [salt, block]),
  floor,
})

const native = (digest: DigestName): Rival => ({
  name: 'native (node:crypto)',
  sum: (salt, block) => createHash(digest).update(salt).update(block).digest(),
  floor: null,
})

/** For packages that take one piece. */
const joined = (name: string, hash: (bytes: Uint8Array) => unknown): Rival => {
  const both = new Uint8Array(SALT_BYTES + BLOCK_BYTES)
  return {
    name,
    sum: (salt, block) => {
      both.set(salt)
      both.set(block, salt.length)
      return hash(both.subarray(0, salt.length + block.length))
    },
    floor: null,
  }
}

export async function digestRows(): Promise<Row[]> {
  await sodium.ready
  const sodium256 = joined('libsodium', (bytes) => sodium.crypto_hash_sha256(bytes))
  const sodium512 = joined('libsodium', (bytes) => sodium.crypto_hash_sha512(bytes))
  const chainsafe = joined('@chainsafe/as-sha256', asSha256)
  const rivals: [DigestName, number, Rival[]][] = [
    ['crc32c', SECTOR_BYTES, [{ ...plain('crc32c', 1), name: 'plain JavaScript' }]],
    ['crc32c', BLOCK_BYTES, [{ ...plain('crc32c', 1), name: 'plain JavaScript' }]],
    ['sha1', BLOCK_BYTES, [plain('sha1', 1), native('sha1')]],
    ['sha256', SECTOR_BYTES, [plain('sha256', 1), sodium256, chainsafe, native('sha256')]],
    ['sha256', BLOCK_BYTES, [plain('sha256', 1), sodium256, chainsafe, native('sha256')]],
    ['sha512', BLOCK_BYTES, [plain('sha512', 1), sodium512, native('sha512')]],
  ]
  const rows: Row[] = []
  for (const [digest, bytes, others] of rivals) rows.push(...(await compare(digest, bytes, others)))
  return rows
}

async function compare(digest: DigestName, bytes: number, rivals: readonly Rival[]): Promise<Row[]> {
  const salt = new Uint8Array(SALT_BYTES)
  const block = Uint8Array.from({ length: bytes }, (_, i) => i)
  const ours: Sum = () => DIGESTS.known.of(digest, [salt, block])
  const times = TURN_BYTES / bytes
  const works = [ours, ...rivals.map(({ sum }) => sum)].map((sum) => ({
    work: () => {
      for (let i = 0; i < times; i++) sum(salt, block)
    },
  }))
  const [own, ...others] = await measureByTurns(ROUNDS, works)
  const rate = (seconds: number): string => `${(TURN_BYTES / seconds / 1e6).toFixed(0)} MB/s`
  return rivals.map(({ name, floor }, i) => ({
    what: `${digest} of ${bytes} bytes and a salt: hash-wasm, ${name}`,
    ours: rate(own),
    theirs: rate(others[i]),
    ratio: others[i] / own,
    floor,
  }))
}
