/**
 * A sync pass over all members: resync, check and repair make or compare parity; recover builds a member. In Linux: md_do_sync
 * and raid5_sync_request.
 *
 * It works by extents of member sectors. Before an extent is touched its range is closed: requests that would fall into it wait,
 * and it waits for stripes that are busy there. Then it is read from all members, judged in one go, and what is wrong is
 * written. An extent never crosses a bitmap chunk. On small arrays it is one page, so that every step can be watched; how large it
 * may be follows from the size of the members alone (see {@link extentSectors}), never from how fast time is played.
 */
import { READ, SYNC, WRITE, Bio, type BioOwner } from '../block/bio.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import { MICROSECOND, MILLISECOND, SECOND } from '../sim/sim.ts'
import { TRACE } from '../sim/trace.ts'
import { Procedure } from '../sim/procedure.ts'
import { CHANGE_CLEAN, CHANGE_DEVS, type MdArray } from './array.ts'
import { markBad } from './raid5_io_end.ts'
import { mendPages } from './sync_mend.ts'
import { STRIPE_SECTORS, UPTODATE } from './stripe.ts'

export const SYNC_ACTIONS = ['resync', 'recover', 'check', 'repair'] as const
export type SyncAction = (typeof SYNC_ACTIONS)[number]

/** kB/s per member, where the array has no limits of its own. */
export const SPEED_MIN_DEFAULT = 1000
export const SPEED_MAX_DEFAULT = 200000

/** Members up to 16 MiB go page by page; larger ones by up to 1 MiB. */
export function extentSectors(memberSectors: number): number {
  return memberSectors <= 32768 ? STRIPE_SECTORS : 2048
}

/** How often the speed is looked at, in sectors. In Linux: SYNC window, 128 KiB. */
const WINDOW_SECTORS = 256

export class SyncPass extends Procedure implements BioOwner {
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
  /** Slot that is being built, for recover. */
  target: number
  /** A buffer for every slot. */
  readonly buffers: number[]
  /** Slots whose read of this extent failed; their writes likewise. */
  failedSlots: number
  private lastEndSync: number
  private endSyncFrom: number
  private markTime: number
  private markSectors: number
  /** Sectors of real I/O so far, per member: what the speed is made of. */
  ioSectors: number
  private nextLook: number
  readonly startedAt: number
  private waitingForStripes: boolean

