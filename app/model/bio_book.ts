/**
 * Which bio was made for which, gathered from the trace: the chain of parents leads from a disk I/O up to the line that somebody
 * typed. The ids of bios count up, so a ring indexed by id keeps the newest.
 */
import { TRACE, TRACE_CAUSE, TRACE_COLUMNS } from '../../engine/api/vocabulary.ts'

const KEPT = 1 << 14

export interface BioRecord {
  readonly id: number
  readonly parent: number
  /** major * 2^20 + minor. */
  readonly device: number
  readonly opFlags: number
  readonly sector: number
  readonly sectors: number
  readonly submittedAt: number
  /** -1 while it is under way, as far as the trace tells. */
  readonly endedAt: number
}

const COLUMNS = 9

export class BioBook {
  readonly #ring = new Float64Array(KEPT * COLUMNS)

  /** Takes in rows of the trace. */
  read(rows: Float64Array): void {
    const ring = this.#ring
    for (let at = 0; at < rows.length; at += TRACE_COLUMNS) {
      const kind = rows[at + 1]
      if (kind === TRACE.bio_submit) {
        const to = (rows[at + 2] % KEPT) * COLUMNS
        for (let column = 0; column < 6; column++) ring[to + column] = rows[at + 2 + column]
        ring[to + 6] = rows[at]
        ring[to + 7] = -1
        ring[to + 3] = rows[at + 5] % TRACE_CAUSE
        ring[to + 8] = Math.floor(rows[at + 5] / TRACE_CAUSE)
      } else if (kind === TRACE.bio_end) {
        const to = (rows[at + 2] % KEPT) * COLUMNS
        if (ring[to] === rows[at + 2]) ring[to + 7] = rows[at]
      }
    }
  }

  /** The index of what started the chain of requests, or 0 where nothing did or the bio is forgotten. */
  causeOf(id: number): number {
    const at = (id % KEPT) * COLUMNS
    return this.#ring[at] === id ? this.#ring[at + 8] : 0
  }

  find(id: number): BioRecord | undefined {
    const at = (id % KEPT) * COLUMNS
    const ring = this.#ring
    if (id <= 0 || ring[at] !== id) return undefined
    const [, parent, device, opFlags, sector, sectors, submittedAt, endedAt] = ring.subarray(at, at + COLUMNS)
    return { id, parent, device, opFlags, sector, sectors, submittedAt, endedAt }
  }

  /** A bio and those it was made for, the first cause first; as far back as is remembered. */
  chain(id: number): readonly BioRecord[] {
    const chain: BioRecord[] = []
    for (let bio = this.find(id); bio && chain.length < 32; bio = this.find(bio.parent)) chain.unshift(bio)
    return chain
  }
}
