/**
 * The work of a sync pass on one range of a RAID-4, 5 or 6: it is read from all members, judged in one go, and what is wrong is
 * written. In Linux: raid5_sync_request and what handle_stripe does for it, a page at a time.
 */
import { READ, SYNC, WRITE, Bio, type BioOwner } from '../block/bio.ts'
import { Procedure } from '../sim/procedure.ts'
import { TRACE } from '../sim/trace.ts'
import type { MdArray } from './array.ts'
import type { Member } from './member.ts'
import { ioEnded, memberOfTag, REPLACEMENT_TAG, tagOf, workingReplacement } from './place.ts'
import type { Raid5 } from './raid5.ts'
import { markBad } from './mark_bad.ts'
import { WRONG_P, WRONG_Q } from './parity.ts'
import type { ParitySyncKind } from './parity_sync.ts'
import { MendPages } from './raid5_mend.ts'
import { STRIPE_SECTORS, UPTODATE } from './stripe.ts'
import type { SyncPass } from './sync.ts'

const PAGE = STRIPE_SECTORS * 512

export const RAID5_SYNC: ParitySyncKind = {
  levels: [4, 5, 6],
  extent: (raid5, pass) => new Raid5Extent(raid5, pass),
}

export class Raid5Extent extends Procedure implements BioOwner {
  readonly raid5: Raid5
  readonly array: MdArray
  readonly pass: SyncPass
  /** Bit per slot that cannot be read: nobody is there, or it is not built yet. */
  absent: number
  /** Bit per slot whose read or write failed. */
  failedSlots: number
  /** Pages whose parity was wrong, by sector. */
  readonly remade: number[]
  /** The parity was checked, and is gone where it was right. */
  emptied: boolean
  private zeros: number

  constructor(raid5: Raid5, pass: SyncPass) {
    super(pass.sim, 'read')
    this.raid5 = raid5
    this.array = raid5.array
    this.pass = pass
    this.absent = 0
    this.failedSlots = 0
    this.remade = []
    this.emptied = false
    this.zeros = 0
  }

  override steps() {
    return STEPS
  }

  isTarget(slot: number): boolean {
    return (this.pass.targets & (1 << slot)) !== 0
  }

  /** Whether some slot is not read for no other reason than that sectors of it are known to be bad. */
  hasBadBlocks(): boolean {
    const { array, pass } = this
    return slotsOf(this.absent, array.raidDisks).some((slot) => {
      const member = array.slots[slot]
      return member !== null && !member.faulty && member.hasBadBlocks(pass.from, pass.sectors)
    })
  }

  /** Whether nothing but replacements is built here: then only those are read that they replace. */
  get onlyReplaces(): boolean {
    const { pass, array } = this
    return pass.targets === 0 && pass.replacing !== 0 && pass.to <= array.resyncOffset
  }

  submit(slot: number, op: typeof READ | typeof WRITE, from = this.pass.from, to = this.pass.to): void {
    const { array } = this
    const member = op === READ ? array.reader(slot, from, to - from) : array.slots[slot]
    if (member !== null) this.submitTo(member, tagOf(array, member, slot), op, from, to)
  }

  /** What was read or computed goes to the replacements. @source handle_stripe, drivers/md/raid5.c, 6.1 */
  writeReplacements(): void {
    const { array, pass, raid5 } = this
    const { geometry } = raid5
    for (const slot of slotsOf(pass.replacing, array.raidDisks)) {
      const replacement = workingReplacement(array, slot)
      if (replacement === null || replacement.canRead(pass.from, pass.sectors)) continue
      const tag = slot | REPLACEMENT_TAG
      for (let from = pass.from; from < pass.to;) {
        const row = Math.floor(from / geometry.chunkSectors)
        const to = Math.min(pass.to, (row + 1) * geometry.chunkSectors)
        if (this.emptied && geometry.paritySlot(row) === slot) this.writeEmptied(replacement, tag, from, to)
        else this.submitTo(replacement, tag, WRITE, from, to)
        from = to
      }
    }
  }

