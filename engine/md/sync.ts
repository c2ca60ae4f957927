/**
 * A sync pass over all members: resync, check and repair make or compare redundancy; recover builds members. In Linux: md_do_sync.
 *
 * It works by extents. Before an extent is touched its range is closed: requests that would fall into it wait, and it waits for
 * what is under way there. What is read, compared and written is the personality's work (`raid5_extent.ts`). An extent never
 * crosses a bitmap chunk. On small arrays it is one page, so that every step can be watched; how large it may be follows from
 * the size of the members alone (see {@link extentSectors}), never from how fast time is played.
 */
import { MAX_SECTOR } from '../format/struct.ts'
import { MICROSECOND, MILLISECOND, SECOND } from '../sim/sim.ts'
import { TRACE } from '../sim/trace.ts'
import { Procedure } from '../sim/procedure.ts'
import { CHANGE_CLEAN, CHANGE_DEVS, type MdArray } from './array.ts'
import type { Member } from './member.ts'
import { countDegraded } from './place.ts'

export const SYNC_ACTIONS = ['resync', 'recover', 'check', 'repair'] as const
export type SyncAction = (typeof SYNC_ACTIONS)[number]

/** kB/s per member, where the array has no limits of its own. */
export const SPEED_MIN_DEFAULT = 1000
export const SPEED_MAX_DEFAULT = 200000

/** How often the speed is looked at, in sectors, and how much is taken to be under way. In Linux: SYNC window, 128 KiB. */
const WINDOW_SECTORS = 256

/** One page; the least that a pass moves. */
export const SYNC_PAGE_SECTORS = 8

/** Members up to 16 MiB go page by page; larger ones by up to 1 MiB. */
export function extentSectors(memberSectors: number): number {
  return memberSectors <= 32768 ? SYNC_PAGE_SECTORS : 2048
}

export class SyncPass extends Procedure {
  readonly array: MdArray
  readonly action: SyncAction
  /** Everything below is done or was skipped. In Linux: curr_resync. */
  position: number
  /** Everything below is done, and recorded. In Linux: curr_resync_completed. */
  completed: number
  readonly end: number
  interrupted: boolean
  /** The extent being worked on. */
  from: number
  to: number
  /** Bit per slot that is being built, for recover. */
  targets: number
  /** Bit per slot whose replacement is being built. */
  replacing: number
  /** A buffer for every slot. */
  readonly buffers: number[]
  private lastEndSync: number
  private endSyncFrom: number
  private markTime: number
  private markSectors: number
  /** Sectors of real I/O so far, per member: what the speed is made of. */
  ioSectors: number
  private nextLook: number
  readonly startedAt: number
  private waitingForRange: boolean
  private waitingForSuperblocks: boolean

  /** Of the extent. */
  get sectors(): number {
    return this.to - this.from
  }

  constructor(array: MdArray, action: SyncAction) {
    super(array.sim, 'begin')
    this.array = array
    this.action = action
    this.position = 0
    this.completed = 0
    this.end = array.personality.syncEnd(action)
    this.interrupted = false
    this.from = 0
    this.to = 0
    this.targets = 0
    this.replacing = 0
    this.buffers = []
    this.lastEndSync = array.sim.now
    this.endSyncFrom = 0
    this.markTime = array.sim.now
    this.markSectors = 0
    this.ioSectors = 0
    this.nextLook = WINDOW_SECTORS
    this.startedAt = array.sim.now
    this.waitingForRange = false
    this.waitingForSuperblocks = false
  }

  override steps() {
    return STEPS
  }

  get requested(): boolean {
    return this.action === 'check' || this.action === 'repair'
  }

  /** Asks the pass to end after the extent it is in. */
  interrupt(): void {
    this.interrupted = true
  }

  /** What was under way in the closed range has ended. */
  rangeIdle(): void {
    if (!this.waitingForRange) return
    this.waitingForRange = false
    this.arrived()
  }

  /** Waits until the superblocks say what they have to say. */
  awaitSuperblocks(): void {
    this.waitingForSuperblocks = true
    this.expect()
  }

  /** They do. */
  superblocksWritten(): void {
    if (!this.waitingForSuperblocks) return
    this.waitingForSuperblocks = false
    this.arrived()
  }

  /** Closes a range, and waits until nothing is under way in it. */
  close(from: number, to: number): void {
    this.from = from
    this.to = to
    if (!this.array.personality.closeRange(from, to)) return
    this.waitingForRange = true
    this.expect()
  }

  open(): void {
    this.array.personality.openRange()
  }

  /** Address of a sector of the present extent in a slot's buffer. */
  address(slot: number, sector: number): number {
    return this.buffers[slot] + (sector - this.from) * 512
  }

