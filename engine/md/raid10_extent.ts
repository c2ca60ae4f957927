/**
 * A resync, check or repair of a piece of a RAID-10: all copies are read, those that differ from the first that could be read are
 * counted and, unless this is a check, written. A copy that could not be read is written in any case.
 * @source raid10_sync_request, sync_request_write, drivers/md/raid10.c, 6.1
 */
import { READ, WRITE } from '../block/bio.ts'
import { TRACE } from '../sim/trace.ts'
import { markBad } from './mark_bad.ts'
import type { Member } from './member.ts'
import { MemberIo } from './member_io.ts'
import type { Mirrors } from './mirrors.ts'
import { noteWriteError } from './place.ts'
import type { SyncPass } from './sync.ts'

interface Side {
  readonly slot: number
  readonly member: Member
  /** On the member. */
  readonly sector: number
}

export class Raid10Extent extends MemberIo {
  readonly mirrors: Mirrors
  readonly pass: SyncPass
  readonly sides: Side[]
  written: Side[]

  constructor(mirrors: Mirrors, pass: SyncPass) {
    super(mirrors.array, 'read all')
    this.mirrors = mirrors
    this.pass = pass
    this.sides = []
    this.written = []
  }

  override steps() {
    return STEPS
  }

  get sectors(): number {
    return this.pass.sectors
  }
}

const STEPS = {
  'read all': (extent: Raid10Extent): string => {
    const { array, pass, sides, sectors } = extent
    for (const { slot, sector } of extent.mirrors.geometry.locate(pass.from)) {
      const member = array.slots[slot]
      if (member === null || member.faulty || member.hasBadBlocks(sector, sectors)) continue
      sides.push({ slot, member, sector })
    }
    if (sides.length < 2) return ''
    pass.ioSectors += sectors
    extent.beginIo()
    for (const { slot, member, sector } of sides) extent.io(member, READ, sector, sectors, pass.buffers[slot])
    return 'compare'
  },

  compare: (extent: Raid10Extent): string => {
    const { array, pass, sides, sectors, sim, written } = extent
    const failed = sides.map((_, i) => extent.failed(i))
    sides.forEach(({ slot, sector, member }, i) => {
      extent.mirrors.moveHead(slot, sector + sectors)
      if (failed[i]) member.correctedErrors += sectors
    })
    const first = failed.indexOf(false)
    if (first < 0) return ''
    const data = pass.buffers[sides[first].slot]
    sides.forEach((side, i) => {
      if (i === first) return
      if (!failed[i]) {
        if (sim.memory.equal(data, pass.buffers[side.slot], sectors * 512)) return
        array.mismatches += sectors
        sim.emit(TRACE.mismatch, array.minor, side.sector, sectors)
        if (pass.action === 'check') return
      }
      written.push(side)
    })
    extent.beginIo()
    for (const { member, sector } of written) extent.io(member, WRITE, sector, sectors, data)
    return 'see what was written'
  },

  'see what was written': (extent: Raid10Extent): string => {
    extent.written.forEach(({ member, sector }, i) => {
      if (!extent.failed(i)) return
      noteWriteError(extent.array, member)
      if (!markBad(extent.array, member, sector, extent.sectors)) extent.array.memberFailed(member)
    })
    return ''
  },
}
