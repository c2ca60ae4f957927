/**
 * The work of a sync pass on up to 64 KiB of a RAID-1. A resync or a recovery reads one member and writes the others; a check or a
 * repair reads all and compares them with the first.
 * @source raid1_sync_request, sync_request_write, process_checks, fix_sync_read_error, drivers/md/raid1.c, 6.1
 */
import { READ, WRITE } from '../block/bio.ts'
import { TRACE } from '../sim/trace.ts'
import { markBad } from './mark_bad.ts'
import type { Member } from './member.ts'
import { MemberIo } from './member_io.ts'
import type { Mirrors } from './mirrors.ts'
import { noteWriteError, placeOf } from './place.ts'
import type { SyncPass } from './sync.ts'

const PAGE_SECTORS = 8

/** A slot that takes part. */
interface Side {
  readonly slot: number
  readonly member: Member
}

export class Raid1Extent extends MemberIo {
  readonly mirrors: Mirrors
  readonly pass: SyncPass
  /** Could be read. */
  readonly sources: Side[]
  /** Not in sync, or with bad blocks here: written in any case. */
  targets: Side[]
  /** Of a check: which sources could not be read at once. */
  unread: boolean[]
  /** The one that the others are made like. */
  primary: number
  /** Where a page is tried, when nothing can be read at once; and who. */
  page: number
  turn: number

  constructor(mirrors: Mirrors, pass: SyncPass) {
    super(mirrors.array, 'who takes part')
    this.mirrors = mirrors
    this.pass = pass
    this.sources = []
    this.targets = []
    this.unread = []
    this.primary = 0
    this.page = pass.from
    this.turn = 0
  }

  override steps() {
    return STEPS
  }

  get sectors(): number {
    return this.pass.sectors
  }

  get pageSectors(): number {
    return Math.min(PAGE_SECTORS, this.pass.to - this.page)
  }

  read(side: Side): void {
    this.io(side.member, READ, this.pass.from, this.sectors, this.pass.buffers[side.slot])
  }

  get isSourceGood(): boolean {
    return !this.sources[this.primary].member.hasBadBlocks(this.pass.from, this.sectors)
  }

  /** The data that all are to have. */
  get data(): number {
    return this.pass.buffers[this.sources[this.primary].slot]
  }

  /** Reads or writes the present page of a source, in the buffer of the primary. */
  pageIo(op: typeof READ | typeof WRITE, source: number): void {
    const data = this.data + (this.page - this.pass.from) * 512
    this.beginIo()
    this.io(this.sources[source].member, op, this.page, this.pageSectors, data)
  }

  /** The sync has not reached these sectors on all members. @source abort_sync_write, drivers/md/raid1.c, 6.1 */
  notSynced(): void {
    const { bitmap } = this.array
    if (bitmap === null) return
    for (const sector of bitmap.chunkStarts(this.pass.from, this.sectors)) bitmap.endSync(bitmap.chunkOf(sector), true)
  }
}

