/**
 * An extent in which something could not be read, page by page: a page that one member cannot deliver is computed from the
 * others, written back and read again; where two are missing the row is lost, and noted as bad on those that lack it.
 * @source handle_parity_checks5, handle_failed_sync, drivers/md/raid5.c, 6.1
 */
import { READ, SYNC, WRITE, Bio, type BioOwner } from '../block/bio.ts'
import { Procedure } from '../sim/procedure.ts'
import { TRACE } from '../sim/trace.ts'
import { markBad } from './raid5_io_end.ts'
import { STRIPE_SECTORS, UPTODATE } from './stripe.ts'
import type { Raid5Extent } from './raid5_extent.ts'
import type { SyncPass } from './sync.ts'

const PAGE = STRIPE_SECTORS * 512

export class MendPages extends Procedure implements BioOwner {
  readonly extent: Raid5Extent
  readonly pass: SyncPass
  sector: number
  /** Slots whose page at `sector` cannot be had. */
  missing: number
  mended: number

  constructor(extent: Raid5Extent) {
    super(extent.sim, 'read a page of all')
    this.extent = extent
    this.pass = extent.pass
    this.sector = extent.pass.from
    this.missing = 0
    this.mended = -1
  }

  override steps() {
    return STEPS
  }

  address(slot: number): number {
    return this.pass.address(slot, this.sector)
  }

  /** One page of one slot. */
  submit(slot: number, op: typeof READ | typeof WRITE): void {
    const { array } = this.extent
    const member = array.slots[slot]
    if (member === null) return
    member.pending++
    this.expect()
    const at = member.dataOffset + this.sector
    member.device.submit(
      new Bio(array.sim, this, op, SYNC, at, STRIPE_SECTORS, this.address(slot), array.causes.sync, 0, slot),
    )
  }

  bioDone(bio: Bio): void {
    const member = this.extent.array.slots[bio.tag]
    if (member !== null && member.pending > 0) member.pending--
    if (bio.status !== 'OK') this.missing |= 1 << bio.tag
    this.arrived()
  }
}

const STEPS = {
  'read a page of all': (mend: MendPages): string => {
    const { extent, pass } = mend
    if (mend.sector >= pass.to) return ''
    mend.missing = 0
    mend.mended = -1
    for (let slot = 0; slot < pass.array.raidDisks; slot++) {
      if (extent.isTarget(slot)) continue
      const cached = extent.raid5.cache.peek(mend.sector)?.pages[slot]
      if (cached !== undefined && (cached.flags & UPTODATE) !== 0) {
        pass.sim.memory.copy(mend.address(slot), cached.address, PAGE)
      } else if (pass.array.readable(slot, mend.sector, STRIPE_SECTORS)) mend.submit(slot, READ)
      else mend.missing |= 1 << slot
    }
    return 'compute what is missing'
  },

  'compute what is missing': (mend: MendPages): string => {
    const { extent, pass } = mend
    const { array } = pass
    const { arena } = array.sim.memory
    const absent = pass.buffers.flatMap((_, slot) =>
      extent.isTarget(slot) || (mend.missing & (1 << slot)) !== 0 ? [slot] : [],
    )
    const addresses = pass.buffers.map((_, slot) => mend.address(slot))
    if (absent.length > 1) {
      for (const slot of absent) {
        const member = array.slots[slot]
        if (member === null || member.faulty) continue
        if (!markBad(array, member, mend.sector, STRIPE_SECTORS)) array.memberFailed(member)
      }
      return 'next page'
    }
    if (absent.length === 1) {
      const [slot] = absent
      const others = addresses.filter((_, other) => other !== slot)
      arena.parity(addresses[slot], others, PAGE)
      mend.missing = 0
      mend.mended = slot
      mend.submit(slot, WRITE)
      return 'read it back'
    }
    if (!arena.parityIsZero(addresses, PAGE)) {
      array.mismatches += STRIPE_SECTORS
      array.sim.emit(TRACE.mismatch, array.minor, mend.sector, STRIPE_SECTORS)
      if (pass.action === 'check') return 'next page'
      const parity = array.geometry.paritySlot(Math.floor(mend.sector / array.geometry.chunkSectors))
      arena.parity(
        addresses[parity],
        addresses.filter((_, slot) => slot !== parity),
        PAGE,
      )
      mend.submit(parity, WRITE)
      extent.refreshCache(parity, mend.sector)
    }
    return 'next page'
  },

  'read it back': (mend: MendPages): string => {
    const { extent, pass } = mend
    const { array } = pass
    const member = array.slots[mend.mended]
    if (member === null || member.faulty) return 'next page'
    if (mend.missing !== 0) {
      if (!markBad(array, member, mend.sector, STRIPE_SECTORS)) array.memberFailed(member)
      return 'next page'
    }
    extent.refreshCache(mend.mended, mend.sector)
    if (extent.isTarget(mend.mended)) return 'next page'
    member.badBlocks?.clear(member.dataOffset + mend.sector, STRIPE_SECTORS)
    mend.submit(mend.mended, READ)
    return 'note the correction'
  },

  'note the correction': (mend: MendPages): string => {
    const { array } = mend.pass
    const member = array.slots[mend.mended]
    if (member === null || member.faulty) return 'next page'
    if (mend.missing === 0) member.correctedErrors += STRIPE_SECTORS
    else if (!markBad(array, member, mend.sector, STRIPE_SECTORS)) array.memberFailed(member)
    return 'next page'
  },

  'next page': (mend: MendPages): string => {
    mend.sector += STRIPE_SECTORS
    return 'read a page of all'
  },
}
