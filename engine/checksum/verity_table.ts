/** The words of a verity line, and why some are refused. @source verity_ctr, drivers/md/dm-verity-target.c, 6.1 */
import { DIGEST_BYTES, isDigestName } from '../base/digests.ts'
import { fail, ok, type Failure, type Result } from '../base/errno.ts'
import type { BlockDevice } from '../block/device.ts'
import { readNumber } from '../dm/arguments.ts'
import type { DmTable } from '../dm/table.ts'
import { bytesOfHex, HashTree, treeProblem } from './hash_tree.ts'

/** What happens when something is found to be wrong. */
export type CorruptionMode = 'fail' | 'ignore_corruption' | 'restart_on_corruption' | 'panic_on_corruption'

const MODES: readonly string[] = ['ignore_corruption', 'restart_on_corruption', 'panic_on_corruption']

const SECTOR_BYTES = 512
const PAGE_BYTES = 4096
const INT_MAX = 2 ** 31 - 1
const WORDS = 10
/** The most words that may follow the number of optional ones. */
const FEATURES_MAX = 14
/** In place of a root hash, where there may be none. */
export const NO_ROOT = '-'

export interface VerityTable {
  readonly tree: HashTree
  readonly data: BlockDevice
  readonly hashes: BlockDevice
  /** Null where the topmost block is taken for right. */
  readonly root: Uint8Array | null
  readonly mode: CorruptionMode
  readonly ignoresZeroBlocks: boolean
  readonly checksAtMostOnce: boolean
  /** The kernel checks where the read ends, if it can; there is no difference here but the word. */
  readonly triesTasklet: boolean
}

const refused = (message: string): Failure => fail('EINVAL', message)

/**
 * Reads TYPE DATA HASH DATABYTES HASHBYTES BLOCKS START ALGORITHM ROOT SALT [COUNT FEATURES...].
 * @param mayLackRoot `-` may stand for the root
 * @errors EINVAL; ENOENT for an unknown algorithm; E2BIG for a tree that the hash device has no room for; errors of {@link DmTable.open}
 */
export function parseVerityTable(
  table: DmTable,
  sectors: number,
  args: readonly string[],
  mayLackRoot: boolean,
): Result<VerityTable> {
  if (args.length < WORDS) {
    return refused(
      'wants TYPE DATA HASH DATABYTES HASHBYTES BLOCKS START ALGORITHM ROOT SALT [COUNT FEATURES...], ' +
        `not ${args.length} words`,
    )
  }
  if (args[0] !== '0' && args[0] !== '1') return refused(`the type must be 0 or 1, not ${args[0]}`)
  const data = table.open(args[1])
  if (!data.ok) return data
  const hashes = table.open(args[2])
  if (!hashes.ok) return hashes
  const dataBlockBytes = blockBytes(args[3], PAGE_BYTES)
  if (dataBlockBytes === null) {
    return refused(`a data block must be a power of 2 from ${SECTOR_BYTES} to ${PAGE_BYTES} bytes, not ${args[3]}`)
  }
  const hashBlockBytes = blockBytes(args[4], INT_MAX)
  if (hashBlockBytes === null) {
    return refused(`a hash block must be a power of 2 from ${SECTOR_BYTES} bytes, not ${args[4]}`)
  }
  const dataBlocks = blockNumber(args[5], dataBlockBytes)
  if (dataBlocks === null) return refused(`a number of data blocks was wanted, not ${args[5]}`)
  if (sectors > (dataBlocks * dataBlockBytes) / SECTOR_BYTES) {
    return refused(`${dataBlocks} data blocks are fewer than the ${sectors} sectors of the line`)
  }
  const start = blockNumber(args[6], hashBlockBytes)
  if (start === null) return refused(`the number of the first hash block was wanted, not ${args[6]}`)
  const algorithm = args[7]
  if (!isDigestName(algorithm)) return fail('ENOENT', `there is no ${algorithm}; there are ${KNOWN_DIGESTS}`)
  if (hashBlockBytes < 2 * DIGEST_BYTES[algorithm]) {
    return refused(`two ${algorithm} sums do not fit into ${hashBlockBytes} bytes`)
  }
  const root = mayLackRoot && args[8] === NO_ROOT ? null : bytesOfHex(args[8])
  if (root !== null ? root.length !== DIGEST_BYTES[algorithm] : !mayLackRoot || args[8] !== NO_ROOT) {
    return refused(`the root hash must have ${2 * DIGEST_BYTES[algorithm]} hexadecimal digits`)
  }
  const salt = args[9] === '-' ? new Uint8Array(0) : bytesOfHex(args[9])
  if (salt === null) return refused(`the salt must be hexadecimal digits, two for each byte, or -, not ${args[9]}`)
  const features = parseFeatures(args.slice(WORDS))
  if (!features.ok) return features
  const hashType = Number(args[0])
  const parameters = { hashType, algorithm, salt, dataBlockBytes, hashBlockBytes, dataBlocks, start }
  const problem = treeProblem(parameters)
  if (problem !== null) return fail('E2BIG', problem)
  const tree = new HashTree(parameters)
  if (Math.floor((hashes.value.sectors * SECTOR_BYTES) / hashBlockBytes) < tree.end) {
    return fail('E2BIG', `/dev/${hashes.value.name} must have ${tree.end} hash blocks, and is shorter`)
  }
  return ok({ tree, data: data.value, hashes: hashes.value, root, ...features.value })
}

