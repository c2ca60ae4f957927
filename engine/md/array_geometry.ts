/** The maps of all levels, and which of them an array of a level and layout has. */
import { fail, ok, type Result } from '../base/errno.ts'
import { Geometry, isParityLayout } from './geometry.ts'
import { LevelRegistry } from './level_registry.ts'
import type { Copy, MirrorGeometry } from './mirror_geometry.ts'
import type { StripedGeometry } from './striped_geometry.ts'

export type ArrayGeometry = Geometry | MirrorGeometry | StripedGeometry

/** What a superblock says of the shape of an array. Sizes in sectors. */
export interface ArrayShape {
  readonly level: number
  readonly layout: number
  readonly raidDisks: number
  readonly chunkSectors: number
  /** Used of each member. */
  readonly memberSectors: number
  /** The same by slot, where they differ: in a RAID-0. */
  readonly slotSectors?: readonly number[] | undefined
}

/** How the arrays of some levels are mapped. */
export interface GeometryKind {
  readonly levels: readonly number[]
  /** @errors EINVAL for what Linux would not start */
  make(shape: ArrayShape): Result<ArrayGeometry>
}

/** @source setup_conf, drivers/md/raid5.c, 6.1 */
const PARITY_GEOMETRY: GeometryKind = {
  levels: [4, 5, 6],
  make: ({ level, layout, raidDisks, chunkSectors }) => {
    const own = level === 4 || level === 6 ? level : 5
    if (!isParityLayout(own, layout)) return fail('EINVAL', `layout ${layout} is none of level ${level}`)
    if (raidDisks < (level === 6 ? 4 : 2)) return fail('EINVAL', `a level ${level} of ${raidDisks} members`)
    return ok(new Geometry({ level: own, layout, raidDisks, chunkSectors }))
  },
}

/** Begins with parity; the others come with what first needs them, as a kernel loads modules. */
export const GEOMETRIES = new LevelRegistry<GeometryKind>([PARITY_GEOMETRY])

/** The map of an array, or why Linux would not start it. @errors EINVAL */
export function geometryOf(shape: ArrayShape): Result<ArrayGeometry> {
  const { level, chunkSectors } = shape
  const isChunk = chunkSectors >= 8 && (chunkSectors & (chunkSectors - 1)) === 0
  if (level > 1 && !isChunk) {
    return fail('EINVAL', `a chunk of ${chunkSectors} sectors: it must be a power of two, and 8 at least`)
  }
  return GEOMETRIES.find(level)?.make(shape) ?? fail('EINVAL', `level ${level} is not known here`)
}

/** All places of an array sector: the first is where it is read from when nothing speaks against it. */
export function placesOf(geometry: ArrayGeometry, arraySector: number): readonly Copy[] {
  return 'nearCopies' in geometry ? geometry.locate(arraySector) : [geometry.locate(arraySector)]
}
