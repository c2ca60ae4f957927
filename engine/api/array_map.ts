/** What lies where on the members of an array, for whoever draws it from frames. */
export { CELL_EMPTY, CELL_Q, chunkMapOf, type Cell, type ChunkMap } from '../md/chunk_map.ts'
