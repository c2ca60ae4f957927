/** The hash tree of a device as a view shows it: what the cache has, what fits, and what a power cut now would leave. */
import { Disk } from '../block/disk.ts'
import type { BlockDevice } from '../block/device.ts'
import { READING } from '../bufio/buffer.ts'
import { DIRTY, WRITING } from '../bufio/buffer.ts'
import { HashtreeTarget } from '../checksum/hashtree_target.ts'
import { digestHex, sameDigest, type HashTree } from '../checksum/hash_tree.ts'
import { TreeTarget, VERIFIED } from '../checksum/tree_target.ts'
import type { Machine } from '../lab/machine.ts'

/** What is true of a block. */
export const TREE_CACHED = 1
/** It was summed up, and fitted; it is not summed up again while it is in the cache. */
export const TREE_VERIFIED = 2
/** It is newer in memory than on the disk. */
export const TREE_DIRTY = 4
/** A read of it, or of anything below it, fails. */
export const TREE_FAILS = 8
/** It would, if the power failed now and nothing of the disks' caches survived. */
export const TREE_WOULD_FAIL = 16

export interface TreeLevel {
  /** Its first hash block. */
  readonly start: number
  /** Of each block the flags above. */
  readonly blocks: Uint8Array
}

export interface HashTreeLook {
  readonly type: 'verity' | 'hashtree'
  readonly algorithm: string
  readonly dataBlockBytes: number
  readonly hashBlockBytes: number
  /** Log2 of how many sums a hash block has. */
  readonly bitsPerBlock: number
  /** Hexadecimal; null where nobody gave one, and none was computed. */
  readonly root: string | null
  /** Something was found wrong since the table was loaded. */
  readonly isCorrupted: boolean
  /** The topmost first. */
  readonly levels: readonly TreeLevel[]
  /** Of each data block the flags above. */
  readonly data: Uint8Array
  /** The data blocks that were written last. */
  readonly lastWrite: { readonly first: number; readonly count: number } | null
  /** How many data blocks fail now, and would after a cut; null where the bytes were not looked at. */
  readonly failing: number | null
  readonly failingAfterCut: number | null
  /** Why the bytes were not looked at, or ''. */
  readonly unknown: string
}

/** More bytes are not summed up for a look. */
const BYTES_MAX = 8 << 20

/** @returns null where there is no such device, or it has no hash tree */
export function hashTreeLook(machine: Machine, mapped: string): HashTreeLook | null {
  const target = machine.kernel.dm.find(mapped)?.active?.targets.find((one) => one instanceof TreeTarget)
  if (target === undefined) return null
  const { tree, root, isCorrupted } = target
  const { algorithm, dataBlockBytes, hashBlockBytes, dataBlocks } = tree.parameters
  const levels = tree.levelBlocks.map((count, level) => ({
    start: tree.levelStart[level],
    blocks: new Uint8Array(count),
  }))
  const data = new Uint8Array(dataBlocks)
  markCached(target, levels)
  const unknown = whyUnknown(target)
  const isWritten = target instanceof HashtreeTarget
  let failing: number | null = null
  let failingAfterCut: number | null = null
  if (unknown === '') {
    const now = newestBytes(machine, target)
    failing = markFailing(tree, now, root, levels, data, TREE_FAILS)
    const after = mediaBytes(machine, target)
    // Of a tree that is written the last root is lost with the memory, and the topmost block is all there is.
    failingAfterCut = markFailing(tree, after, isWritten ? null : root, levels, data, TREE_WOULD_FAIL)
  }
  return {
    type: isWritten ? 'hashtree' : 'verity',
    algorithm,
    dataBlockBytes,
    hashBlockBytes,
    bitsPerBlock: tree.bitsPerBlock,
    root: root === null ? null : digestHex(root),
    isCorrupted,
    levels: levels.reverse(),
    data,
    lastWrite: isWritten ? target.lastWrite : null,
    failing,
    failingAfterCut,
    unknown,
  }
}

function markCached(target: TreeTarget, levels: readonly TreeLevel[]): void {
  const { tree, client } = target
  for (const list of [0, 1] as const) {
    for (const { block, aux, state } of client.listOf(list).oldestFirst()) {
      const level = tree.levelOf(block)
      if (level < 0 || state === READING) continue
      let flags = TREE_CACHED
      if (aux === VERIFIED) flags |= TREE_VERIFIED
      if ((state & (DIRTY | WRITING)) !== 0) flags |= TREE_DIRTY
      levels[level].blocks[block - levels[level].start] = flags
    }
  }
}

