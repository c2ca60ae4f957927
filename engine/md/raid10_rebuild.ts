/**
 * A rebuild of a piece of a RAID-10: for each member that is built, the array's sectors that lie there are read from another copy and
 * written. Where that copy cannot be read it goes page by page; what is lost is noted on both.
 * @source raid10_sync_request, recovery_request_write, fix_recovery_read_error, drivers/md/raid10.c, 6.1
 */
import { READ, WRITE } from '../block/bio.ts'
import { markBad } from './mark_bad.ts'
import type { Member } from './member.ts'
import { MemberIo } from './member_io.ts'
import type { Copy } from './mirror_geometry.ts'
import { noteWriteError, workingReplacement } from './place.ts'
import type { Raid10 } from './raid10.ts'
import { lacksMembers, type SyncPass } from './sync.ts'

const PAGE_SECTORS = 8

export class Raid10Rebuild extends MemberIo {
  readonly raid10: Raid10
  readonly pass: SyncPass
  readonly targets: readonly number[]
  next: number
  /** Who stands in the slot; written to only if it is what is built. */
  target: Member | null
  replacement: Member | null
  source: Member | null
  /** Of the source. */
  sector: number
  /** Within the piece, where it goes page by page. */
  offset: number

  constructor(raid10: Raid10, pass: SyncPass) {
    super(raid10.array, 'next member')
    this.raid10 = raid10
    this.pass = pass
    this.targets = raid10.targets()
    this.next = 0
    this.target = null
    this.replacement = null
    this.source = null
    this.sector = 0
    this.offset = 0
  }

  override steps() {
    return STEPS
  }

  get sectors(): number {
    return this.pass.sectors
  }

  get pageSectors(): number {
    return Math.min(PAGE_SECTORS, this.sectors - this.offset)
  }

  get data(): number {
    return this.pass.buffers[0] + this.offset * 512
  }

  /** Reads or writes a stretch that begins at the offset. */
  stretch(op: typeof READ | typeof WRITE, sectors: number): void {
    const member = op === READ ? this.source : this.target
    if (member === null) return
    this.beginIo()
    this.io(member, op, (op === READ ? this.sector : this.pass.from) + this.offset, sectors, this.data)
  }

  /** A replacement has failed with its first error. @source end_sync_write, drivers/md/raid10.c, 6.1 */
  failReplacement(): void {
    if (this.replacement !== null) this.array.memberFailed(this.replacement)
  }

  /** The first copy that can be read from one end to the other; null if there is none. */
  findSource(copies: readonly Copy[]): Copy | null {
    const { array, sectors } = this
    return (
      copies.find(({ slot, sector }) => {
        const member = array.slots[slot]
        return member?.inSync === true && member.canRead(sector, sectors)
      }) ?? null
    )
  }
}

const STEPS = {
  'next member': (rebuild: Raid10Rebuild): string => {
    const { array, raid10, pass, targets } = rebuild
    const { geometry } = raid10
    if (rebuild.next >= targets.length) return ''
    const slot = targets[rebuild.next++]
    const member = array.slots[slot]
    const own = geometry.arraySector(slot, pass.from)
    if (member === null || own >= array.syncSectors) return 'next member'
    const replacement = workingReplacement(array, slot)
    if (replacement === null && (member.faulty || member.inSync)) return 'next member'
    const { bitmap } = array
    const needed = bitmap === null || bitmap.startSync(own, true)
    if (!needed && replacement === null && !array.fullSync) return 'next member'
    bitmap?.startSync(own, lacksMembers(array))
    const copies = geometry.locate(own)
    const source = rebuild.findSource(copies)
    if (source === null) {
      const someWorks = copies.some((copy) => array.slots[copy.slot]?.inSync === true)
      const built = [...(member.inSync ? [] : [member]), ...(replacement === null ? [] : [replacement])]
      const noted = built.every((one) => markBad(array, one, pass.from, rebuild.sectors))
      if (!someWorks || !noted) raid10.giveUpRebuild()
      return 'next member'
    }
    rebuild.target = member
    rebuild.replacement = replacement
    rebuild.source = array.slots[source.slot]
    rebuild.sector = source.sector
    rebuild.offset = 0
    pass.ioSectors += rebuild.sectors
    rebuild.stretch(READ, rebuild.sectors)
    return 'write it'
  },

  'write it': (rebuild: Raid10Rebuild): string => {
    const { source } = rebuild
    if (rebuild.failed(0)) {
      if (source !== null) source.correctedErrors += rebuild.sectors
      return 'read a page'
    }
    const { target, replacement, pass, sectors, data } = rebuild
    rebuild.beginIo()
    const mends = target !== null && !target.inSync && !target.faulty
    // The answers are told apart by their order: first the member's, then its replacement's.
    if (mends) rebuild.io(target, WRITE, pass.from, sectors, data)
    if (replacement !== null && !replacement.faulty) rebuild.io(replacement, WRITE, pass.from, sectors, data)
    return mends ? 'see what was written' : 'see what the replacement got'
  },

  'see what was written': (rebuild: Raid10Rebuild): string => {
    const { array, target, pass, sectors } = rebuild
    if (target === null) return 'next member'
    if (!rebuild.failed(0)) target.badBlocks?.clear(target.dataOffset + pass.from, sectors)
    else {
      noteWriteError(array, target)
      if (!markBad(array, target, pass.from, sectors)) array.memberFailed(target)
    }
    if (rebuild.failed(1)) rebuild.failReplacement()
    return 'next member'
  },

  'see what the replacement got': (rebuild: Raid10Rebuild): string => {
    if (rebuild.failed(0)) rebuild.failReplacement()
    return 'next member'
  },

  // ---- the source cannot be read: page by page ----

  'read a page': (rebuild: Raid10Rebuild): string => {
    if (rebuild.offset >= rebuild.sectors) return 'next member'
    rebuild.stretch(READ, rebuild.pageSectors)
    return 'write the page'
  },

  'write the page': (rebuild: Raid10Rebuild): string => {
    const { array, raid10, source, target, offset, pageSectors, pass } = rebuild
    if (source === null || target === null) return 'next member'
    if (!rebuild.failed(0)) {
      rebuild.stretch(WRITE, pageSectors)
      return 'see the page written'
    }
    markBad(array, source, rebuild.sector + offset, pageSectors)
    if (source !== target && !markBad(array, target, pass.from + offset, pageSectors)) {
      raid10.giveUpRebuild()
      return 'next member'
    }
    rebuild.offset += pageSectors
    return 'read a page'
  },

  'see the page written': (rebuild: Raid10Rebuild): string => {
    const { array, target, offset, pageSectors, pass } = rebuild
    if (rebuild.failed(0) && target !== null) {
      noteWriteError(array, target)
      markBad(array, target, pass.from + offset, pageSectors)
    }
    rebuild.offset += pageSectors
    return 'read a page'
  },
}