  /** Goes to where the next extent begins. */
  skip(): void {
    const { personality } = this.array
    if (this.interrupted) return
    this.position = personality.nothingToSync(this.action) ? this.end : personality.nextWanted(this)
  }

  /** The next extent begins here: notes what is finished, and keeps to the speed limits. @returns how long to sleep first. */
  beforeExtent(): number {
    const { array, sim } = this
    const follows = array.personality.followsBitmap(this.action)
    if (array.bitmap !== null && follows && sim.now >= this.lastEndSync + array.bitmap.daemonSleep) {
      this.lastEndSync = sim.now
      array.bitmap.endSyncBelow(this.endSyncFrom, this.position)
      this.endSyncFrom = this.position
      this.checkpoint()
    }
    if (this.position - this.completed > Math.floor(this.end / 16)) this.checkpoint()
    if (this.ioSectors < this.nextLook) return 0
    this.nextLook = this.ioSectors + WINDOW_SECTORS
    if (sim.now >= this.markTime + 30 * SECOND) {
      this.markTime = sim.now
      this.markSectors = this.ioSectors
    }
    const speed = this.speed()
    if (speed > (array.speedMax ?? SPEED_MAX_DEFAULT)) return 500 * MILLISECOND
    return 0
  }

  /** kB/s per member over the last while, as the kernel counts. */
  speed(): number {
    const seconds = Math.floor((this.sim.now - this.markTime) / SECOND) + 1
    return Math.floor((this.ioSectors - this.markSectors) / 2 / seconds) + 1
  }

  private checkpoint(): void {
    const { array } = this
    this.completed = this.position
    if (this.action !== 'recover' && this.action !== 'check' && this.position > array.resyncOffset) {
      array.resyncOffset = this.position
    }
    array.changes |= CHANGE_CLEAN
    array.wakeThread()
  }
}

