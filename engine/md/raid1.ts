/** RAID-1: every member has all of it. */
import type { MdArray } from './array.ts'
import { assert } from '../base/assert.ts'
import type { Failure } from '../base/errno.ts'
import type { Procedure } from '../sim/procedure.ts'
import type { Member } from './member.ts'
import type { Copy } from './mirror_geometry.ts'
import { Mirrors, RESYNC_SECTORS, tooFew, type ReadChoice } from './mirrors.ts'
import { Raid1Extent } from './raid1_extent.ts'
import { nextMarked, type SyncAction, type SyncPass } from './sync.ts'
import type { PersonalityKind } from './personality.ts'
import { firstPlace, slotsToTry } from './place.ts'

/** Where the last of the places ends in which the kernel looks for a partition table. */
const LAST_TABLE_END = 32

export class Raid1 extends Mirrors {
  // ---- members ----

  /** @source raid1_run, drivers/md/raid1.c, 6.1 */
  override refusal(): Failure | null {
    return this.working < 1 ? tooFew('EINVAL') : null
  }

  override get startsClean(): boolean {
    return this.working === 1
  }

  /** The last member that is in sync stays, whatever it does. @source raid1_error, drivers/md/raid1.c, 6.1 */
  override mustKeep(member: Member): boolean {
    if (!member.inSync || this.working > 1) return false
    this.giveUpRebuild()
    return true
  }

  /** @source raid1_add_disk, drivers/md/raid1.c, 6.1 */
  override slotFor(member: Member, wanted: number): number {
    const { array } = this
    if (!this.canRebuild) return -1
    const old = member.savedSlot
    if (wanted < 0 && old >= 0 && array.slots[old] === null) return old
    return firstPlace(array, slotsToTry(array, member, wanted))
  }

  override isUseless(): boolean {
    return !this.canRebuild || this.working === 0
  }

  /** A replacement is a mirror like any other. */
  override copiesOf(sector: number): readonly Copy[] {
    const { raidDisks, replacements } = this.array
    const copies = this.geometry.locate(sector)
    replacements.forEach((member, slot) => {
      if (member !== null) copies.push({ slot: raidDisks + slot, sector })
    })
    return copies
  }

  override failsAtOnce(): boolean {
    return false
  }

  protected override get needsEverySlot(): boolean {
    return true
  }

  /** All slots have the same, so that a member of any of them is known. */
  override isStranger(savedSlot: number): boolean {
    return savedSlot < 0
  }

  // ---- reads and writes ----

  override pieceEnd(sector: number, end: number): number {
    return end
  }

  override behindMax(): number {
    return this.array.bitmap?.header.write_behind ?? 0
  }

  override isLastCopy(member: Member): boolean {
    return this.working === 0 || (this.working === 1 && member.inSync)
  }

  override canFixFrom(slot: number, sector: number, sectors: number): boolean {
    return this.array.at(slot)?.canRead(sector, sectors) === true
  }

  override canFixOn(member: Member): boolean {
    return !member.faulty
  }

  override tooManyReadErrors(): boolean {
    return false
  }

