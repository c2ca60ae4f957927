import type { SHARED } from '../base/copy.ts'

/**
 * The world's side of a disk: bytes in a file of the browser's private file system, in a file on Node, or anywhere else that
 * answers at once. Addresses are in bytes. A backing never reorders: it is written only when the disk model allows it.
 */
export interface Backing {
  readonly [SHARED]: true
  readonly sizeBytes: number
  /** Fills `into` from the bytes at `at`; what was never written reads as zeros. */
  read(at: number, into: Uint8Array): void
  write(at: number, from: Uint8Array): void
  /** Makes the written bytes safe from the host's own crash, as far as the host offers that. */
  flush(): void
}
