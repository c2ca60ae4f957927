/**
 * Where the chunks of a RAID-0 lie: one after the other on the slots in turn. Members of different size form zones: the first goes
 * over all members up to the end of the smallest, the next over those that are longer, and so on.
 * @source create_strip_zones, map_sector, drivers/md/raid0.c, 6.1
 */

import { ok } from '../base/errno.ts'
import type { GeometryKind } from './array_geometry.ts'

/** A zone: the same members from its beginning to its end. */
export interface Zone {
  /** Array sector at which it ends. */
  readonly end: number
  /** Member sector at which it begins. */
  readonly memberStart: number
  readonly slots: readonly number[]
}

/** How chunks of the zones behind the first are counted: two ways that Linux has had; mdadm 4.2 asks for the second. */
export const RAID0_ORIGINAL_LAYOUT = 1
export const RAID0_ALTERNATE_LAYOUT = 2

export class StripedGeometry {
  readonly level = 0
  readonly layout: number
  readonly raidDisks: number
  readonly chunkSectors: number
  readonly zones: readonly Zone[]

  /** @param memberSectors of each slot. */
  constructor(options: { layout: number; chunkSectors: number; memberSectors: readonly number[] }) {
    const { layout, chunkSectors, memberSectors } = options
    this.layout = layout
    this.raidDisks = memberSectors.length
    this.chunkSectors = chunkSectors
    const lengths = memberSectors.map((sectors) => sectors - (sectors % chunkSectors))
    const zones: Zone[] = []
    let memberStart = 0
    let end = 0
    for (const length of [...new Set(lengths)].sort((a, b) => a - b)) {
      if (length === 0) continue
      const slots = lengths.flatMap((own, slot) => (own >= length ? [slot] : []))
      end += (length - memberStart) * slots.length
      zones.push({ end, memberStart, slots })
      memberStart = length
    }
    this.zones = zones
  }

  get dataDisks(): number {
    return this.raidDisks
  }

  arraySectors(): number {
    return this.zones.at(-1)?.end ?? 0
  }

  locate(arraySector: number): { readonly slot: number; readonly sector: number } {
    const number = this.zones.findIndex((zone) => arraySector < zone.end)
    const zone = this.zones[number]
    const start = number === 0 ? 0 : this.zones[number - 1].end
    const { chunkSectors } = this
    const within = arraySector - start
    const row = Math.floor(Math.floor(within / chunkSectors) / zone.slots.length)
    // The original layout turns by the array's chunk number, the alternate one by the zone's.
    const counted = number > 0 && this.layout === RAID0_ORIGINAL_LAYOUT ? arraySector : within
    const slot = zone.slots[Math.floor(counted / chunkSectors) % zone.slots.length]
    return { slot, sector: zone.memberStart + row * chunkSectors + (arraySector % chunkSectors) }
  }
}

/** @source raid0_run, drivers/md/raid0.c, 6.1 */
export const STRIPED_GEOMETRY: GeometryKind = {
  levels: [0],
  make: ({ layout, raidDisks, chunkSectors, memberSectors, slotSectors }) => {
    const lengths = slotSectors ?? new Array<number>(raidDisks).fill(memberSectors)
    return ok(new StripedGeometry({ layout, chunkSectors, memberSectors: lengths }))
  },
}
