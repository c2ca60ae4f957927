/** The words of a checksum line: `DATA META ALGORITHM MODE [OPTION VALUE]…`. */
import { fail, ok, type Result } from '../base/errno.ts'
import { readExactNumber } from '../dm/arguments.ts'
import { CHECKSUM_RECORD_SECTORS_MAX } from '../format/checksum_journal.ts'
import { CHECKSUM_ALGORITHMS, type ChecksumAlgorithm } from '../format/checksum_layout.ts'
import type { ChecksumLine } from './checksum_device.ts'
import { CHECKSUM_MODES, CHECKSUM_ORDERS, type ChecksumMode, type ChecksumOrder } from './checksum_modes.ts'

/** Longest request that the target takes in one piece, in sectors. */
export const CHECKSUM_IO_SECTORS = 64

/** Room for two records of the longest request, with sha256. */
const JOURNAL_SECTORS_MIN = 192
const JOURNAL_SECTORS_DEFAULT = 1024
const JOURNAL_SECTORS_MAX = 1 << 20

const OPTIONS = 'journal DEVICE, journal_sectors COUNT, order NAME, batch SECTORS'

/** A line, and the path of a journal of its own. */
export interface ParsedChecksumLine {
  readonly line: ChecksumLine
  readonly journalPath: string | null
}

/** @param words from ALGORITHM on @errors EINVAL */
export function parseChecksumLine(words: readonly string[]): Result<ParsedChecksumLine> {
  const [algorithm, mode, ...options] = words
  if (!isOneOf(CHECKSUM_ALGORITHMS, algorithm)) {
    return fail('EINVAL', `the checksum must be one of ${CHECKSUM_ALGORITHMS.join(', ')}, not ${algorithm}`)
  }
  if (!isOneOf(CHECKSUM_MODES, mode)) {
    return fail('EINVAL', `the mode must be one of ${CHECKSUM_MODES.join(', ')}, not ${mode}`)
  }
  return readOptions(algorithm, mode, options)
}

function readOptions(
  algorithm: ChecksumAlgorithm,
  mode: ChecksumMode,
  words: readonly string[],
): Result<ParsedChecksumLine> {
  let journalPath: string | null = null
  let journalSectors = JOURNAL_SECTORS_DEFAULT
  let order: ChecksumOrder = 'checksum_first'
  let batchSectors = CHECKSUM_RECORD_SECTORS_MAX
  for (let i = 0; i < words.length; i += 2) {
    const [name, value] = [words[i], words[i + 1] as string | undefined]
    if (value === undefined) return fail('EINVAL', `${name} lacks its value; there are ${OPTIONS}`)
    const isOfJournal = name === 'journal' || name === 'journal_sectors'
    if (isOfJournal && mode !== 'journal') return fail('EINVAL', `${name} is for mode journal, not for ${mode}`)
    if (name === 'order' && mode !== 'dual') return fail('EINVAL', `order is for mode dual, not for ${mode}`)
    if (name === 'journal') journalPath = value
    else if (name === 'journal_sectors') {
      const count = readExactNumber(value, 'journal_sectors', JOURNAL_SECTORS_MIN, JOURNAL_SECTORS_MAX)
      if (!count.ok) return count
      journalSectors = count.value
    } else if (name === 'batch') {
      const count = readExactNumber(value, 'batch', 1, CHECKSUM_RECORD_SECTORS_MAX)
      if (!count.ok) return count
      batchSectors = count.value
    } else if (name === 'order') {
      if (!isOneOf(CHECKSUM_ORDERS, value)) {
        return fail('EINVAL', `the order must be one of ${CHECKSUM_ORDERS.join(', ')}, not ${value}`)
      }
      order = value
    } else return fail('EINVAL', `no option ${name}; there are ${OPTIONS}`)
  }
  if (mode !== 'journal') journalSectors = 0
  return ok({ line: { algorithm, mode, order, batchSectors, journalSectors }, journalPath })
}

function isOneOf<T extends string>(names: readonly T[], word: string | undefined): word is T {
  return (names as readonly (string | undefined)[]).includes(word)
}
