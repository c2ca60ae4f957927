/** Whoever imports this can draw arrays of all levels; before that, those of parity. */
import '../md/all_geometries.ts'
