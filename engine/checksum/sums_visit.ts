import type { Bio, Status } from '../block/bio.ts'
import type { Buffer, BufferWaiter } from '../bufio/buffer.ts'
import { ChecksumEntry, entryBlock, entryOffset } from '../format/checksum_layout.ts'
import { DONE, Procedure } from '../sim/procedure.ts'
import type { ChecksumDevice } from './checksum_device.ts'

/** Whoever wants to see the entries of some sectors. */
export interface EntryVisitor {
  /** @returns whether the entry was changed */
  visitEntry(sector: number, entry: ChecksumEntry): boolean
}

/** Goes to the entries of a list of sectors, ascending: one metadata block after the other is held, looked at or changed, and released. */
export class SumsVisit extends Procedure implements BufferWaiter {
  readonly device: ChecksumDevice
  readonly sectors: readonly number[]
  readonly visitor: EntryVisitor
  readonly bio: Bio | null
  private index: number
  private buffer: Buffer | null
  status: Status

  constructor(device: ChecksumDevice, sectors: readonly number[], visitor: EntryVisitor, bio: Bio | null) {
    super(device.sim, 'hold')
    this.device = device
    this.sectors = sectors
    this.visitor = visitor
    this.bio = bio
    this.index = 0
    this.buffer = null
    this.status = 'OK'
  }

  override steps() {
    return STEPS
  }

  bufferReady(buffer: Buffer | null, status: Status): void {
    this.buffer = buffer
    this.status = status
    this.arrived()
  }

  hold(): string {
    if (this.status !== 'OK' || this.index >= this.sectors.length) return DONE
    const block = entryBlock(this.device.layout, this.sectors[this.index])
    this.buffer = this.device.client.read(block, this, this.bio)
    if (this.buffer === null) this.expect()
    return 'visit'
  }

  visit(): string {
    const { buffer, device, sectors } = this
    if (buffer === null) return DONE
    const { layout, client } = device
    let from = Infinity
    let to = 0
    for (; this.index < sectors.length; this.index++) {
      const sector = sectors[this.index]
      if (entryBlock(layout, sector) !== buffer.block) break
      const offset = entryOffset(layout, sector)
      const entry = new ChecksumEntry(device.sim.memory.bytes, buffer.address + offset, layout)
      if (!this.visitor.visitEntry(sector, entry)) continue
      from = Math.min(from, offset)
      to = Math.max(to, offset + layout.entryBytes)
    }
    if (to > 0) client.markPartialDirty(buffer, from, to)
    client.release(buffer)
    this.buffer = null
    return 'hold'
  }
}

const STEPS = {
  hold: (visit: SumsVisit): string => visit.hold(),
  visit: (visit: SumsVisit): string => visit.visit(),
}
