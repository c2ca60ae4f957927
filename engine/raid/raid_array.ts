/**
 * The array below a raid target: md's own, with superblocks and bitmap on the legs' metadata devices.
 * @source super_sync, drivers/md/dm-raid.c, 6.1
 */
import { assert } from '../base/assert.ts'
import { fail, type Failure } from '../base/errno.ts'
import type { BlockDevice } from '../block/device.ts'
import type { MappedDevice } from '../dm/mapped_device.ts'
import {
  DM_RAID_BITMAP_SECTOR,
  DM_RAID_EXTENDED,
  DM_RAID_MAGIC,
  encodeDmRaidSuperblock,
  failedFields,
  type DmRaidSuperblock,
} from '../format/dm_raid_superblock.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import { MdArray, type AfterCrash, type MetadataWrite } from '../md/array.ts'
import type { ArrayGeometry } from '../md/array_geometry.ts'
import { Member } from '../md/member.ts'
import { writeLastPage } from './last_page.ts'
import { leaveSlot, countDegraded } from '../md/place.ts'
import { MAPPED_ARRAY_NUMBERS } from '../md/trace_name.ts'
import { STRIPES_DEFAULT } from '../md/stripe_cache.ts'
import type { SetPlan } from './analyse.ts'
import { BITMAP_RULE } from './rules.ts'
import { surprisesOf } from './surprises.ts'
import type { RaidTable } from './table_line.ts'
import type { RaidValues } from './table_parameters.ts'

/** Reshape under way, and that it goes backwards. */
const RESHAPE_FLAGS = 3

export class RaidLeg extends Member {
  /** Its place in the table; {@link slot} is -1 while it has failed. */
  readonly leg: number
  /** Legs that have failed or are missing, as its superblock has it: a bit stays until the set is activated anew. */
  failedLegs: number[]
  /** What its superblock has in the place of flags: only the two of reshaping are ever cleared, whatever was there before. */
  flags: number

  constructor(leg: number, device: BlockDevice, metadataDevice: BlockDevice | null) {
    const facts = { descNr: leg, dataOffset: 0, events: 0, badBlocks: null, correctedErrors: 0 }
    super(device, facts, metadataDevice)
    this.leg = leg
    this.failedLegs = []
    this.flags = 0
  }
}

export interface RaidArrayOptions {
  readonly device: MappedDevice
  readonly geometry: ArrayGeometry
  readonly plan: SetPlan
  readonly line: RaidTable
  /** Sectors that the set needs of each leg, and how many of them are whole chunks. */
  readonly legSectors: number
  readonly memberSectors: number
  readonly legs: readonly (RaidLeg | null)[]
  readonly journal: BlockDevice | null
}

export class RaidArray extends MdArray {
  declare members: RaidLeg[]
  readonly device: MappedDevice
  readonly plan: SetPlan
  /** The table it was made from. */
  readonly line: RaidTable
  readonly legSectors: number
  /** By their places in the table; null for `- -`. */
  readonly legs: readonly (RaidLeg | null)[]
  /** How far the sync was in whose middle the set was suspended; null where none ran. */
  heldAt: number | null
  /** The device of the journal, which has no place in the table, and no superblock. */
  readonly journal: Member | null

  constructor(options: RaidArrayOptions) {
    const { device, geometry, memberSectors } = options
    super(
      device.sim,
      MAPPED_ARRAY_NUMBERS + device.minor,
      geometry,
      memberSectors,
      device.name,
      options.journal !== null,
    )
    this.device = device
    this.plan = options.plan
    this.line = options.line
    this.legSectors = options.legSectors
    this.legs = options.legs
    this.heldAt = null
    this.journal = options.journal === null ? null : journalMember(options.journal)
  }

  /** Everything as it was planned; nothing runs before the first resume. @source md_run, drivers/md/md.c, 6.1 */
  begin(): void {
    const { plan } = this
    // A raid0 knows nothing of clean and dirty.
    if (plan.level === 0) this.safeModeDelay = 0
    this.suspended = true
    this.events = plan.events
    this.resyncOffset = plan.resyncOffset
    for (const { leg: place, faulty, inSync, recoveryOffset, returns } of plan.legs) {
      const leg = this.legs[place]
      assert(leg !== null, 'a leg is planned that is not there')
      this.members.push(leg)
      leg.faulty = faulty
      leg.inSync = inSync
      leg.recoveryOffset = recoveryOffset
      if (faulty) continue
      leg.slot = place
      this.slots[place] = leg
      leg.savedSlot = returns ? place : -1
      leg.writeMostly = this.line.values.writeMostly.includes(place)
      if (!inSync && this.personality.isStranger(leg.savedSlot, place)) this.fullSync = true
    }
    if (plan.syncsAll) this.fullSync = true
    this.degraded = countDegraded(this)
    if (this.personality.startsClean) this.resyncOffset = MAX_SECTOR
  }