  constructor(array: MdArray, action: SyncAction) {
    super(array.sim, 'begin')
    this.array = array
    this.action = action
    this.position = 0
    this.completed = 0
    this.end = array.memberSectors
    this.interrupted = false
    this.from = 0
    this.to = 0
    this.target = -1
    this.buffers = []
    this.failedSlots = 0
    this.lastEndSync = array.sim.now
    this.endSyncFrom = 0
    this.markTime = array.sim.now
    this.markSectors = 0
    this.ioSectors = 0
    this.nextLook = WINDOW_SECTORS
    this.startedAt = array.sim.now
    this.waitingForStripes = false
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

  bioDone(bio: Bio): void {
    const member = this.array.slots[bio.tag]
    if (member !== null && member.pending > 0) member.pending--
    if (bio.status !== 'OK') this.failedSlots |= 1 << bio.tag
    this.arrived()
  }

  /** A stripe has become idle: perhaps the one this pass waits for. */
  stripeIdle(sector: number): void {
    if (!this.waitingForStripes || sector < this.from || sector >= this.to || this.stripesBusy()) return
    this.waitingForStripes = false
    this.arrived()
  }

  /** Closes a range of member sectors, and waits until no stripe is busy in it. */
  close(from: number, to: number): void {
    this.from = from
    this.to = to
    this.array.raid5.extent = { from, to }
    if (!this.stripesBusy()) return
    this.waitingForStripes = true
    this.expect()
  }

  open(): void {
    this.array.raid5.extent = null
    this.array.raid5.wakeWaiting()
  }

  submit(slot: number, op: typeof READ | typeof WRITE, from = this.from, to = this.to): void {
    const { array } = this
    const member = array.slots[slot]
    if (member === null) return
    const data = this.buffers[slot] + (from - this.from) * 512
    member.pending++
    this.expect()
    member.device.submit(
      new Bio(array.sim, this, op, SYNC, member.dataOffset + from, to - from, data, array.causes.sync, 0, slot),
    )
  }

  /** A bio for one page of the extent. */
  pageBio(owner: BioOwner, slot: number, op: typeof READ | typeof WRITE, sector: number): Bio {
    const { array } = this
    const data = this.buffers[slot] + (sector - this.from) * 512
    const at = (array.slots[slot]?.dataOffset ?? 0) + sector
    return new Bio(array.sim, owner, op, SYNC, at, STRIPE_SECTORS, data, array.causes.sync, 0, slot)
  }

  /**
   * Reads the extent from one slot. Pages that the stripe cache holds are taken from there, as the kernel does, whose sync goes
   * through the cache: the medium is not asked for them.
   */
  readSlot(slot: number): void {
    const { cache } = this.array.raid5
    let from = this.from
    for (let sector = this.from; sector < this.to; sector += STRIPE_SECTORS) {
      const page = cache.peek(sector)?.pages[slot]
      if (page === undefined || (page.flags & UPTODATE) === 0) continue
      this.array.sim.memory.copy(this.buffers[slot] + (sector - this.from) * 512, page.address, STRIPE_SECTORS * 512)
      if (from < sector) this.submit(slot, READ, from, sector)
      from = sector + STRIPE_SECTORS
    }
    if (from < this.to) this.submit(slot, READ, from, this.to)
  }

  /** A page was written past the cache: what the cache has of it is taken from the buffer. */
  refreshCache(slot: number, sector: number): void {
    const page = this.array.raid5.cache.peek(sector)?.pages[slot]
    if (page === undefined || (page.flags & UPTODATE) === 0) return
    this.array.sim.memory.copy(page.address, this.buffers[slot] + (sector - this.from) * 512, STRIPE_SECTORS * 512)
  }

  /**
   * Leaves what was read and computed in the stripe cache, as the kernel does: the last pages of a pass can be seen in what the next
   * writes need not read. Of a long extent only those that would not be driven out again.
   */
  fillCache(): void {
    const { array, buffers } = this
    const { cache } = array.raid5
    const first = Math.max(this.from, Math.min(this.end, this.to) - cache.capacity * STRIPE_SECTORS)
    if (this.to - this.from > STRIPE_SECTORS && this.to < this.end - cache.capacity * STRIPE_SECTORS) return
    for (let sector = first; sector < this.to; sector += STRIPE_SECTORS) {
      const stripe = cache.get(sector)
      if (stripe === undefined) return
      stripe.pages.forEach((page, slot) => {
        if (page.address === 0) page.address = array.sim.memory.allocate(STRIPE_SECTORS * 512)
        array.sim.memory.copy(page.address, buffers[slot] + (sector - this.from) * 512, STRIPE_SECTORS * 512)
        page.flags |= UPTODATE
      })
      cache.release(stripe)
    }
  }

  /** The next extent begins here: notes what is finished, and keeps to the speed limits. @returns how long to sleep first. */
  beforeExtent(): number {
    const { array, sim } = this
    if (array.bitmap !== null && sim.now >= this.lastEndSync + array.bitmap.daemonSleep) {
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

  private stripesBusy(): boolean {
    const { cache } = this.array.raid5
    if (this.to - this.from > cache.capacity * STRIPE_SECTORS) {
      return cache.active().some((stripe) => stripe.sector >= this.from && stripe.sector < this.to)
    }
    for (let sector = this.from; sector < this.to; sector += STRIPE_SECTORS) {
      if (cache.peek(sector)?.busy === true) return true
    }
    return false
  }
}

const STEPS = {
  begin: (pass: SyncPass): string => {
    const { array } = pass
    if (pass.action === 'recover') {
      pass.position = MAX_SECTOR
      array.slots.forEach((member, slot) => {
        if (member === null || member.faulty || member.inSync) return
        if (pass.target < 0) pass.target = slot
        pass.position = Math.min(pass.position, member.recoveryOffset)
      })
    } else {
      array.mismatches = 0
      if (pass.requested) pass.position = array.syncMin
      else pass.position = array.bitmap === null ? Math.min(array.resyncOffset, pass.end) : 0
    }
    pass.completed = pass.position
    const size = extentSectors(array.memberSectors) * 512
    for (let slot = 0; slot < array.raidDisks; slot++) pass.buffers.push(array.sim.memory.allocate(size))
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
    const { bitmap } = array
    if (pass.action !== 'recover' && array.degraded >= 1 && !pass.interrupted) pass.position = pass.end
    while (!pass.interrupted && pass.position < pass.end) {
      if (bitmap === null || pass.requested || array.fullSync || bitmap.startSync(pass.position, true)) break
      const chunkEnd = (bitmap.chunkOf(pass.position) + 1) * bitmap.chunkSectors
      pass.position = Math.min(chunkEnd, pass.end)
    }
    if (pass.interrupted || pass.position >= pass.end) return 'finish'
    const sleep = pass.beforeExtent()
    if (sleep > 0) {
      pass.sleep(sleep)
      return 'next extent'
    }
    return 'close the range'
  },

  'close the range': (pass: SyncPass): string => {
    const { array, position } = pass
    const size = extentSectors(array.memberSectors)
    let to = Math.min(position - (position % size) + size, pass.end)
    if (array.bitmap !== null) {
      to = Math.min(to, (array.bitmap.chunkOf(position) + 1) * array.bitmap.chunkSectors)
    }
    pass.close(position, to)
    return 'read'
  },

  read: (pass: SyncPass): string => {
    const { array } = pass
    const degraded = array.slots.some((member) => member === null || member.faulty)
    array.bitmap?.startSync(pass.from, degraded)
    pass.failedSlots = 0
    if (pass.interrupted) {
      pass.open()
      return 'finish'
    }
    for (let slot = 0; slot < array.raidDisks; slot++) {
      if (slot === pass.target) continue
      if (array.readable(slot, pass.from, pass.to - pass.from)) pass.readSlot(slot)
      else pass.failedSlots |= 1 << slot
    }
    return 'judge'
  },

  judge: (pass: SyncPass): string => {
    const { array } = pass
    const { arena } = array.sim.memory
    pass.ioSectors += pass.to - pass.from
    if (pass.failedSlots !== 0) {
      pass.call(mendPages(pass))
      return 'mended'
    }
    const bytes = (pass.to - pass.from) * 512
    if (pass.target >= 0) {
      const others = pass.buffers.filter((_, slot) => slot !== pass.target)
      arena.parity(pass.buffers[pass.target], others, bytes)
      pass.submit(pass.target, WRITE)
    } else if (!arena.parityIsZero(pass.buffers, bytes)) {
      correctParity(pass)
    }
    return 'written'
  },

  mended: (pass: SyncPass): string => leave(pass),

  written: (pass: SyncPass): string => {
    const { array } = pass
    if (pass.target >= 0) {
      const member = array.slots[pass.target]
      if (member !== null && !member.faulty && (pass.failedSlots & (1 << pass.target)) !== 0) {
        if (!markBad(array, member, pass.from, pass.to - pass.from)) array.memberFailed(member)
      }
    }
    if (pass.failedSlots === 0) pass.fillCache()
    return leave(pass)
  },

  finish: (pass: SyncPass): string => {
    const { array, position, end, interrupted } = pass
    for (const address of pass.buffers) array.sim.memory.free(address)
    pass.buffers.length = 0
    if (array.bitmap !== null) {
      if (position < end) array.bitmap.endSync(array.bitmap.chunkOf(position), true)
      else array.fullSync = false
      array.bitmap.closeSync()
    }
    if (pass.action === 'recover') {
      for (const member of array.slots) {
        if (member === null || member.faulty || member.inSync) continue
        const reached = interrupted ? position : MAX_SECTOR
        if (member.recoveryOffset < reached) member.recoveryOffset = reached
      }
    } else if (pass.action !== 'check') {
      if (!interrupted) array.resyncOffset = MAX_SECTOR
      else if (position >= array.resyncOffset) array.resyncOffset = position
    }
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
    return ''
  },
}

/** The extent is done: its range is open again. */
function leave(pass: SyncPass): string {
  const { array } = pass
  if (!pass.interrupted) pass.position = pass.to
  const { position, end, from, to } = pass
  array.sim.emit(TRACE.sync_progress, array.minor, SYNC_ACTIONS.indexOf(pass.action), position, end, to - from)
  pass.open()
  return 'next extent'
}

/** Members that have been built up to the end are in sync. @source raid5_spare_active, drivers/md/raid5.c, 6.1 */
function activateSpares(array: MdArray): void {
  for (const member of array.slots) {
    if (member === null || member.faulty || member.inSync || member.recoveryOffset !== MAX_SECTOR) continue
    member.inSync = true
    array.sim.emit(TRACE.member_state, array.minor, member.slot, 1, 0)
  }
  array.degraded = array.countDegraded()
}

/** Counts the pages whose parity is wrong, and unless this is a check, writes the right one. */
function correctParity(pass: SyncPass): void {
  const { array } = pass
  const { arena } = array.sim.memory
  const page = STRIPE_SECTORS * 512
  for (let sector = pass.from; sector < pass.to; sector += STRIPE_SECTORS) {
    const offset = (sector - pass.from) * 512
    const addresses = pass.buffers.map((address) => address + offset)
    if (arena.parityIsZero(addresses, page)) continue
    array.mismatches += STRIPE_SECTORS
    array.sim.emit(TRACE.mismatch, array.minor, sector, STRIPE_SECTORS)
    if (pass.action === 'check') continue
    const parity = array.geometry.paritySlot(Math.floor(sector / array.geometry.chunkSectors))
    arena.parity(
      addresses[parity],
      addresses.filter((_, slot) => slot !== parity),
      page,
    )
    pass.submit(parity, WRITE, sector, sector + STRIPE_SECTORS)
    pass.refreshCache(parity, sector)
  }
}
