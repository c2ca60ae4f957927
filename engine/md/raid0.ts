/**
 * RAID-0: chunks are dealt out to the members, and each is there once. Nothing is noted before a write, nothing is synced, and nobody
 * can be failed: what a member cannot do, the array cannot.
 */
import { fail, type Failure } from '../base/errno.ts'
import { assert } from '../base/assert.ts'
import { SplitBio, type Bio } from '../block/bio.ts'
import type { Procedure } from '../sim/procedure.ts'
import type { MdArray } from './array.ts'
import type { Personality, PersonalityKind } from './personality.ts'
import { RAID0_ALTERNATE_LAYOUT, RAID0_ORIGINAL_LAYOUT, type StripedGeometry } from './striped_geometry.ts'

export class Raid0 implements Personality {
  readonly array: MdArray
  readonly geometry: StripedGeometry
  readonly stripes = null
  readonly startsClean = true
  readonly hasRedundancy = false
  readonly canRebuild = false
  readonly extentSectors = 0

  constructor(array: MdArray, geometry: StripedGeometry) {
    this.array = array
    this.geometry = geometry
  }

  // ---- requests ----

  read(bio: Bio): void {
    this.pass(bio)
  }

  write(bio: Bio): void {
    this.pass(bio)
  }

  /** Chunk by chunk to the members. @source raid0_make_request, drivers/md/raid0.c, 6.1 */
  private pass(bio: Bio): void {
    const { array, geometry } = this
    const split = new SplitBio(bio)
    const end = bio.sector + bio.sectors
    for (let sector = bio.sector; sector < end;) {
      const next = Math.min(end, sector - (sector % geometry.chunkSectors) + geometry.chunkSectors)
      const place = geometry.locate(sector)
      const member = array.slots[place.slot]
      assert(member !== null, 'a RAID-0 runs with all its members')
      const at = member.dataOffset + place.sector
      member.device.submit(split.part(array.sim, sector - bio.sector, at, next - sector))
      sector = next
    }
    split.close()
  }

  changesRecorded(): void {}

  // ---- members ----

  /** @source create_strip_zones, raid0_run, drivers/md/raid0.c, 6.1 */
  refusal(): Failure | null {
    const { array, geometry } = this
    if (array.slots.includes(null)) return fail('EINVAL', `too few disks of ${array.raidDisks}`)
    if (geometry.zones.length === 0) return fail('EINVAL', 'members without room for a chunk')
    const known = geometry.layout === RAID0_ORIGINAL_LAYOUT || geometry.layout === RAID0_ALTERNATE_LAYOUT
    if (geometry.zones.length > 1 && !known) {
      return fail('EOPNOTSUPP', 'members of different size, and raid0.default_layout does not say how they are counted')
    }
    return null
  }

  mustKeep(): boolean {
    return true
  }

  isBroken(): boolean {
    return false
  }

  slotFor(): number {
    return -1
  }

  isUseless(): boolean {
    return false
  }

  isStranger(): boolean {
    return true
  }

  started(): void {}

  // ---- there is no sync ----

  syncEnd(): number {
    return 0
  }

  nothingToSync(): boolean {
    return true
  }

  nextWanted(): number {
    return 0
  }

  extentEnd(): number {
    return 0
  }

  followsBitmap(): boolean {
    return false
  }

  bitmapSectors(): number[] {
    return []
  }

  extent(): Procedure {
    assert(false, 'a RAID-0 is never synced')
  }

  closeRange(): boolean {
    return false
  }

  openRange(): void {}

  syncPassed(): boolean {
    return false
  }

  free(): void {}
}

export const RAID0: PersonalityKind = {
  levels: [0],
  begin: (array: MdArray) => {
    const { geometry } = array
    assert(geometry.level === 0, 'a level of stripes')
    return new Raid0(array, geometry)
  },
}
