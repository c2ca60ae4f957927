/** What a raid target does when its device is resumed and suspended. */
import type { Failure } from '../base/errno.ts'
import { Bio, META, READ, SYNC, type BioOwner } from '../block/bio.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import { CHANGE_DEVS } from '../md/array.ts'
import { Bitmap, BitmapFlush } from '../md/bitmap.ts'
import { LoadBitmap } from '../md/bitmap_load.ts'
import { StopWrites } from '../md/stop_writes.ts'
import { MICROSECOND } from '../sim/sim.ts'
import { Procedure } from '../sim/procedure.ts'
import type { RaidArray, RaidLeg } from './raid_array.ts'
import type { RaidTarget } from './raid_target.ts'

/** A procedure of a raid target: whoever waits for it finds here how it went. */
export interface RaidProcedure extends Procedure {
  failure: Failure | null
}

/**
 * The first resume of a table: superblocks that are new, or must say something new, are written; the bitmap is loaded; a resync that was
 * interrupted is asked for as a repair from where it was.
 * @source raid_preresume, drivers/md/dm-raid.c, 6.1
 */
export class FirstResume extends Procedure implements RaidProcedure {
  readonly target: RaidTarget
  readonly array: RaidArray
  failure: Failure | null
  loading: LoadBitmap | null

  constructor(target: RaidTarget, array: RaidArray) {
    super(array.sim, 'write superblocks')
    this.target = target
    this.array = array
    this.failure = null
    this.loading = null
  }

  /** Whether the bitmap of a set that calls itself synced is asked what it knows. */
  get consults(): boolean {
    const { array, target } = this
    if (!target.consultsBitmap || array.plan.isNew || array.degraded > 0) return false
    return array.plan.resyncOffset === MAX_SECTOR
  }

  override steps() {
    return FIRST_STEPS
  }
}

const FIRST_STEPS = {
  'write superblocks': (resume: FirstResume): string => {
    const { array, target } = resume
    target.preresumed = true
    if (!array.plan.writesSuperblocks) return 'load the bitmap'
    array.changes |= CHANGE_DEVS
    array.recordChanges()
    return 'superblocks are written'
  },

  'superblocks are written': (resume: FirstResume): string => {
    if (resume.array.updating === null) return 'load the bitmap'
    resume.sleep(MICROSECOND)
    return 'superblocks are written'
  },

  'load the bitmap': (resume: FirstResume): string => {
    const { array } = resume
    if (array.bitmap === null) return 'ask for what is left'
    // Read as if nothing were known to be synced, every bit that is set wants its chunk resynced.
    if (resume.consults) array.resyncOffset = 0
    resume.loading = new LoadBitmap(array, array.bitmap, array.causes.bitmap)
    resume.call(resume.loading)
    return 'take the region size'
  },

  'take the region size': (resume: FirstResume): string => {
    const { array, target } = resume
    const { bitmap } = array
    const wanted = target.line.values.regionSize ?? 0
    if (
      bitmap === null ||
      (resume.loading?.failure ?? null) !== null ||
      wanted === 0 ||
      wanted === bitmap.chunkSectors
    ) {
      return 'ask for what is left'
    }
    array.bitmap = new Bitmap(array, { ...bitmap.header, chunksize: wanted * 512 })
    array.bitmap.takeOver(bitmap)
    bitmap.free()
    resume.call(new BitmapFlush(array))
    return 'ask for what is left'
  },

  'ask for what is left': (resume: FirstResume): string => {
    const { array } = resume
    resume.failure = resume.loading?.failure ?? null
    if (resume.failure !== null) return ''
    if (resume.consults && array.bitmap?.anyNeeded !== true) array.resyncOffset = MAX_SECTOR
    if (array.resyncOffset > 0 && array.resyncOffset < MAX_SECTOR) {
      array.requested = 'repair'
      array.syncMin = array.resyncOffset
    }
    return ''
  },
}

/**
 * A later resume: legs that had failed, and whose superblocks can be read again, come back.
 * @source attempt_restore_of_faulty_devices, drivers/md/dm-raid.c, 6.1
 */
export class Revive extends Procedure implements RaidProcedure, BioOwner {
  readonly array: RaidArray
  readonly failure: null
  readonly readable: RaidLeg[]
  private buffer: number

  constructor(array: RaidArray) {
    super(array.sim, 'read superblocks')
    this.array = array
    this.failure = null
    this.readable = []
    this.buffer = 0
  }

  override steps() {
    return REVIVE_STEPS
  }

  read(legs: readonly RaidLeg[]): void {
    const { array, sim } = this
    this.buffer = sim.memory.allocateZeroed(4096)
    this.pending += legs.length
    for (const leg of legs) {
      const bio = new Bio(sim, this, READ, SYNC | META, 0, 1, this.buffer, array.causes.superblock, 0, leg.leg)
      leg.metadataDevice?.submit(bio)
    }
  }

  bioDone(bio: Bio): void {
    const leg = this.array.legs[bio.tag]
    if (bio.status === 'OK' && leg !== null) this.readable.push(leg)
    this.arrived()
  }

  free(): void {
    if (this.buffer !== 0) this.sim.memory.free(this.buffer)
  }
}

const REVIVE_STEPS = {
  'read superblocks': (revive: Revive): string => {
    const legs = revive.array.members.filter((leg) => leg.faulty && leg.metadataDevice !== null)
    if (legs.length === 0) return ''
    revive.read(legs)
    return 'bring them back'
  },

  'bring them back': (revive: Revive): string => {
    revive.free()
    for (const leg of revive.readable.sort((a, b) => a.leg - b.leg)) revive.array.revive(leg)
    return ''
  },
}

/** The set comes to rest: what md does before it is stopped, and nothing more until it is resumed. @source raid_postsuspend */
export class Quiesce extends Procedure implements RaidProcedure {
  readonly array: RaidArray
  readonly failure: null

  constructor(array: RaidArray) {
    super(array.sim, 'stop writes')
    this.array = array
    this.failure = null
  }

  override steps() {
    return QUIESCE_STEPS
  }
}

const QUIESCE_STEPS = {
  'stop writes': (quiesce: Quiesce): string => {
    const { array } = quiesce
    array.heldAt = array.sync?.position ?? null
    quiesce.call(new StopWrites(array))
    return 'suspend'
  },

  suspend: (quiesce: Quiesce): string => {
    quiesce.array.suspended = true
    return ''
  },
}
