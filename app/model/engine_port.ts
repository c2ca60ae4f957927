/** What the page asks of the machine's worker. Times are nanoseconds of virtual time. */
export interface EnginePort {
  /** Types a line at this instant. */
  type(line: string): Promise<unknown>
  play(): Promise<unknown>
  pause(): Promise<unknown>
  /** So many disk I/Os forwards. */
  step(count: number): Promise<unknown>
  /** @param speed virtual nanoseconds per real second; Infinity for as fast as it goes */
  setSpeed(speed: number): Promise<unknown>
  /** Bytes of a disk at this instant, without a read of the machine's. */
  peek(disk: string, sector: number, sectors: number): Promise<Peeked | undefined>
  /** Erases machine and disks, and makes the first machine anew. */
  reset(): Promise<unknown>
}

export interface Peeked {
  readonly sector: number
  /** What is on the medium, and what a read would get: with what is newer in the cache. */
  readonly media: Uint8Array
  readonly newest: Uint8Array
}