const KNOWN_DIGESTS = Object.keys(DIGEST_BYTES).join(', ')

type Features = Pick<VerityTable, 'mode' | 'ignoresZeroBlocks' | 'checksAtMostOnce' | 'triesTasklet'>

/** @source verity_parse_opt_args, drivers/md/dm-verity-target.c, 6.1 */
function parseFeatures(words: readonly string[]): Result<Features> {
  let mode: CorruptionMode = 'fail'
  let [ignoresZeroBlocks, checksAtMostOnce, triesTasklet] = [false, false, false]
  if (words.length > 0) {
    const count = readNumber(words[0], 'the number of optional words', 0, FEATURES_MAX)
    if (!count.ok) return count
    if (count.value > words.length - 1) {
      return refused(`${count.value} optional words were announced, and ${words.length - 1} follow`)
    }
    for (const word of words.slice(1, 1 + count.value)) {
      const name = word.toLowerCase()
      if (MODES.includes(name)) {
        if (mode !== 'fail') return refused(`${mode} and ${name} contradict each other`)
        mode = name as CorruptionMode
      } else if (name === 'ignore_zero_blocks') ignoresZeroBlocks = true
      else if (name === 'check_at_most_once') checksAtMostOnce = true
      else if (name === 'try_verify_in_tasklet') triesTasklet = true
      else if (/^(use_fec_from_device|fec_blocks|fec_start|fec_roots)$/.test(name)) {
        return refused('error correction (FEC) is not simulated')
      } else if (name === 'root_hash_sig_key_desc') return refused('signatures of root hashes are not simulated')
      else return refused(`there is no option ${word}`)
    }
  }
  return ok({ mode, ignoresZeroBlocks, checksAtMostOnce, triesTasklet })
}

/** What `dmsetup table` shows behind the salt. */
export function featureWords({ mode, ignoresZeroBlocks, checksAtMostOnce, triesTasklet }: Features): string[] {
  const words: string[] = mode === 'fail' ? [] : [mode]
  if (ignoresZeroBlocks) words.push('ignore_zero_blocks')
  if (checksAtMostOnce) words.push('check_at_most_once')
  if (triesTasklet) words.push('try_verify_in_tasklet')
  return words
}

function blockBytes(word: string, most: number): number | null {
  const bytes = /^\d{1,10}$/.test(word) ? Number(word) : 0
  return bytes >= SECTOR_BYTES && bytes <= most && Number.isInteger(Math.log2(bytes)) ? bytes : null
}

/** A number of blocks whose sectors can be counted. */
function blockNumber(word: string, bytes: number): number | null {
  const number = /^\d+$/.test(word) ? Number(word) : Infinity
  return number * bytes <= Number.MAX_SAFE_INTEGER ? number : null
}
