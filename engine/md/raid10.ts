/** RAID-10: chunks are dealt out to the members, and each is there several times. */
import { assert } from '../base/assert.ts'
import type { Failure } from '../base/errno.ts'
import { SECOND } from '../sim/sim.ts'
import type { Procedure } from '../sim/procedure.ts'
import type { MdArray } from './array.ts'
import type { Member } from './member.ts'
import type { Copy } from './mirror_geometry.ts'
import { Mirrors, RESYNC_SECTORS, tooFew, type ReadChoice } from './mirrors.ts'
import { Raid10Extent } from './raid10_extent.ts'
import type { PersonalityKind } from './personality.ts'
import { firstPlace, isBeingReplaced, slotsToTry, workingReplacement } from './place.ts'
import { Raid10Rebuild } from './raid10_rebuild.ts'
import { nextMarked, type SyncAction, type SyncPass } from './sync.ts'

/** A member with more read errors than this is given up; every hour without one, half of them are forgotten. */
const READ_ERRORS_MAX = 20

export class Raid10 extends Mirrors {
  // ---- members ----

  /**
   * Whether every chunk has a copy on some member that is in sync.
   * @param without the slot of a member that is not to be counted on
   * @source _enough, drivers/md/raid10.c, 6.1
   */
  enough(without = -1): boolean {
    const { array, geometry } = this
    const { raidDisks, nearCopies, copies } = geometry
    let first = 0
    do {
      let here = 0
      for (let i = 0; i < copies; i++) {
        const slot = (first + i) % raidDisks
        if (slot !== without && array.slots[slot]?.inSync === true) here++
      }
      if (here === 0) return false
      first = (first + nearCopies) % raidDisks
    } while (first !== 0)
    return true
  }

  override refusal(): Failure | null {
    return this.enough() ? null : tooFew('EIO')
  }

  override get startsClean(): boolean {
    return false
  }

  override mustKeep(member: Member): boolean {
    return member.inSync && !this.enough(member.slot)
  }

  /** @source raid10_add_disk, drivers/md/raid10.c, 6.1 */
  override slotFor(member: Member, wanted: number): number {
    const { array } = this
    if (!this.isSynced || !this.canRebuild || (member.savedSlot < 0 && !this.enough())) return -1
    return firstPlace(array, slotsToTry(array, member, wanted))
  }

  override isUseless(member: Member): boolean {
    return !this.canRebuild || !this.enough() || isBeingReplaced(this.array, member)
  }

  override copiesOf(sector: number): readonly Copy[] {
    return this.geometry.locate(sector)
  }

  /** Of a replacement no bad blocks are noted. @source raid10_end_write_request, drivers/md/raid10.c, 6.1 */
  override failsAtOnce(member: Member): boolean {
    return member.isReplacement
  }

  protected override get needsEverySlot(): boolean {
    return false
  }

  /** Who is asked for a copy: the replacement as far as it has come. @source read_balance, drivers/md/raid10.c, 6.1 */
  private reader({ slot, sector }: Copy, sectors: number): Member | null {
    const replacement = workingReplacement(this.array, slot)
    if (replacement !== null && sector + sectors <= replacement.recoveryOffset) return replacement
    return this.array.slots[slot]
  }

  override isStranger(savedSlot: number, slot: number): boolean {
    return savedSlot !== slot
  }

  // ---- reads and writes ----

  override pieceEnd(sector: number, end: number): number {
    const { chunkSectors, nearCopies, raidDisks } = this.geometry
    if (nearCopies >= raidDisks) return end
    return Math.min(end, sector - (sector % chunkSectors) + chunkSectors)
  }

  override behindMax(): number {
    return 0
  }

  override isLastCopy(member: Member): boolean {
    return !this.enough(member.slot)
  }

  override canFixFrom(slot: number, sector: number, sectors: number): boolean {
    return this.array.slots[slot]?.inSync === true && this.array.slots[slot].canRead(sector, sectors)
  }

  override canFixOn(member: Member): boolean {
    return member.inSync && !member.faulty
  }

  /** @source check_decay_read_errors, fix_read_error, drivers/md/raid10.c, 6.1 */
  override tooManyReadErrors(member: Member): boolean {
    const { now } = this.array.sim
    const hours = Math.floor((now - member.lastReadError) / (3600 * SECOND))
    member.lastReadError = now
    member.readErrors = hours >= 32 ? 0 : member.readErrors >> hours
    return ++member.readErrors > READ_ERRORS_MAX
  }

