import type { ChecksumEntry } from '../format/checksum_layout.ts'
import { DONE } from '../sim/procedure.ts'
import type { ChecksumDevice } from './checksum_device.ts'
import { ChecksumWork } from './checksum_work.ts'
import type { EntryVisitor } from './sums_visit.ts'

/**
 * Flushes the data device. What was written before is durable then: the old sums of those sectors are forgotten, but for those that were
 * written again meanwhile. That is noted in the cache of the metadata, and reaches the device with whatever is written next.
 */
export class ForgetOlds extends ChecksumWork implements EntryVisitor {
  /** Sectors with two sums, and the batches that wrote them, when the flush was submitted. */
  durable: ReadonlyMap<number, number>

  constructor(device: ChecksumDevice) {
    super(device, 'flush')
    this.durable = new Map()
  }

  override steps() {
    return STEPS
  }

  /** Those of them that nobody has written again. */
  get sectors(): number[] {
    const { unforgotten } = this.device
    const found: number[] = []
    for (const [sector, batch] of this.durable) if (unforgotten.get(sector) === batch) found.push(sector)
    return found.sort((a, b) => a - b)
  }

  visitEntry(sector: number, entry: ChecksumEntry): boolean {
    const { unforgotten } = this.device
    if (unforgotten.get(sector) !== this.durable.get(sector)) return false
    unforgotten.delete(sector)
    entry.forgetOld()
    return true
  }
}

const STEPS = {
  flush: (forget: ForgetOlds): string => {
    forget.durable = new Map(forget.device.unforgotten)
    forget.flushData()
    return 'forget'
  },

  forget: (forget: ForgetOlds): string => {
    if (forget.ioError === 'OK') forget.visit(forget.sectors, forget)
    return DONE
  },
}
