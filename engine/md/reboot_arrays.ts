/**
 * The kernel is about to stop: every array comes to rest once, and from then on is clean whenever nothing is being written, for writes
 * may still come.
 * @source md_notify_reboot, drivers/md/md.c, 6.1
 */
import { FIRST, type RebootNotifier } from '../block/reboot_notifiers.ts'
import { DONE, Procedure } from '../sim/procedure.ts'
import type { Md } from './md.ts'
import type { NativeArray } from './native_array.ts'
import { StopWrites } from './stop_writes.ts'

/** MD's: before any real device. */
export class MdRebootNotifier implements RebootNotifier {
  readonly name = 'md'
  readonly priority = FIRST
  private readonly md: Md
  private readonly staysClean: boolean

  /** @param staysClean whether arrays are kept clean from then on, as Linux does */
  constructor(md: Md, staysClean: boolean) {
    this.md = md
    this.staysClean = staysClean
  }

  rebootNotified(): Procedure | null {
    return this.md.arrays.length === 0 ? null : new RebootArrays(this.md, this.staysClean)
  }
}

class RebootArrays extends Procedure {
  readonly left: NativeArray[]
  array: NativeArray | null
  readonly staysClean: boolean

  constructor(md: Md, staysClean: boolean) {
    super(md.sim, 'next array')
    this.left = [...md.arrays]
    this.array = null
    this.staysClean = staysClean
  }

  override steps() {
    return STEPS
  }
}

const STEPS = {
  'next array': (reboot: RebootArrays): string => {
    const array = reboot.left.shift() ?? null
    reboot.array = array
    if (array === null) return DONE
    array.quiesced = true
    reboot.call(new StopWrites(array))
    return 'clean from now on'
  },

  'clean from now on': (reboot: RebootArrays): string => {
    const { array } = reboot
    if (array === null) return DONE
    array.stopping = false
    array.safeModeAtOnce = reboot.staysClean
    array.quiesced = false
    array.letGo()
    return 'next array'
  },
}
