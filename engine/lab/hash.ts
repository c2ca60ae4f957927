/** Fingerprints of a machine: what two runs of the same recording must have in common, on whatever host they ran. */
import { sha256 } from '@noble/hashes/sha2.js'
import type { Media } from '../block/media.ts'
import { TRACE_COLUMNS, type Trace } from '../sim/trace.ts'
import type { Machine } from './machine.ts'

const PIECE_BYTES = 1 << 20

export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** @returns the SHA-256 of a medium's bytes, as `sha256sum` of its image would print it. */
export function hashMedia(media: Media): string {
  const hash = sha256.create()
  const piece = new Uint8Array(PIECE_BYTES)
  for (let at = 0; at < media.sizeBytes; at += PIECE_BYTES) {
    const length = Math.min(PIECE_BYTES, media.sizeBytes - at)
    media.read(at, piece, 0, length)
    hash.update(piece.subarray(0, length))
  }
  return toHex(hash.digest())
}

/** @returns per disk, by name, the hash of what its medium holds; what is only in a volatile cache is not in it. */
export function hashDisks(machine: Machine): Record<string, string> {
  const hashes: Record<string, string> = {}
  for (const { name } of machine.disks()) {
    const media = machine.media(name)
    if (media !== undefined) hashes[name] = hashMedia(media)
  }
  return hashes
}

/**
 * The running hash of a trace. Whoever runs the machine calls {@link follow} before the ring has gone round; a row that was
 * missed makes the hash worthless, and {@link TraceHash.missed} says so.
 */
export class TraceHash {
  rows: number
  missed: boolean
  private readonly hash: ReturnType<typeof sha256.create>

  constructor(from = 0) {
    this.hash = sha256.create()
    this.rows = from
    this.missed = false
  }

  /** Takes in the rows written since the last call. */
  follow(trace: Trace): void {
    if (trace.written === this.rows) return
    const { first, rows } = trace.since(this.rows)
    if (first !== this.rows) this.missed = true
    this.rows = first + rows.length / TRACE_COLUMNS
    this.hash.update(new Uint8Array(rows.buffer, rows.byteOffset, rows.byteLength))
  }

  /** @returns the hash of all rows so far; following goes on after it. */
  digest(): string {
    return toHex(this.hash.clone().digest())
  }
}