function whyUnknown({ tree, line }: TreeTarget): string {
  const { dataBlocks, dataBlockBytes, hashBlockBytes } = tree.parameters
  if (!(line.data instanceof Disk) || !(line.hashes instanceof Disk)) {
    return 'which blocks fit is only looked up where data and hashes lie on disks themselves'
  }
  if (dataBlocks * dataBlockBytes + tree.end * hashBlockBytes > BYTES_MAX) {
    return `which blocks fit is only looked up on devices of up to ${BYTES_MAX >> 20} MiB`
  }
  return ''
}

interface TreeBytes {
  readonly data: Uint8Array
  readonly hashes: Uint8Array
}

/** What would be there after a cut that keeps nothing. */
function mediaBytes(machine: Machine, { line, tree }: TreeTarget): TreeBytes {
  const { dataBlocks, dataBlockBytes, hashBlockBytes } = tree.parameters
  const read = (device: BlockDevice, bytes: number): Uint8Array => {
    const found = new Uint8Array(bytes)
    machine.media(device.name)?.read(0, found, 0, bytes)
    return found
  }
  return { data: read(line.data, dataBlocks * dataBlockBytes), hashes: read(line.hashes, tree.end * hashBlockBytes) }
}

/** What reads get: the disks' caches over the media, and the hash blocks that are in memory. */
function newestBytes(machine: Machine, target: TreeTarget): TreeBytes {
  const found = mediaBytes(machine, target)
  const { line, client, tree } = target
  const { memory } = machine.sim
  for (const [device, bytes] of [
    [line.data, found.data],
    [line.hashes, found.hashes],
  ] as const) {
    for (const { page, address, mask } of machine.disk(device.name)?.cache.pages.values() ?? []) {
      for (let i = 0; i < 8; i++) {
        const at = (page * 8 + i) * 512
        if ((mask & (1 << i)) === 0 || at + 512 > bytes.length) continue
        bytes.set(memory.bytes.subarray(address + i * 512, address + (i + 1) * 512), at)
      }
    }
  }
  const { hashBlockBytes } = tree.parameters
  for (const list of [0, 1] as const) {
    for (const { block, address, state } of client.listOf(list).oldestFirst()) {
      if (state === READING || tree.levelOf(block) < 0) continue
      found.hashes.set(memory.bytes.subarray(address, address + hashBlockBytes), block * hashBlockBytes)
    }
  }
  return found
}

/** Marks what does not fit, from the top down. @returns how many data blocks */
function markFailing(
  tree: HashTree,
  { data, hashes }: TreeBytes,
  root: Uint8Array | null,
  levels: readonly TreeLevel[],
  dataFlags: Uint8Array,
  flag: number,
): number {
  const { dataBlocks, dataBlockBytes, hashBlockBytes } = tree.parameters
  const perBlock = 2 ** tree.bitsPerBlock
  let wanted: (Uint8Array | null)[] = [root]
  for (let level = tree.levels - 1; level >= 0; level--) {
    const { start, blocks } = levels[level]
    const below: (Uint8Array | null)[] = []
    const count = level === 0 ? dataBlocks : tree.levelBlocks[level - 1]
    for (let i = 0; i < blocks.length; i++) {
      const bytes = hashes.subarray((start + i) * hashBlockBytes, (start + i + 1) * hashBlockBytes)
      const expected = wanted[i]
      const isTrusted = root === null && level === tree.levels - 1
      const fits = isTrusted || (expected !== null && sameDigest(tree.digest(bytes), expected))
      if (!fits) blocks[i] |= flag
      for (let slot = 0; slot < perBlock && below.length < count; slot++) {
        const at = slot * tree.slotBytes
        below.push(fits ? bytes.subarray(at, at + tree.digestBytes) : null)
      }
    }
    wanted = below
  }
  let failing = 0
  for (let block = 0; block < dataBlocks; block++) {
    const expected = wanted[block]
    const bytes = data.subarray(block * dataBlockBytes, (block + 1) * dataBlockBytes)
    if (expected !== null && sameDigest(tree.digest(bytes), expected)) continue
    dataFlags[block] |= flag
    failing++
  }
  return failing
}
