/** The hash tree of a device as a view shows it: what the cache has, what fits, and what a power cut now would leave. */
import { Disk } from '../block/disk.ts'
import type { BlockDevice } from '../block/device.ts'
import { CLEAN_LIST, DIRTY, DIRTY_LIST, READING, WRITING } from '../bufio/buffer.ts'
import { HashtreeTarget } from '../checksum/hashtree_target.ts'
import { digestHex, sameDigest, type HashTree } from '../checksum/hash_tree.ts'
import { TreeTarget, VERIFIED } from '../checksum/tree_target.ts'
import type { Machine } from '../lab/machine.ts'
import {
  TREE_CACHED,
  TREE_DIRTY,
  TREE_FAILS,
  TREE_VERIFIED,
  TREE_WOULD_FAIL,
  type HashTreeLook,
  type TreeLevel,
} from './hash_tree_flags.ts'

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
  let failingAfterCut: HashTreeLook['failingAfterCut'] = null
  if (unknown === '') {
    failing = markFailing(tree, bytesOf(target, 'newest'), root, levels, data, TREE_FAILS)
    // Of a tree that is written the last root is lost with the memory, and the topmost block is all there is.
    const lastRoot = isWritten ? null : root
    const count = (version: Version): number =>
      markFailing(tree, bytesOf(target, version), lastRoot, levels, data, TREE_WOULD_FAIL)
    failingAfterCut = { kept: count('kept'), lost: count('lost') }
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
  for (const list of [CLEAN_LIST, DIRTY_LIST] as const) {
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

/** A stretch of a device from its beginning, and which of its blocks cannot be read. */
interface Stretch {
  readonly bytes: Uint8Array
  readonly unreadable: ReadonlySet<number>
}

interface TreeBytes {
  readonly data: Stretch
  readonly hashes: Stretch
}

/** Which version of the bytes: what reads get, or what a power cut leaves that keeps all of the disks' caches, or nothing of them. */
type Version = 'newest' | 'kept' | 'lost'

function bytesOf(target: TreeTarget, version: Version): TreeBytes {
  const { line, client, tree } = target
  const { dataBlocks, dataBlockBytes, hashBlockBytes } = tree.parameters
  const data = stretchOf(line.data, dataBlocks, dataBlockBytes, version)
  const hashes = stretchOf(line.hashes, tree.end, hashBlockBytes, version)
  if (version !== 'newest') return { data, hashes }
  const unreadable = new Set(hashes.unreadable)
  const { memory } = target.sim
  for (const list of [CLEAN_LIST, DIRTY_LIST] as const) {
    for (const { block, address, state } of client.listOf(list).oldestFirst()) {
      if (state === READING || tree.levelOf(block) < 0) continue
      hashes.bytes.set(memory.bytes.subarray(address, address + hashBlockBytes), block * hashBlockBytes)
      unreadable.delete(block)
    }
  }
  return { data, hashes: { bytes: hashes.bytes, unreadable } }
}

function stretchOf(device: BlockDevice, count: number, blockBytes: number, version: Version): Stretch {
  const bytes = new Uint8Array(count * blockBytes)
  const unreadable = new Set<number>()
  if (!(device instanceof Disk)) return { bytes, unreadable }
  const sectors = blockBytes / 512
  for (let block = 0; block < count; block++) {
    const [sector, at] = [block * sectors, block * blockBytes]
    if (version === 'lost') {
      if (device.faults.unreadable(sector, sectors, () => false) >= 0) unreadable.add(block)
      device.media.read(at, bytes, at, blockBytes)
      device.faults.rot(sector, sectors, bytes, at)
    } else if (!device.contents(sector, sectors, bytes, at)) unreadable.add(block)
  }
  return { bytes, unreadable }
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
      const at = (start + i) * hashBlockBytes
      const bytes = hashes.bytes.subarray(at, at + hashBlockBytes)
      const expected = wanted[i]
      const isTrusted = root === null && level === tree.levels - 1
      const isRight = isTrusted || (expected !== null && sameDigest(tree.digest(bytes), expected))
      const fits = isRight && !hashes.unreadable.has(start + i)
      if (!fits) blocks[i] |= flag
      for (let slot = 0; slot < perBlock && below.length < count; slot++) {
        const from = slot * tree.slotBytes
        below.push(fits ? bytes.subarray(from, from + tree.digestBytes) : null)
      }
    }
    wanted = below
  }
  let failing = 0
  for (let block = 0; block < dataBlocks; block++) {
    const expected = wanted[block]
    const bytes = data.bytes.subarray(block * dataBlockBytes, (block + 1) * dataBlockBytes)
    if (expected !== null && !data.unreadable.has(block) && sameDigest(tree.digest(bytes), expected)) continue
    dataFlags[block] |= flag
    failing++
  }
  return failing
}
