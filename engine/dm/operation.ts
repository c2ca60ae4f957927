import type { Failure } from '../base/errno.ts'
import { Procedure } from '../sim/procedure.ts'
import type { MappedDevice } from './mapped_device.ts'
import { PENDING, type HookResult, type HookWaiter, type Target } from './target.ts'

/** The hooks that are called for one target after the other. */
type HookName = 'open' | 'presuspend' | 'postsuspend' | 'preresume' | 'prepareStatus'

/**
 * Something done to a mapped device that may take time, because its targets do. Whoever calls it (as the procedure that it
 * is) finds in `failure` how it went.
 */
export abstract class DmOperation extends Procedure implements HookWaiter {
  readonly device: MappedDevice
  failure: Failure | null
  /** The targets whose hook is being called, and the next of them. */
  private targets: readonly Target[]
  private nextTarget: number

  constructor(device: MappedDevice, firstStep: string) {
    super(device.sim, firstStep)
    this.device = device
    this.failure = null
    this.targets = []
    this.nextTarget = 0
  }

  /** Takes the targets that {@link hooks} goes through. */
  through(targets: readonly Target[]): void {
    this.targets = targets
    this.nextTarget = 0
  }

  /**
   * Calls a hook of the next target. A step returns what this returns.
   * @param again the calling step.
   * @param then the step after the last target, or after a failure.
   */
  hooks(hook: HookName, again: string, then: string): string {
    if (this.failure !== null || this.nextTarget >= this.targets.length) return then
    this.await(this.targets[this.nextTarget++][hook](this))
    return again
  }

  hookDone(failure: Failure | null): void {
    this.failure = failure
    this.arrived()
  }

  drained(): void {
    this.arrived()
  }

  private await(result: HookResult): void {
    if (result === PENDING) this.expect()
    else this.failure = result
  }
}
