import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fromSeedGrammar } from './seed_grammar.ts'
import { parseRaidTable, type RaidTable } from './table_line.ts'
import { raidTableText } from './table_text.ts'

const THREE = '/dev/ma /dev/a /dev/mb /dev/b /dev/mc /dev/c'
const words = (line: string): string[] => line.split(' ').filter((word) => word !== '')

function parsed(line: string, sectors = 4096): RaidTable {
  const result = parseRaidTable(sectors, words(line))
  if (!result.ok) throw new Error(`${line}: ${result.message}`)
  return result.value
}

function refusal(line: string, sectors = 4096): string {
  const result = parseRaidTable(sectors, words(line))
  if (result.ok) throw new Error(`${line} was taken`)
  expect(result.errno).toBe('EINVAL')
  return result.message
}

describe('a table that is right', () => {
  test('says type, chunk, parameters and legs, in whatever case and order', () => {
    const table = parsed(`RAID5_LS 9 16 Region_Size 64 rebuild 2 REBUILD 0 max_recovery_rate 900 3 ${THREE} surplus`)
    expect(table).toMatchObject({ layout: 2, chunkSectors: 16, regionSectors: 64, sectors: 4096, legSectors: 2048 })
    expect(table.type.name).toBe('raid5_ls')
    expect(table.values).toMatchObject({ rebuild: [0, 2], maxRecoveryRate: 900, daemonSleep: null })
    expect(table.legs).toEqual([
      { meta: '/dev/ma', data: '/dev/a' },
      { meta: '/dev/mb', data: '/dev/b' },
      { meta: '/dev/mc', data: '/dev/c' },
    ])
  })

  test('may lack devices', () => {
    expect(parsed('raid5_ls 1 16 3 - /dev/a - - /dev/mc /dev/c').legs).toEqual([
      { meta: null, data: '/dev/a' },
      { meta: null, data: null },
      { meta: '/dev/mc', data: '/dev/c' },
    ])
  })

  test.each([
    [4096, 'raid5_ls 1 16', 8192],
    [4096, 'raid5_ls 3 16 region_size 0', 8192],
    [2 ** 35, 'raid5_ls 1 16', 16384],
    [2 ** 35 + 2 ** 22, 'raid5_ls 1 16', 32768],
    [4096, 'raid0 1 16', 0],
  ])('of %i sectors, %s: one bit stands for %i sectors', (sectors, line, region) => {
    expect(parsed(`${line} 2 - /dev/a - /dev/b`, sectors).regionSectors).toBe(region)
  })

  test.each([
    ['raid10 1 16', 0x102],
    ['raid10_far 1 16', 0x102],
    ['raid10 3 16 raid10_format far', 0x40201],
    ['raid10 4 16 raid10_format far raid10_use_near_sets', 0x201],
    ['raid10 3 16 raid10_format offset', 0x50201],
    ['raid10 5 16 raid10_format OFFSET raid10_copies 3', 0x50301],
  ])('%s has the layout %i', (line, layout) => {
    expect(parsed(`${line} 4 - /dev/a - /dev/b - /dev/c - /dev/d`, 49152).layout).toBe(layout)
  })
})

