/**
 * The two tables of the first description of dm-raid (2011), row by row. Without metadata nobody can tell whether the set was shut down
 * cleanly, so it must be synced; with metadata it is taken for clean until the metadata says otherwise.
 */
import { MAX_SECTOR } from '../format/struct.ts'
import type { TranslationRow } from './translation.ts'

const NO_SOURCE = 'a leg cannot be built anew from a set that is not in sync itself'
const WITHOUT = 'without metadata nobody knows whether the set was shut down cleanly: all of it is synced'
const WITH = 'with metadata the set is clean unless the superblocks say otherwise'
const TRUSTED = 'nosync: the set is in sync, says the one who typed it'

function row(
  metadata: boolean,
  words: string,
  recoveryCp: number,
  inSync: boolean,
  recoveryOffset: number,
  why: string,
  invalid: string | null = null,
): TranslationRow {
  const [nosync, sync, rebuild] = [...words].map((digit) => digit === '1')
  return { metadata, nosync, sync, rebuild, recoveryCp, inSync, recoveryOffset, invalid, why }
}

/** The words are three digits: nosync, sync, rebuild. */
export const SEED_ROWS: readonly TranslationRow[] = [
  row(false, '000', 0, true, MAX_SECTOR, WITHOUT),
  row(false, '001', 0, false, 0, NO_SOURCE, `${NO_SOURCE}; say nosync besides if it is`),
  row(false, '010', 0, true, MAX_SECTOR, 'sync: all of the set is synced'),
  row(false, '011', 0, false, 0, NO_SOURCE, `${NO_SOURCE}: rebuild and sync exclude each other`),
  row(false, '100', MAX_SECTOR, true, MAX_SECTOR, TRUSTED),
  row(false, '101', MAX_SECTOR, false, 0, `${TRUSTED}; the leg is built anew from the others`),
  row(true, '000', MAX_SECTOR, true, MAX_SECTOR, WITH),
  row(true, '001', MAX_SECTOR, false, 0, `${WITH}; the leg is built anew from the others`),
  row(true, '010', 0, true, MAX_SECTOR, 'sync: all of the set is synced'),
  row(true, '011', 0, false, 0, NO_SOURCE, `${NO_SOURCE}: rebuild and sync exclude each other`),
  row(true, '100', MAX_SECTOR, true, MAX_SECTOR, TRUSTED),
  row(true, '101', MAX_SECTOR, false, 0, `${TRUSTED}; the leg is built anew from the others`),
]
