/** What lies where on the disks of a machine's arrays; remembered when an array is gone, as it is after a cut. */
import { Disk } from '../block/disk.ts'
import { BITMAP_PAGE_BYTES } from '../format/md_bitmap_super.ts'
import { Geometry } from '../md/geometry.ts'
import type { Machine } from './machine.ts'

/** `disk`: a place of no array. */
export type PlaceKind = 'data' | 'parity' | 'bitmap' | 'superblock' | 'disk'

interface MemberPlace {
  readonly slot: number
  readonly geometry: Geometry
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
      places.every(([disk, { geometry, bitmapTo, dataOffset }]) => {
        const one = other.byDisk.get(disk)
        return one?.geometry === geometry && one.bitmapTo === bitmapTo && one.dataOffset === dataOffset
      })
    )
  }

  /** Takes note of the arrays that a machine has now. */
  note(machine: Machine): void {
    for (const array of machine.kernel.md.arrays) {
      array.members.forEach((member) => {
        const { slot } = member
        if (slot < 0 || !(member.device instanceof Disk)) return
        const bitmapFrom = array.bitmap === null ? 0 : array.bitmapSector(member)
        const bitmapTo = array.bitmap === null ? 0 : bitmapFrom + (array.bitmap.pages * BITMAP_PAGE_BYTES) / 512
        const { geometry } = array
        if (!(geometry instanceof Geometry)) return
        this.byDisk.set(member.device.index, { slot, geometry, dataOffset: member.dataOffset, bitmapFrom, bitmapTo })
      })
    }
  }

  kindAt(disk: number, sector: number): PlaceKind {
    const place = this.byDisk.get(disk)
    if (place === undefined) return 'disk'
    if (sector >= place.bitmapFrom && sector < place.bitmapTo) return 'bitmap'
    if (sector < place.dataOffset) return 'superblock'
    return place.geometry.dataIndex(stripeOf(place, sector), place.slot) < 0 ? 'parity' : 'data'
  }

  /** A place in words: `the bitmap`, `D4 in stripe 1`; null where no array is known to be there. */
  wordsAt(disk: number, sector: number): string | null {
    const kind = this.kindAt(disk, sector)
    const place = this.byDisk.get(disk)
    if (place === undefined || kind === 'disk') return null
    if (kind === 'bitmap' || kind === 'superblock') return `the ${kind}`
    const stripe = stripeOf(place, sector)
    const index = place.geometry.dataIndex(stripe, place.slot)
    const name =
      index < 0 ? place.geometry.role(stripe, place.slot).kind : `D${stripe * place.geometry.dataDisks + index}`
    return `${name} in stripe ${stripe}`
  }
}

function stripeOf({ geometry, dataOffset }: MemberPlace, sector: number): number {
  return Math.floor((sector - dataOffset) / geometry.chunkSectors)
}
