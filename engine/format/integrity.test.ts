/** Superblocks, layouts and journals of dm-integrity, held against what Linux 6.1 and integritysetup 2.6.1 left on disks. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import {
  commitSeqOf,
  entryDataOffset,
  entryIsUnused,
  entryOffset,
  entrySector,
  keepLastBytes,
  markEntryUnused,
  nextSeq,
  previousSeq,
  restoreLastBytes,
  setEntrySector,
  writeCommitId,
} from './integrity_journal.ts'
import {
  dataSector,
  integrityLayout,
  newJournalSections,
  providedSectors,
  tagBuffer,
  tagOffset,
  type IntegrityPlace,
  type LayoutFields,
} from './integrity_layout.ts'
import {
  FLAG_DIRTY_BITMAP,
  FLAG_FIXED_HMAC,
  FLAG_FIXED_PADDING,
  FLAG_RECALCULATING,
  INTEGRITY_SB,
  integrityVersion,
  isIntegritySuperblock,
  readIntegritySuperblock,
  writeIntegritySuperblock,
} from './integrity_superblock.ts'

interface Golden {
  readonly commands: readonly { readonly command: string; readonly stdout?: string[] }[]
}

/** What the kernel printed for the n-th command that begins so. */
function answer(golden: string, begin: string, n = 0): string[] {
  const path = new URL(`../lab/conformance/${golden}.golden.json`, import.meta.url)
  const { commands } = JSON.parse(readFileSync(path, 'utf8')) as Golden
  return commands.filter(({ command }) => command.startsWith(begin))[n]?.stdout ?? []
}

/** The bytes that `hexdump -C` showed, with repeated lines filled in. */
function hexdumped(lines: readonly string[]): Uint8Array {
  const length = Number.parseInt(lines[lines.length - 1], 16) - Number.parseInt(lines[0], 16)
  const bytes = new Uint8Array(length)
  const first = Number.parseInt(lines[0], 16)
  let before: number[] = []
  let end = 0
  for (const line of lines) {
    if (line === '*') continue
    const at = Number.parseInt(line, 16) - first
    for (; end < at; end += 16) bytes.set(before.slice(0, length - end), end)
    const hex = line.slice(10, 58).trim()
    before = hex === '' ? [] : hex.split(/\s+/).map((byte) => Number.parseInt(byte, 16))
    bytes.set(before, at)
    end = at + before.length
  }
  return bytes
}

const FIELDS: LayoutFields = {
  integrity_tag_size: 4,
  journal_sections: 0,
  flags: 0,
  log2_interleave_sectors: 15,
  log2_sectors_per_block: 0,
}

function place(sectors: number, meta: number | null = null): IntegrityPlace {
  return { start: 0, separateMeta: meta !== null, dataSectors: sectors, metaSectors: meta ?? sectors }
}

describe('superblock', () => {
  test('is read as the kernel wrote it, and written to the byte', () => {
    const bytes = hexdumped(answer('integrity_format', 'hexdump -C -n 80'))
    expect(isIntegritySuperblock(bytes)).toBe(true)
    const sb = readIntegritySuperblock(bytes)
    expect(sb).toMatchObject({
      version: 1,
      log2_interleave_sectors: 15,
      integrity_tag_size: 4,
      journal_sections: 1,
      provided_data_sectors: 15944,
      flags: 0,
      log2_blocks_per_bitmap_bit: 15,
    })
    const again = new Uint8Array(bytes.length)
    writeIntegritySuperblock(again, 0, sb)
    expect(again).toEqual(bytes)
  })

  test('numbers that no device has are beyond every end, and pads stay', () => {
    const bytes = new Uint8Array(64).fill(0xfe)
    const sb = readIntegritySuperblock(bytes)
    expect(sb.provided_data_sectors).toBe(Number.MAX_SAFE_INTEGER)
    writeIntegritySuperblock(bytes, 0, { ...sb, recalc_sector: 5 })
    expect(bytes[INTEGRITY_SB.offsets.pad1]).toBe(0xfe)
    expect(readIntegritySuperblock(bytes).recalc_sector).toBe(5)
    expect(isIntegritySuperblock(bytes)).toBe(false)
  })

  test('the version is the least that knows what is used', () => {
    expect(integrityVersion(0, false, false)).toBe(1)
    expect(integrityVersion(FLAG_RECALCULATING, false, false)).toBe(2)
    expect(integrityVersion(0, false, true)).toBe(2)
    expect(integrityVersion(0, true, false)).toBe(3)
    expect(integrityVersion(FLAG_DIRTY_BITMAP, false, true)).toBe(3)
    expect(integrityVersion(FLAG_FIXED_PADDING | FLAG_RECALCULATING, true, false)).toBe(4)
    expect(integrityVersion(FLAG_FIXED_PADDING | FLAG_FIXED_HMAC, true, false)).toBe(5)
  })
})

