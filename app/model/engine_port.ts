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
  /** Bytes as a read of the device would find them now, without being one. */
  peek(device: string, sector: number, sectors: number): Promise<Uint8Array | undefined>
}
