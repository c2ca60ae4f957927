/**
 * The words of an integrity line: `DEVICE START TAGSIZE|- J|B|D|R COUNT [ARGUMENT]…`.
 * @source dm_integrity_ctr, drivers/md/dm-integrity.c, 6.1
 */
import { DIGEST_BYTES, isDigestName, type DigestName } from '../base/digests.ts'
import { fail, ok, type Failure, type Result } from '../base/errno.ts'
import { readNumber, readSector, UINT_MAX } from '../dm/arguments.ts'
import { TAG_BYTES_MAX } from '../format/integrity_layout.ts'

/** J writes through the journal, B keeps a bitmap of what is being written, D writes at once, R reads without a look at tags. */
export type IntegrityMode = 'J' | 'B' | 'D' | 'R'

const MODES: readonly string[] = ['J', 'B', 'D', 'R']

/** Ticks of the kernel's clock: times are rounded up to them. */
export const TICK_MS = 10

const ARGUMENTS_MAX = 18
const BLOCK_SECTORS_MAX = 8

export interface IntegrityLine {
  /** Sector of the superblock. */
  readonly start: number
  /** Bytes. */
  readonly tagBytes: number
  readonly mode: IntegrityMode
  /** 0 where the line does not say. */
  readonly journalSectors: number
  readonly interleaveSectors: number
  readonly log2BufferSectors: number
  /** Percent. */
  readonly watermark: number
  readonly commitMs: number
  readonly blockSectors: number
  /** -1 where the line does not say. */
  readonly log2SectorsPerBit: number
  readonly flushIntervalMs: number
  readonly hash: DigestName | null
  readonly recalculate: boolean
  readonly resetRecalculate: boolean
  readonly discards: boolean
  readonly fixPadding: boolean
  readonly fixHmac: boolean
  readonly legacyRecalculate: boolean
}

type Draft = { -readonly [K in keyof IntegrityLine]: IntegrityLine[K] }

/** Opens the metadata device of a line, when it is come to. */
export interface MetaDevices {
  openMeta(path: string): Failure | null
}

/**
 * Reads what follows the device.
 * @param words from START on
 * @errors EINVAL; ENOENT for a checksum that is not known
 */
export function parseIntegrityLine(words: readonly string[], devices: MetaDevices): Result<IntegrityLine> {
  const start = readSector(words[0])
  if (start === null) return fail('EINVAL', `the start must be a sector number, not ${words[0]}`)
  const tag = words[1] === '-' ? 0 : wrapped(words[1])
  if (tag === null || (tag === 0 && words[1] !== '-')) {
    return fail('EINVAL', `the tag size must be a number of bytes, or - for that of the checksum, not ${words[1]}`)
  }
  if (!MODES.includes(words[2])) return fail('EINVAL', `the mode must be one of J, B, D, R, not ${words[2]}`)
  const draft = withoutArguments(start, tag, words[2] as IntegrityMode)
  const count = readNumber(words[3], 'the number of arguments', 0, ARGUMENTS_MAX)
  if (!count.ok) return count
  const given = words.slice(4)
  if (given.length < count.value) {
    return fail('EINVAL', `${count.value} arguments are announced, and ${given.length} follow`)
  }
  const hash: { word: string | null } = { word: null }
  for (const word of given.slice(0, count.value)) {
    const failure = readArgument(draft, word, hash, devices)
    if (failure !== null) return failure
  }
  return checked(draft, hash.word)
}

function withoutArguments(start: number, tagBytes: number, mode: IntegrityMode): Draft {
  return {
    start,
    tagBytes,
    mode,
    journalSectors: 0,
    interleaveSectors: 32768,
    log2BufferSectors: 7,
    watermark: 50,
    commitMs: 10_000,
    blockSectors: 1,
    log2SectorsPerBit: -1,
    flushIntervalMs: 10_000,
    hash: null,
    recalculate: false,
    resetRecalculate: false,
    discards: false,
    fixPadding: false,
    fixHmac: false,
    legacyRecalculate: false,
  }
}

