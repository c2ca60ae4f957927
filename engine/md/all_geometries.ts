/** Whoever imports this knows the maps of all levels. */
import { GEOMETRIES } from './array_geometry.ts'
import { MIRROR_GEOMETRY } from './mirror_geometry.ts'
import { STRIPED_GEOMETRY } from './striped_geometry.ts'

GEOMETRIES.learn([MIRROR_GEOMETRY, STRIPED_GEOMETRY])
