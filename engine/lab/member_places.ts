/** What lies where on the disks of a machine's arrays; remembered when an array is gone, as it is after a cut. */
import { Disk } from '../block/disk.ts'
import { BITMAP_PAGE_BYTES } from '../format/md_bitmap_super.ts'
import type { MdArray } from '../md/array.ts'
import { chunkMapOfArray, type ChunkMap } from '../md/chunk_map.ts'
import type { Machine } from './machine.ts'

/** `disk`: a place of no array. */
export type PlaceKind = 'data' | 'parity' | 'bitmap' | 'superblock' | 'disk'

interface MemberPlace {
  readonly slot: number
  readonly map: ChunkMap
  readonly dataOffset: number
  /** Sectors of the bitmap on the disk; none where both are 0. */
  readonly bitmapFrom: number
  readonly bitmapTo: number
}

export class MemberPlaces {
  private readonly byDisk: Map<number, MemberPlace>

  constructor() {
    this.byDisk = new Map()
  }

  copy(): MemberPlaces {
    const copy = new MemberPlaces()
    for (const [disk, place] of this.byDisk) copy.byDisk.set(disk, place)
    return copy
  }

  isSame(other: MemberPlaces): boolean {
    const places = [...this.byDisk]
    return (
      places.length === other.byDisk.size &&
      places.every(([disk, { map, bitmapTo, dataOffset }]) => {
        const one = other.byDisk.get(disk)
        return one?.map === map && one.bitmapTo === bitmapTo && one.dataOffset === dataOffset
      })
    )
  }

  /** Takes note of the arrays that a machine has now. */
  note(machine: Machine): void {
    for (const array of machine.kernel.arrays) {
      array.members.forEach((member) => {
        const { slot } = member
        if (slot < 0) return
        const { dataOffset, device, metadataDevice } = member
        const bitmapFrom = array.bitmap === null ? 0 : array.bitmapSector(member)
        const bitmapTo = array.bitmap === null ? 0 : bitmapFrom + (array.bitmap.pages * BITMAP_PAGE_BYTES) / 512
        const apart = metadataDevice !== device
        if (device instanceof Disk) {
          const bitmap = apart ? { bitmapFrom: 0, bitmapTo: 0 } : { bitmapFrom, bitmapTo }
          this.byDisk.set(device.index, { slot, map: this.mapOf(array), dataOffset, ...bitmap })
        }
        if (apart && metadataDevice instanceof Disk) {
          const map = this.mapOf(array)
          this.byDisk.set(metadataDevice.index, { slot, map, dataOffset: Infinity, bitmapFrom, bitmapTo })
        }
      })
    }
  }

  kindAt(disk: number, sector: number): PlaceKind {
    const place = this.byDisk.get(disk)
    if (place === undefined) return 'disk'
    if (sector >= place.bitmapFrom && sector < place.bitmapTo) return 'bitmap'
    if (sector < place.dataOffset) return 'superblock'
    return place.map.isParity(stripeOf(place, sector), place.slot) ? 'parity' : 'data'
  }

  /** A place in words: `the bitmap`, `D4 in stripe 1`; null where no array is known to be there. */
  wordsAt(disk: number, sector: number): string | null {
    const kind = this.kindAt(disk, sector)
    const place = this.byDisk.get(disk)
    if (place === undefined || kind === 'disk') return null
    if (kind === 'bitmap' || kind === 'superblock') return `the ${kind}`
    const stripe = stripeOf(place, sector)
    return `${place.map.nameAt(stripe, place.slot) || 'nothing'} in stripe ${stripe}`
  }

  /** The map that is known already, where the array is the same. */
  private mapOf(array: MdArray): ChunkMap {
    for (const { map } of this.byDisk.values()) if (map.geometry === array.geometry) return map
    return chunkMapOfArray(array)
  }
}

function stripeOf({ map, dataOffset }: MemberPlace, sector: number): number {
  return Math.floor((sector - dataOffset) / map.chunkSectors)
}
