/**
 * The second half of the making of a raid target: reads what the legs' metadata devices hold, decides what the set is, makes the array.
 * Nothing is written before the first resume.
 * @source raid_ctr, analyse_superblocks, drivers/md/dm-raid.c; md_run, md_bitmap_create, 6.1
 */
import { fail, type Failure } from '../base/errno.ts'
import { Bio, META, READ, SYNC, type BioOwner } from '../block/bio.ts'
import { journalSeed } from '../format/md_journal.ts'
import { DM_RAID_SUPERBLOCK, readDmRaidSuperblock } from '../format/dm_raid_superblock.ts'
import { geometryOf } from '../md/array_geometry.ts'
import { Bitmap } from '../md/bitmap.ts'
import { JournaledRaid5 } from '../md/journaled_raid5.ts'
import { LoadJournal } from '../md/load_journal.ts'
import { MirrorGeometry } from '../md/mirror_geometry.ts'
import { PERSONALITIES } from '../md/personality.ts'
import { CreateBitmap } from '../md/bitmap_load.ts'
import { Procedure } from '../sim/procedure.ts'
import { SECOND } from '../sim/sim.ts'
import { analyseSet, type LegReading, type SetPlan } from './analyse.ts'
import { daemonTicks, newBitmapHeader, TICKS_PER_SECOND } from './new_bitmap.ts'
import { RaidArray, RaidLeg } from './raid_array.ts'
import type { RaidTarget } from './raid_target.ts'

const BLOCK_BYTES = 512

export class Activate extends Procedure implements BioOwner {
  readonly target: RaidTarget
  readonly legs: readonly (RaidLeg | null)[]
  failure: Failure | null
  array: RaidArray | null
  creating: CreateBitmap | null
  loading: LoadJournal | null
  buffer: number
  /** Legs whose metadata could not be read. */
  readonly unreadable: Set<number>
  readonly cause: number

  constructor(target: RaidTarget) {
    super(target.sim, 'read superblocks')
    this.target = target
    this.legs = target.devices.map(({ meta, data }, leg) => (data === null ? null : new RaidLeg(leg, data, meta)))
    this.failure = null
    this.array = null
    this.creating = null
    this.loading = null
    this.buffer = 0
    this.unreadable = new Set()
    this.cause = target.sim.cause(`${target.table.device.name} activation`)
  }

  override steps() {
    return STEPS
  }

  bioDone(bio: Bio): void {
    if (bio.status !== 'OK') this.unreadable.add(bio.tag)
    this.arrived()
  }

  abort(failure: Failure): string {
    this.failure = failure
    this.array?.end()
    this.array = null
    return ''
  }

  /** What was read, leg by leg. @errors EINVAL for numbers that are out of range */
  readings(): LegReading[] | Failure {
    const readings: LegReading[] = []
    for (const leg of this.legs) {
      if (leg === null) continue
      const hasMetadata = leg.metadataDevice !== null
      const unreadable = this.unreadable.has(leg.leg)
      const read = hasMetadata && !unreadable ? readDmRaidSuperblock(this.block(leg.leg)) : null
      if (read !== null && !read.ok) return fail('EINVAL', `leg ${leg.leg}: ${read.message}`)
      readings.push({ leg: leg.leg, hasMetadata, unreadable, superblock: read?.value ?? null })
    }
    return readings
  }

  block(leg: number): Uint8Array {
    const from = this.buffer + leg * BLOCK_BYTES
    return this.sim.memory.bytes.slice(from, from + BLOCK_BYTES)
  }
}