describe('a table that is wrong is refused, and told what would be right', () => {
  test.each([
    ['raid5', `raid7 1 16 3 ${THREE}`],
    ['0 to', `raid5_ls x 16 3 ${THREE}`],
    ['at least 1', `raid5_ls 0 3 ${THREE}`],
    ['power of two', `raid5_ls 1 24 3 ${THREE}`],
    ['8 sectors or more', `raid5_ls 1 4 3 ${THREE}`],
    ['more than 2', 'raid6_zr 1 16 2 - /dev/a - /dev/b'],
    ['exclude each other', `raid5_ls 3 16 sync nosync 3 ${THREE}`],
    ['the legs are 0 to 2', `raid5_ls 3 16 rebuild 3 3 ${THREE}`],
    ['given twice', `raid5_ls 5 16 rebuild 1 rebuild 1 3 ${THREE}`],
    ['more than max_recovery_rate', `raid5_ls 5 16 min_recovery_rate 20 max_recovery_rate 10 3 ${THREE}`],
    ['raid6_zr has no', `raid6_zr 2 16 nosync 3 ${THREE}`],
    ['it is for raid1', `raid5_ls 3 16 write_mostly 0 3 ${THREE}`],
    ['one leg at least', 'raid1 5 0 write_mostly 0 write_mostly 1 2 - /dev/a - /dev/b'],
    ['not with near', `raid10 2 16 raid10_use_near_sets 3 ${THREE}`],
    ['no power of two', `raid5_ls 3 16 region_size 100 3 ${THREE}`],
    ['4096 sectors', `raid5_ls 3 16 region_size 8192 3 ${THREE}`],
    ['smaller than a chunk', `raid5_ls 3 16 region_size 8 3 ${THREE}`],
    ['is no parameter', `raid5_ls 3 16 bogus 1 3 ${THREE}`],
    ['a number is wanted', `raid5_ls 3 16 bogus x 3 ${THREE}`],
    ['no data device', 'raid5_ls 1 16 3 /dev/ma - /dev/mb /dev/b /dev/mc /dev/c'],
    ['to be built anew', 'raid5_ls 3 16 rebuild 1 3 /dev/ma /dev/a - - /dev/mc /dev/c'],
  ])('%s: %s', (sentence, line) => {
    expect(refusal(line)).toContain(sentence)
  })

  test('a length that the legs cannot share', () => {
    expect(refusal(`raid5_ls 1 16 3 ${THREE}`, 4097)).toContain('cannot be divided among 2 legs')
  })

  test('all that the kernel refuses by its words alone', () => {
    const script = readFileSync(join(import.meta.dirname, '../lab/conformance/dmraid_errors_words.lab'), 'utf8')
    const tables = [...script.matchAll(/--table '0 (\d+) raid ?(.*)'/g)]
    const taken = tables.filter(([, sectors, line]) => parseRaidTable(Number(sectors), words(line)).ok)
    // These are refused by what comes later: devices that are too small or not there, a cache too small for md.
    const later = ['stripe_cache 16', 'stripe_cache 0', 'stripe_cache 40000', 'journal_dev /dev/']
    expect(tables.length).toBeGreaterThan(90)
    expect(taken.map(([, , line]) => line).filter((line) => !later.some((word) => line.includes(word)))).toEqual([])
  })
})

test('the older grammar: numbers of legs to be built anew behind the chunk, and words with an equals sign', () => {
  const today = (line: string): string => {
    const result = fromSeedGrammar(words(line))
    return result.ok ? result.value.join(' ') : result.message
  }
  expect(today('raid5_ls 2 16 1 3 x')).toBe('raid5_ls 3 16 rebuild 1 3 x')
  expect(today('raid5_ls 2 16 -1 3 x')).toBe('raid5_ls 1 16 3 x')
  expect(today('raid6_zr 4 16 0 -1 nosync 3 x')).toBe('raid6_zr 4 16 rebuild 0 nosync 3 x')
  expect(today('raid4 4 16 -1 rebuild=2 minspeed=7 3 x')).toBe('raid4 5 16 rebuild 2 min_recovery_rate 7 3 x')
  expect(today('raid5_ls 3 16 region_size 64 3 x')).toBe('raid5_ls 3 16 region_size 64 3 x')
  expect(today('raid6_zr 2 16 0 3 x')).toContain('wants 2 numbers')
  expect(today('raid5_ls 3 16 -1 speed=7 3 x')).toContain('no word of the older grammar')
})

test('the table is printed in the documented order, with what has become of it', () => {
  const table = parsed(
    `raid5_la 10 16 region_size 64 nosync max_recovery_rate 9 min_recovery_rate 5 daemon_sleep 0 3 ${THREE}`,
  )
  const text = raidTableText(table, {
    chunkSectors: 16,
    regionSectors: 64,
    daemonSleep: 500,
    maxWriteBehind: 0,
    stripes: 256,
    journal: '-',
    layout: 0,
    devices: [
      ['8:0', '8:16'],
      ['-', '-'],
    ],
  })
  expect(text).toBe(
    'raid5_la 10 16 nosync daemon_sleep 500 min_recovery_rate 5 max_recovery_rate 9 region_size 64 3 8:0 8:16 - -',
  )
})
