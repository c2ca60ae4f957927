/**
 * What a table's words mean for md: where the resync begins (recovery_cp), whether a leg is in sync, up to where it is built
 * (recovery_offset). The first description of dm-raid (2011) has it as two tables, with and without metadata devices; here they are,
 * and beside them what Linux 6.1 makes of the same words.
 */
import { fail, type Failure } from '../base/errno.ts'
import { MAX_SECTOR } from '../format/struct.ts'
import { LINUX_ROWS } from './translation_linux.ts'
import { SEED_ROWS } from './translation_seed.ts'

/** The rule by which one of the two is chosen, and its values. */
export const TRANSLATION_RULE = 'dm-raid.translation'
export type Translation = 'linux-6.1' | 'seed'

/** The words of a table that count here. */
export interface TranslationWords {
  readonly nosync: boolean
  readonly sync: boolean
  /** For one leg. */
  readonly rebuild: boolean
}

/** What they mean; a sector, where `MAX_SECTOR` is "all of it". */
export interface TranslationRow extends TranslationWords {
  readonly metadata: boolean
  readonly recoveryCp: number
  readonly inSync: boolean
  readonly recoveryOffset: number
  /** Refused, and why; null where it is taken. */
  readonly invalid: string | null
  /** Why it is so. */
  readonly why: string
}

export function translationRows(translation: Translation): readonly TranslationRow[] {
  return translation === 'seed' ? SEED_ROWS : LINUX_ROWS
}

/**
 * The row of some words. What superblocks say comes on top of it.
 * @param metadata whether the legs have metadata devices
 */
export function translate(translation: Translation, metadata: boolean, words: TranslationWords): TranslationRow {
  const { nosync, sync, rebuild } = words
  const row = translationRows(translation).find(
    (one) => one.metadata === metadata && one.nosync === nosync && one.sync === sync && one.rebuild === rebuild,
  )
  return row ?? { ...words, metadata, recoveryCp: 0, inSync: !rebuild, recoveryOffset: 0, invalid: BOTH, why: BOTH }
}

const BOTH = 'sync and nosync exclude each other'

/** Why a table is refused by its row, or null. */
export function translationRefusal(row: TranslationRow): Failure | null {
  return row.invalid === null ? null : fail('EINVAL', row.invalid)
}

/** A value as the tables show it. */
export function offsetText(sector: number): string {
  return sector === MAX_SECTOR ? 'MaxSector' : String(sector)
}