  /**
   * Linux checks the parity of a RAID-4 or 5 by adding the data to it where it stands: what was right becomes zeros, and these go to the
   * replacement. Only what was wrong, and made anew, arrives there as it should.
   * @source handle_parity_checks5 before "write out to replacement devices" in handle_stripe, drivers/md/raid5.c; async_xor_val, 6.1
   */
  private writeEmptied(replacement: Member, tag: number, from: number, to: number): void {
    if (this.zeros === 0) this.zeros = this.sim.memory.allocateZeroed(PAGE)
    for (let sector = from; sector < to; sector += STRIPE_SECTORS) {
      const data = this.remade.includes(sector) ? undefined : this.zeros
      this.submitTo(replacement, tag, WRITE, sector, sector + STRIPE_SECTORS, data)
    }
  }

  free(): void {
    if (this.zeros !== 0) this.sim.memory.free(this.zeros)
    this.zeros = 0
  }

  private submitTo(
    member: Member,
    tag: number,
    op: typeof READ | typeof WRITE,
    from: number,
    to: number,
    data = this.pass.address(tag & ~REPLACEMENT_TAG, from),
  ): void {
    const { array } = this
    const at = member.dataOffset + from
    member.pending++
    this.expect()
    member.device.submit(new Bio(array.sim, this, op, SYNC, at, to - from, data, array.causes.sync, 0, tag))
  }

  bioDone(bio: Bio): void {
    const { array } = this
    const slot = bio.tag & ~REPLACEMENT_TAG
    const member = memberOfTag(array, bio.tag)
    ioEnded(array, member)
    if (bio.status !== 'OK') {
      // A replacement has failed with its first error.
      if (member !== null && bio.tag !== slot) array.memberFailed(member)
      if (bio.tag === slot || bio.op === READ) this.failedSlots |= 1 << slot
    }
    this.arrived()
  }

  /**
   * Reads the range from one slot. Pages that the stripe cache holds are taken from there, as the kernel does, whose sync goes
   * through the cache: the medium is not asked for them.
   */
  readSlot(slot: number): void {
    const { pass, raid5 } = this
    let { from } = pass
    for (let sector = from; sector < pass.to; sector += STRIPE_SECTORS) {
      const page = raid5.cache.peek(sector)?.pages[slot]
      if (page === undefined || (page.flags & UPTODATE) === 0) continue
      this.sim.memory.copy(pass.address(slot, sector), page.address, PAGE)
      if (from < sector) this.submit(slot, READ, from, sector)
      from = sector + STRIPE_SECTORS
    }
    if (from < pass.to) this.submit(slot, READ, from, pass.to)
  }

  /** A page was written past the cache: what the cache has of it is taken from the buffer. */
  refreshCache(slot: number, sector: number): void {
    const page = this.raid5.cache.peek(sector)?.pages[slot]
    if (page === undefined || (page.flags & UPTODATE) === 0) return
    this.sim.memory.copy(page.address, this.pass.address(slot, sector), PAGE)
  }

  /**
   * Leaves what was read and computed in the stripe cache, as the kernel does: the last pages of a pass can be seen in what the next
   * writes need not read. Of a long range only those that would not be driven out again.
   */
  fillCache(): void {
    const { pass, raid5, sim } = this
    const { cache } = raid5
    const first = Math.max(pass.from, Math.min(pass.end, pass.to) - cache.capacity * STRIPE_SECTORS)
    if (pass.sectors > STRIPE_SECTORS && pass.to < pass.end - cache.capacity * STRIPE_SECTORS) return
    for (let sector = first; sector < pass.to; sector += STRIPE_SECTORS) {
      const stripe = cache.get(sector)
      if (stripe === undefined) return
      stripe.pages.forEach((page, slot) => {
        if (page.address === 0) page.address = sim.memory.allocate(PAGE)
        sim.memory.copy(page.address, pass.address(slot, sector), PAGE)
        page.flags |= UPTODATE
      })
      cache.release(stripe)
    }
  }
}

