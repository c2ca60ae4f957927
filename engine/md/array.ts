/**
 * An array: the block device /dev/mdN, its members, and the state that decides what its thread does next. In Linux: mddev.
 *
 * A write passes two gates before it reaches the stripes. If the array is clean (`inSync`), the superblocks must say that it is
 * not any more; and the bitmap must have its bit on every member. About 200 ms after the last write the safe-mode timer makes
 * it clean again. Everything that changes slowly (superblocks, members, resync) is done by the thread: `wakeThread` asks for a
 * look at the present instant, and `thread` decides in the kernel's order.
 */
import { assert } from '../base/assert.ts'
import type { EventTarget } from '../sim/queue.ts'
import { MILLISECOND, type Sim } from '../sim/sim.ts'
import { TRACE } from '../sim/trace.ts'
import { FLUSH, PREFLUSH, READ, WRITE, type Bio, type BioOwner, type Status } from '../block/bio.ts'
import { BlockDevice, deviceNumber } from '../block/device.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import { metadataBio, type Bitmap } from './bitmap.ts'
import { FlushMembers } from './flush_members.ts'
import type { ArrayGeometry } from './array_geometry.ts'
import type { Member } from './member.ts'
import { personalityOf, type Personality } from './personality.ts'
import { countDegraded } from './place.ts'
import type { SyncAction, SyncPass } from './sync.ts'
import { UpdateSuperblocks } from './superblock_update.ts'
import { chooseAction } from './recovery_choice.ts'

export const MD_MAJOR = 9

/** What a superblock update must record; in Linux: MD_SB_CHANGE_*. */
export const CHANGE_DEVS = 1
export const CHANGE_CLEAN = 2
/** Writes wait until the update is on disk. */
export const CHANGE_PENDING = 4

const THREAD = 0
const THREAD_TIMEOUT = 1
const SAFE_MODE = 2

/** Bytes for a member's metadata device. */
export interface MetadataWrite {
  readonly sector: number
  readonly bytes: Uint8Array
}

/** What a start after a crash resyncs: what the bitmap marks, everything, or nothing. */
export type AfterCrash = 'nothing' | 'marked' | 'all'

export abstract class MdArray extends BlockDevice implements EventTarget {
  readonly geometry: ArrayGeometry
  readonly raidDisks: number
  /** Writes go through a journal, or are to. In Linux: MD_HAS_JOURNAL. */
  readonly journaled: boolean
  /** Sectors used of each member. In Linux: dev_sectors. */
  readonly memberSectors: number
  /** What a resync goes over, and the bitmap covers: sectors of each member, but of the array for RAID-10. In Linux: resync_max_sectors. */
  readonly syncSectors: number
  /** All members, spares and failed ones too; the newest first, as the kernel lists them. */
  members: Member[]
  readonly slots: (Member | null)[]
  /** By slot: who is being made the replacement of its member. */
  readonly replacements: (Member | null)[]
  /** How many have come so far; each new one is a reason to try again what could not be rebuilt. */
  membersBound: number
  readonly personality: Personality
  bitmap: Bitmap | null
  readonly causes: { superblock: number; bitmap: number; sync: number; flush: number }

  // ---- clean and dirty ----
  /** The superblocks say (or are about to say) that nothing is being written. */
  inSync: boolean
  writesPending: number
  safeModeDelay: number
  safeModeDue: boolean
  /** No delay: the array is clean whenever nothing is being written. In Linux: safemode 2. */
  safeModeAtOnce: boolean
  private safeModeAt: number
  protected safeModeArmed: boolean
  /** Where the resync begins: sectors below are in sync; MAX_SECTOR when all are. In Linux: recovery_cp. */
  resyncOffset: number
  events: number
  canDecreaseEvents: boolean
  changes: number
  updating: UpdateSuperblocks | null
  /** Writes that wait for a superblock update, in order. */
  private gated: Bio[]
  /** New writes wait, so that those under way come to their end. */
  quiesced: boolean
  /** Writes that are done, but whose success may be told only when a failure has been recorded. */
  private unreported: Bio[]

  // ---- members and sync ----
  degraded: number
  /** More members are gone than redundancy can replace. In Linux: MD_BROKEN. */
  broken: boolean
  sync: SyncPass | null
  /** A check or repair somebody asked for. */
  requested: SyncAction | null
  recoveryNeeded: boolean
  frozen: boolean
  /** Every sector must be rebuilt, the bitmap notwithstanding. */
  fullSync: boolean
  lastAction: SyncAction | 'none'
  mismatches: number
  speedMin: number | null
  speedMax: number | null
  syncMin: number
  syncMax: number
  stopping: boolean
  /** Whoever uses the array holds it still: its thread does nothing. In Linux: mddev_suspend. */
  suspended: boolean
  /** Stopped: events still under way find nothing to do. */
  gone: boolean

