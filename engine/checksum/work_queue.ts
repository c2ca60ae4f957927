/**
 * Work queues: pieces of work that are carried out one after the other, each by itself. What is queued and has not begun is not queued a
 * second time; what has begun may be.
 * @source queue_work, queue_delayed_work, drain_workqueue, kernel/workqueue.c, 6.1
 */
import { Bio, type BioOwner, type Op, type Status } from '../block/bio.ts'
import type { BlockDevice } from '../block/device.ts'
import { DONE, Procedure, type ProcedureParent } from '../sim/procedure.ts'
import type { EventTarget } from '../sim/queue.ts'
import type { Sim } from '../sim/sim.ts'

/** A bio carries at most 256 pages. */
const BIO_SECTORS = 2048

/** A procedure that does I/O, and whose steps look at how the I/O of the step before has ended. */
export abstract class IoProcedure extends Procedure implements BioOwner {
  readonly cause: number
  /** The first error of the I/O since {@link takeError}. */
  ioError: Status

  constructor(sim: Sim, firstStep: string, cause: number) {
    super(sim, firstStep)
    this.cause = cause
    this.ioError = 'OK'
  }

  /** Submits I/O, in bios of at most 1 MiB; the next step waits for it. */
  io(device: BlockDevice, op: Op, flags: number, sector: number, sectors: number, address: number, parent = 0): void {
    const piece = address === 0 ? sectors : BIO_SECTORS
    let at = 0
    do {
      const length = Math.min(piece, sectors - at)
      this.pending++
      const data = address === 0 ? 0 : address + at * 512
      device.submit(new Bio(this.sim, this, op, flags, sector + at, length, data, this.cause, parent))
      at += piece
    } while (at < sectors)
  }

  bioDone(bio: Bio): void {
    if (bio.status !== 'OK' && this.ioError === 'OK') this.ioError = bio.status
    this.arrived()
  }

  takeError(): Status {
    const error = this.ioError
    this.ioError = 'OK'
    return error
  }
}

/** A piece of work for a queue; it may be carried out many times. */
export abstract class Work extends IoProcedure {
  /** It waits for its turn. */
  queued: boolean

  constructor(sim: Sim, cause: number) {
    super(sim, DONE, cause)
    this.queued = false
  }
}

const DELAYED = 0

/** The clock of a delayed work. */
export class DelayedWork implements EventTarget {
  readonly queue: WorkQueue
  readonly work: Work
  /** The event that counts; others are of timers that were stopped. */
  private generation: number
  armed: boolean

  constructor(queue: WorkQueue, work: Work) {
    this.queue = queue
    this.work = work
    this.generation = 0
    this.armed = false
  }

  /** Queues the work after a while, in nanoseconds; what waits already, waits as long as before. */
  after(delay: number): void {
    if (this.armed || this.work.queued) return
    if (delay === 0) {
      this.queue.queue(this.work)
      return
    }
    this.armed = true
    this.queue.sim.after(delay, this, DELAYED, this.generation)
  }

  /** Stops the clock; what is queued stays so. */
  disarm(): void {
    this.generation++
    this.armed = false
  }

  /** Whatever has not begun does not begin. */
  cancel(): void {
    this.disarm()
    this.queue.cancel(this.work)
  }

  event(_what: number, generation: number): void {
    if (generation !== this.generation) return
    this.armed = false
    this.queue.queue(this.work)
  }
}

/** Whoever waits until a queue is empty. */
export interface DrainWaiter {
  queueDrained(): void
}

export class WorkQueue implements ProcedureParent {
  readonly sim: Sim
  private readonly waiting: Work[]
  private running: Work | null
  private readonly drainWaiters: DrainWaiter[]

  constructor(sim: Sim) {
    this.sim = sim
    this.waiting = []
    this.running = null
    this.drainWaiters = []
  }

  get idle(): boolean {
    return this.running === null && this.waiting.length === 0
  }

  queue(work: Work): void {
    if (work.queued) return
    work.queued = true
    this.waiting.push(work)
    if (this.running === null) this.next()
  }

  cancel(work: Work): void {
    const at = this.waiting.indexOf(work)
    if (at < 0) return
    this.waiting.splice(at, 1)
    work.queued = false
  }

  /** Tells `waiter` when nothing waits or runs any more. @returns false when that is so already: nobody is told. */
  drain(waiter: DrainWaiter): boolean {
    if (this.idle) return false
    this.drainWaiters.push(waiter)
    return true
  }

  private next(): void {
    const work = this.waiting.shift()
    if (work === undefined) {
      for (const waiter of this.drainWaiters.splice(0)) waiter.queueDrained()
      return
    }
    work.queued = false
    this.running = work
    work.step = 'begin'
    work.parent = this
    work.start()
  }

  procedureDone(): void {
    this.running = null
    this.next()
  }
}
