/**
/**
 * An extent in which something could not be read, page by page: what members cannot deliver is computed from the others and written
 * back; where more is missing than parity can replace, the row is lost, and noted as bad on those that lack it.
 *
 * With that write the pass is done with the page. But the stripe still remembers the read error: a while later it writes the
 * page once more and reads it back, and only then the correction is counted; see {@link rewrite}.
 * @source handle_parity_checks5, handle_parity_checks6, handle_failed_sync, the end of handle_stripe, drivers/md/raid5.c, 6.1
 */
import { READ, SYNC, WRITE, Bio, type BioOwner } from '../block/bio.ts'
import { Procedure } from '../sim/procedure.ts'
import { MICROSECOND } from '../sim/sim.ts'
import { TRACE } from '../sim/trace.ts'
import type { Member } from './member.ts'
import { ioEnded, memberOfTag, REPLACEMENT_TAG, tagOf, workingReplacement } from './place.ts'
import { checkable, slotsOf, wrongSlots, type Raid5Extent } from './raid5_extent.ts'
import { markBad } from './mark_bad.ts'
import { READ_ERROR, REWRITTEN, STRIPE_SECTORS, UPTODATE } from './stripe.ts'
import type { SyncPass } from './sync.ts'

const PAGE = STRIPE_SECTORS * 512

export class MendPages extends Procedure implements BioOwner {
  readonly extent: Raid5Extent
  readonly pass: SyncPass
  sector: number
  /** Bit per slot whose page at `sector` cannot be had, or could not be written. */
  missing: number
  /** Slots whose page was computed and is written. */
  mended: readonly number[]

  constructor(extent: Raid5Extent) {
    super(extent.sim, 'read a page of all')
    this.extent = extent
    this.pass = extent.pass
    this.sector = extent.pass.from
    this.missing = 0
    this.mended = []
  }

  override steps() {
    return STEPS
  }

  address(slot: number): number {
    return this.pass.address(slot, this.sector)
  }

  /** The member of a slot, if there is one that works. */
  member(slot: number): Member | null {
    const member = this.extent.array.slots[slot]
    return member === null || member.faulty ? null : member
  }

  /** A page of a member is beyond help: it is noted as bad, or the member is. */
  giveUp(slot: number): void {
    const { array } = this.extent
    const member = this.member(slot)
    if (member !== null && !markBad(array, member, this.sector, STRIPE_SECTORS)) array.memberFailed(member)
  }

  /** A page that nobody can make: a member that is being built can do nothing for it, and the pass cannot go on without a note. */
  lose(slot: number): void {
    const { array, raid5 } = this.extent
    const member = this.member(slot)
    if (member === null || member.inSync) this.giveUp(slot)
    else if (!markBad(array, member, this.sector, STRIPE_SECTORS)) raid5.giveUpRebuild()
  }

  /** One page of one slot. */
  submit(slot: number, op: typeof READ | typeof WRITE): void {
    const { array } = this.extent
    const member = op === READ ? array.reader(slot, this.sector, STRIPE_SECTORS) : array.slots[slot]
    if (member !== null) this.submitTo(member, slot, op)
  }

  /** The page goes to the replacements, too, that do not have it yet. */
  writeReplacements(): void {
    const { array } = this.extent
    for (const slot of slotsOf(this.pass.replacing, array.raidDisks)) {
      const replacement = workingReplacement(array, slot)
      if (replacement === null || replacement.canRead(this.sector, STRIPE_SECTORS)) continue
      this.submitTo(replacement, slot, WRITE)
    }
  }

  /** A row is lost: so it is on all that are being built. @source handle_failed_sync, drivers/md/raid5.c, 6.1 */
  giveUpReplacements(): void {
    const { array, raid5 } = this.extent
    for (const slot of slotsOf(this.pass.replacing, array.raidDisks)) {
      const replacement = workingReplacement(array, slot)
      if (replacement !== null && !markBad(array, replacement, this.sector, STRIPE_SECTORS)) raid5.giveUpRebuild()
    }
  }

