/** For tests of devices with hash trees: what the bytes on the disks say, without any target. */
import type { DigestName } from '../base/digests.ts'
import { Bio, READ, type BioOwner } from '../block/bio.ts'
import { bytesOfHex, HashTree, sameDigest } from '../checksum/hash_tree.ts'
import type { Machine } from './machine.ts'

/** A tree as a test wants it, without a superblock: its first block is the first of the hash device. */
export interface TreeSet {
  readonly hashType: number
  readonly algorithm: DigestName
  readonly salt: string
  readonly dataBlockBytes: number
  readonly hashBlockBytes: number
  readonly dataBlocks: number
}

export function treeOf(set: TreeSet): HashTree {
  return new HashTree({ ...set, salt: bytesOfHex(set.salt) ?? new Uint8Array(0), start: 0 })
}

/** The words of a table behind the type, on the disks `data` and `hash`. */
export function tableWords(set: TreeSet, root: string): string {
  const { hashType, dataBlockBytes, hashBlockBytes, dataBlocks, algorithm, salt } = set
  const places = `/dev/data /dev/hash ${dataBlockBytes} ${hashBlockBytes} ${dataBlocks} 0`
  return `${hashType} ${places} ${algorithm} ${root} ${salt === '' ? '-' : salt}`
}

export function tableOf(set: TreeSet, type: 'verity' | 'hashtree', root: string): string {
  return `0 ${(set.dataBlocks * set.dataBlockBytes) / 512} ${type} ${tableWords(set, root)}`
}

export function formatLine(set: TreeSet): string {
  const { hashType, dataBlockBytes, hashBlockBytes, dataBlocks, algorithm, salt } = set
  return (
    `veritysetup format /dev/data /dev/hash --no-superblock --format ${hashType} --hash ${algorithm} ` +
    `--salt ${salt === '' ? '-' : salt} --data-blocks ${dataBlocks} ` +
    `--data-block-size ${dataBlockBytes} --hash-block-size ${hashBlockBytes}`
  )
}

/** What lies on the medium of a disk. */
export function mediumBytes(machine: Machine, disk: string): Uint8Array {
  const media = machine.media(disk)
  if (media === undefined) throw new Error(`no disk ${disk}`)
  const bytes = new Uint8Array(media.sizeBytes)
  media.read(0, bytes, 0, bytes.length)
  return bytes
}

/**
 * Which data blocks do not fit, by the bytes.
 * @param root null where the topmost block is taken for right
 */
export function failingByBytes(tree: HashTree, data: Uint8Array, hash: Uint8Array, root: Uint8Array | null): number[] {
  const { dataBlocks, dataBlockBytes, hashBlockBytes } = tree.parameters
  const failing: number[] = []
  for (let block = 0; block < dataBlocks; block++) {
    let wanted = root
    let fits = true
    for (let level = tree.levels - 1; level >= 0; level--) {
      const at = tree.hashBlock(block, level) * hashBlockBytes
      const bytes = hash.subarray(at, at + hashBlockBytes)
      if (wanted !== null && !sameDigest(tree.digest(bytes), wanted)) fits = false
      const slot = tree.slotOffset(block, level)
      wanted = bytes.subarray(slot, slot + tree.digestBytes)
    }
    const bytes = data.subarray(block * dataBlockBytes, (block + 1) * dataBlockBytes)
    if (!fits || (wanted !== null && !sameDigest(tree.digest(bytes), wanted))) failing.push(block)
  }
  return failing
}

/** The blocks that `failing 3 of 256: 4-5 9` names. */
export function blocksNamed(answer: string): number[] {
  const [, runs = ''] = answer.trim().split(': ')
  return runs
    .split(' ')
    .filter((run) => run !== '')
    .flatMap((run) => {
      const [from, to = from] = run.split('-').map(Number)
      return Array.from({ length: to - from + 1 }, (_, i) => from + i)
    })
}

class BlockReads implements BioOwner {
  left = 0
  readonly failed: number[] = []

  bioDone(bio: Bio): void {
    this.left--
    if (bio.status !== 'OK') this.failed.push(bio.tag)
  }
}

/** Reads a device block by block. @returns the blocks that cannot be read */
export function unreadableBlocks(machine: Machine, name: string, blockBytes: number): number[] {
  const device = machine.kernel.devices.find(name)
  if (device === undefined) throw new Error(`no device ${name}`)
  const { sim } = machine
  const sectors = blockBytes / 512
  const address = sim.memory.allocate(blockBytes)
  const reads = new BlockReads()
  for (let block = 0; block * sectors < device.sectors; block++) {
    reads.left++
    device.submit(new Bio(sim, reads, READ, 0, block * sectors, sectors, address, 0, 0, block))
    while (reads.left > 0 && machine.run({ maxEvents: 100 }) > 0);
  }
  sim.memory.free(address)
  if (reads.left > 0) throw new Error(`${name}: a read does not come back`)
  return reads.failed.sort((a, b) => a - b)
}
