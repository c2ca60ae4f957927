/**
 * Which chunks of arrays hold nothing but zeros on their media: as good as never written. Looked at once, and again where a medium
 * is written, as the trace tells it.
 */
import { Disk } from '../block/disk.ts'
import type { MdArray } from '../md/array.ts'
import { drawnChunk, rowsOf, usedOfSlots } from '../md/drawn_shape.ts'
import { TRACE, TRACE_COLUMNS } from '../sim/trace.ts'

/** Arrays of more chunks, or with longer members, are drawn without this. */
const CHUNKS_MAX = 1000
const BYTES_MAX = 64 << 20
/** What is read at once. */
const PIECE = 4096

interface Known {
  readonly array: MdArray
  readonly disks: readonly (Disk | null)[]
  /** By row and slot: 1 for nothing but zeros. */
  readonly blank: Uint8Array
}

export class BlankChunks {
  readonly #known = new Map<string, Known>()
  readonly #piece = new Uint8Array(PIECE)

  /**
   * @param rows of the trace, since the last time
   * @param isWhole whether those are all there were
   * @returns by row and slot 1 for a chunk of zeros; null where the array is too large for that
   */
  of(array: MdArray, rows: Float64Array, isWhole: boolean): Uint8Array | null {
    const { geometry, memberSectors, name } = array
    const rowCount = rowsOf(geometry, Math.max(...usedOfSlots(geometry, memberSectors)))
    const chunkBytes = drawnChunk(geometry) * 512
    const slots = array.slots.length
    if (rowCount * slots > CHUNKS_MAX || rowCount * slots * chunkBytes > BYTES_MAX) return null
    const disks = array.slots.map((member) => (member?.device instanceof Disk ? member.device : null))
    let known = this.#known.get(name)
    const isSame = known?.array === array && known.disks.every((disk, slot) => disk === disks[slot])
    if (known === undefined || !isSame) {
      known = { array, disks, blank: new Uint8Array(rowCount * slots).fill(1) }
      this.#known.set(name, known)
      isWhole = false
    }
    if (!isWhole) {
      for (let chunk = 0; chunk < known.blank.length; chunk++) {
        if (known.blank[chunk] === 1) this.#look(known, chunk, chunkBytes)
      }
      return known.blank.slice()
    }
    for (let at = 0; at < rows.length; at += TRACE_COLUMNS) {
      if (rows[at + 1] !== TRACE.disk_media) continue
      const slot = disks.findIndex((disk) => disk?.index === rows[at + 2])
      if (slot < 0) continue
      const from = rows[at + 3] - (array.slots[slot]?.dataOffset ?? 0)
      const last = Math.min(rowCount - 1, Math.floor(((from + rows[at + 4]) * 512 - 1) / chunkBytes))
      for (let row = Math.max(0, Math.floor((from * 512) / chunkBytes)); row <= last; row++) {
        const chunk = row * slots + slot
        if (known.blank[chunk] === 1) this.#look(known, chunk, chunkBytes)
      }
    }
    return known.blank.slice()
  }

  #look({ array, disks, blank }: Known, chunk: number, chunkBytes: number): void {
    const slot = chunk % disks.length
    const media = disks[slot]?.media
    const from = (array.slots[slot]?.dataOffset ?? 0) * 512 + ((chunk - slot) / disks.length) * chunkBytes
    const end = media === undefined ? 0 : Math.min(from + chunkBytes, media.sizeBytes)
    let isBlank = media !== undefined
    for (let at = from; isBlank && at < end; at += PIECE) {
      const length = Math.min(PIECE, end - at)
      media?.read(at, this.#piece, 0, length)
      for (let i = 0; isBlank && i < length; i++) isBlank = this.#piece[i] === 0
    }
    blank[chunk] = isBlank ? 1 : 0
  }
}