  private threadAsked: boolean
  private threadDeadline: number
  private timeoutArmedFor: number

  constructor(
    sim: Sim,
    minor: number,
    geometry: ArrayGeometry,
    memberSectors: number,
    name = `md${minor}`,
    journaled = false,
  ) {
    super(sim, name, MD_MAJOR, minor, geometry.arraySectors(memberSectors))
    this.geometry = geometry
    this.raidDisks = geometry.raidDisks
    this.journaled = journaled
    this.memberSectors = memberSectors
    this.syncSectors = geometry.level === 10 ? geometry.arraySectors() : memberSectors
    this.members = []
    this.slots = new Array<Member | null>(geometry.raidDisks).fill(null)
    this.replacements = new Array<Member | null>(geometry.raidDisks).fill(null)
    this.membersBound = 0
    this.bitmap = null
    this.causes = {
      superblock: sim.cause(`${name} superblocks`),
      bitmap: sim.cause(`${name} bitmap`),
      sync: sim.cause(`${name} sync`),
      flush: sim.cause(`${name} flush`),
    }
    this.inSync = true
    this.writesPending = 0
    this.safeModeDelay = 210 * MILLISECOND
    this.safeModeDue = false
    this.safeModeAtOnce = false
    this.safeModeAt = Infinity
    this.safeModeArmed = false
    this.resyncOffset = MAX_SECTOR
    this.events = 0
    this.canDecreaseEvents = false
    this.changes = 0
    this.updating = null
    this.quiesced = false
    this.gated = []
    this.unreported = []
    this.degraded = 0
    this.broken = false
    this.sync = null
    this.requested = null
    this.recoveryNeeded = false
    this.frozen = false
    this.fullSync = false
    this.lastAction = 'none'
    this.mismatches = 0
    this.speedMin = null
    this.speedMax = null
    this.syncMin = 0
    this.syncMax = MAX_SECTOR
    this.stopping = false
    this.suspended = false
    this.gone = false
    this.threadAsked = false
    this.threadDeadline = Infinity
    this.timeoutArmedFor = Infinity
    this.personality = personalityOf(this)
  }

  // ---- what is written down of it ----

  /** The number of its layout, as its metadata has it. */
  abstract get layout(): number

  /** Where the bitmap lies on a member's metadata device. */
  abstract bitmapSector(member: Member): number

  /** What a superblock update writes to a working member. In Linux: sync_super. */
  abstract metadataWrites(member: Member): MetadataWrite[]

  // ---- requests ----

  override get isRotational(): boolean {
    return this.members.some((member) => member.device.isRotational)
  }

  override supportsDiscard(): boolean {
    return false
  }

  protected override take(bio: Bio): void {
    if (bio.op === READ) {
      this.stat.reads++
      this.stat.readSectors += bio.sectors
      this.personality.read(bio)
    } else if (bio.op === FLUSH || (bio.op === WRITE && (bio.flags & PREFLUSH) !== 0)) {
      if (this.personality.takeFlush?.(bio) !== true) new FlushMembers(this, bio.cause, bio).resume()
    } else if (bio.op === WRITE) {
      this.write(bio)
    } else {
      this.endBio(bio, 'EOPNOTSUPP')
    }
  }

  /** A write (its members flushed, if it asked for that) at the first gate. @source md_write_start, drivers/md/md.c, 6.1 */
  write(bio: Bio): void {
    this.stat.writes++
    this.stat.writeSectors += bio.sectors
    if (!this.personality.hasRedundancy) {
      this.personality.write(bio)
      return
    }
    this.writesPending++
    this.safeModeDue = false
    if (this.inSync) {
      this.setInSync(false)
      this.changes |= CHANGE_CLEAN | CHANGE_PENDING
      this.wakeThread()
    }
    if (this.quiesced || (this.changes & CHANGE_PENDING) !== 0) this.gated.push(bio)
    else this.personality.write(bio)
  }

  /** A write has ended on all members it can reach. */
  writeDone(bio: Bio): void {
    if ((this.changes & CHANGE_PENDING) !== 0) this.unreported.push(bio)
    else this.report(bio)
  }

  private report(bio: Bio): void {
    this.writeClosed()
    this.endBio(bio, bio.status)
  }

