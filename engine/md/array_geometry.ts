/** The maps of all levels, and which of them an array of a level and layout has. */
import { fail, ok, type Result } from '../base/errno.ts'
import { Geometry, isParityLayout } from './geometry.ts'
import { MirrorGeometry } from './mirror_geometry.ts'
import { StripedGeometry } from './striped_geometry.ts'

export type ArrayGeometry = Geometry | MirrorGeometry | StripedGeometry

/** What a superblock says of the shape of an array. Sizes in sectors. */
export interface ArrayShape {
  readonly level: number
  readonly layout: number
  readonly raidDisks: number
  readonly chunkSectors: number
  /** Used of each member. */
  readonly memberSectors: number
  /** Room on the member of each slot, for RAID-0, whose members may be unlike. */
  readonly slotSectors?: readonly number[]
}

/**
 * The map of an array, or why Linux would not start it.
 * @errors EINVAL
 * @source setup_conf in drivers/md/raid5.c and raid10.c, setup_geo, 6.1
 */
export function geometryOf(shape: ArrayShape): Result<ArrayGeometry> {
  const { level, layout, raidDisks, chunkSectors } = shape
  const isChunk = chunkSectors >= 8 && (chunkSectors & (chunkSectors - 1)) === 0
  if (level > 1 && !isChunk) {
    return fail('EINVAL', `a chunk of ${chunkSectors} sectors: it must be a power of two, and 8 at least`)
  }
  switch (level) {
    case 4:
    case 5:
    case 6:
      if (!isParityLayout(level, layout)) return fail('EINVAL', `layout ${layout} is none of level ${level}`)
      if (raidDisks < (level === 6 ? 4 : 2)) return fail('EINVAL', `a level ${level} of ${raidDisks} members`)
      return ok(new Geometry({ level, layout, raidDisks, chunkSectors }))
    case 0:
      return ok(new StripedGeometry({ layout, chunkSectors, memberSectors: shape.slotSectors ?? [] }))
    case 1:
      if (raidDisks < 1) return fail('EINVAL', 'an array without slots')
      return ok(new MirrorGeometry({ level, layout, raidDisks, chunkSectors, memberSectors: shape.memberSectors }))
    case 10: {
      const copies = (layout & 255) * ((layout >> 8) & 255)
      if (layout >> 19 !== 0 || (layout >> 17) % 4 === 3 || copies < 2 || copies > raidDisks) {
        return fail('EINVAL', `layout 0x${layout.toString(16)} is none of a level 10 of ${raidDisks} members`)
      }
      return ok(new MirrorGeometry({ level, layout, raidDisks, chunkSectors, memberSectors: shape.memberSectors }))
    }
    default:
      return fail('EINVAL', `level ${level} is not known here; 0, 1, 4, 5, 6 and 10 are`)
  }
}
