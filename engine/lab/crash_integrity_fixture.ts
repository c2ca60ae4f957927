/** For crash tests of integrity devices: what a judge finds in the bytes of a disk, past the device. */
import { digestOf } from '../base/digests.ts'
import { Bio, READ, type BioOwner, type Status } from '../block/bio.ts'
import { dataSector, integrityLayout, tagBuffer, tagOffset, type IntegrityLayout } from '../format/integrity_layout.ts'
import { readIntegritySuperblock } from '../format/integrity_superblock.ts'
import { say } from './fixture.ts'
import type { Machine } from './machine.ts'

/** The layout of a device of crc32c tags of 4 bytes on a disk of its own. */
export function layoutOf(disk: Uint8Array): IntegrityLayout {
  const sb = readIntegritySuperblock(disk)
  const sectors = disk.length / 512
  const place = { start: 0, separateMeta: false, dataSectors: sectors, metaSectors: sectors }
  const layout = integrityLayout(sb, place, sb.provided_data_sectors, 8)
  if (layout === null) throw new Error('a superblock that does not fit its disk')
  return layout
}

/** What is on a disk's medium. */
export function diskBytes(machine: Machine, name: string): Uint8Array {
  machine.flushDisks()
  const media = machine.media(name)
  if (media === undefined) throw new Error(`no disk ${name}`)
  const bytes = new Uint8Array(media.sizeBytes)
  media.read(0, bytes, 0, bytes.length)
  return bytes
}

/** The first sectors of blocks whose tag does not fit what is there, out of the bytes of the disk. */
export function wrongBlocks(disk: Uint8Array): number[] {
  const layout = layoutOf(disk)
  const wrong: number[] = []
  for (let sector = 0; sector < layout.providedSectors; sector += layout.blockSectors) {
    const at = dataSector(layout, sector) * 512
    const place = new Uint8Array(8)
    new DataView(place.buffer).setUint32(0, sector, true)
    const sum = digestOf('crc32c', [place, disk.subarray(at, at + layout.blockSectors * 512)])
    const tag = tagByte(layout, sector)
    if (sum.some((byte, i) => disk[tag + i] !== byte)) wrong.push(sector)
  }
  return wrong
}

/** Where a tag lies on the disk, in bytes. */
export function tagByte(layout: IntegrityLayout, sector: number): number {
  const buffer = layout.start + layout.initialSectors + tagBuffer(layout, sector) * layout.bufferSectors
  return buffer * 512 + tagOffset(layout, sector)
}

/** Mismatches that the device has counted. */
export function mismatchCount(machine: Machine, name: string): number {
  return Number(say(machine, `dmsetup status ${name}`).stdout.split(' ')[3])
}

/** How the read of a block ended, and what it gave. */
export interface BlockRead {
  readonly sector: number
  status: Status
  readonly bytes: Uint8Array
}

class BlockReads implements BioOwner {
  readonly machine: Machine
  readonly reads: BlockRead[]
  left: number

  constructor(machine: Machine) {
    this.machine = machine
    this.reads = []
    this.left = 0
  }

  bioDone(bio: Bio): void {
    this.left--
    const read = this.reads[bio.tag]
    read.status = bio.status
    read.bytes.set(this.machine.sim.memory.bytes.subarray(bio.data, bio.data + bio.sectors * 512))
  }
}

/** Reads a device block by block, each by itself. @errors throws when a read does not come back */
export function readBlocks(machine: Machine, name: string, block: number): readonly BlockRead[] {
  const device = machine.kernel.devices.find(name)
  if (device === undefined) throw new Error(`no device ${name}`)
  const { memory } = machine.sim
  const address = memory.allocateZeroed(block * 512)
  const all = new BlockReads(machine)
  for (let sector = 0; sector + block <= device.sectors; sector += block) {
    const tag = all.reads.push({ sector, status: 'OK', bytes: new Uint8Array(block * 512) }) - 1
    all.left++
    device.submit(new Bio(machine.sim, all, READ, 0, sector, block, address, 0, 0, tag))
    while (all.left > 0 && machine.run({ maxEvents: 100 }) > 0);
    if (all.left > 0) throw new Error(`the read of sector ${sector} of ${name} never ends`)
  }
  memory.free(address)
  return all.reads
}