  /** A write is over; whoever wants to know that its end was told sees to that himself. In Linux: md_write_end. */
  writeClosed(): void {
    if (--this.writesPending > 0) return
    if (this.safeModeAtOnce) this.cleanSoon()
    else this.armSafeMode()
  }

  /** A request of the array's own users ends, and the trace says so. */
  endBio(bio: Bio, status: Status): void {
    this.sim.emit(TRACE.bio_end, bio.id, status === 'OK' ? 0 : 1, deviceNumber(this))
    bio.end(status)
  }

  /** The superblocks are up to date: what waited for that goes on. */
  changesRecorded(): void {
    this.personality.changesRecorded()
    for (const bio of this.unreported.splice(0)) this.report(bio)
    if (!this.quiesced) this.letGo()
  }

  /** Writes that waited go on. */
  letGo(): void {
    for (const bio of this.gated.splice(0)) this.personality.write(bio)
  }

  /** How many writes are under way; those that wait because the array is quiesced are not. */
  get writesUnderWay(): number {
    return this.quiesced ? this.writesPending - this.gated.length : this.writesPending
  }

  // ---- clean and dirty ----

  setInSync(inSync: boolean): void {
    if (this.inSync === inSync) return
    this.inSync = inSync
    this.sim.emit(TRACE.array_state, this.minor, inSync ? 0 : 1, inSync ? 1 : 0)
  }

  /** @param delay 0 for never. @param soon when it became shorter, the array is looked at after so long. Both nanoseconds. */
  setSafeModeDelay(delay: number, soon: number): void {
    const shorter = delay < this.safeModeDelay || this.safeModeDelay === 0
    this.safeModeDelay = delay
    if (!shorter) return
    // A timer that is armed for later finds nothing to do then.
    this.safeModeArmed = false
    this.armSafeMode(soon)
  }

  private armSafeMode(delay = this.safeModeDelay): void {
    if (this.safeModeDelay === 0) return
    this.safeModeAt = this.sim.now + delay
    if (this.safeModeArmed) return
    this.safeModeArmed = true
    this.sim.after(delay, this, SAFE_MODE)
  }

  /** As /sys/block/mdN/md/array_state shows it. */
  get stateName(): 'readonly' | 'clean' | 'active' | 'active-idle' | 'write-pending' | 'broken' {
    if (this.readOnly) return 'readonly'
    if ((this.changes & CHANGE_PENDING) !== 0) return 'write-pending'
    if (this.inSync) return this.broken ? 'broken' : 'clean'
    return this.safeModeDue ? 'active-idle' : 'active'
  }

  // ---- members ----

  /** Whether a slot's sectors can be read: a member is there, works, and has them. */
  readable(slot: number, sector: number, sectors: number): boolean {
    return this.reader(slot, sector, sectors)?.canRead(sector, sectors) === true
  }

  /** Who is asked for sectors of a slot: the replacement of its member as far as it has them. @source analyse_stripe, raid5.c, 6.1 */
  reader(slot: number, sector: number, sectors: number): Member | null {
    const replacement = this.replacements[slot]
    return replacement !== null && replacement.canRead(sector, sectors) ? replacement : this.slots[slot]
  }

  /** Who stands in a place: those beyond the slots are their replacements'. */
  at(place: number): Member | null {
    return place < this.raidDisks ? this.slots[place] : this.replacements[place - this.raidDisks]
  }

  /** All that stand in a place and work, replacements last. */
  placed(): Member[] {
    return [...this.slots, ...this.replacements].filter((member) => member !== null && !member.faulty) as Member[]
  }

  /**
   * A member has failed, or is declared failed.
   * @source the error_handler of each personality, 6.1
   */
  memberFailed(member: Member): void {
    if (member.faulty) return
    if (this.personality.mustKeep(member)) {
      this.broken = true
      this.sync?.interrupt()
      return
    }
    this.sim.emit(TRACE.member_state, this.minor, member.slot, member.inSync ? 0 : 1, 2)
    member.faulty = true
    member.inSync = false
    this.degraded = countDegraded(this)
    this.personality.memberFailed?.()
    if (this.personality.isBroken()) this.broken = true
    this.sync?.interrupt()
    this.changes |= CHANGE_DEVS | CHANGE_PENDING
    // Of a broken array no member leaves its slot any more.
    if (!this.broken) this.recoveryNeeded = true
    this.wakeThread()
    this.noteEvent()
  }

  /** A member has failed, or a sync has ended: whoever watches the array is told. In Linux: event_work. */
  noteEvent(): void {}