const STEPS = {
  'who takes part': (extent: Raid1Extent): string => {
    const { array, pass, sources, targets } = extent
    const slow: Side[] = []
    for (const member of array.placed()) {
      const side = { slot: placeOf(array, member), member }
      if (!member.inSync) targets.push(side)
      else if (!member.hasBadBlocks(pass.from, extent.sectors)) (member.writeMostly ? slow : sources).push(side)
      else if (!member.writeErrorSeen && (pass.action === 'resync' || pass.action === 'repair')) targets.push(side)
    }
    sources.push(...slow)
    if (sources.length === 0) {
      // Bad on all that are in sync: so it is on the others, too.
      for (const { member } of targets) {
        if (!markBad(array, member, pass.from, extent.sectors)) extent.mirrors.giveUpRebuild()
      }
      return ''
    }
    if (targets.length === 0 && (sources.length === 1 || pass.action === 'recover')) return ''
    return 'read'
  },

  read: (extent: Raid1Extent): string => {
    const { pass, sources } = extent
    pass.ioSectors += extent.sectors
    extent.beginIo()
    if (pass.requested) {
      sources.sort((a, b) => a.slot - b.slot)
      for (const side of sources) extent.read(side)
      return 'compare'
    }
    extent.read(sources[0])
    return 'see what was read'
  },

  'see what was read': (extent: Raid1Extent): string => {
    extent.mirrors.moveHead(extent.sources[0].slot, extent.pass.to)
    return extent.failed(0) ? 'read a page' : 'write the others'
  },

  compare: (extent: Raid1Extent): string => {
    const { pass, sources } = extent
    extent.unread = sources.map((_, i) => extent.failed(i))
    sources.forEach(({ slot }) => extent.mirrors.moveHead(slot, pass.to))
    extent.primary = extent.unread.indexOf(false)
    if (extent.primary >= 0) return 'compare with the first'
    extent.primary = 0
    return 'read a page'
  },

  /** Who could not be read counts as different, and is written in any case: also where the first was put together page by page. */
  'compare with the first': (extent: Raid1Extent): string => {
    const { array, pass, sources, sim, targets, unread: failed } = extent
    sources.forEach((side, i) => {
      if (i === extent.primary) return
      const same = !failed[i] && sim.memory.equal(extent.data, pass.buffers[side.slot], extent.sectors * 512)
      if (same) return
      array.mismatches += extent.sectors
      sim.emit(TRACE.mismatch, array.minor, pass.from, extent.sectors)
      if (failed[i] || pass.action === 'repair') targets.push(side)
    })
    return 'write'
  },

  'write the others': (extent: Raid1Extent): string => {
    const { pass, sources, targets } = extent
    if (pass.action !== 'recover') targets.push(...sources.slice(1))
    return 'write'
  },

  write: (extent: Raid1Extent): string => {
    const { pass, targets } = extent
    extent.beginIo()
    extent.targets = targets.filter(({ member }) => !member.faulty)
    if (extent.targets.length < targets.length) extent.notSynced()
    for (const { member } of extent.targets) extent.io(member, WRITE, pass.from, extent.sectors, extent.data)
    return 'see what was written'
  },

  /** @source end_sync_write, handle_sync_write_finished, drivers/md/raid1.c, 6.1 */
  'see what was written': (extent: Raid1Extent): string => {
    const { array, pass, targets } = extent
    targets.forEach(({ member, slot }, i) => {
      extent.mirrors.moveHead(slot, pass.to)
      if (!extent.failed(i)) {
        // What was lost on the source is not better here for having been written.
        if (extent.isSourceGood) member.badBlocks?.clear(member.dataOffset + pass.from, extent.sectors)
        return
      }
      extent.notSynced()
      noteWriteError(array, member)
      if (!markBad(array, member, pass.from, extent.sectors)) array.memberFailed(member)
    })
    return ''
  },

  // ---- nothing could be read: page by page, from whoever has it ----

  'read a page': (extent: Raid1Extent): string => {
    if (extent.page >= extent.pass.to) return extent.pass.requested ? 'compare with the first' : 'write the others'
    extent.turn = extent.primary
    extent.pageIo(READ, extent.turn)
    return 'see the page'
  },

  'see the page': (extent: Raid1Extent): string => {
    const { array, pass, sources, primary } = extent
    if (!extent.failed(0)) return 'write the page back'
    extent.turn = (extent.turn + 1) % sources.length
    if (extent.turn !== primary) {
      extent.pageIo(READ, extent.turn)
      return 'see the page'
    }
    // Lost: it is noted on all members, those that are being built included.
    for (const member of array.placed()) {
      if (!markBad(array, member, extent.page, extent.pageSectors)) extent.mirrors.giveUpRebuild()
    }
    if (pass.interrupted) return ''
    extent.page += extent.pageSectors
    return 'read a page'
  },

  'write the page back': (extent: Raid1Extent): string => {
    if (extent.turn === extent.primary) {
      extent.page += extent.pageSectors
      return 'read a page'
    }
    extent.turn = (extent.turn === 0 ? extent.sources.length : extent.turn) - 1
    extent.pageIo(WRITE, extent.turn)
    return 'see it written'
  },

  'see it written': (extent: Raid1Extent): string => {
    if (!extent.failed(0)) {
      extent.pageIo(READ, extent.turn)
      return 'see it read back'
    }
    noteWriteError(extent.array, extent.sources[extent.turn].member)
    return 'see it read back'
  },

  'see it read back': (extent: Raid1Extent): string => {
    const { array, pageSectors } = extent
    const { member } = extent.sources[extent.turn]
    if (!extent.failed(0)) member.correctedErrors += pageSectors
    else if (!markBad(array, member, extent.page, pageSectors)) array.memberFailed(member)
    return 'write the page back'
  },
}
