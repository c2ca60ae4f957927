/**
 * A raid target: one of md's arrays behind a line of a table.
 * @source raid_target, drivers/md/dm-raid.c, 6.1
 */
import { assert } from '../base/assert.ts'
import { fail, ok, type Result } from '../base/errno.ts'
import { deviceId, type BlockDevice } from '../block/device.ts'
import type { CloneBio } from '../dm/clone_bio.ts'
import type { DmTable } from '../dm/table.ts'
import {
  PENDING,
  Target,
  TargetType,
  type Answer,
  type AnswerWaiter,
  type Area,
  type HookResult,
  type HookWaiter,
} from '../dm/target.ts'
import type { Procedure, ProcedureParent } from '../sim/procedure.ts'
import { Activate } from './activate.ts'
import { daemonTicks, TICKS_PER_SECOND } from './new_bitmap.ts'
import { RAID_PARAMETERS } from './parameter.ts'
import { FirstResume, Quiesce, Revive, type RaidProcedure } from './raid_procedures.ts'
import type { RaidArray } from './raid_array.ts'
import { raidMessage } from './raid_message.ts'
import { raidStatusText } from './raid_status.ts'
import { BITMAP_RULE, GRAMMAR_RULE } from './rules.ts'
import { fromSeedGrammar } from './seed_grammar.ts'
import { parseRaidTable, type RaidTable } from './table_line.ts'
import { raidTableText } from './table_text.ts'
import { TRANSLATION_RULE } from './translation.ts'

/** The devices of one leg; null for `-`. */
export interface LegDevices {
  readonly meta: BlockDevice | null
  readonly data: BlockDevice | null
}

export class RaidTarget extends Target implements ProcedureParent {
  readonly line: RaidTable
  readonly devices: readonly LegDevices[]
  readonly journal: BlockDevice | null
  /** Null until it is open. */
  array: RaidArray | null
  /** The first resume has brought superblocks and bitmap up to date. */
  preresumed: boolean
  /** The bitmap of a set that was not shut down is believed, as the rule says that was in force when the table was loaded. */
  readonly consultsBitmap: boolean
  private waiter: HookWaiter | null

  constructor(
    table: DmTable,
    begin: number,
    line: RaidTable,
    devices: readonly LegDevices[],
    journal: BlockDevice | null,
  ) {
    super(RAID, table, begin, line.sectors)
    this.line = line
    this.devices = devices
    this.journal = journal
    this.array = null
    this.preresumed = false
    this.consultsBitmap = table.device.dm.rules.get(BITMAP_RULE) === 'consulted'
    this.waiter = null
    this.flushBios = 1
    this.maxIoSectors = line.chunkSectors === 0 ? (line.values.regionSize ?? 0) : line.chunkSectors
  }

  /** The array, which is there once the table is loaded. */
  private get set(): RaidArray {
    assert(this.array !== null, 'a raid set is used before it is open')
    return this.array
  }

  override map(clone: CloneBio): void {
    if (clone.sectors > 0) clone.sector = this.offset(clone.sector)
    this.set.submit(clone)
  }

  override status(): string {
    return raidStatusText(this.set, this.preresumed, this.line.values.journalMode)
  }

  override parameters(): string {
    const { line, set } = this
    const { bitmap, personality, plan } = set
    const ticks = bitmap === null ? daemonTicks(line.values.daemonSleep) : (bitmap.daemonSleep * TICKS_PER_SECOND) / 1e9
    return raidTableText(line, {
      chunkSectors: plan.chunkSectors,
      regionSectors: bitmap === null ? line.regionSectors : bitmap.chunkSectors,
      daemonSleep: ticks,
      maxWriteBehind: bitmap?.header.write_behind ?? Math.floor((line.values.maxWriteBehind ?? 0) / 2),
      stripes: personality.stripes?.capacity ?? 0,
      layout: plan.layout,
      journal: idOf(this.journal),
      devices: this.devices.map(({ meta, data }) => [idOf(meta), idOf(data)] as const),
    })
  }

  override areas(): readonly Area[] {
    const sectors = this.array?.memberSectors ?? this.line.legSectors
    return this.devices.flatMap(({ data }) => (data === null ? [] : [{ device: data, start: 0, sectors }]))
  }

