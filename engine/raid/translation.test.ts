import { expect, test } from 'vitest'
import { MAX_SECTOR } from '../format/struct.ts'
import { parseRaidTable } from './table_line.ts'
import { offsetText, translate, translationRefusal, translationRows, type Translation } from './translation.ts'

/** As the description has them: nosync sync rebuild | recovery_cp In_sync recovery_offset. */
const WITHOUT_METADATA = `
  0 0 0 | 0 1 MaxSector
  0 0 1 | 0 0 0 (INVALID)
  0 1 0 | 0 1 MaxSector
  0 1 1 | 0 0 0 (INVALID)
  1 0 0 | MaxSector 1 MaxSector
  1 0 1 | MaxSector 0 0`
const WITH_METADATA = `
  0 0 0 | MaxSector 1 MaxSector
  0 0 1 | MaxSector 0 0
  0 1 0 | 0 1 MaxSector
  0 1 1 | 0 0 0 (INVALID)
  1 0 0 | MaxSector 1 MaxSector
  1 0 1 | MaxSector 0 0`

function printed(translation: Translation, metadata: boolean): string {
  const rows = translationRows(translation).filter((row) => row.metadata === metadata)
  const digit = (flag: boolean): string => (flag ? '1' : '0')
  return rows
    .map(({ nosync, sync, rebuild, recoveryCp, inSync, recoveryOffset, invalid }) => {
      const words = [nosync, sync, rebuild].map(digit).join(' ')
      const settings = `${offsetText(recoveryCp)} ${digit(inSync)} ${offsetText(recoveryOffset)}`
      return `\n  ${words} | ${settings}${invalid === null ? '' : ' (INVALID)'}`
    })
    .join('')
}

test('the tables of the first description are those', () => {
  expect(printed('seed', false)).toBe(WITHOUT_METADATA)
  expect(printed('seed', true)).toBe(WITH_METADATA)
})

test('Linux 6.1 takes every set for synced, and rebuild for no company', () => {
  expect(printed('linux-6.1', false)).toBe(printed('linux-6.1', true))
  for (const row of translationRows('linux-6.1')) {
    expect(row.recoveryCp).toBe(MAX_SECTOR)
    expect(row.invalid !== null).toBe(row.rebuild && (row.sync || row.nosync))
  }
})

test('every row says why, and every refusal what would be right', () => {
  for (const row of [...translationRows('seed'), ...translationRows('linux-6.1')]) {
    expect(row.why.length).toBeGreaterThan(20)
    const refusal = translationRefusal(row)
    expect(refusal?.errno).toBe(row.invalid === null ? undefined : 'EINVAL')
  }
  const both = translate('seed', true, { nosync: true, sync: true, rebuild: false })
  expect(translationRefusal(both)?.message).toContain('exclude each other')
})

test.each([
  ['raid5_ls 3 16 rebuild 1 2 - /dev/a - /dev/b', true, false],
  ['raid5_ls 3 16 rebuild 1 2 /dev/ma /dev/a /dev/mb /dev/b', true, true],
  ['raid5_ls 4 16 nosync rebuild 1 2 - /dev/a - /dev/b', false, true],
  ['raid5_ls 4 16 sync rebuild 1 2 /dev/ma /dev/a /dev/mb /dev/b', false, false],
])('%s: taken by Linux 6.1 %s, by the description %s', (line, linux, seed) => {
  expect(parseRaidTable(2048, line.split(' ')).ok).toBe(linux)
  expect(parseRaidTable(2048, line.split(' '), 'seed').ok).toBe(seed)
})