  /**
   * Above the resync the first copy is read. Else, where some member does not turn, the one with the least under way; where all turn,
   * an idle one (near copies), the lowest place (far copies), or the nearest head.
   * @source read_balance, drivers/md/raid10.c, 6.1
   */
  override balance(sector: number, count: number, copies: readonly Copy[], blocked: number): ReadChoice {
    const { array, geometry, heads } = this
    const balances = this.isSynced || sector + count < (array.sync?.from ?? 0)
    let sectors = count
    let good = 0
    let nearest = -1
    let distance = Infinity
    let idlest = -1
    let least = Infinity
    for (let copy = 0; copy < copies.length; copy++) {
      const { slot, sector: at } = copies[copy]
      const member = this.reader(copies[copy], sectors)
      if ((blocked & (1 << copy)) !== 0 || member === null || member.faulty) continue
      if (!member.inSync && at + sectors > member.recoveryOffset) continue
      const bad = member.firstBad(at, sectors)
      if (bad !== null) {
        if (distance < Infinity) continue
        if (bad.from <= at) {
          if (!balances) sectors = Math.min(sectors, bad.to - at)
          good = Math.min(good, sectors)
          continue
        }
        if (bad.from - at > good) {
          good = bad.from - at
          nearest = copy
        }
        if (!balances) return this.choice(copies, nearest, good)
        continue
      }
      good = sectors
      if (!balances) return this.choice(copies, copy, good)
      if (!member.device.isRotational && member.pending < least) {
        least = member.pending
        idlest = copy
      }
      let away = Math.abs(at - heads[slot].position)
      if (geometry.nearCopies > 1 && member.pending === 0) away = 0
      else if (geometry.farCopies > 1) away = at
      if (away < distance) {
        distance = away
        nearest = copy
      }
    }
    return this.choice(copies, idlest >= 0 ? idlest : nearest, good)
  }

  private choice(copies: readonly Copy[], copy: number, sectors: number): ReadChoice {
    return { copy, sectors, member: copy < 0 ? null : this.reader(copies[copy], sectors) }
  }

  // ---- sync ----

  /** A rebuild goes over a member, all else over the array. */
  override syncEnd(action: SyncAction): number {
    return action === 'recover' ? this.array.memberSectors : this.array.syncSectors
  }

  override nothingToSync(action: SyncAction): boolean {
    const { array } = this
    return action === 'recover' && array.bitmap === null && this.isSynced && !array.fullSync
  }

  override followsBitmap(action: SyncAction): boolean {
    return action !== 'recover'
  }

  /** The array's sectors that lie here on the members that are built; none where nothing lies. @source raid10_find_virt, 6.1 */
  override bitmapSectors(pass: SyncPass, sector: number): number[] {
    if (this.followsBitmap(pass.action)) return [sector]
    return this.targets().flatMap((slot) => {
      const own = this.geometry.arraySector(slot, sector)
      return own < this.array.syncSectors ? [own] : []
    })
  }

  /** Slots whose members, or their replacements, are to be built. */
  targets(): number[] {
    const { array } = this
    return array.slots.flatMap((member, slot) => {
      const isBuilt = member !== null && !member.faulty && !member.inSync
      return isBuilt || workingReplacement(array, slot) !== null ? [slot] : []
    })
  }

  override nextWanted(pass: SyncPass): number {
    const { bitmap, fullSync } = this.array
    if (this.followsBitmap(pass.action)) return this.nextShared(pass)
    if (bitmap === null || fullSync) return pass.position
    let sector = pass.position
    while (sector < pass.end && !this.bitmapSectors(pass, sector).some((own) => bitmap.startSync(own, true))) {
      sector = this.plainEnd(pass, sector)
    }
    return Math.min(sector, pass.end)
  }

  /**
   * The next piece that has two copies. Linux gives up the rest of a pass, and calls it done, where it finds as many pieces with less in a row
   * as the array has slots: how much of a degraded array is synced depends on the sizes of chunks and of the bitmap's.
   * @source raid10_sync_request (chunks_skipped), drivers/md/raid10.c, 6.1
   */
  private nextShared(pass: SyncPass): number {
    const { raidDisks, slots } = this.array
    let sector = pass.position
    for (let alone = 0; ; alone++) {
      const marked = nextMarked(pass, sector)
      if (marked > sector) alone = 0
      sector = marked
      if (sector >= pass.end || alone >= raidDisks) return pass.end
      const there = this.geometry.locate(sector).filter(({ slot }) => slots[slot] !== null && !slots[slot].faulty)
      if (there.length > 1) return sector
      sector = this.plainEnd(pass, sector)
    }
  }

  /**
   * 64 KiB, and no border of a chunk, of the array or of the bitmap, lies within, nor of a stretch of bad blocks.
   * @source raid10_sync_request, drivers/md/raid10.c, 6.1
   */
  override extentEnd(pass: SyncPass, sector: number): number {
    const { array, geometry } = this
    let sectors = this.plainEnd(pass, sector) - sector
    for (const own of this.bitmapSectors(pass, sector)) {
      for (const { slot, sector: at } of geometry.locate(own)) {
        const member = array.slots[slot]
        const bad = member === null || member.faulty ? null : member.firstBad(at, sectors)
        if (bad !== null) sectors = bad.from > at ? bad.from - at : Math.min(sectors, bad.to - at)
      }
    }
    return sector + sectors
  }

  /** The same without a look at bad blocks. */
  private plainEnd(pass: SyncPass, sector: number): number {
    const { bitmap } = this.array
    let sectors = this.pieceEnd(sector, Math.min(sector + RESYNC_SECTORS, pass.end)) - sector
    if (bitmap === null) return sector + sectors
    for (const own of this.bitmapSectors(pass, sector)) {
      sectors = Math.min(sectors, (bitmap.chunkOf(own) + 1) * bitmap.chunkSectors - own)
    }
    return sector + sectors
  }

  override extent(pass: SyncPass): Procedure {
    return pass.action === 'recover' ? new Raid10Rebuild(this, pass) : new Raid10Extent(this, pass)
  }
}

export const RAID10: PersonalityKind = {
  levels: [10],
  begin: (array: MdArray) => {
    const { geometry } = array
    assert(geometry.level === 10, 'a level of mirrored stripes')
    return new Raid10(array, geometry)
  },
}