  /**
   * Above the resync the first member is read, so that all readers see the same. Else a row of reads stays where it is; other reads go
   * to the member with the least under way, or, where all turn and all are busy, to the nearest head. Slow members only where there is
   * no other.
   * @source read_balance, drivers/md/raid1.c, 6.1
   */
  override balance(sector: number, count: number, copies: readonly Copy[], blocked: number): ReadChoice {
    const { array, heads } = this
    const first = array.resyncOffset < sector + count
    let sectors = count
    let good = 0
    let best = -1
    let nearest = -1
    let distance = Infinity
    let idlest = -1
    let least = Infinity
    let someDoNotTurn = false
    for (let copy = 0; copy < copies.length; copy++) {
      const { slot } = copies[copy]
      const member = array.at(slot)
      if ((blocked & (1 << copy)) !== 0 || member === null || member.faulty) continue
      if (!member.inSync && member.recoveryOffset < sector + count) continue
      const bad = member.firstBad(sector, sectors)
      if (member.writeMostly) {
        if (nearest >= 0 || (bad !== null && bad.from <= sector)) continue
        good = bad === null ? sectors : bad.from - sector
        nearest = idlest = copy
        continue
      }
      if (bad !== null) {
        if (distance < Infinity) continue
        if (bad.from <= sector) {
          if (first) sectors = Math.min(sectors, bad.to - sector)
          good = Math.min(good, sectors)
          continue
        }
        if (bad.from - sector > good) {
          good = bad.from - sector
          best = copy
        }
        if (first) break
        continue
      }
      if (sectors > good) best = -1
      good = sectors
      const head = heads[slot]
      const away = Math.abs(sector - head.position)
      if (first || head.nextSequential === sector || away === 0) {
        best = copy
        break
      }
      if (!member.device.isRotational) someDoNotTurn = true
      if (member.pending < least) {
        least = member.pending
        idlest = copy
      }
      if (away < distance) {
        distance = away
        nearest = copy
      }
    }
    if (best < 0) best = someDoNotTurn || least === 0 ? idlest : nearest
    if (best < 0) return { copy: -1, sectors: 0, member: null }
    const { slot } = copies[best]
    heads[slot].nextSequential = sector + good
    return { copy: best, sectors: good, member: array.at(slot) }
  }

  /**
   * The first to read is the kernel itself, which looks for a partition table in all the places where there are such tables. It shows in
   * who is asked next.
   * @differs the reads are not made; only the place where the last of them ended is remembered.
   */
  override started(): void {
    const { copy } = this.balance(0, 1, this.geometry.locate(0), 0)
    if (copy < 0) return
    this.heads[copy] = { position: LAST_TABLE_END, nextSequential: LAST_TABLE_END }
  }

  // ---- sync ----

  override syncEnd(): number {
    return this.array.memberSectors
  }

  /** @source raid1_sync_request, drivers/md/raid1.c, 6.1 */
  override nothingToSync(action: SyncAction): boolean {
    const { array } = this
    const present = array.placed()
    const sources = present.filter((member) => member.inSync).length
    const targets = present.length - sources
    if (sources === 0 || targets + (action === 'recover' ? 0 : sources - 1) === 0) return true
    return action === 'recover' && array.bitmap === null && this.isSynced && !array.fullSync
  }

  override nextWanted(pass: SyncPass): number {
    return nextMarked(pass)
  }

  /**
   * 64 KiB, or as far as the bitmap wants it; and no border of a stretch of bad blocks lies within.
   * @source raid1_sync_request, drivers/md/raid1.c, 6.1
   */
  override extentEnd(pass: SyncPass, sector: number): number {
    const { array } = this
    const { bitmap, fullSync } = array
    let end = Math.min(sector + RESYNC_SECTORS, pass.end)
    if (bitmap !== null && !fullSync && !pass.requested) {
      const clean = bitmap
        .chunkStarts(sector, end - sector)
        .find((start) => start > sector && !bitmap.startSync(start, true))
      if (clean !== undefined) end = clean
    }
    for (const member of array.slots) {
      if (member === null || member.faulty || !member.inSync) continue
      const bad = member.firstBad(sector, end - sector)
      if (bad !== null) end = Math.min(end, bad.from > sector ? bad.from : bad.to)
    }
    return end
  }

  override extent(pass: SyncPass): Procedure {
    return new Raid1Extent(this, pass)
  }

  override followsBitmap(): boolean {
    return true
  }

  override bitmapSectors(pass: SyncPass, sector: number): number[] {
    return [sector]
  }
}

export const RAID1: PersonalityKind = {
  levels: [1],
  begin: (array: MdArray) => {
    const { geometry } = array
    assert(geometry.level === 1, 'a level of mirrors')
    return new Raid1(array, geometry)
  },
}
