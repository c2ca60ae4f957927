/**
 * Stopping an array: it comes to rest, then the members go.
 * @source do_md_stop, drivers/md/md.c, 6.1
 */
import { Procedure } from '../sim/procedure.ts'
import type { NativeArray } from './native_array.ts'
import type { Md } from './md.ts'
import { StopWrites } from './stop_writes.ts'

export class StopArray extends Procedure {
  readonly md: Md
  readonly array: NativeArray

  constructor(md: Md, array: NativeArray) {
    super(md.sim, 'stop writes')
    this.md = md
    this.array = array
  }

  override steps() {
    return STEPS
  }
}

const STEPS = {
  'stop writes': (stop: StopArray): string => {
    stop.call(new StopWrites(stop.array))
    return 'let the members go'
  },

  'let the members go': (stop: StopArray): string => {
    const { array, md } = stop
    for (const member of array.members) member.release(array.name)
    array.free()
    md.remove(array)
    return ''
  },
}