  /** Takes over what the table says besides the shape. @errors EINVAL where md does not take a number */
  configure(values: RaidValues): Failure | null {
    this.speedMin = values.minRecoveryRate === 0 ? null : values.minRecoveryRate
    this.speedMax = values.maxRecoveryRate === 0 ? null : values.maxRecoveryRate
    const { stripes } = this.personality
    if (stripes === null) return null
    const count = Math.max(values.stripeCache ?? STRIPES_DEFAULT, this.geometry.chunkSectors / 2)
    if (count !== STRIPES_DEFAULT && (count <= 16 || count > 32768)) {
      return fail('EINVAL', `stripe_cache ${count}: md takes 17 to 32768 stripes`)
    }
    stripes.capacity = count
    return null
  }

  /** From now on it works. It counts as written to, whatever the superblocks say. @source raid_resume, drivers/md/dm-raid.c, 6.1 */
  run(): void {
    if (!this.suspended) return
    this.suspended = false
    this.heldAt = null
    this.stopping = false
    this.frozen = false
    this.setInSync(false)
    this.lookAgain()
  }

  /**
   * The set is taken down. The first page of its bitmap is written once more, whatever was done with the set: also of a table that was
   * loaded and never resumed.
   * @source md_stop, md_bitmap_flush, drivers/md/md.c and md-bitmap.c, 6.1
   */
  end(): void {
    if (this.bitmap !== null) writeLastPage(this, this.bitmap)
    this.free()
  }

  /** A leg that had failed has its place again; what it missed is written to it. */
  revive(leg: RaidLeg): void {
    if (leg.slot >= 0) leaveSlot(this, leg)
    if (this.slots[leg.leg] !== null) return
    this.slots[leg.leg] = leg
    leg.slot = leg.leg
    leg.savedSlot = leg.leg
    leg.faulty = false
    leg.writeErrorSeen = false
    leg.inSync = false
    leg.recoveryOffset = 0
    for (const member of this.members) member.failedLegs = member.failedLegs.filter((place) => place !== leg.leg)
  }

  override get layout(): number {
    return this.plan.layout
  }

  override bitmapSector(): number {
    return DM_RAID_BITMAP_SECTOR
  }

  override metadataWrites(leg: RaidLeg): MetadataWrite[] {
    if (leg.metadataDevice === null) return []
    return [{ sector: 0, bytes: encodeDmRaidSuperblock(this.superblock(leg)) }]
  }

  /** By Linux 6.1 a set that was synced is synced, whatever was under way; see {@link TRANSLATION_RULE} for one without metadata. */
  override afterCrash(): AfterCrash {
    const { level } = this.geometry
    if (level === 0) return 'nothing'
    if (this.bitmap === null) return this.line.translation === 'seed' ? 'all' : 'nothing'
    if (this.resyncOffset === 0) return 'marked'
    if (this.resyncOffset < MAX_SECTOR) return 'all'
    return this.device.dm.rules.get(BITMAP_RULE) === 'consulted' && this.degraded === 0 ? 'marked' : 'nothing'
  }

  override surprises(): readonly string[] {
    return surprisesOf(this)
  }

  /** The first event finds out that a length which is no whole chunks was too long. @source do_table_event, drivers/md/dm-raid.c, 6.1 */
  override noteEvent(): void {
    this.device.sectors = this.sectors
    this.device.raiseEvent()
  }

  /** Without a write nothing makes it clean: it counts as written to when it is resumed. */
  protected override get becomesClean(): boolean {
    return !this.inSync && (this.safeModeArmed || this.safeModeDue)
  }

  /** The superblock of a leg as the set stands now. */
  private superblock(leg: RaidLeg): DmRaidSuperblock {
    const { plan, legs } = this
    const lost = legs.flatMap((other, i) => (other === null || other.faulty ? [i] : []))
    leg.failedLegs = [...new Set([...leg.failedLegs, ...lost])]
    const { level, layout, chunkSectors } = plan
    return {
      magic: DM_RAID_MAGIC,
      compat_features: DM_RAID_EXTENDED,
      num_devices: this.raidDisks,
      array_position: leg.slot >>> 0,
      events: this.events,
      ...failedFields(leg.failedLegs),
      disk_recovery_offset: leg.recoveryOffset,
      array_resync_offset: this.resyncOffset,
      level,
      layout,
      stripe_sectors: chunkSectors,
      flags: (leg.flags & ~RESHAPE_FLAGS) >>> 0,
      reshape_position: MAX_SECTOR,
      new_level: level,
      new_layout: layout,
      new_stripe_sectors: chunkSectors,
      delta_disks: 0,
      array_sectors: this.sectors,
      data_offset: 0,
      new_data_offset: 0,
      // A raid0 uses whole chunks of its legs. @source create_strip_zones, drivers/md/raid0.c, 6.1
      sectors: level === 0 ? this.legSectors - (this.legSectors % chunkSectors) : this.legSectors,
      incompat_features: 0,
    }
  }
}

/** Its log begins at the first sector each time: nothing is written down of where it was. */
function journalMember(device: BlockDevice): Member {
  const facts = { descNr: -1, dataOffset: 0, events: 0, badBlocks: null, correctedErrors: 0 }
  const member = new Member(device, facts, null)
  member.isJournal = true
  return member
}