  /** What would be resynced if the power failed now and every member came back. */
  afterCrash(): AfterCrash {
    if (this.geometry.level === 0 || this.inSync) return 'nothing'
    return this.bitmap === null ? 'all' : 'marked'
  }

  /** What is true of the array now and not what one would expect, in sentences. */
  surprises(): readonly string[] {
    return []
  }

  /** Sends a superblock or a bitmap page to a member. */
  submitMetadata(member: Member, sector: number, sectors: number, data: number, owner: BioOwner, cause: number): void {
    const device = member.metadataDevice
    assert(device !== null, 'a member without a metadata device is sent no metadata')
    member.pending++
    device.submit(metadataBio(this, owner, member, sector, sectors, data, cause))
  }

  /** Its end; a member that cannot take its metadata has failed. @source super_written, drivers/md/md.c, 6.1 */
  metadataDone(bio: Bio): void {
    const member = this.members.find((candidate) => candidate.descNr === bio.tag)
    if (member === undefined) return
    member.pending--
    if (bio.status !== 'OK') this.memberFailed(member)
    this.wakeThread()
  }

  /** A bad-block list has changed: it is written with the next superblock update, which writes wait for. */
  badBlocksChanged(): void {
    this.changes |= CHANGE_CLEAN | CHANGE_PENDING
    this.wakeThread()
  }

  // ---- the thread ----

  /** Has the thread look at everything at this instant, after what is going on now. */
  wakeThread(): void {
    if (this.threadAsked) return
    this.threadAsked = true
    this.sim.after(0, this, THREAD)
  }

  /** Has the thread look whether anything is to be synced. */
  lookAgain(): void {
    this.recoveryNeeded = true
    this.wakeThread()
  }

  event(what: number): void {
    if (this.gone) return
    switch (what) {
      case THREAD:
        this.threadAsked = false
        this.thread()
        return
      case THREAD_TIMEOUT:
        this.timeoutArmedFor = Infinity
        if (this.sim.now >= this.threadDeadline) this.thread()
        else this.armTimeout()
        return
      default:
        this.safeModeArmed = false
        if (this.writesPending > 0) return
        if (this.sim.now < this.safeModeAt) {
          this.safeModeArmed = true
          this.sim.after(this.safeModeAt - this.sim.now, this, SAFE_MODE)
          return
        }
        this.cleanSoon()
    }
  }

  private cleanSoon(): void {
    this.safeModeDue = true
    this.wakeThread()
  }

  /** The array was woken by I/O: its time-out begins anew. In Linux every wake-up of raid5d does this. */
  touchThread(): void {
    const { bitmap } = this
    if (bitmap === null) return
    if (this.sim.now >= bitmap.daemonLastRun + bitmap.daemonSleep) this.wakeThread()
    this.threadDeadline = this.sim.now + bitmap.threadTimeout
    this.armTimeout()
  }

  private armTimeout(): void {
    if (this.threadDeadline === Infinity || this.timeoutArmedFor <= this.threadDeadline) return
    this.timeoutArmedFor = this.threadDeadline
    this.sim.after(this.threadDeadline - this.sim.now, this, THREAD_TIMEOUT)
  }

  /** @source md_check_recovery, drivers/md/md.c, 6.1 */
  private thread(): void {
    if (this.gone || this.suspended || this.readOnly) return
    this.bitmap?.daemon()
    if (this.safeModeDue && !this.inSync && this.writesPending === 0 && !this.stopping) {
      this.setInSync(true)
      this.changes |= CHANGE_CLEAN
    }
    this.safeModeDue = false
    if (this.changes !== 0) this.recordChanges()
    if (this.updating === null && !this.stopping) chooseAction(this)
    this.touchThread()
  }

  /** Starts a superblock update, if none is under way. */
  recordChanges(): void {
    if (this.updating !== null) return
    this.updating = new UpdateSuperblocks(this)
    this.updating.resume()
  }

  /** The array is gone: its memory is given back. */
  free(): void {
    this.gone = true
    this.bitmap?.free()
    this.personality.free()
  }

  /** Whether it is going to be marked clean by and by. */
  protected get becomesClean(): boolean {
    return !this.inSync && !this.broken
  }

  /** What keeps the array from rest, or null. */
  unsettled(): string | null {
    if (this.readOnly) return null
    if (this.writesPending > 0) return `writes on ${this.name}`
    if (this.sync !== null) return `${this.sync.action} of ${this.name}`
    if (this.updating !== null || this.changes !== 0) return `superblocks of ${this.name}`
    if (this.threadAsked) return `the thread of ${this.name}`
    if (this.becomesClean) return `${this.name} is not yet clean`
    return null
  }
}