function readArgument(draft: Draft, word: string, hash: { word: string | null }, devices: MetaDevices): Failure | null {
  const colon = word.indexOf(':')
  if (colon < 0) return readFlag(draft, word)
  const name = word.slice(0, colon)
  const text = word.slice(colon + 1)
  switch (name) {
    case 'meta_device':
      return devices.openMeta(text)
    case 'internal_hash':
      if (text.includes(':')) return fail('EINVAL', 'checksums with a key come later here: internal_hash:NAME, no key')
      hash.word = text
      return null
    case 'journal_crypt':
    case 'journal_mac':
      return fail('EINVAL', `${name} (a journal with a key) comes later here`)
    default:
      return readNumbered(draft, name, text)
  }
}

function readNumbered(draft: Draft, name: string, text: string): Failure | null {
  const value = name === 'sectors_per_bit' ? readSector(text) : wrapped(text)
  if (value === null) return unknown(`${name}:${text}`)
  switch (name) {
    case 'journal_sectors':
      draft.journalSectors = Math.max(value, 1)
      return null
    case 'interleave_sectors':
      draft.interleaveSectors = value
      return null
    case 'buffer_sectors':
      draft.log2BufferSectors = Math.min(floorLog2(Math.max(value, 1)), 22)
      return null
    case 'journal_watermark':
      if (value > 100) return fail('EINVAL', `journal_watermark is a percentage, not ${value}`)
      draft.watermark = value
      return null
    case 'commit_time':
      draft.commitMs = value
      return null
    case 'block_size':
      if (value < 512 || value > BLOCK_SECTORS_MAX * 512 || !Number.isInteger(Math.log2(value))) {
        return fail('EINVAL', `block_size must be 512, 1024, 2048 or 4096, not ${value}`)
      }
      draft.blockSectors = value / 512
      return null
    case 'sectors_per_bit':
      draft.log2SectorsPerBit = value === 0 ? 0 : floorLog2(value)
      return null
    case 'bitmap_flush_interval':
      draft.flushIntervalMs = Math.ceil(value / TICK_MS) * TICK_MS
      return null
    default:
      return unknown(`${name}:${text}`)
  }
}

function readFlag(draft: Draft, word: string): Failure | null {
  switch (word) {
    case 'recalculate':
      draft.recalculate = true
      return null
    case 'reset_recalculate':
      draft.recalculate = true
      draft.resetRecalculate = true
      return null
    case 'allow_discards':
      draft.discards = true
      return null
    case 'fix_padding':
      draft.fixPadding = true
      return null
    case 'fix_hmac':
      draft.fixHmac = true
      return null
    case 'legacy_recalculate':
      draft.legacyRecalculate = true
      return null
    default:
      return unknown(word)
  }
}

function checked(draft: Draft, hash: string | null): Result<IntegrityLine> {
  if (hash !== null) {
    if (!isDigestName(hash)) {
      const known = Object.keys(DIGEST_BYTES).join(', ')
      return fail('ENOENT', `there is no checksum ${hash}; there are ${known}`)
    }
    draft.hash = hash
  }
  if (draft.tagBytes === 0) {
    if (draft.hash === null) return fail('EINVAL', 'a tag size is wanted, or an internal_hash that it follows from')
    draft.tagBytes = DIGEST_BYTES[draft.hash]
  }
  if (draft.tagBytes > TAG_BYTES_MAX) return fail('EINVAL', `a tag has ${TAG_BYTES_MAX} bytes at most`)
  if (draft.mode === 'B' && draft.hash === null) return fail('EINVAL', 'mode B wants an internal_hash')
  if (draft.discards && draft.hash === null) return fail('EINVAL', 'allow_discards wants an internal_hash')
  return ok(draft)
}

function unknown(word: string): Failure {
  return fail('EINVAL', `no argument of an integrity target: ${word}`)
}

/** A number of which the kernel keeps the lower 32 bits. */
function wrapped(word: string | undefined): number | null {
  const read = readNumber(word, '', 0, UINT_MAX)
  return read.ok ? read.value : null
}

function floorLog2(value: number): number {
  return Math.floor(Math.log2(value))
}
