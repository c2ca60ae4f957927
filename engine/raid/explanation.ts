/**
 * What a raid table means, leg by leg: what its words say, what the superblocks made of it, and how it stands now.
 */
import { MAX_SECTOR } from '../format/struct.ts'
import type { LegPlan, LegReason, ResyncReason } from './analyse.ts'
import type { RaidTarget } from './raid_target.ts'
import { wordsOfLeg, type RaidTable } from './table_line.ts'
import { offsetText, translate, translationRows, type Translation, type TranslationRow } from './translation.ts'

/** A leg; sectors as in the tables, where `MaxSector` is "all of it". */
export interface ExplainedLeg {
  readonly leg: number
  /** Below /dev; `-` for none. */
  readonly meta: string
  readonly data: string
  readonly inSync: boolean
  readonly recoveryOffset: string
  readonly why: string
  /** Now, where it is not as it began: `failed`, `in sync`, `rebuilt up to 4352`. */
  readonly since: string
}

/** A row of the tables. */
export interface ExplainedRow {
  readonly metadata: boolean
  /** `nosync`, `sync`, `rebuild`, or none of them. */
  readonly words: string
  readonly recoveryCp: string
  readonly inSync: boolean
  readonly recoveryOffset: string
  readonly isInvalid: boolean
  readonly why: string
  /** Legs of the set that it speaks of. */
  readonly legs: readonly number[]
}

export interface RaidExplanation {
  readonly table: string
  readonly translation: Translation
  readonly recoveryCp: string
  readonly recoveryCpWhy: string
  readonly recoveryCpSince: string
  readonly legs: readonly ExplainedLeg[]
  readonly rows: readonly ExplainedRow[]
  /** By the other rule. */
  readonly others: readonly ExplainedRow[]
  readonly surprises: readonly string[]
}

/** @returns null for a table that is not open yet */
export function explainRaid(target: RaidTarget): RaidExplanation | null {
  const { line, array, devices } = target
  if (array === null) return null
  const { translation } = line
  const legs = devices.map(({ meta, data }, leg): ExplainedLeg => {
    const plan = array.plan.legs.find((one) => one.leg === leg)
    const names = { leg, meta: meta?.name ?? '-', data: data?.name ?? '-' }
    if (plan === undefined) {
      return { ...names, inSync: false, recoveryOffset: '0', why: 'it is not there', since: '' }
    }
    const member = array.legs[leg]
    const recoveryOffset = offsetText(plan.recoveryOffset)
    const since = member === null ? '' : standing(plan, member.faulty, member.inSync, member.recoveryOffset)
    return { ...names, inSync: plan.inSync, recoveryOffset, why: whyOfLeg(line, plan, meta !== null), since }
  })
  const { resyncOffset } = array.plan
  return {
    table: `0 ${line.sectors} raid ${target.parameters()}`,
    translation,
    recoveryCp: offsetText(resyncOffset),
    recoveryCpWhy: whyOfResync(line, array.plan.resyncReason, hasMetadata(line)),
    recoveryCpSince: array.resyncOffset === resyncOffset ? '' : offsetText(array.resyncOffset),
    legs,
    rows: rowsOf(line, translation),
    others: rowsOf(line, translation === 'seed' ? 'linux-6.1' : 'seed'),
    surprises: array.surprises(),
  }
}

function hasMetadata(line: RaidTable): boolean {
  return line.legs.some(({ meta }) => meta !== null)
}

function whyOfLeg(line: RaidTable, plan: LegPlan, metadata: boolean): string {
  const REASONS: Readonly<Record<LegReason, string>> = {
    table: translate(line.translation, metadata, wordsOfLeg(line.values, plan.leg)).why,
    new: 'new: it counts as in sync, and the set is synced as a whole',
    superblock: `its own superblock says so: disk_recovery_offset ${offsetText(plan.recoveryOffset)}`,
    returns: 'the freshest superblock calls it failed: what the bitmap marks is written to it anew',
    unreadable: 'its superblock cannot be read: it counts as failed',
  }
  return REASONS[plan.reason]
}

function whyOfResync(line: RaidTable, reason: ResyncReason, metadata: boolean): string {
  const REASONS: Readonly<Record<ResyncReason, string>> = {
    table: translate(line.translation, metadata, wordsOfLeg(line.values, -1)).why,
    new: line.type.level === 0 ? 'a raid0 has nothing to sync' : 'the set is new: all of it is synced',
    nosync: 'nosync: it counts as synced, whatever the superblocks say',
    sync: 'sync: all of it is synced',
    rebuild: 'a leg is built anew, so the set counts as synced',
    resized: 'the number of legs has changed, so the set counts as synced',
    superblock: 'the freshest superblock says so: array_resync_offset',
  }
  return REASONS[reason]
}

/** How a leg stands now, where that is not how it began. */
function standing(plan: LegPlan, faulty: boolean, inSync: boolean, recoveryOffset: number): string {
  if (faulty) return plan.faulty ? '' : 'failed'
  if (inSync === plan.inSync) {
    return recoveryOffset === plan.recoveryOffset ? '' : `built up to ${offsetText(recoveryOffset)}`
  }
  return inSync ? 'in sync' : `built up to ${offsetText(Math.min(recoveryOffset, MAX_SECTOR))}`
}

function rowsOf(line: RaidTable, translation: Translation): ExplainedRow[] {
  const words = line.legs.map(({ meta }, leg) => ({ metadata: meta !== null, ...wordsOfLeg(line.values, leg) }))
  return translationRows(translation).map((row) => ({
    metadata: row.metadata,
    words: (['nosync', 'sync', 'rebuild'] as const).filter((word) => row[word]).join(' '),
    recoveryCp: offsetText(row.recoveryCp),
    inSync: row.inSync,
    recoveryOffset: offsetText(row.recoveryOffset),
    isInvalid: row.invalid !== null,
    why: row.why,
    legs: words.flatMap((own, leg) => (isSameRow(row, own) ? [leg] : [])),
  }))
}

type RowWords = Pick<TranslationRow, 'metadata' | 'nosync' | 'sync' | 'rebuild'>

function isSameRow(row: RowWords, own: RowWords): boolean {
  return (
    row.metadata === own.metadata && row.nosync === own.nosync && row.sync === own.sync && row.rebuild === own.rebuild
  )
}