const STEPS = {
  begin: (pass: SyncPass): string => {
    const { array } = pass
    if (pass.action === 'recover') {
      pass.position = MAX_SECTOR
      for (const member of array.placed()) {
        if (member.inSync) continue
        if (array.slots[member.slot] === member) pass.targets |= 1 << member.slot
        else pass.replacing |= 1 << member.slot
        pass.position = Math.min(pass.position, member.recoveryOffset)
      }
    } else {
      array.mismatches = 0
      if (pass.requested) pass.position = array.syncMin
      else pass.position = array.bitmap === null ? Math.min(array.resyncOffset, pass.end) : 0
    }
    pass.completed = pass.position
    const size = array.personality.extentSectors * 512
    // Of a RAID-1 a replacement may be read, too.
    const mirrors = array.geometry.level === 1 && array.replacements.some((member) => member !== null)
    const places = mirrors ? 2 * array.raidDisks : array.raidDisks
    for (let place = 0; place < places; place++) pass.buffers.push(array.sim.memory.allocate(size))
    array.sim.emit(TRACE.sync_begin, array.minor, SYNC_ACTIONS.indexOf(pass.action), pass.position)
    // Writes that began before the member was added have not reached it: they must be in the bitmap before it is read.
    pass.close(0, pass.end)
    return 'quiet'
  },

  quiet: (pass: SyncPass): string => {
    pass.open()
    return 'next extent'
  },

  'next extent': (pass: SyncPass): string => {
    const { array } = pass
    // A rebuild of a RAID-10 passes over what it need not do when it has decided to go on; all others do so before.
    const decidesFirst = pass.action === 'recover' && array.geometry.level === 10
    if (!decidesFirst) pass.skip()
    if (pass.interrupted || pass.position >= pass.end) return 'finish'
    const sleep = pass.beforeExtent()
    if (sleep > 0) {
      pass.sleep(sleep)
      return 'next extent'
    }
    if (decidesFirst) pass.skip()
    return pass.position < pass.end ? 'let the superblocks be written' : 'finish'
  },

  // The thread that writes them is the one that handles what a sync reads: meanwhile it gets no further.
  'let the superblocks be written': (pass: SyncPass): string => {
    const { array } = pass
    if (array.updating !== null || array.changes !== 0) pass.awaitSuperblocks()
    return 'close the range'
  },

  'close the range': (pass: SyncPass): string => {
    const { array, position } = pass
    pass.close(position, Math.min(array.personality.extentEnd(pass, position), pass.end))
    return 'sync the range'
  },

  'sync the range': (pass: SyncPass): string => {
    const { array } = pass
    const { bitmap } = array
    if (bitmap !== null && array.personality.followsBitmap(pass.action)) {
      for (const sector of bitmap.chunkStarts(pass.from, pass.sectors)) bitmap.startSync(sector, lacksMembers(array))
    }
    if (pass.interrupted) {
      pass.open()
      return 'finish'
    }
    pass.call(array.personality.extent(pass))
    return 'go on'
  },

  'go on': (pass: SyncPass): string => {
    const { array } = pass
    if (!pass.interrupted) pass.position = pass.to
    const { position, end, from, to } = pass
    array.sim.emit(TRACE.sync_progress, array.minor, SYNC_ACTIONS.indexOf(pass.action), position, end, to - from)
    pass.open()
    array.personality.syncPassed(pass.position - WINDOW_SECTORS)
    return 'next extent'
  },

  finish: (pass: SyncPass): string => {
    const { array, position, end, interrupted } = pass
    for (const address of pass.buffers) array.sim.memory.free(address)
    pass.buffers.length = 0
    if (array.bitmap !== null) {
      if (position < end) {
        for (const sector of array.personality.bitmapSectors(pass, position)) {
          array.bitmap.endSync(array.bitmap.chunkOf(sector), true)
        }
      } else array.fullSync = false
      array.bitmap.closeSync()
    }
    if (pass.action === 'recover') {
      for (const member of array.placed()) {
        if (member.inSync) continue
        const reached = interrupted ? position : MAX_SECTOR
        if (member.recoveryOffset < reached) member.recoveryOffset = reached
      }
    } else if (pass.action !== 'check') {
      if (!interrupted) array.resyncOffset = MAX_SECTOR
      else if (position >= array.resyncOffset) array.resyncOffset = position
    }
    if (pass.requested) array.syncMin = interrupted ? pass.completed : 0
    array.changes |= CHANGE_DEVS
    array.recordChanges()
    return 'record how far it came'
  },

  // Two updates, as in Linux: the first says that the work is done, the second what has become of the members.
  'record how far it came': (pass: SyncPass): string => {
    if (pass.array.updating === null) return 'reap'
    pass.sleep(MICROSECOND)
    return 'record how far it came'
  },

  reap: (pass: SyncPass): string => {
    const { array, position, interrupted } = pass
    if (pass.action === 'recover' && !interrupted) activateSpares(array)
    if (array.degraded === 0) for (const member of array.members) member.savedSlot = -1
    array.sim.emit(TRACE.sync_end, array.minor, SYNC_ACTIONS.indexOf(pass.action), position, interrupted ? 1 : 0)
    array.lastAction = pass.action
    array.sync = null
    array.changes |= CHANGE_DEVS
    array.recoveryNeeded = true
    array.wakeThread()
    array.noteEvent()
    return array.personality.syncPassed(-1) ? 'leave nothing behind' : ''
  },

  // The thread that writes the superblocks turns to stripes again after that.
  'leave nothing behind': (pass: SyncPass): string => {
    const { array } = pass
    if (array.gone) return ''
    if (array.updating === null && array.changes === 0) {
      array.personality.syncPassed(Infinity)
      return ''
    }
    pass.sleep(MICROSECOND)
    return 'leave nothing behind'
  },
}

/** Whether a slot is empty: what is synced now is not synced for it. */
export function lacksMembers(array: MdArray): boolean {
  return array.slots.some((member) => member === null || member.faulty)
}

/** For a pass that goes as the bitmap does: from where on its chunks have to be synced. In Linux: md_bitmap_start_sync. */
export function nextMarked(pass: SyncPass, from = pass.position): number {
  const { bitmap, fullSync } = pass.array
  if (bitmap === null || pass.requested || fullSync) return from
  let sector = from
  while (sector < pass.end && !bitmap.startSync(sector, true)) {
    sector = (bitmap.chunkOf(sector) + 1) * bitmap.chunkSectors
  }
  return Math.min(sector, pass.end)
}

/**
 * Members that have been built up to the end are in sync. Who has been replaced counts as failed from now on: nobody is to trust it again.
 * @source raid5_spare_active, drivers/md/raid5.c, 6.1
 */
function activateSpares(array: MdArray): void {
  array.slots.forEach((member, slot) => {
    const replacement = array.replacements[slot]
    if (replacement !== null && isBuilt(replacement)) {
      replacement.inSync = true
      array.sim.emit(TRACE.member_state, array.minor, slot, 1, 0)
      if (member === null) return
      member.inSync = false
      member.faulty = true
      array.sim.emit(TRACE.member_state, array.minor, slot, 0, 2)
    } else if (member !== null && isBuilt(member)) {
      member.inSync = true
      array.sim.emit(TRACE.member_state, array.minor, slot, 1, 0)
    }
  })
  array.degraded = countDegraded(array)
}

function isBuilt({ faulty, inSync, recoveryOffset }: Member): boolean {
  return !faulty && !inSync && recoveryOffset === MAX_SECTOR
}
