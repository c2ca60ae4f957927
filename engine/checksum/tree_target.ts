/**
 * What a target with a hash tree has, whether it is written or not: the devices, the cache of hash blocks, the root, and what was found.
 * A hash block that was found right is marked so in the cache, and not summed again as long as it stays there.
 * @source struct dm_verity, drivers/md/dm-verity.h, 6.1
 */
import { DIRTY, DIRTY_LIST } from '../bufio/buffer.ts'
import { BufioClient } from '../bufio/client.ts'
import { bufioOf } from '../bufio/bufio_memory.ts'
import { deviceId, type BlockDevice } from '../block/device.ts'
import type { DmTable } from '../dm/table.ts'
import { Target, type Area, type IoHints, type TargetType } from '../dm/target.ts'
import { stopMachine } from './emergency.ts'
import { digestHex, type HashTree } from './hash_tree.ts'
import { featureWords, NO_ROOT, type VerityTable } from './verity_table.ts'

/** Marks a buffer whose contents were found right. */
export const VERIFIED = 1

/** What was found wrong: a data block, or a hash block by its number on the hash device. */
export interface Corruption {
  readonly kind: 'data' | 'metadata'
  readonly block: number
}

/** The kernel speaks of so many, and then no more. */
const CORRUPTIONS_MAX = 100

/** Bytes of leaves' sums that a read looks ahead. In Linux: the module's parameter prefetch_cluster. */
const PREFETCH_CLUSTER_BYTES = 262_144

export abstract class TreeTarget extends Target {
  readonly line: VerityTable
  readonly client: BufioClient
  /** What the topmost block must sum up to; null while it is taken for right, whatever it is. */
  root: Uint8Array | null
  /** Something was found wrong since the table was loaded. */
  isCorrupted: boolean
  readonly corruptions: Corruption[]
  /** The kernel is coming to its end for what was found: no request is answered any more. */
  hasStopped: boolean
  readonly zeroDigest: Uint8Array | null

  constructor(type: TargetType, table: DmTable, begin: number, sectors: number, line: VerityTable) {
    super(type, table, begin, sectors)
    this.line = line
    this.root = line.root
    this.isCorrupted = false
    this.corruptions = []
    this.hasStopped = false
    const { hashBlockBytes, dataBlockBytes } = line.tree.parameters
    this.zeroDigest = line.ignoresZeroBlocks ? line.tree.digest(new Uint8Array(dataBlockBytes)) : null
    const memory = bufioOf(table.device.dm)
    this.client = new BufioClient(memory, `${type.name} ${table.device.mapName}`, line.hashes, hashBlockBytes, 1)
  }

  get tree(): HashTree {
    return this.line.tree
  }

  get data(): BlockDevice {
    return this.line.data
  }

  get blockSectors(): number {
    return this.tree.parameters.dataBlockBytes / 512
  }

  /**
   * Notes what was found wrong.
   * @returns whether the request fails for it
   * @source verity_handle_err, drivers/md/dm-verity-target.c, 6.1
   */
  found(corruption: Corruption): boolean {
    this.isCorrupted = true
    if (this.corruptions.length < CORRUPTIONS_MAX) this.corruptions.push(corruption)
    const { mode } = this.line
    if (mode === 'restart_on_corruption' || mode === 'panic_on_corruption') {
      this.hasStopped = true
      stopMachine(this.table.device.dm.devices)
    }
    return mode !== 'ignore_corruption'
  }

  /**
   * Begins to read the hash blocks that blocks of data need, without the topmost: that one is taken to be there.
   * @source verity_prefetch_io, drivers/md/dm-verity-target.c, 6.1
   */
  prefetch(block: number, count: number): void {
    const { tree } = this
    for (let level = tree.levels - 2; level >= 0; level--) {
      let from = tree.hashBlock(block, level)
      let to = tree.hashBlock(block + count - 1, level)
      if (level === 0) {
        // Clusters are counted from the beginning of the device, so that the first may begin before the level does.
        const cluster = PREFETCH_CLUSTER_BYTES / tree.parameters.dataBlockBytes
        from -= from % cluster
        to = Math.min(to - (to % cluster) + cluster, tree.end) - 1
      }
      this.client.prefetch(from, to - from + 1)
    }
  }

  /** Hash blocks that are newer in the cache than on the disk. */
  get dirtyHashBlocks(): number {
    let count = 0
    for (const buffer of this.client.listOf(DIRTY_LIST).oldestFirst()) if ((buffer.state & DIRTY) !== 0) count++
    return count
  }

  override areas(): readonly Area[] {
    return [{ device: this.data, start: 0, sectors: this.sectors }]
  }

  override ioHints(): IoHints {
    return { minSectors: this.blockSectors, optSectors: 0, logicalSectors: this.blockSectors }
  }

  override parameters(): string {
    const { line, tree, root } = this
    const { hashType, dataBlockBytes, hashBlockBytes, dataBlocks, start, algorithm, salt } = tree.parameters
    const words: (string | number)[] = [hashType, deviceId(line.data), deviceId(line.hashes)]
    words.push(dataBlockBytes, hashBlockBytes, dataBlocks, start, algorithm)
    words.push(root === null ? NO_ROOT : digestHex(root), salt.length === 0 ? '-' : digestHex(salt))
    const features = featureWords(line)
    if (features.length > 0) words.push(features.length, ...features)
    return words.join(' ')
  }

  override destroy(): void {
    this.client.destroy(null)
  }
}