const STEPS = {
  read: (extent: Raid5Extent): string => {
    const { array, pass } = extent
    for (let slot = 0; slot < array.raidDisks; slot++) {
      if (extent.isTarget(slot)) continue
      if (extent.onlyReplaces && (pass.replacing & (1 << slot)) === 0) continue
      if (array.readable(slot, pass.from, pass.sectors)) extent.readSlot(slot)
      else extent.absent |= 1 << slot
    }
    return 'judge'
  },

  judge: (extent: Raid5Extent): string => {
    const { array, pass, raid5 } = extent
    pass.ioSectors += pass.sectors
    const lost = slotsOf(extent.absent | pass.targets, array.raidDisks)
    if (extent.failedSlots !== 0 || lost.length > raid5.maxDegraded || extent.hasBadBlocks()) {
      extent.call(new MendPages(extent))
      return ''
    }
    if (extent.onlyReplaces) {
      extent.writeReplacements()
      return 'replacements written'
    }
    const { chunkSectors } = raid5.geometry
    for (let from = pass.from; from < pass.to;) {
      const row = Math.floor(from / chunkSectors)
      const to = Math.min(pass.to, (row + 1) * chunkSectors)
      judgeRow(extent, row, from, to, lost)
      from = to
    }
    for (const slot of slotsOf(pass.targets, array.raidDisks)) extent.submit(slot, WRITE)
    extent.emptied = lost.length === 0 && raid5.maxDegraded === 1
    extent.writeReplacements()
    return 'written'
  },

  'replacements written': (): string => '',

  written: (extent: Raid5Extent): string => {
    const { array, pass } = extent
    extent.free()
    for (const slot of slotsOf(pass.targets & extent.failedSlots, array.raidDisks)) {
      const member = array.slots[slot]
      if (member === null || member.faulty) continue
      if (!markBad(array, member, pass.from, pass.sectors)) array.memberFailed(member)
    }
    if (extent.failedSlots === 0 && extent.absent === 0) extent.fillCache()
    return ''
  },
}

/** The numbers of the bits that are set. */
export function slotsOf(mask: number, slots: number): number[] {
  const set: number[] = []
  for (let slot = 0; slot < slots; slot++) if ((mask & (1 << slot)) !== 0) set.push(slot)
  return set
}

/**
 * Which parities say anything about the others: both where nothing is lost; in a RAID-6 that one which the lost page was not
 * computed from.
 * @source handle_parity_checks5, handle_parity_checks6, drivers/md/raid5.c, 6.1
 */
export function checkable(q: number, lost: readonly number[]): number {
  if (lost.length === 0) return q < 0 ? WRONG_P : WRONG_P | WRONG_Q
  if (q < 0 || lost.length > 1) return 0
  return lost[0] === q ? WRONG_P : WRONG_Q
}

/** Makes what is lost; counts the pages whose parity is wrong, and unless this is a check, writes the right one. */
function judgeRow(extent: Raid5Extent, row: number, from: number, to: number, lost: readonly number[]): void {
  const { array, pass, raid5 } = extent
  const { parity, geometry } = raid5
  const addresses = pass.buffers.map((_, slot) => pass.address(slot, from))
  if (lost.length > 0) parity.recover(row, addresses, lost, (to - from) * 512)
  const q = geometry.qSlot(row)
  const asked = checkable(q, lost)
  if (asked === 0 || (parity.wrong(row, addresses, (to - from) * 512) & asked) === 0) return
  for (let sector = from; sector < to; sector += STRIPE_SECTORS) {
    const page = pass.buffers.map((_, slot) => pass.address(slot, sector))
    const wrong = parity.wrong(row, page, PAGE) & asked
    if (wrong === 0) continue
    array.mismatches += STRIPE_SECTORS
    array.sim.emit(TRACE.mismatch, array.minor, sector, STRIPE_SECTORS)
    if (pass.action === 'check') continue
    extent.remade.push(sector)
    parity.make(row, page, PAGE)
    for (const slot of wrongSlots(wrong, geometry.paritySlot(row), q)) {
      extent.submit(slot, WRITE, sector, sector + STRIPE_SECTORS)
      extent.refreshCache(slot, sector)
    }
  }
}

/** The slots of the parities that are wrong. */
export function wrongSlots(wrong: number, p: number, q: number): number[] {
  return [...((wrong & WRONG_P) !== 0 ? [p] : []), ...((wrong & WRONG_Q) !== 0 ? [q] : [])]
}
