import { DONE, Procedure } from '../sim/procedure.ts'
import type { Buffer, IdleWaiter } from './buffer.ts'
import type { BufioMemory } from './bufio_memory.ts'

/**
 * Makes room when all clients together have too much: goes round the queue of all buffers, from its end. One that was used
 * since it was passed last is spared once; one that is held is passed over; one that is dirty is written first, and waited for.
 * @source do_global_cleanup, drivers/md/dm-bufio.c, 6.1
 */
export class Replacement extends Procedure implements IdleWaiter {
  readonly memory: BufioMemory
  victim: Buffer | null
  /** How many more buffers are looked at. */
  looksLeft: number

  constructor(memory: BufioMemory) {
    super(memory.sim, DONE)
    this.memory = memory
    this.victim = null
    this.looksLeft = 0
  }

  get isUnderWay(): boolean {
    return this.step !== DONE
  }

  begin(): void {
    if (this.isUnderWay) return
    this.looksLeft = this.memory.queue.size * 2
    this.step = 'look'
    this.resume()
  }

  override steps() {
    return STEPS
  }

  bufferIdle(): void {
    this.arrived()
  }
}

const STEPS = {
  look: (room: Replacement): string => {
    const { memory } = room
    const { queue } = memory
    while (memory.values.current_allocated_bytes > memory.threshold && room.looksLeft-- > 0) {
      const oldest = queue.values().next()
      if (oldest.done === true) break
      const buffer = oldest.value
      if (buffer.accessed || buffer.holders > 0) {
        buffer.accessed = false
        queue.delete(buffer)
        queue.add(buffer)
        continue
      }
      room.victim = buffer
      if (buffer.state === 0) return 'evict'
      room.expect()
      buffer.client.clean(buffer, room)
      return 'evict'
    }
    return DONE
  },

  evict: (room: Replacement): string => {
    const { memory, victim } = room
    room.victim = null
    if (victim === null) return 'look'
    if (victim.client.isCached(victim) && victim.isFree) victim.client.evict(victim)
    else if (victim.client.isCached(victim)) {
      memory.queue.delete(victim)
      memory.queue.add(victim)
    }
    return 'look'
  },
}