const STEPS = {
  'read superblocks': (activate: Activate): string => {
    const { legs, sim } = activate
    activate.buffer = sim.memory.allocateZeroed(Math.ceil((legs.length * BLOCK_BYTES) / 4096) * 4096)
    for (const leg of legs) {
      if (leg === null || leg.metadataDevice === null) continue
      activate.expect()
      const data = activate.buffer + leg.leg * BLOCK_BYTES
      const bio = new Bio(sim, activate, READ, SYNC | META, 0, 1, data, activate.cause, 0, leg.leg)
      leg.metadataDevice.submit(bio)
    }
    return 'decide'
  },

  decide: (activate: Activate): string => {
    const { target, legs } = activate
    const readings = activate.readings()
    // What a leg without a superblock holds in the place of its flags stays there.
    for (const leg of legs) if (leg !== null) leg.flags = flagsIn(activate.block(leg.leg))
    activate.sim.memory.free(activate.buffer)
    if (!Array.isArray(readings)) return activate.abort(readings)
    const plan = analyseSet(target.line, readings)
    if (!plan.ok) return activate.abort(plan)
    return makeArray(activate, plan.value)
  },

  'take the bitmap': (activate: Activate): string => {
    const failure = activate.creating?.failure ?? null
    return failure === null ? 'configure' : activate.abort(failure)
  },

  configure: (activate: Activate): string => {
    const wrong = activate.array?.configure(activate.target.line.values) ?? null
    if (wrong !== null) return activate.abort(wrong)
    const { array } = activate
    if (array === null || array.journal === null || !(array.personality instanceof JournaledRaid5)) return ''
    // Of a set without a uuid the sums in the log begin with sixteen zeros.
    const seed = journalSeed(new Uint8Array(16))
    activate.loading = new LoadJournal(array.personality.begin(array.journal, seed, array.journal.device.sectors))
    activate.call(activate.loading)
    return 'set the mode of the journal'
  },

  'set the mode of the journal': (activate: Activate): string => {
    const failure = activate.loading?.failure ?? null
    if (failure !== null) return activate.abort(failure)
    const { array, target } = activate
    if (array === null || target.line.values.journalMode !== 'writeback') return ''
    const log = activate.loading?.journal
    if (array.degraded > 0) return activate.abort(fail('EINVAL', 'a degraded set has no write-back journal'))
    if (log !== undefined) log.cache.writeBack = true
    return ''
  },
}

function flagsIn(block: Uint8Array): number {
  const view = new DataView(block.buffer, block.byteOffset, block.length)
  return view.getUint32(DM_RAID_SUPERBLOCK.offsets.flags, true)
}

/** The array with its legs as planned, not yet running. */
function makeArray(activate: Activate, plan: SetPlan): string {
  const { target, legs } = activate
  const { line } = target
  const { level, layout, chunkSectors } = plan
  const memberSectors = chunkSectors === 0 ? line.legSectors : line.legSectors - (line.legSectors % chunkSectors)
  const geometry = geometryOf({ level, layout, raidDisks: legs.length, chunkSectors, memberSectors })
  if (!geometry.ok) return activate.abort(geometry)
  if (PERSONALITIES.find(level, target.journal !== null) === undefined)
    return activate.abort(fail('EINVAL', `level ${level} does not run here`))
  const device = target.table.device
  const options = {
    device,
    geometry: geometry.value,
    plan,
    line,
    // A raid10 stores what it uses.
    legSectors: geometry.value instanceof MirrorGeometry ? geometry.value.usedSectors : line.legSectors,
    memberSectors,
    legs,
    journal: target.journal,
  }
  const array = new RaidArray(options)
  activate.array = array
  array.begin()
  const refusal = array.personality.refusal()
  if (refusal !== null) return activate.abort(refusal)
  if (!plan.hasBitmap) return 'configure'
  if (!plan.isNew) {
    activate.creating = new CreateBitmap(array, new Uint8Array(16), activate.cause)
    activate.call(activate.creating)
    return 'take the bitmap'
  }
  array.bitmap = new Bitmap(array, newBitmapHeader(array, line), true)
  array.bitmap.daemonSleep = (daemonTicks(line.values.daemonSleep) * SECOND) / TICKS_PER_SECOND
  return 'configure'
}
