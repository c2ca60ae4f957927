import { Bio, DISCARD, FLUSH, SYNC, type BioOwner, type Status } from '../block/bio.ts'
import type { EventTarget } from '../sim/queue.ts'
import type { BufioClient } from './client.ts'

/** Whoever waits for the end of something that may fail. */
export interface DoneWaiter {
  done(status: Status): void
}

/** A flush or a discard of a client's device. Its end is told at a later event than its beginning. */
export class EmptyIo implements BioOwner, EventTarget {
  readonly client: BufioClient
  readonly waiter: DoneWaiter
  private status: Status
  private isSubmitting: boolean

  constructor(client: BufioClient, waiter: DoneWaiter) {
    this.client = client
    this.waiter = waiter
    this.status = 'OK'
    this.isSubmitting = false
  }

  flush(): void {
    this.client.flushes++
    this.submit(FLUSH, SYNC, 0, 0)
  }

  discard(sector: number, sectors: number): void {
    this.submit(DISCARD, 0, sector, sectors)
  }

  private submit(op: typeof FLUSH | typeof DISCARD, flags: number, sector: number, sectors: number): void {
    const { sim, cause, device } = this.client
    this.isSubmitting = true
    device.submit(new Bio(sim, this, op, flags, sector, sectors, 0, cause))
    this.isSubmitting = false
  }

  bioDone(bio: Bio): void {
    this.status = bio.status
    if (this.isSubmitting) this.client.sim.after(0, this, 0)
    else this.event()
  }

  event(): void {
    this.waiter.done(this.status)
  }
}