  override ioHints(): { minSectors: number; optSectors: number } {
    const chunk = this.set.plan.chunkSectors
    return { minSectors: chunk, optSectors: chunk * (this.devices.length - this.line.type.parityLegs) }
  }

  override message(words: readonly string[], waiter: AnswerWaiter): Result<Answer> | typeof PENDING {
    return raidMessage(this.set, words, waiter)
  }

  override inner(): RaidArray | null {
    return this.preresumed ? this.array : null
  }

  override unsettled(): string | null {
    return this.array === null || this.array.suspended ? null : this.array.unsettled()
  }

  // ---- hooks ----

  override open(waiter: HookWaiter): HookResult {
    return this.carryOut(new Activate(this), waiter)
  }

  override preresume(waiter: HookWaiter): HookResult {
    if (this.preresumed) return this.carryOut(new Revive(this.set), waiter)
    return this.carryOut(new FirstResume(this, this.set), waiter)
  }

  override resume(): void {
    this.set.run()
  }

  override postsuspend(waiter: HookWaiter): HookResult {
    return this.set.suspended ? null : this.carryOut(new Quiesce(this.set), waiter)
  }

  override destroy(): void {
    this.array?.end()
    this.array = null
  }

  private carryOut(work: RaidProcedure, waiter: HookWaiter): HookResult {
    this.waiter = waiter
    work.parent = this
    work.start()
    return PENDING
  }

  procedureDone(work: Procedure): void {
    const { failure } = work as RaidProcedure
    if (work instanceof Activate) this.array = work.array
    const said = failure === null ? null : fail(failure.errno, `${this.type.name}: ${failure.message}`)
    const { waiter } = this
    this.waiter = null
    waiter?.hookDone(said)
  }
}

function idOf(device: BlockDevice | null): string {
  return device === null ? '-' : deviceId(device)
}

/** @source raid_ctr, parse_dev_params, drivers/md/dm-raid.c, 6.1 */
class RaidType extends TargetType {
  override readonly name = 'raid'
  override readonly version = [1, 15, 1] as const

  override create(table: DmTable, begin: number, sectors: number, words: readonly string[]): Result<Target> {
    const { rules } = table.device.dm
    const args = rules.get(GRAMMAR_RULE) === 'seed' ? fromSeedGrammar(words) : ok(words)
    if (!args.ok) return args
    const translation = rules.get(TRANSLATION_RULE) === 'seed' ? 'seed' : 'linux-6.1'
    const line = parseRaidTable(sectors, args.value, translation)
    if (!line.ok) return line
    const later = RAID_PARAMETERS.find(({ name, later }) => later === true && line.value.values.given.includes(name))
    const journal = line.value.values.journalDevice
    const journalDevice = journal === null ? null : table.open(journal)
    if (journalDevice?.ok === false) return journalDevice
    if (journalDevice !== null && journalDevice.value.sectors < JOURNAL_SECTORS_MIN) {
      return fail(
        'ENOSPC',
        `a journal wants ${JOURNAL_SECTORS_MIN} sectors, and ${journal} has ${journalDevice.value.sectors}`,
      )
    }
    const devices = openLegs(table, line.value)
    if (!devices.ok) return devices
    if (later !== undefined) return fail('EINVAL', `${later.name} (${later.summary}) comes later here`)
    return ok(new RaidTarget(table, begin, line.value, devices.value, journalDevice?.value ?? null))
  }
}

/** 4 MiB. */
const JOURNAL_SECTORS_MIN = 8192

function openLegs(table: DmTable, line: RaidTable): Result<LegDevices[]> {
  const legs: LegDevices[] = []
  for (const words of line.legs) {
    const devices: (BlockDevice | null)[] = []
    for (const word of [words.meta, words.data]) {
      const device = word === null ? ok(null) : table.open(word)
      if (!device.ok) return device
      devices.push(device.value)
    }
    legs.push({ meta: devices[0], data: devices[1] })
  }
  for (const { data } of legs) {
    if (data === null || data.sectors >= line.legSectors) continue
    return fail(
      'EINVAL',
      `/dev/${data.name} has ${data.sectors} sectors, and ${line.legSectors} are wanted of each leg`,
    )
  }
  return ok(legs)
}

export const RAID = new RaidType()
