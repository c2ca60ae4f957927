import { fail, ok, type Result } from '../base/errno.ts'
import { bytes, pad, struct, text, u16, u32, u64, type RecordOf } from './struct.ts'

/**
 * The superblock of a verity device: what `veritysetup` must know to activate it, but for the root hash, which has to come from elsewhere.
 * The kernel never looks at it. It lies at the hash offset; the tree begins with the first whole hash block behind it.
 */
export const VERITY_SUPERBLOCK = struct('verity_sb', 512, {
  signature: bytes(0, 8, '"verity" and two NULs'),
  version: u32(8, '1'),
  hash_type: u32(12, '1 normal, 0 as in Chrome OS'),
  uuid: bytes(16, 16, 'UUID of the hash device'),
  algorithm: text(32, 32, 'name of the hash'),
  data_block_size: u32(64, 'bytes of a data block'),
  hash_block_size: u32(68, 'bytes of a hash block'),
  data_blocks: u64(72, 'data blocks that the tree covers'),
  salt_size: u16(80, 'bytes of the salt'),
  pad0: pad(82, 6),
  salt: bytes(88, 256, 'the salt, zeros behind it'),
  pad1: pad(344, 168),
})

export type VeritySuperblock = RecordOf<typeof VERITY_SUPERBLOCK>

export const VERITY_SB_BYTES = 512
export const VERITY_SALT_MAX = 256
/** What a superblock begins with. */
export const VERITY_SIGNATURE = Uint8Array.of(0x76, 0x65, 0x72, 0x69, 0x74, 0x79, 0, 0)

const VERSION = 1
const BLOCK_BYTES_MIN = 512
const BLOCK_BYTES_MAX = 512 * 1024

/** Whether `veritysetup` takes blocks of this size. */
export function isVerityBlockSize(size: number): boolean {
  return size >= BLOCK_BYTES_MIN && size <= BLOCK_BYTES_MAX && size % 512 === 0 && Number.isInteger(Math.log2(size))
}

/**
 * @param block 512 bytes, whatever they are
 * @errors EINVAL with the reason; '' for one that is no verity superblock at all
 * @source VERITY_read_sb, lib/verity/verity.c, cryptsetup 2.6.1
 */
export function readVeritySuperblock(block: Uint8Array): Result<VeritySuperblock> {
  if (!VERITY_SIGNATURE.every((byte, i) => block[i] === byte)) return fail('EINVAL', '')
  if (VERITY_SUPERBLOCK.unreadable(block) !== undefined) return fail('EINVAL', 'Too many data blocks.')
  const sb = VERITY_SUPERBLOCK.read(block)
  if (sb.version !== VERSION) return fail('EINVAL', `Unsupported VERITY version ${sb.version | 0}.`)
  if (sb.hash_type > 1) return fail('EINVAL', `Unsupported VERITY hash type ${sb.hash_type | 0}.`)
  if (!isVerityBlockSize(sb.data_block_size) || !isVerityBlockSize(sb.hash_block_size)) {
    return fail('EINVAL', 'Unsupported VERITY block size.')
  }
  if (sb.salt_size > VERITY_SALT_MAX) return fail('EINVAL', 'VERITY header corrupted.')
  return ok(sb)
}

/** What of a superblock is its owner's to say. */
export interface VerityIdentity {
  readonly hashType: number
  readonly uuid: Uint8Array
  readonly algorithm: string
  readonly dataBlockBytes: number
  readonly hashBlockBytes: number
  readonly dataBlocks: number
  readonly salt: Uint8Array
}

/** The 512 bytes. The name of the hash is written in small letters. */
export function encodeVeritySuperblock(identity: VerityIdentity): Uint8Array {
  const block = new Uint8Array(VERITY_SB_BYTES)
  const salt = new Uint8Array(VERITY_SALT_MAX)
  salt.set(identity.salt)
  VERITY_SUPERBLOCK.write(block, 0, {
    signature: VERITY_SIGNATURE,
    version: VERSION,
    hash_type: identity.hashType,
    uuid: identity.uuid,
    algorithm: identity.algorithm.toLowerCase(),
    data_block_size: identity.dataBlockBytes,
    hash_block_size: identity.hashBlockBytes,
    data_blocks: identity.dataBlocks,
    salt_size: identity.salt.length,
    salt,
  })
  return block
}

/**
 * The first hash block of the tree.
 * @param offset of the superblock in bytes, or of the tree where there is none
 * @source VERITY_hash_offset_block, lib/verity/verity.c, cryptsetup 2.6.1
 */
export function verityTreeStart(offset: number, hashBlockBytes: number, hasSuperblock: boolean): number {
  if (!hasSuperblock) return Math.floor(offset / hashBlockBytes)
  return Math.ceil((offset + VERITY_SB_BYTES) / hashBlockBytes)
}