  private submitTo(member: Member, slot: number, op: typeof READ | typeof WRITE): void {
    const { array } = this.extent
    member.pending++
    this.expect()
    const at = member.dataOffset + this.sector
    member.device.submit(
      new Bio(
        array.sim,
        this,
        op,
        SYNC,
        at,
        STRIPE_SECTORS,
        this.address(slot),
        array.causes.sync,
        0,
        tagOf(array, member, slot),
      ),
    )
  }

  bioDone(bio: Bio): void {
    const { array } = this.extent
    const slot = bio.tag & ~REPLACEMENT_TAG
    const member = memberOfTag(array, bio.tag)
    ioEnded(array, member)
    if (bio.status !== 'OK') {
      if (member !== null && bio.tag !== slot) array.memberFailed(member)
      if (bio.tag === slot || bio.op === READ) this.missing |= 1 << slot
    }
    this.arrived()
  }
}

const STEPS = {
  'read a page of all': (mend: MendPages): string => {
    const { extent, pass } = mend
    if (mend.sector >= pass.to) return ''
    mend.missing = 0
    mend.mended = []
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
    const { array, raid5 } = extent
    const { geometry, parity } = raid5
    const lost = slotsOf(mend.missing | pass.targets, array.raidDisks)
    if (lost.length > raid5.maxDegraded) {
      for (const slot of lost) mend.lose(slot)
      mend.giveUpReplacements()
      return 'next page'
    }
    const row = Math.floor(mend.sector / geometry.chunkSectors)
    const addresses = pass.buffers.map((_, slot) => mend.address(slot))
    if (lost.length > 0) parity.recover(row, addresses, lost, PAGE)
    const q = geometry.qSlot(row)
    const asked = checkable(q, lost)
    const wrong = asked === 0 ? 0 : parity.wrong(row, addresses, PAGE) & asked
    if (wrong !== 0) {
      array.mismatches += STRIPE_SECTORS
      array.sim.emit(TRACE.mismatch, array.minor, mend.sector, STRIPE_SECTORS)
      if (pass.action !== 'check') {
        parity.make(row, addresses, PAGE)
        for (const slot of wrongSlots(wrong, geometry.paritySlot(row), q)) {
          mend.submit(slot, WRITE)
          extent.refreshCache(slot, mend.sector)
        }
      }
    }
    mend.missing = 0
    mend.mended = lost.filter((slot) => mend.member(slot) !== null)
    for (const slot of mend.mended) mend.submit(slot, WRITE)
    mend.writeReplacements()
    return 'done with it'
  },

  'done with it': (mend: MendPages): string => {
    const { extent } = mend
    const back: number[] = []
    for (const slot of mend.mended) {
      if (mend.member(slot) === null) continue
      if ((mend.missing & (1 << slot)) !== 0) mend.giveUp(slot)
      else if (extent.isTarget(slot)) extent.refreshCache(slot, mend.sector)
      else back.push(slot)
    }
    mend.mended = back
    return back.length > 0 ? 'remember the read error' : 'next page'
  },

  'remember the read error': (mend: MendPages): string => {
    const { array, raid5 } = mend.extent
    const stripe = raid5.cache.get(mend.sector)
    if (stripe === undefined) {
      mend.sleep(MICROSECOND)
      return 'remember the read error'
    }
    stripe.pages.forEach((page, slot) => {
      if (page.address === 0) page.address = array.sim.memory.allocate(PAGE)
      array.sim.memory.copy(page.address, mend.address(slot), PAGE)
      page.flags |= UPTODATE
    })
    for (const slot of mend.mended) {
      const page = stripe.pages[slot]
      page.flags |= READ_ERROR
      const { badBlocks, dataOffset } = array.slots[slot] as Member
      if (badBlocks !== null && badBlocks.overlaps(dataOffset + mend.sector, STRIPE_SECTORS)) {
        badBlocks.clear(dataOffset + mend.sector, STRIPE_SECTORS)
        page.flags |= REWRITTEN
      }
    }
    raid5.mended.push(mend.sector)
    return 'next page'
  },

  'next page': (mend: MendPages): string => {
    mend.sector += STRIPE_SECTORS
    return 'read a page of all'
  },
}