describe('layout', () => {
  test('of 64 MiB with the old padding', () => {
    const at = place(131072)
    const fields = { ...FIELDS, journal_sections: newJournalSections(FIELDS, at, 131072 / 128, 128) }
    const provided = providedSectors(fields, at, 128)
    const layout = integrityLayout(fields, at, provided, 128)
    expect(layout).toMatchObject({ initialSectors: 888, runSectors: 256, providedSectors: 129160 })
    expect(layout?.journal).toEqual({
      entryBytes: 24,
      sectionEntries: 168,
      sectionSectors: 176,
      sections: 5,
      entries: 840,
    })
  })

  test.each([
    ['/dev/a', 0, 4, 0, 15, 0, '0'],
    ['/dev/c', 2, 16, 3, 10, FLAG_FIXED_PADDING, '65536'],
    ['/dev/d', 3, 8, 0, 15, FLAG_FIXED_PADDING, '0'],
  ])('of %s as integritysetup formatted it', (_, n, tag, log2Block, log2Interleave, flags, journal) => {
    const dump = new Map(
      answer('integritysetup_format', 'integritysetup dump', n).map((line) => {
        const [name, ...rest] = line.split(' ')
        return [name, rest.join(' ')] as const
      }),
    )
    const asked = Number(journal) / 512
    const fields: LayoutFields = {
      integrity_tag_size: tag,
      journal_sections: 0,
      flags: flags === 0 ? FLAG_FIXED_PADDING : flags,
      log2_interleave_sectors: log2Interleave,
      log2_sectors_per_block: log2Block,
    }
    const sections = newJournalSections(fields, place(16384), asked === 0 ? 128 : asked, 128)
    expect(String(sections)).toBe(dump.get('journal_sections'))
    const provided = providedSectors({ ...fields, journal_sections: sections }, place(16384), 128)
    expect(String(provided)).toBe(dump.get('provided_data_sectors'))
  })

  test('every sector and every tag has a place of its own, none overlaps, and the last fits', () => {
    const fields: LayoutFields = {
      ...FIELDS,
      journal_sections: 1,
      log2_interleave_sectors: 6,
      flags: FLAG_FIXED_PADDING,
    }
    const at = place(2048)
    const provided = providedSectors(fields, at, 8)
    const layout = integrityLayout(fields, at, provided, 8)
    if (layout === null) throw new Error('no layout')
    const used = new Set<number>()
    for (let sector = 0; sector < provided; sector++) {
      const byte = (layout.initialSectors + tagBuffer(layout, sector) * 8) * 512 + tagOffset(layout, sector)
      for (let i = 0; i < 4; i++) used.add(byte + i)
      const data = dataSector(layout, sector)
      expect(data).toBeLessThan(2048)
      used.add(-data)
    }
    expect(used.size).toBe(provided * 5)
    const tags = new Set([...used].filter((byte) => byte > 0).map((byte) => Math.floor(byte / 512)))
    for (const sector of tags) expect(used.has(-sector)).toBe(false)
    expect(integrityLayout(fields, at, provided + 8, 8)).toBeNull()
  })

  test('with a metadata device all of the data device is data', () => {
    const at = place(8192, 4096)
    const fields = { ...FIELDS, log2_interleave_sectors: 0 }
    const sections = newJournalSections(fields, at, 64, 128)
    const layout = integrityLayout({ ...fields, journal_sections: sections }, at, 8192, 128)
    expect(layout).toMatchObject({ providedSectors: 8192, runSectors: 1 })
    expect(newJournalSections(fields, place(8192, 128), 64, 128)).toBe(0)
  })
})

describe('journal', () => {
  const layout = integrityLayout({ ...FIELDS, journal_sections: 1 }, place(16384), 15944, 128)

  test('a section that the kernel committed says what was written', () => {
    if (layout === null) throw new Error('no layout')
    const bytes = hexdumped(answer('cut_kernel_integrity_journal.after', 'hexdump'))
    expect(entryIsUnused(bytes, 0)).toBe(false)
    expect(entrySector(bytes, 0)).toBe(112)
    // Entry 8 lies behind entry 0 in the same sector; the section was filled up with entries that are not used.
    expect(entryOffset(layout, 8)).toBe(24)
    expect(entryIsUnused(bytes, 24)).toBe(true)
    expect(entryDataOffset(layout, 2)).toBe(10 * 512)
  })

  test('a commit id belongs to one sector of one lap', () => {
    const bytes = new Uint8Array(1024)
    for (let seq = 0; seq < 4; seq++) {
      writeCommitId(bytes, 512, 3, 70, seq)
      expect(commitSeqOf(bytes, 512, 3, 70)).toBe(seq)
      expect(commitSeqOf(bytes, 512, 3, 71)).toBe(-1)
      expect(commitSeqOf(bytes, 512, 4, 70)).toBe(-1)
      expect(previousSeq(nextSeq(seq))).toBe(seq)
    }
    expect([...bytes.subarray(1016)]).toEqual([0x02, 0x44, 0x44, 0x44, 0x47, 0x44, 0x44, 0x44])
  })

  test('entries keep sectors beyond 32 bits, and the bytes that commit ids displace', () => {
    const bytes = new Uint8Array(2048)
    setEntrySector(bytes, 0, 2 ** 40 + 5)
    expect(entrySector(bytes, 0)).toBe(2 ** 40 + 5)
    markEntryUnused(bytes, 0)
    expect(entryIsUnused(bytes, 0)).toBe(true)
    bytes.fill(0x7f, 4)
    expect(entrySector(bytes, 0)).toBe(Infinity)
    for (let i = 512; i < 1536; i++) bytes[i] = i
    const block = bytes.slice(512, 1536)
    keepLastBytes(bytes, 0, 512, 2)
    writeCommitId(bytes, 512, 0, 8, 1)
    writeCommitId(bytes, 1024, 0, 9, 1)
    expect(bytes.slice(512, 1536)).not.toEqual(block)
    restoreLastBytes(bytes, 0, 512, 2)
    expect(bytes.slice(512, 1536)).toEqual(block)
  })
})
