/** `mdadm --stop`: waits a while for those who have the array open, then has the kernel stop it. */
import { STRERROR } from '../base/errno.ts'
import { findEmptyArray } from '../md/empty_array.ts'
import type { NativeArray } from '../md/native_array.ts'
import { StopArray } from '../md/stop_array.ts'
import { DONE, Procedure } from '../sim/procedure.ts'
import { MILLISECOND } from '../sim/sim.ts'
import type { Kernel } from './kernel.ts'
import { isBusy, noArray, runningArray } from './mdadm_array.ts'

/**
 * How often the kernel is asked while somebody has the array open, and how long mdadm waits in between.
 * @differs mdadm pauses for 200 ms each time; a workload that is not stopped does not end in five seconds either.
 */
const TRIES = 25
const PAUSE = 4 * MILLISECOND

const PERHAPS = 'Perhaps a running process, mounted filesystem or active volume group?'

export class StopNamedArray extends Procedure {
  readonly path: string
  stderr: string
  status: number
  private readonly kernel: Kernel
  private array: NativeArray | undefined
  private tries: number

  constructor(kernel: Kernel, path: string) {
    super(kernel.sim, 'find it')
    this.path = path
    this.stderr = ''
    this.status = 0
    this.kernel = kernel
    this.array = undefined
    this.tries = 0
  }

  override steps() {
    return STOP_STEPS
  }

  private end(status: number, message: string): string {
    this.status = status
    this.stderr += `mdadm: ${message}\n`
    return DONE
  }

  find(): string {
    this.array = runningArray(this.kernel, this.path)
    const empty = findEmptyArray(this.kernel.devices, this.path)
    if (empty !== undefined) {
      this.kernel.devices.remove(empty)
      return 'stopped'
    }
    if (this.array === undefined) return this.end(1, noArray(this.kernel, this.path, 'error opening'))
    if (isBusy(this.array)) return this.end(1, `Cannot get exclusive access to ${this.path}:${PERHAPS}`)
    return 'stop'
  }

  stop(): string {
    const { array } = this
    if (array === undefined) return DONE
    if (array.openers > 0) {
      if (++this.tries === TRIES) {
        return this.end(1, `failed to stop array ${this.path}: ${STRERROR.EBUSY}\n       ${PERHAPS}`)
      }
      this.sleep(PAUSE)
      return 'stop'
    }
    this.call(new StopArray(this.kernel.md, array))
    return 'stopped'
  }

  stopped(): string {
    return this.end(0, `stopped ${this.path}`)
  }
}

const STOP_STEPS = {
  'find it': (stop: StopNamedArray) => stop.find(),
  stop: (stop: StopNamedArray) => stop.stop(),
  stopped: (stop: StopNamedArray) => stop.stopped(),
}
